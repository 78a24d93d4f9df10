"""Time one step of gradient descent: both engines beside scikit-learn's MLPRegressor.

Identical work: the same data in the same order, the same initial weights, sigmoids and a linear output, half squared
error, plain minibatch gradient descent in float64, one BLAS thread. All must end at the same cost, or no time is
printed. The reference engine is written to be read; it is here as the yardstick of the compiled one.
"""

import time
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

import glassnet as gn

LEARNING_RATE = 0.05
REPEATS = 5


@dataclass(frozen=True)
class Case:
    """A network, a minibatch size, and how long to train."""

    sizes: tuple[int, ...]
    n_samples: int
    batch_size: int
    epochs: int

    @property
    def n_steps(self):
        """Steps of the whole run; the minibatches divide the samples."""
        return self.epochs * (self.n_samples // self.batch_size)

    @property
    def data(self):
        """Smooth targets of random inputs."""
        rng = np.random.default_rng(0)
        X = rng.standard_normal((self.n_samples, self.sizes[0]))
        return X, np.tanh(X @ rng.standard_normal((self.sizes[0], 1)))

    @property
    def network(self):
        """The start of both runs."""
        return gn.Network.create(self.sizes, hidden="sigmoid", output="identity", seed=0)


CASES = (
    Case(sizes=(3, 3, 1), n_samples=400, batch_size=4, epochs=20),
    Case(sizes=(20, 64, 32, 1), n_samples=3200, batch_size=32, epochs=20),
)


def run_glassnet(case, engine):
    """Return (seconds, final cost) of an engine."""
    X, Y = case.data
    start = time.perf_counter()
    result = gn.train(
        case.network,
        X,
        Y,
        cost="half_squared_error",
        solver="sgd",
        learning_rate=LEARNING_RATE,
        epochs=case.epochs,
        batch_size=case.batch_size,
        shuffle=False,
        metric=None,
        engine=engine,
    )
    seconds = time.perf_counter() - start
    return seconds, float(gn.cost("half_squared_error", gn.forward(result.network, X).A[-1], Y))


def run_scikit_learn(case):
    """Return (seconds, final cost) of MLPRegressor.fit, which goes on from weights that were put in place."""
    X, Y = case.data
    peer = MLPRegressor(
        hidden_layer_sizes=case.sizes[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0.0,
        batch_size=case.batch_size,
        learning_rate_init=LEARNING_RATE,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
        max_iter=case.epochs,
        tol=0.0,
        n_iter_no_change=case.epochs + 1,
        warm_start=True,
    )
    network = case.network
    peer.partial_fit(X[: case.batch_size], Y[: case.batch_size].ravel())  # makes the arrays
    peer.coefs_ = [np.array(network.W[layer].T, order="C") for layer in range(1, len(case.sizes))]
    peer.intercepts_ = [np.array(network.b[layer]) for layer in range(1, len(case.sizes))]
    del peer._optimizer  # a new one for the new arrays
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is meant to stop after so many epochs
        peer.fit(X, Y.ravel())
    seconds = time.perf_counter() - start
    return seconds, float(gn.cost("half_squared_error", peer.predict(X)[:, None], Y))


def microseconds_per_step(case):
    """Return the medians of interleaved runs of reference, cpu and scikit-learn, and the cost that all reach."""
    run_glassnet(case, "cpu")  # compiles, or reads what was compiled before
    runs = [
        (run_glassnet(case, "reference"), run_glassnet(case, "cpu"), run_scikit_learn(case)) for _ in range(REPEATS)
    ]
    costs = [cost for each in runs for _, cost in each]
    if not np.allclose(costs, costs[0], rtol=1e-9, atol=0):
        raise SystemExit(f"{case}: the runs end at different costs, so their times cannot be compared: {costs}")
    medians = np.median([[seconds for seconds, _ in each] for each in runs], axis=0)
    return medians / case.n_steps * 1e6, costs[0]


def main():
    """Print one line per case."""
    heads = ("minibatch", "steps", "reference", "cpu", "scikit-learn", "ratio", "cost of all")
    print(f"{'network':<14}" + "".join(f"{head:>13}" for head in heads))
    with threadpool_limits(limits=1):
        for case in CASES:
            (reference, cpu, theirs), cost = microseconds_per_step(case)
            name = "-".join(map(str, case.sizes))
            times = "".join(f"{time:>10.1f} µs" for time in (reference, cpu, theirs))
            print(f"{name:<14}{case.batch_size:>13}{case.n_steps:>13}{times}{theirs / cpu:>13.1f}{cost:>13.9f}")
    print(f"microseconds per step, medians of {REPEATS} interleaved runs; ratio: scikit-learn to the cpu engine")


if __name__ == "__main__":
    main()
