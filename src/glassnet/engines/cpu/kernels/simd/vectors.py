"""Vectors of numbers and tiles of matrix products as kernels use them: `instructions`, or the same with checks."""

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.kernels.simd import checked_instructions, instructions
from glassnet.engines.cpu.kernels.simd.instructions import HEIGHTS, PANEL_BYTES

__all__ = [
    "HEIGHTS", "PANEL_BYTES", "lanes_of", "make_tile", "move_part", "move_vector", "moved", "place_of", "sum_rows",
    "turn_square",
]  # fmt: skip

_own = checked_instructions if CHECKS_BOUNDS else instructions

lanes_of, make_tile, place_of, moved = _own.lanes_of, _own.make_tile, _own.place_of, _own.moved
move_part, move_vector = _own.move_part, _own.move_vector
sum_rows, turn_square = _own.sum_rows, _own.turn_square
