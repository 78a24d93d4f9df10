"""The names of neurons and weights: in words, or in the notation of a tutorial."""

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError

NOTATIONS = {
    "names": "age -> hidden1.3",
    "by_input": "w1, w2, ... counted layer by layer, input by input",
    "by_neuron": "w1, w2, ... counted layer by layer, by the neuron they lead into",
    "from_to": "W1,6 from neuron 1 to neuron 6, all neurons numbered through",
}


@dataclass(frozen=True)
class Place:
    """The position of a weight: into neuron j of layer l from neuron k, counted from 0; k is None for a bias."""

    layer: int
    j: int
    k: int | None


@dataclass(frozen=True)
class Notation:
    """The names of all neurons and weights.

    Parameters
    ----------
    kind : {"names", "by_input", "by_neuron", "from_to"}
        See `NOTATIONS`.
    names : ByLayer of tuples of str
        Names of the inputs (layer 0) and neurons.
    layout : Layout
        The layout of the parameters, which shows the biases.

    Examples
    --------
    >>> names = ByLayer([("x1", "x2"), ("h1", "h2"), ("o",)], name="names", first=0)
    >>> notation = Notation("by_input", names, Layout.dense([2, 2, 1]))
    >>> notation.weight(2, 0, 0), notation.place("w5"), notation.place("h1 -> o")
    ('w5', Place(layer=2, j=0, k=0), Place(layer=2, j=0, k=0))
    >>> Notation("from_to", names, Layout.dense([2, 2, 1])).weight(2, 0, 1)
    'W4,5'
    """

    kind: str
    names: ByLayer[tuple[str, ...]]
    layout: Layout

    def weight(self, l: int, j: int, k: int | None) -> str:
        """Return the symbol of a weight, or of a bias if k is None."""
        if self.kind == "names":
            return self.words(l, j, k)
        if self.kind == "from_to":
            return f"b{self._number(l, j)}" if k is None else f"W{self._number(l - 1, k)},{self._number(l, j)}"
        n_in, n_out = len(self.names[l - 1]), len(self.names[l])
        if k is None:
            return f"b{self._number(l, j) - len(self.names[0])}"
        within = k * n_out + j if self.kind == "by_input" else j * n_in + k
        return f"w{self._weights_before(l) + within + 1}"

    def words(self, l: int, j: int, k: int | None) -> str:
        """Return "from -> to"; a bias comes from "bias"."""
        return f"{'bias' if k is None else self.names[l - 1][k]} -> {self.names[l][j]}"

    def label(self, l: int, j: int, k: int | None) -> str:
        """Return the label of a weight in lists: the symbol, and for a counted weight its connection in words."""
        symbol = self.weight(l, j, k)
        return f"{symbol} ({self.words(l, j, k)})" if self.kind in ("by_input", "by_neuron") else symbol

    def incoming(self, l: int, k: int) -> str:
        """Return the letter of the incoming value from neuron k of layer l."""
        return f"a{self._number(l, k)}" if self.kind == "from_to" else self.names[l][k]

    def place(self, address: str) -> Place:
        """Return the position of the weight with this address: "age -> hidden1.3", "w10", "W1,6", "b2" or "bias -> o".

        A counted address such as "w10" follows this notation; by input if the notation does not count.
        """
        text = str(address).strip()
        source, arrow, target = (part.strip() for part in text.partition("->"))
        if arrow:
            return self._by_words(text, source, target)
        if numbers := re.fullmatch(r"[Ww]_?\(?\s*(\d+)\s*,\s*(\d+)\s*\)?", text):
            return self._from_to(text, int(numbers[1]), int(numbers[2]))
        if counted := re.fullmatch(r"([wb])_?(\d+)", text):
            return self._counted(text, counted[1], int(counted[2]))
        raise ParameterError(
            f"weight {address!r} cannot be read; write it as 'from -> to' such as {self.words(1, 0, 0)!r}, as a "
            f"number such as 'w1', or as 'W1,{len(self.names[0]) + 1}' from neuron to neuron."
        )

    def _by_words(self, text: str, source: str, target: str) -> Place:
        for l in range(1, len(self.names)):
            if target in self.names[l] and source in self.names[l - 1]:
                return Place(l, self.names[l].index(target), self.names[l - 1].index(source))
            if target in self.names[l] and source == "bias":
                return self._bias(text, l, self.names[l].index(target))
        raise ParameterError(
            f"there is no weight {text!r}: no neuron of those names leads into the other; one weight here is "
            f"{self.words(1, 0, 0)!r}."
        )

    def _from_to(self, text: str, source: int, target: int) -> Place:
        for l in range(1, len(self.names)):
            k, j = source - self._number(l - 1, 0), target - self._number(l, 0)
            if 0 <= k < len(self.names[l - 1]) and 0 <= j < len(self.names[l]):
                return Place(l, j, k)
        first = self._number(1, 0)
        raise ParameterError(
            f"there is no weight {text!r}: neuron {source} does not lead into neuron {target}; inputs are 1 to "
            f"{first - 1}, the first layer begins with neuron {first}."
        )

    def _counted(self, text: str, letter: str, number: int) -> Place:
        if letter == "b":
            start = 0 if self.kind == "from_to" else len(self.names[0])
            at = number + start
            for l in range(1, len(self.names)):
                j = at - self._number(l, 0)
                if 0 <= j < len(self.names[l]):
                    return self._bias(text, l, j)
        for l in range(1, len(self.names)):
            n_in, n_out = len(self.names[l - 1]), len(self.names[l])
            within = number - 1 - self._weights_before(l)
            if letter == "w" and 0 <= within < n_in * n_out:
                by_neuron = self.kind == "by_neuron"
                j, k = divmod(within, n_in) if by_neuron else (within % n_out, within // n_out)
                return Place(l, j, k)
        n = self._weights_before(len(self.names)) if letter == "w" else sum(map(len, self.names)) - len(self.names[0])
        raise ParameterError(f"there is no {text!r}: this network's go from {letter}1 to {letter}{n}.")

    def _bias(self, text: str, l: int, j: int) -> Place:
        if self.layout.slot(l, "b") is None:
            raise ParameterError(f"there is no {text!r}: layer {l} has no biases.")
        return Place(l, j, None)

    def _number(self, l: int, j: int) -> int:
        """Return the number of a neuron, counting all neurons from 1, starting with the inputs."""
        starts = [0, *accumulate(map(len, self.names))]
        return starts[l] + j + 1

    def _weights_before(self, l: int) -> int:
        sizes = [len(names) for names in self.names]
        return sum(n_in * n_out for n_in, n_out in pairwise(sizes[:l]))


def check_notation(kind: str) -> str:
    """Return the notation's name, or raise a ParameterError if it is unknown."""
    if kind not in NOTATIONS:
        raise ParameterError(f"notation={kind!r} is not known. Choose from: {', '.join(NOTATIONS)}.")
    return kind


def numbered(names: ByLayer[tuple[str, ...]]) -> ByLayer[tuple[str, ...]]:
    """Return the names preceded by the neurons' numbers.

    >>> list(numbered(ByLayer([("x1",), ("output1",)], name="names", first=0)))
    [('1 x1',), ('2 output1',)]
    """
    starts = [0, *accumulate(map(len, names))]
    layers = [tuple(f"{start + j + 1} {name}" for j, name in enumerate(layer)) for start, layer in zip(starts, names)]
    return ByLayer(layers, name="names", first=0)


def notation_of(network: Network, inputs: tuple[str, ...], outputs: tuple[str, ...], kind: str) -> Notation:
    """Return the notation of a network; "from_to" puts the neurons' numbers before their names."""
    names = neuron_names(network, inputs, outputs)
    return Notation(kind, numbered(names) if kind == "from_to" else names, network.layout)


def neuron_names(network: Network, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> ByLayer[tuple[str, ...]]:
    """Return the names of all neurons; hidden neurons are named by layer and unit, counted from 1.

    >>> neuron_names(Network.create([1, 2, 1], numeric_embedding="pbld"), ("x1",), ("output1",))[0]
    ('x1', 'x1 wave 1', 'x1 wave 2', 'x1 wave 3')
    """
    first = inputs if network.front is None else network.front.names_of(inputs)
    hidden = [tuple(f"hidden{l}.{j}" for j in range(1, n + 1)) for l, n in enumerate(network.sizes[1:-1], start=1)]
    return ByLayer([first, *hidden, outputs], name="names", first=0)
