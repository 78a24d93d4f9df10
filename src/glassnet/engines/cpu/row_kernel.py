"""One row, from the user's numbers to the outputs, in one call with few arguments: each costs as much as a small layer.

Equals `data.numbers_step`, `data.levels_step` and `data.scaling` followed by `core.forward`.
"""

import math

from glassnet.engines.cpu.compiling import entry, strict
from glassnet.engines.cpu.plan import ROWS_AT, SIZE, U_AT
from glassnet.engines.cpu.run_kernel import forward_rows

# Columns of the steps, one row per column of the user's table.
IS_LEVELS, WIDTH, IS_SINGLE, HAS_FLAG, REFUSES_MISSING = range(5)
CENTER, FACTOR, IS_CLIPPED = range(3)

CLIP, HUGE = 3.0, 1e100  # as in data.scaling

OK, ODD = 0, 1


@strict
def scaled(value, scale):  # data.scaling.Scale.apply, rounded as NumPy rounds it
    if scale[IS_CLIPPED] == 0:
        return value
    z = (value - scale[CENTER]) * scale[FACTOR]
    z = min(max(z, -HUGE), HUGE)
    part = z / CLIP
    return z / math.sqrt(1.0 + part * part)


@strict
def encode_row(steps, scales, raw, A0):  # data.encoder.Encoder.transform
    """Fill A0 from the numbers and the places of the levels; return ODD where a number is none that was expected."""
    at = 0
    for k in range(steps.shape[0]):
        step, value = steps[k], raw[k]
        is_missing = math.isnan(value)
        if math.isinf(value) or (is_missing and step[REFUSES_MISSING] == 1):
            return ODD
        if step[IS_LEVELS] == 1:
            for place in range(step[WIDTH]):
                A0[at + place] = 1.0 if value == place + step[IS_SINGLE] else 0.0
        else:
            A0[at] = scaled(scales[k, CENTER] if is_missing else value, scales[k])
        at += step[WIDTH]
        if step[HAS_FLAG] == 1:
            A0[at] = 1.0 if is_missing else 0.0
            at += 1
    return OK


# Places in the sections, which say where in the numbers each array begins; the last one is where they end.
(THETA, PARAMS, DROPOUT, SCALES, Z, A, PANELS, NOTHING, LARGEST, LOGS, END) = range(11)


@entry
def predict_row(plan, steps, sections, numbers, raw, outputs):
    """Fill `outputs` with A[L] of one row of raw numbers; return ODD, and leave it, where it needs a closer look.

    If it has a place more than the network has outputs, that is the probability of the first of two classes.
    """
    theta = numbers[sections[THETA] : sections[PARAMS]]
    scales = numbers[sections[SCALES] : sections[Z]].reshape(-1, 3)
    As = numbers[sections[A] : sections[PANELS]]
    absent = numbers[0:0]
    room = (
        numbers[sections[Z] : sections[A]], As, absent, numbers[sections[PANELS] : sections[NOTHING]], absent, absent,
        numbers[sections[NOTHING] : sections[LARGEST]], numbers[sections[LARGEST] : sections[LOGS]],
        numbers[sections[LOGS] : sections[END]],
    )  # fmt: skip
    if encode_row(steps, scales, raw, As[plan[0, U_AT] :]) == ODD:
        return ODD
    net = (plan, numbers[sections[PARAMS] : sections[DROPOUT]])
    dropout = numbers[sections[DROPOUT] : sections[SCALES]]
    entries = (absent, sections[0:0], sections[0:1])
    forward_rows(net, theta, room, 0, 1, (dropout, 1.0), 0, 0, entries, sections[0:0], 1)
    L = plan.shape[0] - 1
    first = outputs.shape[0] - plan[L, SIZE]
    for j in range(plan[L, SIZE]):
        outputs[first + j] = As[plan[L, ROWS_AT] + j]
    if first == 1:
        outputs[0] = 1.0 - outputs[1]
    return OK
