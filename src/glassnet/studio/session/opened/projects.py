"""What is open: a table, a model, or a network of a textbook."""

from dataclasses import dataclass, field, replace
from typing import Any

from glassnet.core.network import Network
from glassnet.data.boolean import TruthTable
from glassnet.data.columns.labels import labeled_rows
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.suggestions import listed
from glassnet.data.table import Table
from glassnet.errors import ColumnError, DataError, GlassnetError, ParameterError
from glassnet.typing import Array

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

    def choosing(self, target: str, columns: tuple[str, ...] | None) -> "TableProject":
        """Return the project with another target and other columns."""
        schema = _schema(self.table, target, columns)
        is_usual = (target, columns) == (self.target, self.columns)
        usual = self.usual if is_usual else {}
        return replace(self, target=target, columns=columns, schema=schema, usual=usual)

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


Project = TableProject | NetworkProject


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
    for name in candidates:
        try:
            schema = _schema(table, name, None)
        except GlassnetError:
            if target is not None:
                raise
            continue
        return TableProject(title, origin, table, notices, name, None, schema, usual or {}, truth_table)
    return TableProject(title, origin, table, notices, None, None, infer_schema(table), usual or {}, truth_table)


def _guesses(table: Table) -> list[str]:
    """Return columns that may be the target: those with a usual name, then the last and the first."""
    named = [name for name in table.names if name.lower() in TARGETS]
    return list(dict.fromkeys([*named, table.names[-1], table.names[0]]))


def _schema(table: Table, target: str, columns: tuple[str, ...] | None) -> Schema:
    if columns is None:
        return infer_schema(table, target=target)
    if not columns:
        raise ParameterError("no column is chosen as an input; choose at least one.")
    if target in columns:
        raise ParameterError(f"{target!r} is the target and cannot be an input as well; leave it out of the columns.")
    for name in columns:
        if name not in table:
            raise ColumnError(f"there is no column {name!r}; the columns are {listed(table.names[:12])}.")
    drop = [name for name in table.names if name != target and name not in columns]
    return infer_schema(table, target=target, keep=columns, drop=drop)
