"""Forward propagation: from the inputs to the outputs, with every number on the way kept."""

from dataclasses import dataclass

from glassnet.core.front import FrontTrace, front_forward
from glassnet.core.matrices import as_matrix
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.core.slope import apply_slope
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
        Activations of the layers 0..L; ``A[0]`` are the inputs or what the front made of them, ``A[-1]`` the outputs.
    F : ByLayer of arrays (n_batch, n_out)
        What the activation functions gave, ``sigma_l(Z[l])``: ``A[l]`` before learned slopes and dropout.
    masks : ByLayer of arrays (n_batch, n_out) or None
        Dropout: 0 for a unit that was left out, 1/(1 - rate) for one that was kept; None without dropout.
    front : FrontTrace or None
        The numbers between X and ``A[0]``; None where they are the same.
    """

    Z: ByLayer[Array]
    A: ByLayer[Array]
    F: ByLayer[Array]
    masks: ByLayer[Array | None] | None = None
    front: FrontTrace | None = None

    @property
    def X(self) -> Array:
        """The inputs, (n_batch, n_inputs)."""
        return self.A[0] if self.front is None else self.front.X


def forward(network: Network, X: Array, *, masks: ByLayer[Array | None] | None = None) -> Trace:
    r"""Carry inputs forward to the outputs.

    .. math:: Z^{[l]} = A^{[l-1]} W^{[l]\top} + b^{[l]}, \qquad A^{[l]} = \sigma_l(Z^{[l]}), \qquad A^{[0]} = X

    A network with a front makes ``A[0]`` of X first: see `glassnet.core.front`. Where neurons have learned slopes s,
    ``A[l] = s · sigma(Z[l]) + (1 - s) · Z[l]``.

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
    if A.shape[1] != network.n_inputs:
        raise ShapeError(
            f"X has {A.shape[1]} columns, but this network has {network.n_inputs} inputs; "
            f"expected one column per input."
        )
    front = None
    if network.front is not None:
        front, A = front_forward(network.front, network.front_values, A)  # (n_batch, sizes[0])
    Zs: list[Array] = []
    As: list[Array] = [A]
    Fs: list[Array] = []
    for layer, sigma in network.activation.items():
        Z = A @ network.W[layer].T  # (n_batch, n_out)
        b = network.b[layer]
        if b is not None:
            Z = Z + b  # (n_batch, n_out)
        F = sigma(Z)  # (n_batch, n_out)
        A = apply_slope(F, Z, network.slope[layer])  # (n_batch, n_out)
        mask = masks[layer] if masks is not None else None
        if mask is not None:
            A = A * mask
        Zs.append(Z)
        As.append(A)
        Fs.append(F)
    return Trace(ByLayer(Zs, name="Z"), ByLayer(As, name="A", first=0), ByLayer(Fs, name="F"), masks, front)
