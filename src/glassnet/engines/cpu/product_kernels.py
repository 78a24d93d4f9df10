"""Matrix products in tiles, and the panels that feed them.

A panel is a strip of columns of a matrix, row after row in one piece of memory, as wide as a tile and filled up with
zeros: tiles read it from front to back.
"""

from glassnet.engines.cpu.compiling import inlined, kernel
from glassnet.engines.cpu.tile import HEIGHTS, PANEL_BYTES, VECTOR_BYTES, make_tile, move_vector, turn_square

H0, H1, H2, H3, H4 = HEIGHTS
wide0, wide1, wide2, wide3, wide4 = (make_tile(height, 2) for height in HEIGHTS)
slim0, slim1, slim2, slim3, slim4 = (make_tile(height, 1) for height in HEIGHTS)


@kernel
def multiply(C, A, B, start, n_rows, n_columns, depth):  # C = start + A @ B
    """Multiply; each matrix is a flat array, where it begins in it, and how far its steps lead.

    C is (array, at, row), A is (array, at, row, step), B is (array, at, panel, step) with `panel` from one strip of
    columns to the next, and start is (array, at, panel): one row, added to all.
    """
    c, c_at, c_row = C
    a, a_at, a_row, a_step = A
    b, b_at, b_panel, b_step = B
    s, s_at, s_panel = start
    panel = PANEL_BYTES // c.itemsize
    for first in range(0, n_columns, panel):
        width = min(panel, n_columns - first)
        b_here, s_here = b_at + first // panel * b_panel, s_at + first // panel * s_panel
        is_slim = 2 * width <= panel
        row = 0
        while row < n_rows:
            c_here, a_here, left = c_at + row * c_row + first, a_at + row * a_row, n_rows - row
            if left >= H0:
                if is_slim:
                    slim0(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                else:
                    wide0(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                row += H0
            elif left >= H1:
                if is_slim:
                    slim1(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                else:
                    wide1(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                row += H1
            elif left >= H2:
                if is_slim:
                    slim2(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                else:
                    wide2(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                row += H2
            elif left >= H3:
                if is_slim:
                    slim3(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                else:
                    wide3(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                row += H3
            else:
                if is_slim:
                    slim4(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                else:
                    wide4(c, c_here, c_row, a, a_here, a_row, a_step, b, b_here, b_step, s, s_here, depth, width)
                row += H4


@inlined
def copy_row(A, a_at, B, b_at, size):
    """Copy `size` neighbors, a vector at a time; the last one reaches back over what has been copied."""
    side = VECTOR_BYTES // A.itemsize
    if size < side:
        for k in range(size):
            B[b_at + k] = A[a_at + k]
        return
    for k in range(0, size - side + 1, side):
        move_vector(A, a_at + k, B, b_at + k)
    move_vector(A, a_at + size - side, B, b_at + size - side)


@inlined
def rows_in_panel(n_in, itemsize):
    """Return how many rows a panel of `n_in` weights has: so many that squares fill it."""
    side = VECTOR_BYTES // itemsize
    return -(-n_in // side) * side


@kernel
def pack_transposed(W, at, n_in, first, last, panels, to_at):
    """Write the rows `first` to `last` of W (n_out, n_in), which begins at `at`, as columns of panels.

    Squares at the border take in what lies beyond it, in W too; it comes to places that no product writes from.
    """
    panel, side = PANEL_BYTES // W.itemsize, VECTOR_BYTES // W.itemsize
    height = rows_in_panel(n_in, W.itemsize)
    for j in range(first, last, side):
        to = to_at + j // panel * height * panel + j % panel
        for k in range(0, n_in, side):
            turn_square(W, at + j * n_in + k, n_in, panels, to + k * panel, panel)


@kernel
def pack(A, n_columns, first, last, n_rows, panels, to_at):
    """Write the rows `first` to `last` of A, which is (array, at, row), into panels (n_rows, width) from `to_at` on."""
    a, a_at, a_row = A
    panel = PANEL_BYTES // a.itemsize
    for strip in range(0, n_columns, panel):
        width = min(panel, n_columns - strip)
        for i in range(first, last):
            to, begin = to_at + strip * n_rows + i * panel, a_at + i * a_row + strip
            copy_row(a, begin, panels, to, width)
