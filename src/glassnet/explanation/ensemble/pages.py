"""An ensemble's explanation as text, and as a page for Markdown, LaTeX and HTML."""

from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Number
from glassnet.escaping import visible
from glassnet.explanation.formats.calculations import equation
from glassnet.explanation.formats.page.document import Block, Document, Equations, Heading, Prose, grid, shown
from glassnet.explanation.formats.page.render import cost_blocks, inputs_blocks
from glassnet.explanation.formats.selection import check_folding
from glassnet.explanation.formats.sentences import network_words, target_words
from glassnet.explanation.formats.text.render import cost_lines, inputs_lines
from glassnet.explanation.record import EnsembleRecord
from glassnet.explanation.subject.prediction import Prediction
from glassnet.explanation.words.letters import total
from glassnet.explanation.words.lines import hanging, paragraph, summed
from glassnet.explanation.words.numbers import number

SHOWN_NETWORKS, MOST_OUTPUTS = 24, 6


def as_text(explanation: EnsembleRecord, *, width: int, terms: int, neurons: int) -> str:
    """Return the explanation in lines of about `width` columns."""
    check_folding(width=width, terms=terms, neurons=neurons)
    lines = [*_head(explanation, width), "", *inputs_lines(explanation.inputs, width)]
    lines += ["", *_networks(explanation, width, neurons), "", *_mean(explanation, width, terms, neurons)]
    if explanation.cost is not None:
        lines += ["", *cost_lines(explanation.cost, width, neurons)]
    for note in (*explanation.notes, HOW):
        lines += ["", *paragraph(note, width)]
    return "\n".join(visible(line.rstrip()) for line in lines)


HOW = "Each network has its own arithmetic: member(0) of this explanation shows the first, --member 0 in a shell."


def _head(explanation: EnsembleRecord, width: int) -> list[str]:
    lines = paragraph(_what(explanation), width)
    for i, words in enumerate(explanation.prediction.words):
        lines += hanging("Prediction: " if i == 0 else " " * 12, words, width)
    target = target_words(explanation)
    return lines + (["No target given: forward only."] if target is None else hanging("Target:     ", target, width))


def _what(explanation: EnsembleRecord) -> str:
    n = len(explanation.members)
    return f"Mean of {n} networks {network_words(explanation.members[0].network)} each"


def shown_outputs(explanation: EnsembleRecord, most: int) -> list[int]:
    """Return the shown outputs, those with the largest means, in order."""
    ranked = sorted(range(len(explanation.names)), key=lambda j: -abs(float(explanation.mean[j])))
    return sorted(ranked[:most])


def _rows(explanation: EnsembleRecord, outputs: list[int]) -> list[tuple[str, ...]]:
    """Return a row per network: number, outputs, prediction, and the cost if there is a target."""
    networks = [(f"network {k}", explanation.outputs[k], member.prediction, member.cost)
                for k, member in enumerate(explanation.members[:SHOWN_NETWORKS])]  # fmt: skip
    return [
        (
            name,
            *(number(float(a[j])) for j in outputs),
            _answer(prediction),
            *(() if cost is None else (number(cost.total),)),
        )
        for name, a, prediction, cost in [
            *networks,
            ("mean", explanation.mean, explanation.prediction, explanation.cost),
        ]
    ]


def _answer(prediction: Prediction) -> str:
    """Return the class, the labels, or the quantities in the user's units."""
    if prediction.values is not None:
        return ", ".join(map(number, list(prediction.values.values())[:3]))
    label = prediction.label
    return (", ".join(label) or "none") if isinstance(label, tuple) else str(label)


def _heads(explanation: EnsembleRecord, outputs: list[int]) -> tuple[str, ...]:
    cost = () if explanation.cost is None else ("cost",)
    return ("", *(explanation.names[j] for j in outputs), "answer", *cost)


def _left(explanation: EnsembleRecord, outputs: list[int]) -> list[str]:
    """Return the numbers of omitted networks and outputs in words."""
    networks, others = len(explanation.members) - SHOWN_NETWORKS, len(explanation.names) - len(outputs)
    words = [f"{networks:,} more networks" if networks > 0 else "", f"{others:,} more outputs" if others else ""]
    left = " and ".join(word for word in words if word)
    return [f"and {left}"] if left else []


def _networks(explanation: EnsembleRecord, width: int, neurons: int) -> list[str]:
    for most in range(min(neurons, MOST_OUTPUTS), 0, -1):
        outputs = shown_outputs(explanation, most)
        lines = _aligned([_heads(explanation, outputs), *_rows(explanation, outputs)])
        if len(lines[0]) <= width:
            break
    return ["NETWORKS  outputs of each", *lines, *(f"  {words}" for words in _left(explanation, outputs))]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _summands(explanation: EnsembleRecord, j: int, terms: int) -> list[float]:
    """Return the terms of one mean; the last one sums the omitted terms."""
    values: list[float] = explanation.outputs[:, j].tolist()
    return values[:terms] + ([sum(values[terms:])] if len(values) > terms else [])


def _mean(explanation: EnsembleRecord, width: int, terms: int, neurons: int) -> list[str]:
    outputs, n = shown_outputs(explanation, min(neurons, MOST_OUTPUTS)), len(explanation.members)
    wide = max(len(explanation.names[j]) for j in outputs)
    lines = [f"MEAN  a = (a of network 0 + a of network 1 + ...) / {n}"]
    for j in outputs:
        *shown, last = map(number, _summands(explanation, j, terms))
        head = f"    {explanation.names[j].ljust(wide)}  a = ("
        lines += summed(head, [*shown, f"{last}) / {n}"], number(float(explanation.mean[j])), width)
    if n > terms:
        lines += paragraph(f"the last number of a sum is that of its {n - terms} other networks", width, 4)
    return lines


def page(explanation: EnsembleRecord, *, terms: int, neurons: int) -> Document:
    """Return the whole explanation as a page."""
    check_folding(terms=terms, neurons=neurons)
    outputs, n = shown_outputs(explanation, min(neurons, MOST_OUTPUTS)), len(explanation.members)
    head = [("Networks", _what(explanation))]
    head += [("Prediction" if i == 0 else "", words) for i, words in enumerate(explanation.prediction.words)]
    head.append(("Target", target_words(explanation) or "none given: forward only"))
    blocks: list[Block] = [grid(("", ""), head, (0, 1)), *inputs_blocks(explanation.inputs)]
    blocks += [Heading("Networks"), grid(_heads(explanation, outputs), _rows(explanation, outputs))]
    blocks += [Prose(words) for words in _left(explanation, outputs)]
    means = []
    for j in outputs:
        mean = total([Value(value) for value in _summands(explanation, j, terms)]) / Number(n)
        means.append(equation(explanation.names[j], "a", mean, float(explanation.mean[j])))
    blocks += [Heading("Mean", kind="output"), Equations(tuple(means))]
    if n > terms:
        blocks.append(Prose(f"The last number of a sum is that of its {n - terms} other networks."))
    blocks += cost_blocks(explanation.cost, neurons, " of the mean")
    notes = [*explanation.notes, HOW]
    document: Document = shown(Document("The arithmetic of one row", (*blocks, Heading("Notes"), *map(Prose, notes))))
    return document
