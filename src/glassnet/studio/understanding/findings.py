"""What the doctor finds: the rules of `glassnet.diagnose` on the rows of the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glassnet.diagnosis import finding as diagnosis
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.measured import precision_in_words
from glassnet.diagnosis.subject import Rows
from glassnet.drawing.small.plot import Plot
from glassnet.drawing.small.render import described
from glassnet.escaping import placeholders
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.records import Finding, FindingPlot, Findings, PlotSeries
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.typing import Array

MOST_ROWS = 500  # that are named


def findings(seen: Seen, options: Mapping[str, Any]) -> Findings:
    """Return the findings, with the numbers that rows have in the user's table."""
    model, (part, *others) = seen.subject.model, seen.parts
    new = others[0] if others else None
    if model is None:
        network, cost = seen.subject.network, seen.subject.cost
        subject = subject_of(network, seen.model.encoded(part.X), part.y, None, cost, None)
        subject = replace(subject, input_names=tuple(part.X.names))
    else:
        subject = subject_of(model, part.X, part.y, None if new is None else (new.X, new.y), None, None)
    rows, new_rows = _numbered(subject.rows, part), subject.new_rows
    if new_rows is not None and new is not None:
        new_rows = _numbered(new_rows, new)
    found = checked(replace(subject, rows=rows, new_rows=new_rows))
    return Findings(
        epoch=seen.epoch,
        findings=tuple(map(_card, found.findings)),
        words=found.to_text().partition("\n")[0].rstrip(".") + ".",
    )


def _card(found: diagnosis.Finding) -> Finding:
    where, evidence, meaning, after = map(placeholders, (found.where, found.evidence, found.meaning, found.next))
    trust = precision_in_words(found.precision)
    return Finding(
        rule=found.rule.replace("-", " "),
        level=found.level,
        where=where,
        evidence=evidence,
        meaning=meaning,
        next=after,
        trust=trust,
        n_rows=len(found.rows),
        rows=found.rows[:MOST_ROWS],
        plot=None if found.plot is None else _plot(found.plot),
    )


def _plot(plot: Plot) -> FindingPlot:
    return FindingPlot(
        kind=plot.kind,
        x=placeholders(plot.x),
        y=placeholders(plot.y),
        series=tuple(PlotSeries(placeholders(each.name), each.values) for each in plot.series),
        labels=tuple(map(placeholders, plot.labels)),
        at=plot.at,
        marked=plot.marked,
        threshold=None if plot.threshold is None else finite(plot.threshold),
        is_log=plot.is_log,
        words=placeholders(described(plot)),
    )


def _numbered(rows: Rows, part: Part) -> Rows:
    """Return the rows with their numbers in the table; of many, only some are looked at."""
    numbers: Array = part.rows if rows.numbers is None else part.rows[rows.numbers]
    return replace(rows, numbers=numbers)
