"""A model's predictions over a plane of two features."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.reading.tabular import table_from
from glassnet.data.suggestions import suggestion
from glassnet.data.table import Table
from glassnet.drawing.figures.plane import axis_of, plane_of
from glassnet.errors import ColumnError, DataError, ParameterError
from glassnet.estimators.inputs import is_frame
from glassnet.typing import Array

SIDE = 120  # points along each feature


@dataclass(frozen=True, eq=False)
class Regions:
    """The predictions on a grid, and the rows.

    Attributes
    ----------
    features : (str, str)
        Of the horizontal and the vertical axis.
    x, y : arrays of shape (SIDE,)
        Grid values.
    classes : tuple
    predicted : array of shape (SIDE, SIDE)
        Position in `classes` at ``[row of y, column of x]``.
    certainty : array of shape (SIDE, SIDE)
        Probability of the predicted class.
    rows : array of shape (n_rows, 2)
        The two features of the given rows.
    labels : tuple or None
        The true classes of the rows.
    held : dict of str to value
        Constant values of the other features.
    """

    features: tuple[str, str]
    x: Array
    y: Array
    classes: tuple[Any, ...]
    predicted: Array
    certainty: Array
    rows: Array
    labels: tuple[Any, ...] | None
    held: dict[str, Any]


def regions_of(model: Any, X: Any, labels: Any, features: tuple[str, str] | None) -> Regions:
    """Return a classifier's predictions over the plane of two features of X."""
    table = _table(model, X)
    first, second = _two(table, features)
    rows = np.column_stack([table[first], table[second]])  # (n_rows, 2)
    if rows.dtype.kind != "f" or not np.isfinite(rows).any(axis=0).all():
        raise DataError(f"{first!r} and {second!r} must both be numeric; name others with features=.")
    plane = plane_of(model.predict_proba, table, (axis_of(table, first, SIDE), axis_of(table, second, SIDE)))
    return Regions(
        features=(first, second),
        x=plane.x.values,
        y=plane.y.values,
        classes=tuple(model.classes_.tolist()),
        predicted=plane.outputs.argmax(axis=2),
        certainty=plane.outputs.max(axis=2),
        rows=rows,
        labels=None if labels is None else tuple(np.asarray(labels).ravel().tolist()),
        held=plane.held,
    )


def _table(model: Any, X: Any) -> Table:
    if isinstance(X, Table):
        return X
    names = None if is_frame(X) else getattr(model, "feature_names_in_", None)
    return table_from(X, names=None if names is None else [str(name) for name in names])


def _two(table: Table, features: Any) -> tuple[str, str]:
    if features is None:
        if len(table.names) != 2:
            raise ParameterError(
                f"a plane has two features, but X has {len(table.names)}; name two of them: "
                f"features={table.names[:2]!r}."
            )
        return table.names[0], table.names[1]
    if isinstance(features, str) or len(features) != 2 or features[0] == features[1]:
        raise ParameterError(f"features={features!r} are not two columns; name two, such as {table.names[:2]!r}.")
    for name in features:
        if name not in table.names:
            raise ColumnError(f"there is no column {name!r}; {suggestion(str(name), table.names)}")
    return features[0], features[1]
