r"""The length of a step: a search along a line for a point that meets the strong Wolfe conditions.

.. math:: \phi(t) \le \phi(0) + c_1 t \phi'(0), \qquad |\phi'(t)| \le c_2 |\phi'(0)|

The first condition asks for a decrease, the second for a slope that is less steep than at the start, so that the step
says something about the curvature. After Moré & Thuente 1994, "Line search algorithms with guaranteed sufficient
decrease": an interval with such points shrinks, and each trial is the minimum of a parabola or a cubic through values
and slopes at its ends.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

SUFFICIENT_DECREASE = 1e-4  # c1
CURVATURE = 0.9  # c2: the usual one for quasi-Newton directions, whose length is nearly right
LEAST_GROWTH, MOST_GROWTH = 1.1, 4.0  # of a step that is too short, in shares of its distance from the best one
SHRINK = 0.66  # an interval that does not shrink to this share in two trials is halved
STEP_BACK = 0.1  # from a point whose numbers are not finite
NARROW = 1e-10  # share of a step; an interval that is narrower holds only rounding


class Trial(NamedTuple):
    """The function along the line at one step length."""

    step: float
    value: float
    slope: float
    point: Any = None  # whatever the caller wants to know again

    @property
    def is_finite(self) -> bool:
        """Whether value and slope are finite."""
        return math.isfinite(self.value) and math.isfinite(self.slope)


class Found(NamedTuple):
    """The result of a search: its best trial, and whether that meets the conditions."""

    best: Trial
    is_wolfe: bool


def search(
    at: Callable[[float], Trial], start: Trial, first: float, *, most: int = 20, curvature: float = CURVATURE
) -> Found:
    """Search for a step that meets the strong Wolfe conditions.

    Parameters
    ----------
    at : callable
        ``at(step)`` evaluates the function; a trial that is not finite leads back to shorter steps.
    start : Trial
        The function at step 0, with a negative slope.
    first : float
        The first step to try.
    most : int
        Maximum number of evaluations.
    curvature : float
        The constant of the second condition.

    Returns
    -------
    Found
        If no trial meets the conditions, the one with the lowest value, which may be the start.

    Examples
    --------
    >>> found = search(lambda t: Trial(t, (t - 3) ** 2, 2 * (t - 3)), Trial(0.0, 9.0, -6.0), 1.0, curvature=0.1)
    >>> found.best.step, found.is_wolfe
    (3.0, True)
    """
    line = _Interval(start)
    lowest, step = start, first
    for _ in range(most):
        trial = at(step)
        if not trial.is_finite:
            step = line.step_back(step)
        else:
            if trial.value < lowest.value:
                lowest = trial
            decreases = trial.value <= start.value + SUFFICIENT_DECREASE * step * start.slope
            if decreases and abs(trial.slope) <= curvature * -start.slope:
                return Found(trial, True)
            if decreases and step >= line.limit / 2 and trial.slope < 0:
                return Found(trial, False)  # not much further, numbers are no longer finite
            step = line.take(trial)
        if line.is_narrow:
            break
    return Found(lowest, False)


@dataclass
class _End:
    """An end of the interval: its step, with value and slope of the function in use."""

    step: float
    value: float
    slope: float


class _Interval:
    """The interval that holds a point with the conditions, or still grows towards one.

    Until a trial has a sufficient decrease and a slope upwards, value and slope are those of the function minus the
    required decrease, whose minima have the first condition; from then on, those of the function itself.
    """

    def __init__(self, start: Trial) -> None:
        self._start, self._required = start, SUFFICIENT_DECREASE * start.slope
        self._best: Trial = start
        self._other: Trial | None = None  # None until the interval is closed
        self._widths = (math.inf, math.inf)  # before the last trial, and the one before it
        self.limit = math.inf  # the shortest step with numbers that are not finite

    @property
    def is_narrow(self) -> bool:
        """Whether nothing but rounding is left between the ends."""
        if self._other is None:
            return self.limit * (1 - NARROW) <= self._best.step
        return abs(self._other.step - self._best.step) <= NARROW * max(self._other.step, self._best.step)

    def step_back(self, step: float) -> float:
        """Return a shorter step, after one whose numbers are not finite."""
        self.limit = step
        if self._other is not None and self._other.step > step:
            self._other = None
        return self._best.step + STEP_BACK * (step - self._best.step)

    def take(self, trial: Trial) -> float:
        """Move the ends, and return the next step to try."""
        has_decreased = trial.value <= self._start.value + trial.step * self._required
        if self._required and has_decreased and trial.slope >= 0:
            self._required = 0.0
        best, new = self._end(self._best), self._end(trial)
        other = None if self._other is None else self._end(self._other)
        step = _next_step(best, new, other)
        if new.value > best.value:
            self._other = trial
        else:
            if new.slope * (best.step - new.step) < 0:
                self._other = self._best
            self._best = trial
        return self._kept_within(step, best.step, trial.step)

    def _end(self, trial: Trial) -> _End:
        return _End(trial.step, trial.value - trial.step * self._required, trial.slope - self._required)

    def _kept_within(self, step: float, before: float, tried: float) -> float:
        """Return a step within the interval that makes it shrink, or the open one grow."""
        if self._other is None:
            least, most = (tried + growth * (tried - before) for growth in (LEAST_GROWTH, MOST_GROWTH))
            return min(max(step, least), most, (self._best.step + self.limit) / 2)
        low, high = sorted((self._best.step, self._other.step))
        width = high - low
        does_not_shrink = width >= SHRINK * self._widths[0]
        self._widths = self._widths[1], width
        if does_not_shrink or not low < step < high:
            return low + width / 2
        return step


def _next_step(best: _End, new: _End, other: _End | None) -> float:
    """Return the next step: section 4 of Moré & Thuente, with their four cases.

    `best` has the lowest value so far, and its slope leads towards `new`.
    """
    cubic, secant = _cubic_minimum(best, new), _secant(best, new)
    if new.value > best.value:  # the minimum is between both; a cubic that ends close to `best` is believed
        parabola = _parabola_minimum(best, new)
        return cubic if abs(cubic - best.step) < abs(parabola - best.step) else (cubic + parabola) / 2
    if best.slope * new.slope < 0:  # between both, too
        return cubic if abs(cubic - new.step) >= abs(secant - new.step) else secant
    if abs(new.slope) <= abs(best.slope):  # beyond `new`, if the slopes go on to fall
        leads_on = (cubic - new.step) * (new.step - best.step) > 0
        if other is None:
            return max(cubic, secant, key=lambda step: abs(step - new.step)) if leads_on else secant
        step = min(cubic, secant, key=lambda step: abs(step - new.step)) if leads_on else secant
        limit = new.step + SHRINK * (other.step - new.step)
        return min(step, limit) if new.step > best.step else max(step, limit)
    return math.inf if other is None else _cubic_minimum(new, other)


def _cubic_minimum(a: _End, b: _End) -> float:
    """Return the minimum of the cubic with the values and slopes at both; NaN if it has none."""
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return math.nan
    d2 = math.copysign(math.sqrt(square), b.step - a.step)
    below = b.slope - a.slope + 2 * d2
    return b.step - (b.step - a.step) * (b.slope + d2 - d1) / below if below else math.nan


def _parabola_minimum(a: _End, b: _End) -> float:
    """Return the minimum of the parabola with both values and the slope at `a`."""
    width = b.step - a.step
    return a.step - a.slope * width * width / (2 * (b.value - a.value - a.slope * width))


def _secant(a: _End, b: _End) -> float:
    """Return where the line through both slopes is 0."""
    fall = b.slope - a.slope
    return b.step - b.slope * (b.step - a.step) / fall if fall else math.inf
