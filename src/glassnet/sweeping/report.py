"""The text of a sweep's result."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.sweeping.scores import words
from glassnet.sweeping.space import LAYERS, SIZES, WIDTH, Space
from glassnet.sweeping.trial import Trial
from glassnet.wording import counted

SHOWN = 10  # trials
MOST_IMPORTANT = 6  # choices


def as_text(
    trials: Sequence[Trial],
    best_first: Sequence[Trial],
    score: str,
    space: Space,
    importances: Mapping[str, float],
    *,
    sentences: Sequence[str],
) -> str:
    """Return the report: how many candidates, the best ones in a table, and what mattered."""
    lines = [" ".join([in_numbers(trials), *filter(None, sentences)]), ""]
    lines += _table(*best_table(best_first, score, space))
    if importances:
        lines += ["", what_mattered(importances)]
    return "\n".join(lines)


def in_numbers(trials: Sequence[Trial]) -> str:
    """Return how many candidates there were, as a sentence."""
    of = {state: sum(trial.state == state for trial in trials) for state in ("complete", "dropped", "failed")}
    parts = [f"{of['complete']} trained to the end", f"{of['dropped']} stopped early"]
    parts += [f"{of['failed']} failed"] if of["failed"] else []
    return f"{counted(len(trials), 'candidate')}: {', '.join(parts)}."


def what_mattered(importances: Mapping[str, float]) -> str:
    """Return the most important choices, as a sentence."""
    shown = [f"{name} {share:.0%}" for name, share in list(importances.items())[:MOST_IMPORTANT]]
    return f"What changed the score: {', '.join(shown)}."


def best_table(best_first: Sequence[Trial], score: str, space: Space) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of the table of the best candidates."""
    chosen = [SIZES if name == LAYERS else name for name in space.entries if name != WIDTH]
    shown = best_first[:SHOWN]
    others = [name for name in shown[0].scores if name != score] if shown else []
    header = ["candidate", words(score), *map(words, others), *chosen, "epochs"]
    rows = [
        [
            str(trial.number),
            _number(trial.score),
            *(_number(trial.scores.get(name)) for name in others),
            *(_short(trial.parameters.get(name)) for name in chosen),
            f"{trial.epochs:g}",
        ]
        for trial in shown
    ]
    return header, rows


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (header, *rows)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
