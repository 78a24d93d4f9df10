"""A step in parts: the sums over some rows of its minibatch, added up and applied, are the step."""

from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.core.layout import Layout
from glassnet.engines.base import Factors, Problem, sums_of_all
from glassnet.engines.registry import ENGINES, resolve_engine
from glassnet.errors import ParameterError, ShapeError
from glassnet.training.metrics import resolve_metric

N_ROWS, N_INPUTS, N_OUTPUTS = 60, 5, 3
PAIRS = [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]
FRONTS = [{}, {"numeric_embedding": "pbld", "input_scaling": True, "embedded": [1, 3]}]
# a gradient of nearly 0 may have another sign in another order of summation, and rprop looks only at that
SMOOTH = [name for name in SOLVERS if name not in ("lbfgs", "rprop")]
# "xla" sums in an order of its own in each program, and compiles each example anew: see tests/engines/xla
EXACT = [name for name in ENGINES if name != "xla"]


def bits_of(state):
    """All numbers of a state as bytes, which tell 0 from -0."""
    return [state.step, state.theta.tobytes(), *(np.asarray(part).tobytes() for part in state.solver)]


@st.composite
def settings_of_steps(draw, solvers=SMOOTH):
    """A problem with its data, the rows of a minibatch and where to cut it, a learning rate and factors."""
    output, cost = draw(st.sampled_from(PAIRS))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    seed = draw(st.integers(0, 2**31))
    front = draw(st.sampled_from(FRONTS))
    sizes = [N_INPUTS, *draw(st.lists(st.integers(1, 40), min_size=0, max_size=2)), N_OUTPUTS]
    network = gn.Network.create(
        sizes, hidden=draw(st.sampled_from(["relu", "tanh", "softmax"])), output=output, seed=seed % 7, dtype=dtype,
        learned_slope=draw(st.booleans()), **front,
    )  # fmt: skip
    if draw(st.booleans()):
        network = network.freeze(1)
    if draw(st.booleans()):
        network = replace(network, layout=Layout(tuple(replace(s, factor=0.5) for s in network.layout.slots)))
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N_ROWS, N_INPUTS))
    Y = np.eye(N_OUTPUTS)[rng.integers(0, N_OUTPUTS, N_ROWS)]
    penalty = gn.Penalty(draw(st.sampled_from([0.0, 1e-2])), draw(st.sampled_from([0.0, 1e-1])))
    rates = tuple(draw(st.sampled_from([0.0, 0.3, 0.6])) for _ in sizes[1:-1])
    clip = draw(st.sampled_from([None, 1e-2, 1e3]))
    entry = resolve_cost(cost)
    problem = Problem(
        network, entry, resolve_solver(draw(st.sampled_from(solvers))), penalty, rates, clip, seed,
        resolve_metric("auto", entry),
    )  # fmt: skip
    if not front and draw(st.booleans()):
        X = sparse.csr_array(np.where(np.abs(X) > 0.7, X, 0.0))
    weights = rng.uniform(0.1, 2.0, N_ROWS) if draw(st.booleans()) else None
    rows = rng.permutation(N_ROWS)[: draw(st.integers(1, N_ROWS))]
    cuts = sorted(draw(st.sets(st.integers(1, len(rows)), max_size=5)) - {len(rows)})
    factors = Factors(draw(st.sampled_from([1.0, 0.5, 0.0])), draw(st.sampled_from([1.0, 0.25])))
    return problem, (X, Y, weights), rows, cuts, 0.05, factors


def second_step(engine, rows, eta, factors):
    """A state whose solver remembers something."""
    return engine.run(engine.start(eta), rows[None, ::-1], np.asarray([eta]), len(rows), factors)[0]


@pytest.mark.parametrize("name", EXACT)
@given(settings_of_steps([name for name in SOLVERS if name != "lbfgs"]))
@settings(max_examples=60)
def test_a_whole_minibatch_gives_the_bits_of_a_step(name, drawn):
    """Parameters, memory, cost, metric and norm of the gradient are those of `run`."""
    problem, data, rows, _, eta, factors = drawn
    engine = resolve_engine(name)(problem, *data)
    state = second_step(engine, rows, eta, factors)
    after, records = engine.run(state, rows[None], np.asarray([eta]), len(rows), factors)

    sums = engine.accumulate(state, rows, factors)

    assert records.divergence is None
    assert bits_of(engine.apply(state, sums, eta, factors)) == bits_of(after)
    assert sums.n_rows == len(rows)
    assert engine.finished(state, sums)[1] == records.gradient_norm[0]
    near = 1e-6 if problem.network.theta.dtype == np.float32 else 1e-14
    means = [sums.cost / len(rows), sums.metric / len(rows)]
    assert means == pytest.approx([records.cost[0], records.metric[0]], rel=near)


@pytest.mark.parametrize("name", EXACT)
@given(settings_of_steps())
@settings(max_examples=60)
def test_any_parts_of_a_minibatch_make_the_step(name, drawn):
    """Each part by an engine of its own, which has nothing but the data in common with the others."""
    problem, data, rows, cuts, eta, factors = drawn
    engine = resolve_engine(name)(problem, *data)
    state = second_step(engine, rows, eta, factors)
    after, _ = engine.run(state, rows[None], np.asarray([eta]), len(rows), factors)

    parts = [
        resolve_engine(name)(problem, *data).accumulate(state, part, factors, first=first)
        for part, first in zip(np.split(rows, cuts), [0, *cuts], strict=True)
    ]
    there = engine.apply(state, reduce(add, parts), eta, factors)

    near = 1e-4 if problem.network.theta.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(there.theta, after.theta, rtol=near, atol=near)
    assert there.step == after.step == 2


def test_the_sums_are_those_of_the_rows(make_engine, make_network, samples):
    """Beside `backward`: n times the mean cost, metric and gradient; no penalty, no clipping, frozen or not."""
    network, (X, Y) = make_network().freeze(1), samples
    weights = np.linspace(0, 2, 20)
    engine = make_engine(network, X, Y, weights=weights, penalty=gn.Penalty(l2=0.5), clip=1e-3, metric="r2")
    rows = np.asarray([7, 3, 3, 19])
    trace = gn.forward(network, X[rows])
    grads = gn.backward(network, trace, Y[rows], cost="half_squared_error", weights=weights[rows])

    sums = engine.accumulate(engine.start(0.1), rows)

    assert sums.n_rows == 4
    assert sums.cost == pytest.approx(4 * grads.cost, rel=1e-13)
    assert sums.metric == pytest.approx(((trace.A[-1] - Y[rows]) ** 2).sum(), rel=1e-13)
    np.testing.assert_allclose(sums.gradient, 4 * grads.grad, rtol=1e-11, atol=1e-14)


def test_the_finished_gradient_is_what_a_step_goes_along(make_engine, make_network, samples):
    """By hand: the mean, plus the penalty, 0 where frozen, scaled down to the limit."""
    network, (X, Y) = make_network().freeze(2), samples
    engine = make_engine(network, X, Y, penalty=gn.Penalty(l2=0.5), clip=0.25)
    state = engine.start(0.1)
    expected = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error").grad
    expected = expected + 0.5 * network.theta * network.layout.decays(network.theta)
    expected[16:] = 0
    norm = np.linalg.norm(expected)

    grad, found = engine.finished(state, engine.accumulate(state, np.arange(20)))

    assert found == pytest.approx(norm, rel=1e-12)
    np.testing.assert_allclose(grad, expected * (0.25 / norm), rtol=1e-11, atol=1e-14)


def test_all_samples_are_summed_in_parts(monkeypatch, make_engine, make_network, samples):
    """Parts of 1 to 20 samples, without the dropout of a step."""
    network, (X, Y) = make_network(), samples
    engine = make_engine(network, X, Y, dropout=(0.4,), seed=3)
    state = engine.start(0.1)
    whole = engine.accumulate(state, np.arange(20), Factors(dropout=0.0))

    for numbers in (9, 27, 70, 1000):
        monkeypatch.setattr("glassnet.engines.base.NUMBERS_OF_PART", numbers)
        sums = sums_of_all(engine, state.theta, 20)
        assert sums.n_rows == 20
        np.testing.assert_allclose(sums.gradient, whole.gradient, rtol=1e-12, atol=1e-14)


def test_a_part_has_at_least_one_sample(monkeypatch, make_engine, make_network, samples):
    """Even if one row alone has more neurons than a part should have, as with 2**20 hashed words."""
    engine = make_engine(make_network(), *samples)
    state = engine.start(0.1)
    monkeypatch.setattr("glassnet.engines.base.NUMBERS_OF_PART", 2)
    sums = sums_of_all(engine, state.theta, 20)

    assert sums.n_rows == 20
    np.testing.assert_allclose(sums.cost, engine.accumulate(state, np.arange(20)).cost, rtol=1e-12)


def test_numbers_that_are_not_finite_go_through(make_engine, make_network, samples):
    """The engine that adds them up finds them in the sums, and so in the parameters."""
    network, (X, Y) = make_network(), samples
    engine = make_engine(network, X, Y, clip=1.0)
    state = replace(engine.start(0.1), theta=np.full_like(network.theta, 1e300))

    sums = engine.accumulate(state, np.arange(5))

    assert not np.isfinite(sums.cost)
    assert not np.isfinite(engine.finished(state, sums)[1])
    assert not np.isfinite(engine.apply(state, sums, 0.1).theta).all()


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_the_number_of_threads_changes_no_bit(n_jobs, make_network):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(300, 3)), rng.normal(size=(300, 2))
    problem = Problem(
        make_network((3, 70, 2)), resolve_cost("squared_error"), resolve_solver("adam"), dropout=(0.2,), clip=0.5
    )
    ends = []
    for jobs in (1, n_jobs):
        engine = resolve_engine("cpu")(problem, X, Y, n_jobs=jobs)
        state = engine.start(0.1)
        ends.append(bits_of(engine.apply(state, engine.accumulate(state, np.arange(300)), 0.1)))

    assert ends[0] == ends[1]


def test_machine_code_is_entered_with_what_fits(make_network, samples):
    problem = Problem(make_network(), resolve_cost("squared_error"), resolve_solver("sgd"))
    engine = resolve_engine("cpu")(problem, *samples)
    state = engine.start(0.1)
    sums = engine.accumulate(state, np.arange(20))

    with pytest.raises(ShapeError, match="the order of the samples has 0 to 20, but there are 20 samples"):
        engine.accumulate(state, np.arange(21))
    with pytest.raises(ShapeError, match=r"the order of the samples has the shape \(1, 0\)"):
        engine.accumulate(state, np.arange(0))
    with pytest.raises(ShapeError, match=r"the gradient has the shape \(3,\), but the engine expected \(26,\)"):
        engine.apply(state, replace(sums, gradient=np.zeros(3)), 0.1)
    with pytest.raises(ShapeError, match="the state is in float32, but the network in float64"):
        engine.accumulate(replace(state, theta=state.theta.astype("float32")), np.arange(20))
    lbfgs = resolve_engine("cpu")(replace(problem, solver=resolve_solver("lbfgs")), *samples)
    with pytest.raises(ParameterError, match="solver 'lbfgs' has no single step"):
        lbfgs.apply(state, sums, 0.1)


@pytest.mark.parametrize("name", sorted(ENGINES))
@pytest.mark.parametrize("weighted", [False, True])
def test_an_engine_on_other_rows_is_one_made_for_them(name, weighted):
    """They share memory, so each in turn still finds its own numbers; minibatches grow and shrink."""
    rng = np.random.default_rng(0)
    network = gn.Network.create([N_INPUTS, 7, N_OUTPUTS], hidden="tanh", output="softmax", seed=0)
    problem = Problem(network, resolve_cost("cross_entropy"), resolve_solver("adam"), dropout=(0.3,))

    def samples(n):
        X, Y = rng.normal(size=(n, N_INPUTS)), np.eye(N_OUTPUTS)[rng.integers(0, N_OUTPUTS, n)]
        return X, Y, rng.uniform(0.5, 1.5, n) if weighted else None

    make, first, second = resolve_engine(name), samples(20), samples(33)
    engine = make(problem, *first)
    other = engine.on(*second)
    state = engine.start(0.1)
    for rows in ([1, 2], list(range(15)), [4]):
        for shared, rows_of in ((engine, first), (other, second)):
            alone = make(problem, *rows_of)
            sums, expected = shared.accumulate(state, rows), alone.accumulate(state, rows)
            assert sums.gradient.tobytes() == expected.gradient.tobytes()
            assert (sums.cost, sums.n_rows) == (expected.cost, expected.n_rows)
            assert bits_of(shared.apply(state, sums, 0.1)) == bits_of(alone.apply(state, expected, 0.1))
        state = engine.apply(state, sums, 0.1)
