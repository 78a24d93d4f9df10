"""Metrics reported next to the cost: accuracy, and R², the share of explained variance."""

from collections.abc import Callable

import numpy as np

from glassnet.arrays import namespace
from glassnet.core.catalog.costs import Cost
from glassnet.engines.base import Metric
from glassnet.errors import ParameterError
from glassnet.typing import Array


def _best_class_is_right(A: Array, Y: Array) -> Array:
    xp = namespace(A)
    return xp.argmax(A, axis=1) == xp.argmax(Y, axis=1)


def _all_sides_right(A: Array, Y: Array) -> Array:
    return namespace(A).all((A >= 0.5) == (Y >= 0.5), axis=1)


def _squared_errors(A: Array, Y: Array) -> Array:
    return namespace(A).sum((A - Y) ** 2, axis=1)


def _mean(Y: Array) -> Callable[[Array], Array]:
    return lambda mean: mean


def _explained(Y: Array) -> Callable[[Array], Array]:
    variance = float(np.sum(np.var(Y, axis=0, dtype=np.float64)))
    return lambda mean: 1.0 - mean / variance if variance > 0 else 1.0 * (mean == 0)


def resolve_metric(name: str | None, cost: Cost) -> Metric | None:
    """Return the metric called `name`; ``"auto"`` is accuracy for cross-entropies, else R².

    With softmax outputs, the largest one is the prediction; sigmoid outputs have the threshold 0.5, and all must match.
    R² pools the outputs: 1 - (sum of squared errors) / (sum of variances).

    Examples
    --------
    >>> from glassnet.core.catalog.costs import resolve_cost
    >>> resolve_metric("auto", resolve_cost("cross_entropy")).name
    'accuracy'
    """
    if name is None:
        return None
    if name == "auto":
        name = "accuracy" if cost.builtin_name in ("cross_entropy", "binary_cross_entropy") else "r2"
    if name == "accuracy":
        is_class = cost.builtin_name == "cross_entropy"
        return Metric("accuracy", _best_class_is_right if is_class else _all_sides_right, _mean, False)
    if name == "r2":
        return Metric("r2", _squared_errors, _explained)
    raise ParameterError(f"metric={name!r} is not known. Choose from: auto, accuracy, r2, or None.")
