"""`draw`: the diagram of a network."""

from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.drawing.diagram.diagram import Diagram
from glassnet.drawing.diagram.names import names_of_model, names_of_network
from glassnet.drawing.diagram.viewing import Shown, of_explanation, view_of
from glassnet.drawing.theme import check_theme
from glassnet.errors import ParameterError
from glassnet.explanation.explain import explain
from glassnet.explanation.explanation import Explanation
from glassnet.typing import Spec

MOST = 12


def draw(
    model: Any,
    row: Any = None,
    target: Any = None,
    *,
    cost: Spec | None = None,
    blame: bool | None = None,
    biases: bool | None = None,
    weights: bool | None = None,
    most: int = MOST,
    title: str = "",
    theme: str = "auto",
) -> Diagram:
    """Draw a network: inputs orange, hidden layers in their own colors, outputs green.

    The width of a connection shows the size of its weight relative to its layer; negative ones are dashed and have
    another color. Of layers with more than `most` neurons, only the strongest neurons and connections are drawn.

    Parameters
    ----------
    model : Network, GlassClassifier, GlassRegressor or Explanation
        Estimators must be fitted. An Explanation includes its row and target.
    row : one row, optional
        As in `glassnet.explain`; its values are shown inside the neurons.
    target : label or number, optional
        The row's target; with it, blame is drawn.
    cost : str, tuple or Cost, optional
        The cost, required for a `Network` with a target.
    blame : bool, optional
        Whether to show each neuron's delta and its flow back as arrows; by default if there is a target.
    biases : bool, optional
        Whether to draw biases, as connections from a unit that is always 1; by default if every layer is complete.
    weights : bool, optional
        Whether to label lines with their weights where there is room; by default in small networks.
    most : int
        Maximum number of drawn neurons per layer, at least 3.
    title : str
        A heading inside the picture.
    theme : {"auto", "light", "dark"}
        "auto" follows the reader's preference if the file format supports it.

    Returns
    -------
    Diagram
        Displayed by notebooks; ``.svg`` is its text; ``.save("net.svg")``, also ``.png``, ``.pdf``, ``.html``;
        ``.view`` has the drawn numbers.

    Raises
    ------
    ParameterError
        If the model is invalid or not fitted, blame is requested without a target, or an option is invalid.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([5, 2, 2, 5], seed=0)
    >>> diagram = gn.draw(net)
    >>> diagram
    Diagram: Network 5-2-2-5 with sigmoid, sigmoid, sigmoid
    >>> len(diagram.view.connections)  # 24 weights and 9 biases
    33
    >>> gn.draw(net, [1, 0, 1, 0, 1], [0, 1, 0, 1, 0], cost="half_squared_error").save("net.svg")
    """
    if most < 3:
        raise ParameterError(f"most={most} leaves no room for neurons beside a group; expected 3 or more.")
    check_theme(theme)
    explanation = _explanation(model, row, target, cost)
    has_target = explanation is not None and explanation.backward is not None
    if blame and not has_target:
        raise ParameterError("blame flows back from a target, but none was given; pass row=... and target=...")
    network, names, shown = _numbers(model, explanation)
    blame = has_target if blame is None else blame
    view = view_of(network, names, shown, blame=blame, biases=biases, most=most)
    return Diagram.of(view, network, explanation, weights=weights, heading=title, theme=theme)


def _explanation(model: Any, row: Any, target: Any, cost: Spec | None) -> Explanation | None:
    if isinstance(model, Explanation):
        if row is not None or target is not None or cost is not None:
            raise ParameterError("an Explanation has its own row, target and cost; pass the model to draw others.")
        return model
    if row is not None:
        if not isinstance(model, Network):
            _fitted(model)
        explanation = explain(model, row, target, cost=cost)
        assert isinstance(explanation, Explanation)  # of one network
        return explanation
    if target is not None or cost is not None:
        raise ParameterError("a target and a cost belong to a row, but none was given; pass row=...")
    return None


def _numbers(model: Any, explanation: Explanation | None) -> tuple[Network, ByLayer[tuple[str, ...]], Shown | None]:
    if explanation is not None:
        return explanation.network, *of_explanation(explanation)
    if isinstance(model, Network):
        return model, names_of_network(model), None
    fitted = _fitted(model)
    return fitted.network_, names_of_model(fitted), None


def _fitted(model: Any) -> Any:
    from glassnet.estimators.checks import check_fitted, check_single  # brings scikit-learn along
    from glassnet.estimators.pipelines import last_step

    model = last_step(model)
    check_fitted(
        model,
        "a Network, GlassClassifier, GlassRegressor or Explanation was expected; for the result of gn.train try "
        "result.network",
    )
    check_single(model)
    return model
