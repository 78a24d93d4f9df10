"""From the user's numbers to the inputs.

Equals `data.encoding.numeric`, `data.encoding.categorical` and `data.encoding.scaling`.
"""

import math

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, exact, strict
from glassnet.engines.cpu.kernels.simd.math_functions import is_finite

# Columns of the steps, one row per column of the user's table; and rows of the scales.
IS_LEVELS, WIDTH, IS_SINGLE, HAS_FLAG, REFUSES_MISSING = range(5)
CENTER, FACTOR, IS_CLIPPED = range(3)

CLIP, HUGE = 3.0, 1e100  # as in data.encoding.scaling

OK, ODD = 0, 1


@exact
def clipped(value, center, factor):  # data.encoding.scaling.Scale.apply, rounded as NumPy rounds it
    z = (value - center) * factor
    z = min(max(z, -HUGE), HUGE)
    part = z / CLIP
    return z / math.sqrt(1.0 + part * part)


@strict
def encode_row(steps, scales, raw, A0):  # data.encoding.encoder.Encoder.transform
    """Fill A0 from the numbers and the places of the levels; return ODD where a number is none that was expected."""
    at = 0
    for k in range(steps.shape[0]):
        step, value = steps[k], np.float64(raw[k])
        is_missing = math.isnan(value)
        if math.isinf(value) or (is_missing and step[REFUSES_MISSING] == 1):
            return ODD
        if step[IS_LEVELS] == 1:
            for place in range(step[WIDTH]):
                A0[at + place] = 1.0 if value == place + step[IS_SINGLE] else 0.0
        else:
            value = scales[CENTER, k] if is_missing else value
            A0[at] = clipped(value, scales[CENTER, k], scales[FACTOR, k]) if scales[IS_CLIPPED, k] > 0 else value
        at += step[WIDTH]
        if step[HAS_FLAG] == 1:
            A0[at] = 1.0 if is_missing else 0.0
            at += 1
    return OK


@strict
def scale_row(scales, raw, A0, is_clipped):
    """Fill A0 from a row of columns that are all numbers without flags, a vector at a time; tell if all are finite."""
    n_odd = 0
    if is_clipped:
        for k in range(raw.shape[0]):
            value = np.float64(raw[k])
            n_odd += 0 if is_finite(value) else 1
            A0[k] = clipped(value, scales[CENTER, k], scales[FACTOR, k])
    else:
        for k in range(raw.shape[0]):
            n_odd += 0 if is_finite(raw[k]) else 1
            A0[k] = raw[k]
    return n_odd == 0


@entry
def encode_rows(steps, scales, X, A0):
    """Fill the rows of A0 from those of X, numbers of any type, no levels; return ODD as soon as `encode_row` does."""
    n_clipped = 0
    for k in range(steps.shape[0]):
        n_clipped += 1 if scales[IS_CLIPPED, k] > 0 else 0
    has_flags = A0.shape[1] > X.shape[1]
    is_plain = not has_flags and (n_clipped == 0 or n_clipped == X.shape[1])
    for i in range(X.shape[0]):
        if is_plain and scale_row(scales, X[i], A0[i], n_clipped > 0):
            continue
        if encode_row(steps, scales, X[i], A0[i]) == ODD:
            return ODD
    return OK
