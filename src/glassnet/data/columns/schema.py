"""The `Schema` of a table: its columns, its target, and the excluded columns with reasons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from glassnet.data.columns.column import Column
from glassnet.data.columns.column_exclusion import LeftOut
from glassnet.data.notation.column_reading import TEXT
from glassnet.data.records import ColumnRecord, SchemaRecord, decoded
from glassnet.data.suggestions import suggestion
from glassnet.errors import ColumnError
from glassnet.escaping import visible
from glassnet.wording import counted

__all__ = ["Column", "LeftOut", "Schema"]


@dataclass(frozen=True)
class Schema:
    """The structure of a model's table.

    Parameters
    ----------
    columns : tuple of Column
        The inputs, in order.
    target : Column, tuple of Column or None
        The target; several targets only for regression.
    task : {"binary", "multiclass", "regression"} or None
        None without a target.
    left_out : tuple of LeftOut
    missing_markers : tuple of str
        The texts that mean "no value".
    n_rows : int
        Number of rows with a target.
    notices : tuple of str
        Messages for the user about excluded columns, parsed text and the inferred task.
    is_array : bool
        Whether the table had no column names, so that new data are matched by position.
    doubts : tuple of str
        The notices about ambiguous values. They are not stored in files.
    """

    columns: tuple[Column, ...]
    target: Column | tuple[Column, ...] | None
    task: str | None
    left_out: tuple[LeftOut, ...]
    missing_markers: tuple[str, ...]
    n_rows: int
    notices: tuple[str, ...]
    is_array: bool = False
    doubts: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(column.name for column in self.columns)

    @property
    def targets(self) -> tuple[Column, ...]:
        """The target columns as a tuple, possibly empty."""
        if self.target is None:
            return ()
        return self.target if isinstance(self.target, tuple) else (self.target,)

    def __getitem__(self, name: str) -> Column:
        for column in (*self.columns, *self.targets):
            if column.name == name:
                return column
        raise ColumnError(f"the schema has no column {name!r}; {suggestion(name, self.names)}")

    def notations(self, names: Sequence[str]) -> list[str]:
        """Return the notation of each of these columns in training; "" if unknown.

        Columns of a table without names are matched by position.

        >>> from glassnet.data.columns.schema_inference import infer_schema
        >>> from glassnet.data.reading.tabular import table_from
        >>> schema = infer_schema(table_from({"mass": ["1,5", "2"], "sex": ["m", "f"]}))
        >>> schema.notations(["sex", "mass", "height"])
        ['text', '1.234,56', '']
        """
        known = {column.name: column.notation or _of_kind(column) for column in (*self.targets, *self.columns)}
        if self.is_array and not set(self.names) <= set(names):
            names = [f"x{k}" for k in range(len(names))]
        return [known.get(name, "") for name in names]

    def __repr__(self) -> str:
        """Return one line; `describe` shows every column."""
        kinds = Counter(column.kind for column in self.columns)
        parts = [f"Schema of {counted(len(self.columns), 'column')}"]
        parts[0] += f" ({', '.join(f'{n} {kind}' for kind, n in kinds.items())})" if kinds else ""
        if self.targets:
            more = f" and {len(self.targets) - 3} more" if len(self.targets) > 3 else ""
            parts.append(f"target {', '.join(repr(column.name) for column in self.targets[:3])}{more} ({self.task})")
        if self.left_out:
            parts.append(f"{len(self.left_out)} left out")
        return "; ".join([*parts, counted(self.n_rows, "row")])

    def describe(self) -> str:
        """Return the schema as an aligned table for a terminal."""
        return describe(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as a dict of strict JSON values that distinguishes 1, 1.0, True and "1"."""
        target = [column.to_dict() for column in self.targets]
        return {
            "columns": [column.to_dict() for column in self.columns],
            "target": target if isinstance(self.target, tuple) else (target[0] if target else None),
            "task": self.task,
            "left_out": [asdict(item) for item in self.left_out],
            "missing_markers": list(self.missing_markers),
            "n_rows": self.n_rows,
            "notices": list(self.notices),
            "is_array": self.is_array,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Schema":
        """Return the schema from the data of `to_dict`."""
        return cls.from_record(decoded(record, SchemaRecord))

    @classmethod
    def from_record(cls, record: SchemaRecord) -> "Schema":
        """Return the schema from a file's record."""
        target = record.target
        several = tuple(map(Column.from_record, target)) if isinstance(target, list) else None
        return cls(
            columns=tuple(map(Column.from_record, record.columns)),
            target=Column.from_record(target) if isinstance(target, ColumnRecord) else several,
            task=record.task,
            left_out=tuple(LeftOut(item.name, item.reason, item.sentence) for item in record.left_out),
            missing_markers=tuple(record.missing_markers),
            n_rows=record.n_rows,
            notices=tuple(record.notices),
            is_array=record.is_array,
        )


def _of_kind(column: Column) -> str:
    """Return the notation implied by a column's kind; text is not parsed, so that a batch "01" stays text."""
    return TEXT if column.kind == "categorical" and all(isinstance(level, str) for level in column.levels) else ""


_WIDEST_NAME = 32


def describe(schema: "Schema") -> str:
    """Return one line per column (target first), then the notices.

    Examples
    --------
    >>> from glassnet.data.columns.schema_inference import infer_schema
    >>> from glassnet.data.reading.tabular import table_from
    >>> table = table_from({"mass": [3750, 3800, "NA"], "species": ["Adelie", "Adelie", "Gentoo"]})
    >>> print(describe(infer_schema(table, target="species")))
    column   kind         missing  values
    species  categorical       0%  Adelie, Gentoo  (target)
    mass     numeric          33%  3750 to 3800
    <BLANKLINE>
    3 rows, 1 input column. Missing: '', NA, N/A, NaN, null, ?, -
    Note: target 'species' has 2 levels: classification.
    """
    rows = [("column", "kind", "missing", "values"), *(tuple(map(visible, row)) for row in column_rows(schema))]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    table = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip() for a, b, c, d in rows]
    lines = [*table, "", footer(schema), *(f"Note: {notice}" for notice in schema.notices)]
    return "\n".join(map(visible, lines))


def column_rows(schema: "Schema") -> list[tuple[str, str, str, str]]:
    """Return name, kind, missing share and values of each column, starting with the target."""
    return [_cells(column, "  (target)") for column in schema.targets] + [_cells(column) for column in schema.columns]


def _cells(column: Column, mark: str = "") -> tuple[str, str, str, str]:
    name = column.name if len(column.name) <= _WIDEST_NAME else column.name[: _WIDEST_NAME - 3] + "..."
    return name, column.kind, _percent(column.missing), column.values() + mark


def _percent(share: float) -> str:
    """Return a share in percent; positive shares are never shown as 0%."""
    return f"{100 * share:.0f}%" if share == 0 or share >= 0.01 else f"{100 * share:.1g}%"


def footer(schema: "Schema") -> str:
    """Return a line with the number of rows and inputs, and the missing markers."""
    markers = ", ".join(marker or "''" for marker in schema.missing_markers)
    size = f"{counted(schema.n_rows, 'row')}, {counted(len(schema.columns), 'input column')}"
    return f"{size}. Missing: {markers or 'no markers'}"
