"""The explanation as strict JSON in full precision, complete except for the matrices of very wide layers."""

from dataclasses import asdict
from typing import Any

import numpy as np

from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.parts.cost import CostPart
from glassnet.explanation.parts.forward import ForwardLayer
from glassnet.explanation.parts.front import FrontPart
from glassnet.explanation.parts.slopes import SlopePart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.parts.worked_parameter import WorkedParameter
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.subject.prediction import Prediction
from glassnet.files import strict
from glassnet.typing import Array

MAX_WEIGHTS = 20_000
"""Maximum number of listed weights per layer; it allows 256 x 64, but not 784 x 256."""


def as_dict(explanation: ExplanationRecord, max_weights: int | None) -> dict[str, Any]:
    """Return the explanation as strict JSON; non-finite numbers become text."""
    network, layers = explanation.network, list(explanation.forward)
    whole = [max_weights is None or layer.W.size <= max_weights for layer in layers]
    left_out = [
        {"layer": layer.layer, "weights": layer.W.size} for layer, is_whole in zip(layers, whole, strict=True)
        if not is_whole
    ]  # fmt: skip
    record = {
        "network": {
            "sizes": list(network.sizes),
            "activations": [sigma.name for sigma in network.activation],
            "front": None if network.front is None else network.front.kind,
        },
        "prediction": prediction_as_dict(explanation.prediction),
        "target": explanation.target,
        "inputs": [column.to_dict() for column in explanation.inputs],
        "front": None if explanation.front is None else _front(explanation.front, explanation.update, max_weights),
        "forward": [_forward(layer, is_whole) for layer, is_whole in zip(layers, whole, strict=True)],
        "cost": None if explanation.cost is None else _cost(explanation.cost),
        "backward": None
        if explanation.backward is None
        else [_backward(layer, is_whole) for layer, is_whole in zip(explanation.backward, whole, strict=True)],
        "update": None if explanation.update is None else _update(explanation.update, whole),
        "slopes": None
        if explanation.slopes is None or explanation.update is None
        else _slopes(explanation.slopes, explanation.update),
        "log_odds": [asdict(each) for each in explanation.log_odds],
        "matrices_left_out": left_out,
        "notes": list(explanation.notes),
    }
    finite: dict[str, Any] = strict(record)
    return finite


def prediction_as_dict(answer: Prediction) -> dict[str, Any]:
    """Return the prediction in words and in numbers."""
    return {
        "label": answer.label,
        "probabilities": answer.probabilities,
        "values": answer.values,
        "outputs": answer.outputs,
        "words": list(answer.words),
    }


def _front(front: FrontPart, update: Update | None, max_weights: int | None) -> dict[str, Any]:
    """The numbers of A[0] with their inputs, and the parameters unless there are too many."""
    n_params = sum(slot.size for slot in front.slots)
    is_whole = update is not None and (max_weights is None or n_params <= max_weights)
    return {
        "kind": front.kind,
        "in_words": front.in_words(),
        "values": [asdict(value) for value in front.values],
        "delta": _listed(front.delta),
        "n_parameters": n_params,
        "parameters": [_parameter(each, update) for each in front.parameters()] if update and is_whole else None,
    }


def _slopes(slopes: SlopePart, update: Update) -> list[dict[str, Any]]:
    return [_parameter(each, update) for each in slopes.parameters()]


def _parameter(each: WorkedParameter, update: Update) -> dict[str, Any]:
    step = update.at_place(each.place)
    return {
        "name": each.name,
        "entry": each.entry,
        "gradient": each.gradient,
        "factors": [list(pair) for pair in each.factors],
        "learning_rate": step["eta"],
        "old": step["old"],
        "new": step["new"],
    }


def _forward(layer: ForwardLayer, is_whole: bool) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "neurons": list(layer.names),
        "sources": list(layer.sources),
        "activation": layer.activation.name,
        "formula": layer.activation.formula,
        "W": layer.W.tolist() if is_whole else None,
        "b": _listed(layer.b),
        "slope": _listed(layer.slope),
        "z": layer.z.tolist(),
        "f": None if layer.slope is None else layer.f.tolist(),
        "a": layer.a.tolist(),
    }


def _cost(part: CostPart) -> dict[str, Any]:
    return {
        "name": part.cost.name,
        "parameters": dict(part.cost.parameters),
        "formula": part.cost.formula,
        "outputs": [
            {"name": each.name, "output": each.output, "target": each.target, "loss": each.loss}
            for each in part.outputs
        ],
        "total": part.total,
    }


def _backward(layer: BackwardLayer, is_whole: bool) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "dE_da": _listed(layer.dE_da),
        "da_dz": _listed(layer.da_dz),
        "df_dz": None if layer.slope is None else _listed(layer.df_dz),
        "delta": layer.delta.tolist(),
        "dW": layer.dW.tolist() if is_whole else None,
        "db": _listed(layer.db),
        "dslope": _listed(layer.dslope),
        "most_blamed": layer.most_blamed,
    }


def _update(update: Update, whole: list[bool]) -> dict[str, Any]:
    return {
        "solver": update.solver.name,
        "parameters": {name: value for name, value in update.quantities.items() if np.ndim(value) == 0},
        "learning_rate": update.learning_rate,
        "cost_before": update.cost_before,
        "cost_after": update.cost_after,
        "words": update.words,
        "layers": [
            {"layer": l, "learning_rates": update.rates[l], "W": W.tolist() if is_whole else None,
             "b": _listed(update.b[l]), "slope": _listed(update.network.slope[l]),
             "memory": _memory(update, l) if is_whole else None}
            for (l, W), is_whole in zip(update.W.items(), whole, strict=True)
        ],
    }  # fmt: skip


def _memory(update: Update, l: int) -> dict[str, Any]:
    """The solver's memory before and after, by letter, of one layer's weights, biases and slopes."""
    return {
        letter: {name: _listed(update.of_layer(letter, l, name)) for name in ("W", "b", "slope")}
        for letter in update.memory
    }


def _listed(values: Array | None) -> list[float] | None:
    return None if values is None else list(values.tolist())
