"""A schema as an aligned table of plain text."""

from typing import TYPE_CHECKING

from glassnet.data.columns.column import Column
from glassnet.escaping import visible
from glassnet.wording import counted

if TYPE_CHECKING:
    from glassnet.data.columns.schema import Schema

_WIDEST_NAME = 32


def describe(schema: "Schema") -> str:
    """Return one line per column (target first), then the notices.

    Examples
    --------
    >>> from glassnet.data.columns.schema import infer_schema
    >>> from glassnet.data.table import table_from
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
    """Return name, kind, missing share and values of each column, the target first."""
    return [_cells(column, "  (target)") for column in schema.targets] + [_cells(column) for column in schema.columns]


def _cells(column: Column, mark: str = "") -> tuple[str, str, str, str]:
    name = column.name if len(column.name) <= _WIDEST_NAME else column.name[: _WIDEST_NAME - 3] + "..."
    return name, column.kind, _percent(column.missing), column.values() + mark


def _percent(share: float) -> str:
    """Return a share in percent; a few are never rounded to none."""
    return f"{100 * share:.0f}%" if share == 0 or share >= 0.01 else f"{100 * share:.1g}%"


def footer(schema: "Schema") -> str:
    """Return how many rows and inputs there are, and which texts mean that there is no value."""
    markers = ", ".join(marker or "''" for marker in schema.missing_markers)
    size = f"{counted(schema.n_rows, 'row')}, {counted(len(schema.columns), 'input column')}"
    return f"{size}. Missing: {markers or 'no markers'}"
