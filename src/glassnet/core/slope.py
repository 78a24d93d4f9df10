r"""A learned slope per neuron, which mixes its activation function with the identity.

.. math:: a_j = s_j \sigma(z_j) + (1 - s_j) z_j

Every slope starts at 1, the plain neuron; at 0 the neuron is linear, and above 1 it is more nonlinear than its
activation function. The parametric activations of RealMLP (Holzmüller et al. 2024).
"""

from glassnet.arrays import namespace
from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.activations import d_j, d_k
from glassnet.core.expressions.signs import Partial
from glassnet.core.expressions.tree import letters, over
from glassnet.typing import Array

SLOPE_FACTOR = 0.1
"""Factor of the learning rate: a slope affects the whole output of its neuron."""

slope, f, z, a, E = letters("slope f z a E")
DE_DA, DF_DZ = Partial(E, a), Partial(f, z)
SLOPE_FORMULA = slope * f + (1 - slope) * z
"""Formula of the activation a of a neuron with a slope, where f is the output of its activation function."""
SLOPE_BACKWARD = slope * DF_DZ + 1 - slope
"""The derivative of a by z."""
SLOPE_GRADIENT = DE_DA * (f - z)

slope_k, f_k = letters("slope_k f_k")
SOFTMAX_SLOPE_BACKWARD = f * (slope * d_j - over("sum", "k", slope_k * d_k * f_k)) + (1 - slope) * d_j
"""The error signal at z_j of a softmax with slopes, where d_k is the error signal at a_k."""


def apply_slope(F: Array, Z: Array, s: Array | None) -> Array:
    """Return the activations (n_batch, n_out) for ``F = sigma(Z)``; without slopes, F itself.

    >>> import numpy as np
    >>> apply_slope(np.asarray([[0.0, 0.0]]), np.asarray([[-2.0, -2.0]]), np.asarray([1.0, 0.75])).tolist()
    [[0.0, -0.5]]
    """
    return F if s is None else s * F + (1.0 - s) * Z


def slope_backward(sigma: Activation, Z: Array, F: Array, dA: Array, s: Array | None) -> Array:
    r"""Return the error signal at Z for the error signal `dA` at the activations, (n_batch, n_out).

    .. math:: \delta_{ij} = dA_{ij} \big( s_j \sigma'(z_{ij}) + 1 - s_j \big)

    >>> import numpy as np
    >>> from glassnet.core.catalog.activation import resolve_activation
    >>> Z, F, dA = np.asarray([[-2.0, -2.0]]), np.asarray([[0.0, 0.0]]), np.asarray([[8.0, 8.0]])
    >>> slope_backward(resolve_activation("relu"), Z, F, dA, np.asarray([1.0, 0.75])).tolist()
    [[0.0, 2.0]]
    """
    return sigma.pullback(Z, F, dA) if s is None else sigma.pullback(Z, F, s * dA) + (1.0 - s) * dA


def slope_gradient(Z: Array, F: Array, dA: Array, n: int) -> Array:
    r"""Return the gradient of the slopes, (n_out,).

    .. math:: ds_j = \tfrac1n \sum_i dA_{ij} \big( \sigma(z_{ij}) - z_{ij} \big)

    >>> import numpy as np
    >>> slope_gradient(np.asarray([[-2.0], [1.0]]), np.asarray([[0.0], [1.0]]), np.asarray([[3.0], [5.0]]), 2).tolist()
    [3.0]
    """
    return namespace(dA).sum(dA * (F - Z), axis=0) / n
