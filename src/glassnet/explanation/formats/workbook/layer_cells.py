"""The layout of a layer's sheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from glassnet.explanation.formats.workbook.cells import Cell
from glassnet.explanation.record import ExplanationRecord

TOP = 4

BLOCK_HEAD = 4  # rows above a matrix: its title, the sources' names, the incoming values, a space


@dataclass(frozen=True)
class Plan:
    """The layout of one layer's sheet.

    Attributes
    ----------
    columns : dict of str to int
        Columns of the neurons' table by content: "z", "a", "delta", "b", ...
    blocks : dict of str to int
        First row of each matrix (n_out, n_in) by letter; "old" is the weight matrix.
    """

    sheet: str
    n_in: int
    n_out: int
    columns: Mapping[str, int]
    blocks: Mapping[str, int]

    def neuron(self, what: str, j: int = 0) -> Cell:
        """Return a neuron's cell in the table."""
        return Cell(self.sheet, TOP + j, self.columns[what])

    def all(self, what: str) -> str:
        """Return the range of a column of the table."""
        return self.neuron(what).to(self.neuron(what, self.n_out - 1))

    def weight(self, letter: str, j: int, k: int) -> Cell:
        """Return a weight's cell in one of the matrices."""
        return Cell(self.sheet, self.blocks[letter] + j, 1 + k)

    def row(self, letter: str, j: int) -> str:
        """Return the range of all weights into neuron j."""
        return self.weight(letter, j, 0).to(self.weight(letter, j, self.n_in - 1))

    def column(self, letter: str, k: int) -> str:
        """Return the range of all weights from source k."""
        return self.weight(letter, 0, k).to(self.weight(letter, self.n_out - 1, k))

    def incoming(self, letter: str, k: int = 0) -> Cell:
        """Return the cell above a matrix that repeats an incoming value."""
        return Cell(self.sheet, self.blocks[letter] - 1, 1 + k)

    def all_incoming(self, letter: str) -> str:
        """Return the range of the incoming values above a matrix."""
        return self.incoming(letter).to(self.incoming(letter, self.n_in - 1))


def plan_layer(explanation: ExplanationRecord, l: int) -> Plan:
    """Return the layout of a layer's sheet."""
    layer, update = explanation.forward[l], explanation.update
    is_output, has_bias = l == explanation.network.n_layers, layer.b is not None
    softmax = layer.activation.builtin_name == "softmax"
    has_slope = layer.slope is not None
    heads = ["b"] * has_bias + ["slope"] * has_slope + ["z"] + ["exp(z - max z)"] * softmax + ["f"] * has_slope + ["a"]
    letters: list[str] = ["old"]
    if update is not None:
        assert explanation.backward is not None
        back = explanation.backward[l]
        made = [rule.letter for rule in update.rules]
        before = [letter for letter in update.memory if letter.endswith("_old")]
        heads += ["t", "loss"] * is_output + ["∂E/∂a"] * (not back.is_combined)
        heads += ["∂f/∂z"] * (has_slope and back.df_dz is not None) + ["∂a/∂z"] * (back.da_dz is not None) + ["delta"]
        heads += ["∂E/∂slope"] * has_slope
        for name in ["b"] * has_bias + ["slope"] * has_slope:
            heads += [f"{name}: {letter}" for letter in [*before, *made]]
        heads += ["z after"] + ["exp(z - max z) after"] * softmax + ["f after"] * has_slope
        heads += ["a after"] + ["loss after"] * is_output
        letters += ["g", *before, *made]
    first = TOP + len(layer) + 1 + BLOCK_HEAD
    blocks = {letter: first + i * (len(layer) + BLOCK_HEAD) for i, letter in enumerate(letters)}
    columns = {head: 1 + i for i, head in enumerate(heads)}
    return Plan(f"Layer {l}", len(layer.sources), len(layer), columns, blocks)
