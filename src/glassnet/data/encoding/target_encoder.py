"""The `TargetEncoder`: converts classes or quantities to the network's targets `Y`, and outputs back."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.columns.task_inference import infer_task
from glassnet.data.encoding.class_labels import labels_of_type
from glassnet.data.encoding.target_values import (
    as_indicators,
    as_target,
    distinct_classes,
    finite_columns,
    refuse_columns,
    without_value,
)
from glassnet.data.records import TargetRecord, decoded
from glassnet.data.row_words import in_row
from glassnet.data.type_inference import refuse_surrogates
from glassnet.data.typed_values import plain, to_json
from glassnet.errors import DataError, ShapeError
from glassnet.typing import Array

ROWS_AT_A_TIME = 1 << 15  # labels become Python's objects by parts, as each takes many bytes


@dataclass(frozen=True, eq=False)
class TargetEncoder:
    """Encodes the target as Y.

    Two classes become one column of 0 and 1 (one sigmoid output), more classes one column each. Multiple labels are
    already columns of 0 and 1. Quantities are standardized: (y - mean) / scale.

    Parameters
    ----------
    task : {"binary", "multiclass", "multilabel", "regression"}
    classes : array of shape (n_classes,) or None
        Sorted, in the user's type; for multiple labels their indices, from 0.
    means, scales : array of shape (n_out,) or None
        For regression; the scale is the standard deviation, or 1 if that is 0.
    lows, highs : array of shape (n_out,) or None
        For regression: the range of the training values, to which predictions are clipped; None does not clip.
    threshold : float or tuple of float
        Predicts the second of two classes when its probability is at least `threshold`. For multiple labels, predicts
        a label when its probability is at least `threshold`, one number for all or one per label.
    n_dimensions : int
        1 if y has shape (n,), 2 if (n, n_targets); also the dimensions of the result of `inverse`.
    target_names : tuple of str

    Examples
    --------
    >>> encoder = TargetEncoder.fit(["Adelie", "Gentoo", "Adelie"])
    >>> encoder.transform(["Gentoo", "Adelie"]).tolist()
    [[1.0], [0.0]]
    >>> encoder.inverse(np.asarray([[0.9], [0.2]])).tolist()
    ['Gentoo', 'Adelie']
    >>> labels = TargetEncoder.fit([[1, 0], [1, 1]], "classification", names=("rain", "wind"))
    >>> labels.task, labels.names, labels.inverse(np.asarray([[0.2, 0.7]])).tolist()
    ('multilabel', ('rain', 'wind'), [[0, 1]])
    """

    task: str
    classes: Array | None = None
    means: Array | None = None
    scales: Array | None = None
    n_dimensions: int = 1
    target_names: tuple[str, ...] = ()
    lows: Array | None = None
    highs: Array | None = None
    threshold: float | tuple[float, ...] = 0.5

    @classmethod
    def fit(
        cls,
        y: Any,
        task: str | None = None,
        *,
        standardize: bool = True,
        clip: bool = False,
        names: tuple[str, ...] = (),
        rows: Array | None = None,
    ) -> "TargetEncoder":
        """Return an encoder fitted to the target of a training set.

        Parameters
        ----------
        y : array of shape (n_rows,) or, for regression and multiple labels, (n_rows, n_targets)
        task : {"classification", "binary", "multiclass", "regression"}, optional
            By default inferred by `glassnet.data.columns.task_inference.infer_task`.
        standardize : bool
            Whether to standardize quantities; otherwise Y is y.
        clip : bool
            Whether to clip predictions of quantities to the range of y.
        names : tuple of str
            Names of the targets.
        rows : array of shape (n_rows,), optional
            Row numbers in the user's table, for messages.
        """
        values = as_target(y)
        if values.ndim == 2 and task != "regression":
            found = "regression" if task is None else "multilabel"
        else:
            found = infer_task(values, task)[0]
        if found == "regression":
            return cls._of_quantities(values, standardize, clip, names, rows)
        return cls._of_classes(values, found, names, rows) if values.ndim == 1 else cls._of_labels(values, names, rows)

    @classmethod
    def _of_quantities(
        cls, values: Array, standardize: bool, clip: bool, names: tuple[str, ...], rows: Array | None
    ) -> "TargetEncoder":
        columns = finite_columns(values, rows)
        means, scales = np.zeros(columns.shape[1]), np.ones(columns.shape[1])
        if standardize:
            with np.errstate(over="ignore", invalid="ignore"):
                deviations = columns.std(axis=0)
                means, scales = columns.mean(axis=0), np.where(deviations > 0, deviations, 1.0)
            if not np.isfinite([means, scales]).all():
                raise DataError(
                    f"y has numbers as large as {np.abs(columns).max():.3g}, whose squares exceed the largest float "
                    f"(1.8e308); try dividing y, or its logarithm."
                )
        lows, highs = (columns.min(axis=0), columns.max(axis=0)) if clip else (None, None)
        return cls("regression", None, means, scales, values.ndim, names, lows, highs)

    @classmethod
    def _of_classes(cls, values: Array, task: str, names: tuple[str, ...], rows: Array | None) -> "TargetEncoder":
        gaps = without_value(values)
        if gaps.any():
            row = in_row(np.flatnonzero(gaps)[0], rows)
            raise DataError(f"y is missing {row}, but every row needs a class; try leaving such rows out.")
        classes = distinct_classes(values)
        refuse_surrogates("the class", [label for label in classes.tolist() if isinstance(label, str)])
        if len(classes) < 2:
            raise DataError(
                f"y has one class only ({plain(classes[0])!r}), but a classifier needs two to tell apart; "
                "try more rows or another target."
            )
        return cls("binary" if len(classes) == 2 else "multiclass", classes, n_dimensions=1, target_names=names)

    @classmethod
    def _of_labels(cls, values: Array, names: tuple[str, ...], rows: Array | None) -> "TargetEncoder":
        n_labels = as_indicators(values, rows).shape[1]
        if n_labels < 2:
            refuse_columns(values)
        return cls("multilabel", np.arange(n_labels), n_dimensions=2, target_names=names)

    @property
    def n_out(self) -> int:
        """Number of the network's outputs."""
        if self.classes is not None:
            return 1 if self.task == "binary" else len(self.classes)
        return len(self.means) if self.means is not None else 0

    @property
    def names(self) -> tuple[str, ...]:
        """Class labels as text, or the names of the targets or labels."""
        if self.classes is not None and self.task != "multilabel":
            return tuple(str(label) for label in self.classes.tolist())
        if len(self.target_names) == self.n_out:
            return self.target_names
        if self.task == "multilabel":
            return tuple(f"label{k}" for k in range(self.n_out))
        return ("y",) if self.n_out == 1 else tuple(f"y{k}" for k in range(self.n_out))

    @property
    def thresholds(self) -> Array:
        """The threshold of each output, (n_out,)."""
        return np.full(self.n_out, self.threshold, dtype=np.float64)

    def transform(self, y: Any, rows: Array | None = None) -> Array:
        """Return Y, shape (n_rows, n_out), float64; raise a DataError for a class unknown from training.

        `rows` are row numbers in the user's table, for messages.
        """
        values = as_target(y)
        if self.classes is None:
            columns = finite_columns(values, rows)
            if columns.shape[1] != self.n_out:
                raise ShapeError(
                    f"y has {columns.shape[1]} columns, but {self.n_out} were fitted; try the same targets."
                )
            return (columns - self.means) / self.scales
        if self.task == "multilabel":
            return self._checked_labels(values, rows)
        if values.ndim == 2:
            refuse_columns(values)
        codes = self._codes(values, rows)
        if self.task == "binary":
            return codes[:, None].astype(np.float64)
        return (codes[:, None] == np.arange(len(self.classes))).astype(np.float64)

    def inverse(self, A: Array, rows: Array | None = None) -> Array:
        """Return classes, labels or values in the shape of y; `rows` are row numbers for messages.

        Predicts the second of two classes, and each of multiple labels, when its output is at least `threshold`; of
        more classes, the one with the largest output.
        """
        A = np.asarray(A, dtype=np.float64)
        if A.ndim != 2 or A.shape[1] != self.n_out:
            raise ShapeError(f"the outputs have shape {A.shape}, but (n_rows, {self.n_out}) was expected.")
        if self.classes is None:
            values = self.unclipped(A)
            refuse_odd_outputs(values, rows)
            if self.lows is not None:
                values = np.clip(values, self.lows, self.highs)
            return values[:, 0] if self.n_dimensions == 1 else values
        if self.task == "multilabel":
            return (self.thresholds <= A).astype(np.int64)  # (n_rows, n_labels)
        winners = (A[:, 0] >= self.thresholds).astype(np.int64) if self.task == "binary" else np.argmax(A, axis=1)
        return self.classes[winners]

    def unclipped(self, A: Array) -> Array:
        """Return the quantities (n_rows, n_out) of the outputs without clipping."""
        with np.errstate(over="ignore", invalid="ignore"):
            return A * self.scales + self.means

    def widened(self, y: Any) -> "TargetEncoder":
        """Return the encoder with its range extended to these values.

        >>> encoder = TargetEncoder.fit([0.0, 2.0], "regression", clip=True)
        >>> encoder.widened([5.0]).inverse(np.asarray([[9.0]])).tolist()
        [5.0]
        """
        if self.lows is None or self.highs is None:
            return self
        columns = finite_columns(as_target(y))
        lows, highs = np.minimum(self.lows, columns.min(axis=0)), np.maximum(self.highs, columns.max(axis=0))
        return replace(self, lows=lows, highs=highs)

    def to_dict(self) -> dict[str, Any]:
        """Return the encoder as strict JSON; class labels keep their type."""
        return {
            "task": self.task,
            "classes": None if self.classes is None else [to_json(label) for label in self.classes.tolist()],
            "dtype": None if self.classes is None else self.classes.dtype.str,
            "means": None if self.means is None else self.means.tolist(),
            "scales": None if self.scales is None else self.scales.tolist(),
            "lows": None if self.lows is None else self.lows.tolist(),
            "highs": None if self.highs is None else self.highs.tolist(),
            "threshold": list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold,
            "n_dimensions": self.n_dimensions,
            "target_names": list(self.target_names),
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "TargetEncoder":
        """Return the encoder from the data of `to_dict`."""
        return cls.from_record(decoded(record, TargetRecord))

    @classmethod
    def from_record(cls, record: TargetRecord) -> "TargetEncoder":
        """Return the encoder from a file's record."""
        numbers = (record.means, record.scales, record.lows, record.highs)
        means, scales, lows, highs = (None if each is None else np.asarray(each, np.float64) for each in numbers)
        names, threshold = tuple(record.target_names), record.threshold
        classes = None if record.classes is None else labels_of_type(record.classes, str(record.dtype))
        chosen = tuple(threshold) if isinstance(threshold, list) else threshold
        return cls(record.task, classes, means, scales, record.n_dimensions, names, lows, highs, chosen)

    def _checked_labels(self, values: Array, rows: Array | None) -> Array:
        indicators = as_indicators(values, rows)
        if indicators.shape[1] != self.n_out:
            raise ShapeError(
                f"y has {indicators.shape[1]} columns, but {self.n_out} labels were fitted; try one column for each."
            )
        return indicators

    def _codes(self, values: Array, rows: Array | None) -> Array:
        """Return the place of each value among the classes."""
        classes = np.empty(0) if self.classes is None else self.classes
        labels = classes.tolist()
        position = {label: k for k, label in enumerate(labels)}
        codes = np.empty(len(values), dtype=np.int64)
        order = np.argsort(classes) if classes.dtype.kind in "iub" and classes.dtype == values.dtype else None
        for start in range(0, len(values), ROWS_AT_A_TIME):
            some = values[start : start + ROWS_AT_A_TIME]
            if order is None:
                found = np.asarray([position.get(value, -1) for value in some.tolist()], np.int64)
            else:  # whole numbers, which are compared as such
                places = np.searchsorted(classes, some, sorter=order)
                found = order[np.minimum(places, len(labels) - 1)]
                found[classes[found] != some] = -1
            if found.min(initial=0) < 0:
                i = start + int(np.argmin(found))
                known = ", ".join(map(repr, labels[:8]))
                raise DataError(
                    f"y has the class {values[i : i + 1].tolist()[0]!r} {in_row(i, rows)}, which training did not "
                    f"have; it had {known}. Try leaving the row out, or training with such rows."
                )
            codes[start : start + ROWS_AT_A_TIME] = found
        return codes


def refuse_odd_outputs(A: Array, rows: Array | None = None) -> None:
    """Raise a DataError if an output (n_rows, n_out) is not finite; `rows` are row numbers in the user's table.

    >>> refuse_odd_outputs(np.asarray([[0.5], [np.nan]]))
    Traceback (most recent call last):
    ...
    glassnet.errors.DataError: row 1 (counted from 0) has no prediction: ...
    """
    if np.isfinite(A).all():
        return
    position = int(np.argwhere(~np.isfinite(A))[0][0])
    row = position if rows is None else int(rows[position])
    raise DataError(
        f"row {row} (counted from 0) has no prediction: its numbers overflow in this network; try a row like the "
        f"training rows, or fit again with a smaller learning_rate_init if the training diverged."
    )
