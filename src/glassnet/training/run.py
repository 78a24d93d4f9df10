"""`Run`: the epoch loop. It runs the engine, monitors the results, and decides when to stop."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from glassnet.engines.base import State, Stepping
from glassnet.engines.seeding import ShuffleStream
from glassnet.training.checkpoints import Checkpoint, CheckpointPolicy
from glassnet.training.history import Epoch
from glassnet.training.interrupting import raise_if_stopped
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.epoch_batcher import EpochBatcher
from glassnet.training.loop.listeners import Callback, Hearing
from glassnet.training.loop.recorder import Recorder
from glassnet.training.loop.stop_reasons import all_done, asked, diverged, interrupted, is_late, out_of_time, why_early
from glassnet.training.plan import Plan
from glassnet.training.run_state import End, Outcome, Place, Progress, RunState, progress_of

SMALLEST_RATE = 1e-6  # an adaptive learning rate ends the run here, as in scikit-learn
ADAPTIVE_FACTOR = 0.2


class Saver(Protocol):
    """Writes the states of a run to a file."""

    def offer(self, state: Callable[[], RunState], *, at_end: bool = False) -> None:
        """Save the state if it is due."""


class Run:
    """One training run, from the first step to the last.

    It can be advanced in parts, stopped and observed from any thread, and continued from its `state` in another
    process; the result has the same bits as that of an uninterrupted run.

    Parameters
    ----------
    plan : Plan
    engine : Stepping
        Takes the steps.
    stream : ShuffleStream
        Sample orders; for a continued run, at the position of its state.
    start : State, optional
        Start from these parameters and this solver memory instead of the network's parameters.
    callback : callable, optional
        Called after each epoch, or as often as a `Listener` says; the run stops when it returns True.
    at : RunState, optional
        Continue an earlier run from this state.
    saver : Saver, optional
        Receives the states of the run.

    Examples
    --------
    >>> import numpy as np
    >>> import glassnet as gn
    >>> from glassnet.training.train import start_run
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> X, Y = np.eye(2), np.asarray([[0.0], [1.0]])
    >>> run = start_run(net, X, Y, cost="binary_cross_entropy", epochs=60)
    >>> run.advance(epochs=20).progress().n_epochs
    20
    >>> run.advance().finished, run.result().history.stop_reason
    (True, 'all 60 epochs done')
    """

    def __init__(
        self,
        plan: Plan,
        engine: Stepping,
        stream: ShuffleStream,
        *,
        start: State | None = None,
        callback: Callback | None = None,
        at: RunState | None = None,
        saver: Saver | None = None,
    ) -> None:
        self._plan, self._engine, self._stream, self._saver = plan, engine, stream, saver
        self._recorder = Recorder(plan, engine)
        self._hearing = Hearing(callback)
        self._batcher = EpochBatcher(plan, every_epoch=self._hearing.hears_each, is_compiled=engine.name == "cpu")
        self._asked: str | None = None
        if at is None:
            state, self._factor, self._end = start or engine.start(plan.learning_rate), 1.0, None
            self._early_stopping = EarlyStopping(plan, state.theta)
            self._keeper = CheckpointPolicy(plan.kept_states, Checkpoint(0, start, stream.position()))
        else:
            state, self._factor, self._end = at.state, at.factor, at.end
            self._early_stopping = EarlyStopping(plan, state.theta)
            self._early_stopping.memory = at.watched
            self._keeper = CheckpointPolicy.resume(plan.kept_states, at.kept, at.factors)
            self._recorder.resume(at)
            self._hearing.resume(at.heard)
        self._state = state
        self._note()
        self._hearing.begin(self)

    @property
    def plan(self) -> Plan:
        """The settings of the run, and its data."""
        return self._plan

    @property
    def engine_name(self) -> str:
        """Name of the engine that takes the steps."""
        return self._engine.name

    @property
    def place(self) -> State:
        """The parameters and the solver's memory after the last epoch; can be read from a callback."""
        return self._place.state

    @property
    def has_begun(self) -> bool:
        """Whether an epoch is finished."""
        return len(self._recorder.epochs) > 0

    @property
    def finished(self) -> bool:
        """Whether the run has stopped."""
        return self._end is not None

    def advance(self, *, epochs: int | None = None, seconds: float | None = None) -> "Run":
        """Run to the end, or for a number of epochs or seconds, and return the run itself.

        Ctrl-C stops the run with the results of the last finished epoch: it is then `finished`, its history says
        "interrupted", and a new run can continue from its `state`.
        """
        first = len(self._recorder.epochs)
        last = self._plan.epochs if epochs is None else min(self._plan.epochs, first + epochs)
        try:
            with self._recorder.clock_running():
                until = None if seconds is None else self._recorder.seconds + seconds
                if self._end is None and self._hearing.heard_of(first) < first:
                    self._tell()  # an interrupted callback is asked again
                self._decide()
                while self._end is None and len(self._recorder.epochs) < last:
                    self._decide(self._take(last))
                    if self._saver is not None:
                        self._saver.offer(self._now)
                    if until is not None and self._recorder.seconds >= until:
                        break
                if self._end is not None and self._hearing.has_missed_the_end(len(self._recorder.epochs)):
                    self._tell()
        except KeyboardInterrupt:
            self._go_back()
        if self._end is not None and self._saver is not None:
            self._saver.offer(self._now, at_end=True)
        if self._end is not None:
            self._hearing.end()
        return self

    def stop(self, reason: str) -> None:
        """Stop the run after the current call of the engine; can be called from any thread and from a callback."""
        self._asked = reason

    def progress(self, *, theta: bool = False) -> Progress:
        """Return the progress of the run. It is cheap, and can be called from any thread.

        Parameters
        ----------
        theta : bool
            Whether to include a copy of the parameters.
        """
        return progress_of(self._place, self._plan.epochs, theta=theta)

    @property
    def state(self) -> RunState:
        """Everything that the run needs to continue; not to be called during `advance`."""
        return self._now()

    def result(self) -> Outcome:
        """Return the outcome of the run, or of its epochs so far."""
        early_stopping, recorder, state = self._early_stopping, self._recorder, self._state
        best, theta = len(recorder.epochs), state.theta
        if early_stopping.keeps_best:
            best, theta = early_stopping.epoch, early_stopping.theta
        end = self._end or End("interrupted", interrupted(len(recorder.epochs)))
        history = recorder.history(end, best)
        return Outcome(theta, replace(state, theta=theta), history, self._keeper.kept, self._keeper.factors)

    def _take(self, last: int) -> float:
        """Run some epochs, at most up to epoch `last`; return the seconds per epoch if there is a time limit."""
        raise_if_stopped()
        plan, recorder, early_stopping = self._plan, self._recorder, self._early_stopping
        done, began = len(recorder.epochs), recorder.seconds
        n_epochs = min(last - done, self._batcher.n_epochs(done, early_stopping, began))
        order = self._stream.take(self._keeper.at_most(n_epochs, done))
        rates = self._factor * plan.rates(done, len(order))
        factors = plan.factors(done, len(order))
        self._state, records = self._engine.run(self._state, order, rates, plan.batch_size, factors)
        self._batcher.see(len(records.cost), recorder.seconds)
        n = done + len(records.cost)
        if records.divergence is not None:
            divergence = replace(records.divergence, epoch=n + 1)
            self._end = End("diverged", diverged(divergence, plan.problem), divergence)
        elif records.end is not None:
            self._end = End(*records.end)
        if n > done:
            recorder.add_all(self._state.theta, records, rates)
            early_stopping.see(recorder.epochs, done, self._state.theta)
        self._note()
        if self._end is not None:
            return 0.0
        self._keeper.offer(n, self._state, self._stream)
        if self._hearing.is_due:
            self._tell()
        return 0.0 if plan.time_limit is None else (recorder.seconds - began) / len(order)

    def _decide(self, seconds_per_epoch: float = 0.0) -> None:
        """Decide at the end of an epoch whether to stop or to lower the learning rate.

        It is idempotent, so that a run can be saved before and continued after it.
        """
        plan, n_epochs = self._plan, len(self._recorder.epochs)
        if self._end is not None:
            return
        if self._asked is not None:
            self._end = End("callback", self._asked)
        elif self._early_stopping.has_waited_enough:
            if plan.adaptive and self._factor * plan.learning_rate > SMALLEST_RATE:
                self._factor *= ADAPTIVE_FACTOR
                self._keeper.slow_down(n_epochs, self._factor)
                self._early_stopping.wait_again()
                self._note()
            else:
                self._end = End(*why_early(plan, self._early_stopping))
        elif self._is_late(seconds_per_epoch):
            self._end = End("time", out_of_time(plan.time_limit or 0.0, self._recorder))
        if self._end is None and n_epochs >= plan.epochs:
            self._end = End("epochs", all_done(plan.epochs))
        if self._end is not None:
            self._note()
        self._hearing.settle(n_epochs)

    def _is_late(self, seconds_per_epoch: float) -> bool:
        limit = self._plan.time_limit
        return limit is not None and self.has_begun and is_late(limit, self._recorder.seconds, seconds_per_epoch)

    def _tell(self) -> None:
        """Call the callback with the last epoch."""
        assert self._recorder.last is not None
        epoch = Epoch(*self._recorder.last)  # an access to the epochs would first sort the last call's into columns
        if self._hearing.tells(epoch, self._plan.problem.network.with_theta(self._state.theta)):
            self.stop(asked(epoch.epoch))

    def _note(self) -> None:
        """Store the current state, in one assignment."""
        recorder, memory, bookmark = self._recorder, self._early_stopping.memory, self._stream.bookmark()
        self._place = Place(self._state, len(recorder.epochs), memory, self._factor, bookmark, recorder.last, self._end)

    def _go_back(self) -> None:
        """Stop the run in the last stored state."""
        place = self._place
        self._state, self._factor, self._early_stopping.memory = place.state, place.factor, place.watched
        self._recorder.cut(place.n_epochs)
        self._end = End("interrupted", interrupted(place.n_epochs))

    def _now(self) -> RunState:
        place, recorder = self._place, self._recorder
        return RunState(
            place.state,
            recorder.epochs.first(place.n_epochs),
            self._stream.position(place.bookmark),
            place.watched,
            place.factor,
            self._keeper.kept,
            self._keeper.factors,
            dict(recorder.snapshots),
            recorder.seconds,
            self._hearing.heard_of(place.n_epochs),
            place.end,
        )
