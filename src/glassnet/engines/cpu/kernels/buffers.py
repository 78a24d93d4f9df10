"""The arguments of kernels: arrays grouped under names, and the column indices of layout arrays.

Entries, which Python calls, take the groups as plain tuples and name them in their first lines, at no cost: in each
call, Numba takes a microsecond longer to determine the type of a NamedTuple. The smallest network takes a step in
less.
"""

from typing import Any, NamedTuple

import numpy as np

from glassnet.engines.cpu.compiling.decorators import inlined
from glassnet.typing import Array

# Columns of a network's plan, which has one row per layer 0..L: the positions of its arrays.
(SIZE, ROW, W_AT, B_AT, SLOPE_AT, CODE, ROWS_AT, F_AT, PANELS_AT, BACK_AT, STRIPS_AT) = range(11)

# Columns of the front, in row 0. The inputs start at U_AT, in rows that are U_ROW apart; without learned scaling this
# is A[0] itself. Then the start of each slot in theta, -1 if absent; whether each thread has a copy of the inputs
# of all rows; and the embedded columns.
(U_AT, U_ROW, N_INPUTS, SCALE_AT, FREQUENCY_AT, PHASE_AT, MIX_AT, SHIFT_AT, HAS_OWN, EMBEDDED) = range(11, 21)

PLAN_COLUMNS = 20
"""Without the embedded columns, which add one each."""

# Columns of the blocks of units: the layer, its units, their thread, and their parts. Of a part: its range in theta,
# and the start of its gradient. A unit of layer 0 is a scale or, from `sizes[0]` on, all parameters of an embedded
# column.
(LAYER, FIRST, LAST, OWNER, PARTS_AT, PARTS_END) = range(6)
(PART_AT, PART_END, PART_GRAD) = range(3)

# Columns of the work items: some blocks of one thread, and their joint parts of theta.
(ITEM_BLOCKS_AT, ITEM_BLOCKS_END, ITEM_PARTS_AT, ITEM_PARTS_END, ITEM_OWNER) = range(5)

# Columns of the rates of parts: their factors of the learning rate, and of the penalties and the weight decay.
RATE, DECAY = range(2)

# Rows of the rates of steps: the learning rate, and the factors of the dropout rates and of the weight decay.
ETA, DROPOUT_FACTOR, DECAY_FACTOR = range(3)


# Integers of one type: for Numba, each literal is a separate type, for which everything is compiled again.
ZERO, ONE = np.int64(0), np.int64(1)

PIECE = 16  # rows activated at a time,
SHORT, OF_SHORT = 32, 64  # or more of them, if they have at most so many numbers


class Net(NamedTuple):
    """The layout of a network in memory."""

    plan: Array  # (L + 1, PLAN_COLUMNS), more for embedded columns
    params: Array  # (L + 1,): the parameter of each layer's activation function


class Workspace(NamedTuple):
    """Memory for all intermediate numbers of a minibatch; flat, divided by the plan."""

    Z: Array
    A: Array
    deltas: Array
    panels: Array  # the weights, for forward products
    back: Array  # weights of wide layers, for backward products
    strips: Array  # activations of wide layers, for gradient products
    zeros: Array  # (panel,): the start of products without a bias
    largest: Array  # (n_rows,): the largest logit of each row, for softmax
    logs: Array  # (n_rows,): the logarithm of the sum of exp(logit - largest)


class Entries(NamedTuple):
    """The entries of a sparse matrix (CSR)."""

    values: Array
    columns: Array
    starts: Array  # (n_rows + 1,); length 1 if there is no sparse matrix


class Data(NamedTuple):
    """The training rows, flat."""

    X: Array  # empty for sparse rows
    Y: Array  # for softmax, followed by a panel of zeros
    weights: Array  # (n_samples,), or empty
    entries: Entries


class Minibatch(NamedTuple):
    """The targets, weights and results of a minibatch."""

    Y: Array  # rows with the spacing of A[L]
    weights: Array  # (n_batch,), or empty
    losses: Array  # (n_batch,)
    scores: Array  # (n_batch,): the metric's per-sample sums


class Objective(NamedTuple):
    """The quantities to minimize and the solver, as codes of the kernels."""

    cost: tuple[int, Any]  # (code, parameter)
    solver: tuple[int, Array]  # (code, parameters)
    penalty: tuple[float, float]  # (l1, l2)
    clip: float
    seed: int
    dropout: Array  # (L + 1,): rates
    metric: int


class Flat(NamedTuple):
    """The parameters as one vector, with the corresponding vectors."""

    theta: Array
    grad: Array  # not in the order of theta: parts have the start of their gradient
    memory: tuple[Array, Array]  # the solver's, in the order of theta


class Schedule(NamedTuple):
    """Which thread sums which gradients and updates which parameters; kernels fill `squares` and `n_bad`."""

    squares: Array  # (n_blocks,): each block's sum of squared gradients
    n_bad: Array  # (n_items,): each work item's parameters that are not finite
    blocks: Array  # (n_blocks, PARTS_END + 1)
    parts: Array  # (n_parts, 3): of the blocks
    part_rates: Array  # (n_parts, 2)
    order: Array  # (n_blocks,): the blocks, in order of the work items
    items: Array  # (n_items, 5)
    item_parts: Array  # (n_item_parts, 3): of the work items, with neighbors merged
    item_rates: Array  # (n_item_parts, 2)


class Steps(NamedTuple):
    """The range of steps to take."""

    batch_size: int
    first: int  # steps taken before the order begins
    n_before: int  # steps of the order already taken
    n_steps: int  # steps of the order taken at the end
    is_laid_out: bool  # whether the weights are in their panels


# The work of a call: whole steps; the sums over rows that are a part of a step's minibatch; or a step from such sums.
WHOLE, ACCUMULATE, APPLY = range(3)


class Part(NamedTuple):
    """The part of a step to take."""

    work: int  # ACCUMULATE or APPLY
    position: int  # of the first row of the order in its minibatch


class Groups(NamedTuple):
    """All training rows in groups, whose sums are independent of each other, so that any thread may compute them."""

    starts: Array  # (n_groups + 1,): the first row of each group
    n_together: int  # rows that are computed at a time
    gradients: Array  # (n_groups, n_params), float64
    sums: Array  # (2, n_groups): of losses and scores
    total: Array  # (n_params + 2,): the sums of the gradients, the losses and the scores


class Dropout(NamedTuple):
    """The source of a step's dropout masks."""

    rates: Array  # (L + 1,)
    factor: float
    seed: int
    step: int
    position: int  # of the first row of the workspace in the minibatch


@inlined
def rows_together(row):
    """Return how many rows of so many numbers are activated at a time."""
    return OF_SHORT if row <= SHORT else PIECE
