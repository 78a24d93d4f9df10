"""Rules about what hidden units do for the outputs: those that are linear, and those without which nothing changes."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.forward import forward
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.rules.units import dead_in
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import listed, percent
from glassnet.drawing.small.plot import bars
from glassnet.typing import Array

FEWEST = 30  # rows
BENT = 1e-4  # share of the variance of a unit's output that no line explains
LINEAR_NOTE, LINEAR_WARNING = 0.5, 1.0  # shares of a layer's units that change at all
USELESS = 1e-3  # of the spread of the outputs
USELESS_NOTE = 0.25  # share of a layer's units
MOST_ROWS = 2000


def linear_units(subject: Subject) -> Iterator[Finding]:
    """Yield the layers with units whose output is a linear function of their input in all rows."""
    if len(subject.rows) < FEWEST:
        return
    for l in subject.hidden_layers():
        bent = _bent(subject.trace.Z[l], subject.trace.A[l])
        works = ~np.isnan(bent) & ~dead_in(subject.statistics.layers[l])
        linear = works & (bent < BENT)
        if not works.any():  # of which the rule for dead units speaks
            continue
        share = float(linear.sum() / works.sum())
        if share < LINEAR_NOTE:
            continue
        name, is_layer = subject.network.activation[l].name, share >= LINEAR_WARNING
        yield Finding(
            "linear-units",
            "warning" if is_layer else "note",
            f"layer {l}, units {listed((np.flatnonzero(linear) + 1).tolist())}",
            f"For {int(linear.sum())} of the {int(works.sum())} units that change at all, a straight line from z to "
            f"the output explains all but {percent(BENT)} of its variance: in all {len(subject.rows):,} rows they stay "
            f"where {name} is straight.",
            share,
            LINEAR_WARNING if is_layer else LINEAR_NOTE,
            "A layer of such units is a linear layer: the network can do no more than one without it."
            if is_layer
            else "Such units add no bend: together with the next layer they do what a direct connection would do.",
            "Fewer layers, a smaller penalty (alpha=...), a larger learning rate, or another start (init='he_normal', "
            "biases that are not all on one side)."
            if name != "identity"
            else "activation='silu' or 'relu' for hidden layers.",
            plot=bars(bent, range(1, len(bent) + 1), x="unit", y="share that no line explains", threshold=BENT),
        )


def _bent(Z: Array, A: Array) -> Array:
    """Return the share of each unit's variance that no line from its pre-activation explains; NaN without variance."""
    Z, A = Z - Z.mean(axis=0), A - A.mean(axis=0)
    power = np.sum(A * A, axis=0)
    slope = np.sum(Z * A, axis=0) / np.sum(Z * Z, axis=0)
    rest = np.sum((A - slope * Z) ** 2, axis=0)
    return np.asarray(np.where(power > 0, rest / power, np.nan))


def useless_units(subject: Subject) -> Iterator[Finding]:
    """Yield the layers with units that can all be replaced by their means while the outputs stay as they are."""
    if len(subject.rows) < FEWEST:
        return
    rng = np.random.default_rng(0)
    A0 = subject.rows.A0[np.sort(rng.permutation(len(subject.rows))[:MOST_ROWS])]
    before = forward(subject.network, A0)
    spread = float(np.sqrt(np.mean(before.Z[-1].var(axis=0))))
    if not 0 < spread < np.inf:
        return
    for l in subject.hidden_layers():
        A, W = before.A[l], subject.network.W[l + 1]
        given = A.std(axis=0) * np.sqrt(np.sum(W * W, axis=0))  # by each unit, to the next layer
        works = A.std(axis=0) > 0
        useless = works & (given < USELESS * np.sqrt(np.sum(given * given)))
        share = float(useless.mean())
        if share < USELESS_NOTE:
            continue
        change = _change_without(subject, l, useless, A0, before.Z[-1]) / spread
        if not change < USELESS:
            continue
        yield Finding(
            "useless-units",
            "note",
            f"layer {l}, units {listed((np.flatnonzero(useless) + 1).tolist())}",
            f"With the means of {int(useless.sum())} of {len(useless)} units in their place, the outputs change by "
            f"{percent(change)} of their spread.",
            share,
            USELESS_NOTE,
            "The outputs do not need these units: a smaller network would do the same, faster and easier to read.",
            "Fewer units (hidden_layer_sizes=...), unless training goes on.",
            plot=bars(
                given / given.max(),
                range(1, len(given) + 1),
                x="unit",
                y="given to the next layer, in shares of the largest",
                marked=np.flatnonzero(useless).tolist(),
            ),
        )


def _change_without(subject: Subject, l: int, units: Array, A0: Array, before: Array) -> float:
    """Return how much the last pre-activations change, root mean square, if some units give their means."""
    network = subject.network
    theta = np.array(network.theta)
    W, b = network.layout.view(theta, l + 1, "W"), network.layout.view(theta, l + 1, "b")
    assert W is not None
    if b is not None:
        b += W[:, units] @ forward(network, A0).A[l].mean(axis=0)[units]
    W[:, units] = 0.0
    after = forward(network.with_theta(theta), A0).Z[-1]
    return float(np.sqrt(np.mean(np.square(after - before))))


RULES = (
    Rule(
        "linear-units",
        "Hidden units that are never bent, such as relu units that are never off.",
        "Balduzzi et al. 2017; Montúfar et al. 2014 on linear regions",
        linear_units,
    ),
    Rule(
        "useless-units",
        "Hidden units without which the outputs stay as they are.",
        "LeCun, Denker & Solla 1990; ablation",
        useless_units,
    ),
)
