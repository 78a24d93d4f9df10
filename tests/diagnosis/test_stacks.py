"""Stacks of PyTorch and Keras, by stand-ins with the names and the attributes of the originals.

Neither is a dependency. The stand-ins compute their outputs by themselves, which is the oracle of the network.
"""

from types import SimpleNamespace

import numpy as np
import pytest

import glassnet as gn
from glassnet.diagnosis.stacks import network_of_stack
from glassnet.errors import ParameterError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))


class Tensor:
    """What a parameter of PyTorch can do here: no array before `detach`."""

    def __init__(self, values, is_detached=False):
        self._values, self._is_detached = np.asarray(values, dtype=np.float32), is_detached

    def detach(self):
        return Tensor(self._values, True)

    def cpu(self):
        return self

    def double(self):
        return self

    def __array__(self, dtype=None, copy=None):
        assert self._is_detached
        return self._values.astype(dtype or np.float32)


def torch_layer(kind, forward=None, **attributes):
    made = type(kind, (), {"__module__": f"torch.nn.modules.{kind.lower()}"})()
    vars(made).update(attributes)
    made.forward = forward
    return made


class Sequential:
    __module__ = "torch.nn.modules.container"

    def __init__(self, *layers):
        self._layers = layers

    def __iter__(self):
        return iter(self._layers)

    def __call__(self, x):
        for layer in self._layers:
            x = layer(x) if isinstance(layer, Sequential) else layer.forward(x)
        return x


def linear(n_in, n_out, bias=True):
    W, b = RNG.normal(size=(n_out, n_in)).astype(np.float32), RNG.normal(size=n_out).astype(np.float32)
    return torch_layer(
        "Linear", lambda x: x @ W.T + (b if bias else 0), weight=Tensor(W), bias=Tensor(b) if bias else None
    )


def batch_norm(n):
    mean, gamma, beta = RNG.normal(size=(3, n)).astype(np.float32)
    var = RNG.uniform(0.5, 2.0, n).astype(np.float32)
    return torch_layer(
        "BatchNorm1d", lambda x: (x - mean) / np.sqrt(var + 1e-5) * gamma + beta, eps=1e-5, running_mean=Tensor(mean),
        running_var=Tensor(var), weight=Tensor(gamma), bias=Tensor(beta),
    )  # fmt: skip


RELU = torch_layer("ReLU", lambda x: np.maximum(x, 0))
TANH = torch_layer("Tanh", np.tanh)
LEAKY = torch_layer("LeakyReLU", lambda x: np.where(x > 0, x, 0.2 * x), negative_slope=0.2)
SOFTMAX = torch_layer("Softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True), dim=1)
DROPOUT = torch_layer("Dropout", lambda x: x, p=0.5)


@pytest.mark.parametrize(
    "stack",
    [
        Sequential(linear(3, 4), RELU, linear(4, 2)),
        Sequential(linear(3, 4, bias=False), LEAKY, DROPOUT, linear(4, 2), SOFTMAX),
        Sequential(batch_norm(3), linear(3, 4), batch_norm(4), TANH, batch_norm(4), linear(4, 2)),
        Sequential(batch_norm(3), batch_norm(3), linear(3, 4, bias=False), batch_norm(4), TANH, linear(4, 2)),
        Sequential(Sequential(linear(3, 4), TANH), Sequential(linear(4, 4), linear(4, 2))),
    ],
    ids=["plain", "dropout and softmax", "normalized", "normalized twice", "nested"],
)
def test_the_network_of_pytorch_predicts_alike(stack):
    network = network_of_stack(stack, None)
    np.testing.assert_allclose(gn.forward(network, X).A[-1], stack(X), rtol=1e-6, atol=1e-6)


def test_logits_get_the_activation_that_the_loss_computes():
    stack = Sequential(linear(3, 4), RELU, linear(4, 3))
    network = network_of_stack(stack, "cross_entropy")
    np.testing.assert_allclose(gn.forward(network, X).A[-1], SOFTMAX.forward(stack(X)), rtol=1e-6)
    assert network_of_stack(Sequential(linear(3, 1)), "binary_cross_entropy").activation[1].name == "sigmoid"
    assert network_of_stack(stack, "squared_error").activation[2].name == "identity"


def test_classes_may_be_numbers_as_in_pytorch():
    stack, y = Sequential(linear(3, 4), RELU, linear(4, 3)), RNG.integers(0, 3, 30)
    assert gn.diagnose(stack, X, y, cost="cross_entropy") == gn.diagnose(stack, X, np.eye(3)[y], cost="cross_entropy")
    with pytest.raises(ParameterError) as error:
        gn.diagnose(stack, X, y + 1, cost="cross_entropy")
    assert str(error.value) == (
        "y has one value for each row, which for 3 outputs must be the number of its class, from 0 to 2; pass whole "
        "numbers, or one column for each class."
    )


def test_the_doctor_finds_what_is_broken_in_a_stack():
    W, b = RNG.normal(size=(8, 3)), np.zeros(8)
    b[[1, 4, 5, 6]] = -1e4
    broken = torch_layer("Linear", weight=Tensor(W), bias=Tensor(b))
    found = gn.diagnose(Sequential(broken, RELU, linear(8, 1)), X, X[:, :1], cost="half_squared_error")
    assert "layer 1, units 2, 5, 6 and 7" in [each.where for each in found.findings if each.rule == "dead-units"]


def keras_layer(kind, forward=None, weights=(), **attributes):
    made = type(kind, (), {"__module__": f"keras.src.layers.{kind.lower()}"})()
    vars(made).update(attributes)
    made.forward, made.get_weights = forward, lambda: list(weights)
    return made


class KerasSequential:
    __module__ = "keras.src.models.sequential"

    def __init__(self, *layers):
        self.layers = list(layers)

    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x


KerasSequential.__name__ = "Sequential"
FUNCTIONS = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "linear": lambda x: x,
             "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x)}  # fmt: skip


def dense(n_in, n_out, activation="linear", bias=True):
    W, b = RNG.normal(size=(n_in, n_out)), RNG.normal(size=n_out)
    function = FUNCTIONS.get(activation)
    return keras_layer(
        "Dense", lambda x: function(x @ W + (b if bias else 0)), [W, b] if bias else [W],
        activation=SimpleNamespace(__name__=activation),
    )  # fmt: skip


def keras_norm(n):
    mean, gamma = RNG.normal(size=(2, n))
    var = RNG.uniform(0.5, 2.0, n)
    return keras_layer(
        "BatchNormalization", lambda x: (x - mean) / np.sqrt(var + 1e-3) * gamma, scale=True, center=False,
        gamma=gamma, moving_mean=mean, moving_variance=var, epsilon=1e-3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "stack",
    [
        KerasSequential(dense(3, 4, "relu"), dense(4, 2, bias=False)),
        KerasSequential(keras_norm(3), dense(3, 4), keras_norm(4), keras_layer("ReLU", FUNCTIONS["relu"], negative_slope=0.0), dense(4, 2, "tanh")),
        KerasSequential(dense(3, 4, "leaky_relu"), keras_layer("Dropout", lambda x: x), dense(4, 2)),
    ],
    ids=["plain", "normalized", "dropout"],
)  # fmt: skip
def test_the_network_of_keras_predicts_alike(stack):
    network = network_of_stack(stack, None)
    np.testing.assert_allclose(gn.forward(network, X).A[-1], stack(X), rtol=1e-9)


ONLY = (
    ", but only dense layers, activations, dropout and batch normalization can be read; build a Network from their "
    "weights."
)
NO_PLACE = (
    " does not follow a dense layer, so it has no place in a network of dense layers; leave it out, or apply it to X."
)


@pytest.mark.parametrize(
    "stack, message",
    [
        (Sequential(torch_layer("Conv1d"), linear(3, 1)), "the stack has a Conv1d layer" + ONLY),
        (Sequential(linear(3, 2), torch_layer("Softplus", beta=2.0)), "the stack has a Softplus layer with the beta 2" + ONLY),
        (Sequential(linear(3, 2), torch_layer("Softmax", dim=0)), "the stack has a Softmax layer over dimension 0" + ONLY),
        (Sequential(linear(3, 2), torch_layer("BatchNorm1d", running_mean=None)), "the stack has a BatchNorm1d layer without running statistics" + ONLY),
        (Sequential(RELU, linear(3, 1)), "activation 'relu'" + NO_PLACE),
        (Sequential(linear(3, 2), RELU, TANH, linear(2, 1)), "activation 'tanh'" + NO_PLACE),
        (Sequential(linear(3, 2), RELU, batch_norm(2)), "the stack ends in a normalization after an activation; it needs a dense layer after it."),
        (Sequential(type("Linear", (), {"__module__": "mine"})()), "the stack has a Linear layer" + ONLY),
        (Sequential(), "this Sequential of PyTorch has no dense layer; only dense layers, activations, dropout and batch normalization can be read."),
        (KerasSequential(keras_layer("Conv2D")), "the stack has a Conv2D layer" + ONLY),
        (KerasSequential(dense(3, 2, "exponential")), "the stack has a Dense layer with the activation exponential" + ONLY),
        (KerasSequential(dense(3, 2), keras_layer("ReLU", max_value=6.0)), "the stack has a ReLU layer with max_value or threshold" + ONLY),
    ],
    ids=["convolution", "softplus", "softmax", "statistics", "first", "two", "last", "own", "empty", "keras", "function", "relu6"],
)  # fmt: skip
def test_other_layers_are_refused(stack, message):
    with pytest.raises(ParameterError) as error:
        gn.diagnose(stack, X, X[:, :1], cost="half_squared_error")
    assert str(error.value) == message


OWN = Sequential(linear(3, 2))
OWN._layers = (*OWN._layers, OWN)
OWN_KERAS = KerasSequential(dense(3, 2))
OWN_KERAS.layers.append(OWN_KERAS)
UNBUILT = SimpleNamespace(__name__="relu")


@pytest.mark.parametrize(
    "stack, error, message",
    [
        (OWN, ParameterError, "the stack has more than 50 Sequentials in each other, or contains itself; list its layers in one."),
        (OWN_KERAS, ParameterError, "the stack has more than 50 Sequentials in each other, or contains itself; list its layers in one."),
        (Sequential(linear(3, 4), batch_norm(5)), ShapeError, "the stack has a normalization of 5 columns after a dense layer with 4 units; it needs as many."),
        (Sequential(batch_norm(5), linear(3, 4)), ShapeError, "the stack has a normalization of 5 columns before a dense layer with 3 inputs; it needs as many."),
        (Sequential(batch_norm(3), batch_norm(5), linear(3, 4)), ShapeError, "the stack has a normalization of 5 columns after one with 3 columns; it needs as many."),
        (Sequential(linear(3, 4), RELU, linear(5, 1)), ShapeError, "W[2] has 5 columns, but layer 1 has 4 neurons; expected W of shape (n_out, n_in): a table listed by input is the transpose, try W.T, or by='input'."),
        (KerasSequential(keras_layer("Dense", built=False, activation=UNBUILT)), ParameterError, "the stack has a Dense layer without weights; call the stack on some rows first."),
        (KerasSequential(dense(3, 2), keras_layer("BatchNormalization", built=False)), ParameterError, "the stack has a BatchNormalization layer without weights; call the stack on some rows first."),
    ],
    ids=["in itself", "keras in itself", "after", "before", "two", "dense", "dense not built", "normalization not built"],
)  # fmt: skip
def test_layers_that_do_not_fit_are_refused(stack, error, message):
    with pytest.raises(error) as found:
        gn.diagnose(stack, X, X[:, :1], cost="half_squared_error")
    assert str(found.value) == message


@pytest.mark.filterwarnings("error")
def test_a_variance_below_0_is_found_without_a_warning_of_numpy():
    norm = torch_layer(
        "BatchNorm1d", eps=1e-5, running_mean=Tensor([0]), running_var=Tensor([-1]), weight=None, bias=None
    )
    found = gn.diagnose(Sequential(linear(3, 1), norm), X, X[:, :1], cost="half_squared_error")
    assert [each.rule for each in found.findings] == ["not-finite"]


def test_a_stack_has_no_settings_to_try():
    with pytest.raises(ParameterError, match="a Sequential has no settings to change; pass a fitted GlassClassifier"):
        gn.try_fixes(Sequential(linear(3, 1)), X, X[:, 0])


def test_a_stack_has_no_cost():
    with pytest.raises(ParameterError) as error:
        gn.diagnose(Sequential(linear(3, 1)), X, X[:, :1])
    assert str(error.value) == "a Sequential has no cost; pass one, such as cost='cross_entropy'."


def test_the_gelu_of_other_frameworks():
    """z times the normal distribution function, whose values at 1 and -2 are in any table."""
    network = network_of_stack(Sequential(linear(3, 4), torch_layer("GELU", approximate="none"), linear(4, 1)), None)
    gelu = network.activation[1]
    np.testing.assert_allclose(gelu(np.asarray([[1.0, -2.0]])), [[0.841345, -0.045500]], atol=1e-6)
