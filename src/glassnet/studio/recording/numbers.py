"""All numbers of a recording: the drawn weights of each frame, and the passes of each chosen row through it.

The numbers are stored and not computed again by the page: they are those of `glassnet.explain`, for every activation,
cost and front, and a page without mathematics cannot differ from the library.
"""

import base64
from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.catalog.costs import COMBINED, Cost
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.studio.recording.sources import Row
from glassnet.typing import Array


def frame(network: Network, drawn: Sequence[Sequence[int]], rows: Sequence[Row], cost: Cost) -> tuple[Array, Array]:
    """Return the values of one frame, (n_values,), and the outputs of each row, (n_rows, n_out)."""
    exact = network.with_theta(np.asarray(network.theta, dtype=np.float64))
    outputs, values = [], [*parameters(exact, drawn)]
    with np.errstate(all="ignore"):  # a diverging network is shown, too
        for row in rows:
            A, passes = _passes(exact, drawn, row, cost)
            outputs.append(A)
            values += passes
    return np.concatenate([part.ravel() for part in values]), np.asarray(outputs)


def parameters(network: Network, drawn: Sequence[Sequence[int]]) -> Iterator[Array]:
    """Yield, layer by layer, the weights into the drawn neurons, their biases and their slopes."""
    for l in range(1, network.n_layers + 1):
        kept = list(drawn[l])
        yield np.asarray(network.W[l], dtype=np.float64)[kept]  # (n_drawn, n_in)
        for each in (network.b[l], network.slope[l]):
            if each is not None:
                yield np.asarray(each, dtype=np.float64)[kept]  # (n_drawn,)


def _passes(network: Network, drawn: Sequence[Sequence[int]], row: Row, cost: Cost) -> tuple[Array, list[Array]]:
    """Return the outputs of a row, and its values: A[0] behind a front, then a, delta, z, ∂E/∂a by layer; the losses.

    Rows pass one by one, as in `glassnet.explain`, so that the last bits agree.
    """
    L, Y = network.n_layers, row.Y[None, :]
    trace = forward(network, row.X[None, :])
    grads = backward(network, trace, Y, cost=cost)
    values = [trace.A[0][0]] if network.front is not None else []
    for l in range(1, L + 1):
        kept = list(drawn[l])
        dE_da = cost.prime(trace.A[L], Y) if l == L else grads.delta[l + 1] @ network.W[l + 1]  # (1, n_out)
        values += [trace.A[l][0], grads.delta[l][0], trace.Z[l][0][kept], dE_da[0][kept]]
    combined = COMBINED.get((network.activation[L].builtin_name, cost.builtin_name))
    losses = combined(trace.Z[L], Y) if combined else cost.of_outputs(trace.A[L], Y)  # (1, n_out)
    return trace.A[L][0], [*values, losses[0]]


def encoded(values: Array, n_bytes: int) -> str:
    """Return numbers as base64 of little-endian floats of `n_bytes` each.

    >>> encoded(np.asarray([1.0]), 4)
    'AACAPw=='
    """
    with np.errstate(over="ignore"):  # beyond the range of float32: infinite
        return base64.b64encode(np.asarray(values).astype(f"<f{n_bytes}").tobytes()).decode("ascii")
