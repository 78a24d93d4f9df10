"""Vectors of numbers and tiles of matrix products for kernels; with checks in the bounds-checking build."""

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.kernels.simd import checked_instructions, gemm_tile, instructions
from glassnet.engines.cpu.kernels.simd.instructions import FEW, HEIGHTS, NARROW_BYTES, PANEL_BYTES, TALL, VECTOR_BYTES

__all__ = [
    "FEW", "HEIGHTS", "NARROW_BYTES", "PANEL_BYTES", "TALL", "VECTOR_BYTES", "columns_of", "few_of", "lanes_of",
    "make_tile", "move_part", "move_vector", "moved", "place_of", "rows_of", "sum_rows", "turn_square",
]  # fmt: skip

_own = checked_instructions if CHECKS_BOUNDS else instructions

make_tile = checked_instructions.make_tile if CHECKS_BOUNDS else gemm_tile.make_tile
lanes_of, place_of, moved = _own.lanes_of, _own.place_of, _own.moved
move_part, move_vector = _own.move_part, _own.move_vector
sum_rows, turn_square = _own.sum_rows, _own.turn_square
columns_of, rows_of, few_of = _own.columns_of, _own.rows_of, _own.few_of
