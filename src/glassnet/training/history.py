"""The training history: one record per epoch, the reason for stopping, and the best epoch."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, overload

import numpy as np

from glassnet.engines.base import Divergence
from glassnet.errors import EpochIndexError, ParameterError
from glassnet.typing import Array
from glassnet.wording import counted


@dataclass(frozen=True)
class Epoch:
    """One pass over the training samples.

    Attributes
    ----------
    epoch : int
        Number of the epoch, from 1.
    cost : float
        Mean over the training samples, computed during the epoch (with dropout, with changing weights).
    penalty : float
        Penalty at the end of the epoch; the objective is cost + penalty.
    metric, validation_cost, validation_metric : float or None
        Training metric during the epoch; validation cost and metric at its end.
    learning_rate : float
        Learning rate of the epoch's last step.
    gradient_norm : float
        Mean over the epoch's steps, before clipping.
    seconds : float
        Time since the start of training.
    """

    epoch: int
    cost: float
    penalty: float
    metric: float | None
    validation_cost: float | None
    validation_metric: float | None
    learning_rate: float
    gradient_norm: float
    seconds: float

    @property
    def objective(self) -> float:
        """Cost plus penalty: the minimized quantity."""
        return self.cost + self.penalty


NAMES = tuple(f.name for f in fields(Epoch))


class _Column:
    """One quantity of all epochs: floats, or None where it was not measured.

    A value takes 9 bytes, in a list 32: small networks run millions of epochs.
    """

    def __init__(self) -> None:
        self._values, self._is_measured = array("d"), bytearray()

    def put(self, since: int, n: int, values: Any) -> None:
        """Write `n` values from a position on, and drop what was there."""
        if values is None:
            floats, is_measured = array("d", bytes(8 * n)), bytes(n)
        elif isinstance(values, np.ndarray):
            floats, is_measured = array("d", values.astype(np.float64).tobytes()), b"\1" * n
        else:
            floats = array("d", [0.0 if value is None else value for value in values])
            is_measured = bytes(value is not None for value in values)
        self._values[since:], self._is_measured[since:] = floats, is_measured

    def first(self, n: int) -> "_Column":
        """Return the first `n` values."""
        column = _Column()
        column._values, column._is_measured = self._values[:n], self._is_measured[:n]
        return column

    def __getitem__(self, index: int | slice) -> Any:
        if not isinstance(index, slice):
            return self._values[index] if self._is_measured[index] else None
        values, is_measured = self._values[index], self._is_measured[index]
        if all(is_measured):
            return values.tolist()
        return [value if measured else None for value, measured in zip(values, is_measured, strict=True)]


class Epochs(Sequence[Epoch]):
    """Records of epochs, stored as one column per quantity; records are created on access.

    A small network runs thousands of epochs, each faster than the creation of a record.
    """

    def __init__(self, records: Iterable[Epoch] = ()) -> None:
        self._filled = {name: _Column() for name in NAMES if name != "epoch"}
        self._added: list[tuple[int, int, dict[str, Any]]] = []  # not yet in the columns: start, number, values
        self._n = 0
        for record in records:
            self.add(1, **{name: [getattr(record, name)] for name in self._filled})

    def add(self, n: int, **columns: Any) -> None:
        """Add `n` epochs: for each quantity an array or list of values, or None if it was not measured."""
        self._added.append((self._n, n, columns))
        self._n += n

    def first(self, n: int) -> "Epochs":
        """Return the first `n` epochs, without later ones from an interrupted run."""
        whole = Epochs()
        self._settle()
        whole._filled = {name: column.first(n) for name, column in self._filled.items()}
        whole._n = n
        return whole

    def _settle(self) -> None:
        """Write the epochs that were added into the columns."""
        for since, n, columns in self._added:
            for name, column in self._filled.items():
                # written by position, so that repeating it after an interrupt is harmless
                column.put(since, n, columns[name])
        self._added.clear()

    @property
    def _columns(self) -> dict[str, Any]:
        self._settle()
        return {"epoch": range(1, self._n + 1), **self._filled}

    def values(self, name: str, since: int = 0) -> list[Any]:
        """Return one quantity of the epochs after the first `since`; None if it was not measured."""
        columns = self._columns
        if name == "objective":
            pairs = zip(columns["cost"][since:], columns["penalty"][since:], strict=True)
            return [cost + penalty for cost, penalty in pairs]
        return list(columns[name][since:])

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> Epoch: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Epoch, ...]: ...
    def __getitem__(self, index: int | slice) -> Epoch | tuple[Epoch, ...]:
        columns = self._columns
        chosen: Any = (columns[name][index] for name in NAMES)
        return tuple(map(Epoch, *chosen)) if isinstance(index, slice) else Epoch(*chosen)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it grows during a run

    def __repr__(self) -> str:
        return f"Epochs({counted(len(self), 'epoch')})"


@dataclass(frozen=True)
class History:
    """All epochs of a run, and why it stopped.

    Attributes
    ----------
    epochs : sequence of Epoch
        One record per epoch.
    stopped : {"epochs", "early", "converged", "callback", "diverged", "interrupted", "time"}
        Reason for stopping, as a word.
    stop_reason : str
        Reason for stopping, as a sentence.
    best_epoch : int
        The epoch of the returned parameters; the last one without monitoring, 0 for the initial weights.
    metric_name : str or None
        Name of the metric in `metric`.
    divergence : Divergence or None
        The first non-finite number.
    snapshots : dict of int to array (n_params,)
        theta at the end of the requested epochs.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 1], seed=0)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> history = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=3).history
    >>> len(history), history.stopped, history["cost"].shape
    (3, 'epochs', (3,))
    >>> history[-1].epoch, [record.epoch for record in history[:2]]
    (3, [1, 2])
    """

    epochs: Sequence[Epoch]
    stopped: str
    stop_reason: str
    best_epoch: int
    metric_name: str | None = None
    divergence: Divergence | None = None
    snapshots: dict[int, Array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    @overload
    def __getitem__(self, key: str) -> Array: ...
    @overload
    def __getitem__(self, key: int) -> Epoch: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Epoch, ...]: ...
    def __getitem__(self, key: str | int | slice) -> Array | Epoch | tuple[Epoch, ...]:
        """Return one quantity over all epochs, (n_epochs,), NaN if not measured; or epochs by position.

        ``history["cost"]`` is a column, ``history[-1]`` the record of the last epoch, ``history[:3]`` the first three
        records.
        """
        if not isinstance(key, str):
            return self._at(key)
        name, names = key, [*NAMES, "objective"]
        if name not in names:
            raise ParameterError(f"history has no {name!r}. Choose from: {', '.join(names)}.")
        epochs = self.epochs if isinstance(self.epochs, Epochs) else Epochs(self.epochs)
        values = epochs.values(name)
        return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)

    def _at(self, key: int | slice) -> Epoch | tuple[Epoch, ...]:
        if isinstance(key, slice):
            return tuple(self.epochs[key])
        if isinstance(key, bool) or not hasattr(key, "__index__"):
            raise ParameterError(
                f"history[{key!r}] is neither a quantity nor a position; try history['cost'] or history[-1]."
            )
        if not -len(self) <= key < len(self):
            raise EpochIndexError(
                f"history[{key}] does not exist: there are {counted(len(self), 'epoch')}, at positions from 0; "
                f"history[-1] is the last."
            )
        return self.epochs[key]

    def __repr__(self) -> str:
        if not self.epochs:
            return f"History of 0 epochs; stopped: {self.stop_reason}"
        first, last = self[0], self[-1]
        parts = [f"History of {counted(len(self), 'epoch')}: cost {first.cost:.4g} to {last.cost:.4g}"]
        if first.validation_cost is not None and last.validation_cost is not None:
            parts[0] += f", validation cost {first.validation_cost:.4g} to {last.validation_cost:.4g}"
        if self.best_epoch != len(self):
            parts.append(f"kept: epoch {self.best_epoch}")
        return "; ".join([*parts, f"stopped: {self.stop_reason}"])

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the snapshots as plain data."""
        return {
            "epochs": [asdict(record) for record in self.epochs],
            "stopped": self.stopped,
            "stop_reason": self.stop_reason,
            "best_epoch": self.best_epoch,
            "metric_name": self.metric_name,
            "divergence": asdict(self.divergence) if self.divergence else None,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "History":
        """Return the history from the data of `to_dict`."""
        divergence = data["divergence"]
        return cls(
            Epochs(Epoch(**record) for record in data["epochs"]),
            data["stopped"],
            data["stop_reason"],
            data["best_epoch"],
            data["metric_name"],
            Divergence(**divergence) if divergence else None,
        )

    def extended(self, later: "History") -> "History":
        """Return this history followed by the history of a later run on the same network."""
        if not self.epochs:
            return later
        n, seconds = len(self.epochs), self.epochs[-1].seconds
        moved = [
            Epoch(**{**asdict(record), "epoch": record.epoch + n, "seconds": record.seconds + seconds})
            for record in later.epochs
        ]
        return History(
            Epochs((*self.epochs, *moved)),
            later.stopped,
            later.stop_reason,
            later.best_epoch + n,
            later.metric_name,
            replace(later.divergence, epoch=later.divergence.epoch + n) if later.divergence else None,
            {**self.snapshots, **{epoch + n: theta for epoch, theta in later.snapshots.items()}},
        )
