"""LOG-ODDS: a single sigmoid neuron read as logistic regression."""

from glassnet.explanation.parts.log_odds import LogOdds
from glassnet.explanation.words.lines import hanging
from glassnet.explanation.words.numbers import aligned, number

SHOWN = 24

LOCAL = "; near this row, as the scale is bent for outliers and a unit counts most near the median"


def log_odds_words(rows: tuple[LogOdds, ...], z: float) -> str:
    """Say what log-odds are, and what the table means."""
    return (
        f"z = {number(z)} is the log-odds, the odds p / (1 - p) are e^z. One unit more of a column, the others held "
        f"fixed, adds to z and multiplies the odds{LOCAL if any(row.is_local for row in rows) else ''}"
    )


def shown_log_odds(rows: tuple[LogOdds, ...]) -> tuple[LogOdds, ...]:
    """Return all rows where they are few, else the strongest."""
    return rows if len(rows) <= SHOWN else tuple(sorted(rows, key=lambda row: -abs(row.per_unit))[:SHOWN])


def log_odds_lines(rows: tuple[LogOdds, ...], z: float, bias: float | None, width: int) -> list[str]:
    """Return the section: one line per input, the strongest first where there are many."""
    lines = hanging("LOG-ODDS  ", log_odds_words(rows, z), width)
    shown = shown_log_odds(rows)
    columns = [
        ["input", *(row.input for row in shown)],
        ["per", *(row.unit for row in shown)],
        ["log-odds", *aligned(row.per_unit for row in shown)],
        ["odds", *(f"× {value}" for value in aligned(row.odds_ratio for row in shown))],
    ]
    widths = [max(map(len, column)) for column in columns]
    for cells in zip(*columns):
        lines.append("    " + "  ".join(cell.ljust(w) for cell, w in zip(cells, widths)))
    if len(rows) > len(shown):
        lines.append(f"    and {len(rows) - len(shown):,} more with less")
    if bias is not None:
        lines.append(f"    bias: log-odds {number(bias)} where every input is 0")
    return lines
