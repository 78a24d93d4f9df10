"""`Scene`: a diagram as plain data, for a page that draws it again and again with changing numbers.

Places, names and colors are those of `glassnet.draw`; only what changes during training is left out.
"""

from dataclasses import dataclass
from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.drawing.diagram.lines import BIAS, DARKEST, DASH, FAINTEST, THICKEST, THINNEST, Line, lines_of
from glassnet.drawing.diagram.places import MARGIN, SMALL, Places, place
from glassnet.drawing.diagram.render import background
from glassnet.drawing.diagram.text import Text
from glassnet.drawing.diagram.view import View
from glassnet.drawing.diagram.viewing import view_of
from glassnet.drawing.words import text_width

NOTE_ROOM = text_width("target −0.000123", 11.0) + 8  # a note below the name of an input or output


@dataclass(frozen=True)
class Scene:
    """Where every neuron, connection and text of a diagram is drawn.

    Attributes
    ----------
    view : View
        The drawn neurons and connections.
    places : Places
        Their coordinates.
    lines : tuple of Line
        The ends of the connections; widths follow from the weights.

    Examples
    --------
    >>> from glassnet.drawing.diagram.names import names_of_network
    >>> net = Network.create([2, 3, 1], seed=0)
    >>> data = scene_of(net, names_of_network(net)).to_dict()
    >>> len(data["neurons"]), len(data["connections"]), data["neurons"][0]["name"]
    (6, 13, 'x1')
    """

    view: View
    places: Places
    lines: tuple[Line, ...]

    @property
    def drawn(self) -> tuple[tuple[int, ...], ...]:
        """The indices of the drawn neurons of each layer 0..L."""
        return tuple(tuple(neuron.index for neuron in column.neurons) for column in self.view.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the scene as plain data; lengths are in the units of its box."""
        view, places = self.view, self.places
        left, right = self._sides()
        return {
            "box": [round(-left, 1), 0, round(places.width + left + right, 1), round(places.bottom + MARGIN, 1)],
            "radius": places.radius,
            "half_unit": BIAS * places.radius,
            "line": {"widths": [THINNEST, THICKEST], "opacities": [FAINTEST, DARKEST], "dash": DASH},
            "layers": [{"size": column.size, "drawn": [n.index for n in column.neurons]} for column in view.columns],
            "neurons": [
                {"layer": n.layer, "index": n.index, "name": n.name, "at": _point(places.neurons[n.layer, n.index])}
                for n in view.neurons
            ],
            "groups": [
                {"layer": l, "hidden": view.columns[l].n_hidden_away, "at": _point(point)}
                for l, point in places.groups.items()
            ],
            "units": [{"layer": l, "at": _point(point)} for l, point in places.biases.items()],
            "connections": [
                {"layer": line.connection.layer, "j": line.connection.j, "k": line.connection.k,
                 "from": _point(line.start), "to": _point(line.end)}
                for line in self.lines
            ],
            "areas": [[_point(point) for point in corners] for corners in background(view, places)],
            "texts": [_text(text) for text in places.texts if not self._is_number(text)],
            "weights": {"drawn": view.weights_shown, "all": view.n_weights},
            "waves": view.n_waves,
        }  # fmt: skip

    def _is_number(self, text: Text) -> bool:
        """Whether a text is the number above a hidden neuron, which a page writes together with its delta."""
        hidden = self.view.columns[1:-1]
        return text.size == SMALL and any(text.full == n.name for column in hidden for n in column.neurons)

    def _sides(self) -> tuple[float, float]:
        """Return the room missing on the left and on the right for notes below names."""
        first = min(x for (l, _), (x, _) in self.places.neurons.items() if l == 0)
        last = max(x for x, _ in self.places.neurons.values())
        r = self.places.radius
        left = NOTE_ROOM - (first - r - 8)
        right = NOTE_ROOM - (self.places.width - last - r - 8)
        return max(left, 0.0), max(right, 0.0)


def scene_of(network: Network, names: ByLayer[tuple[str, ...]], *, most: int = 12, gap: float | None = None) -> Scene:
    """Return the scene of a network.

    Parameters
    ----------
    network : Network
        Of large layers, its strongest neurons and connections are drawn.
    names : ByLayer of tuples of str
        Names of the inputs and of all neurons.
    most : int
        Maximum number of drawn neurons per layer.
    gap : float, optional
        Distance of the layers: a small one for a narrow place. By default, that of pictures.
    """
    view = view_of(network, names, None, blame=False, biases=None, most=most)
    places = place(view, labeled=False, gap=gap)
    return Scene(view, places, tuple(lines_of(view, places)))


def _point(point: tuple[float, float]) -> list[float]:
    return [round(point[0], 1), round(point[1], 1)]


def _text(text: Text) -> dict[str, Any]:
    return {
        "at": _point((text.x, text.y)), "words": text.words, "full": text.full or text.words, "size": text.size,
        "anchor": text.anchor, "role": text.role, "bold": text.bold,
    }  # fmt: skip
