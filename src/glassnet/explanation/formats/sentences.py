"""The sentences that all formats share."""

from glassnet.core.catalog.costs import Cost
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter
from glassnet.core.network import Network
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.parts.log_odds import LogOdds
from glassnet.explanation.parts.update import Update
from glassnet.explanation.record import EnsembleRecord, ExplanationRecord
from glassnet.explanation.words.numbers import number


def network_words(network: Network) -> str:
    """Return sizes, activations and other properties of a network."""
    sizes = "-".join(map(str, network.sizes))
    names = ", ".join(sigma.name for sigma in network.activation)
    front = "" if network.front is None else f"; front: {network.front!r}"
    slopes = "" if all(slope is None for slope in network.slope) else "; learned slopes"
    return f"{sizes}: {names}; {network.n_params} parameters{front}{slopes}"


def target_words(explanation: ExplanationRecord | EnsembleRecord) -> str | None:
    """Return the target as text; None without a target."""
    if explanation.cost is None:
        return None
    target = explanation.target
    shown = target if isinstance(target, list) else [target]
    words = ", ".join(number(value) if isinstance(value, float) else str(value) for value in shown[:12])
    return f"{words}{', ...' if len(shown) > 12 else ''}"


def encoding_words(column: EncodedColumn) -> list[str]:
    """Return the encoding steps, and the resulting inputs if their names do not show them."""
    if column.inputs == (column.column,):
        return list(column.steps)
    pairs = list(zip(column.inputs, column.values, strict=True))
    if column.inputs and column.inputs[0] == column.column:  # a numeric column and its flag
        flags = [f"{name}: 1" for name, value in pairs[1:] if value]
        return [*column.steps, *flags]
    ones = [f"{name}: {number(value)}" for name, value in pairs if value] or ["all its inputs are 0"]
    return [f"{'; '.join(column.steps)} -> {', '.join(ones)}"]


def raw_words(column: EncodedColumn) -> str:
    """Return the user's value as text."""
    if column.raw is None:
        return "missing"
    return number(column.raw) if isinstance(column.raw, float) else str(column.raw)


def cost_words(cost: Cost) -> str:
    """Return a cost's name and its parameters.

    >>> from glassnet.core.catalog.costs import resolve_cost
    >>> cost_words(resolve_cost("huber"))
    'huber, delta = 1'
    """
    parameters = (f"{written(Letter(name))} = {number(float(value))}" for name, value in cost.parameters.items())
    return ", ".join([cost.name, *parameters])


def blamed_words(layer: BackwardLayer) -> list[str]:
    """Return a sentence about the most active upstream neuron; empty if all were silent."""
    if layer.most_blamed is None:
        return []
    k = layer.sources.index(layer.most_blamed)
    return [f"most active upstream: {layer.most_blamed} ({number(float(layer.a_in[k]))}); its weights get most blame"]


def settings(update: Update) -> str:
    """Return the settings shared by all weights: "η = 0.001, β1 = 0.9, t = 1"."""
    known = {"eta": update.learning_rate, **update.solver.parameters}
    if "t" in update.quantities:
        known["t"] = update.quantities["t"]
    return ", ".join(f"{written(Letter(name))} = {number(value)}" for name, value in known.items())


def change(before: float, after: float) -> str:
    """Return both costs, and their approximate difference if six digits do not show it."""
    words = f"{number(before)} before, {number(after)} after"
    gap = after - before
    if number(before) != number(after) or not abs(gap) > 1e-14 * max(1.0, abs(before)):
        return words
    return f"{words} (about {abs(gap):.0e} {'less' if gap < 0 else 'more'})"


LOCAL = "; near this row, as the scale is bent for outliers and a unit counts most near the median"


def log_odds_words(rows: tuple[LogOdds, ...], z: float) -> str:
    """Return an explanation of log-odds and of their table."""
    return (
        f"z = {number(z)} is the log-odds, the odds p / (1 - p) are e^z. One unit more of a column, the others held "
        f"fixed, adds to z and multiplies the odds{LOCAL if any(row.is_local for row in rows) else ''}"
    )
