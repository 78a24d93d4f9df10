"""Ready-made breakpoints for `Replay.first`.

Any function from a `StepSnapshot` to True or False works as a breakpoint, too.
"""

from collections.abc import Callable

import numpy as np

from glassnet.core.forward import forward
from glassnet.core.slope import slope_backward
from glassnet.errors import LayerIndexError, ParameterError
from glassnet.settings.kinds import POSITIVE, WHOLE
from glassnet.training.history import History
from glassnet.training.replay.replay import InHistory
from glassnet.training.replay.step_snapshot import StepSnapshot


def dead_unit(layer: int, unit: int) -> Callable[[StepSnapshot], bool]:
    """Stop where a unit is dead: its slope is 0 for every row, so no gradient reaches its weights.

    Parameters
    ----------
    layer : int
        Index of the layer, from 1.
    unit : int
        Index of the unit, from 0, as in the rows of ``W[layer]``.

    Returns
    -------
    callable
        For `Replay.first`.

    Notes
    -----
    Every inspected step runs a forward pass over all training rows, without dropout.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.training.breakpoints import dead_unit
    >>> net = gn.Network.from_weights([([[1.0]], [1.0]), ([[1.0]], None)], hidden="relu", output="identity")
    >>> X, Y = [[0.0], [1.0]], [[-3.0], [-3.0]]  # each step pulls the unit down
    >>> run = gn.train(net, X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=9).replay()
    >>> run.first(dead_unit(layer=1, unit=0)).step
    1
    """

    def is_dead(moment: StepSnapshot) -> bool:
        network = moment.network
        if not (1 <= layer <= network.n_layers and 0 <= unit < network.sizes[layer]):
            raise LayerIndexError(
                f"dead_unit(layer={layer}, unit={unit}) does not exist: layers count from 1 to {network.n_layers}, "
                f"units from 0; the sizes are {'-'.join(map(str, network.sizes))}."
            )
        X = moment.data.X.toarray() if hasattr(moment.data.X, "toarray") else moment.data.X
        trace = forward(network, X)
        signal = np.zeros_like(trace.A[layer])  # (n_samples, n_out)
        signal[:, unit] = 1.0  # backpropagated through the activation it gives the slope, also in a softmax layer
        Z, F, slope = trace.Z[layer], trace.F[layer], network.slope[layer]
        return not np.any(slope_backward(network.activation[layer], Z, F, signal, slope)[:, unit])

    return is_dead


def weight_beyond(limit: float, *, layer: int | None = None) -> Callable[[StepSnapshot], bool]:
    """Stop where the absolute value of a weight exceeds a limit.

    Parameters
    ----------
    limit : float
        Positive.
    layer : int, optional
        Inspect only ``W[layer]``; by default all layers.

    Returns
    -------
    callable
        For `Replay.first`.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.training.breakpoints import weight_beyond
    >>> net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    >>> run = gn.train(net, [[1.0]], [[9.0]], cost="half_squared_error", solver="gd", learning_rate=0.5).replay()
    >>> run.first(weight_beyond(6.0)).network.W[1]  # from 1 half of the way to 9, and half of the rest
    array([[7.]])
    """
    POSITIVE.check("limit", limit)

    def is_beyond(moment: StepSnapshot) -> bool:
        matrices = moment.network.W if layer is None else [moment.network.W[layer]]
        return any(bool(np.any(np.abs(W) > limit)) for W in matrices)

    return is_beyond


def gradient_beyond(limit: float) -> Callable[[StepSnapshot], bool]:
    """Stop before the step whose gradient norm, before clipping, exceeds a limit or is not finite.

    Parameters
    ----------
    limit : float
        Positive.

    Returns
    -------
    callable
        For `Replay.first`.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.training.breakpoints import gradient_beyond
    >>> net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    >>> run = gn.train(net, [[3.0]], [[0.0]], cost="half_squared_error", solver="gd", learning_rate=1.0).replay()
    >>> [abs(float(run.at(step=step).grad[0])) for step in (0, 1, 2)]
    [9.0, 72.0, 576.0]
    >>> run.first(gradient_beyond(100.0)).step
    2
    """
    POSITIVE.check("limit", limit)

    def is_beyond(moment: StepSnapshot) -> bool:
        return not moment.gradient_norm <= limit

    return is_beyond


def rises(factor: float = 3.0, quantity: str = "validation_cost", *, patience: int = 1) -> InHistory:
    """Stop after the epoch in which a quantity of the history is `factor` times its minimum so far.

    Parameters
    ----------
    factor : float
        At least 1.
    quantity : str
        A quantity of the history, such as "cost", "objective" or "gradient_norm".
    patience : int
        Number of consecutive epochs that must be that high; the run stops at the last of them.

    Returns
    -------
    InHistory
        For `Replay.first`. It needs no replay, only the history.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.training.breakpoints import rises
    >>> net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    >>> held_out = [[1.0]], [[2.0]]  # the training row pulls the output past 2, to 5
    >>> result = gn.train(net, [[1.0]], [[5.0]], cost="half_squared_error", solver="gd", validation=held_out)
    >>> costs = result.history["validation_cost"]
    >>> epoch = result.replay().first(rises(3.0)).epoch
    >>> bool(costs[epoch - 1] >= 3 * costs[: epoch - 1].min() > costs[epoch - 2])
    True
    """
    if not 1 <= factor < float("inf"):
        raise ParameterError(f"factor={factor!r} must be a number from 1 upwards; 3 is usual.")
    WHOLE.check("patience", patience)

    def epoch_of(history: History) -> int | None:
        values = history[quantity]
        if np.isnan(values).all():
            raise ParameterError(f"the history has no {quantity}: training measured none; try quantity='cost'.")
        smallest, high = float("inf"), 0
        for epoch, value in enumerate(values.tolist(), start=1):
            high = high + 1 if value >= factor * smallest else 0
            if high == patience:
                return epoch
            smallest = min(smallest, value)
        return None

    return InHistory(epoch_of)
