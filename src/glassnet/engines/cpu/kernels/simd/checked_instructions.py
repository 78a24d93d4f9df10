"""The functions of `instructions` and `gemm_tile` for the bounds-checking build: they never leave their arrays.

An address does not tell the end of its array. So a place here is the array and an index, until everything that an
instruction reads and writes has been checked against the length of the array.
"""

from typing import Any

from numba import types
from numba.extending import intrinsic

from glassnet.engines.cpu.compiling.decorators import kernel
from glassnet.engines.cpu.kernels.simd import gemm_tile, instructions


@intrinsic
def lanes_of(typing, A):
    """Return how many numbers of an array's or place's type fit into a vector."""
    array = A[0] if isinstance(A, types.BaseTuple) else A

    def write(context, builder, signature, args):
        lanes = instructions.VECTOR_BYTES * 8 // array.dtype.bitwidth
        return context.get_constant(types.intp, lanes)

    return types.intp(A), write


@intrinsic
def read_only(typing, A):
    """Return an array as one of the type of read-only arrays, so that places in both are of one type."""
    return A.copy(readonly=True)(A), lambda context, builder, signature, args: args[0]


@kernel
def place_of(A, at):
    return read_only(A), at + 0


@kernel
def moved(place, n):
    return place[0], place[1] + n


@kernel
def check_block(A, at, n_rows, row, n_columns, column, width):
    """Refuse a block of strips of `width` numbers that begins at `at`, with strips `row` and `column` apart."""
    if n_rows <= 0 or n_columns <= 0 or width <= 0:
        return
    last = at + (n_rows - 1) * row + (n_columns - 1) * column + width - 1
    if at < 0 or row < 0 or column < 0 or last >= A.shape[0]:
        raise IndexError("an instruction reads or writes beyond its array")


def make_tile(n_rows: int, n_vectors: int, vector_bytes: int = instructions.VECTOR_BYTES) -> Any:
    """Return the same as `gemm_tile.make_tile`, for places that are arrays and indices."""
    compute = gemm_tile.make_tile(n_rows, n_vectors, vector_bytes)
    share = instructions.VECTOR_BYTES // vector_bytes

    @kernel
    def tile(C, c_row, A, a_row, a_step, B, b_step, start, depth, width, adds):
        whole = n_vectors * lanes_of(C) // share
        check_block(C[0], C[1], n_rows, c_row, 1, 0, min(width, whole))
        check_block(A[0], A[1], n_rows, a_row, depth, a_step, 1)
        check_block(B[0], B[1], depth, b_step, 1, 0, whole)
        check_block(start[0], start[1], 1, 0, 1, 0, whole)  # it is read even if it is not added
        c, a = instructions.place_of(C[0], C[1]), instructions.place_of(A[0], A[1])
        b, first = instructions.place_of(B[0], B[1]), instructions.place_of(start[0], start[1])
        compute(c, c_row, a, a_row, a_step, b, b_step, first, depth, width, adds)

    return tile


@kernel
def turn_square(A, a_at, a_row, B, b_at, b_row):
    side = lanes_of(A)
    check_block(A, a_at, side, a_row, 1, 0, side)
    check_block(B, b_at, side, b_row, 1, 0, side)
    instructions.turn_square(A, a_at, a_row, B, b_at, b_row)


few_of = instructions.few_of


@kernel
def columns_of(A, a_at, a_row, B, b_at, b_row):
    side, few = lanes_of(A), few_of(A)
    check_block(A, a_at, side, a_row, 1, 0, few)
    check_block(B, b_at, few, b_row, 1, 0, side)
    instructions.columns_of(A, a_at, a_row, B, b_at, b_row)


@kernel
def rows_of(A, a_at, a_row, B, b_at, b_row):
    side, few = lanes_of(A), few_of(A)
    check_block(A, a_at, few, a_row, 1, 0, side)
    check_block(B, b_at, side, b_row, 1, 0, few)
    instructions.rows_of(A, a_at, a_row, B, b_at, b_row)


@kernel
def sum_rows(A, a_at, a_row, n, C, c_at, width):
    width = min(width, lanes_of(A))
    check_block(A, a_at, n, a_row, 1, 0, width)
    check_block(C, c_at, 1, 0, 1, 0, width)
    instructions.sum_rows(A, a_at, a_row, n, C, c_at, width)


@kernel
def move_vector(A, a_at, B, b_at):
    check_block(A, a_at, 1, 0, 1, 0, lanes_of(A))
    check_block(B, b_at, 1, 0, 1, 0, lanes_of(B))
    instructions.move_vector(A, a_at, B, b_at)


@kernel
def move_part(A, a_at, B, b_at, size):
    width = min(size, lanes_of(A))
    check_block(A, a_at, 1, 0, 1, 0, width)
    check_block(B, b_at, 1, 0, 1, 0, width)
    instructions.move_part(A, a_at, B, b_at, size)
