"""The cases: which network, which rows, which steps."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

import glassnet as gn
from benchmarks.speed import datasets as data
from benchmarks.speed.task import Settings, Task, layers_of


@dataclass(frozen=True)
class Case:
    """A network, a table, and a run that takes the slower contenders about a second.

    As long as people train such a network, so that it shows the steps and not what is done once for a run: `first_fit`
    shows that.
    """

    name: str
    sizes: tuple[int, ...]
    rows: Callable[[], tuple[np.ndarray, np.ndarray]]
    batch_size: int | None  # None: all rows
    epochs: int
    hidden: str = "relu"
    output: str = "softmax"
    cost: str = "cross_entropy"
    solver: str = "adam"
    learning_rate: float = 1e-3

    def task(self) -> Task:
        """Draw weights and order, and put everything together."""
        X, y = self.rows()
        order = np.random.default_rng(1).permutation(len(X))
        X = np.ascontiguousarray(X[order], dtype=np.float32)
        Y = np.eye(self.sizes[-1], dtype=np.float32)[y[order]]
        network = gn.Network.create(self.sizes, hidden=self.hidden, output=self.output, dtype="float32", seed=2)
        settings = Settings(
            name=self.name,
            sizes=self.sizes,
            hidden=self.hidden,
            output=self.output,
            cost=self.cost,
            solver=self.solver,
            learning_rate=self.learning_rate,
            n_samples=len(X),
            batch_size=self.batch_size or len(X),
            epochs=self.epochs,
        )
        return Task(settings, X, Y, layers_of(network))


T = Case("T", (3, 3, 3), data.three_bits, 8, 10_000)
S = Case("S", (30, 16, 3), data.breast_cancer, 32, 150)
M = Case("M", (64, 100, 10), data.digits, 200, 200)
L = Case("L", (784, 256, 128, 10), partial(data.random_rows, 60_000, 784, 10), 128, 1)
XL = Case("XL", (784, 1024, 1024, 10), partial(data.random_rows, 16_384, 784, 10), 512, 1)
P = Case("P", (64, 256, 256, 256, 10), data.digits, 256, 20, hidden="mish")

# What FANN can do too: all rows at every step, plain gradient descent, sigmoids and a linear output.
DESCENT = dict(hidden="sigmoid", output="identity", cost="half_squared_error", solver="sgd", batch_size=None)

CASES = {
    case.name: case
    for case in (
        T,
        S,
        replace(S, name="S-sigmoid", hidden="sigmoid"),
        replace(S, name="S-tanh", hidden="tanh"),
        M,
        replace(M, name="M-sigmoid", hidden="sigmoid"),
        replace(M, name="M-tanh", hidden="tanh"),
        L,
        XL,
        P,
        replace(T, name="T-descent", learning_rate=0.1, **DESCENT),
        replace(S, name="S-descent", rows=data.breast_cancer_from_0_to_1, epochs=300, learning_rate=0.1, **DESCENT),
    )
}
