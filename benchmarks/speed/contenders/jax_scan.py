"""JAX at its best: optax, and the whole run, all epochs, in one jitted scan with donated buffers."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON, Layers, Task

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "mish": jax.nn.mish}


def cost_of(task: Task):
    """Return the cost as a function of the parameters and a minibatch."""
    sigma = ACTIVATIONS[task.settings.hidden]

    def cost(theta, X, y):
        *hidden, (W, b) = theta
        A = X
        for W_hidden, b_hidden in hidden:
            A = sigma(A @ W_hidden + b_hidden)
        Z = A @ W + b
        if task.settings.output == "softmax":
            return optax.softmax_cross_entropy_with_integer_labels(Z, y).mean()
        return 0.5 * jnp.square(Z - y).sum(axis=1).mean()

    return cost


def optimizer_of(task: Task) -> optax.GradientTransformation:
    """Return the task's solver."""
    s = task.settings
    if s.solver == "adam":
        return optax.adam(s.learning_rate, b1=BETA_1, b2=BETA_2, eps=EPSILON)
    return optax.sgd(s.learning_rate)


def targets_of(task: Task) -> np.ndarray:
    """Return labels for cross-entropy, else the targets themselves."""
    return task.labels.astype(np.int32) if task.settings.output == "softmax" else task.Y


def start_weights(task: Task) -> list[tuple[jax.Array, jax.Array]]:
    """Return the start weights as (n_in, n_out), the way JAX code has them."""
    return [(jnp.array(W.T), jnp.array(b)) for W, b in task.layers]


def make_step(task: Task, optimizer: optax.GradientTransformation):
    """Return one step, in the form that `lax.scan` wants."""
    cost = cost_of(task)

    def step(carry, minibatch):
        theta, state = carry
        value, g = jax.value_and_grad(cost)(theta, *minibatch)
        updates, state = optimizer.update(g, state, theta)
        return (optax.apply_updates(theta, updates), state), value

    return step


class JaxScan(Contender):
    """One call for the whole run.

    Two ways are tried per number of threads: plain, and with the scan unrolled and Adam over one flat vector.
    """

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Threads, unrolling, flattening."""
        return [
            {"threads": threads, "unroll": unroll, "flat": flat}
            for threads, (unroll, flat) in itertools.product(sorted({1, cores}), [(1, False), (4, True)])
        ]

    def __init__(self, task: Task, threads: int, unroll: int, flat: bool) -> None:
        s = task.settings
        self._task = task
        optimizer = optimizer_of(task)
        self._optimizer = optax.flatten(optimizer) if flat else optimizer
        whole = len(task.X) // s.batch_size
        n_whole = whole * s.batch_size
        X, y = task.X, targets_of(task)
        self._X = jnp.array(X[:n_whole].reshape(whole, s.batch_size, -1))
        self._y = jnp.array(y[:n_whole].reshape(whole, s.batch_size, *y.shape[1:]))
        self._rest = (jnp.array(X[n_whole:]), jnp.array(y[n_whole:])) if n_whole < len(X) else None
        step = make_step(task, self._optimizer)

        def run(theta, state, X, y, rest):
            def epoch(carry, _):
                carry, costs = jax.lax.scan(step, carry, (X, y), unroll=unroll)
                if rest is not None:
                    carry, _ = step(carry, rest)
                return carry, costs.mean()

            return jax.lax.scan(epoch, (theta, state), None, length=s.epochs)

        self._run = jax.jit(run, donate_argnums=(0, 1))
        self.start()

    def start(self) -> None:
        """Put the start weights in place."""
        self._theta = start_weights(self._task)
        self._state = jax.block_until_ready(self._optimizer.init(self._theta))

    def run(self) -> None:
        """Train."""
        (self._theta, self._state), costs = self._run(self._theta, self._state, self._X, self._y, self._rest)
        jax.block_until_ready((self._theta, costs))

    def layers(self) -> Layers:
        """Return the weights, transposed to (n_out, n_in)."""
        return [(np.array(W).T.copy(), np.array(b)) for W, b in self._theta]
