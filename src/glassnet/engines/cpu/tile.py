"""A small block of a matrix product, held in registers: the one place where Numba is told the machine instructions.

Loops that LLVM vectorizes by itself reach a fifth of what a core can multiply and add; this reaches all of it, because
the sums of a whole tile stay in registers while the inputs stream by. Every sum adds its products one by one in the
order of the inner index, with one rounding each. So no result depends on where a tile begins, how tall it is, or which
thread computes it.
"""

import platform
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

FEATURES = {name for name, is_there in llvm.get_host_cpu_features().items() if is_there}

# Bytes in a vector register, and rows of the tallest tile: with two vectors a row it fills the registers there are.
if "avx512f" in FEATURES:
    VECTOR_BYTES, HEIGHTS = 64, (14, 8, 4, 2, 1)
elif "avx2" in FEATURES:
    VECTOR_BYTES, HEIGHTS = 32, (6, 4, 3, 2, 1)
elif platform.machine().lower() in ("arm64", "aarch64"):
    VECTOR_BYTES, HEIGHTS = 16, (14, 8, 4, 2, 1)
else:
    VECTOR_BYTES, HEIGHTS = 16, (6, 4, 3, 2, 1)

PANEL_BYTES = 2 * VECTOR_BYTES
"""Bytes in a row of a panel: as many columns as the widest tile has."""

INDEX = ir.IntType(64)
INT32 = ir.IntType(32)


def make_tile(n_rows: int, n_vectors: int) -> Any:
    """Return a function that computes ``C = start + A @ B`` for `n_rows` rows and `n_vectors` vectors of columns.

    It takes ``C, c_at, c_row, A, a_at, a_row, a_step, B, b_at, b_step, start, start_at, depth, width``: flat arrays,
    where in them the tile begins, how far apart its rows are and, for A and B, how far one step of the inner index
    leads. Columns of B are neighbors, and so are those of C; `start` is one row, added to all. Only the first `width`
    columns are written, but B and `start` are read as far as the tile is wide.
    """

    @intrinsic
    def tile(typing, C, c_at, c_row, A, a_at, a_row, a_step, B, b_at, b_step, start, start_at, depth, width):
        n = types.intp
        signature = types.void(C, n, n, A, n, n, n, B, n, n, start, n, n, n)
        return signature, _Writer(n_rows, n_vectors)

    return tile


@intrinsic
def turn_square(typing, A, a_at, a_row, B, b_at, b_row):
    """Write a square of A, a vector wide and as many rows tall, into B with rows and columns exchanged."""
    n = types.intp
    return types.void(A, n, n, B, n, n), _write_turned_square


@intrinsic
def move_vector(typing, A, a_at, B, b_at):
    """Copy one vector of numbers, from any place to any other."""
    n = types.intp

    def write(context, builder, signature, args):
        number = context.get_value_type(signature.args[0].dtype)
        bits = 32 if number == ir.FloatType() else 64
        vector = ir.VectorType(number, VECTOR_BYTES * 8 // bits).as_pointer()
        a, b = (builder.bitcast(_place(context, builder, signature, args, k), vector) for k in (0, 2))
        builder.store(builder.load(a, align=bits // 8), b, align=bits // 8)
        return context.get_dummy_value()

    return types.void(A, n, B, n), write


def _write_turned_square(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Exchange ever smaller squares beside the diagonal: halves, quarters, ..., single numbers."""
    number = context.get_value_type(signature.args[0].dtype)
    bits = 32 if number == ir.FloatType() else 64
    lanes = VECTOR_BYTES * 8 // bits
    vector = ir.VectorType(number, lanes)
    a, b = (_place(context, builder, signature, args, k) for k in (0, 3))
    a_row, b_row = args[2], args[5]
    rows = []
    for _ in range(lanes):
        rows.append(builder.load(builder.bitcast(a, vector.as_pointer()), align=bits // 8))
        a = builder.gep(a, [a_row])
    side = lanes // 2
    while side:
        upper = [lane if not lane & side else lanes + lane - side for lane in range(lanes)]
        lower = [lane + side if not lane & side else lanes + lane for lane in range(lanes)]
        masks = [ir.Constant(ir.VectorType(INT32, lanes), chosen) for chosen in (upper, lower)]
        for k in (k for k in range(lanes) if not k & side):
            pair = rows[k], rows[k + side]
            rows[k], rows[k + side] = (builder.shuffle_vector(*pair, mask) for mask in masks)
        side //= 2
    for row in rows:
        builder.store(row, builder.bitcast(b, vector.as_pointer()), align=bits // 8)
        b = builder.gep(b, [b_row])
    return context.get_dummy_value()


def _place(context: Any, builder: Any, signature: Any, args: Any, k: int) -> Any:
    """Return the address that argument k, an array, and the one after it, a place in it, lead to."""
    return builder.gep(context.make_array(signature.args[k])(context, builder, args[k]).data, [args[k + 1]])


class _Writer:
    """Writes the instructions of one tile."""

    def __init__(self, n_rows: int, n_vectors: int) -> None:
        self.n_rows, self.n_vectors = n_rows, n_vectors

    def __call__(self, context: Any, builder: Any, signature: Any, args: Any) -> Any:
        c, a, b, start = (_place(context, builder, signature, args, k) for k in (0, 3, 7, 10))
        c_row, a_row, a_step, b_step, depth, width = (args[k] for k in (2, 5, 6, 9, 12, 13))
        self.builder = builder
        self.number = context.get_value_type(signature.args[0].dtype)
        self.bits = 32 if self.number == ir.FloatType() else 64
        self.lanes = VECTOR_BYTES * 8 // self.bits
        self.vector = ir.VectorType(self.number, self.lanes)
        first = [self._load(start, v) for v in range(self.n_vectors)]
        sums = self._add_products(first, a, a_row, a_step, b, b_step, depth)
        self._store(sums, c, c_row, width)
        return context.get_dummy_value()

    def _add_products(
        self, first: Any, a: Any, a_row: Any, a_step: Any, b: Any, b_step: Any, depth: Any
    ) -> list[list[Any]]:
        """Loop over the inner index; return the sums, for each row one for each vector."""
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
            factor = self._splat(builder.load(a_of_row))
            a_of_row = builder.gep(a_of_row, [a_row])
            grown.append([self._fused(factor, columns[v], row[v]) for v in range(self.n_vectors)])
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

    def _store(self, sums: list[list[Any]], c: Any, c_row: Any, width: Any) -> None:
        builder = self.builder
        is_full = builder.icmp_signed(">=", width, ir.Constant(INDEX, self.n_vectors * self.lanes))
        with builder.if_else(is_full) as (full, cut):
            with full:
                self._store_rows(sums, c, c_row, None)
            with cut:
                self._store_rows(sums, c, c_row, width)

    def _store_rows(self, sums: list[list[Any]], c: Any, c_row: Any, width: Any) -> None:
        builder = self.builder
        for row in sums:
            for v, value in enumerate(row):
                pointer = self._vector_pointer(c, v)
                if width is None:
                    builder.store(value, pointer, align=self.bits // 8)
                else:
                    self._store_masked(value, pointer, width, v)
            c = builder.gep(c, [c_row])

    def _store_masked(self, value: Any, pointer: Any, width: Any, v: int) -> None:
        builder = self.builder
        columns = ir.Constant(ir.VectorType(INDEX, self.lanes), [v * self.lanes + lane for lane in range(self.lanes)])
        mask = builder.icmp_signed("<", columns, self._splat(width))
        align = ir.Constant(INT32, self.bits // 8)
        self._call("masked.store", ir.VoidType(), [value, pointer, align, mask], suffix=".p0")

    def _fused(self, x: Any, y: Any, total: Any) -> Any:
        return self._call("fma", self.vector, [x, y, total])

    def _call(self, name: str, returned: Any, args: list[Any], suffix: str = "") -> Any:
        full = f"llvm.{name}.v{self.lanes}f{self.bits}{suffix}"
        module = self.builder.module
        function = module.globals.get(full) or ir.Function(
            module, ir.FunctionType(returned, [arg.type for arg in args]), full
        )
        return self.builder.call(function, args)

    def _vector_pointer(self, pointer: Any, v: int) -> Any:
        moved = self.builder.gep(pointer, [ir.Constant(INDEX, v * self.lanes)])
        return self.builder.bitcast(moved, self.vector.as_pointer())

    def _load(self, pointer: Any, v: int) -> Any:
        return self.builder.load(self._vector_pointer(pointer, v), align=self.bits // 8)

    def _splat(self, number: Any) -> Any:
        """Return a vector that holds the same number in every lane."""
        vector = ir.VectorType(number.type, self.lanes)
        nothing = ir.Constant(vector, ir.Undefined)
        one = self.builder.insert_element(nothing, number, ir.Constant(INT32, 0))
        first = ir.Constant(ir.VectorType(INT32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, nothing, first)

    def _phi(self, *incoming: tuple[Any, Any]) -> Any:
        phi = self.builder.phi(incoming[0][0].type)
        for value, block in incoming:
            phi.add_incoming(value, block)
        return phi
