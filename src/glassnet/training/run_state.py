"""Records of a run: its state, its progress and its outcome."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from glassnet.engines.base import Divergence, State
from glassnet.engines.seeding import StreamPosition
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.history import Epoch, Epochs, History
from glassnet.typing import Array


class Watched(NamedTuple):
    """The memory of early stopping."""

    theta: Array  # (n_params,), the best parameters so far
    epoch: int  # the epoch of theta
    best: float  # the best monitored value so far
    target: float  # the value below which the next one counts as an improvement
    waited: int  # epochs without improvement


class End(NamedTuple):
    """Why a run stopped: as a word, as a sentence, and the first non-finite number."""

    stopped: str
    reason: str
    divergence: Divergence | None = None


class Place(NamedTuple):
    """A run at the end of an epoch.

    It is replaced as a whole, so that interrupts and other threads always find the data of one epoch.
    """

    state: State
    n_epochs: int
    watched: Watched
    factor: float  # adaptive learning rate / initial learning rate
    bookmark: Any  # position in the stream of sample orders
    last: tuple[Any, ...] | None  # the record of the last epoch, column by column
    end: End | None  # set at the last epoch


@dataclass(frozen=True, eq=False)
class RunState:
    """Everything that a run needs to continue: plain arrays, numbers and strings.

    Attributes
    ----------
    state : State
        theta, solver memory, and step, which also determines the dropout masks.
    epochs : Epochs
        The history so far.
    position : StreamPosition
        Position in the stream of sample orders.
    watched : Watched
        Memory of early stopping, including the best theta.
    factor : float
        Current factor of an adaptive learning rate.
    kept : tuple of Checkpoint
        The start and the stored states.
    factors : tuple of (int, float)
        Pairs (finished epochs, factor of the learning rate from there on).
    snapshots : dict of int to array (n_params,)
        theta at the end of the requested epochs.
    seconds : float
        Training time so far.
    heard : int
        The last epoch that a callback has heard of, if there is one that hears of each.
    end : End or None
        Why the run stopped; None if it is unfinished.
    """

    state: State
    epochs: Epochs
    position: StreamPosition
    watched: Watched
    factor: float
    kept: tuple[Checkpoint, ...]
    factors: tuple[tuple[int, float], ...]
    snapshots: dict[int, Array] = field(repr=False)
    seconds: float
    heard: int
    end: End | None = None


@dataclass(frozen=True, eq=False)
class Progress:
    """The progress of a run at the end of an epoch.

    Attributes
    ----------
    n_epochs, of : int
        Finished epochs, and the maximum.
    last : Epoch or None
        Record of the last epoch: costs, learning rate, seconds.
    best_epoch : int
        The epoch whose parameters would be returned if the run stopped now.
    waited : int
        Epochs without improvement of the monitored quantity; 0 without monitoring.
    factor : float
        Current factor of an adaptive learning rate.
    theta : array (n_params,) or None
        A copy of the parameters, on request.
    """

    n_epochs: int
    of: int
    last: Epoch | None
    best_epoch: int
    waited: int
    factor: float
    theta: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Outcome:
    """The outcome of a run: best parameters, final state, history, and the data for replay."""

    theta: Array
    state: State
    history: History
    kept: tuple[Checkpoint, ...] = ()
    factors: tuple[tuple[int, float], ...] = ()


def progress_of(place: Place, n_epochs: int, *, theta: bool) -> Progress:
    """Return the progress of a run of at most `n_epochs` epochs."""
    last = None if place.last is None else Epoch(*place.last)
    copied = place.state.theta.copy() if theta else None
    watched = place.watched
    return Progress(place.n_epochs, n_epochs, last, watched.epoch, watched.waited, place.factor, copied)
