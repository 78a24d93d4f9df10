"""Blame: which columns, classes, neurons and rows the error comes from."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.records import ByLayer
from glassnet.escaping import placeholders
from glassnet.explanation.blame.result import Blame as Found
from glassnet.studio.understanding.options import one_of
from glassnet.studio.understanding.records import Blame, BlamedRow, BlameShare
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.studio.understanding.words import in_words, number, percent
from glassnet.wording import counted

MOST_ROWS = 2_000  # that are judged
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_NEURONS, SHOWN_CLASSES = 25, 20, 20, 20
OPTIONS = ("part",)


def blame(seen: Seen, options: Mapping[str, Any]) -> Blame:
    """Return the blame over a part; option ``part``: its name, by default the training rows."""
    part = seen.part(one_of(options, "part", [part.name for part in seen.parts]))
    some = part.sample(MOST_ROWS)
    found = seen.model.blame(some.X, some.y, seen.subject.cost)
    return Blame(
        epoch=seen.epoch,
        part=part.name,
        n_rows=len(part),
        n_judged=len(some),
        cost=found.cost,
        cost_name=found.cost_name.replace("_", " "),
        columns=tuple(_columns(found)),
        classes=tuple(_classes(found)),
        neurons=tuple(_neurons(found, seen.subject.names)),
        rows=tuple(_rows(found, some)),
        n_suspects=len(found.suspects),
        words=_words(found, part.words(len(some))),
    )


def _columns(found: Found) -> list[BlameShare]:
    return [
        BlameShare(
            name=placeholders(each.column),
            blame=each.blame,
            share=each.share,
            words=f"{percent(each.share)} of the gradients at the inputs, "
            f"through {counted(each.inputs, 'input')}; pull {number(each.pull)}",
        )
        for each in found.columns[:SHOWN_COLUMNS]
    ]


def _classes(found: Found) -> list[BlameShare]:
    made = []
    for each in found.classes[:SHOWN_CLASSES]:
        words = f"{percent(each.share)} of the cost; {each.wrong:,} of {counted(each.rows, 'row')} wrong"
        if each.taken_for is not None:
            words += f", most often taken for {in_words(each.taken_for)}"
        made.append(BlameShare(in_words(each.label), each.cost, each.share, words))
    return made


def _neurons(found: Found, names: ByLayer[tuple[str, ...]]) -> list[BlameShare]:
    """Return the most blamed hidden neurons of each layer, under their names on the page."""
    last = max(each.layer for each in found.neurons)
    hidden = [each for each in found.neurons if each.layer < last]
    kept = sorted(hidden, key=lambda each: (each.layer, -each.blame))
    most = max(1, SHOWN_NEURONS // max(1, last - 1))
    made = []
    for l in range(1, last):
        for each in [neuron for neuron in kept if neuron.layer == l][:most]:
            words = f"{percent(each.share)} of its layer; mean |a| {number(each.activity)}, mean |δ| "
            index = int(each.name.rpartition(".")[2]) - 1  # hidden2.7
            words += number(each.error_signal)
            made.append(BlameShare(placeholders(names[l][index]), each.blame, each.share, words, l, index))
    return made


def _rows(found: Found, some: Part) -> list[BlamedRow]:
    return [
        BlamedRow(
            row=int(some.rows[each.row]),
            target=in_words(each.target),
            predicted=in_words(each.predicted),
            probability=each.probability,
            blame=each.blame,
            is_suspect=each.is_suspect,
        )
        for each in found.rows[:SHOWN_ROWS]
    ]


def _words(found: Found, rows: str) -> str:
    words = f"The mean cost over {rows} is {number(found.cost)}."
    if found.columns:
        first = found.columns[0]
        words += f" The column with most blame is {placeholders(first.column)} ({percent(first.share)})."
    if found.classes and found.classes[0].wrong:
        worst = found.classes[0]
        words += f" The class with most blame is {in_words(worst.label)} ({percent(worst.share)})."
    total = sum(each.blame for each in found.rows)
    first_rows = found.rows[: max(1, len(found.rows) // 10)]
    if total > 0 and len(found.rows) >= 10:
        share = sum(each.blame for each in first_rows) / total
        words += f" A tenth of the rows makes {percent(share)} of the cost."
    return words
