"""What the doctor finds: the rules of `glassnet.diagnose` on the rows of the page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glassnet.diagnosis import finding as diagnosis
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.formats.text import trust_in
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.live_doctor import LISTENING
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.rules import RULES
from glassnet.diagnosis.subject import Rows
from glassnet.drawing.small.plot import Plot
from glassnet.drawing.small.render import described
from glassnet.escaping import placeholders
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.records import Finding, FindingPlot, Findings, Fix, PlotSeries
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.typing import Array

MOST_ROWS = 500  # that are named
ROWS_MEANWHILE = 512  # that are looked at while training goes on
MEANWHILE = " They listen to the training; the other rules look at the network once it pauses."
MOST_FIXES = 4
HELD_OUT = 0.2
SAME: Mapping[str, str] = {
    "learning_rate_init": "learning rate", "solver": "solver", "max_iter": "epochs", "alpha": "penalty",
    "dropout": "dropout",
}  # fmt: skip
"""Parameters that are fields of a `Setup`, and the words of its controls."""


def findings(seen: Seen, options: Mapping[str, Any]) -> Findings:
    """Return the findings, with the numbers that rows have in the user's table.

    While training goes on, they are those of the rules that listen to it, on some of its rows.
    """
    model, (part, *others) = seen.subject.model, seen.parts
    new, rules, hint = others[0] if others else None, RULES, ""
    if seen.subject.is_training:
        part, new, rules, hint = part.sample(ROWS_MEANWHILE), None, LISTENING, MEANWHILE
    if model is None:
        network, cost = seen.subject.network, seen.subject.cost
        subject = subject_of(network, seen.model.encoded(part.X), part.y, None, cost, None)
        subject = replace(subject, input_names=tuple(part.X.names))
    else:
        subject = subject_of(model, part.X, part.y, None if new is None else (new.X, new.y), None, None)
    rows, new_rows = _numbered(subject.rows, part), subject.new_rows
    if new_rows is not None and new is not None:
        new_rows = _numbered(new_rows, new)
    found = checked(replace(subject, rows=rows, new_rows=new_rows), rules)
    return Findings(
        epoch=seen.epoch,
        findings=tuple(_card(each, seen) for each in found.findings),
        words=found.to_text().partition("\n")[0].rstrip(".") + f".{hint}",
    )


def _card(found: diagnosis.Finding, seen: Seen) -> Finding:
    where, evidence, meaning, after = map(placeholders, (found.where, found.evidence, found.meaning, found.next))
    return Finding(
        rule=found.rule.replace("-", " "),
        level=found.level,
        where=where,
        evidence=evidence,
        meaning=meaning,
        next=after,
        trust=placeholders(trust_in(found)),
        n_rows=len(found.rows),
        rows=found.rows[:MOST_ROWS],
        plot=None if found.plot is None else _plot(found.plot),
        fixes=_fixes(found, seen),
    )


def _fixes(found: diagnosis.Finding, seen: Seen) -> tuple[Fix, ...]:
    """Return the remedies of a finding that are changes of the setup."""
    model = seen.subject.model
    if model is None:
        return ()
    made = (fix_of(each, model.get_params(deep=False)) for each in found.remedies)
    return tuple(each for each in made if each is not None)[:MOST_FIXES]


def fix_of(remedy: Remedy, parameters: Mapping[str, Any]) -> Fix | None:
    """Return a remedy as a change of the setup of an estimator with these parameters; None if it is none.

    >>> fix_of(Remedy({"max_iter": 800, "early_stopping": True}), {})
    Fix(words='epochs 800, 20% of the rows held out to stop by', changes={'max_iter': 800, 'validation_fraction': 0.2})
    >>> fix_of(Remedy({"clip": 1.0}), {}) is None
    True
    """
    if remedy.is_repetition:
        return Fix("other initial weights", {"random_state": int(parameters.get("random_state") or 0) + 1})
    if remedy.name or remedy.drop:
        return None
    words, changes = [], {}
    sizes = parameters.get("hidden_layer_sizes")
    activations = parameters.get("activation")
    for name, value in remedy.parameters.items():
        if name in SAME:
            changes[name] = value
            words.append(f"{SAME[name]} {value}")
        elif name == "early_stopping" and value:
            changes["validation_fraction"] = HELD_OUT
            words.append(f"{HELD_OUT:.0%} of the rows held out to stop by")
        elif name == "preset" and value == "tabular":
            changes["scaled"] = True
            words.append("scaled columns")
        elif name in ("activation", "hidden_layer_sizes") and isinstance(activations, list) and sizes:
            new = list(value) if name == "hidden_layer_sizes" else list(sizes)
            each = [value] * len(new) if name == "activation" else activations[: len(new)]
            changes["hidden"] = [{"size": size, "activation": of} for size, of in zip(new, each, strict=True)]
            words.append(f"activation {value}" if name == "activation" else f"layers of {', '.join(map(str, new))}")
        else:
            return None
    return Fix(", ".join(words), changes)


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
    if rows.table is not None and rows.table.rows is not None:  # which has the numbers already
        return rows
    numbers: Array = part.rows if rows.numbers is None else part.rows[rows.numbers]
    return replace(rows, numbers=numbers)
