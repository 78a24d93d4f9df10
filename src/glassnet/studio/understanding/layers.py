"""The layers in numbers: how the weights are distributed, and every neuron, by which a picture can be colored."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.forward import forward
from glassnet.drawing.figures.weights import LayerWeights, weights_of
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.records import LayerOfNeurons, LayerOfWeights, Neurons, Weights
from glassnet.studio.understanding.seen import Seen
from glassnet.studio.understanding.words import number, percent
from glassnet.typing import Array
from glassnet.wording import counted

MOST_ROWS = 2_000


def weights(seen: Seen, options: Mapping[str, Any]) -> Weights:
    """Return the distribution of the weights of each layer."""
    n_layers = seen.subject.network.n_layers
    return Weights(seen.epoch, tuple(_layer(layer, n_layers) for layer in weights_of(seen.subject.network)))


def _layer(found: LayerWeights, n_layers: int) -> LayerOfWeights:
    return LayerOfWeights(
        layer=found.layer,
        title="into the outputs" if found.layer == n_layers else f"into hidden layer {found.layer}",
        n_weights=found.n_weights,
        edges=tuple(found.edges.tolist()),
        counts=tuple(found.counts.tolist()),
        norm=finite(found.norm),
        near_zero=finite(found.near_zero),
        largest=finite(found.largest),
        words=_words(found),
    )


def _words(found: LayerWeights) -> str:
    n = counted(found.n_weights, "weight")
    if finite(found.norm) is None:
        return f"Some of the {n} are not finite: the run diverged."
    return (
        f"{n}: the largest is {number(found.largest)} in size, their norm {number(found.norm)}, and "
        f"{percent(found.near_zero)} are near zero (below a hundredth of the largest)."
    )


def neurons(seen: Seen, options: Mapping[str, Any]) -> Neurons:
    """Return for each neuron how often it is silent, its mean blame, and how large its weights are."""
    network, part = seen.subject.network, seen.parts[0].sample(MOST_ROWS)
    with np.errstate(all="ignore"):  # a diverged network is shown, too
        trace = forward(network, seen.model.encoded(part.X))
        grads = backward(network, trace, seen.model.targets(part.y), cost=seen.subject.cost)
        layers = tuple(
            LayerOfNeurons(
                silent=_numbers(np.mean(trace.A[l] == 0, axis=0)),  # (n_out,)
                blame=_numbers(np.mean(np.abs(grads.delta[l]), axis=0)),
                norm=_numbers(np.linalg.norm(network.W[l], axis=1)),
            )
            for l in range(1, network.n_layers + 1)
        )
    return Neurons(seen.epoch, len(part), layers)


def _numbers(values: Array) -> tuple[float | None, ...]:
    return tuple(finite(value) for value in values)
