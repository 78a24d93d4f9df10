"""Every neuron in three numbers, by which a picture can be colored."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.forward import forward
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.records import LayerOfNeurons, Neurons
from glassnet.studio.understanding.seen import Seen
from glassnet.typing import Array

MOST_ROWS = 2_000


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
