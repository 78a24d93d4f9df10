"""Outputs of new rows; a row's numbers do not depend on its batch."""

from weakref import WeakKeyDictionary

from glassnet.core.network import Network
from glassnet.engines.base import Forward
from glassnet.engines.registry import forward_of
from glassnet.typing import Array

# Forward passes for reuse. They are not thread-safe, so a caller removes one from here while using it.
_forwards: WeakKeyDictionary[Network, Forward] = WeakKeyDictionary()


def outputs(
    network: Network, X: Array, columns: tuple[Array, Array] | None = None, *, n_jobs: int | None = None
) -> tuple[Array, Array]:
    """Return Z[L] and A[L] (n_rows, n_out) in float64 for encoded rows, dense or sparse.

    With `columns`, the arrays of `Encoder.as_arrays`, for rows of raw numbers, which are encoded in the same pass.

    Raises
    ------
    NeedsSlowPath
        If a raw number cannot be encoded in that pass, or the engine encodes none.

    Examples
    --------
    >>> net = Network.create([2, 3, 1], seed=0)
    >>> A0 = np.random.default_rng(0).normal(size=(300, 2))
    >>> bool((outputs(net, A0)[1][200:] == outputs(net, A0[200:])[1]).all())
    True
    """
    forward = _forwards.pop(network, None)
    if forward is None or forward.n_jobs != n_jobs:
        forward = forward_of(network.astype("float64"), n_jobs)
    Z_L, A_L = forward(network.theta, X, columns)  # theta may have been changed in place
    _forwards[network] = forward
    return Z_L, A_L
