"""What is checked before machine code is entered: every array that a kernel indexes, against what it indexes it with.

The other floors check what their users give them, in the users' words. Here nothing depends on that: a model that a
damaged file was read into, or that was changed by hand, ends in an error, never in somebody else's memory.
"""

from typing import Any

import numpy as np

from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.csr import check_entries
from glassnet.engines.cpu.kernels.buffers import Entries
from glassnet.engines.cpu.kernels.encoding import HAS_FLAG, IS_LEVELS, IS_SINGLE, REFUSES_MISSING, WIDTH
from glassnet.engines.cpu.memory_layout import read_only
from glassnet.errors import ShapeError
from glassnet.typing import Array


def check_network(network: Network) -> None:
    """Refuse a network whose sizes, layers, front, layout and parameters do not belong together."""
    sizes: Any = network.sizes  # whatever a file or a hand has made of it
    front, layout = network.front, network.layout
    if not (isinstance(sizes, tuple) and len(sizes) > 1 and all(_is_size(size) for size in sizes)):
        raise ShapeError(
            f"the network's layers have the sizes {sizes}; expected a tuple of whole numbers from 1 upwards."
        )
    if len(network.activation) != len(sizes) - 1:
        raise ShapeError(
            f"the network has {len(network.activation)} activation functions, but {len(sizes) - 1} layers; expected "
            f"one for each."
        )
    if front is not None and (front.n_outputs != sizes[0] or not all(0 <= k < front.n_inputs for k in front.embedded)):
        raise ShapeError(f"the front of {front.n_inputs} inputs does not lead to the {sizes[0]} of the first layer.")
    layers = range(1, len(sizes))
    has = {name: [layout.slot(layer, name) is not None for layer in layers] for name in ("b", "slope")}
    own = Layout.dense(sizes, has["b"], front, has["slope"])
    if [_place(slot) for slot in own.slots] != [_place(slot) for slot in layout.slots]:
        raise ShapeError(f"the network's layout is not that of layers of the sizes {sizes}.")
    if network.theta.dtype not in (np.float32, np.float64):
        raise ShapeError(f"the network holds numbers of the type {network.theta.dtype}; expected float32 or float64.")
    check_theta(network.theta, network.n_params)


def _is_size(size: Any) -> bool:
    return isinstance(size, (int, np.integer)) and bool(size >= 1)


def _place(slot: Any) -> tuple[Any, ...]:
    return slot.layer, slot.name, slot.shape, slot.offset


def check_theta(theta: Array, n_params: int) -> None:
    """Refuse parameters that are not as many as the network was laid out for."""
    if np.shape(theta) != (n_params,):
        raise ShapeError(
            f"theta has the shape {np.shape(theta)}, but this network has {n_params} parameters; expected "
            f"({n_params},)."
        )


def check_shape(array: Any, shape: tuple[int, ...], name: str) -> None:
    """Refuse an array of another shape."""
    if tuple(np.shape(array)) != shape:
        raise ShapeError(f"{name} has the shape {tuple(np.shape(array))}, but the engine expected {shape}.")


def check_rows(X: Any, n_columns: int) -> None:
    """Refuse rows that have not as many columns as the network has inputs, or the encoder steps."""
    if len(X.shape) != 2 or X.shape[1] != n_columns:
        raise ShapeError(f"X has the shape {tuple(X.shape)}, but the model expects (n_rows, {n_columns}).")


def checked_columns(steps: Any, scales: Any, n_inputs: int, *, numbers_alone: bool) -> tuple[Array, Array]:
    """Return copies of what `Encoder.as_arrays` returns, once they make exactly as many inputs as the network has.

    Parameters
    ----------
    numbers_alone : bool
        Whether columns of levels are refused, too.
    """
    steps, scales = np.array(steps, np.int64, order="C"), np.array(scales, np.float64, order="C")
    if steps.ndim != 2 or steps.shape[1] != REFUSES_MISSING + 1 or scales.shape != (3, len(steps)):
        raise ShapeError(f"the encoder's arrays have the shapes {steps.shape} and {scales.shape}, which do not fit.")
    flags, widths = steps[:, [IS_LEVELS, IS_SINGLE, HAS_FLAG, REFUSES_MISSING]], steps[:, WIDTH]
    is_number = steps[:, IS_LEVELS] == 0
    if (
        (flags < 0).any() or (flags > 1).any() or (widths < 0).any() or (widths > n_inputs).any()
        or (widths[is_number] != 1).any() or (numbers_alone and not is_number.all())
    ):  # fmt: skip
        raise ShapeError("the encoder's arrays hold a kind of column, a width or a flag that does not exist.")
    made = int(widths.sum() + steps[:, HAS_FLAG].sum())
    if made != n_inputs:
        raise ShapeError(f"the encoder makes {made} inputs, but the network has {n_inputs}; they do not fit.")
    return steps, scales


def check_order(order: Array, n_samples: int) -> None:
    """Refuse an order of samples (n_epochs, n_samples) that leads beyond them."""
    if order.ndim != 2 or order.shape[1] == 0:
        raise ShapeError(f"the order of the samples has the shape {order.shape}; expected (n_epochs, n_samples).")
    # as numbers without a sign, negative ones are the largest: one look at each is enough
    if order.size and int(order.view(np.uint64).max()) >= n_samples:
        raise ShapeError(
            f"the order of the samples has {int(order.min())} to {int(order.max())}, but there are {n_samples} samples."
        )


def checked_entries(X: Any, dtype: Any, shape: tuple[int, int]) -> Entries:
    """Return copies of a CSR matrix's values, columns and row starts, which cannot change after the check."""
    values, columns, starts = (np.array(part, order="C") for part in (X.data, X.indices, X.indptr))
    check_entries(starts, columns, len(values), shape)
    return Entries(read_only(values, dtype), read_only(columns, np.int64), read_only(starts, np.int64))
