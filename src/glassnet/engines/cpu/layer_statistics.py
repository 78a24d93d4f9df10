"""Reads the statistics of layers from the workspace that a step has left."""

from typing import Any

from glassnet.core.network import Network
from glassnet.engines.cpu.kernels.activations import BOTH
from glassnet.engines.cpu.kernels.buffers import CODE, F_AT, ROW, ROWS_AT, SIZE
from glassnet.engines.statistics import Activity, activity, largest_slope, slopes_of
from glassnet.typing import Array


def activities_of(network: Network, plan: Array, workspace: tuple[Any, ...], n_rows: int) -> list[Activity]:
    """Return the activity of the layers 1..L over the rows of the last step, which was without dropout."""
    Zs, As, deltas = workspace[:3]
    found = []
    for l, sigma in network.activation.items():
        size, row, at, f_at = plan[l, [SIZE, ROW, ROWS_AT, F_AT]].tolist()
        Z, A, delta = (_rows(flat, at, row, n_rows)[:, :size] for flat in (Zs, As, deltas))  # (n_rows, n_out)
        F = A if f_at < 0 else _rows(As, f_at, row, n_rows)[:, :size]
        slopes = Z if plan[l, CODE] >= BOTH else slopes_of(sigma, Z, F)  # which the forward pass may have left in Z
        found.append(activity(slopes, largest_slope(sigma), A, delta))
    return found


def _rows(flat: Array, at: int, row: int, n_rows: int) -> Array:
    return flat[at : at + n_rows * row].reshape(n_rows, row)
