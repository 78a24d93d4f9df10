"""One step of an engine is what a person computes with `forward`, `backward` and the solver's formula."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.engines.base import Factors

STEPPING = [name for name in SOLVERS if name != "lbfgs"]


def test_a_step_in_fractions(make_engine):
    """y = w x with w = 1, x = 2 and 4, t = 0 and 8: errors 2 and -4.

    dw = (2·2 - 4·4) / 2 = -6; w - 1/4 (-6) = 5/2. The cost is (1/2·4 + 1/2·16) / 2 = 5, the norm of the gradient 6.
    """
    network = gn.Network.from_weights([([[1.0]], None)], output="identity")
    engine = make_engine(network, np.asarray([[2.0], [4.0]]), np.asarray([[0.0], [8.0]]))
    state, records = engine.run(engine.start(0.25), np.asarray([[0, 1]]), np.asarray([0.25]), 2)

    assert state.theta.tolist() == [2.5]
    assert state.step == 1
    assert (records.cost, records.gradient_norm, records.divergence) == ([5.0], [6.0], None)


@pytest.mark.parametrize("solver", STEPPING)
def test_a_step_by_the_solvers_formula(solver, make_engine, make_network, samples):
    """Gradient of cost and penalty by core, then the solver's step; adamw's decay spares the biases."""
    network, (X, Y) = make_network(), samples
    penalty = gn.Penalty(l1=0.02, l2=0.3)
    engine = make_engine(network, X, Y, solver=solver, penalty=penalty)
    state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 20)

    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")
    is_weight = np.concatenate([np.ones(12), np.zeros(4), np.ones(8), np.zeros(2)])
    grad = grads.grad + is_weight * (0.02 * np.sign(network.theta) + 0.3 * network.theta)
    entry = SOLVERS[solver]
    parameters = dict(entry.parameters)
    if "weight_decay" in parameters:
        parameters["weight_decay"] = parameters["weight_decay"] * is_weight
    expected, _ = entry.step(network.theta, grad, entry.init(network.theta, 0.1), eta=0.1, **parameters)

    np.testing.assert_allclose(state.theta, expected, rtol=1e-12)


@pytest.mark.parametrize("factor", [1.0, 0.25, 0.0])
def test_decoupled_decay_takes_its_factor(factor, make_engine, make_network, samples):
    """Beside the step without decay each weight loses eta · weight_decay · factor of itself, and each bias nothing."""
    network = make_network()
    steps = []
    for decay in (0.0, 0.5):
        engine = make_engine(network, *samples, solver=("adamw", {"weight_decay": decay}))
        factors = Factors(decay=np.asarray([factor]))
        steps.append(engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 20, factors)[0].theta)
    is_weight = np.concatenate([np.ones(12), np.zeros(4), np.ones(8), np.zeros(2)])

    np.testing.assert_allclose(steps[0] - steps[1], 0.1 * 0.5 * factor * is_weight * network.theta, atol=1e-15)


def test_forward_evaluate_and_gradients(make_engine, make_network, samples):
    network, (X, Y) = make_network(), samples
    engine = make_engine(network, X, Y, penalty=gn.Penalty(l2=0.5))
    theta, weights = network.theta * 0.9, np.linspace(0, 2, 20)
    moved = network.with_theta(theta)
    trace = gn.forward(moved, X)
    grads = gn.backward(moved, trace, Y, cost="half_squared_error", weights=weights)
    decays = network.layout.decays(theta)

    cost, outputs = engine.evaluate(theta, X, Y, weights)
    value, grad = engine.gradients(theta, X, Y, weights)

    np.testing.assert_allclose(engine.forward(theta, X), trace.A[-1], rtol=1e-13)
    np.testing.assert_allclose(outputs, trace.A[-1], rtol=1e-13)
    assert [cost, value] == pytest.approx([float(grads.cost)] * 2, rel=1e-13)
    np.testing.assert_allclose(grad, grads.grad + 0.5 * theta * decays, rtol=1e-11, atol=1e-14)


def test_gradients_leave_dropout_and_clipping_out(make_engine, make_network, samples):
    network, (X, Y) = make_network(), samples
    bare, dressed = make_engine(network, X, Y), make_engine(network, X, Y, dropout=(0.5,), clip=1e-3)

    np.testing.assert_array_equal(bare.gradients(network.theta, X, Y)[1], dressed.gradients(network.theta, X, Y)[1])
    np.testing.assert_array_equal(bare.forward(network.theta, X), dressed.forward(network.theta, X))


@pytest.mark.parametrize("clip", [0.1, 0.5, 1e6])
def test_clipping_shortens_the_gradient_to_its_limit(clip, make_engine, make_network, samples):
    """Its direction stays; the record tells the norm before clipping. The penalty's part is clipped too."""
    network, (X, Y) = make_network(), samples
    engine = make_engine(network, X, Y, clip=clip, penalty=gn.Penalty(l2=0.1))
    _, grad = engine.gradients(network.theta, X, Y)
    norm = np.linalg.norm(grad)
    assert 0.5 < norm < 1e6

    state, records = engine.run(engine.start(1.0), np.arange(20)[None, :], np.asarray([1.0]), 20)
    moved = network.theta - state.theta

    np.testing.assert_allclose(moved, grad * min(1.0, clip / norm), rtol=1e-9, atol=1e-12)
    assert records.gradient_norm[0] == pytest.approx(norm, rel=1e-12)


def test_clipping_holds_what_single_precision_cannot_square(make_engine):
    """A gradient of 4e20 has a square beyond float32; it is still scaled to the limit, not to 0."""
    network = gn.Network.from_weights([(np.ones((1, 1), dtype=np.float32), None)], output="identity")
    engine = make_engine(network, np.asarray([[2e10]]), np.asarray([[0.0]]), clip=0.5, cost="absolute_error")
    big = make_engine(network, np.asarray([[1e10]]), np.asarray([[-3e10]]), clip=0.5)

    for each in (engine, big):
        state, records = each.run(each.start(1.0), np.asarray([[0]]), np.asarray([1.0]), 1)
        assert records.divergence is None
        assert state.theta.tolist() == [0.5]


def test_a_row_of_weight_0_has_no_say(make_engine, make_network, samples):
    """Weights 0 and 2 by turns, of mean 1, are the even rows left out."""
    network, (X, Y) = make_network(), samples
    weights = np.tile([0.0, 2.0], 10)
    engine = make_engine(network, X, Y, weights=weights)
    state, records = engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 20)
    half = make_engine(network, X[1::2], Y[1::2])
    expected, half_records = half.run(half.start(0.1), np.arange(10)[None, :], np.asarray([0.1]), 10)

    np.testing.assert_allclose(state.theta, expected.theta, rtol=1e-12)
    assert records.cost == pytest.approx(half_records.cost, rel=1e-12)


def test_the_data_given_stay_as_they_are(make_engine, make_network, samples):
    network, (X, Y) = make_network(), samples
    kept = X.copy(), Y.copy(), network.theta.copy()
    engine = make_engine(network, X, Y, solver="adam", dropout=(0.3,))
    engine.run(engine.start(0.1), np.arange(20)[None, :], np.full(4, 0.1), 5)

    for given, copy in zip((X, Y, network.theta), kept, strict=True):
        np.testing.assert_array_equal(given, copy)
