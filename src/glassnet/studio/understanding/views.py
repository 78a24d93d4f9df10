"""`view`: any view of a trained network by its name, as plain data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import json

from glassnet.errors import ParameterError
from glassnet.escaping import placeholders
from glassnet.studio.subject import Subject
from glassnet.studio.understanding import surface as surfaces
from glassnet.studio.understanding.blame import OPTIONS as OF_BLAME
from glassnet.studio.understanding.blame import blame
from glassnet.studio.understanding.classes import calibration, confusion, ranking
from glassnet.studio.understanding.findings import findings
from glassnet.studio.understanding.landscape import OPTIONS as OF_LANDSCAPE
from glassnet.studio.understanding.landscape import landscape
from glassnet.studio.understanding.layers import neurons, weights
from glassnet.studio.understanding.learning import learning
from glassnet.studio.understanding.options import one_of, refuse_unknown
from glassnet.studio.understanding.records import ColumnChoice, Overview, PartSize, ViewCard, ViewData
from glassnet.studio.understanding.residuals import residuals
from glassnet.studio.understanding.seen import Seen, seen_of


@dataclass(frozen=True)
class Entry:
    """A view: its title, what it shows in one sentence, how it is made, its options, and why it may be unavailable.

    A view that is not listed is no panel; the picture of the network is colored by it.
    """

    title: str
    words: str
    make: Callable[[Seen, Mapping[str, Any]], ViewData]
    options: tuple[str, ...] = ()
    why_not: Callable[[Seen], str | None] = lambda seen: None
    is_listed: bool = True


def view(name: str, subject: Subject, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a view as plain data, a record of `glassnet.studio.understanding.records`.

    Raises
    ------
    ParameterError
        If there is no such view, it is unavailable for this model, or an option is wrong.
    """
    options, seen = options or {}, seen_of(subject)
    if name == "overview":
        refuse_unknown(name, options, ())
        return _plain(_overview(seen))
    entry = VIEWS[one_of({"view": name}, "view", (*VIEWS, "overview"))]
    refuse_unknown(name, options, entry.options)
    if (why := entry.why_not(seen)) is not None:
        raise ParameterError(f"the view {name!r} cannot be shown: {why}")
    return _plain(entry.make(seen, options))


def _plain(record: ViewData) -> dict[str, Any]:
    made: dict[str, Any] = json.decode(json.encode(record))
    return made


def _overview(seen: Seen) -> Overview:
    listed = [(name, entry) for name, entry in VIEWS.items() if entry.is_listed]
    cards = [ViewCard(name, entry.title, entry.words, entry.why_not(seen)) for name, entry in listed]
    return Overview(
        epoch=seen.epoch,
        views=tuple(cards),
        columns=tuple(ColumnChoice(name, placeholders(name)) for name in surfaces.spanning(seen)),
        outputs=tuple(map(placeholders, seen.model.output_names)),
        is_classes=seen.model.classes is not None,
        parts=tuple(PartSize(part.name, len(part)) for part in seen.parts),
    )


def _without_classes(seen: Seen) -> str | None:
    if seen.model.classes is not None:
        return None
    if seen.model.has_labels:
        return "its rows have several labels instead of one class; look at the blame."
    return "the model predicts quantities, not classes; look at the residuals."


def _without_quantities(seen: Seen) -> str | None:
    if seen.model.classes is None and not seen.model.has_labels:
        return None
    return "the model predicts classes, not quantities; look at the confusion."


def _without_plane(seen: Seen) -> str | None:
    if len(surfaces.spanning(seen)) > 1:
        return None
    return "it needs two columns of numbers or categories, and the model has fewer."


def _without_column(seen: Seen) -> str | None:
    return None if surfaces.spanning(seen) else "it needs a column of numbers or categories, and the model has none."


def _without_epochs(seen: Seen) -> str | None:
    return None if len(seen.subject.history) else "no epoch was trained yet; train first."


def _without_directions(seen: Seen) -> str | None:
    return None if seen.subject.network.n_params > 1 else "it needs two parameters, and the network has one."


VIEWS: dict[str, Entry] = {
    "surface": Entry(
        "Surface",
        "The decision surface: what the model answers over two columns, the others held.",
        surfaces.surface,
        surfaces.OPTIONS,
        _without_plane,
    ),
    "response": Entry(
        "Along a column",
        "What the model answers along one column, the others held.",
        surfaces.response,
        surfaces.OF_RESPONSE,
        _without_column,
    ),
    "landscape": Entry(
        "Landscape",
        "The cost landscape around the network, and the path by which it descended.",
        landscape,
        OF_LANDSCAPE,
        _without_directions,
    ),
    "learning": Entry(
        "Learning",
        "Cost and score per epoch, and the gap between training and validation rows.",
        learning,
        (),
        _without_epochs,
    ),
    "confusion": Entry(
        "Confusion",
        "Which classes are taken for which.",
        confusion,
        (),
        _without_classes,
    ),
    "calibration": Entry(
        "Calibration",
        "Whether 70% of the rows that are predicted with 70% come true.",
        calibration,
        ("output",),
        _without_classes,
    ),
    "ranking": Entry(
        "Ranking",
        "How well the probability of a class puts its rows before all others: ROC and precision-recall.",
        ranking,
        ("output",),
        _without_classes,
    ),
    "residuals": Entry(
        "Residuals",
        "Predicted against actual quantities, and how the errors are distributed.",
        residuals,
        ("output",),
        _without_quantities,
    ),
    "blame": Entry(
        "Blame",
        "Which columns, classes, neurons and rows the error comes from.",
        blame,
        OF_BLAME,
    ),
    "weights": Entry(
        "Weights",
        "How large the weights of each layer are, and how many are near zero.",
        weights,
    ),
    "neurons": Entry(
        "Neurons",
        "How often each neuron is silent, its mean blame, and how large its weights are.",
        neurons,
        is_listed=False,
    ),
    "findings": Entry(
        "Findings",
        "What rules find wrong with the network or its data, the evidence, and what to do next.",
        findings,
        (),
        _without_epochs,
    ),
}
