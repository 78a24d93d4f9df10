"""The columns of a network's plan, which has one row per layer 0..L: where everything about a layer lies."""

import numpy as np

(SIZE, ROW, W_AT, B_AT, SLOPE_AT, CODE, ROWS_AT, F_AT, PANELS_AT, BACK_AT, STRIPS_AT) = range(11)

# Of the front, in row 0. What comes in is laid down at U_AT, in rows that lie U_ROW apart; without learned scaling that
# is where A[0] itself is. Then the begin of each slot in theta, -1 where there is none; whether each thread has the
# inputs of all rows to itself; and the embedded columns.
(U_AT, U_ROW, N_INPUTS, SCALE_AT, FREQUENCY_AT, PHASE_AT, MIX_AT, SHIFT_AT, HAS_OWN, EMBEDDED) = range(11, 21)

PLAN_COLUMNS = 20
"""As many, and one for each embedded column."""

# Blocks of units: whose they are, who computes them, and their parts: which numbers of theta they are, where their
# gradient begins. A unit of layer 0 is a scale, or from `sizes[0]` on all the parameters of an embedded column.
(LAYER, FIRST, LAST, OWNER, PARTS_AT, PARTS_END) = range(6)
(PART_AT, PART_END, PART_GRAD) = range(3)

# Turns of the threads: some blocks of one thread, and the parts of theta that these make up together.
(TURN_BLOCKS_AT, TURN_BLOCKS_END, TURN_PARTS_AT, TURN_PARTS_END, TURN_OWNER) = range(5)


# As integers of one type: a literal is a type of its own to Numba, and everything is compiled again for it.
ZERO, ONE = np.int64(0), np.int64(1)

PIECE = 16  # rows that are activated at a time
