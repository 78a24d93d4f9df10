"""Matrix products in tiles, and the panels that feed them.

A panel is a strip of a matrix's columns, row after row in contiguous memory, as wide as a tile and padded with zeros:
tiles read it from front to back.
"""

from glassnet.engines.cpu.compiling.decorators import inlined, kernel
from glassnet.engines.cpu.kernels.simd.vectors import (
    HEIGHTS,
    NARROW_BYTES,
    TALL,
    VECTOR_BYTES,
    few_of,
    lanes_of,
    make_tile,
    move_part,
    move_vector,
    moved,
    rows_of,
    sum_rows,
    turn_square,
)

TERMS = 64
"""Products that are summed before the sum is added to those of other pieces: rounding errors grow with the length of a
sum, but up to some thousands of terms, the sum over the pieces adds little."""

H0, H1, H2, H3, H4, H5 = HEIGHTS
wide0, wide1, wide2, wide3, wide4, wide5 = (make_tile(height, 2) for height in HEIGHTS)
slim0, slim1, slim2, slim3, slim4, slim5 = (make_tile(height, 1) for height in (TALL, *HEIGHTS[1:]))
half0 = make_tile(TALL, 1, VECTOR_BYTES // 2)  # lower ones gain nothing: each sum waits for its own last product
narrow0 = make_tile(TALL, 1, NARROW_BYTES)
IN_NARROW = VECTOR_BYTES // NARROW_BYTES


@kernel
def multiply(C, A, B, start, n_rows, n_columns, depth):  # C = start + A @ B
    """Multiply; each matrix is given by its start and strides.

    C is (place, row), A is (place, row, step), B is (place, panel, step) with `panel` the distance of column strips,
    and start is (place, panel): one row, added to all.
    """
    c, c_row = C
    a, a_row, a_step = A
    b, b_panel, b_step = B
    s, s_panel = start
    panel = 2 * lanes_of(c)
    for first in range(0, n_columns, panel):
        width, strip = min(panel, n_columns - first), first // panel
        s_here = moved(s, strip * s_panel)
        is_slim, is_half, is_narrow = 2 * width <= panel, 4 * width <= panel, 2 * IN_NARROW * width <= panel
        k = 0
        while True:
            n, adds = min(depth - k, TERMS), k > 0
            b_here = moved(b, strip * b_panel + k * b_step)
            row = 0
            while row < n_rows:
                c_here, a_here = moved(c, row * c_row + first), moved(a, row * a_row + k * a_step)
                left = n_rows - row
                if is_slim and left >= TALL:
                    if is_narrow:
                        narrow0(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    elif is_half:
                        half0(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        slim0(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += TALL
                elif not is_slim and left >= H0:
                    wide0(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H0
                elif left >= H1:
                    if is_slim:
                        slim1(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        wide1(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H1
                elif left >= H2:
                    if is_slim:
                        slim2(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        wide2(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H2
                elif left >= H3:
                    if is_slim:
                        slim3(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        wide3(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H3
                elif left >= H4:
                    if is_slim:
                        slim4(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        wide4(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H4
                else:
                    if is_slim:
                        slim5(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    else:
                        wide5(c_here, c_row, a_here, a_row, a_step, b_here, b_step, s_here, n, width, adds)
                    row += H5
            k += TERMS
            if k >= depth:
                break


@inlined
def copy_row(A, a_at, B, b_at, size):
    """Copy `size` adjacent numbers, a vector at a time; the last vector overlaps the copied numbers."""
    side = lanes_of(A)
    if size < side:
        move_part(A, a_at, B, b_at, size)
        return
    for k in range(0, size - side + 1, side):
        move_vector(A, a_at + k, B, b_at + k)
    move_vector(A, a_at + size - side, B, b_at + size - side)


@inlined
def sum_columns(A, at, row, n_rows, C, c_at, n_columns):
    """Sum each of some adjacent columns of A, with rows `row` apart, into C."""
    side = lanes_of(A)
    for j in range(0, n_columns, side):
        sum_rows(A, at + j, row, n_rows, C, c_at + j, min(side, n_columns - j))


@inlined
def rows_in_panel(n_in, side):
    """Return the number of rows in a panel of `n_in` weights: a whole number of squares."""
    return -(-n_in // side) * side


@kernel
def pack_transposed(W, at, n_in, first, last, panels, to_at):
    """Write the rows `first` to `last` of W (n_out, n_in), which begins at `at`, as columns of panels.

    Squares at the border also read beyond it, in W too; the result goes to places that products never write from.
    """
    side = lanes_of(W)
    panel = 2 * side
    height = rows_in_panel(n_in, side)
    for j in range(first, last, side):
        to = to_at + j // panel * height * panel + j % panel
        if last - j <= few_of(W):
            for k in range(0, n_in, side):
                rows_of(W, at + j * n_in + k, n_in, panels, to + k * panel, panel)
        else:
            for k in range(0, n_in, side):
                turn_square(W, at + j * n_in + k, n_in, panels, to + k * panel, panel)


@kernel
def pack(A, n_columns, first, last, n_rows, panels, to_at):
    """Write the rows `first` to `last` of A, given as (array, at, row), into panels (n_rows, width) from `to_at` on."""
    a, a_at, a_row = A
    panel = 2 * lanes_of(a)
    for strip in range(0, n_columns, panel):
        width = min(panel, n_columns - strip)
        for i in range(first, last):
            to, begin = to_at + strip * n_rows + i * panel, a_at + i * a_row + strip
            copy_row(a, begin, panels, to, width)
