"""A rule about the learning rate and the curvature of the cost: steps that overshoot, and steps that get nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.catalog.solvers import Solver
from glassnet.core.curvature.hessian import hessian_of
from glassnet.core.curvature.lanczos import Spectrum, spectrum
from glassnet.core.forward import forward
from glassnet.core.masks import dropout_mask
from glassnet.core.records import ByLayer
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.steps import Steps
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, percent
from glassnet.drawing.small.plot import Plot, bars
from glassnet.typing import Array

NAME = "rate-against-curvature"
MOST_ROWS, MOST_MINIBATCHES = 2000, 16
N_PRODUCTS = 16
BEYOND, FAR_BEYOND = 1.0, 2.0  # times the limit of stability
BOUNCES, BOUNCES_FAR = 0.05, 0.015  # share of the cost that lies in directions in which the steps overshoot
LEARNED = 0.01  # share of the constant's cost below which bounces do not matter
SLOW = 0.01  # times the rate that crosses the steepest valley in one step
MISSED = 0.05  # share of the constant's cost that steps of a fitting length would soon save
AIM, AIM_SLOW = 0.1, 0.1  # the same numbers after the advice
LATE = 0.1  # share of the epochs


@dataclass(frozen=True)
class Measured:
    """The curvature at the end of a training, in the units of the solver's steps.

    Attributes
    ----------
    spectrum : Spectrum
        Of the Hessian between two factors of the root of the solver's step, as seen from the gradient.
    power : float
        Squared length of the gradient in the same units.
    cost : float
    """

    spectrum: Spectrum
    power: float
    cost: float

    def saved(self, above: float = 0.0) -> float:
        """Return what the cost would lose if each direction of more curvature than this went to its minimum."""
        values, shares = self.spectrum.values, self.spectrum.shares
        chosen = values > max(above, 1e-12 * float(np.abs(values).max()))
        return float(self.power * np.sum(shares[chosen] / (2.0 * values[chosen])))


def rate_against_curvature(subject: Subject) -> Iterator[Finding]:
    r"""Yield a finding if the steps of the training are beyond the limit of stability, or far below it.

    A step of gradient descent overshoots in a direction of curvature :math:`\lambda` if :math:`\eta \lambda > 1`, and
    bounces ever higher if :math:`\eta \lambda > 2`. Momentum moves that limit to :math:`2 + 2 \mu`, and solvers like
    Adam have it for the curvature in the units of their steps, :math:`P^{-1/2} H P^{-1/2}`, at 38 for the usual
    momentum of 0.9 (Cohen et al. 2022). Their steps have about the length of the learning rate whatever the gradients
    are, so their usual rate is never called too large. P has the second moments of gradients over minibatches at the
    last parameters: the moments that Adam remembers follow the steps, and stay just below the limit at any rate.
    """
    steps, history = subject.training.steps, subject.training.history
    rate = subject.training.learning_rate
    if steps is None or history is None or rate is None or len(history) == 0 or history.divergence is not None:
        return
    limit = limit_of(steps.solver)
    if limit is None or subject.training.weighs_classes or len(subject.rows) == 0:
        return
    found = measured(subject, steps)
    if found is None or not found.spectrum.largest > 0:
        return
    largest = found.spectrum.largest
    last = _last_rate(history["learning_rate"], rate)
    ratio = last * largest / limit
    pace = _pace(steps.solver)
    constant = float(np.mean(subject.losses_of_constant(subject.rows)))
    share = found.saved(1.0 / (last * pace)) / found.cost if found.cost > LEARNED * constant else 0.0
    is_usual = "epsilon" in steps.solver.parameters and last <= steps.solver.learning_rate
    if ratio >= BEYOND and share >= (BOUNCES_FAR if ratio >= FAR_BEYOND else BOUNCES) and not is_usual:
        yield _too_large(steps, found, ratio, share, last)
        return
    speed = rate * pace * largest / 2.0
    if history.stopped == "early" or speed >= SLOW or not found.saved() >= MISSED * constant > 0:
        return
    yield _too_small(found, speed, rate, constant)


def limit_of(solver: Solver) -> float | None:
    """Return the largest product of learning rate and curvature at which steps are stable; None if it is not known.

    >>> from glassnet.core.catalog.solvers import SOLVERS
    >>> [round(limit_of(SOLVERS[name]), 3) for name in ("sgd", "momentum", "nesterov", "adam")]
    [2.0, 3.8, 1.357, 38.0]
    """
    name, given = solver.builtin_name, solver.parameters
    if name in ("gd", "sgd", "rmsprop", "adagrad"):
        return 2.0
    mu = given["mu"] if name in ("momentum", "nesterov") else given.get("beta1")
    if mu is None:
        return None
    looks_ahead = 1.0 + 2.0 * mu if name in ("nesterov", "nadam") else 1.0
    averaged = 1.0 if name in ("momentum", "nesterov") else 1.0 - mu
    return float((2.0 + 2.0 * mu) / looks_ahead / averaged)


def measured(subject: Subject, steps: Steps) -> Measured | None:
    """Return the curvature after the last step, over some rows of training; None if it is not finite or flat."""
    chosen = _some_rows(subject, steps)
    A0, Y = subject.rows.A0[chosen], steps.targets(subject.rows.Y[chosen])
    network = steps.network
    decays = network.layout.decays(network.theta)
    masks = _masks(steps, len(A0))
    trace = forward(network, A0, masks=masks)
    hessian = hessian_of(network, trace, Y, cost=subject.cost, penalty=steps.penalty)
    gradient = hessian.gradient
    if not np.isfinite(gradient).all():
        return None
    scale = network.layout.rates(network.theta)
    epsilon = steps.solver.parameters.get("epsilon")
    if epsilon is not None:
        squares = []
        for part in _minibatches(len(A0), steps.batch_size):
            grads = backward(network, forward(network, A0[part], masks=_part(masks, part)), Y[part], cost=subject.cost)
            squares.append(np.square(grads.grad + steps.penalty.gradient(network.theta, decays)))
        scale = scale / (np.sqrt(np.mean(squares, axis=0)) + epsilon)
    root = np.sqrt(scale)
    start = root * gradient
    power = float(start @ start)
    if not 0 < power < np.inf:
        return None
    seen = spectrum(lambda v: root * hessian.times(root * v), start, N_PRODUCTS)
    return Measured(seen, power, float(hessian.gradients.cost))


def _too_large(steps: Steps, found: Measured, ratio: float, share: float, rate: float) -> Finding:
    better = _rounded(max(rate * AIM / ratio, min(steps.solver.learning_rate, rate / 3.0)))
    return Finding(
        NAME,
        "warning",
        "the learning rate",
        f"At the end the learning rate was {digits(rate)}. Where the cost is most curved, that is {digits(ratio)} "
        f"times what keeps steps of {steps.solver.name} stable, and {percent(min(share, 1.0))} of the cost comes from "
        f"overshooting.",
        ratio,
        BEYOND,
        "The steps jump from one side of a valley to the other instead of going down into it.",
        f"learning_rate_init={better:g}, or a schedule that lowers it, such as learning_rate='cosine'.",
        plot=_plot(found, rate * _pace(steps.solver)),
        remedies=(Remedy({"learning_rate_init": better}),),
    )


def _too_small(found: Measured, speed: float, rate: float, constant: float) -> Finding:
    better = _rounded(rate * AIM_SLOW / speed)
    return Finding(
        NAME,
        "warning",
        "the learning rate",
        f"A step with the learning rate {digits(rate)} is {digits(speed)} times as long as one that crosses the "
        f"steepest valley of the cost. As far as the curvature tells, the cost could still fall by "
        f"{percent(min(1.0, found.saved() / constant))} of that of one answer for all rows.",
        speed,
        SLOW,
        "The steps are so short that the network had no time to learn what it could.",
        f"learning_rate_init={better:g}, or many more epochs (max_iter=...).",
        plot=_plot(found, None),
        remedies=(Remedy({"learning_rate_init": better}),),
    )


def _pace(solver: Solver) -> float:
    """Return how much farther momentum carries a step; averages of gradients, as in Adam, do not."""
    return 1.0 / (1.0 - float(solver.parameters.get("mu", 0.0)))


def _last_rate(rates: Array, initial: float) -> float:
    known = rates[np.isfinite(rates)]
    return float(np.median(known[-max(1, round(LATE * len(known))) :])) if len(known) else initial


def _some_rows(subject: Subject, steps: Steps) -> Array:
    """Return the places of rows of training, at random."""
    numbers = np.arange(len(subject.rows)) if subject.rows.numbers is None else subject.rows.numbers
    places = np.arange(len(numbers)) if steps.rows is None else np.flatnonzero(np.isin(numbers, steps.rows))
    places = places if len(places) else np.arange(len(numbers))
    return np.random.default_rng(0).permutation(places)[:MOST_ROWS]


def _minibatches(n_rows: int, batch_size: int) -> list[slice]:
    starts = range(0, n_rows, min(batch_size, n_rows))[:MOST_MINIBATCHES]
    return [slice(start, start + batch_size) for start in starts]


def _masks(steps: Steps, n_rows: int) -> ByLayer[Array | None] | None:
    """Return dropout factors as training drew them, for other rows."""
    if not any(steps.dropout):
        return None
    sizes, like = steps.network.sizes, steps.network.theta
    masks: list[Array | None] = [
        dropout_mask(0, 0, l, n_rows, sizes[l], rate, like=like) if rate else None
        for l, rate in enumerate(steps.dropout, start=1)
    ]
    return ByLayer([*masks, None], name="masks")


def _part(masks: ByLayer[Array | None] | None, rows: slice) -> ByLayer[Array | None] | None:
    return None if masks is None else ByLayer([None if m is None else m[rows] for m in masks], name="masks")


def _rounded(rate: float) -> float:
    return float(f"{rate:.1g}")


def _plot(found: Measured, reach: float | None) -> Plot:
    """Return the curvatures, the largest first; those in which the steps overshoot are marked."""
    values = found.spectrum.values[found.spectrum.values > 0][::-1]
    marked = [] if reach is None else np.flatnonzero(reach * values > 1.0).tolist()
    return bars(values, range(1, len(values) + 1), x="direction", y="curvature", marked=marked)


RULES = (
    Rule(
        NAME,
        "A learning rate beyond the limit of stability, or far below it, measured by the curvature of the cost.",
        "Pearlmutter 1994; LeCun et al. 1998; Cohen et al. 2022",
        rate_against_curvature,
    ),
)
