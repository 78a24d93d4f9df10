"""Checks the output activation and the targets of a cost."""

from math import inf

from glassnet.arrays import namespace
from glassnet.core.catalog.activation import Activation, interval
from glassnet.core.catalog.costs import Cost
from glassnet.errors import ParameterError
from glassnet.typing import Array


def check_pair(output: Activation, entry: Cost, n_out: int) -> None:
    """Refuse an output activation for which this cost is infinite, meaningless or without gradient.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> from glassnet.core.catalog.costs import COSTS
    >>> check_pair(ACTIVATIONS["softmax"], COSTS["cross_entropy"], 3)

    Raises
    ------
    ParameterError
        With the reason and a compatible pair.
    """
    if output.builtin_name == "step":
        raise ParameterError(
            "output activation 'step' cannot be trained by gradients: its derivative is 0 everywhere; try 'sigmoid'."
        )
    if output.builtin_name == "softmax" and n_out == 1:
        raise ParameterError(
            "output activation 'softmax' with a single output is always 1; use 'sigmoid' with 'binary_cross_entropy', "
            "or one output per class."
        )
    if entry.builtin_name == "cross_entropy" and output.builtin_name != "softmax":
        raise ParameterError(
            f"cost 'cross_entropy' needs outputs that sum to 1, but the output activation is {output.name!r}; "
            f"use 'softmax', or 'binary_cross_entropy' on 'sigmoid'."
        )
    low, high = entry.outputs
    inside = low <= output.range[0] and output.range[1] <= high and not (output.reaches_ends and entry.outputs[0] == 0)
    if not inside or (entry.builtin_name == "binary_cross_entropy" and output.builtin_name == "softmax"):
        suggestion = "softplus" if high == inf else "sigmoid"
        raise ParameterError(
            f"cost {entry.name!r} does not fit the output activation {output.name!r} with range {interval(output)}; "
            f"it needs one independent output in ({low:g}, {high:g}) per target: try {suggestion!r}."
        )


def check_targets(entry: Cost, Y: Array) -> None:
    """Refuse targets that are not finite or are outside the range of this cost.

    >>> import numpy as np
    >>> from glassnet.core.catalog.costs import COSTS
    >>> check_targets(COSTS["poisson"], np.asarray([[0.0], [7.0]]))

    Raises
    ------
    ParameterError
        With the first invalid value.
    """
    xp = namespace(Y)
    if not bool(xp.all(xp.isfinite(Y))):
        raise ParameterError("Y has values that are not finite numbers; leave those rows out or fill them in.")
    low, high = float(xp.min(Y)), float(xp.max(Y))
    if low < entry.targets[0] or high > entry.targets[1]:
        wrong = low if low < entry.targets[0] else high
        raise ParameterError(
            f"cost {entry.name!r} needs targets in [{entry.targets[0]:g}, {entry.targets[1]:g}], but Y has {wrong:g}."
        )
    if entry.builtin_name == "cross_entropy" and float(xp.max(xp.abs(xp.sum(Y, axis=1) - 1.0))) > 1e-4:
        raise ParameterError("cost 'cross_entropy' needs targets whose rows sum to 1, one column per class (one-hot).")
