"""What is open: a table, a model, or a network of a textbook."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from glassnet.core.network import Network
from glassnet.data.boolean import TruthTable
from glassnet.data.columns.column import Column
from glassnet.data.columns.labels import labeled_rows, target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.suggestions import listed
from glassnet.data.table import Table
from glassnet.errors import ColumnError, DataError, GlassnetError, ParameterError
from glassnet.typing import Array

Task: TypeAlias = Literal["classification", "regression"]

TARGETS = ("target", "label", "class", "species", "outcome", "y")
"""Names of columns that are guessed to be the target, in any case."""


@dataclass(frozen=True)
class Origin:
    """Where a project comes from, to write it into a program.

    Attributes
    ----------
    kind : {"file", "example", "table", "model"}
    name : str
        The name of the file or the example.
    expression : str
        Of the Boolean example.
    """

    kind: str
    name: str
    expression: str = ""


@dataclass(frozen=True, eq=False)
class TableProject:
    """A table, with or without a target.

    Attributes
    ----------
    title : str
    origin : Origin
    table : Table
    notices : tuple of str
        About the reading of the table.
    target : str or None
    columns : tuple of str or None
        The chosen inputs; None leaves them to the schema.
    task : {"classification", "regression"} or None
        The chosen one; None leaves it to the target.
    schema : Schema
        With the target, if there is one.
    usual : dict
        Fields of `Setup` that suit this example.
    truth_table : TruthTable or None
        Of a Boolean function.
    """

    title: str
    origin: Origin
    table: Table
    notices: tuple[str, ...]
    target: str | None
    columns: tuple[str, ...] | None
    schema: Schema
    usual: dict[str, Any] = field(default_factory=dict)
    truth_table: TruthTable | None = None
    task: Task | None = None

    def choosing(self, target: str, columns: tuple[str, ...] | None, task: Task | None = None) -> "TableProject":
        """Return the project with another target, other columns and another task."""
        schema = _schema(self.table, target, columns, task)
        is_usual = (target, columns) == (self.target, self.columns)
        usual = self.usual if is_usual else {}
        return replace(self, target=target, columns=columns, task=task, schema=schema, usual=usual)

    @property
    def has_whole_target(self) -> bool:
        """Whether the target has whole numbers, which may be classes or a quantity."""
        values = None if self.target is None else self.table[self.target]
        if values is None or values.dtype.kind != "f" or self.truth_table is not None:
            return False
        present = values[np.isfinite(values)]
        return len(present) > 0 and bool(np.all(present == np.round(present)))

    @property
    def labeled(self) -> Table:
        """The rows that have a target."""
        return labeled_rows(self.table, self.target)


@dataclass(frozen=True, eq=False)
class NetworkProject:
    """A network with given weights and a few rows.

    Attributes
    ----------
    title : str
    origin : Origin
    network : Network
    X, Y : arrays
    inputs, outputs : tuples of str
    settings : dict
        Of its training: arguments of `glassnet.train`.
    """

    title: str
    origin: Origin
    network: Network
    X: Array
    Y: Array
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: dict[str, Any]


@dataclass(frozen=True, eq=False)
class ModelProject:
    """A fitted model of one network, with or without rows.

    Attributes
    ----------
    title : str
    origin : Origin
    model : GlassClassifier or GlassRegressor
    table : Table
        Rows to look at: those of a table with the model's columns and target, or one typical row.
    target : array or None
        The target of the rows; None for the typical row.
    notices : tuple of str
    source : TableProject or None
        Where the rows come from.
    """

    title: str
    origin: Origin
    model: Any
    table: Table
    target: Array | None
    notices: tuple[str, ...] = ()
    source: "TableProject | None" = None

    def to_table(self) -> "TableProject":
        """Return the project of the table, on which a new network can be built.

        Raises
        ------
        ParameterError
            If there is none.
        """
        if self.source is None:
            raise ParameterError(
                f"{self.title} is a model without its table, so no network can be trained; open the table first, or "
                f"instead."
            )
        return self.source


Project = TableProject | NetworkProject | ModelProject


def model_project(title: str, origin: Origin, model: Any, beside: Project | None = None) -> ModelProject:
    """Return the project of a fitted model; rows come from the project `beside`, if its table fits the model.

    Raises
    ------
    GlassnetError
        If the model has no named columns.
    """
    notices = []
    n_networks = len(model.members_)
    if n_networks > 1:
        model = model.member(0)
        notices.append(f"The model is the mean of {n_networks} networks; this is the first.")
    if model.schema_ is None:
        raise DataError(f"{title} was trained on a sparse matrix, which has no columns to show; open another model.")
    source = beside.source if isinstance(beside, ModelProject) else beside
    if isinstance(source, TableProject):
        found = _rows_for(model, source)
        if found is not None:
            target, table, y = found
            chosen = replace(source, target=target, schema=infer_schema(source.table, target=target))
            return ModelProject(title, origin, model, table, y, tuple(notices), chosen)
        notices.append(f"{source.title} does not have the columns of this model, so only a typical row is shown.")
    notices.append("A model file holds no rows: what is shown is a typical row. Open its table first to see all.")
    return ModelProject(title, origin, model, _typical(model), None, tuple(notices))


def _rows_for(model: Any, source: TableProject) -> tuple[str, Table, Array] | None:
    """Return target, inputs and target values of a table for a model, or None if it does not fit."""
    target = getattr(model, "target_name_", None) or source.target
    if not isinstance(target, str) or target not in source.table:
        return None
    try:
        task = "regression" if model.target_encoder_.classes is None else "classification"
        rows = labeled_rows(source.table, target)
        y = target_values(rows, infer_schema(rows, target=target, task=task))
        model.target_encoder_.transform(y)
        return target, check_columns(rows, model.schema_), y
    except GlassnetError:
        return None


def _typical(model: Any) -> Table:
    """Return one row: medians of numbers, and the first level of categories."""
    centers = {step.name: step.scale.center for step in model.encoder_.steps if hasattr(step, "scale")}
    return Table(
        model.schema_.names, tuple(_typical_value(column, centers.get(column.name)) for column in model.schema_.columns)
    )


def _typical_value(column: Column, center: float | None) -> Array:
    if column.kind == "numeric":
        least, most = float(column.minimum or 0.0), float(column.maximum or 0.0)
        inside = center is not None and least <= center <= most
        return np.asarray([center if inside else (least + most) / 2])
    if column.kind == "datetime":
        return np.asarray([column.minimum], dtype="datetime64[us]")
    value = np.empty(1, dtype=bool if column.kind == "boolean" else object)
    value[0] = column.levels[0] if column.levels else None
    return value


def table_project(
    title: str,
    origin: Origin,
    table: Table,
    notices: tuple[str, ...] = (),
    *,
    target: str | None = None,
    usual: dict[str, Any] | None = None,
    truth_table: TruthTable | None = None,
) -> TableProject:
    """Return the project of a table; without a target one is guessed, if a column can be one."""
    if table.n_rows == 0 or not table.names:
        raise DataError(f"{title} has no rows; open a table with one row per case, and a column to predict.")
    candidates = [target] if target is not None else _guesses(table)
    infinite = _infinite(table)
    notices = (*notices, *(f"column {name!r} has infinite values, so it is left out." for name in infinite))
    for name in candidates:
        try:
            schema = _schema(table, name, None, None)
        except GlassnetError:
            if target is not None:
                raise
            continue
        return TableProject(title, origin, table, notices, name, None, schema, usual or {}, truth_table)
    return TableProject(
        title, origin, table, notices, None, None, infer_schema(table, drop=infinite), usual or {}, truth_table
    )


def _guesses(table: Table) -> list[str]:
    """Return columns that may be the target: those with a usual name, then the last and the first."""
    named = [name for name in table.names if name.lower() in TARGETS]
    return list(dict.fromkeys([*named, table.names[-1], table.names[0]]))


def _infinite(table: Table) -> list[str]:
    """Return the columns with infinite numbers, which no network can take."""
    numbers = [name for name in table.names if table[name].dtype.kind == "f"]
    return [name for name in numbers if np.isinf(table[name]).any()]


def _schema(table: Table, target: str, columns: tuple[str, ...] | None, task: Task | None) -> Schema:
    if columns is None:
        drop = [name for name in _infinite(table) if name != target]
        return infer_schema(table, target=target, drop=drop, task=task)
    if not columns:
        raise ParameterError("no column is chosen as an input; choose at least one.")
    if target in columns:
        raise ParameterError(f"{target!r} is the target and cannot be an input as well; leave it out of the columns.")
    for name in columns:
        if name not in table:
            raise ColumnError(f"there is no column {name!r}; the columns are {listed(table.names[:12])}.")
    drop = [name for name in table.names if name != target and name not in columns]
    return infer_schema(table, target=target, keep=columns, drop=drop, task=task)
