"""What the doctor finds: the rules of `glassnet.diagnose` on the rows of the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glassnet.diagnosis import finding as diagnosis
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.measured import precision_in_words
from glassnet.diagnosis.subject import Rows
from glassnet.escaping import placeholders
from glassnet.studio.understanding.records import Finding, Findings
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.typing import Array


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
    return Finding(found.rule.replace("-", " "), found.level, where, evidence, meaning, after, trust)


def _numbered(rows: Rows, part: Part) -> Rows:
    """Return the rows with their numbers in the table; of many, only some are looked at."""
    numbers: Array = part.rows if rows.numbers is None else part.rows[rows.numbers]
    return replace(rows, numbers=numbers)
