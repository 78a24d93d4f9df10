"""What kernels hand to each other: arrays grouped under names, and the columns of those that say where things lie.

Entries, which Python calls, take the groups as plain tuples and name them in their first lines, where it costs nothing:
at each call, Numba takes a microsecond longer to find out the type of a NamedTuple. The smallest network takes a step
in less.
"""

from typing import Any, NamedTuple

import numpy as np

from glassnet.typing import Array

# Columns of a network's plan, which has one row per layer 0..L: where everything about a layer lies.
(SIZE, ROW, W_AT, B_AT, SLOPE_AT, CODE, ROWS_AT, F_AT, PANELS_AT, BACK_AT, STRIPS_AT) = range(11)

# Of the front, in row 0. The inputs lie at U_AT, in rows that are U_ROW apart; without learned scaling that is where
# A[0] itself is. Then the begin of each slot in theta, -1 where there is none; whether each thread has the inputs of
# all rows to itself; and the embedded columns.
(U_AT, U_ROW, N_INPUTS, SCALE_AT, FREQUENCY_AT, PHASE_AT, MIX_AT, SHIFT_AT, HAS_OWN, EMBEDDED) = range(11, 21)

PLAN_COLUMNS = 20
"""As many, and one for each embedded column."""

# Columns of the blocks of units: the layer, its units, the thread that computes them, and their parts. Of a part: which
# numbers of theta it is, and where their gradient begins. A unit of layer 0 is a scale, or from `sizes[0]` on all the
# parameters of an embedded column.
(LAYER, FIRST, LAST, OWNER, PARTS_AT, PARTS_END) = range(6)
(PART_AT, PART_END, PART_GRAD) = range(3)

# Columns of the work items: some blocks of one thread, and the parts of theta that these make up together.
(ITEM_BLOCKS_AT, ITEM_BLOCKS_END, ITEM_PARTS_AT, ITEM_PARTS_END, ITEM_OWNER) = range(5)

# Columns of the rates of parts: their factor of the learning rate, and of the penalties and the weight decay.
RATE, DECAY = range(2)

# Rows of the rates of steps: the learning rate, and the factors on the dropout rates and on the weight decay.
ETA, DROPOUT_FACTOR, DECAY_FACTOR = range(3)


# As integers of one type: a literal is a type of its own to Numba, and everything is compiled again for it.
ZERO, ONE = np.int64(0), np.int64(1)

PIECE = 16  # rows that are activated at a time


class Net(NamedTuple):
    """Where everything about a network lies."""

    plan: Array  # (L + 1, PLAN_COLUMNS), more for embedded columns
    params: Array  # (L + 1,): the parameter of each layer's activation function


class Workspace(NamedTuple):
    """Memory for everything that the rows of a minibatch leave on their way; flat, the plan divides it up."""

    Z: Array
    A: Array
    deltas: Array
    panels: Array  # the weights, as forward products read them
    back: Array  # weights of wide layers, as backward products read them
    strips: Array  # activations of wide layers, as products for gradients read them
    zeros: Array  # (panel,): where products start that add no bias
    largest: Array  # (n_rows,): the largest logit of each row, for softmax
    logs: Array  # (n_rows,): the logarithm of the sum of exp(logit - largest)


class Entries(NamedTuple):
    """The entries of a sparse matrix (CSR)."""

    values: Array
    columns: Array
    starts: Array  # (n_rows + 1,); of length 1 where there is no sparse matrix


class Data(NamedTuple):
    """The rows to train on, flat."""

    X: Array  # empty where the rows are sparse
    Y: Array  # with a panel of zeros behind it
    weights: Array  # (n_samples,), or empty
    entries: Entries


class Minibatch(NamedTuple):
    """What belongs to the outputs of a minibatch's rows."""

    Y: Array  # rows as far apart as those of A[L]
    weights: Array  # (n_batch,), or empty
    losses: Array  # (n_batch,)
    scores: Array  # (n_batch,): what the metric counts of each row


class Objective(NamedTuple):
    """What is minimized and how, in the codes of the kernels."""

    cost: tuple[int, Any]  # (code, parameter)
    solver: tuple[int, Array]  # (code, parameters)
    penalty: tuple[float, float]  # (l1, l2)
    clip: float
    seed: int
    dropout: Array  # (L + 1,): rates
    metric: int


class Flat(NamedTuple):
    """The parameters in one vector, and the vectors that belong to them."""

    theta: Array
    grad: Array  # not in the order of theta: parts say where their gradient begins
    memory: tuple[Array, Array]  # the solver's, in the order of theta


class Schedule(NamedTuple):
    """Which thread sums which gradients, and moves which parameters; `squares` and `n_bad` are filled by kernels."""

    squares: Array  # (n_blocks,): the sum of squares of each block's gradient
    n_bad: Array  # (n_items,): parameters of each work item that are not finite
    blocks: Array  # (n_blocks, PARTS_END + 1)
    parts: Array  # (n_parts, 3): those of the blocks
    part_rates: Array  # (n_parts, 2)
    order: Array  # (n_blocks,): the blocks in the order of the work items
    items: Array  # (n_items, 5)
    item_parts: Array  # (n_item_parts, 3): those of the work items, where neighbors are one
    item_rates: Array  # (n_item_parts, 2)


class Steps(NamedTuple):
    """Which steps are taken."""

    batch_size: int
    first: int  # steps that were taken before the order begins
    n_before: int  # steps of the order that were taken before
    n_steps: int  # steps of the order that are taken by the end
    is_laid_out: bool  # whether the weights lie in their panels


class Dropout(NamedTuple):
    """What a step's dropout masks are drawn from."""

    rates: Array  # (L + 1,)
    factor: float
    seed: int
    step: int
