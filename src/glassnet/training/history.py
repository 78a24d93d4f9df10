"""What happened during training: one record per epoch, why it stopped, and which epoch was kept."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from glassnet.engines.base import Divergence
from glassnet.errors import ParameterError
from glassnet.typing import Array


@dataclass(frozen=True)
class Epoch:
    """One pass over the training samples.

    Attributes
    ----------
    epoch : int
        From 1.
    cost : float
        Mean over the training samples, as they were met during the epoch (with dropout, before the last steps).
    penalty : float
        At the end of the epoch; the objective is cost + penalty.
    metric, validation_cost, validation_metric : float or None
        Training metric as met; validation cost and metric at the end of the epoch.
    learning_rate : float
        Of the epoch's last step.
    gradient_norm : float
        Mean over the epoch's steps, before clipping.
    seconds : float
        Since the start of training.
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
        """Cost plus penalty: what is minimized."""
        return self.cost + self.penalty


@dataclass(frozen=True)
class History:
    """All epochs of a run, and its end.

    Attributes
    ----------
    epochs : tuple of Epoch
        One record per epoch.
    stopped : {"epochs", "early", "converged", "callback", "diverged", "interrupted", "time"}
        Why it stopped, as a word.
    stop_reason : str
        Why it stopped, as a sentence.
    best_epoch : int
        The epoch whose parameters were kept; the last one where nothing was monitored, 0 for the start weights.
    metric_name : str or None
        What `metric` measures.
    divergence : Divergence or None
        The first number that was not finite.
    snapshots : dict of int to array (n_params,)
        theta at the end of the epochs that were asked for.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 1], seed=0)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> history = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=3).history
    >>> len(history), history.stopped, history["cost"].shape
    (3, 'epochs', (3,))
    """

    epochs: tuple[Epoch, ...]
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

    def __getitem__(self, name: str) -> Array:
        """Return one quantity over all epochs, (n_epochs,); NaN where it was not measured."""
        names = [f.name for f in fields(Epoch)] + ["objective"]
        if name not in names:
            raise ParameterError(f"history has no {name!r}. Choose from: {', '.join(names)}.")
        values = [getattr(record, name) for record in self.epochs]
        return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)

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
        """Return the history that `to_dict` described."""
        divergence = data["divergence"]
        return cls(
            tuple(Epoch(**record) for record in data["epochs"]),
            data["stopped"],
            data["stop_reason"],
            data["best_epoch"],
            data["metric_name"],
            Divergence(**divergence) if divergence else None,
        )

    def extended(self, later: "History") -> "History":
        """Return this history followed by that of a later run on the same network."""
        if not self.epochs:
            return later
        n, seconds = len(self.epochs), self.epochs[-1].seconds
        moved = [
            Epoch(**{**asdict(record), "epoch": record.epoch + n, "seconds": record.seconds + seconds})
            for record in later.epochs
        ]
        return History(
            (*self.epochs, *moved),
            later.stopped,
            later.stop_reason,
            later.best_epoch + n,
            later.metric_name,
            replace(later.divergence, epoch=later.divergence.epoch + n) if later.divergence else None,
            {**self.snapshots, **{epoch + n: theta for epoch, theta in later.snapshots.items()}},
        )
