r"""Initial weights from the data: the pre-activations of each neuron start with standard deviation 1.

Layer by layer, :math:`W_{jk} \sim N(0, 1 / n_{in})`, with each row rescaled so that the neuron's pre-activations have
standard deviation 1 over the samples. Its bias is minus a random weighted mean of them over five samples, so that its
bend lies within the data. The rule of RealMLP (Holzmüller et al. 2024, "he+5").
"""

from math import sqrt
from typing import Any

from glassnet.arrays import as_floats, generator, namespace
from glassnet.core.front import front_forward
from glassnet.core.network import Network
from glassnet.core.slope import apply_slope
from glassnet.typing import Array

MET = 5  # samples averaged for a bias


def start_from_data(network: Network, X: Array, *, seed: Any = None) -> Network:
    """Return the network with initial weights that fit the samples.

    Parameters
    ----------
    network : Network
        Structure and precision; its weights are ignored, but the parameters of a front and learned slopes are kept.
    X : array of shape (n_samples, n_features)
        Inputs; a few thousand are enough.
    seed : int or numpy.random.Generator, optional
        Makes the weights reproducible.

    Notes
    -----
    The output layer's biases are 0. A neuron with equal values for all samples keeps its drawn weights.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.core.forward import forward
    >>> X = np.random.default_rng(0).normal(5.0, 100.0, size=(50, 3))
    >>> net = start_from_data(Network.create([3, 4, 1], hidden="selu"), X, seed=0)
    >>> forward(net, X).Z[1].std(axis=0).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    rng = generator(seed)
    A = as_floats(X)
    xp = namespace(A)
    n = A.shape[0]
    values: dict[tuple[int, str], Array] = {(0, name): part for name, part in network.front_values.items()}
    if network.front is not None:
        _, A = front_forward(network.front, network.front_values, A)  # (n, sizes[0])
    for layer, sigma in network.activation.items():
        n_in, n_out = network.sizes[layer - 1], network.sizes[layer]
        W = xp.asarray(rng.normal(0.0, 1.0 / sqrt(n_in), (n_out, n_in)), dtype=A.dtype)
        spread = xp.std(A @ W.T, axis=0)  # (n_out,)
        W = W / xp.where(spread > 1e-12, spread, xp.ones_like(spread))[:, None]
        Z = A @ W.T  # (n, n_out)
        shares = xp.asarray(rng.exponential(size=(MET, n_out)), dtype=A.dtype)
        shares = shares / xp.sum(shares, axis=0)
        met = xp.asarray(rng.integers(0, n, (MET, n_out)))
        b = xp.zeros(n_out, dtype=A.dtype)  # (n_out,)
        if layer < network.n_layers and network.b[layer] is not None:
            b = -xp.sum(shares * xp.take_along_axis(Z, met, axis=0), axis=0)
        values[layer, "W"] = W
        if network.b[layer] is not None:
            values[layer, "b"] = b
        slope = network.slope[layer]
        if slope is not None:
            values[layer, "slope"] = slope
        A = apply_slope(sigma(Z + b), Z + b, slope)  # (n, n_out)
    return network.with_theta(xp.astype(network.layout.pack(values), network.theta.dtype, copy=False))
