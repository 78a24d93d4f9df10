"""JAX as most people write it: a jitted step with donated buffers, called from a Python loop."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.contenders.jax_scan import make_step, optimizer_of, start_weights, targets_of
from benchmarks.speed.task import Layers, Task


class JaxLoop(Contender):
    """One call per step; the minibatches lie ready on the device."""

    def __init__(self, task: Task, threads: int) -> None:
        self._task = task
        self._optimizer = optimizer_of(task)
        y = targets_of(task)
        self._minibatches = [(jnp.array(task.X[rows]), jnp.array(y[rows])) for rows in task.minibatches]
        self._step = jax.jit(make_step(task, self._optimizer), donate_argnums=0)
        self.start()

    def start(self) -> None:
        """Put the start weights in place."""
        theta = start_weights(self._task)
        self._carry = jax.block_until_ready((theta, self._optimizer.init(theta)))

    def run(self) -> None:
        """Train."""
        step, carry = self._step, self._carry
        for _ in range(self._task.settings.epochs):
            for minibatch in self._minibatches:
                carry, _ = step(carry, minibatch)
        self._carry = jax.block_until_ready(carry)

    def layers(self) -> Layers:
        """Return the weights, transposed to (n_out, n_in)."""
        return [(np.array(W).T.copy(), np.array(b)) for W, b in self._carry[0]]
