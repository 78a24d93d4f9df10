"""Backpropagation: the chain rule from the outputs back to every weight, with all error signals recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.catalog.costs import cost_of_trace, output_delta, resolve_cost
from glassnet.core.catalog.pairs import check_pair
from glassnet.core.forward import Trace
from glassnet.core.front import front_backward
from glassnet.core.layout import Layout, Slot
from glassnet.core.matrices import as_targets, as_weights
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.core.slope import slope_backward, slope_gradient
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec


@dataclass(frozen=True, eq=False)
class Gradients:
    """All numbers of one backward pass.

    Attributes
    ----------
    delta : ByLayer of arrays (n_batch, n_out)
        Error signal of each neuron for each sample, not divided by n; layers 1..L, and layer 0 (``A[0]``) with
        ``inputs=True`` or a front.
    dW : ByLayer of arrays (n_out, n_in)
        Partial derivatives of the cost by the weights.
    db : ByLayer of arrays (n_out,) or None
        Partial derivatives of the cost by the biases; None where absent.
    dslope : ByLayer of arrays (n_out,) or None
        Partial derivatives of the cost by the learned slopes; None where absent.
    cost : float
        The cost whose derivatives these are.
    layout : Layout
        The order of `grad`.
    dfront : dict of str to array
        Partial derivatives of the cost by the parameters of the front, by name; empty without a front.
    dX : array of shape (n_batch, n_inputs) or None
        Error signal of each input, with ``inputs=True``; without a front it equals ``delta[0]``.
    """

    delta: ByLayer[Array]
    dW: ByLayer[Array]
    db: ByLayer[Array | None]
    dslope: ByLayer[Array | None]
    cost: Any
    layout: Layout
    dfront: Mapping[str, Array] = field(default_factory=dict)
    dX: Array | None = None

    @property
    def grad(self) -> Array:
        """All partial derivatives as one vector (n_params,), in the order of theta."""
        return self.layout.pack({(slot.layer, slot.name): self.of(slot) for slot in self.layout.slots})

    def of(self, slot: Slot) -> Array:
        """Return the partial derivatives by the parameters of a slot, in its shape."""
        if slot.layer == 0:
            return self.dfront[slot.name]
        by_name = {"W": self.dW, "b": self.db, "slope": self.dslope}
        return by_name[slot.name][slot.layer]


def backward(
    network: Network,
    trace: Trace,
    Y: Array,
    *,
    cost: Spec,
    weights: Array | None = None,
    inputs: bool = False,
    n_samples: int | None = None,
) -> Gradients:
    r"""Compute the error signal of every neuron and the gradients of all weights and biases.

    .. math::
        \delta^{[L]} = \frac{\partial\,loss}{\partial A^{[L]}} \odot \sigma_L'(Z^{[L]}), \qquad
        \delta^{[l]} = (\delta^{[l+1]} W^{[l+1]}) \odot \sigma_l'(Z^{[l]}), \qquad
        dW^{[l]} = \tfrac1n\,\delta^{[l]\top} A^{[l-1]}, \qquad db^{[l]} = \tfrac1n \sum_i \delta^{[l]}_i

    Parameters
    ----------
    network : Network
        The network of the trace.
    trace : Trace
        The result of `forward`.
    Y : array of shape (n_batch, n_out)
        Targets.
    cost : str, tuple or Cost
        One of ``glassnet.costs()``.
    weights : array of shape (n_batch,), optional
        Weight of each sample; 1 by default.
    inputs : bool
        Also return ``delta[0]``, the gradient at ``A[0]``, and ``dX``, the gradient at the inputs.
    n_samples : int, optional
        Number n of samples over which cost and gradients are the mean; by default, the samples given. With 1 they are
        sums, which can be added to those of other samples.

    Returns
    -------
    Gradients
        ``grads.delta[l]``, ``grads.dW[l]``, ``grads.db[l]``.

    Raises
    ------
    ParameterError
        If the cost does not fit the output activation.
    ShapeError
        If Y does not have one target per output, or `weights` one number per sample.

    Notes
    -----
    Softmax with cross-entropy and sigmoid with binary cross-entropy use their exact combined ``delta[L] = A - Y``.
    ``delta`` is per sample; Nielsen and scikit-learn divide elsewhere. The factor 1/n enters only in ``dW`` and ``db``.
    Learned slopes: see `glassnet.core.slope`.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.from_weights([([[0.5, -0.5]], [0.1])], output="sigmoid")
    >>> grads = gn.backward(net, gn.forward(net, [[1.0, 0.0]]), [[1.0]], cost="binary_cross_entropy")
    >>> round(float(grads.delta[1][0, 0]), 3)  # output 0.646 - target 1
    -0.354
    """
    entry = resolve_cost(cost)
    L = network.n_layers
    check_pair(network.activation[L], entry, network.sizes[L])
    Y = as_targets(Y, trace.A[L])
    weights = as_weights(weights, trace.A[L])
    xp = namespace(trace.A[L])
    n = Y.shape[0] if n_samples is None else n_samples
    value = cost_of_trace(entry, network.activation[L], trace.Z[L], trace.A[L], Y, weights, n)
    delta = output_delta(entry, network.activation[L], trace.Z[L], trace.A[L], Y)  # (n_batch, n_out)
    if weights is not None:
        delta = delta * weights[:, None]
    deltas: list[Array] = [delta]
    dslope: list[Array | None] = [None]
    for layer in range(L - 1, 0, -1):
        Z, F, s = trace.Z[layer], trace.F[layer], network.slope[layer]
        dA = _error_from_above(network, trace, layer, deltas[0])  # (n_batch, n_out)
        dslope.insert(0, None if s is None else slope_gradient(Z, F, dA, n))  # (n_out,)
        deltas.insert(0, slope_backward(network.activation[layer], Z, F, dA, s))
    dW = [delta.T @ trace.A[layer] / n for layer, delta in enumerate(deltas)]  # each (n_out, n_in)
    db = [
        xp.sum(delta, axis=0) / n if network.b[layer] is not None else None  # each (n_out,)
        for layer, delta in enumerate(deltas, start=1)
    ]
    dfront: Mapping[str, Array] = {}
    dX = None
    if inputs or trace.front is not None:
        dX = deltas[0] @ network.W[1]  # (n_batch, sizes[0])
        deltas.insert(0, dX)
    if network.front is not None and trace.front is not None:
        dfront, dX = front_backward(network.front, network.front_values, trace.front, deltas[0], n)
    return Gradients(
        ByLayer(deltas, name="delta", first=1 + len(dW) - len(deltas)),
        ByLayer(dW, name="dW"),
        ByLayer(db, name="db"),
        ByLayer(dslope, name="dslope"),
        value,
        network.layout,
        dfront,
        dX if inputs else None,
    )


def _error_from_above(network: Network, trace: Trace, layer: int, delta_above: Array) -> Array:
    """Return the error signal from the layer above, at the activations before dropout."""
    dA = delta_above @ network.W[layer + 1]  # (n_batch, n_out)
    mask = trace.masks[layer] if trace.masks is not None else None
    return dA if mask is None else dA * mask


def descend(network: Network, gradients: Gradients, *, learning_rate: float) -> Network:
    r"""Take one step of gradient descent.

    .. math:: \theta \leftarrow \theta - \eta\, \frac{\partial C}{\partial \theta}

    Parameters
    ----------
    network : Network
        The network before the step; it is not modified.
    gradients : Gradients
        The result of `backward`.
    learning_rate : float
        eta, the size of the step.

    Returns
    -------
    Network
        The network after the step. Frozen parameters are unchanged.

    Raises
    ------
    ParameterError
        If the learning rate is not a positive number.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    >>> grads = gn.backward(net, gn.forward(net, [[2.0]]), [[0.0]], cost="half_squared_error")
    >>> gn.descend(net, grads, learning_rate=0.1).W[1]  # 1 - 0.1 · (2 - 0) · 2
    array([[0.6]])
    """
    if not 0 < learning_rate < float("inf"):
        raise ParameterError(f"learning_rate={learning_rate!r} must be a positive number, such as 0.1.")
    rates = network.layout.rates(network.theta)
    return network.with_theta(network.theta - learning_rate * rates * gradients.grad)
