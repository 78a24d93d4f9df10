"""What is explained: one row, a float64 network, the names of its neurons, and what the target is compared by."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost, check_pair, check_targets, resolve_cost
from glassnet.core.forward import Trace, forward
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoding.encoder import EncodedColumn, Encoder
from glassnet.errors import DataError, ParameterError, ShapeError
from glassnet.explanation.subject.notation import Notation, numbered
from glassnet.explanation.subject.prediction import Prediction, of_outputs
from glassnet.explanation.subject.step import Step, make_step, moment_words
from glassnet.explanation.words.numbers import number
from glassnet.training.replay.step_snapshot import Opened
from glassnet.typing import Array, Spec

ELSEWHERE = (
    "Training with minibatches averages the gradients of several rows, and a solver such as adam gives every weight "
    "a step size of its own; so its steps differ from this one."
)


@dataclass(frozen=True)
class Asked:
    """What the caller of `explain` wants shown; None stands for the model's own."""

    cost: Spec | None = None
    solver: Spec | None = None
    learning_rate: float | None = None
    state: Any = None
    notation: str = "names"
    words: str = ""  # where the settings of the step are from

    def at_moment(self) -> "Asked":
        """Return the same with the step of a run in place of one of its moments: what its own next step is taken by."""
        moment = self.state
        if not isinstance(moment, Opened):
            return self
        own_solver, own_rate = self.solver is None, self.learning_rate is None
        return replace(
            self,
            state=moment.state,
            solver=moment.solver if own_solver else self.solver,
            learning_rate=moment.learning_rate if own_rate else self.learning_rate,
            words=moment_words(moment, own_solver=own_solver, own_rate=own_rate),
        )


@dataclass(frozen=True, eq=False)
class Subject:
    """One row on its way through a network.

    Attributes
    ----------
    network : Network
        In float64.
    trace : Trace
        Of this row; arrays (1, n_out).
    notation : Notation
        The names of inputs (layer 0), neurons and weights.
    inputs : tuple of EncodedColumn
        How ``A[0]`` came about.
    Y : array (1, n_out) or None
        The target, None if none was given.
    cost : Cost or None
        What outputs and target are compared by.
    target : object
        The target in the user's words.
    step : Step
        What the update is taken by.
    encoder : Encoder or None
        What made ``A[0]``; None where the row is the inputs.
    """

    network: Network
    trace: Trace
    notation: Notation
    inputs: tuple[EncodedColumn, ...]
    prediction: Prediction
    Y: Array | None
    cost: Cost | None
    target: Any
    step: Step
    encoder: Encoder | None = None
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> ByLayer[tuple[str, ...]]:
        """The names of the inputs (layer 0) and neurons."""
        return self.notation.names


def of_network(network: Network, row: Any, target: Any, asked: Asked) -> Subject:
    """Return the subject of a plain network: the row and the target are its numbers."""
    cost = asked.cost
    if target is None and cost is not None:
        raise ParameterError(f"cost={cost!r} compares outputs with a target, but none was given; pass target=...")
    if target is not None and cost is None:
        raise ParameterError(
            "a target was given for a Network, but no cost to compare it by; try cost='half_squared_error'."
        )
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
    notation = notation_of(exact, inputs, outputs, asked.notation)
    return Subject(
        network=exact,
        trace=trace,
        notation=notation,
        inputs=tuple(EncodedColumn(name, x, (), (name,), (x,)) for name, x in zip(notation.names[0], X[0].tolist())),
        prediction=of_outputs(outputs, trace.A[-1][0]),
        Y=Y,
        cost=entry,
        target=None if Y is None else (Y[0].tolist() if Y.shape[1] > 1 else float(Y[0, 0])),
        step=make_step(exact, asked.solver or "gd", asked.learning_rate, asked.state, asked.words + ELSEWHERE),
        notes=float32_note(network, X, trace),
    )


def in_float64(network: Network) -> Network:
    """Return the network with its parameters in NumPy and float64, whatever it was trained in."""
    return network.with_theta(np.asarray(network.theta, dtype=np.float64))


def notation_of(network: Network, inputs: tuple[str, ...], outputs: tuple[str, ...], kind: str) -> Notation:
    """Return the names of a network's neurons and weights; "from_to" puts the neurons' numbers in front."""
    names = neuron_names(network, inputs, outputs)
    return Notation(kind, numbered(names) if kind == "from_to" else names, network.layout)


def neuron_names(network: Network, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> ByLayer[tuple[str, ...]]:
    """Return the names of all neurons; hidden ones are called by layer and unit, counted from 1.

    >>> neuron_names(Network.create([1, 2, 1], front="pbld"), ("x1",), ("output1",))[0]
    ('x1', 'x1 wave 1', 'x1 wave 2', 'x1 wave 3')
    """
    first = inputs if network.front is None else network.front.names_of(inputs)
    hidden = [tuple(f"hidden{l}.{j}" for j in range(1, n + 1)) for l, n in enumerate(network.sizes[1:-1], start=1)]
    return ByLayer([first, *hidden, outputs], name="names", first=0)


def one_row_of_numbers(value: Any, n: int, *, what: str, each: str) -> Array:
    """Return `value` as a float64 matrix (1, n), or say why it is no single row of n numbers."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{what}={value!r} is not made of numbers, but a Network takes numbers only; try one number per {each}."
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
            f"{what} has {array[0, wrong[0]]} at {each} {wrong[0] + 1}, but only finite numbers can be worked with; "
            "try filling it in."
        )
    return array


def float32_note(network: Network, A0: Array, trace: Trace) -> tuple[str, ...]:
    """Say what the run's own float32 outputs are where they differ from float64 in the digits that text shows."""
    if str(network.theta.dtype).rsplit(".", maxsplit=1)[-1] != "float32":
        return ()
    own = network.with_theta(np.asarray(network.theta))
    with np.errstate(all="ignore"):
        A = forward(own, A0[:1].astype(np.float32)).A[-1][0].tolist()
    exact = trace.A[-1][0].tolist()
    if [number(a) for a in A] == [number(a) for a in exact]:
        return ("The weights were trained in float32; all numbers here are computed from them in float64.",)
    differing = [(a32, a64) for a32, a64 in zip(A, exact, strict=True) if number(a32) != number(a64)]
    shown = ", ".join(f"{number(a32)} instead of {number(a64)}" for a32, a64 in differing[:4])
    return (
        "The weights were trained in float32; all numbers here are computed from them in float64. In float32 "
        f"{'an output is' if len(differing) == 1 else 'outputs are'} {shown}.",
    )
