"""LOG-ODDS: a single sigmoid neuron as logistic regression."""

from glassnet.explanation.formats.selection import shown_log_odds
from glassnet.explanation.formats.sentences import log_odds_words
from glassnet.explanation.parts.log_odds import LogOdds
from glassnet.explanation.words.lines import hanging
from glassnet.explanation.words.numbers import aligned, number


def log_odds_lines(rows: tuple[LogOdds, ...], z: float, bias: float | None, width: int) -> list[str]:
    """Return the section: one line per input, sorted by strength if there are many."""
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
