"""The schedule of a step: which thread sums which gradients, and updates which parameters.

The units of all layers are distributed to the threads in blocks, as many neighbors as a panel is wide. A block has
parts (weights, biases, slopes), each contiguous in theta.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.core.layout import Slot
from glassnet.core.network import Network
from glassnet.engines.cpu.kernels.buffers import (
    FREQUENCY_AT,
    LAST,
    MIX_AT,
    OWNER,
    PARTS_AT,
    PARTS_END,
    PHASE_AT,
    PLAN_COLUMNS,
    SCALE_AT,
    SHIFT_AT,
    SIZE,
    W_AT,
    Schedule,
)
from glassnet.engines.cpu.memory_layout import PARTS, Memo, MemoryLayout
from glassnet.typing import Array

TOGETHER = 1 << 17  # bytes of gradients up to which a thread sums all its gradients before it updates parameters

# For an embedded column: the position of the slot's start in the plan, and its numbers per column.
EMBEDDING = (
    (FREQUENCY_AT, N_FREQUENCIES), (PHASE_AT, N_FREQUENCIES), (MIX_AT, N_WAVES * N_FREQUENCIES), (SHIFT_AT, N_WAVES),
)  # fmt: skip


class Part(NamedTuple):
    """A range of theta with a single learning rate."""

    begin: int
    end: int
    grad_at: int  # start of its gradient
    rate: float
    decay: float

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.end - self.begin


def schedule_of(network: Network, layout: MemoryLayout, n_threads: int, *, whole: bool) -> tuple[Schedule, int]:
    """Return the schedule of a step, and the length of the gradient that it writes.

    Networks of one structure share it, except for what kernels write.

    If the gradients of a thread's blocks are small, all its blocks are one work item, so that neighbors are updated
    together; otherwise each block is one. A thread has memory for the gradient of one work item, unless the `whole`
    gradient is needed before any update: then it is in the order of theta.
    """
    key = layout.of, n_threads, whole
    known, length = _schedules.get(key, lambda: _schedule(network, layout, n_threads, whole=whole))
    return known._replace(squares=np.zeros_like(known.squares), n_bad=np.zeros_like(known.n_bad)), length


_schedules: Memo[tuple[Schedule, int]] = Memo()


def _schedule(network: Network, layout: MemoryLayout, n_threads: int, *, whole: bool) -> tuple[Schedule, int]:
    blocks = blocks_of(layout, n_threads)
    rates, decays = _by_part(network, _rate_of), _by_part(network, _decay_of)
    parts: list[Part] = []
    for block in blocks:
        layer, *units = block[: LAST + 1].tolist()
        found = _parts_of(layout.plan, layer, *units)
        block[PARTS_AT], block[PARTS_END] = len(parts), len(parts) + len(found)
        parts += [Part(begin, end, 0, float(rates[layer, k]), float(decays[layer, k])) for k, begin, end in found]
    lengths = [sum(part.size for part in parts[block[PARTS_AT] : block[PARTS_END]]) for block in blocks]
    if sum(lengths) * np.dtype(layout.dtype).itemsize <= TOGETHER:
        taken = [np.flatnonzero(blocks[:, OWNER] == thread).tolist() for thread in range(n_threads)]
    else:
        taken = [[b] for b in range(len(blocks))]
    longest = max(sum(lengths[b] for b in some) for some in taken)
    items: list[tuple[int, ...]] = []
    item_parts: list[Part] = []
    n_blocks = 0
    for some in filter(None, taken):
        owner, n_before = int(blocks[some[0], OWNER]), len(item_parts)
        grad_at = owner * longest
        own = [p for b in some for p in range(blocks[b, PARTS_AT], blocks[b, PARTS_END])]
        own.sort(key=lambda p: parts[p].begin)
        for p in own:
            parts[p] = parts[p]._replace(grad_at=parts[p].begin if whole else grad_at)
            grad_at += parts[p].size
        item_parts += _joined([parts[p] for p in own])
        items.append((n_blocks, n_blocks + len(some), n_before, len(item_parts), owner))
        n_blocks += len(some)
    schedule = Schedule(
        np.zeros(len(blocks)), np.zeros(len(items), np.int64), blocks, *_as_arrays(parts),
        np.asarray([b for some in taken for b in some], np.int64), np.asarray(items, np.int64), *_as_arrays(item_parts),
    )  # fmt: skip
    return schedule, sum(lengths) if whole else longest * n_threads


def blocks_of(layout: MemoryLayout, n_threads: int) -> Array:
    """Distribute the units: (layer, first unit, last unit, thread, ...) for each block, heaviest blocks first."""
    plan = layout.plan
    sizes = plan[:, SIZE].tolist()
    found = [
        (layer, first, min(first + layout.panel, sizes[layer]))
        for layer in range(1 if plan[0, SCALE_AT] < 0 else 0, len(sizes))
        for first in range(0, sizes[layer], layout.panel)
    ]
    n_embedded = plan.shape[1] - PLAN_COLUMNS
    found += [(0, sizes[0] + e, sizes[0] + e + 1) for e in range(n_embedded)]
    weights = {block: sum(end - begin for _, begin, end in _parts_of(plan, *block)) for block in found}
    found.sort(key=lambda block: -weights[block])
    load = np.zeros(n_threads)
    blocks = np.zeros((len(found), PARTS_END + 1), dtype=np.int64)
    blocks[:, : LAST + 1] = found
    for block, known in zip(blocks, found):
        block[OWNER] = load.argmin()
        load[block[OWNER]] += weights[known] + 1
    return blocks


def _parts_of(plan: Array, layer: int, first: int, last: int) -> list[tuple[int, int, int]]:
    """Return (index in `PARTS`, start, end in theta) for each part of a block."""
    embedded = first - int(plan[0, SIZE])
    if layer:
        n_in = int(plan[layer - 1, SIZE])
        found = [(k, int(plan[layer, W_AT + k]), each) for k, each in enumerate((n_in, 1, 1))]
        return [(k, at + first * each, at + last * each) for k, at, each in found if at >= 0]
    if embedded < 0:
        at = int(plan[0, SCALE_AT])
        return [(0, at + first, at + last)]
    begins = [(int(plan[0, slot]) + embedded * each, each) for slot, each in EMBEDDING]
    return [(k, at, at + each) for k, (at, each) in enumerate(begins, start=1)]


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Return the parts, merging neighbors with the same rates."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].end == part.begin and joined[-1][3:] == part[3:]:
            joined[-1] = joined[-1]._replace(end=part.end)
        else:
            joined.append(part)
    return joined


def _as_arrays(parts: Sequence[Part]) -> tuple[Array, Array]:
    """Return the parts as arrays for kernels, and their rates."""
    return np.asarray([part[:3] for part in parts], np.int64), np.asarray([part[3:] for part in parts], np.float64)


def _by_part(network: Network, value: Callable[[Slot], float]) -> Array:
    """Return a number for each part of each layer: weights, biases, slopes; in row 0 the slots of the front."""
    table: Any = np.zeros((network.n_layers + 1, 1 + max(PARTS.values())))
    for slot in network.layout.slots:
        table[slot.layer, PARTS[slot.name]] = value(slot)
    return table


def _rate_of(slot: Slot) -> float:
    return 0.0 if slot.frozen else slot.factor


def _decay_of(slot: Slot) -> float:
    return float(slot.decays)
