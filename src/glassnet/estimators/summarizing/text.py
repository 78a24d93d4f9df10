"""The text of a summary."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.solvers import Solver
from glassnet.escaping import visible
from glassnet.estimators.fitting.estimate import in_words
from glassnet.estimators.summarizing.choices import Choice
from glassnet.estimators.summarizing.record import SummaryRecord
from glassnet.wording import counted

SHOWN_COLUMNS = 30
_WIDEST_CELL = 32


def as_text(summary: SummaryRecord, width: int) -> str:
    """Return the summary in lines of about `width` characters."""
    sections = [
        ("", _head(summary)),
        ("NETWORK", _wrapped(_network(summary), width)),
        ("TRAINING", _wrapped(_training(summary), width)),
        (f"CHOSEN BY THE PRESET {summary.preset!r}", _auto(summary, width)),
        ("SET", _wrapped([", ".join(_set(summary))], width)),
        ("COLUMNS", _columns(summary, width)),
        ("LEFT OUT", _left_out(summary, width)),
        ("NOTES", _wrapped(summary.notes, width)),
    ]
    blocks = [[title, *lines] if title else lines for title, lines in sections if lines]
    return "\n\n".join("\n".join(map(visible, block)) for block in blocks)


def _head(summary: SummaryRecord) -> list[str]:
    what = f"{len(summary.classes)} classes" if summary.task in ("binary", "multiclass") else summary.task
    rows = "" if summary.n_rows is None else f"; columns read from {summary.n_rows:,} rows"
    return [f"{summary.estimator} of {summary.target}: {what}{rows}"]


def _network(summary: SummaryRecord) -> list[str]:
    layers = [f"{size} {name}" for size, name in zip(summary.sizes[1:], summary.activations, strict=True)]
    many = "" if summary.n_networks == 1 else f"{summary.n_networks} such networks, "
    front = f"front: {summary.front}" if summary.front else ""
    inputs = counted(summary.sizes[0], "input")
    lines = [f"{inputs} -> {' -> '.join(layers)}", f"{many}{summary.n_parameters:,} parameters"]
    return [*lines, front]


def _training(summary: SummaryRecord) -> list[str]:
    epochs = counted(summary.n_epochs, "epoch")
    lines = [f"solver {summary.solver}, {epochs}, {in_words(summary.seconds)}; stopped: {summary.stop_reason}"]
    costs = [] if summary.cost is None else [f"cost {summary.cost:.4g}"]
    costs += [] if summary.validation_cost is None else [f"validation cost {summary.validation_cost:.4g}"]
    if costs:
        of = "" if summary.n_networks == 1 else "first network: "
        lines.append(f"{of}kept: epoch {summary.best_epoch}, with {', '.join(costs)}")
    if summary.scores:
        scores = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in summary.scores.items())
        lines.append(f"score: {scores} on {summary.scored_on}")
    else:
        lines.append("score: unknown, as no rows were held out; use score(X, y) with new rows")
    return lines


def _auto(summary: SummaryRecord, width: int) -> list[str]:
    """Return a line for each parameter, grouped by reason."""
    groups: dict[str, list[Choice]] = {}
    for choice in summary.choices:
        if choice.is_auto:
            groups.setdefault(choice.why, []).append(choice)
    rows = [
        (choice.parameter, _value(choice.value), why if choice is group[0] else '  "')
        for why, group in groups.items()
        for choice in group
    ]
    return _table(rows, width)


def _set(summary: SummaryRecord) -> list[str]:
    return [f"{choice.parameter}={_value(choice.value)}" for choice in summary.choices if not choice.is_auto]


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (Activation, Cost, Solver)):
        text = repr(value.spec) if value.is_builtin else f"your own {value.name!r}"
    else:
        text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 3]}..."


def _columns(summary: SummaryRecord, width: int) -> list[str]:
    rows = [
        (_value(column.name), column.kind, _percent(column.missing), str(len(column.inputs)), column.encoding)
        for column in summary.columns[:SHOWN_COLUMNS]
    ]
    left = len(summary.columns) - len(rows)
    lines = _table([("column", "kind", "missing", "inputs", "how"), *rows], width) if rows else []
    return [*lines, f"  and {left:,} more: see .columns"] if left else lines


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if share == 0 or share >= 0.01 else f"{100 * share:.1g}%"


def _left_out(summary: SummaryRecord, width: int) -> list[str]:
    shown = summary.left_out[:SHOWN_COLUMNS]
    lines = _table([(_value(item.name), item.reason, item.sentence) for item in shown], width)
    left = len(summary.left_out) - len(shown)
    return [*lines, f"  and {left:,} more: see .left_out"] if left else lines


def _wrapped(texts: Sequence[str], width: int) -> list[str]:
    return [line for text in texts for line in wrap(text, width, initial_indent="  ", subsequent_indent="    ")]


def _table(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return aligned lines; long last cells are wrapped."""
    return [line for row in rows for line in _row(row, [max(map(len, cells)) for cells in zip(*rows)], width)]


def _row(row: Sequence[str], widths: Sequence[int], width: int) -> Iterator[str]:
    head = "  " + "".join(f"{cell:<{wide}}  " for cell, wide in zip(row[:-1], widths, strict=False))
    room = max(width - len(head), 24)
    lines = wrap(row[-1], room, break_long_words=False) or [""]
    yield f"{head}{lines[0]}".rstrip()
    yield from (f"{' ' * len(head)}{line}" for line in lines[1:])
