"""What a diagram shows: columns of neurons, some of them grouped, and the connections between those that are shown."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Neuron:
    """One circle.

    Attributes
    ----------
    layer, index : int
        l from 0 for the inputs; its place in the layer, from 0.
    name : str
        As in `glassnet.explain`: the user's column or class, or "hidden1.3".
    value : float or None
        Its activation for the row that is shown.
    delta : float or None
        Its blame.
    notes : tuple of str
        Short remarks beside an input or an output, such as the raw value or the target.
    is_answer : bool
        Whether it is the output of the class that is predicted.
    """

    layer: int
    index: int
    name: str
    value: float | None = None
    delta: float | None = None
    notes: tuple[str, ...] = ()
    is_answer: bool = False


@dataclass(frozen=True)
class Column:
    """One layer: the neurons that are shown, in their order, and how many are not."""

    layer: int
    size: int
    neurons: tuple[Neuron, ...]
    activation: str | None

    @property
    def n_hidden_away(self) -> int:
        """How many neurons stand together in one group."""
        return self.size - len(self.neurons)


@dataclass(frozen=True)
class Connection:
    """A weight as a line into neuron `j` of `layer` from neuron `k` of the layer before; None is the bias unit."""

    layer: int
    j: int
    k: int | None
    weight: float


@dataclass(frozen=True)
class Flow:
    """Blame that goes back from neuron `j` of `layer` to neuron `k` of the layer before: ``W[j, k] · delta[j]``."""

    layer: int
    j: int
    k: int
    amount: float


@dataclass(frozen=True)
class View:
    """All that a diagram shows.

    Attributes
    ----------
    sizes : tuple of int
        Of the whole network.
    columns : tuple of Column
        One per layer 0..L.
    connections : tuple of Connection
        The weights that are drawn, weakest first within each layer.
    flows : tuple of Flow
        The blame that is drawn.
    n_weights : int
        Weights of the whole network, without biases.
    widest : dict of int to float
        The largest absolute weight drawn into each layer.
    n_waves : int
        How many numbers of the first column are learned waves of an input.
    """

    sizes: tuple[int, ...]
    columns: tuple[Column, ...]
    connections: tuple[Connection, ...]
    flows: tuple[Flow, ...]
    n_weights: int
    widest: dict[int, float] = field(default_factory=dict)
    n_waves: int = 0

    @property
    def n_layers(self) -> int:
        """L."""
        return len(self.sizes) - 1

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """All neurons that are shown one by one, inputs included."""
        return tuple(neuron for column in self.columns for neuron in column.neurons)

    @property
    def weights_shown(self) -> int:
        """How many weights are drawn, without biases."""
        return sum(connection.k is not None for connection in self.connections)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.weights_shown == self.n_weights

    def bias_layers(self) -> set[int]:
        """Return the layers whose biases are drawn."""
        return {connection.layer for connection in self.connections if connection.k is None}

    def name(self, layer: int, index: int | None) -> str:
        """Return the name of a neuron that is shown; "bias" of the bias unit."""
        if index is None:
            return "bias"
        return next(neuron.name for neuron in self.columns[layer].neurons if neuron.index == index)

    def to_dict(self) -> dict[str, Any]:
        """Return what is shown as plain data, in full precision."""
        return {
            "sizes": list(self.sizes),
            "layers": [
                {
                    "layer": column.layer,
                    "size": column.size,
                    "activation": column.activation,
                    "neurons": [
                        {"index": n.index, "name": n.name, "value": n.value, "delta": n.delta} for n in column.neurons
                    ],
                }
                for column in self.columns
            ],
            "connections": [
                {"layer": c.layer, "to": self.name(c.layer, c.j), "from": self.name(c.layer - 1, c.k),
                 "weight": c.weight}
                for c in self.connections
            ],
            "blame": [
                {"layer": f.layer, "from": self.name(f.layer, f.j), "to": self.name(f.layer - 1, f.k),
                 "amount": f.amount}
                for f in self.flows
            ],
            "n_weights": self.n_weights,
            "n_waves": self.n_waves,
        }  # fmt: skip
