"""exp, expm1, log, log1p, tanh, sine and cosine as polynomials that vectorize: at most 4 units in the last place.

Each is written once for both precisions; their differences (constants, number of terms, width of integers) are selected
at compile time. Series are Taylor series, used where they converge fast.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from glassnet.engines.cpu.compiling.decorators import EXACT_FLAGS, exact

EXACT: Any = {"fastmath": EXACT_FLAGS, "error_model": "numpy", "forceinline": True}


class Format(NamedTuple):
    """The properties of a floating-point format."""

    real: Any
    integer: Any  # of as many bits
    fraction_bits: int
    bias: int  # of the exponent
    exp_terms: int
    log_terms: int
    sine_terms: int
    exp_range: tuple[float, float]  # beyond, exp is 0 or infinite
    log2_high: float  # log 2 in few bits, so that its product with an exponent is exact
    log2_low: float  # the rest of it
    smallest: float  # normal number


SINGLE = Format(
    np.float32, np.int32, 23, 127, 7, 5, 7, (-104.0, 89.0), 0.693359375, -2.1219444005469057e-4,
    float(np.finfo("f4").tiny),
)  # fmt: skip
DOUBLE = Format(
    np.float64, np.int64, 52, 1023, 13, 11, 12, (-746.0, 710.0), float.fromhex("0x1.62e42fee00000p-1"),
    float.fromhex("0x1.a39ef35793c76p-33"), float(np.finfo("f8").tiny),
)  # fmt: skip


def format_of(number: Any) -> Format:
    """Return the format of a number's Numba type."""
    return SINGLE if number == types.float32 else DOUBLE


@intrinsic
def fused(typing, x, y, total):
    """Return x · y + total, rounded once: explicit, because compilers choose inconsistently between one and two."""

    def write(context, builder, signature, args):
        number = args[0].type
        name = f"llvm.fma.f{32 if number == ir.FloatType() else 64}"
        function = builder.module.globals.get(name)
        function = function or ir.Function(builder.module, ir.FunctionType(number, [number] * 3), name)
        return builder.call(function, args)

    return x(x, x, x), write


def power_of_two(n):
    """2^n for a whole number n, given as a float."""


@overload(power_of_two, jit_options=EXACT)
def _power_of_two(n):
    f = format_of(n)
    integer, real, bias, bits = f.integer, f.real, f.integer(f.bias), f.integer(f.fraction_bits)
    return lambda n: integer((integer(n) + bias) << bits).view(real)


def reduced(x):
    """(n, r) with x = n log 2 + r and abs(r) at most half of log 2."""


@overload(reduced, jit_options=EXACT)
def _reduced(x):
    f = format_of(x)
    low, high = f.real(f.exp_range[0]), f.real(f.exp_range[1])
    per_log2, half, log2_high, log2_low = (f.real(value) for value in (1 / math.log(2), 0.5, f.log2_high, f.log2_low))

    def implementation(x):
        x = low if x < low else (high if x > high else x)  # NaN stays NaN
        n = np.floor(fused(x, per_log2, half))
        return n, fused(-n, log2_low, fused(-n, log2_high, x))

    return implementation


def expm1_of_rest(r):
    """e^r - 1 for abs(r) at most half of log 2."""


@overload(expm1_of_rest, jit_options=EXACT)
def _expm1_of_rest(r):
    f = format_of(r)
    terms = tuple(f.real(1 / math.factorial(k)) for k in range(f.exp_terms, 1, -1))

    def implementation(r):
        total = terms[0]
        for term in terms[1:]:
            total = fused(total, r, term)
        return fused(r * r, total, r)

    return implementation


@exact
def scaled(x, n):
    """Return x · 2^n, in two steps, so that neither factor overflows before the product does."""
    n = n if n == n else type(n)(0)
    half = np.floor(n * type(n)(0.5))
    return x * power_of_two(half) * power_of_two(n - half)


@exact
def exp_of(x):
    n, r = reduced(x)
    return scaled(type(x)(1) + expm1_of_rest(r), n)


@exact
def expm1_of(x):
    n, r = reduced(x)
    whole = scaled(type(x)(1), n)
    # for large n, the power alone may be infinite although the product is not
    return scaled(type(x)(1) + expm1_of_rest(r), n) if n > 60 else fused(whole, expm1_of_rest(r), whole - type(x)(1))


@exact
def tanh_of(x):
    """Return (e^2a - 1) / (e^2a + 1) for a = abs(x), with the sign of x; it is 1 in any format from 20 on."""
    real = type(x)
    a = abs(x)
    n, r = reduced(real(2) * (real(20) if a > 20 else a))
    n = n if n == n else real(0)
    power = power_of_two(n)
    grown = fused(power, expm1_of_rest(r), power - real(1))
    t = grown / (grown + real(2))
    return -t if x < 0 else t


def parted(x):
    """(e, f) with x = 2^e (1 + f), and 1 + f between the roots of 1/2 and 2, for a normal x above 0."""


@overload(parted, jit_options=EXACT)
def _parted(x):
    f = format_of(x)
    real, integer, bits = f.real, f.integer, f.integer(f.fraction_bits)
    root = real(math.sqrt(0.5)).view(integer)

    def implementation(x):
        raw = real(x).view(integer)
        e = integer(integer(raw - root) >> bits)
        return real(e), integer(raw - integer(e << bits)).view(real) - real(1)

    return implementation


def log1p_of_rest(f):
    """log(1 + f) for 1 + f between the roots of 1/2 and 2."""


@overload(log1p_of_rest, jit_options=EXACT)
def _log1p_of_rest(f):
    form = format_of(f)
    half, two = form.real(0.5), form.real(2)
    terms = tuple(form.real(2 / (2 * k + 1)) for k in range(form.log_terms, 0, -1))

    def implementation(f):  # 2 artanh(s) with s = f / (2 + f), with its first term apart for accuracy
        s = f / (two + f)
        squared = s * s
        total = terms[0]
        for term in terms[1:]:
            total = fused(total, squared, term)
        bend = half * f * f
        return f - fused(-s, fused(squared, total, bend), bend)

    return implementation


def log2_parts(x):
    """(high, low, smallest normal number, factor for smaller numbers) in the format of x."""


@overload(log2_parts, jit_options=EXACT)
def _log2_parts(x):
    f = format_of(x)
    parts = (f.real(f.log2_high), f.real(f.log2_low), f.real(f.smallest), f.real(f.fraction_bits + 2))
    return lambda x: parts


@exact
def log_of(x):
    real = type(x)
    high, low, smallest, lift = log2_parts(x)
    is_small = x < smallest
    e, f = parted(x * power_of_two(lift) if is_small else x)
    e = e - lift if is_small else e
    value = fused(e, high, fused(e, low, log1p_of_rest(f)))
    value = value if x > 0 else (real(-np.inf) if x == 0 else real(np.nan))
    return value if x < np.inf else x


@exact
def log1p_of(x):
    real = type(x)
    one = real(1)
    high, low, _, _ = log2_parts(x)
    u = one + x
    lost = (one - (u - x) if x > 1 else x - (u - one)) / u  # by rounding 1 + x
    e, f = parted(u)
    value = log1p_of_rest(x) if e == 0 else fused(e, high, log1p_of_rest(f) + fused(e, low, lost))
    value = value if x > -1 else (real(-np.inf) if x == -1 else real(np.nan))
    return value if x < np.inf else x


def sine_of_quarter(v):
    """sin(2 pi v) for abs(v) at most a quarter."""


@overload(sine_of_quarter, jit_options=EXACT)
def _sine_of_quarter(v):
    f = format_of(v)
    turn = 2 * math.pi
    powers = range(2 * f.sine_terms - 1, 0, -2)
    terms = tuple(f.real((-1) ** (k // 2) * turn**k / math.factorial(k)) for k in powers)

    def implementation(v):
        squared = v * v
        total = terms[0]
        for term in terms[1:]:
            total = fused(total, squared, term)
        return v * total

    return implementation


@exact
def cosine_of_turns(t):
    """Return cos(2 pi t). The fraction of t beyond whole turns is exact, and so is its distance from a quarter turn."""
    return sine_of_quarter(type(t)(0.25) - abs(t - np.rint(t)))


@exact
def sine_of_turns(t):
    """Return sin(2 pi t)."""
    rest = t - np.rint(t)
    far = type(t)(0.5) - abs(rest)  # from half a turn, where the sine is 0 again
    folded = -far if rest < 0 else far
    return sine_of_quarter(folded if abs(rest) > type(t)(0.25) else rest)


@exact
def is_finite(x):
    """Whether x is finite; with reassociated sums, math.isfinite, which computes x - x, is always true."""
    return abs(x) < np.inf
