"""The steps of one call of `run`: which program takes which of them."""

from typing import NamedTuple

import numpy as np

from glassnet.engines.base import Records
from glassnet.engines.xla.mathematics import Data, Pace, Place
from glassnet.engines.xla.programs import Carry, Programs, Steps
from glassnet.typing import Array


class Placed(NamedTuple):
    """The programs for some devices, and what lies on them."""

    programs: Programs
    data: Data


class Epoch(NamedTuple):
    """The numbers of an epoch."""

    steps: list[Steps]
    n_samples: int
    penalty: Array
    is_finite_at_end: Array  # whether all parameters are; those that are not stay so

    @property
    def is_finite(self) -> bool:
        """Whether all of its numbers are finite."""
        return bool(self.is_finite_at_end) and all(are_finite(each) for each in self.steps)


def are_finite(steps: Steps) -> bool:
    """Whether cost and gradient of all steps are finite: if not, a square or sum of them may have overflowed."""
    return all(np.isfinite(each).all() for each in (steps.cost, steps.norm, steps.frozen))


def records_of(epochs: list[Epoch]) -> Records:
    """Return the records of whole epochs."""
    records = Records([], [], [], [])
    for epoch in epochs:
        cost, metric, norm, _ = (np.concatenate(each).astype(np.float64) for each in zip(*epoch.steps, strict=True))
        records.cost.append(float(cost.sum()) / epoch.n_samples)
        records.metric.append(float(metric.sum()) / epoch.n_samples)
        records.gradient_norm.append(float(norm.mean()))
        records.penalty.append(float(epoch.penalty))
    return records


class Call:
    """The steps of a call over `order` (n_epochs, n_rows), each at its pace."""

    def __init__(self, placed: Placed, order: Array, paces: Pace, batch_size: int, place: Place) -> None:
        self._placed, self._order, self._paces, self._batch_size, self._place = placed, order, paces, batch_size, place
        self.steps_per_epoch = -(-order.shape[1] // batch_size)
        self.n_steps = len(paces.eta)

    def all_epochs(self, carry: Carry, n_epochs: int | None = None) -> tuple[Carry, list[Epoch]]:
        """Take all steps, or those of the first epochs; the numbers are not waited for."""
        epochs = []
        for k in range(len(self._order) if n_epochs is None else n_epochs):
            begin = k * self.steps_per_epoch
            end = min(begin + self.steps_per_epoch, self.n_steps)
            if begin < end:
                carry, steps = self.take(carry, begin, end)
                epochs.append(self.closed(carry, steps))
        return carry, epochs

    def take(self, carry: Carry, begin: int, end: int) -> tuple[Carry, list[Steps]]:
        """Take some steps of one epoch.

        A step gives the same bits whichever other ones are asked for, so that a run can be replayed from anywhere: its
        program depends only on the size of its minibatch.
        """
        programs, data = self._placed
        epoch, first = divmod(begin, self.steps_per_epoch)
        rows, size = self._order[epoch], self._batch_size
        last, n_whole = first + end - begin, len(rows) // size
        found: list[Steps] = []
        if first < min(last, n_whole):
            n = min(last, n_whole) - first
            n_most = max(n_whole, data.Y.shape[0] // size)
            minibatches = rows[first * size : (first + n) * size].reshape(n, size)
            if n == n_most:
                carry, steps = programs.all_steps(carry, data, minibatches, *self._at(begin, n))
            else:
                at = self._at(begin, n, n_most)
                carry, steps = programs.some_steps(carry, n, data, _longer(minibatches, n_most), *at)
                steps = Steps(*(each[:n] for each in steps))
            found.append(steps)
        if last > n_whole:
            rest = rows[None, n_whole * size :]
            carry, steps = programs.all_steps(carry, data, rest, *self._at(begin + n_whole - first, 1))
            found.append(steps)
        return carry, found

    def closed(self, carry: Carry, steps: list[Steps]) -> Epoch:
        """Return the numbers of an epoch whose last step led here."""
        return Epoch(steps, self._order.shape[1], *self._placed.programs.closed(carry.theta))

    def is_finite(self, carry: Carry) -> bool:
        """Whether all parameters are finite."""
        return bool(np.isfinite(np.asarray(carry.theta)).all())

    def rows_of(self, step: int) -> Array:
        """Return the minibatch of a step."""
        epoch, within = divmod(step, self.steps_per_epoch)
        return self._order[epoch, within * self._batch_size : (within + 1) * self._batch_size]

    def _at(self, begin: int, n: int, n_most: int | None = None) -> tuple[Place, Pace]:
        """Return where the dropout of some steps begins, and their paces, repeated up to `n_most`."""
        place = self._place._replace(step=self._place.step + np.uint32(begin))
        return place, Pace(*(_longer(each[begin : begin + n], n_most or n) for each in self._paces))


def _longer(values: Array, n: int) -> Array:
    """Return an array with its last entry repeated up to the length `n`."""
    return values if len(values) == n else values[np.minimum(np.arange(n), len(values) - 1)]
