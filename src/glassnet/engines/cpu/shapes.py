"""A network, its data and its run, laid out as the arrays that kernels take."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.core.layout import Slot
from glassnet.core.network import Network
from glassnet.engines.cpu import activation_kernels
from glassnet.engines.cpu.plan import (
    BACK_AT,
    CODE,
    EMBEDDED,
    N_INPUTS,
    PANELS_AT,
    PLAN_COLUMNS,
    ROW,
    ROWS_AT,
    SCALE_AT,
    SIZE,
    STRIPS_AT,
    U_AT,
    U_ROW,
    W_AT,
)
from glassnet.engines.cpu.threads import HAS_THREADS
from glassnet.engines.cpu.tile import PANEL_BYTES
from glassnet.engines.registry import n_cores
from glassnet.typing import Array

WIDE = 2048  # bytes in a row of a matrix from which its columns are read from panels: they lie too far apart
CROWDED = 1024  # rows whose length is a multiple of this many bytes fall into the same few lines of the cache
WORK_FOR_THREADS = 1e7  # multiplications and additions of a step for each more thread: below, they wait too long


# Where a slot stands among the parts of its layer's blocks.
PARTS = {"W": 0, "b": 1, "scale": 0, "frequency": 1, "phase": 2, "mix": 3, "shift": 4}
N_EMBEDDING = 2 * N_FREQUENCIES + N_WAVES * (N_FREQUENCIES + 1)  # parameters of one embedded column


@dataclass(frozen=True)
class Shape:
    """Where everything about a network lies, for minibatches of at most `capacity` rows."""

    plan: Array  # (L + 1, PLAN_COLUMNS)
    params: Array  # (L + 1,)
    dtype: Any
    capacity: int
    lengths: tuple[int, ...]  # of Z, A and delta, of panels, back and strips

    @property
    def net(self) -> tuple[Array, Array]:
        """What kernels call the net."""
        return self.plan, self.params

    @property
    def panel(self) -> int:
        """Columns in a panel, and units in a block."""
        return int(PANEL_BYTES // np.dtype(self.dtype).itemsize)

    def room(self) -> tuple[Array, ...]:
        """Return memory for everything that a step computes on the way."""
        rows, panels, back, strips = (np.zeros(length, self.dtype) for length in self.lengths)
        nothing, largest, logs = (np.zeros(length, self.dtype) for length in (self.panel, self.capacity, self.capacity))
        return rows, rows.copy(), rows.copy(), panels, back, strips, nothing, largest, logs

    def padded(self, theta: Array) -> Array:
        """Return a copy of the parameters that tiles may read beyond the end of."""
        return np.concatenate([theta, np.zeros(self.panel, theta.dtype)])

    def blocks(self, n_threads: int) -> Array:
        """Deal the units out: (layer, first unit, last unit, thread) for each block; the heaviest ones first."""
        sizes = self.plan[:, SIZE]
        found = [
            (int(layer), first, min(first + self.panel, int(sizes[layer])), 0)
            for layer in range(1 if self.plan[0, SCALE_AT] < 0 else 0, len(sizes))
            for first in range(0, int(sizes[layer]), self.panel)
        ]
        n_embedded = self.plan.shape[1] - PLAN_COLUMNS
        found += [(0, int(sizes[0]) + e, int(sizes[0]) + e + 1, 0) for e in range(n_embedded)]
        found.sort(key=lambda block: (block[1] - block[2]) * self._fan_in(block))
        load = np.zeros(n_threads)
        blocks = np.asarray(found, dtype=np.int64)
        for block in blocks:
            block[3] = load.argmin()
            load[block[3]] += (block[2] - block[1]) * self._fan_in(block) + 1
        return blocks

    def _fan_in(self, block: Any) -> int:
        """Return how many parameters each unit of a block has, its bias aside."""
        layer, first = block[0], block[1]
        if layer:
            return int(self.plan[layer - 1, SIZE])
        return N_EMBEDDING - 1 if first >= self.plan[0, SIZE] else 0

    def places(self, blocks: Array, *, whole: bool) -> tuple[Array, int]:
        """Return where each block's gradient begins, and how long all of them are together.

        A thread has room for one block at a time, unless the `whole` gradient is needed before anything moves.
        """
        lengths = np.asarray([(block[2] - block[1]) * (self._fan_in(block) + 1) for block in blocks])
        if whole:
            return np.cumsum(lengths) - lengths, int(lengths.sum())
        return blocks[:, 3] * lengths.max(), int(lengths.max() * (blocks[:, 3].max() + 1))


def shape_of(network: Network, capacity: int, *, trains: bool, sparse: bool = False) -> Shape:
    """Return the shape of a network; for prediction alone (`trains=False`) less is laid out."""
    dtype = network.theta.dtype
    itemsize, panel = dtype.itemsize, PANEL_BYTES // dtype.itemsize
    embedded = () if network.front is None else network.front.embedded
    plan = np.full((network.n_layers + 1, PLAN_COLUMNS + len(embedded)), -1, dtype=np.int64)
    params = np.zeros(network.n_layers + 1, dtype)
    rows = panels = back = strips = 0
    for layer, size in enumerate(network.sizes):
        absent = layer == 0 and sparse
        crowded = size * itemsize >= WIDE and size * itemsize % CROWDED == 0
        row = size + 64 // itemsize if crowded else size
        plan[layer, SIZE], plan[layer, ROW], plan[layer, ROWS_AT] = size, row, rows
        rows += 0 if absent else row * capacity
        n_panels = -(-size // panel)
        wide = trains and size * itemsize >= WIDE and not absent
        if wide and layer < network.n_layers:
            plan[layer, STRIPS_AT] = strips
            strips += n_panels * panel * capacity
        if layer:
            n_in = network.sizes[layer - 1]
            plan[layer, PANELS_AT] = panels
            panels += n_panels * panel * n_in
            if trains and (layer > 1 or network.front is not None) and n_in * itemsize >= WIDE:
                plan[layer, BACK_AT] = back
                back += -(-n_in // panel) * panel * size
            sigma = network.activation[layer]
            plan[layer, CODE] = activation_kernels.code_of(sigma.name)
            params[layer] = activation_kernels.parameter_of(dict(sigma.parameters))
    plan[0, U_AT], plan[0, U_ROW], plan[0, N_INPUTS] = plan[0, ROWS_AT], plan[0, ROW], network.n_inputs
    if network.front is not None:
        plan[0, U_AT], plan[0, U_ROW] = rows, plan[0, ROW] + len(embedded) * N_FREQUENCIES
        plan[0, CODE], plan[0, EMBEDDED:] = activation_kernels.IDENTITY, embedded
        if not network.front.has_scaling:
            plan[0, ROWS_AT], plan[0, ROW] = plan[0, U_AT], plan[0, U_ROW]
        rows += int(plan[0, U_ROW]) * capacity
    for slot in network.layout.slots:
        first = W_AT if slot.layer else SCALE_AT
        plan[slot.layer, first + PARTS[slot.name]] = slot.offset
    return Shape(plan, params, dtype, capacity, (rows + panel, panels + panel, back + panel, strips + panel))


def of_slots(network: Network, value: Any) -> Array:
    """Return a number for each part of each layer: its weights and biases, in row 0 the slots of the front."""
    table = np.zeros((network.n_layers + 1, 1 + max(PARTS.values())))
    for slot in network.layout.slots:
        table[slot.layer, PARTS[slot.name]] = value(slot)
    return table


def rate_of(slot: Slot) -> float:
    """Return a slot's factor of the learning rate."""
    return 0.0 if slot.frozen else slot.factor


def decay_of(slot: Slot) -> float:
    """Return whether penalties act on a slot, as a number."""
    return float(slot.decays)


def n_threads_for(sizes: tuple[int, ...], n_batch: int, n_jobs: int | None) -> int:
    """Return how many threads a step is worth; `n_jobs` overrides."""
    if n_jobs is not None or not HAS_THREADS:
        return n_jobs if HAS_THREADS and n_jobs else 1
    work = 6 * n_batch * sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    return min(n_cores(), 1 + int(work // WORK_FOR_THREADS))


def read_only(values: Any, dtype: Any) -> Array:
    """Return values as kernels take them: in one piece, and not to be written to, for that too is part of a type."""
    array = np.ascontiguousarray(values, dtype).view()
    array.flags.writeable = False
    return array


def entries_of(X: Array, dtype: Any) -> tuple[Array, Array, Array]:
    """Return the values, columns and row starts of a sparse matrix, or the same of none for a dense one."""
    if not hasattr(X, "tocsr"):
        return read_only([], dtype), read_only([], np.int64), read_only([0], np.int64)
    X = X.tocsr()
    return read_only(X.data, dtype), read_only(X.indices, np.int64), read_only(X.indptr, np.int64)
