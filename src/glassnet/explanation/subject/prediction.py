"""The prediction: a class with its probabilities, or a value in the user's units."""

from dataclasses import dataclass
from typing import Any

from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.typed_values import plain
from glassnet.explanation.words.numbers import factor, joined, number, probability
from glassnet.typing import Array

SHOWN_CLASSES = 6


@dataclass(frozen=True)
class Prediction:
    """The prediction for one row.

    Attributes
    ----------
    outputs : dict of str to float
        ``A[L]`` by the names of the output neurons.
    label : object
        The class, in the user's type; for several labels a tuple of the predicted names; None for other networks.
    probabilities : dict of str to float or None
        Probability of each class or label.
    values : dict of str to float or None
        The predicted quantities in the user's units.
    words : tuple of str
        The prediction in words.
    """

    outputs: dict[str, float]
    label: Any
    probabilities: dict[str, float] | None
    values: dict[str, float] | None
    words: tuple[str, ...]


def of_outputs(names: tuple[str, ...], A: Array) -> Prediction:
    """Return the prediction of a plain network: its outputs (n_out,)."""
    outputs = dict(zip(names, A.tolist(), strict=True))
    ranked = sorted(outputs.items(), key=lambda item: -item[1])[:3] if len(outputs) > SHOWN_CLASSES else outputs.items()
    words = ", ".join(f"{name} = {number(value)}" for name, value in ranked)
    if len(outputs) > SHOWN_CLASSES:
        words = f"largest outputs {words} of {len(outputs)}"
    return Prediction(outputs, None, None, None, (words,))


def of_classes(encoder: TargetEncoder, names: tuple[str, ...], A: Array, target: str | None) -> Prediction:
    """Return the class and the probabilities of outputs (n_out,)."""
    label = plain(encoder.inverse(A[None, :])[0])
    shares = [1.0 - float(A[0]), float(A[0])] if encoder.task == "binary" else A.tolist()
    probabilities = dict(zip(encoder.names, shares, strict=True))
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    sentence = f"{target or 'class'} = {label} with probability {probability(probabilities[str(label)])}"
    others = [f"{name} with {probability(share)}" for name, share in ranked if name != str(label)]
    hidden = len(others) - (SHOWN_CLASSES - 1)
    if hidden > 0:
        others = [*others[: SHOWN_CLASSES - 1], f"{hidden} more"]
    outputs = dict(zip(names, A.tolist(), strict=True))
    rule = ""
    if encoder.task == "binary" and encoder.threshold != 0.5:
        rule = f"; {encoder.names[1]} from the threshold {number(float(encoder.thresholds[0]))} on"
    return Prediction(outputs, label, probabilities, None, (f"{sentence} ({', '.join(others)}){rule}",))


def of_labels(encoder: TargetEncoder, A: Array) -> Prediction:
    """Return the predicted labels and the probability of each, from outputs (n_out,)."""
    has = encoder.inverse(A[None, :])[0]
    found = tuple(name for name, one in zip(encoder.names, has.tolist(), strict=True) if one)
    probabilities = dict(zip(encoder.names, A.tolist(), strict=True))
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    thresholds = dict(zip(encoder.names, encoder.thresholds.tolist(), strict=True))
    shown = [
        f"{name} {probability(share)}"
        + ("" if thresholds[name] == 0.5 else f" where {number(thresholds[name])} is enough")
        for name, share in ranked[: max(SHOWN_CLASSES, len(found))]
    ]
    if len(shown) < len(ranked):
        shown.append(f"{len(ranked) - len(shown)} more")
    words = f"labels: {', '.join(found) or 'none'} (probability of each: {', '.join(shown)})"
    return Prediction(dict(probabilities), found, probabilities, None, (words,))


def of_quantities(encoder: TargetEncoder, names: tuple[str, ...], A: Array) -> Prediction:
    """Return the values of outputs (n_out,) in the user's units."""
    outputs = dict(zip(names, A.tolist(), strict=True))
    values = dict(zip(names, (float(x) for x in encoder.inverse(A[None, :]).ravel()), strict=True))
    free = dict(zip(names, (float(x) for x in encoder.unclipped(A[None, :]).ravel()), strict=True))
    words = []
    means, scales = encoder.means, encoder.scales
    for k, (name, value) in enumerate(values.items()):
        if means is None or scales is None or (means[k] == 0 and scales[k] == 1):
            words.append(f"{name} = {_clipped(free[name], value)}")
            continue
        mean = joined(number(means[k]), first=False)
        words.append(f"{name} = {factor(outputs[name])} · {number(scales[k])} {mean} = {_clipped(free[name], value)}")
    return Prediction(outputs, None, None, values, tuple(words))


def _clipped(free: float, value: float) -> str:
    """Return a value as text, with the unclipped value if clipping changed it."""
    if free == value:
        return number(value)
    side = "largest" if value < free else "smallest"
    return f"{number(free)}, clipped to {number(value)}, the {side} of the training rows"
