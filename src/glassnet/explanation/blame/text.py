"""Blame as tables for a terminal."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from glassnet.escaping import visible
from glassnet.explanation.blame.records import BlameRecord
from glassnet.explanation.words.lines import paragraph
from glassnet.explanation.words.numbers import aligned, number

WIDTH = 88
IN_SAMPLE = (
    "The network may have been trained on these rows and memorized their mistakes. For networks that were not trained "
    "on a row: gn.blame(model, X, y, out_of_fold=gn.out_of_fold(model, X, y))."
)


def blame_text(blame: BlameRecord, shown: int) -> str:
    """Return the first `shown` lines of each table."""
    lines = [f"Blame over {blame.n_rows:,} rows: mean cost {number(blame.cost)} ({blame.cost_name})"]
    lines += ["", "NEURONS  blame = sum of the absolute gradients of a neuron's outgoing weights, as a mean over rows"]
    for layer in dict.fromkeys(neuron.layer for neuron in blame.neurons):
        lines += [f"  layer {layer}"]
        lines += _lines([each for each in blame.neurons if each.layer == layer], shown, skip=("layer",), indent=4)
    lines += ["", "COLUMNS  pull = effect of a small change of its inputs on the cost"]
    lines += _lines(blame.columns, shown)
    if blame.classes:
        lines += ["", "CLASSES  share of the total cost", *_lines(blame.classes, shown)]
    n_suspect = len(blame.suspects)
    how = "by networks that were not trained on them" if blame.is_out_of_fold else "by this network"
    lines += ["", f"ROWS  judged {how}; {n_suspect:,} of {blame.n_rows:,} look like mistakes"]
    lines += _lines(blame.rows, shown)
    if not blame.is_out_of_fold:
        lines += ["", *paragraph(IN_SAMPLE, WIDTH, 2)]
    return "\n".join(visible(line.rstrip()) for line in lines)


def cells_of(record: Any) -> dict[str, str]:
    """Return a record's fields as texts; the first one is its name."""
    names = [field.name for field in fields(record)]
    if names[0] == "layer":
        names = [names[1], names[0], *names[2:]]
    cells = {name: cell(name, getattr(record, name)) for name in names}
    return {"name": cells.pop(names[0]), **cells}


def cell(name: str, value: Any) -> str:
    """Return one value as text."""
    if isinstance(value, bool):
        return "yes" if value and name == "is_suspect" else "" if name == "is_suspect" else str(value)
    if name == "share":
        return f"{100 * value:.1f} %"
    if value is None:
        return "-"
    return number(value) if isinstance(value, float) else str(value)


def _lines(records: Sequence[Any], shown: int, skip: tuple[str, ...] = (), indent: int = 2) -> list[str]:
    """Return one line per record, in columns, with numbers aligned at their decimal points."""
    if not records:
        return []
    first = records[:shown]
    columns = []
    for field in fields(first[0]):
        if field.name in skip:
            continue
        values = [getattr(record, field.name) for record in first]
        is_float = field.name != "share" and all(isinstance(value, float) for value in values)
        texts = aligned(values) if is_float else [cell(field.name, value) for value in values]
        head = {"is_suspect": "suspect"}.get(field.name, field.name.replace("_", " "))
        width = max(len(head), *map(len, texts))
        flush = str.rjust if field.name in ("share", "rows", "wrong", "row", "inputs") else str.ljust
        columns.append([flush(text, width) for text in (head, *texts)])
    lines = [" " * indent + "  ".join(cells) for cells in zip(*columns)]
    left = len(records) - len(first)
    return [*lines, f"{' ' * indent}and {left:,} more"] if left else lines
