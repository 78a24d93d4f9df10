"""Callbacks of a run, and how often they are called."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from glassnet.core.network import Network
from glassnet.engines.base import State
from glassnet.errors import ParameterError
from glassnet.settings.kinds import is_number
from glassnet.training.history import Epoch
from glassnet.training.plan import Plan
from glassnet.training.run_state import Outcome

EVERY_EPOCH = "epoch"


class Callback(Protocol):
    """Called after each epoch; training stops when it returns True."""

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Called with the epoch's record and the network after it."""


@dataclass(frozen=True)
class Listener:
    """A callback with an interval.

    A call after each epoch can take longer than the epoch itself of a small network. With ``every=0.05`` the callback
    is called after the first call of the engine, which may run many epochs, then at most every 50 ms, and at the end.

    Attributes
    ----------
    hear : callable
        ``hear(epoch_record, network)``; training stops when it returns True.
    every : "epoch" or float
        Call after each epoch, or with at least so many seconds between two calls.

    Examples
    --------
    >>> import glassnet as gn
    >>> heard = []
    >>> listener = Listener(lambda epoch, network: heard.append(epoch.epoch), every=0.05)
    >>> net, X, Y = gn.Network.create([1, 1], seed=0), [[0.0], [1.0]], [[0.0], [1.0]]
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=500, callback=listener)
    >>> heard[-1], len(heard) < 100
    (500, True)
    """

    hear: Callback
    every: str | float = EVERY_EPOCH

    def __post_init__(self) -> None:
        check_every(self.every)

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Called with the epoch's record and the network after it."""
        return self.hear(epoch, network)


class HeardRun(Protocol):
    """What a listener sees of a `Run`."""

    @property
    def plan(self) -> Plan:
        """The settings of the run, and its data."""

    @property
    def engine_name(self) -> str:
        """Name of the engine that takes the steps."""

    @property
    def place(self) -> State:
        """The parameters and the solver's memory after the last epoch."""

    def result(self) -> Outcome:
        """Return the outcome of the run, or of its epochs so far."""


class RunListener(ABC):
    """A callback that also hears of the beginning and the end of a run, and may look at the run itself.

    One listener may hear several runs, also side by side.

    Attributes
    ----------
    every : "epoch" or float
        As for a `Listener`.
    """

    every: str | float = EVERY_EPOCH

    @abstractmethod
    def begin(self, run: HeardRun) -> None:
        """Called before the first step of a run, or before it continues from a checkpoint."""

    @abstractmethod
    def hear(self, run: HeardRun, epoch: Epoch, network: Network) -> bool | None:
        """Called with an epoch's record and the network after it; training stops when it returns True."""

    @abstractmethod
    def end(self, run: HeardRun) -> None:
        """Called once the run has stopped, for whatever reason but an error."""

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Refuse to be called by what does not say which run it is."""
        raise ParameterError(
            f"a {type(self).__name__} listens to a run from its beginning; pass it itself as callback, not a function "
            f"that calls it. In a cluster it cannot listen."
        )


class Several(RunListener):
    """Several callbacks as one, each of which is called as often as it wants.

    Parameters
    ----------
    *callbacks : callable
        Functions, listeners, or listeners of runs.
    """

    def __init__(self, *callbacks: Callback) -> None:
        self._callbacks = callbacks
        intervals = [Hearing(each).seconds for each in callbacks]
        self.every = min(intervals) if all(intervals) else EVERY_EPOCH
        self._hearings: dict[HeardRun, list[Hearing]] = {}
        self._last: dict[HeardRun, tuple[Epoch, Network]] = {}

    def begin(self, run: HeardRun) -> None:
        """Let each callback begin."""
        self._hearings[run] = [Hearing(each) for each in self._callbacks]
        for each in self._hearings[run]:
            each.begin(run)

    def hear(self, run: HeardRun, epoch: Epoch, network: Network) -> bool:
        """Tell those for which it is time; return whether one of them asks to stop."""
        self._last[run] = epoch, network
        stops = [each.tells(epoch, network) for each in self._hearings[run] if each.is_due]  # all, also after a stop
        return any(stops)

    def end(self, run: HeardRun) -> None:
        """Tell the last epoch to those that have missed it, and let each callback end."""
        last = self._last.pop(run, None)
        for each in self._hearings.pop(run):
            if last is not None and each.has_missed_the_end(last[0].epoch):
                each.tells(*last)
            each.end()


def check_every(every: str | float) -> None:
    """Refuse what is no interval between two calls."""
    fits = every == EVERY_EPOCH if isinstance(every, str) else is_number(every) and every > 0
    if not fits:
        raise ParameterError(f"every={every!r} must be 'epoch' or a positive number of seconds, such as 0.05.")


class Hearing:
    """Decides when the callback of a run is called."""

    def __init__(self, callback: Callback | None) -> None:
        self.callback = callback
        every = callback.every if isinstance(callback, Listener | RunListener) else EVERY_EPOCH
        self.seconds = float(every) if not isinstance(every, str) else 0.0
        self.hears_each = callback is not None and self.seconds == 0
        self._heard_at, self._epoch = float("-inf"), 0
        self._run: HeardRun | None = None  # while a listener of runs listens to it

    def begin(self, run: HeardRun) -> None:
        """Let a listener of runs look at the run before its first step."""
        if isinstance(self.callback, RunListener):
            self._run = run
            self.callback.begin(run)

    def end(self) -> None:
        """Let a listener of runs look at the run after its last step; once."""
        run, self._run = self._run, None
        if run is not None and isinstance(self.callback, RunListener):
            self.callback.end(run)

    def resume(self, heard: int) -> None:
        """Treat the epochs up to `heard` as reported."""
        self._epoch = heard

    def heard_of(self, n_epochs: int) -> int:
        """Return how many of the first `n_epochs` epochs need not be reported any more."""
        return min(self._epoch, n_epochs) if self.hears_each else n_epochs

    def tells(self, epoch: Epoch, network: Network) -> bool:
        """Call the callback; return whether it asks the run to stop."""
        assert self.callback is not None
        if not self.hears_each:
            self._heard_at, self._epoch = perf_counter(), epoch.epoch
        if self._run is not None and isinstance(self.callback, RunListener):
            return bool(self.callback.hear(self._run, epoch, network))
        return bool(self.callback(epoch, network))

    def settle(self, n_epochs: int) -> None:
        """Treat the first `n_epochs` epochs as reported, once the run has done what the callback asked for."""
        if self.hears_each:
            self._epoch = n_epochs

    @property
    def is_due(self) -> bool:
        """Whether the callback should be called now."""
        return self.hears_each or (self.callback is not None and perf_counter() - self._heard_at >= self.seconds)

    def has_missed_the_end(self, n_epochs: int) -> bool:
        """Whether the callback, which is not called for each epoch, was not called for the last one."""
        return self.callback is not None and not self.hears_each and n_epochs > self._epoch
