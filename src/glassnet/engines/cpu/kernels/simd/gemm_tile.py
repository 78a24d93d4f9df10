"""A small block of a matrix product, in vector instructions.

Loops that LLVM vectorizes by itself reach a fifth of a core's multiplications and additions; tiles reach all of them,
because the sums of a whole tile stay in registers while the inputs stream by. Each sum adds its products one by one in
the order of the inner index, rounding once per product. So results do not depend on the position or height of a tile,
or on the thread.
"""

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from glassnet.engines.cpu.kernels.simd.instructions import INDEX, VECTOR_BYTES, Vectors


def make_tile(n_rows: int, n_vectors: int, vector_bytes: int = VECTOR_BYTES) -> Any:
    """Return a function that computes ``C = start + A @ B`` for `n_rows` rows and `n_vectors` vectors of columns.

    It takes ``C, c_row, A, a_row, a_step, B, b_step, start, depth, width, adds``: the start of each matrix, as returned
    by `place_of`, the distance of its rows and, for A and B, of steps of the inner index. Columns of B
    and of C are adjacent; `start` is one row, added to all. Only the first `width` columns are written, but B and
    `start` are read across the whole width of the tile. With `adds`, the products are added to C, without `start`.""
    """

    @intrinsic
    def tile(typing, C, c_row, A, a_row, a_step, B, b_step, start, depth, width, adds):
        n = types.intp
        signature = types.void(C, n, A, n, n, B, n, start, n, n, types.boolean)
        return signature, _Writer(n_rows, n_vectors, vector_bytes)

    return tile


class _Writer:
    """Writes the instructions of one tile."""

    def __init__(self, n_rows: int, n_vectors: int, vector_bytes: int) -> None:
        self.n_rows, self.n_vectors, self.vector_bytes = n_rows, n_vectors, vector_bytes

    def __call__(self, context: Any, builder: Any, signature: Any, args: Any) -> Any:
        c, c_row, a, a_row, a_step, b, b_step, start, depth, width, adds = args
        self.builder = builder
        self.vectors = Vectors(builder, context.get_value_type(signature.args[0].dtype), self.vector_bytes)
        nothing = ir.Constant(self.vectors.vector, [0.0] * self.vectors.lanes)
        first = [builder.select(adds, nothing, self._load(start, v)) for v in range(self.n_vectors)]
        sums = self._add_products(first, a, a_row, a_step, b, b_step, depth)
        self._store(sums, c, c_row, width, adds)
        return context.get_dummy_value()

    def _add_products(
        self, first: Any, a: Any, a_row: Any, a_step: Any, b: Any, b_step: Any, depth: Any
    ) -> list[list[Any]]:
        """Loop over the inner index; return the sums, one per row and vector."""
        builder = self.builder
        zero = ir.Constant(INDEX, 0)
        before = builder.block
        loop, after = builder.append_basic_block("products"), builder.append_basic_block("done")
        builder.cbranch(builder.icmp_signed(">", depth, zero), loop, after)

        builder.position_at_end(loop)
        k, a_here, b_here = (self._phi((value, before)) for value in (zero, a, b))
        sums = [[self._phi((first[v], before)) for v in range(self.n_vectors)] for _ in range(self.n_rows)]
        columns = [self._load(b_here, v) for v in range(self.n_vectors)]
        grown = []
        a_of_row = a_here
        for row in sums:
            factor = self.vectors.splat(builder.load(a_of_row))
            a_of_row = builder.gep(a_of_row, [a_row])
            grown.append(
                [self.vectors.call("fma", row[v].type, [factor, columns[v], row[v]]) for v in range(self.n_vectors)]
            )
        k_next = builder.add(k, ir.Constant(INDEX, 1))
        for phi, value in (
            (k, k_next),
            (a_here, builder.gep(a_here, [a_step])),
            (b_here, builder.gep(b_here, [b_step])),
        ):
            phi.add_incoming(value, loop)
        for row, grown_row in zip(sums, grown, strict=True):
            for phi, value in zip(row, grown_row, strict=True):
                phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", k_next, depth), loop, after)

        builder.position_at_end(after)
        return [[self._phi((first[v], before), (row[v], loop)) for v in range(self.n_vectors)] for row in grown]

    def _store(self, sums: list[list[Any]], c: Any, c_row: Any, width: Any, adds: Any) -> None:
        builder, n = self.builder, self.n_vectors * self.vectors.lanes
        is_whole = builder.and_(builder.not_(adds), builder.icmp_signed(">=", width, ir.Constant(INDEX, n)))
        with builder.if_else(is_whole) as (whole, other):
            with whole:
                for pointer, value, _ in self._places(sums, c, c_row):
                    builder.store(value, pointer, align=self.vectors.bits // 8)
            with other:
                masks = [self.vectors.mask(width, v) for v in range(self.n_vectors)]
                with builder.if_else(adds) as (more, first):
                    with more:
                        for pointer, value, v in self._places(sums, c, c_row):
                            grown = builder.fadd(self.vectors.load_part(pointer, masks[v]), value)
                            self.vectors.store_part(grown, pointer, masks[v])
                    with first:
                        for pointer, value, v in self._places(sums, c, c_row):
                            self.vectors.store_part(value, pointer, masks[v])

    def _places(self, sums: list[list[Any]], c: Any, c_row: Any) -> Iterator[tuple[Any, Any, int]]:
        """Yield address, value and index within its row for each vector of the tile."""
        for row in sums:
            for v, value in enumerate(row):
                yield self.vectors.pointer(c, v), value, v
            c = self.builder.gep(c, [c_row])

    def _load(self, pointer: Any, v: int) -> Any:
        return self.builder.load(self.vectors.pointer(pointer, v), align=self.vectors.bits // 8)

    def _phi(self, *incoming: tuple[Any, Any]) -> Any:
        phi = self.builder.phi(incoming[0][0].type)
        for value, block in incoming:
            phi.add_incoming(value, block)
        return phi
