"""A schema as an aligned table of plain text."""

from typing import TYPE_CHECKING

from glassnet.data.columns import Column

if TYPE_CHECKING:
    from glassnet.data.schema import Schema

_WIDEST_NAME = 32


def describe(schema: "Schema") -> str:
    """Return one line per column (target first), then the notices.

    Examples
    --------
    >>> from glassnet.data.schema import infer_schema
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
    lines = [_cells(column, "  (target)") for column in schema.targets] + [_cells(column) for column in schema.columns]
    rows = [("column", "kind", "missing", "values"), *lines]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    table = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip() for a, b, c, d in rows]
    return "\n".join([*table, "", _footer(schema), *(f"Note: {notice}" for notice in schema.notices)])


def _cells(column: Column, mark: str = "") -> tuple[str, str, str, str]:
    name = column.name if len(column.name) <= _WIDEST_NAME else column.name[: _WIDEST_NAME - 3] + "..."
    return name, column.kind, _percent(column.missing), column.values() + mark


def _percent(share: float) -> str:
    """Return a share in percent; a few are never rounded to none."""
    return f"{100 * share:.0f}%" if share == 0 or share >= 0.01 else f"{100 * share:.1g}%"


def _footer(schema: "Schema") -> str:
    plural = "" if len(schema.columns) == 1 else "s"
    markers = ", ".join(marker or "''" for marker in schema.missing_markers)
    return f"{schema.n_rows} rows, {len(schema.columns)} input column{plural}. Missing: {markers or 'no markers'}"
