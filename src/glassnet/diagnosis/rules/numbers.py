"""Rules about the numbers of a network: those that are not finite, and error signals that fade or grow."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Listening, Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, percent
from glassnet.drawing.small.plot import bars

NOT_FINITE = "not-finite"
FADES = 1e-4  # of the error signal, from the last layer to the first
GROWS = 1e4
LARGE_STEP = 0.1  # of the weights of a layer


def not_finite(subject: Subject) -> Iterator[Finding]:
    """Yield the first parameter that is not finite, or where training met the first such number."""
    divergence = subject.training.history.divergence if subject.training.history is not None else None
    bad = np.flatnonzero(~np.isfinite(subject.network.theta))
    if divergence is None and len(bad) == 0:
        return
    if divergence is not None:
        layer = f"layer {divergence.layer}, unit {divergence.unit}" if divergence.layer else f"input {divergence.unit}"
        good = len(subject.training.history or ())
        last = f" The last good epoch was {good:,}." if good else ""
        where, evidence = layer, f"Training met {divergence}.{last}"
    else:
        where = subject.network.layout.name_of(int(bad[0]))
        evidence = f"{len(bad)} of {subject.network.n_params} parameters are not finite, the first one {where}."
    yield Finding(
        NOT_FINITE,
        "error",
        where,
        evidence,
        float(len(bad)),
        0.0,
        "A number grew beyond what can be stored, or a value of the data was not finite; nothing was learned after it.",
        _smaller(subject.training.learning_rate),
    )


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
        "Fewer layers, or activation='silu' instead of a bounded one." if fades else "A smaller init, or clip=1.0.",
        plot=bars(sizes, range(1, len(sizes) + 1), x="layer", y="size of the error signal", marked=[0]),
    )


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


def _smaller(rate: float | None) -> str:
    if rate is None:
        return "A smaller learning rate, and scaled inputs."
    return f"learning_rate_init={rate / 10:.3g}, a tenth of now, and scaled inputs (preset='tabular')."


RULES = (
    Rule(
        NOT_FINITE,
        "The first number that is not finite: epoch, step, layer and unit.",
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
