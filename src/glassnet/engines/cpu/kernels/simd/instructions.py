"""Vectors of numbers: machine instructions that Numba does not expose."""

import platform
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

FEATURES = {name for name, is_there in llvm.get_host_cpu_features().items() if is_there}

# Bytes per vector register, and rows per tile: the tallest tile, with two vectors per row, fills the registers.
# With one vector, it has TALL rows: a minibatch of 32 leaves few over, whose sums wait for their last product.
if "avx512f" in FEATURES:
    VECTOR_BYTES, HEIGHTS, TALL = 64, (14, 8, 4, 3, 2, 1), 16
elif "avx2" in FEATURES:
    VECTOR_BYTES, HEIGHTS, TALL = 32, (6, 5, 4, 3, 2, 1), 11
elif platform.machine().lower() in ("arm64", "aarch64"):
    VECTOR_BYTES, HEIGHTS, TALL = 16, (14, 8, 4, 3, 2, 1), 16
else:
    VECTOR_BYTES, HEIGHTS, TALL = 16, (6, 5, 4, 3, 2, 1), 11

NARROW_BYTES = 16  # of a vector for the columns of a few units: some processors multiply long vectors in two halves

PANEL_BYTES = 2 * VECTOR_BYTES
"""Bytes per row of a panel: the columns of the widest tile."""

FEW = 4
"""Columns that `columns_of` and `rows_of` move; fewer if a vector is shorter."""

INDEX = ir.IntType(64)
INT32 = ir.IntType(32)


@intrinsic
def place_of(typing, A, at):
    """Return the address of an element of an array: passing an array to a function takes seven numbers."""
    return types.CPointer(A.dtype)(A, types.intp), lambda *writing: _place(*writing, 0)


@intrinsic
def moved(typing, place, n):
    """Return the pointer `n` numbers further on."""

    def write(context, builder, signature, args):
        return builder.gep(*args[:1], args[1:])

    return place(place, types.intp), write


@intrinsic
def lanes_of(typing, A):
    """Return how many numbers of an array's or place's type fit into a vector: a constant, unlike an `itemsize`."""

    def write(context, builder, signature, args):
        return ir.Constant(INDEX, VECTOR_BYTES * 8 // signature.args[0].dtype.bitwidth)

    return types.intp(A), write


@intrinsic
def turn_square(typing, A, a_at, a_row, B, b_at, b_row):
    """Write a square of A, as wide and tall as a vector is long, transposed into B."""
    n = types.intp
    return types.void(A, n, n, B, n, n), _write_turned_square


@intrinsic
def few_of(typing, A):
    """Return how many columns `columns_of` moves: a constant."""

    def write(context, builder, signature, args):
        return ir.Constant(INDEX, _few(signature.args[0]))

    return types.intp(A), write


@intrinsic
def columns_of(typing, A, a_at, a_row, B, b_at, b_row):
    """Write the first few columns of A, as tall as a vector is long, as rows of B: sooner than a whole square."""
    n = types.intp
    return types.void(A, n, n, B, n, n), _write_columns


@intrinsic
def rows_of(typing, A, a_at, a_row, B, b_at, b_row):
    """Write a few rows of A, each a vector, as the first columns of B."""
    n = types.intp
    return types.void(A, n, n, B, n, n), _write_rows


@intrinsic
def sum_rows(typing, A, a_at, a_row, n, C, c_at, width):
    """Write the sums of `n` rows of A, `a_row` apart, into C: the first `width` columns, at most a vector.

    Every fourth row is added to the same sum, so that additions need not wait for each other.
    """
    each = types.intp
    return types.void(A, each, each, each, C, each, each), _write_sum_of_rows


@intrinsic
def move_vector(typing, A, a_at, B, b_at):
    """Copy one vector of numbers, from any position to any other."""
    n = types.intp

    def write(context, builder, signature, args):
        number = context.get_value_type(signature.args[0].dtype)
        bits = 32 if number == ir.FloatType() else 64
        vector = ir.VectorType(number, VECTOR_BYTES * 8 // bits).as_pointer()
        a, b = (builder.bitcast(_place(context, builder, signature, args, k), vector) for k in (0, 2))
        builder.store(builder.load(a, align=bits // 8), b, align=bits // 8)
        return context.get_dummy_value()

    return types.void(A, n, B, n), write


@intrinsic
def move_part(typing, A, a_at, B, b_at, size):
    """Copy the first `size` numbers of a vector; the others are neither read nor written."""
    n = types.intp

    def write(context, builder, signature, args):
        vectors = Vectors(builder, context.get_value_type(signature.args[0].dtype))
        a, b = (vectors.pointer(_place(context, builder, signature, args, k), 0) for k in (0, 2))
        mask = vectors.mask(args[4], 0)
        vectors.store_part(vectors.load_part(a, mask), b, mask)
        return context.get_dummy_value()

    return types.void(A, n, B, n, n), write


def _write_turned_square(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    a, b = (_place(context, builder, signature, args, k) for k in (0, 3))
    lanes = _lanes(signature.args[0])
    rows = _load_rows(context, builder, signature, a, args[2], lanes, lanes)
    _turn(builder, rows)
    _store_rows(builder, rows, b, args[5])
    return context.get_dummy_value()


def _write_columns(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Join the rows k, k + few, k + 2 few, ... to one vector each: turned, these are columns in order."""
    a, b = (_place(context, builder, signature, args, k) for k in (0, 3))
    lanes, few = _lanes(signature.args[0]), _few(signature.args[0])
    rows = _load_rows(context, builder, signature, a, args[2], lanes, few)
    joined = [_join(builder, rows[k::few]) for k in range(few)]
    _turn(builder, joined)
    _store_rows(builder, joined, b, args[5])
    return context.get_dummy_value()


def _write_rows(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Undo what `_write_columns` does."""
    a, b = (_place(context, builder, signature, args, k) for k in (0, 3))
    lanes, few = _lanes(signature.args[0]), _few(signature.args[0])
    joined = _load_rows(context, builder, signature, a, args[2], few, lanes)
    _turn(builder, joined)
    rows = [_part(builder, joined[k % few], k // few * few, few) for k in range(lanes)]
    _store_rows(builder, rows, b, args[5])
    return context.get_dummy_value()


def _lanes(array: Any) -> int:
    return int(VECTOR_BYTES * 8 // array.dtype.bitwidth)


def _few(array: Any) -> int:
    return min(FEW, _lanes(array))


def _load_rows(context: Any, builder: Any, signature: Any, a: Any, a_row: Any, n_rows: int, n_columns: int) -> Any:
    array = signature.args[0]
    vector = ir.VectorType(context.get_value_type(array.dtype), n_columns)
    rows = []
    for _ in range(n_rows):
        rows.append(builder.load(builder.bitcast(a, vector.as_pointer()), align=array.dtype.bitwidth // 8))
        a = builder.gep(a, [a_row])
    return rows


def _store_rows(builder: Any, rows: list[Any], b: Any, b_row: Any) -> None:
    for row in rows:
        bits = 32 if row.type.element == ir.FloatType() else 64
        builder.store(row, builder.bitcast(b, row.type.as_pointer()), align=bits // 8)
        b = builder.gep(b, [b_row])


def _turn(builder: Any, rows: list[Any]) -> None:
    """Exchange ever smaller squares beside the diagonal: halves, quarters, ..., single numbers.

    Longer rows are squares side by side, each of which is turned.
    """
    lanes, side = rows[0].type.count, len(rows) // 2
    while side:
        upper = [lane if not lane & side else lanes + lane - side for lane in range(lanes)]
        lower = [lane + side if not lane & side else lanes + lane for lane in range(lanes)]
        masks = [ir.Constant(ir.VectorType(INT32, lanes), chosen) for chosen in (upper, lower)]
        for k in (k for k in range(len(rows)) if not k & side):
            pair = rows[k], rows[k + side]
            rows[k], rows[k + side] = (builder.shuffle_vector(*pair, mask) for mask in masks)
        side //= 2


def _join(builder: Any, parts: list[Any]) -> Any:
    """Return vectors one after the other as one vector; their number is a power of two."""
    while len(parts) > 1:
        both = ir.Constant(ir.VectorType(INT32, 2 * parts[0].type.count), list(range(2 * parts[0].type.count)))
        parts = [builder.shuffle_vector(*parts[k : k + 2], both) for k in range(0, len(parts), 2)]
    return parts[0]


def _part(builder: Any, vector: Any, first: int, n: int) -> Any:
    """Return some adjacent numbers of a vector."""
    chosen = ir.Constant(ir.VectorType(INT32, n), list(range(first, first + n)))
    return builder.shuffle_vector(vector, vector, chosen)


def _write_sum_of_rows(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    a, c = (_place(context, builder, signature, args, k) for k in (0, 4))
    a_row, n, width = (args[k] for k in (2, 3, 6))
    vectors = Vectors(builder, context.get_value_type(signature.args[0].dtype))
    mask = vectors.mask(width, 0)
    nothing = ir.Constant(vectors.vector, [0.0] * vectors.lanes)
    before = builder.block
    loop, after = builder.append_basic_block("rows"), builder.append_basic_block("summed")
    builder.branch(loop)

    builder.position_at_end(loop)
    i, here = builder.phi(INDEX), builder.phi(a.type)
    sums = [builder.phi(vectors.vector) for _ in range(4)]
    grown = []
    for k, total in enumerate(sums):
        # rows beyond the last one are not read
        is_there = builder.icmp_signed("<", builder.add(i, ir.Constant(INDEX, k)), n)
        own = builder.and_(mask, vectors.splat(is_there))
        row = builder.gep(here, [builder.mul(a_row, ir.Constant(INDEX, k))])
        grown.append(builder.fadd(total, vectors.load_part(vectors.pointer(row, 0), own)))
    i_next = builder.add(i, ir.Constant(INDEX, 4))
    here_next = builder.gep(here, [builder.mul(a_row, ir.Constant(INDEX, 4))])
    for phi, first, value in ((i, ir.Constant(INDEX, 0), i_next), (here, a, here_next)):
        phi.add_incoming(first, before)
        phi.add_incoming(value, loop)
    for phi, value in zip(sums, grown, strict=True):
        phi.add_incoming(nothing, before)
        phi.add_incoming(value, loop)
    builder.cbranch(builder.icmp_signed("<", i_next, n), loop, after)

    builder.position_at_end(after)
    one, two, three, four = grown
    total = builder.fadd(builder.fadd(one, two), builder.fadd(three, four))
    vectors.store_part(total, vectors.pointer(c, 0), mask)
    return context.get_dummy_value()


def _place(context: Any, builder: Any, signature: Any, args: Any, k: int) -> Any:
    """Return the address of an element, given argument k, an array, and the next one, the index."""
    return builder.gep(context.make_array(signature.args[k])(context, builder, args[k]).data, [args[k + 1]])


class Vectors:
    """Writes instructions for vectors of one number type."""

    def __init__(self, builder: Any, number: Any, n_bytes: int = VECTOR_BYTES) -> None:
        self.builder = builder
        self.bits = 32 if number == ir.FloatType() else 64
        self.lanes = n_bytes * 8 // self.bits
        self.vector = ir.VectorType(number, self.lanes)
        self._align = ir.Constant(INT32, self.bits // 8)

    def pointer(self, pointer: Any, v: int) -> Any:
        """Return the address of vector `v`, counted from a number."""
        moved = self.builder.gep(pointer, [ir.Constant(INDEX, v * self.lanes)])
        return self.builder.bitcast(moved, self.vector.as_pointer())

    def mask(self, width: Any, v: int) -> Any:
        """Return a mask of the lanes of vector `v` that are among the first `width` numbers."""
        of_lane = ir.VectorType(INT32, self.lanes)
        columns = ir.Constant(of_lane, [v * self.lanes + lane for lane in range(self.lanes)])
        return self.builder.icmp_signed("<", columns, self.splat(self.builder.trunc(width, INT32)))

    def load_part(self, pointer: Any, mask: Any) -> Any:
        """Load the numbers under a mask, and zeros elsewhere."""
        zeros = ir.Constant(self.vector, [0.0] * self.lanes)
        return self.call("masked.load", self.vector, [pointer, self._align, mask, zeros], suffix=".p0")

    def store_part(self, value: Any, pointer: Any, mask: Any) -> None:
        """Store the numbers under a mask."""
        self.call("masked.store", ir.VoidType(), [value, pointer, self._align, mask], suffix=".p0")

    def call(self, name: str, returned: Any, args: list[Any], suffix: str = "") -> Any:
        """Call an LLVM intrinsic."""
        full = f"llvm.{name}.v{self.lanes}f{self.bits}{suffix}"
        module = self.builder.module
        function = module.globals.get(full) or ir.Function(
            module, ir.FunctionType(returned, [arg.type for arg in args]), full
        )
        return self.builder.call(function, args)

    def splat(self, number: Any) -> Any:
        """Return a vector with the same number in every lane."""
        vector = ir.VectorType(number.type, self.lanes)
        nothing = ir.Constant(vector, ir.Undefined)
        one = self.builder.insert_element(nothing, number, ir.Constant(INT32, 0))
        first = ir.Constant(ir.VectorType(INT32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, nothing, first)
