"""Callbacks of a run, and how often they are called."""

from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.training.history import Epoch

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
        fits = self.every == EVERY_EPOCH if isinstance(self.every, str) else 0 < self.every < float("inf")
        if not fits:
            raise ParameterError(f"every={self.every!r} must be 'epoch' or a positive number of seconds, such as 0.05.")

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Called with the epoch's record and the network after it."""
        return self.hear(epoch, network)


class Hearing:
    """Decides when the callback of a run is called."""

    def __init__(self, callback: Callback | None) -> None:
        self.callback = callback
        every = callback.every if isinstance(callback, Listener) else EVERY_EPOCH
        self._seconds = float(every) if not isinstance(every, str) else 0.0
        self.hears_each = callback is not None and self._seconds == 0
        self._heard_at, self._epoch = float("-inf"), 0

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
        return bool(self.callback(epoch, network))

    def settle(self, n_epochs: int) -> None:
        """Treat the first `n_epochs` epochs as reported, once the run has done what the callback asked for."""
        if self.hears_each:
            self._epoch = n_epochs

    @property
    def is_due(self) -> bool:
        """Whether the callback should be called now."""
        return self.hears_each or (self.callback is not None and perf_counter() - self._heard_at >= self._seconds)

    def has_missed_the_end(self, n_epochs: int) -> bool:
        """Whether the callback, which is not called for each epoch, was not called for the last one."""
        return self.callback is not None and not self.hears_each and n_epochs > self._epoch
