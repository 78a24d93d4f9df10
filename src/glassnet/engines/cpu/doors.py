"""Checks before entering machine code: every array that a kernel indexes, against its indices.

The other floors check users' input, in the users' terms. Memory safety does not depend on them: a model from a damaged
file, or changed by hand, ends in an error, never in foreign memory.
"""

from typing import Any

import numpy as np

from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.csr import check_entries
from glassnet.engines.base import own_activation
from glassnet.engines.checks import check_theta
from glassnet.engines.cpu.kernels.buffers import Entries
from glassnet.engines.cpu.kernels.encoding import HAS_FLAG, IS_LEVELS, IS_SINGLE, REFUSES_MISSING, WIDTH
from glassnet.engines.cpu.memory_layout import Memo, read_only
from glassnet.errors import ParameterError, ShapeError
from glassnet.typing import Array

CANNOT_COMPILE = "which engine='cpu' cannot compile; use engine='reference'"


def check_network(network: Network) -> None:
    """Refuse a network whose sizes, layers, front, layout and parameters are inconsistent, or that has no kernels."""
    sizes: Any = network.sizes  # any object, from a file or changed by hand
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
    foreign = own_activation(network)
    if foreign is not None:  # under a built-in name it would get that one's kernel
        raise ParameterError(f"{foreign}, {CANNOT_COMPILE}.")
    if front is not None and (front.n_outputs != sizes[0] or not all(0 <= k < front.n_inputs for k in front.embedded)):
        raise ShapeError(f"the front of {front.n_inputs} inputs does not lead to the {sizes[0]} of the first layer.")
    if not _fits.get((sizes, front, layout), lambda: _layout_fits(network)):
        raise ShapeError(f"the network's layout is not that of layers of the sizes {sizes}.")
    if network.theta.dtype not in (np.float32, np.float64):
        raise ShapeError(f"the network holds numbers of the type {network.theta.dtype}; expected float32 or float64.")
    check_theta(network.theta, network.n_params)


_fits: Memo[bool] = Memo()


def _layout_fits(network: Network) -> bool:
    """Return whether the layout is that of the network's layers."""
    sizes, layout = network.sizes, network.layout
    layers = range(1, len(sizes))
    has = {name: [layout.slot(layer, name) is not None for layer in layers] for name in ("b", "slope")}
    own = Layout.dense(sizes, has["b"], network.front, has["slope"])
    return [_place(slot) for slot in own.slots] == [_place(slot) for slot in layout.slots]


def _is_size(size: Any) -> bool:
    return isinstance(size, (int, np.integer)) and bool(size >= 1)


def _place(slot: Any) -> tuple[Any, ...]:
    return slot.layer, slot.name, slot.shape, slot.offset


def checked_columns(steps: Any, scales: Any, n_inputs: int, *, numbers_alone: bool) -> tuple[Array, Array]:
    """Return copies of the result of `Encoder.as_arrays`, if they give exactly the inputs of the network.

    Parameters
    ----------
    numbers_alone : bool
        Whether to refuse columns of levels, too.
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


def checked_entries(X: Any, dtype: Any, shape: tuple[int, int]) -> Entries:
    """Return copies of a CSR matrix's values, columns and row starts, which cannot change after the check."""
    values, columns, starts = (np.array(part, order="C") for part in (X.data, X.indices, X.indptr))
    check_entries(starts, columns, len(values), shape)
    return Entries(read_only(values, dtype), read_only(columns, np.int64), read_only(starts, np.int64))
