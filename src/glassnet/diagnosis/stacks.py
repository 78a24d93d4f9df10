"""Stacks of dense layers of PyTorch and Keras as networks, read without importing either."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

import numpy as np
from scipy.special import ndtr

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.network import Network
from glassnet.errors import ParameterError, ShapeError
from glassnet.escaping import brief
from glassnet.typing import Array, Spec

FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras"}
DEEPEST = 50  # Sequentials in each other
ONLY = "only dense layers, activations, dropout and batch normalization can be read"
OF_LOGITS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
"""The output activation that the losses of PyTorch and Keras compute themselves, by cost."""


def _exact_gelu_prime(Z: Array, A: Array) -> Array:
    return ndtr(Z) + Z * np.exp(-0.5 * Z * Z) / np.sqrt(2 * np.pi)


EXACT_GELU = Activation(
    "exact_gelu", lambda Z: Z * ndtr(Z), _exact_gelu_prime, range=(-0.17, inf), formula="z Phi(z)",
    when_to_use="the gelu of PyTorch and Keras, with the normal distribution function",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer: W of shape (n_out, n_in), and b or None."""

    W: Array
    b: Array | None


@dataclass(frozen=True, eq=False)
class Affine:
    """``factor · x + shift`` for each unit, to be folded into a dense layer."""

    factor: Array
    shift: Array


Part: TypeAlias = Dense | Affine | Spec


def is_stack(model: Any) -> bool:
    """Whether a model is a `Sequential` of PyTorch or Keras."""
    return _framework(model) in FRAMEWORKS and type(model).__name__ == "Sequential"


def network_of_stack(model: Any, cost: Spec | None) -> Network:
    """Return the network of a stack, as it predicts: without dropout, and with batch normalization folded in.

    A stack that ends in a dense layer without activation gives logits; for the costs "cross_entropy" and
    "binary_cross_entropy" the network gets the softmax or sigmoid that the framework's loss computes itself.

    Raises
    ------
    ParameterError
        If the stack has a layer that a network of dense layers cannot have, or is nested too deep.
    ShapeError
        If its layers do not fit each other.
    """
    framework = _framework(model)
    parts = _of_torch(model) if framework == "torch" else _of_keras(model)
    with np.errstate(all="ignore"):  # the doctor says what is not finite
        layers, activations = _folded(parts)
    if not layers:
        raise ParameterError(f"this Sequential of {FRAMEWORKS[framework]} has no dense layer; {ONLY}.")
    last = None if cost is None else OF_LOGITS.get(resolve_cost(cost).builtin_name)
    output = activations[-1] or last or "identity"
    hidden = [each or "identity" for each in activations[:-1]]
    return Network.from_weights(layers, hidden=hidden, output=output).astype("float64")


def class_numbers_as_columns(y: Any, network: Network, cost: Spec) -> Any:
    """Return one column for each class, if `y` numbers the class of each row, as PyTorch and Keras take it."""
    target = np.asarray(y)
    n_out = network.sizes[-1]
    if resolve_cost(cost).builtin_name != "cross_entropy" or target.ndim != 1 or n_out == 1:
        return y
    if target.dtype.kind not in "iu" or len(target) == 0 or target.min() < 0 or target.max() >= n_out:
        raise ParameterError(
            f"y has one value for each row, which for {n_out} outputs must be the number of its class, from 0 to "
            f"{n_out - 1}; pass whole numbers, or one column for each class."
        )
    return np.eye(n_out)[target]


def _framework(part: Any) -> str:
    """Return the package of an object's class itself: a class that derives from it may compute something else."""
    return type(part).__module__.split(".")[0]


def _kind(layer: Any, framework: str) -> str:
    """Return the name of a layer's class; "" if it is not the framework's own."""
    return type(layer).__name__ if _framework(layer) == framework else ""


# What both have in common.


def _folded(parts: Iterable[Part]) -> tuple[list[tuple[Array, Array | None]], list[Spec | None]]:
    """Return the weights and the activation of each layer, with every normalization folded into a dense layer."""
    layers: list[tuple[Array, Array | None]] = []
    activations: list[Spec | None] = []
    waiting: Affine | None = None  # acts on the inputs of the next dense layer
    for part in parts:
        if isinstance(part, Dense):
            W, b = part.W, part.b
            if waiting is not None:
                _check_fits(waiting, W.shape[1], "before a dense layer with", "inputs")
                b = (0.0 if b is None else b) + W @ waiting.shift
                W, waiting = W * waiting.factor, None
            layers.append((W, b))
            activations.append(None)
        elif isinstance(part, Affine):
            if layers and activations[-1] is None:
                W, b = layers[-1]
                _check_fits(part, len(W), "after a dense layer with", "units")
                layers[-1] = part.factor[:, None] * W, part.factor * (0.0 if b is None else b) + part.shift
            else:
                if waiting is not None:
                    _check_fits(part, len(waiting.factor), "after one with", "columns")
                waiting = part if waiting is None else Affine(
                    part.factor * waiting.factor, part.factor * waiting.shift + part.shift
                )  # fmt: skip
        elif not layers or activations[-1] is not None or waiting is not None:
            raise ParameterError(
                f"activation {_name(part)!r} does not follow a dense layer, so it has no place in a network of dense "
                f"layers; leave it out, or apply it to X."
            )
        elif part != "identity":
            activations[-1] = part
    if waiting is not None:
        raise ParameterError("the stack ends in a normalization after an activation; it needs a dense layer after it.")
    return layers, activations


def _check_fits(part: Affine, size: int, place: str, what: str) -> None:
    if part.factor.shape != (size,):
        raise ShapeError(
            f"the stack has a normalization of {part.factor.size} columns {place} {size} {what}; it needs as many."
        )


def _name(spec: Spec) -> str:
    return spec if isinstance(spec, str) else spec.name if isinstance(spec, Activation) else str(spec[0])


def _normalization(mean: Any, variance: Any, epsilon: float, gamma: Any, beta: Any) -> Affine:
    mean, variance = _array(mean), _array(variance)
    factor = (1.0 if gamma is None else _array(gamma)) / np.sqrt(variance + epsilon)
    return Affine(factor, (0.0 if beta is None else _array(beta)) - factor * mean)


def _array(value: Any) -> Array:
    """Return a parameter as float64; a tensor of PyTorch may be on a device, and need a gradient."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().double()
    return np.asarray(value, dtype=np.float64)


def _refused(layer: Any, why: str = "") -> ParameterError:
    kind = brief(type(layer).__name__, 60)
    return ParameterError(f"the stack has a {kind} layer{why}, but {ONLY}; build a Network from their weights.")


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise ParameterError(
            f"the stack has more than {DEEPEST} Sequentials in each other, or contains itself; list its layers in one."
        )


def _check_built(layer: Any) -> None:
    if not getattr(layer, "built", True):
        kind = brief(type(layer).__name__, 60)
        raise ParameterError(f"the stack has a {kind} layer without weights; call the stack on some rows first.")


# PyTorch.

TORCH: Mapping[str, Callable[[Any], Spec]] = {
    "Identity": lambda layer: "identity",
    "Sigmoid": lambda layer: "sigmoid",
    "Tanh": lambda layer: "tanh",
    "ReLU": lambda layer: "relu",
    "LeakyReLU": lambda layer: ("leaky_relu", {"slope": float(layer.negative_slope)}),
    "ELU": lambda layer: ("elu", {"alpha": float(layer.alpha)}),
    "SELU": lambda layer: "selu",
    "GELU": lambda layer: "gelu" if layer.approximate == "tanh" else EXACT_GELU,
    "SiLU": lambda layer: "silu",
    "Mish": lambda layer: "mish",
    "Softsign": lambda layer: "softsign",
    "Hardsigmoid": lambda layer: "hard_sigmoid",
    "LogSoftmax": lambda layer: "softmax",  # whose cross-entropy is that of NLLLoss
}
TORCH_SKIPPED = ("Dropout", "AlphaDropout", "FeatureAlphaDropout", "Flatten")


def _of_torch(stack: Any, depth: int = 1) -> Iterator[Part]:
    _check_depth(depth)
    for layer in stack:
        kind = _kind(layer, "torch")
        if kind == "Sequential":
            yield from _of_torch(layer, depth + 1)
        elif kind == "Linear":
            yield Dense(_array(layer.weight), None if layer.bias is None else _array(layer.bias))
        elif kind == "BatchNorm1d":
            if layer.running_mean is None:
                raise _refused(layer, " without running statistics")
            yield _normalization(layer.running_mean, layer.running_var, layer.eps, layer.weight, layer.bias)
        elif kind in ("Softmax", "LogSoftmax"):
            if layer.dim not in (1, -1):
                raise _refused(layer, f" over dimension {layer.dim}")
            yield "softmax"
        elif kind == "Softplus":
            if layer.beta != 1:
                raise _refused(layer, f" with the beta {layer.beta:g}")
            yield "softplus"
        elif kind in TORCH:
            yield TORCH[kind](layer)
        elif kind not in TORCH_SKIPPED:
            raise _refused(layer)


# Keras.

KERAS: Mapping[str, Spec] = {
    "linear": "identity", "sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu", "elu": "elu", "selu": "selu",
    "gelu": EXACT_GELU, "silu": "silu", "swish": "silu", "mish": "mish", "softplus": "softplus",
    "softsign": "softsign", "hard_sigmoid": "hard_sigmoid", "softmax": "softmax",
    "leaky_relu": ("leaky_relu", {"slope": 0.2}),
}  # fmt: skip
"""The functions of Keras by name, as a layer uses them without arguments."""
KERAS_SKIPPED = ("InputLayer", "Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization",
                 "Flatten")  # fmt: skip


def _of_keras(stack: Any, depth: int = 1) -> Iterator[Part]:
    _check_depth(depth)
    for layer in stack.layers:
        kind = _kind(layer, "keras")
        if kind == "Sequential":
            yield from _of_keras(layer, depth + 1)
        elif kind == "Dense":
            _check_built(layer)
            W, *b = layer.get_weights()
            yield Dense(_array(W).T, _array(b[0]) if b else None)
            yield _of_keras_function(layer)
        elif kind == "Activation":
            yield _of_keras_function(layer)
        elif kind == "BatchNormalization":
            _check_built(layer)
            gamma = layer.gamma if layer.scale else None
            beta = layer.beta if layer.center else None
            yield _normalization(layer.moving_mean, layer.moving_variance, layer.epsilon, gamma, beta)
        elif kind in ("ReLU", "LeakyReLU"):
            yield _of_keras_relu(layer)
        elif kind == "ELU":
            yield "elu", {"alpha": float(layer.alpha)}
        elif kind == "Softmax":
            yield "softmax"
        elif kind not in KERAS_SKIPPED:
            raise _refused(layer)


def _of_keras_function(layer: Any) -> Spec:
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    if name not in KERAS:
        raise _refused(layer, f" with the activation {brief(name, 60)}")
    return KERAS[name]


def _of_keras_relu(layer: Any) -> Spec:
    is_cut = getattr(layer, "max_value", None) is not None or getattr(layer, "threshold", 0) != 0
    if is_cut:
        raise _refused(layer, " with max_value or threshold")
    slope = float(np.asarray(layer.negative_slope))
    return ("leaky_relu", {"slope": slope}) if slope else "relu"
