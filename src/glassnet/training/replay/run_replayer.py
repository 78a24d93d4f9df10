"""Repeats a run from the nearest known state, with the same engine calls."""

from glassnet.engines.base import Engine, Factors, Records, State
from glassnet.engines.seeding import MOST_NUMBERS, ShuffleStream
from glassnet.errors import ReplayError
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.plan import Plan
from glassnet.training.replay.recording import Recording
from glassnet.typing import Array


class RunReplayer:
    """Holds the state at one step of a run, and moves to any other.

    Forwards it takes steps; backwards it restarts from the latest earlier checkpoint. Each complete epoch must
    reproduce the recorded metrics.
    """

    def __init__(self, recording: Recording, plan: Plan, engine: Engine) -> None:
        self._recording, self._plan, self._engine = recording, plan, engine
        self._jump(recording.kept[0])

    def go(self, step: int) -> State:
        """Return the state after `step` steps of the run."""
        epochs, within = divmod(step, self._plan.steps_per_epoch)
        nearest = max((kept for kept in self._recording.kept if kept.epochs <= epochs), key=lambda kept: kept.epochs)
        if (self._epochs, self._within) > (epochs, within) or nearest.epochs > self._epochs:
            self._jump(nearest)
        while self._epochs < epochs:
            self._take_epochs(epochs - self._epochs)
        if within > self._within:
            self._take_steps(within)
        return self._state

    @property
    def rows(self) -> Array:
        """The minibatch of the next step, (n_batch,)."""
        begin = self._within * self._plan.batch_size
        return self._order_at_hand()[begin : begin + self._plan.batch_size].copy()  # a view would keep the block

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return float(self._recording.rates(self._plan, self._epochs, 1)[self._within])

    @property
    def factors(self) -> Factors:
        """The factors on dropout and weight decay in the next step."""
        return self._plan.factors(self._epochs).of(self._within)

    def _jump(self, kept: Checkpoint) -> None:
        plan = self._plan
        self._state = kept.state or self._engine.start(plan.learning_rate)
        self._orders = ShuffleStream.resume(plan.data.n_samples, kept.position, shuffle=plan.shuffle)
        self._order: Array | None = None  # of the current epoch, once known
        self._epochs, self._within = kept.epochs, 0

    def _order_at_hand(self) -> Array:
        if self._order is None:
            self._order = self._orders.take(1)[0]
        return self._order

    def _take_steps(self, within: int) -> None:
        """Advance to a later step of the current epoch."""
        size = self._plan.batch_size
        rows = self._order_at_hand()[self._within * size : within * size]
        steps = slice(self._within, within)
        rates = self._recording.rates(self._plan, self._epochs, 1)[steps]
        factors = self._plan.factors(self._epochs).of(steps)
        self._state, records = self._engine.run(self._state, rows[None, :], rates, size, factors)
        if records.divergence is not None:
            raise self._strayed(self._epochs + 1, "diverges, which the run did not")
        if self._within == 0 and within == self._plan.steps_per_epoch:
            self._compare(records)
        self._within = within

    def _take_epochs(self, n_epochs: int) -> None:
        """Advance to the end of the current epoch, or else by at most `n_epochs`."""
        if self._order is not None:
            self._take_steps(self._plan.steps_per_epoch)
            self._order, self._epochs, self._within = None, self._epochs + 1, 0
            return
        order = self._orders.take(min(n_epochs, max(1, MOST_NUMBERS // self._plan.data.n_samples)))
        rates = self._recording.rates(self._plan, self._epochs, len(order))
        factors = self._plan.factors(self._epochs, len(order))
        self._state, records = self._engine.run(self._state, order, rates, self._plan.batch_size, factors)
        self._compare(records)
        self._epochs += len(order)

    def _compare(self, records: Records) -> None:
        """Raise a ReplayError if an epoch does not reproduce the recorded numbers."""
        if records.divergence is not None:
            raise self._strayed(self._epochs + 1 + len(records.cost), "diverges, which the run did not")
        known = self._recording.history.epochs[self._epochs : self._epochs + len(records.cost)]
        found = zip(records.cost, records.gradient_norm, records.penalty, strict=True)
        for epoch, values in zip(known, found):
            now = tuple(map(float, values))
            if now != (epoch.cost, epoch.gradient_norm, epoch.penalty):
                raise self._strayed(epoch.epoch, f"has the cost {now[0]!r} here and had {epoch.cost!r} in the run")

    @staticmethod
    def _strayed(epoch: int, what: str) -> ReplayError:
        return ReplayError(
            f"epoch {epoch} {what}; a run is replayed bit by bit only by the same version of glassnet on the same kind "
            f"of processor."
        )
