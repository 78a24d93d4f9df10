"""`StreamedSteps`: the steps of a run whose samples are streamed, taken by an engine on one window after the other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from glassnet.data.rows.windows import Buffers, Windows
from glassnet.engines.base import CONSTANT, Divergence, Engine, Factors, Records, State
from glassnet.training.interrupting import raise_if_stopped
from glassnet.training.plan import Plan
from glassnet.training.samples import StreamedData
from glassnet.typing import Array

MakeEngine = Callable[..., Engine]


class StreamedSteps:
    """Takes steps on windows of rows.

    The groups of rows come in the drawn order of each epoch, and the rows of a window are shuffled together.
    Minibatches are as large as in memory: rows that are left over at the end of a window are the first ones of the
    next. The order within a window depends on the seed and on the number of steps before the epoch, so that a
    continued run sees the same one.

    Parameters
    ----------
    plan : Plan
        Of streamed samples.
    make_engine : callable
        ``make_engine(problem, X, Y, weights)`` gives the engine for the rows of a window.
    """

    def __init__(self, plan: Plan, make_engine: MakeEngine) -> None:
        assert isinstance(plan.data, StreamedData)
        self._plan, self._make, self._rows = plan, make_engine, plan.data.rows
        dtype = plan.problem.network.theta.dtype
        first = plan.data.first(1, dtype)
        self.on_one_row = make_engine(plan.problem, first.X, first.Y, first.weights)
        self.name, self.start, self.evaluate = self.on_one_row.name, self.on_one_row.start, self.on_one_row.evaluate
        self._buffers: Buffers | None = None

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take the steps of the epochs whose groups of rows come in these orders (n_epochs, n_groups)."""
        records, n_steps = Records([], [], [], []), len(eta) // max(len(order), 1)
        for epoch, groups in enumerate(order):
            steps = slice(epoch * n_steps, (epoch + 1) * n_steps)
            state, found = self._epoch(state, groups, eta[steps], batch_size, factors.of(steps))
            if isinstance(found, Divergence):
                return state, records._replace(divergence=found)
            for column, value in zip(records, found):
                column.append(value)
        return state, records

    def _epoch(
        self, state: State, groups: Array, eta: Array, batch_size: int, factors: Factors
    ) -> tuple[State, tuple[float, ...] | Divergence]:
        """Return the state after an epoch, and its cost, metric, gradient norm and penalty, or its divergence."""
        problem, first, n_rows = self._plan.problem, state.step, self._rows.n_rows
        if self._buffers is None:
            self._buffers = Buffers(self._rows, state.theta.dtype, self._rows.window, batch_size)
        sums, penalty, seen, n_carried = np.zeros(3), 0.0, 0, 0
        with Windows(self._rows, groups, state.theta.dtype, self._buffers) as windows:
            for k, arrays in enumerate(windows):
                raise_if_stopped()
                order = self._shuffled(len(arrays.Y), n_carried, first, k)
                seen += len(order) - n_carried
                n_used = len(order) if seen == n_rows else len(order) // batch_size * batch_size
                n_carried = len(order) - n_used
                if n_used:
                    steps = slice(state.step - first, state.step - first + -(-n_used // batch_size))
                    engine = self._make(problem, arrays.X, arrays.Y, arrays.weights)
                    state, found = engine.run(state, order[None, :n_used], eta[steps], batch_size, factors.of(steps))
                    if found.divergence is not None:
                        return state, replace(found.divergence, row=None)  # its number is that within the window
                    means = found.cost[0], found.metric[0], found.gradient_norm[0]
                    sums += np.asarray(means) * (n_used, n_used, steps.stop - steps.start)
                    penalty = float(found.penalty[0])
                windows.carry(order[n_used:])
        cost, metric, norm = sums / (n_rows, n_rows, len(eta))
        return state, (float(cost), float(metric), float(norm), penalty)

    def _shuffled(self, n_rows: int, n_carried: int, first: int, window: int) -> Array:
        """Return the order of the rows of a window; those carried over have been shuffled and come first."""
        order = np.arange(n_rows)
        if self._plan.shuffle:
            np.random.default_rng([self._plan.problem.seed, first, window]).shuffle(order[n_carried:])
        return order
