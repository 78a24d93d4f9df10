"""The weights of each layer as a distribution."""

from collections.abc import Mapping
from typing import Any

from glassnet.drawing.figures.weights import LayerWeights, weights_of
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.records import LayerOfWeights, Weights
from glassnet.studio.understanding.seen import Seen
from glassnet.studio.understanding.words import number, percent
from glassnet.wording import counted


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
