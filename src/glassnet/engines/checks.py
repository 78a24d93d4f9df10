"""Checks of arrays before an engine indexes them, where nothing else would notice that they do not fit."""

from typing import Any

import numpy as np

from glassnet.errors import ShapeError
from glassnet.typing import Array


def check_theta(theta: Array, n_params: int) -> None:
    """Refuse parameters whose number differs from the network's layout."""
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
    """Refuse rows whose number of columns differs from the network's inputs or the encoder's steps."""
    if len(X.shape) != 2 or X.shape[1] != n_columns:
        raise ShapeError(f"X has the shape {tuple(X.shape)}, but the model expects (n_rows, {n_columns}).")


def check_order(order: Array, n_samples: int) -> None:
    """Refuse an order of samples (n_epochs, n_samples) with indices out of range."""
    if order.ndim != 2 or order.shape[1] == 0:
        raise ShapeError(f"the order of the samples has the shape {order.shape}; expected (n_epochs, n_samples).")
    # as unsigned numbers, negative ones are the largest: one comparison suffices
    if order.size and int(order.view(np.uint64).max()) >= n_samples:
        raise ShapeError(
            f"the order of the samples has {int(order.min())} to {int(order.max())}, but there are {n_samples} samples."
        )
