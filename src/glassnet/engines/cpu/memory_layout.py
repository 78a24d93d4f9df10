"""The layout of a network in memory: its plan, and the workspace of a step."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Generic, TypeVar

import numpy as np

from glassnet.core.front import N_FREQUENCIES
from glassnet.core.network import Network
from glassnet.engines.alignment import CACHE_LINE, aligned_zeros
from glassnet.engines.cpu.kernels import activations as activation_kernels
from glassnet.engines.cpu.kernels.buffers import (
    BACK_AT,
    CODE,
    EMBEDDED,
    F_AT,
    HAS_OWN,
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
    Entries,
    Net,
    Workspace,
)
from glassnet.engines.cpu.kernels.simd.vectors import PANEL_BYTES
from glassnet.typing import Array

WIDE = 2048  # bytes per row from which a matrix's columns are read from panels: in the matrix they are too far apart
CROWDED = 1024  # rows whose length is a multiple of this many bytes compete for the same cache lines
SMALL = 1 << 18  # bytes of arrays that lie side by side in one piece of memory
MOST_KNOWN = 64  # layouts that are remembered, and schedules

# The position of a slot among the parts of its layer's blocks.
PARTS = {"W": 0, "b": 1, "slope": 2, "scale": 0, "frequency": 1, "phase": 2, "mix": 3, "shift": 4}


T = TypeVar("T")


class Memo(Generic[T]):
    """Results by what they depend on: networks that differ only in their parameters share them.

    Without a lock, which a forked process could find locked: two threads may both compute a result.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the result for a key, which nobody may change."""
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = compute()
        return found


@dataclass(frozen=True)
class MemoryLayout:
    """The memory layout of a network, for minibatches of at most `capacity` rows.

    `of` is what it depends on: equal ones have equal layouts.
    """

    of: Hashable
    plan: Array  # (L + 1, PLAN_COLUMNS)
    params: Array  # (L + 1,)
    dtype: Any
    capacity: int
    lengths: tuple[int, ...]  # of Z, A and delta, of panels, back and strips

    @property
    def net(self) -> Net:
        """The plan and the parameters for kernels."""
        return Net(self.plan, self.params)

    @property
    def panel(self) -> int:
        """Columns per panel, and units per block."""
        return panel_of(self.dtype)

    def nets(self, n_threads: int) -> tuple[Array, Array]:
        """Return the plan of each thread, which may have a copy of the inputs, and the parameters, for `run_steps`."""
        plans = np.repeat(self.plan[None], n_threads, axis=0)
        if n_threads > 1 and self.plan[0, HAS_OWN] >= 0:
            plans[1:, 0, ROWS_AT] = plans[1:, 0, U_AT] = self.lengths[0] + self._n_inputs * np.arange(n_threads - 1)
        else:
            plans[:, 0, HAS_OWN] = -1
        return plans, self.params

    @property
    def _n_inputs(self) -> int:
        """Length of a copy of all rows' inputs, including what tiles may read beyond it."""
        return int(self.n_rows * self.plan[0, U_ROW]) + self.panel

    def workspace(self, n_threads: int = 1) -> Workspace:
        """Return the workspace of a step for these threads."""
        n_numbers, *others = self.lengths
        n_numbers += self._n_inputs * (n_threads - 1) if self.plan[0, HAS_OWN] >= 0 else 0
        lengths = (n_numbers, n_numbers, n_numbers, *others, self.panel, self.n_rows, self.n_rows)
        return Workspace(*aligned_parts(lengths, self.dtype))

    def own_workspaces(self, n_threads: int) -> Workspace:
        """Return a whole workspace for each thread: arrays of shape (n_threads, length)."""
        lengths = (self.lengths[0],) * 2 + (*self.lengths, self.panel, self.n_rows, self.n_rows)
        return Workspace(*(aligned_rows(n_threads, length, self.dtype) for length in lengths))

    @property
    def n_rows(self) -> int:
        """Number of rows in the workspace: a whole number of squares."""
        return rounded_up(self.capacity, self.panel // 2)


def layout_of(network: Network, capacity: int, *, trains: bool, sparse: bool = False) -> MemoryLayout:
    """Return the layout of a network in memory; prediction alone (`trains=False`) needs less."""
    functions = tuple(
        sigma.name + (repr(dict(sigma.parameters)) if sigma.parameters else "") for sigma in network.activation
    )
    structure = network.sizes, network.layout, network.front, functions, network.theta.dtype
    key = structure, capacity, trains, sparse
    return _layouts.get(key, lambda: _layout(key, network, capacity, trains=trains, sparse=sparse))


_layouts: Memo[MemoryLayout] = Memo()


def _layout(of: Hashable, network: Network, capacity: int, *, trains: bool, sparse: bool) -> MemoryLayout:
    dtype = network.theta.dtype
    itemsize, panel = dtype.itemsize, panel_of(dtype)
    embedded = () if network.front is None else network.front.embedded
    plan = np.full((network.n_layers + 1, PLAN_COLUMNS + len(embedded)), -1, dtype=np.int64)
    params = np.zeros(network.n_layers + 1, dtype)
    rows = panels = back = strips = 0
    for layer, size in enumerate(network.sizes):
        absent = layer == 0 and sparse
        crowded = size * itemsize >= WIDE and size * itemsize % CROWDED == 0
        row = size + 64 // itemsize if crowded else size
        if layer and size <= panel // 2 and network.activation[layer].builtin_name == "softmax":
            row = panel // 2  # so that squares of it can be transposed
        plan[layer, SIZE], plan[layer, ROW], plan[layer, ROWS_AT] = size, row, rows
        rows += 0 if absent else row * rounded_up(capacity, panel // 2)
        if network.layout.slot(layer, "slope") is not None:
            plan[layer, F_AT] = rows
            rows += row * rounded_up(capacity, panel // 2)
        n_panels = -(-size // panel)
        wide = trains and size * itemsize >= WIDE and not absent
        if wide and layer < network.n_layers:
            plan[layer, STRIPS_AT] = strips
            strips += n_panels * panel * capacity
        if layer:
            n_in = network.sizes[layer - 1]
            plan[layer, PANELS_AT] = panels
            panels += n_panels * panel * rounded_up(n_in, panel // 2)
            if trains and (layer > 1 or network.front is not None) and n_in * itemsize >= WIDE:
                plan[layer, BACK_AT] = back
                back += -(-n_in // panel) * panel * size
            sigma = network.activation[layer]
            keeps_slopes = trains and layer < network.n_layers and plan[layer, F_AT] < 0
            plan[layer, CODE] = activation_kernels.code_of(sigma.name, keeps_slopes=keeps_slopes)
            params[layer] = activation_kernels.parameter_of(dict(sigma.parameters))
    plan[0, U_AT], plan[0, U_ROW], plan[0, N_INPUTS] = plan[0, ROWS_AT], plan[0, ROW], network.n_inputs
    if network.front is not None:
        plan[0, U_AT], plan[0, U_ROW] = rows, plan[0, ROW] + len(embedded) * N_FREQUENCIES
        plan[0, CODE], plan[0, EMBEDDED:] = activation_kernels.IDENTITY, embedded
        if not network.front.has_scaling:
            plan[0, ROWS_AT], plan[0, ROW] = plan[0, U_AT], plan[0, U_ROW]
        rows += int(plan[0, U_ROW]) * rounded_up(capacity, panel // 2)
    # Reading what another core has just written takes longer than gathering it again.
    elif plan[0, STRIPS_AT] < 0 and not sparse:
        plan[0, HAS_OWN] = 1
    for slot in network.layout.slots:
        first = W_AT if slot.layer else SCALE_AT
        plan[slot.layer, first + PARTS[slot.name]] = slot.offset
    return MemoryLayout(of, plan, params, dtype, capacity, (rows + panel, panels + panel, back + panel, strips + panel))


def panel_of(dtype: Any) -> int:
    """Return how many numbers of a type fit into a row of a panel."""
    return int(PANEL_BYTES // np.dtype(dtype).itemsize)


def padded(theta: Array, sizes: tuple[int, ...]) -> Array:
    """Return a padded copy of a network's parameters: squares may read beyond their end."""
    longer = aligned_zeros(len(theta) + panel_of(theta.dtype) * max(sizes), theta.dtype)
    longer[: len(theta)] = theta
    return longer


def aligned_parts(lengths: Sequence[int], dtype: Any) -> list[Array]:
    """Return arrays of zeros, each as `aligned_zeros` does; small ones together, as each piece of memory takes time."""
    each = CACHE_LINE // np.dtype(dtype).itemsize
    begins = [0, *accumulate(rounded_up(length, each) for length in lengths)]
    if begins[-1] * CACHE_LINE > SMALL * each:
        return [aligned_zeros(length, dtype) for length in lengths]
    memory = aligned_zeros(begins[-1], dtype)
    return [memory[begin : begin + length] for begin, length in zip(begins[:-1], lengths, strict=True)]


def aligned_rows(n_rows: int, length: int, dtype: Any) -> Array:
    """Return zeros of shape (n_rows, at least `length`), each row aligned to a cache line and away from the others."""
    row = rounded_up(length, CACHE_LINE // np.dtype(dtype).itemsize)
    return aligned_zeros(n_rows * row, dtype).reshape(n_rows, row)


def rounded_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is at least `number`."""
    return -(-number // step) * step


def read_only(values: Any, dtype: Any) -> Array:
    """Return values as kernels take them: contiguous, aligned and read-only, which is also part of a type."""
    array = np.ascontiguousarray(values, dtype)
    array = array.view() if array.flags.aligned else array.copy()
    array.flags.writeable = False
    return array


def no_entries(dtype: Any) -> Entries:
    """Return empty entries, which mean that there is no sparse matrix."""
    return _entries.get(dtype, lambda: Entries(read_only([], dtype), read_only([], np.int64), read_only([0], np.int64)))


_entries: Memo[Entries] = Memo()
