"""The content of a diagram: columns of neurons, some of them grouped, and the drawn connections."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Neuron:
    """One circle.

    Attributes
    ----------
    layer, index : int
        l, with 0 for the inputs; position in the layer, from 0.
    name : str
        As in `glassnet.explain`: the user's column or class, or "hidden1.3".
    value : float or None
        Activation for the row.
    delta : float or None
        Blame.
    notes : tuple of str
        Short remarks beside an input or an output, such as the raw value or the target.
    is_answer : bool
        Whether it is the output of the predicted class.
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
    """One layer: its shown neurons in order, and its size."""

    layer: int
    size: int
    neurons: tuple[Neuron, ...]
    activation: str | None

    @property
    def n_hidden_away(self) -> int:
        """Number of neurons in the group."""
        return self.size - len(self.neurons)


@dataclass(frozen=True)
class Connection:
    """A weight into neuron `j` of `layer` from neuron `k` of the previous layer; a `k` of None is the bias unit."""

    layer: int
    j: int
    k: int | None
    weight: float


@dataclass(frozen=True)
class Flow:
    """Blame flowing back from neuron `j` of `layer` to neuron `k` of the previous layer: ``W[j, k] · delta[j]``."""

    layer: int
    j: int
    k: int
    amount: float


@dataclass(frozen=True)
class View:
    """The content of a diagram.

    Attributes
    ----------
    sizes : tuple of int
        Layer sizes of the whole network.
    columns : tuple of Column
        One per layer 0..L.
    connections : tuple of Connection
        The drawn weights, weakest first within each layer.
    flows : tuple of Flow
        The drawn blame.
    n_weights : int
        Number of weights of the whole network, without biases.
    widest : dict of int to float
        The largest absolute weight drawn into each layer.
    n_waves : int
        Number of learned waves in the first column.
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
        """All individually shown neurons, including inputs."""
        return tuple(neuron for column in self.columns for neuron in column.neurons)

    @property
    def weights_shown(self) -> int:
        """Number of drawn weights, without biases."""
        return sum(connection.k is not None for connection in self.connections)

    @property
    def is_whole(self) -> bool:
        """Whether all neurons and weights are drawn."""
        return self.weights_shown == self.n_weights

    def bias_layers(self) -> set[int]:
        """Return the layers with drawn biases."""
        return {connection.layer for connection in self.connections if connection.k is None}

    def name(self, layer: int, index: int | None) -> str:
        """Return the name of a shown neuron; "bias" for the bias unit."""
        if index is None:
            return "bias"
        return next(neuron.name for neuron in self.columns[layer].neurons if neuron.index == index)

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain data, in full precision."""
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
