"""A network, its data and its run, laid out as the arrays that kernels take."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.core.layout import Slot
from glassnet.core.network import Network
from glassnet.engines.cores import n_cores, n_to_start
from glassnet.engines.cpu.kernels import activations as activation_kernels
from glassnet.engines.cpu.kernels.buffers import (
    BACK_AT,
    CODE,
    EMBEDDED,
    F_AT,
    FREQUENCY_AT,
    HAS_OWN,
    LAST,
    MIX_AT,
    N_INPUTS,
    OWNER,
    PANELS_AT,
    PART_AT,
    PART_END,
    PART_GRAD,
    PARTS_AT,
    PARTS_END,
    PHASE_AT,
    PLAN_COLUMNS,
    ROW,
    ROWS_AT,
    SCALE_AT,
    SHIFT_AT,
    SIZE,
    STRIPS_AT,
    U_AT,
    U_ROW,
    W_AT,
)
from glassnet.engines.cpu.kernels.simd.vectors import PANEL_BYTES
from glassnet.engines.cpu.threads.barrier import HAS_THREADS
from glassnet.typing import Array

WIDE = 2048  # bytes in a row of a matrix from which its columns are read from panels: they lie too far apart
CROWDED = 1024  # rows whose length is a multiple of this many bytes fall into the same few lines of the cache
CACHE_LINE = 64  # bytes
TOGETHER = 1 << 17  # bytes of gradients up to which a thread sums all of its units' before it moves them
WORK_FOR_THREADS = 1e7  # multiplications and additions of a step for each more thread: below, they wait too long


# Where a slot stands among the parts of its layer's blocks.
PARTS = {"W": 0, "b": 1, "slope": 2, "scale": 0, "frequency": 1, "phase": 2, "mix": 3, "shift": 4}

# Of one embedded column: the begin of a slot in the plan, and how many numbers of it are its own.
EMBEDDING = (
    (FREQUENCY_AT, N_FREQUENCIES), (PHASE_AT, N_FREQUENCIES), (MIX_AT, N_WAVES * N_FREQUENCIES), (SHIFT_AT, N_WAVES),
)  # fmt: skip


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
        return panel_of(self.dtype)

    def nets(self, n_threads: int) -> tuple[Array, Array]:
        """Return what `run_steps` calls the nets: the plan of each thread, which may have inputs of its own."""
        plans = np.repeat(self.plan[None], n_threads, axis=0)
        if n_threads > 1 and self.plan[0, HAS_OWN] >= 0:
            plans[1:, 0, ROWS_AT] = plans[1:, 0, U_AT] = self.lengths[0] + self._n_inputs * np.arange(n_threads - 1)
        else:
            plans[:, 0, HAS_OWN] = -1
        return plans, self.params

    @property
    def _n_inputs(self) -> int:
        """How many numbers the inputs of all rows are, and what tiles may read beyond them."""
        return int(self.n_rows * self.plan[0, U_ROW]) + self.panel

    def room(self, n_threads: int = 1) -> tuple[Array, ...]:
        """Return memory for everything that so many threads compute in a step on the way."""
        n_numbers, *others = self.lengths
        n_numbers += self._n_inputs * (n_threads - 1) if self.plan[0, HAS_OWN] >= 0 else 0
        lengths = (n_numbers, n_numbers, n_numbers, *others, self.panel, self.n_rows, self.n_rows)
        return tuple(aligned_zeros(length, self.dtype) for length in lengths)

    @property
    def n_rows(self) -> int:
        """How many rows there is room for: whole squares of them."""
        return rounded_up(self.capacity, self.panel // 2)

    def blocks(self, n_threads: int) -> Array:
        """Deal the units out: (layer, first unit, last unit, thread, ...) for each block; the heaviest ones first."""
        sizes = self.plan[:, SIZE]
        found = [
            (int(layer), first, min(first + self.panel, int(sizes[layer])))
            for layer in range(1 if self.plan[0, SCALE_AT] < 0 else 0, len(sizes))
            for first in range(0, int(sizes[layer]), self.panel)
        ]
        n_embedded = self.plan.shape[1] - PLAN_COLUMNS
        found += [(0, int(sizes[0]) + e, int(sizes[0]) + e + 1) for e in range(n_embedded)]
        found.sort(key=lambda block: -self._n_params(*block))
        load = np.zeros(n_threads)
        blocks = np.zeros((len(found), PARTS_END + 1), dtype=np.int64)
        blocks[:, : LAST + 1] = found
        for block in blocks:
            block[OWNER] = load.argmin()
            load[block[OWNER]] += self._n_params(*block[: LAST + 1].tolist()) + 1
        return blocks

    def _n_params(self, layer: int, first: int, last: int) -> int:
        return sum(end - begin for _, begin, end in self._parts(layer, first, last))

    def _parts(self, layer: int, first: int, last: int) -> list[tuple[int, int, int]]:
        """Return (which part, begin, end in theta) for each part of a block."""
        embedded = first - int(self.plan[0, SIZE])
        if layer:
            n_in = int(self.plan[layer - 1, SIZE])
            found = [(k, int(self.plan[layer, W_AT + k]), each) for k, each in enumerate((n_in, 1, 1))]
            return [(k, at + first * each, at + last * each) for k, at, each in found if at >= 0]
        if embedded < 0:
            at = int(self.plan[0, SCALE_AT])
            return [(0, at + first, at + last)]
        begins = [(int(self.plan[0, slot]) + embedded * each, each) for slot, each in EMBEDDING]
        return [(k, at, at + each) for k, (at, each) in enumerate(begins, start=1)]

    def work(self, n_threads: int, rates: Array, decays: Array, *, whole: bool) -> tuple[tuple[Array, ...], int]:
        """Return what `run_steps` calls the work, and how long the gradient is that it writes.

        A thread takes its blocks in turns: all in one where their gradients are small, so that neighbors move in one
        go, else one by one. It has room for one turn, unless the `whole` gradient is needed before anything moves.

        Returns
        -------
        work : tuple of arrays
            The sum of squares of each block's gradient, and how many parameters of each turn are not finite, for the
            kernel to fill; blocks, their parts, and the parts' (rate, decay); the blocks in the order of the turns;
            the turns, the parts that they make up, and their (rate, decay).
        """
        blocks = self.blocks(n_threads)
        parts: list[list[int]] = []
        part_rates: list[tuple[float, float]] = []
        for block in blocks:
            layer, first, last = block[: LAST + 1].tolist()
            found = self._parts(layer, first, last)
            block[PARTS_AT], block[PARTS_END] = len(parts), len(parts) + len(found)
            parts += [[begin, end, 0] for _, begin, end in found]
            part_rates += [(float(rates[layer, k]), float(decays[layer, k])) for k, _, _ in found]
        lengths = [
            sum(parts[p][PART_END] - parts[p][PART_AT] for p in range(block[PARTS_AT], block[PARTS_END]))
            for block in blocks
        ]
        if sum(lengths) * np.dtype(self.dtype).itemsize <= TOGETHER:
            taken = [np.flatnonzero(blocks[:, OWNER] == thread).tolist() for thread in range(n_threads)]
        else:
            taken = [[b] for b in range(len(blocks))]
        room = max(sum(lengths[b] for b in some) for some in taken)
        turns: list[tuple[int, ...]] = []
        joined: list[list[int]] = []
        joined_rates: list[tuple[float, float]] = []
        n_blocks = end = 0
        for some in filter(None, taken):
            owner, n_joined = int(blocks[some[0], OWNER]), len(joined)
            g_at = end if whole else owner * room
            own = [p for b in some for p in range(blocks[b, PARTS_AT], blocks[b, PARTS_END])]
            for p in sorted(own, key=lambda p: parts[p][PART_AT]):
                part, rate = parts[p], part_rates[p]
                part[PART_GRAD] = g_at
                g_at += part[PART_END] - part[PART_AT]
                if len(joined) > n_joined and joined[-1][PART_END] == part[PART_AT] and joined_rates[-1] == rate:
                    joined[-1][PART_END] = part[PART_END]
                else:
                    joined.append([*part])
                    joined_rates.append(rate)
            end += sum(lengths[b] for b in some)
            turns.append((n_blocks, n_blocks + len(some), n_joined, len(joined), owner))
            n_blocks += len(some)
        order = [b for some in taken for b in some]
        work = (
            np.zeros(len(blocks)), np.zeros(len(turns), np.int64),
            blocks, np.asarray(parts, np.int64), np.asarray(part_rates, np.float64),
            np.asarray(order, np.int64), np.asarray(turns, np.int64), np.asarray(joined, np.int64),
            np.asarray(joined_rates, np.float64),
        )  # fmt: skip
        return work, end if whole else room * n_threads


def shape_of(network: Network, capacity: int, *, trains: bool, sparse: bool = False) -> Shape:
    """Return the shape of a network; for prediction alone (`trains=False`) less is laid out."""
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
        if layer and size <= panel // 2 and network.activation[layer].name == "softmax":
            row = panel // 2  # so that a square of them can be turned
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
    # To read what another core has just written takes longer than to gather it once more.
    elif plan[0, STRIPS_AT] < 0 and not sparse:
        plan[0, HAS_OWN] = 1
    for slot in network.layout.slots:
        first = W_AT if slot.layer else SCALE_AT
        plan[slot.layer, first + PARTS[slot.name]] = slot.offset
    return Shape(plan, params, dtype, capacity, (rows + panel, panels + panel, back + panel, strips + panel))


def panel_of(dtype: Any) -> int:
    """Return how many numbers of a type a row of a panel holds."""
    return int(PANEL_BYTES // np.dtype(dtype).itemsize)


def padded(theta: Array, sizes: tuple[int, ...]) -> Array:
    """Return a copy of the parameters of a network that squares may read beyond the end of."""
    longer = aligned_zeros(len(theta) + panel_of(theta.dtype) * max(sizes), theta.dtype)
    longer[: len(theta)] = theta
    return longer


def aligned_zeros(length: int, dtype: Any) -> Array:
    """Return zeros that begin where a cache line does: a vector that lies across two of them takes twice as long."""
    n_bytes = int(length) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + CACHE_LINE, np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + n_bytes].view(dtype)


def rounded_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is not below `number`."""
    return -(-number // step) * step


def of_slots(network: Network, value: Any) -> Array:
    """Return a number for each part of each layer: weights, biases, slopes, in row 0 the slots of the front."""
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
    """Return how many threads it is worth to carry rows forward; `n_jobs` overrides."""
    if n_jobs is not None or not HAS_THREADS:
        return n_to_start(n_jobs) if HAS_THREADS and n_jobs else 1
    return min(n_cores(), 1 + int(work_of_step(sizes, n_batch) // WORK_FOR_THREADS))


def work_of_step(sizes: tuple[int, ...], n_batch: int) -> float:
    """Return how many multiplications and additions a step takes: forward, back, and for the gradient."""
    return 6.0 * n_batch * sum(n_in * n_out for n_in, n_out in pairwise(sizes))


def read_only(values: Any, dtype: Any) -> Array:
    """Return values as kernels take them: in one piece, and not to be written to, for that too is part of a type."""
    array = np.ascontiguousarray(values, dtype).view()
    array.flags.writeable = False
    return array


def no_entries(dtype: Any) -> tuple[Array, Array, Array]:
    """Return the values, columns and row starts that stand for no sparse matrix."""
    return read_only([], dtype), read_only([], np.int64), read_only([0], np.int64)
