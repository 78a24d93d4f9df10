"""A run is its steps, one after the other; it can be cut anywhere and goes on bit by bit."""

import numpy as np
import pytest
from scipy import sparse

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.engines.base import Factors

STEPPING = [name for name in SOLVERS if name != "lbfgs"]


def same_state(one, other):
    np.testing.assert_array_equal(one.theta, other.theta)
    assert one.step == other.step
    for mine, yours in zip(one.solver, other.solver, strict=True):
        np.testing.assert_array_equal(mine, yours)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", STEPPING)
def test_two_halves_are_one_run(solver, dtype, make_engine, make_network, samples, orders):
    """State and records of 4 epochs at once are those of 1 and 3, bit by bit, scheduled dropout and decay included."""
    engine = make_engine(make_network(dtype=dtype), *samples, solver=solver, dropout=(0.4,), seed=9, metric="r2")
    rates = np.linspace(0.1, 0.01, 4 * 3)
    factors = Factors(np.linspace(1.0, 0.0, 4 * 3), np.linspace(0.5, 1.0, 4 * 3))
    whole, records = engine.run(engine.start(0.1), orders, rates, 8, factors)
    middle, first = engine.run(engine.start(0.1), orders[:1], rates[:3], 8, factors.of(slice(3)))
    end, rest = engine.run(middle, orders[1:], rates[3:], 8, factors.of(slice(3, None)))

    same_state(whole, end)
    assert whole.step == 12
    for name in ("cost", "metric", "gradient_norm"):
        assert list(getattr(records, name)) == [*getattr(first, name), *getattr(rest, name)]


def test_an_epoch_is_a_sequence_of_steps(make_engine, make_network, samples, orders):
    """20 rows in minibatches of 8, 8 and 4, each a step by hand; the records are the means as met."""
    network, (X, Y) = make_network(), samples
    engine = make_engine(network, X, Y, metric="r2")
    rates = np.asarray([0.3, 0.2, 0.1])
    state, records = engine.run(engine.start(0.3), orders[:1], rates, 8)

    cost = norm = squares = 0.0
    for place, eta in zip((0, 8, 16), rates, strict=True):
        rows = orders[0][place : place + 8]
        trace = gn.forward(network, X[rows])
        grads = gn.backward(network, trace, Y[rows], cost="half_squared_error")
        cost += float(grads.cost) * len(rows) / 20
        squares += ((trace.A[-1] - Y[rows]) ** 2).sum() / 20
        norm += np.linalg.norm(grads.grad) / 3
        network = gn.descend(network, grads, learning_rate=eta)

    np.testing.assert_allclose(state.theta, network.theta, rtol=1e-12)
    assert records.cost == pytest.approx([cost], rel=1e-12)
    assert records.gradient_norm == pytest.approx([norm], rel=1e-12)
    assert records.metric == pytest.approx([squares], rel=1e-12)


@pytest.mark.parametrize("solver", STEPPING)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_the_networks(solver, dtype, make_engine, make_network, samples, orders):
    """A float32 run stays one in every number of its state, whatever the precision of data, weights and rates."""
    weights = np.linspace(0.5, 1.5, 20)
    network = make_network(dtype=dtype).freeze(1, ["b"])
    for net in (network, make_network(dtype=dtype)):
        engine = make_engine(net, *samples, solver=solver, weights=weights, clip=0.5, penalty=gn.Penalty(0.1, 0.1))
        state, _ = engine.run(engine.start(0.1), orders, np.full(12, 0.1), 8)
        arrays = [state.theta, *(part for part in state.solver if hasattr(part, "dtype"))]

        assert {array.dtype for array in arrays} == {np.dtype(dtype)}
        assert engine.forward(state.theta, samples[0]).dtype == np.dtype(dtype)
        assert engine.gradients(state.theta, *samples, weights)[1].dtype == np.dtype(dtype)


def test_single_precision_walks_beside_double(make_engine, make_network, samples, orders):
    """12 steps of Adam: the same path but for rounding."""
    ends = []
    for dtype in ("float32", "float64"):
        network = make_network().astype("float32").astype(dtype)
        engine = make_engine(network, *samples, solver="adam")
        ends.append(engine.run(engine.start(0.01), orders, np.full(12, 0.01), 8)[0].theta)

    np.testing.assert_allclose(ends[0], ends[1], atol=1e-5)
    assert np.abs(ends[0] - ends[1]).max() > 0  # it did run in two precisions


@pytest.mark.parametrize("solver", STEPPING)
def test_frozen_parameters_do_not_move(solver, make_engine, make_network, samples, orders):
    network = make_network().freeze(1)
    engine = make_engine(network, *samples, solver=solver, penalty=gn.Penalty(l1=0.1, l2=0.1))
    state, _ = engine.run(engine.start(0.1), orders, np.full(12, 0.1), 8)
    moved = network.with_theta(state.theta)

    np.testing.assert_array_equal(moved.W[1], network.W[1])
    np.testing.assert_array_equal(moved.b[1], network.b[1])
    assert (moved.W[2] != network.W[2]).any()


def test_frozen_parameters_do_not_count_for_clipping(make_engine, make_network, samples):
    """The norm that is clipped and recorded is that of the parameters that move."""
    network, (X, Y) = make_network().freeze(1), samples
    engine = make_engine(network, X, Y, clip=0.01)
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")
    free = np.concatenate([grads.dW[2].ravel(), grads.db[2]])
    state, records = engine.run(engine.start(1.0), np.arange(20)[None, :], np.asarray([1.0]), 20)

    assert records.gradient_norm == pytest.approx([np.linalg.norm(free)], rel=1e-12)
    assert np.linalg.norm(network.theta - state.theta) == pytest.approx(0.01, rel=1e-12)


@pytest.mark.parametrize("solver", [name for name in STEPPING if name != "rprop"])
def test_factors_scale_the_learning_rate(solver, make_engine, make_network, samples):
    """A slot at factor 1/2 makes half the first step; all others make a whole one."""
    from dataclasses import replace

    from glassnet.core.layout import Layout

    network, (X, Y) = make_network(), samples
    slots = tuple(replace(s, factor=0.5) if (s.layer, s.name) == (2, "W") else s for s in network.layout.slots)
    halved = replace(network, layout=Layout(slots))
    steps = []
    for each in (network, halved):
        engine = make_engine(each, X, Y, solver=solver)
        state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 20)
        steps.append(state.theta - network.theta)
    share = np.concatenate([np.ones(16), np.full(8, 0.5), np.ones(2)])

    np.testing.assert_allclose(steps[1], share * steps[0], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csr_array, sparse.csc_array, sparse.coo_array])
def test_sparse_inputs_are_the_dense_ones(kind, make_engine, make_network, samples, orders):
    X, Y = samples
    X = np.where(np.abs(X) > 0.8, X, 0.0)
    network = make_network()
    ends = []
    for inputs in (X, kind(X)):
        engine = make_engine(network, inputs, Y, solver="adam")
        state, records = engine.run(engine.start(0.1), orders, np.full(12, 0.1), 8)
        outputs = engine.forward(state.theta, inputs)
        ends.append((state.theta, outputs, records.cost, engine.gradients(state.theta, inputs, Y)))

    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    np.testing.assert_array_equal(ends[0][1], ends[1][1])
    assert list(ends[0][2]) == list(ends[1][2])
    np.testing.assert_array_equal(ends[0][3][1], ends[1][3][1])


def test_a_minibatch_larger_than_the_data_is_all_of_it(make_engine, make_network, samples):
    engine = make_engine(make_network(), *samples)
    state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 1000)

    assert state.step == 1
