"""Names of inputs and outputs of a diagram without a row: columns and classes, or x1 and output1."""

from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.explanation.subject.notation import neuron_names


def names_of_network(network: Network) -> ByLayer[tuple[str, ...]]:
    """Return the names of all neurons of a plain network.

    >>> names_of_network(Network.create([2, 1], seed=0))[0]
    ('x1', 'x2')
    """
    inputs = tuple(f"x{k}" for k in range(1, network.n_inputs + 1))
    outputs = tuple(f"output{j}" for j in range(1, network.sizes[-1] + 1))
    return neuron_names(network, inputs, outputs)


def names_of_model(model: Any) -> ByLayer[tuple[str, ...]]:
    """Return the names of all neurons of a fitted estimator; two classes share one output, named after the second."""
    encoder, name = model.target_encoder_, getattr(model, "target_name_", None)
    outputs = encoder.names[-1:] if encoder.task == "binary" else encoder.names
    if encoder.classes is None and isinstance(name, str) and encoder.n_out == 1:
        outputs = (name,)
    return neuron_names(model.network_, model.encoder_.input_names, outputs)
