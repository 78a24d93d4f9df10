"""Builds the view of a network, optionally with one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.drawing.diagram.strongest import strongest_connections, strongest_neurons
from glassnet.drawing.diagram.view import Column, Connection, Flow, Neuron, View
from glassnet.drawing.words import short
from glassnet.explanation.explanation import Explanation

MOST_FLOWS = 16  # arrows of blame into one layer


@dataclass(frozen=True, eq=False)
class Shown:
    """The numbers of one row, layer by layer: activations 0..L, and deltas 1..L if there is a target."""

    a: list[Any]
    delta: list[Any] | None
    notes: list[dict[int, tuple[str, ...]]]
    answer: int | None


def view_of(
    network: Network,
    names: ByLayer[tuple[str, ...]],
    shown: Shown | None,
    *,
    blame: bool,
    biases: bool | None,
    most: int,
) -> View:
    """Return the content of a diagram of this network.

    Parameters
    ----------
    network : Network
    names : ByLayer of tuples of str
        Names of the inputs and of all neurons.
    shown : Shown or None
        Numbers of the row, if there is one.
    blame : bool
        Whether blame is drawn.
    biases : bool or None
        Whether biases are drawn; None means if every layer is complete.
    most : int
        Maximum number of shown neurons per layer; larger layers show one less, and a group.
    """
    chosen = strongest_neurons(network, None if shown is None else shown.a, most)
    columns = tuple(_column(network, names, shown, l, indices, blame) for l, indices in enumerate(chosen))
    if biases is None:
        biases = all(len(indices) == size for indices, size in zip(chosen, network.sizes, strict=True))
    connections = [c for l in range(1, network.n_layers + 1) for c in _into(network, l, chosen, biases)]
    deltas = shown.delta if shown is not None and blame else None
    return View(
        sizes=network.sizes,
        columns=columns,
        connections=tuple(connections),
        flows=() if deltas is None else tuple(_flows(network, chosen, deltas)),
        n_weights=sum(int(np.asarray(W).size) for W in network.W),
        widest={l: _widest(connections, l) for l in range(1, network.n_layers + 1)},
        n_waves=0 if network.front is None else network.front.n_outputs - network.front.n_inputs,
    )


def _column(
    network: Network, names: ByLayer[tuple[str, ...]], shown: Shown | None, l: int, indices: Sequence[int], blame: bool
) -> Column:
    neurons = tuple(
        Neuron(
            layer=l,
            index=j,
            name=names[l][j],
            value=None if shown is None else float(shown.a[l][j]),
            delta=float(shown.delta[l][j]) if shown is not None and shown.delta and blame and l > 0 else None,
            notes=() if shown is None else shown.notes[l].get(j, ()),
            is_answer=shown is not None and l == network.n_layers and shown.answer == j,
        )
        for j in indices
    )
    return Column(l, network.sizes[l], neurons, network.activation[l].name if l else None)


def _into(network: Network, l: int, chosen: Sequence[Sequence[int]], biases: bool) -> list[Connection]:
    """Return the drawn connections into layer l, biases first, then weakest first."""
    sources, targets = chosen[l - 1], chosen[l]
    W = np.asarray(network.W[l], dtype=np.float64)[np.ix_(targets, sources)]  # (n_shown, n_in_shown)
    whole = W.shape == (network.sizes[l], network.sizes[l - 1])
    b = network.b[l]
    drawn = [] if b is None or not biases else [Connection(l, j, None, float(b[j])) for j in targets]
    places = strongest_connections(W, whole=whole)
    return [*drawn, *(Connection(l, targets[j], sources[k], float(W[j, k])) for j, k in places)]


def _flows(network: Network, chosen: Sequence[Sequence[int]], deltas: list[Any]) -> list[Flow]:
    """Return the drawn blame into each hidden layer, weakest first."""
    flows = []
    for l in range(2, network.n_layers + 1):
        W = np.asarray(network.W[l], dtype=np.float64)
        into = [Flow(l, j, k, float(W[j, k] * deltas[l][j])) for j in chosen[l] for k in chosen[l - 1]]
        moving = sorted((flow for flow in into if flow.amount != 0), key=lambda flow: abs(flow.amount))
        flows += moving[-MOST_FLOWS:]
    return flows


def _widest(connections: Sequence[Connection], l: int) -> float:
    sizes = [abs(c.weight) for c in connections if c.layer == l and np.isfinite(c.weight)]
    return max(sizes, default=0.0)


def of_explanation(explanation: Explanation) -> tuple[ByLayer[tuple[str, ...]], Shown]:
    """Return the names of all neurons, and the numbers of the explained row."""
    forward, backward = explanation.forward, explanation.backward
    names: ByLayer[tuple[str, ...]] = ByLayer(
        [forward[1].sources, *(layer.names for layer in forward)], name="names", first=0
    )
    L = len(forward)
    notes: list[dict[int, tuple[str, ...]]] = [{} for _ in range(L + 1)]
    notes[0] = {k: (f"= {note}",) for k, note in _raw_values(explanation, names[0]).items()}
    notes[L] = _output_notes(explanation, names[L])
    return names, Shown(
        a=[forward[1].a_in, *(layer.a for layer in forward)],
        delta=None if backward is None else [None, *(layer.delta for layer in backward)],
        notes=notes,
        answer=_answer(explanation, names[L]),
    )


def _raw_values(explanation: Explanation, names: tuple[str, ...]) -> dict[int, str]:
    """Return the user's raw numbers of the scaled inputs."""
    place = {name: k for k, name in enumerate(names)}
    return {
        place[column.column]: short(float(column.raw))
        for column in explanation.inputs
        if column.column in place and isinstance(column.raw, int | float) and column.raw == column.raw
        if float(column.raw) not in column.values
    }


def _output_notes(explanation: Explanation, names: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Return an output's value in the user's units, and its target."""
    values, last = explanation.prediction.values, explanation.forward[-1]
    notes: dict[int, tuple[str, ...]] = {}
    for j, name in enumerate(names):
        meant = [] if values is None or values[name] == last.a[j] else [f"= {short(values[name])}"]
        notes[j] = (*meant, *_target(explanation, j))
    return notes


def _target(explanation: Explanation, j: int) -> tuple[str, ...]:
    encoded = None if explanation.backward is None else explanation.backward[-1].target
    if encoded is None:
        return ()
    if explanation.prediction.values is None:
        return (f"target {short(float(encoded[j]))}",)
    in_units = explanation.target if isinstance(explanation.target, list) else [explanation.target]
    return (f"target {short(float(in_units[j]))}",)


def _answer(explanation: Explanation, names: tuple[str, ...]) -> int | None:
    label = str(explanation.prediction.label)
    known = explanation.prediction.probabilities is not None and label in names
    return names.index(label) if known else None
