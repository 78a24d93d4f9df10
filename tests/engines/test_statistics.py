"""Statistics of each layer on request: by hand in NumPy, the same in all engines, and without a trace in the run."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.engines.test_parts_of_a_step import EXACT, bits_of, second_step, settings_of_steps

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.engines.base import Factors, Problem
from glassnet.engines.registry import resolve_engine


def by_hand(network, X, Y):
    """Outputs, slopes and error signals of 3-4-3-2 with relu, tanh and identity: loops over rows, units and inputs."""
    (W1, W2, W3), (b1, b2, b3) = network.W, network.b
    A, slopes, delta = ([[], [], []] for _ in range(3))
    for x, y in zip(X, Y, strict=True):
        z1 = [sum(w * v for w, v in zip(row, x, strict=True)) + b for row, b in zip(W1, b1, strict=True)]
        a1 = [z if z > 0 else 0.0 for z in z1]
        a2 = [np.tanh(sum(w * v for w, v in zip(row, a1, strict=True)) + b) for row, b in zip(W2, b2, strict=True)]
        a3 = [sum(w * v for w, v in zip(row, a2, strict=True)) + b for row, b in zip(W3, b3, strict=True)]
        s1, s2 = [1.0 if z > 0 else 0.0 for z in z1], [1.0 - a * a for a in a2]
        d3 = [a - t for a, t in zip(a3, y, strict=True)]
        d2 = [s2[k] * sum(d3[j] * W3[j, k] for j in range(2)) for k in range(3)]
        d1 = [s1[k] * sum(d2[j] * W2[j, k] for j in range(3)) for k in range(4)]
        for l, (a, s, d) in enumerate([(a1, s1, d1), (a2, s2, d2), (a3, [1.0, 1.0], d3)]):
            A[l].append(a), slopes[l].append(s), delta[l].append(d)
    return [tuple(map(np.asarray, of_layer)) for of_layer in zip(A, slopes, delta, strict=True)]


@pytest.fixture(scope="module")
def case():
    """A network of which one relu unit is dead, and a tanh unit is near its bound in every row."""
    rng = np.random.default_rng(3)
    W1, W2, W3 = rng.normal(size=(4, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 3))
    b1, b2 = np.asarray([0.1, -50.0, 0.2, -0.3]), np.asarray([0.2, 4.0, -0.1])
    W2[1] *= 0.1
    network = gn.Network.from_weights(
        [(W1, b1), (W2, b2), (W3, np.zeros(2))], hidden=["relu", "tanh"], output="identity"
    )
    return network, rng.normal(size=(20, 3)), rng.normal(size=(20, 2))


def test_the_numbers_are_those_of_plain_loops(make_engine, case):
    """With gradient descent a step is the learning rate times the gradient, here 0.5 · delta' A / n."""
    network, X, Y = case
    engine = make_engine(network, X, Y, cost="half_squared_error")
    found = engine.statistics(engine.start(0.5), eta=0.5)
    below = X

    assert found.cost == pytest.approx(np.mean([0.5 * np.sum(d * d) for d in by_hand(network, X, Y)[2][2]]))
    for layer, W, (A, slopes, delta) in zip(found.layers, network.W, by_hand(network, X, Y), strict=True):
        np.testing.assert_allclose(layer.flat, np.mean(slopes == 0, axis=0))
        np.testing.assert_allclose(layer.saturated, np.mean(slopes < 0.01, axis=0))
        np.testing.assert_allclose(layer.mean, A.mean(axis=0), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(layer.spread, A.std(axis=0), rtol=1e-6, atol=1e-9)
        gradient = np.linalg.norm(delta.T @ below / 20)
        numbers = layer.error, layer.weights, layer.gradient, layer.update
        assert numbers == pytest.approx((np.sqrt(np.mean(delta**2)), np.linalg.norm(W), gradient, 0.5 * gradient))
        below = A
    assert found.layers[1].flat.tolist()[1] == 1.0
    assert found.layers[2].saturated.tolist()[1] == 1.0
    assert found.layers[2].flat.tolist()[1] == 0.0


def test_a_step_is_asked_for_with_its_learning_rate(make_engine, case):
    engine = make_engine(*case)
    lbfgs = make_engine(*case, solver="lbfgs")

    assert [layer.update for layer in engine.statistics(engine.start(0.5)).layers] == [None] * 3
    assert [layer.update for layer in lbfgs.statistics(lbfgs.start(1.0), eta=1.0).layers] == [None] * 3
    assert [layer.gradient for layer in lbfgs.statistics(lbfgs.start(1.0)).layers] == pytest.approx(
        [layer.gradient for layer in engine.statistics(engine.start(0.5)).layers]
    )


def test_a_softmax_layer_has_no_slopes_of_single_units(make_engine, make_network, samples):
    engine = make_engine(make_network(hidden="softmax"), *samples)
    layers = engine.statistics(engine.start(0.1)).layers

    assert (layers[1].flat, layers[1].saturated) == (None, None)
    assert layers[1].mean.sum() == pytest.approx(1.0)
    assert layers[2].flat.tolist() == [0.0, 0.0]


@given(settings_of_steps([*SOLVERS]))
@settings(max_examples=60)
def test_machine_code_and_reference_agree(drawn):
    """With fronts, learned slopes, frozen layers, penalties, clipping, weights, dropout and sparse rows."""
    problem, data, *_, eta, _ = drawn
    found = []
    for name in EXACT:
        engine = resolve_engine(name)(problem, *data)
        found.append(engine.statistics(engine.start(eta), eta=eta))
    is_short = problem.network.theta.dtype == np.float32
    near = {"rtol": 2e-3, "atol": 1e-4} if is_short else {"rtol": 1e-9, "atol": 1e-11}

    np.testing.assert_allclose(*(each.cost for each in found), **near)
    for one, other in zip(*(each.layers for each in found), strict=True):
        shares = {**near, "atol": 2.5 / 60 if is_short else 1e-11}  # a slope may be rounded across the threshold
        for mine, theirs, tolerance in zip(one, other, [shares, shares, *[near] * 6], strict=True):
            if mine is None or theirs is None:
                assert mine is theirs
            else:
                np.testing.assert_allclose(mine, theirs, **tolerance)


@pytest.mark.parametrize("name", EXACT)
@given(settings_of_steps())
@settings(max_examples=20)
def test_a_run_keeps_its_bits(name, drawn):
    """A look between two steps changes neither the next step nor the state."""
    problem, data, rows, _, eta, factors = drawn
    engine = resolve_engine(name)(problem, *data)
    state = second_step(engine, rows, eta, factors)
    before = bits_of(state)
    alone, _ = engine.run(state, rows[None], np.asarray([eta]), len(rows), factors)

    engine.statistics(state, eta=eta)

    assert bits_of(state) == before
    assert bits_of(engine.run(state, rows[None], np.asarray([eta]), len(rows), factors)[0]) == bits_of(alone)


def test_numbers_that_are_not_finite_are_told_as_they_are(make_engine, case):
    """The machine code of a step ends at the first of them; statistics are of the whole pass."""
    network, X, Y = case
    theta = network.theta.copy()
    theta[network.layout.slot(3, "b").offset] = np.inf
    engine = make_engine(network.with_theta(theta), X, Y)
    found = engine.statistics(engine.start(0.1), eta=0.1)

    assert not np.isfinite(found.cost)
    assert not np.isfinite(found.layers[3].error)
    assert found.layers[1].flat.tolist()[1] == 1.0


def test_threads_change_no_bit(make_network):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(300, 30)), rng.normal(size=(300, 2))
    network = make_network((30, 40, 2), dtype="float32")
    problem = Problem(network, resolve_cost("squared_error"), resolve_solver("adam"), dropout=(0.5,))
    found = []
    for n_jobs in (1, 3):
        engine = resolve_engine("cpu")(problem, X, Y, n_jobs=n_jobs)
        # twice: the memory of an earlier call has no influence
        found += [engine.statistics(engine.start(0.1), 0.1) for _ in range(2)]

    assert len({repr([_bits(layer) for layer in each.layers]) for each in found}) == 1


def _bits(layer):
    return [value.tobytes() if isinstance(value, np.ndarray) else value for value in layer]


def test_dropout_is_left_out(make_engine, make_network, samples):
    """Statistics are of the network that predicts."""
    network = make_network()
    engine = make_engine(network, *samples, dropout=(0.9,))
    plain = make_engine(network, *samples)
    state = engine.start(0.1)

    np.testing.assert_allclose(engine.statistics(state).layers[1].mean, plain.statistics(state).layers[1].mean)
    assert engine.statistics(state, 0.1).layers[2].update == pytest.approx(
        plain.statistics(state, 0.1).layers[2].update, rel=1e-6
    )
    assert (
        engine.accumulate(state, np.arange(20), Factors()).cost
        != engine.accumulate(state, np.arange(20), Factors(dropout=0.0)).cost
    )
