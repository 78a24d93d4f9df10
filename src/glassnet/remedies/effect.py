"""`Effect`: by how much the cost on new rows changes, with an interval that covers both the rows and the seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from glassnet.typing import Array

ALPHA = 0.05
"""Probability that any of the changes without an effect is said to have one."""


@dataclass(frozen=True)
class Effect:
    """By how much the cost changes, as a share of what it was: -0.2 is a cost that is 20% lower.

    Attributes
    ----------
    change : float
    low, high : float
        The interval, whose level is such that all intervals of a comparison hold together with 95%.
    p_value : float
        Of no change, two-sided and of this comparison alone.
    is_sure : bool
        Whether there is a change, after correction for the number of comparisons.
    """

    change: float
    low: float
    high: float
    p_value: float
    is_sure: bool

    @property
    def helps(self) -> bool:
        """Whether the cost is lower, surely."""
        return self.is_sure and self.high < 0

    @property
    def harms(self) -> bool:
        """Whether the cost is higher, surely."""
        return self.is_sure and self.low > 0


@dataclass(frozen=True)
class LogRatio:
    """The logarithm of the ratio of two costs, its standard error and the degrees of freedom of that."""

    value: float
    error: float
    freedom: float

    @property
    def p_value(self) -> float:
        """Of a ratio of 1, two-sided."""
        if self.value == 0:
            return 1.0
        return float(2 * stdtr(self.freedom, -abs(self.value) / self.error)) if self.error > 0 else 0.0

    def effect(self, alpha: float, *, is_sure: bool) -> Effect:
        """Return the effect with the interval of level 1 - alpha."""
        width = float(stdtrit(self.freedom, 1 - alpha / 2)) * self.error
        change, low, high = (float(np.expm1(self.value + sign * width)) for sign in (0, -1, 1))
        return Effect(change, low, high, self.p_value, is_sure)


def log_ratio(new: Array, base: Array) -> LogRatio:
    r"""Compare the losses of the same rows under two settings, each fitted with the same seeds.

    The ratio of the mean losses varies with the rows that it is judged on, and with the seeds of the fits. Both were
    drawn, rows i crossed with seeds k, so the variance has a part of each. By the delta method, the logarithm of the
    ratio varies like the mean of

    .. math:: e_{ik} = \frac{new_{ik}}{\overline{new}} - \frac{base_{ik}}{\overline{base}}

    whose variance is at most that of its row means over the rows, divided by their number n, plus that of its seed
    means over the seeds, divided by their number K. (The interaction of rows and seeds counts in both, so that the
    interval is rather too wide than too narrow.) Its degrees of freedom are Satterthwaite's: near K - 1 where the seeds
    dominate, near n - 1 where the rows do. The rows of training are the same throughout: the interval says nothing of
    other ones.

    Parameters
    ----------
    new, base : arrays of shape (n_seeds, n_rows)
        Losses, with means above 0. A base of one model for all seeds has the shape (1, n_rows).

    Examples
    --------
    >>> base = np.asarray([[1.0, 3.0], [3.0, 1.0]])
    >>> halved = log_ratio(base / 2, base)
    >>> round(float(np.exp(halved.value)), 6), halved.error
    (0.5, 0.0)
    """
    e = new / new.mean() - base / base.mean()  # (n_seeds, n_rows)
    n_seeds, n_rows = e.shape
    of_rows = float(e.mean(axis=0).var(ddof=1)) / n_rows
    of_seeds = float(e.mean(axis=1).var(ddof=1)) / n_seeds
    variance = of_rows + of_seeds
    value = float(np.log(new.mean()) - np.log(base.mean()))
    if not variance > 0:
        return LogRatio(value, 0.0, float(n_seeds - 1))
    freedom = variance**2 / (of_rows**2 / (n_rows - 1) + of_seeds**2 / (n_seeds - 1))
    return LogRatio(value, float(np.sqrt(variance)), freedom)


def effects_of(ratios: Sequence[LogRatio]) -> list[Effect]:
    """Return the effects, corrected for their number by Holm's method (1979).

    From the smallest p-value on, each has to be below 0.05 divided by the number of those that are left; after the
    first that is not, none is sure. The interval of each has the level that its p-value is compared with, so that it
    excludes 0 if the effect is sure.

    >>> few = effects_of([LogRatio(-0.5, 0.1, 50.0), LogRatio(0.1, 0.1, 50.0)])
    >>> [(round(each.change, 2), each.helps) for each in few]
    [(-0.39, True), (0.11, False)]
    """
    found: dict[int, Effect] = {}
    alpha, all_before = ALPHA, True
    order = sorted(range(len(ratios)), key=lambda k: ratios[k].p_value)
    for place, k in enumerate(order):
        if all_before:
            alpha = ALPHA / (len(ratios) - place)
            all_before = ratios[k].p_value < alpha
        found[k] = ratios[k].effect(alpha, is_sure=all_before)
    return [found[k] for k in range(len(ratios))]
