"""Explains a training cost above the validation cost: dropout and label smoothing affect only the first."""

from collections.abc import Mapping
from math import log
from typing import Any

from glassnet.training.history import Epoch, History


def why_training_costs_more(model: Any) -> str:
    """Return a sentence on why the training cost is above the validation cost, or an empty text.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> why_training_costs_more(reg)  # there are no validation rows
    ''
    """
    kept = kept_epoch(model.history_)
    if kept is None or kept.validation_cost is None or not kept.cost > kept.validation_cost:
        return ""
    causes = _causes(model.recipe_, model.network_.sizes[-1])
    if not causes:
        return ""
    return (
        f"The training cost ({kept.cost:.4g}) is above the validation cost ({kept.validation_cost:.4g}). It is the "
        f"mean over the steps of the epoch, with regularization: {' and '.join(causes)}. The validation cost is "
        f"measured at the end of the epoch, without regularization."
    )


def kept_epoch(history: History) -> Epoch | None:
    """Return the record of the epoch whose parameters were kept; None for the initial weights."""
    return history.epochs[history.best_epoch - 1] if 0 < history.best_epoch <= len(history) else None


def _causes(recipe: Mapping[str, Any], n_out: int) -> list[str]:
    dropout, smoothing = recipe.get("dropout", 0.0), recipe.get("label_smoothing") or 0.0
    largest = max(dropout, default=0.0) if isinstance(dropout, list | tuple) else dropout
    causes = [f"dropout leaves out {100 * largest:.3g}% of the hidden units at each step"] if largest else []
    if smoothing:
        least = least_cost(smoothing, max(n_out, 2))
        causes.append(f"labels are smoothed by {smoothing:g}, which costs at least {least:.3g}")
    return causes


def least_cost(smoothing: float, n_classes: int) -> float:
    r"""Return the minimum cross-entropy with smoothed labels, which is their entropy.

    .. math:: -(1 - s + s/K) \log(1 - s + s/K) - (K - 1) \frac{s}{K} \log \frac{s}{K}

    >>> round(least_cost(0.1, 2), 6), least_cost(0.0, 3)
    (0.198515, 0.0)
    """
    other = smoothing / n_classes
    right = 1.0 - smoothing + other
    return -right * log(right) - ((n_classes - 1) * other * log(other) if other > 0 else 0.0)
