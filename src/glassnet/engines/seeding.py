"""Everything random in a run, drawn above the engines, so that every engine walks the same trajectory."""

from collections.abc import Iterator

import numpy as np

from glassnet.typing import Array

BLOCK_NUMBERS = 1 << 18  # orders are drawn for about this many rows at once: one call for many epochs of a small table


def sample_orders(n_samples: int, n_epochs: int, rng: np.random.Generator, *, shuffle: bool) -> Iterator[Array]:
    """Yield the order of the rows for each epoch, (n_samples,); drawn in blocks, whatever the reader takes."""
    rows = np.arange(n_samples)
    if not shuffle:
        for _ in range(n_epochs):
            yield rows
        return
    block = max(1, BLOCK_NUMBERS // n_samples)
    for start in range(0, n_epochs, block):
        # always a full block, so that a longer run begins with the orders of a shorter one
        orders = rng.permuted(np.broadcast_to(rows, (block, n_samples)), axis=1)
        yield from orders[: n_epochs - start]


def dropout_mask(seed: int, step: int, layer: int, n_rows: int, n_units: int, rate: float) -> Array:
    """Return 0 for each unit left out and 1/(1 - rate) for each one kept, (n_rows, n_units).

    A pure function of (seed, step, layer, row, unit) in 32-bit arithmetic, which any engine can compute for itself:
    the finalizer of MurmurHash3 (Appleby, public domain) over a counter.
    """
    key = _mix(_mix(_mix(np.uint32(seed & 0xFFFFFFFF)) ^ np.uint32(step & 0xFFFFFFFF)) ^ np.uint32(layer))
    rows = _mix(key ^ np.arange(n_rows, dtype=np.uint32))[:, None]
    hashed = _mix(rows ^ np.arange(n_units, dtype=np.uint32))
    threshold = np.uint32(min(rate * 2.0**32, 2.0**32 - 1))
    return np.where(hashed >= threshold, 1.0 / (1.0 - rate), 0.0)


def _mix(h: Array) -> Array:
    h = np.asarray(h, dtype=np.uint32).reshape(np.shape(h) or (1,)) + np.uint32(0x9E3779B9)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))
