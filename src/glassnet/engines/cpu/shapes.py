"""A network, its data and its run, laid out as the arrays that kernels take."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.core.layout import Slot
from glassnet.core.network import Network
from glassnet.engines.cpu import activation_kernels
from glassnet.engines.cpu.run_kernel import (
    B_AT,
    BACK_AT,
    CODE,
    FIRST,
    LAST,
    LAYER,
    OWNER,
    PANELS_AT,
    PLAN_COLUMNS,
    ROW,
    ROWS_AT,
    SIZE,
    STRIPS_AT,
    W_AT,
    W_GRAD,
)
from glassnet.engines.cpu.threads import HAS_THREADS
from glassnet.engines.cpu.tile import PANEL_BYTES
from glassnet.engines.registry import n_cores
from glassnet.typing import Array

WIDE = 2048  # bytes in a row of a matrix from which its columns are read from panels: they lie too far apart
CROWDED = 1024  # rows whose length is a multiple of this many bytes fall into the same few lines of the cache
TOGETHER = 1 << 17  # bytes of gradients up to which a thread sums all of its units' before it moves them
WORK_FOR_THREADS = 1e7  # multiplications and additions of a step for each more thread: below, they wait too long


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
        nothing, largest, logs = (np.zeros(length, self.dtype) for length in (self.panel, self.n_rows, self.n_rows))
        return rows, rows.copy(), rows.copy(), panels, back, strips, nothing, largest, logs, np.ones(1, self.dtype)

    @property
    def n_rows(self) -> int:
        """How many rows there is room for: whole squares of them."""
        return rounded_up(self.capacity, self.panel // 2)

    def padded(self, theta: Array) -> Array:
        """Return a copy of the parameters that squares may read beyond the end of."""
        return np.concatenate([theta, np.zeros(self.panel * int(self.plan[:, SIZE].max()), theta.dtype)])

    def blocks(self, n_threads: int) -> Array:
        """Deal the units out: (layer, first unit, last unit, thread) for each block; the heaviest ones first."""
        sizes = self.plan[:, SIZE]
        found = [
            (int(layer), first, min(first + self.panel, int(sizes[layer])), 0)
            for layer in range(1, len(sizes))
            for first in range(0, int(sizes[layer]), self.panel)
        ]
        found.sort(key=lambda block: (block[1] - block[2]) * sizes[block[0] - 1])
        load = np.zeros(n_threads)
        blocks = np.zeros((len(found), 6), dtype=np.int64)
        blocks[:, :4] = found
        for block in blocks:
            block[OWNER] = load.argmin()
            load[block[OWNER]] += (block[LAST] - block[FIRST]) * sizes[block[LAYER] - 1] + 1
        return blocks

    def work(self, n_threads: int, rates: Array, decays: Array, *, whole: bool) -> tuple[tuple[Array, ...], int]:
        """Return what `run_steps` calls the work, and how long the gradient is that it writes.

        A thread takes its blocks in turns: all in one where their gradients are small, so that neighbors move in one
        go, else one by one. It has room for one turn, unless the `whole` gradient is needed before anything moves.
        """
        blocks = self.blocks(n_threads)
        lengths = (blocks[:, LAST] - blocks[:, FIRST]) * (self.plan[blocks[:, LAYER] - 1, SIZE] + 1)
        together = lengths.sum() * np.dtype(self.dtype).itemsize <= TOGETHER
        if together:
            taken = [np.flatnonzero(blocks[:, OWNER] == thread).tolist() for thread in range(n_threads)]
        else:
            taken = [[b] for b in range(len(blocks))]
        room = max(int(lengths[some].sum()) for some in taken)
        turns: list[Any] = []
        parts: list[Any] = []
        part_rates: list[Any] = []
        end = 0
        for some in filter(None, taken):
            owner = int(blocks[some[0], OWNER])
            pieces = self._pieces(blocks, some, rates, decays, end if whole else owner * room)
            end += int(lengths[some].sum())
            n_blocks, n_parts = sum(turn[1] - turn[0] for turn in turns), len(parts)
            for part, rate in pieces:
                if len(parts) > n_parts and parts[-1][1] == part[0] and part_rates[-1] == rate:
                    parts[-1][1] = part[1]
                else:
                    parts.append(part)
                    part_rates.append(rate)
            turns.append((n_blocks, n_blocks + len(some), n_parts, len(parts), owner))
        order = [b for some in taken for b in some]
        work = (
            np.zeros(len(blocks)), np.zeros(len(turns), np.int64), blocks, np.asarray(order, np.int64),
            np.asarray(turns, np.int64), np.asarray(parts, np.int64), np.asarray(part_rates, np.float64),
        )  # fmt: skip
        return work, end if whole else room * n_threads

    def _pieces(self, blocks: Array, some: list[int], rates: Array, decays: Array, g_at: int) -> list[Any]:
        """Return ([begin, end, place of the gradient], (rate, decay)) for W and b of some blocks, in theta's order.

        Their gradients lie in the same order, from `g_at` on; the blocks are told where.
        """
        pieces = []
        for b in some:
            layer, first, last = blocks[b, :3].tolist()
            n_in = int(self.plan[layer - 1, SIZE])
            for k, (column, length) in enumerate(((W_AT, n_in), (B_AT, 1))):
                at = int(self.plan[layer, column])
                if at >= 0:
                    rate = (float(rates[layer, k]), float(decays[layer, k]))
                    pieces.append(([at + first * length, at + last * length, b, W_GRAD + k], rate))
        pieces.sort(key=lambda piece: piece[0][0])
        for part, _ in pieces:
            column, b = part.pop(), part.pop()
            blocks[b, column] = g_at
            part.append(g_at)
            g_at += part[1] - part[0]
        return pieces


def shape_of(network: Network, capacity: int, *, trains: bool, sparse: bool = False) -> Shape:
    """Return the shape of a network; for prediction alone (`trains=False`) less is laid out."""
    dtype = network.theta.dtype
    itemsize, panel = dtype.itemsize, PANEL_BYTES // dtype.itemsize
    plan = np.full((network.n_layers + 1, PLAN_COLUMNS), -1, dtype=np.int64)
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
        n_panels = -(-size // panel)
        wide = trains and size * itemsize >= WIDE and not absent
        if wide and layer < network.n_layers:
            plan[layer, STRIPS_AT] = strips
            strips += n_panels * panel * capacity
        if layer:
            n_in = network.sizes[layer - 1]
            plan[layer, PANELS_AT] = panels
            panels += n_panels * panel * rounded_up(n_in, panel // 2)
            if trains and layer > 1 and n_in * itemsize >= WIDE:
                plan[layer, BACK_AT] = back
                back += -(-n_in // panel) * panel * size
            sigma = network.activation[layer]
            plan[layer, CODE] = activation_kernels.code_of(sigma.name)
            params[layer] = activation_kernels.parameter_of(dict(sigma.parameters))
    for slot in network.layout.slots:
        plan[slot.layer, W_AT if slot.name == "W" else B_AT] = slot.offset
    return Shape(plan, params, dtype, capacity, (rows + panel, panels + panel, back + panel, strips + panel))


def rounded_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is not below `number`."""
    return -(-number // step) * step


def of_slots(network: Network, value: Any) -> Array:
    """Return a number for each layer's weights and biases, (L + 1, 2), read off their slots."""
    table = np.zeros((network.n_layers + 1, 2))
    for slot in network.layout.slots:
        table[slot.layer, 0 if slot.name == "W" else 1] = value(slot)
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
        return n_jobs if HAS_THREADS and n_jobs else 1
    return min(n_cores(), 1 + int(work_of_step(sizes, n_batch) // WORK_FOR_THREADS))


def work_of_step(sizes: tuple[int, ...], n_batch: int) -> float:
    """Return how many multiplications and additions a step takes: forward, back, and for the gradient."""
    return 6.0 * n_batch * sum(n_in * n_out for n_in, n_out in pairwise(sizes))


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
