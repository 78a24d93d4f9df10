"""A network and one row of numbers as a subject."""

from typing import Any

import numpy as np

from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.errors import DataError, ParameterError, ShapeError
from glassnet.explanation.subject.notation import notation_of
from glassnet.explanation.subject.prediction import of_outputs
from glassnet.explanation.subject.request import Request
from glassnet.explanation.subject.step import make_step
from glassnet.explanation.subject.subject import Subject, float32_note, in_float64
from glassnet.typing import Array

ELSEWHERE = (
    "Training with minibatches averages the gradients of several rows, and a solver such as adam adapts the step size "
    "of every weight, so its steps differ from this one."
)


def of_network(network: Network, row: Any, target: Any, request: Request) -> Subject:
    """Return the subject of a plain network, with the row and the target as numbers."""
    cost = request.cost
    if target is None and cost is not None:
        raise ParameterError(f"cost={cost!r} compares outputs with a target, but none was given; pass target=...")
    if target is not None and cost is None:
        raise ParameterError("a target was given for a Network, but no cost; try cost='half_squared_error'.")
    entry = None if cost is None else resolve_cost(cost)
    X = one_row_of_numbers(row, network.n_inputs, what="row", each="input")
    Y = None
    if target is not None:
        Y = one_row_of_numbers(target, network.sizes[-1], what="target", each="output")
    if Y is not None and entry is not None:
        check_pair(network.activation[-1], entry, network.sizes[-1])
        check_targets(entry, Y)
    exact = in_float64(network)
    inputs = tuple(f"x{k}" for k in range(1, network.n_inputs + 1))
    outputs = tuple(f"output{j}" for j in range(1, network.sizes[-1] + 1))
    with np.errstate(all="ignore"):
        trace = forward(exact, X)
    notation = notation_of(exact, inputs, outputs, request.notation)
    return Subject(
        network=exact,
        trace=trace,
        notation=notation,
        inputs=tuple(EncodedColumn(name, x, (), (name,), (x,)) for name, x in zip(notation.names[0], X[0].tolist())),
        prediction=of_outputs(outputs, trace.A[-1][0]),
        Y=Y,
        cost=entry,
        target=None if Y is None else (Y[0].tolist() if Y.shape[1] > 1 else float(Y[0, 0])),
        step=make_step(exact, request.solver or "gd", request.learning_rate, request.state, request.words + ELSEWHERE),
        notes=float32_note(network, X, trace),
    )


def one_row_of_numbers(value: Any, n: int, *, what: str, each: str) -> Array:
    """Return `value` as a float64 matrix (1, n), or raise an error unless it is one row of n numbers."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{what}={value!r} is not numeric, but a Network needs numbers; try one number per {each}."
        ) from None
    if array.ndim == 2 and array.shape[0] != 1:
        raise ShapeError(f"{what} has {array.shape[0]} rows, but one row is explained at a time; try {what}[:1].")
    if array.ndim > 2 or array.size != n:
        raise ShapeError(
            f"{what} has {array.size} numbers, but this network has {n} {each}s; give one number for each."
        )
    array = array.reshape(1, n)
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise DataError(
            f"{what} has {array[0, wrong[0]]} at {each} {wrong[0] + 1}, but finite numbers are required; "
            "try filling it in."
        )
    return array
