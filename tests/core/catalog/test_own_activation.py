"""A user's own activation: taken when its derivative is the slope of its function, refused in words when not."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS, ALIASES, resolve_activation
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.pairs import check_pair
from glassnet.errors import ParameterError

SINE = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
BENT = gn.Activation("bent", lambda Z: np.abs(Z), lambda Z, A: np.sign(Z), kinks=(0.0,))
GAUSS = gn.Activation(
    "gauss", lambda Z, width: np.exp(-Z * Z / width), lambda Z, A, width: -2 * Z * A / width, {"width": 2.0}
)


@pytest.mark.parametrize("own", [SINE, BENT, GAUSS], ids=lambda own: own.name)
def test_a_right_one_is_taken_and_learns(own):
    """In a hidden layer and as output, its backpropagation equals the shocks."""
    rng = np.random.default_rng(0)
    network = gn.Network.create([3, 4, 2], hidden=own, output=own, seed=1)
    check = gn.check_gradients(network, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), cost="half_squared_error")

    assert check.method == "central differences"
    assert len(check.shocks) + len(check.at_kinks) == network.n_params
    assert len(check.shocks) >= network.n_params // 2
    assert check.max_relative_error < 1e-7


def test_each_layer_may_have_its_own():
    network = gn.Network.create([2, 3, 3, 1], hidden=[SINE, "relu"], output=GAUSS, seed=0)

    assert [sigma.name for sigma in network.activation] == ["sine", "relu", "gauss"]
    assert network.activation[1] is SINE


def test_it_is_written_by_name_and_parameters():
    assert SINE.spec == "sine"
    assert GAUSS.spec == ("gauss", {"width": 2.0})
    assert not SINE.is_builtin
    assert ACTIVATIONS["relu"].is_builtin


def test_a_wrong_derivative_is_refused_with_the_numbers():
    """cos(0.15) = 0.988771 (mpmath); of the check's points that is where cosine and its negative differ most."""
    wrong = gn.Activation("wrong", np.sin, lambda Z, A: -np.cos(Z))
    message = (
        r"^the derivative of activation 'wrong' is not the slope of its function: at z = 0\.15 it says -0\.988771, "
        r"but a small shock gives 0\.988771\. Correct derivative\(Z, A\), or name the points where the slope jumps"
    )

    with pytest.raises(ParameterError, match=message):
        resolve_activation(wrong)


@pytest.mark.parametrize("factor", [1 + 1e-4, 1 - 1e-4])
def test_a_slightly_wrong_derivative_is_refused(factor):
    with pytest.raises(ParameterError, match="is not the slope of its function"):
        resolve_activation(gn.Activation("almost", np.tanh, lambda Z, A: factor * (1 - A * A)))


def test_a_derivative_that_is_not_a_number_is_refused():
    with pytest.raises(ParameterError, match=r"at z = -2\.7 it says nan"):
        resolve_activation(gn.Activation("nan", np.tanh, lambda Z, A: np.full_like(Z, np.nan)))


def test_an_unnamed_kink_is_refused_and_the_remedy_works():
    """A jump of the slope at 0.15, one of the points of the check, is excused once it is named."""
    parts = (lambda Z: np.abs(Z - 0.15), lambda Z, A: np.where(Z > 0.15, 1.0, -1.0))

    with pytest.raises(ParameterError, match=r"at z = 0\.15 .* name the points where the slope jumps"):
        resolve_activation(gn.Activation("jump", *parts))
    assert resolve_activation(gn.Activation("jump", *parts, kinks=(0.15,))).kinks == (0.15,)


@pytest.mark.parametrize(
    ("function", "derivative", "message"),
    [
        (np.sum, lambda Z, A: np.ones_like(Z), r"'odd' does not keep the shape of its input \(1, 8\): .* gives \(\)"),
        (np.sin, lambda Z, A: np.cos(Z)[0], r"shape of its input \(1, 8\): the derivative gives \(8,\)"),
        (np.sin, lambda Z, A: 1.0, r"shape of its input \(1, 8\): the derivative gives no array"),
    ],
    ids=["function", "derivative", "number"],
)  # fmt: skip
def test_a_wrong_shape_is_refused(function, derivative, message):
    with pytest.raises(ParameterError, match=message):
        resolve_activation(gn.Activation("odd", function, derivative))


@pytest.mark.parametrize(
    ("function", "derivative", "told"),
    [
        (lambda Z: Z.no_such_method(), lambda Z, A: Z, "AttributeError: .*no_such_method"),
        (np.sin, lambda Z: np.cos(Z), "TypeError: .*positional argument"),
        (lambda Z: 1.0 if Z > 0 else 0.0, lambda Z, A: 0 * Z, "ValueError: The truth value of an array"),
    ],
    ids=["function", "derivative", "not elementwise"],
)
def test_one_that_raises_is_refused_with_its_error(function, derivative, told):
    message = (
        rf"^activation 'broken' failed on an array of shape \(1, 8\): {told}.* Expected function\(Z\) and derivative"
    )

    with pytest.raises(ParameterError, match=message) as failure:
        resolve_activation(gn.Activation("broken", function, derivative))

    assert failure.value.__cause__ is not None


@pytest.mark.parametrize("name", [*ACTIVATIONS, *ALIASES])
def test_one_under_a_built_in_name_is_itself(name):
    """With none of the shortcuts of its name: the sigmoid's with cross-entropy, a rectifier's initial weights, ..."""
    stranger = gn.Activation(name, np.sin, lambda Z, A: np.cos(Z))
    network = gn.Network.create([2, 3, 1], hidden=stranger, output=stranger, seed=0)
    sine = gn.Network.create([2, 3, 1], hidden=SINE, output=SINE, seed=0)
    X, Y = [[0.5, -2.0]], [[0.25]]
    grads = [gn.backward(net, gn.forward(net, X), Y, cost="half_squared_error").grad for net in (network, sine)]

    assert not stranger.is_builtin
    assert stranger.builtin_name == ""
    assert network.theta.tolist() == sine.theta.tolist()
    assert grads[0].tolist() == grads[1].tolist()
    check_pair(stranger, resolve_cost("half_squared_error"), 1)  # 'step' has no gradient, 'softmax' needs two outputs


def test_a_built_in_record_with_parameters_is_still_built_in():
    sigma = resolve_activation(("elu", {"alpha": 0.5}))

    assert sigma.is_builtin
    assert resolve_activation(sigma) is sigma
