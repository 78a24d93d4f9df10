"""One row, from raw numbers to outputs, in a call with few arguments: each argument costs as much as a small layer.

Equals `encoding.encode_row` followed by `core.forward`.
"""

from glassnet.engines.cpu.compiling.decorators import entry
from glassnet.engines.cpu.kernels.buffers import ROWS_AT, SIZE, U_AT, ZERO, Dropout, Entries, Net, Workspace
from glassnet.engines.cpu.kernels.encoding import ODD, OK, encode_row
from glassnet.engines.cpu.kernels.forward_pass import forward_rows, inputs_of
from glassnet.engines.cpu.kernels.simd.math_functions import is_finite

# Positions in the sections, which give the start of each array in the numbers; the last one is the end.
(THETA, PARAMS, DROPOUT, SCALES, Z, A, PANELS, ZEROS, LARGEST, LOGS, END) = range(11)

MISFIT = 2  # returned, beside OK and ODD, for a row or outputs of the wrong length


@entry
def predict_row(plan, steps, sections, numbers, raw, outputs):
    """Fill `outputs` with A[L] of one row of raw numbers; return ODD, without filling them, for an unexpected number.

    If `outputs` has one more place than the network has outputs, it is the probability of the first of two classes.
    """
    L = plan.shape[0] - 1
    first = outputs.shape[0] - plan[L, SIZE]
    if raw.shape[0] != steps.shape[0] or not 0 <= first <= 1:
        return MISFIT
    theta = numbers[sections[THETA] : sections[PARAMS]]
    scales = numbers[sections[SCALES] : sections[Z]].reshape(3, -1)
    As = numbers[sections[A] : sections[PANELS]]
    absent = numbers[0:0]
    workspace = Workspace(
        numbers[sections[Z] : sections[A]], As, absent, numbers[sections[PANELS] : sections[ZEROS]], absent, absent,
        numbers[sections[ZEROS] : sections[LARGEST]], numbers[sections[LARGEST] : sections[LOGS]],
        numbers[sections[LOGS] : sections[END]],
    )  # fmt: skip
    if encode_row(steps, scales, raw, As[plan[0, U_AT] :]) == ODD:
        return ODD
    net = Net(plan, numbers[sections[PARAMS] : sections[DROPOUT]])
    dropout = Dropout(numbers[sections[DROPOUT] : sections[SCALES]], 1.0, ZERO, ZERO, ZERO)
    entries = Entries(absent, sections[0:0], sections[0:1])
    forward_rows(net, theta, workspace, inputs_of(plan, workspace), 0, 1, dropout, entries, sections[0:0], 1)
    for j in range(plan[L, SIZE]):
        if not is_finite(As[plan[L, ROWS_AT] + j]):
            return ODD
        outputs[first + j] = As[plan[L, ROWS_AT] + j]
    if first == 1:
        outputs[0] = 1.0 - outputs[1]
    return OK
