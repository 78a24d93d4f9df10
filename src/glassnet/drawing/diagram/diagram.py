"""`Diagram`: the result of `draw`."""

from dataclasses import dataclass, field
from typing import Any

from glassnet.core.network import Network
from glassnet.drawing.diagram.render import render
from glassnet.drawing.diagram.view import View
from glassnet.drawing.picture import Picture
from glassnet.drawing.words import short
from glassnet.explanation.explanation import Explanation

MOST_NUMBERS = 36  # by default, larger networks are drawn without weight labels


@dataclass(frozen=True, eq=False, repr=False)
class Diagram(Picture):
    """The diagram of a network, displayed by notebooks and saved as SVG, PNG, PDF or HTML.

    Attributes
    ----------
    title, description : str
        Description of the diagram in words.
    theme : {"light", "dark", "auto"}
    view : View
        The drawn neurons and connections, with their numbers.

    Examples
    --------
    >>> import glassnet as gn
    >>> diagram = gn.draw(gn.Network.create([2, 1], seed=0), theme="dark")
    >>> diagram.svg[:4], diagram.view.weights_shown
    ('<svg', 2)
    """

    view: View
    network: Network = field(repr=False)
    labeled: bool
    heading: str

    @classmethod
    def of(
        cls,
        view: View,
        network: Network,
        explanation: Explanation | None,
        *,
        weights: bool | None,
        heading: str,
        theme: str,
    ) -> "Diagram":
        """Return the diagram of a view; `weights` selects weight labels, None decides by their number."""
        few = view.is_whole and len(view.connections) <= MOST_NUMBERS and not view.flows
        return cls(
            title=_title(network),
            description=_description(view, explanation),
            theme=theme,
            view=view,
            network=network,
            labeled=few if weights is None else weights,
            heading=heading,
        )

    def render(self, theme: str) -> str:
        """Return the diagram as SVG in one of the themes."""
        return render(
            self.view,
            self.network,
            theme,
            labeled=self.labeled,
            heading=self.heading,
            title=self.title,
            description=self.description,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the drawn numbers as plain data, in full precision."""
        return {"title": self.title, "description": self.description, **self.view.to_dict()}


def _title(network: Network) -> str:
    sizes = "-".join(map(str, network.sizes))
    return f"Network {sizes} with {', '.join(sigma.name for sigma in network.activation)}"


def _description(view: View, explanation: Explanation | None) -> str:
    """Return a description of the picture for screen readers."""
    parts = []
    kinds = {0: "inputs", view.n_layers: "outputs"}
    for column in view.columns:
        what = kinds.get(column.layer, f"neurons in hidden layer {column.layer}")
        named = [n.name if n.value is None else f"{n.name} {short(n.value)}" for n in column.neurons]
        more = f" and {column.n_hidden_away:,} more" if column.n_hidden_away else ""
        parts.append(f"{column.size:,} {what}: {', '.join(named)}{more}.")
    drawn = "all" if view.is_whole else f"the {view.weights_shown:,} strongest of"
    parts.append(f"Lines show {drawn} {view.n_weights:,} weights; negative ones are dashed.")
    if explanation is not None:
        parts.append(f"Prediction: {'; '.join(explanation.prediction.words)}.")
    if view.flows:
        parts.append("Arrows show how the blame flows back.")
    return " ".join(parts)
