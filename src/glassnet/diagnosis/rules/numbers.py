"""Rules about the numbers of a network: those that are not finite, and error signals that fade or grow."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Listening, Rule
from glassnet.diagnosis.subject import Subject, Training
from glassnet.diagnosis.words import digits, percent
from glassnet.drawing.small.plot import bars
from glassnet.engines.base import Divergence

NOT_FINITE = "not-finite"
FADES = 1e-4  # of the error signal, from the last layer to the first
GROWS = 1e4
LARGE_STEP = 0.1  # of the weights of a layer


def not_finite(subject: Subject) -> Iterator[Finding]:
    """Yield the first parameter that is not finite, or where training met the first such number."""
    divergence = subject.training.history.divergence if subject.training.history is not None else None
    bad = np.flatnonzero(~np.isfinite(subject.network.theta))
    if divergence is None and len(bad) == 0:
        yield from _not_finite_rows(subject)
        return
    rows: tuple[int, ...] = ()
    if divergence is not None:
        where = f"layer {divergence.layer}, unit {divergence.unit}" if divergence.layer else f"input {divergence.unit}"
        good = len(subject.training.history or ())
        last = f" The last good epoch was {good:,}." if good else ""
        row, told = _row_of_user(subject, divergence), str(divergence)
        if row is not None:
            rows, where = (row,), f"{where}, row {row} (counted from 0)"
            told = told.replace(f", training row {divergence.row},", f", row {row},")
        evidence = f"Training met {told}.{last}"
    else:
        where = subject.network.layout.name_of(int(bad[0]))
        evidence = f"{len(bad)} of {subject.network.n_params} parameters are not finite, the first one {where}."
    is_input = divergence is not None and divergence.quantity == "input"
    yield Finding(
        NOT_FINITE,
        "error",
        where,
        evidence,
        float(len(bad)),
        0.0,
        "A value of the data was not finite, or is beyond the precision of training."
        if is_input
        else "A number grew beyond what can be stored, or a value of the data was not finite; nothing was learned "
        "after it.",
        "Look at this value: leave its row out, fill it in, or scale its column (preset='tabular')."
        if is_input
        else _smaller(subject.training),
        rows=rows,
    )


def _not_finite_rows(subject: Subject) -> Iterator[Finding]:
    """Yield the first row whose loss is not finite, although all parameters are."""
    if len(subject.rows) == 0 or np.isfinite(subject.statistics.cost):
        return
    bad = np.flatnonzero(~np.isfinite(subject.losses))
    if len(bad) == 0:
        return
    first = int(bad[0])
    (row,) = subject.rows.numbered(bad[:1])
    output, target = subject.trace.A[-1][first], subject.rows.Y[first]
    j = int(np.argmax(np.where(np.isfinite(output), np.abs(output - target), np.inf)))
    yield Finding(
        NOT_FINITE,
        "error",
        f"row {row} (counted from 0)",
        f"The losses of {len(bad)} of {len(subject.rows)} rows are not finite. That of row {row} is the first: as the "
        f"network sees it, output {j + 1} is {output[j]:.3g}, and the target {target[j]:.3g}.",
        float(len(bad)),
        0.0,
        "A number of these rows, or a weight, is so large that no mean cost can be computed, and no step of training.",
        "Look at these rows: leave them out, or scale their columns and the target (preset='tabular').",
        rows=tuple(subject.rows.numbered(bad)),
    )


def _row_of_user(subject: Subject, divergence: Divergence) -> int | None:
    """Return the number of the row in the user's data; None if it is not that of a single row, or not known."""
    steps = subject.training.steps
    if divergence.row is None or steps is None or steps.rows is None or divergence.row >= len(steps.rows):
        return None
    return int(steps.rows[divergence.row])


def error_signal(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the error signal nearly vanishes or explodes on its way to the first layer."""
    if subject.network.n_layers < 3:
        return
    sizes = [layer.error for layer in subject.statistics.layers]
    if not all(np.isfinite(sizes)) or min(sizes) == 0:  # of which other rules speak
        return
    ratio = sizes[0] / sizes[-1]
    if FADES <= ratio <= GROWS:
        return
    fades = ratio < FADES
    yield Finding(
        "error-signal",
        "warning",
        "layer 1",
        f"The error signal of layer 1 is {digits(ratio)} times that of the last layer (root mean squares).",
        ratio,
        FADES if fades else GROWS,
        "The error hardly reaches the first layers, which therefore learn much more slowly than the last ones."
        if fades
        else "The error grows on its way to the first layers, whose steps are then far too large.",
        f"Fewer layers{_instead_of_bounded(subject)}." if fades else "A smaller init, or clip=1.0.",
        plot=bars(sizes, range(1, len(sizes) + 1), x="layer", y="size of the error signal", marked=[0]),
    )


def _instead_of_bounded(subject: Subject) -> str:
    ranges = [subject.network.activation[l].range for l in subject.hidden_layers()]
    return ", or activation='silu' instead of a bounded one" if np.isfinite(ranges).all(axis=1).any() else ""


def large_steps(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if a step of the solver changes the weights of a layer by a large share of their size."""
    ratios = {
        l: layer.update / layer.weights
        for l, layer in subject.statistics.layers.items()
        if layer.update is not None and layer.weights > 0
    }
    if not ratios or not all(map(np.isfinite, ratios.values())):
        return
    l = max(ratios, key=ratios.__getitem__)
    if ratios[l] < LARGE_STEP:
        return
    rate = subject.training.learning_rate
    yield Finding(
        "large-steps",
        "warning",
        f"layer {l}",
        f"One step moves its weights by {percent(ratios[l])} of their size (norms).",
        ratios[l],
        LARGE_STEP,
        "A few such steps replace what all steps before have learned.",
        "A smaller learning rate" + ("." if rate is None else f": learning_rate_init={rate / 10:.3g}."),
        plot=bars(
            list(ratios.values()),
            list(ratios),
            x="layer",
            y="step beside the weights",
            marked=[list(ratios).index(l)],
            threshold=LARGE_STEP,
        ),
    )


def _smaller(training: Training) -> str:
    """Return a learning rate to try: a tenth, but at most what is usual for the solver."""
    rate = training.learning_rate
    if rate is None:
        return "A smaller learning rate, and scaled inputs."
    usual = training.steps.solver.learning_rate if training.steps is not None else rate
    words = "a tenth of now" if rate / 10 <= usual else "which is usual for this solver"
    is_scaled = training.settings is not None and training.settings.used.get("preset") == "tabular"
    more = "and clip=1.0." if is_scaled else "clip=1.0, and scaled inputs (preset='tabular')."
    return f"learning_rate_init={min(rate / 10, usual):.3g}, {words}, {more}"


RULES = (
    Rule(
        NOT_FINITE,
        "The first number that is not finite: epoch, step, layer, unit, row and operation.",
        "recorded by the engines of training",
        not_finite,
        needs_rows=False,
        listening=Listening(),
    ),
    Rule(
        "error-signal",
        "An error signal that vanishes or explodes between the last layer and the first.",
        "Hochreiter 1991; Glorot & Bengio 2010",
        error_signal,
        listening=Listening(),
    ),
    Rule(
        "large-steps",
        "Steps that are large beside the weights that they move.",
        "ratio of updates to weights, as in Karpathy's lectures, 2022",
        large_steps,
        listening=Listening(after=0.1),
    ),
)
