"""Forward propagation: from the inputs to the outputs, with every number on the way kept."""

from dataclasses import dataclass

from glassnet.core.costs import as_matrix
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.errors import ShapeError
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Trace:
    """All numbers of one forward pass.

    Attributes
    ----------
    Z : ByLayer of arrays (n_batch, n_out)
        Pre-activations of the layers 1..L.
    A : ByLayer of arrays (n_batch, n_out)
        Activations of the layers 0..L; ``A[0]`` are the inputs, ``A[-1]`` the outputs.
    masks : ByLayer of arrays (n_batch, n_out) or None
        Dropout: 0 for a unit that was left out, 1/(1 - rate) for one that was kept; None without dropout.
    """

    Z: ByLayer[Array]
    A: ByLayer[Array]
    masks: ByLayer[Array | None] | None = None


def forward(network: Network, X: Array, *, masks: ByLayer[Array | None] | None = None) -> Trace:
    r"""Carry inputs forward to the outputs.

    .. math:: Z^{[l]} = A^{[l-1]} W^{[l]\top} + b^{[l]}, \qquad A^{[l]} = \sigma_l(Z^{[l]}), \qquad A^{[0]} = X

    Parameters
    ----------
    network : Network
        With ``W[l]`` of shape (n_out, n_in).
    X : array of shape (n_batch, n_features)
        One row per sample; a single row may be given flat.
    masks : ByLayer of arrays, optional
        Factors on the activations of the hidden layers, for dropout.

    Returns
    -------
    Trace
        ``trace.Z[l]`` and ``trace.A[l]``.

    Raises
    ------
    ShapeError
        If X does not have one column per input.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.from_weights([([[0.5, -0.5]], [0.1])], output="sigmoid")
    >>> trace = gn.forward(net, [[1.0, 0.0]])
    >>> round(float(trace.Z[1][0, 0]), 3), round(float(trace.A[1][0, 0]), 3)
    (0.6, 0.646)
    """
    A = as_matrix(X, "X")
    if A.shape[1] != network.sizes[0]:
        raise ShapeError(
            f"X has {A.shape[1]} columns, but this network has {network.sizes[0]} inputs; "
            f"expected one column per input."
        )
    Zs: list[Array] = []
    As: list[Array] = [A]
    for layer, sigma in network.activation.items():
        Z = A @ network.W[layer].T  # (n_batch, n_out)
        b = network.b[layer]
        if b is not None:
            Z = Z + b  # (n_batch, n_out)
        A = sigma(Z)  # (n_batch, n_out)
        mask = masks[layer] if masks is not None else None
        if mask is not None:
            A = A * mask
        Zs.append(Z)
        As.append(A)
    return Trace(ByLayer(Zs, name="Z"), ByLayer(As, name="A", first=0), masks)
