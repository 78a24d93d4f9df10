"""The engine for accelerators walks the reference engine's trajectory: every activation, cost and solver at least once.

The sums have another order, so that numbers agree to 1e-12 in float64 and 1e-5 in float32, as far as they are not near 0.
"""

from itertools import cycle, islice

import numpy as np
import pytest
from tests.engines.conftest import XLA_DEVICES

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS, resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.core.front import FRONTS
from glassnet.engines.base import Factors, Problem
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.registry import resolve_engine
from glassnet.training.metrics import resolve_metric

NEAR = {"float64": 1e-12, "float32": 1e-5}
N_ROWS, SIZES = 22, [4, 5, 3]
HIDDEN = [name for name in ACTIVATIONS if name != "step"]
STEPPING = [name for name in SOLVERS if name != "lbfgs"]
OUTPUTS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid", "poisson": "softplus"}
ROWS = list(
    islice(
        zip(
            cycle(HIDDEN),
            cycle(COSTS),
            cycle(STEPPING),
            cycle([None, *FRONTS]),
            cycle([{}, {"l1": 1e-3}, {"l2": 1e-2}, {"l1": 1e-3, "l2": 1e-2}]),
            cycle([(0.0,), (0.4,)]),
            cycle([None, None, 0.1]),
            cycle([True, False, False]),  # weights
            cycle([False, True]),  # learned slopes
            cycle(["float32", "float64", "float64", "float32", "float32"]),
        ),
        len(HIDDEN) + 1,
    )
)


def samples():
    rng = np.random.default_rng(1)
    Y = rng.uniform(0.1, 0.9, size=(N_ROWS, 3))
    return rng.normal(size=(N_ROWS, 4)), Y / Y.sum(axis=1, keepdims=True), rng.uniform(0.5, 2.0, size=N_ROWS)


def engines_for(row):
    hidden, cost, solver, front, penalty, dropout, clip, weighted, slope, dtype = row
    network = gn.Network.create(
        SIZES, hidden=hidden, output=OUTPUTS.get(cost, "identity"), learned_slope=slope, seed=2, dtype=dtype,
        **FRONTS.get(front, {}),
    )  # fmt: skip
    entry = resolve_cost(cost)
    problem = Problem(
        network, entry, resolve_solver(solver), Penalty(**penalty), dropout, clip, 5, resolve_metric("auto", entry)
    )
    X, Y, weights = samples()
    data = X, Y, weights if weighted else None
    return resolve_engine("xla")(problem, *data, n_jobs=XLA_DEVICES), ReferenceEngine(problem, *data)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(map(str, row[:3])))
def test_three_epochs_agree(row):
    """Minibatches of 8, 8 and 6 rows, with schedules of rate, dropout and decay; parameters, memory and records."""
    near = NEAR[row[-1]]
    orders = np.asarray([np.random.default_rng(4 + k).permutation(N_ROWS) for k in range(3)])
    rates, factors = np.linspace(0.004, 0.002, 9), Factors(np.linspace(1, 0.5, 9), np.linspace(0.5, 2, 9))
    (mine, records), (theirs, expected) = (
        engine.run(engine.start(rates[0]), orders, rates, 8, factors) for engine in engines_for(row)
    )

    assert expected.divergence is None
    assert mine.theta.dtype == theirs.theta.dtype
    assert mine.step == theirs.step == 9
    np.testing.assert_allclose(mine.theta, theirs.theta, rtol=near, atol=near)
    for part, right in zip(mine.solver, theirs.solver, strict=True):
        assert type(part) is type(right)
        np.testing.assert_allclose(part, right, rtol=10 * near, atol=near)
    for numbers, right in zip(records[:4], expected[:4], strict=True):
        np.testing.assert_allclose(numbers, right, rtol=10 * near, atol=near)


def test_the_rows_cover():
    """Every activation, cost, solver and front, and each in both precisions where a precision could matter."""
    assert [set(values) for values in list(zip(*ROWS))[:3]] == [set(HIDDEN), set(COSTS), set(STEPPING)]
    assert {row[3] for row in ROWS} == {None, *FRONTS}


@pytest.mark.parametrize("dtype", NEAR)
def test_parts_of_a_minibatch_make_the_step(dtype):
    """With dropout, penalty and clipping: sums over 3 and 5 rows, added and applied, are a step over 8."""
    row = ("selu", "cross_entropy", "adamw", None, {"l2": 0.1}, (0.4,), 0.05, True, True, dtype)
    rows, factors = np.arange(8)[::-1], Factors(0.5, 0.25)
    engine, reference = engines_for(row)
    state, _ = reference.run(reference.start(0.01), rows[None], np.asarray([0.01]), 8, factors)
    after, records = engine.run(state, rows[None], np.asarray([0.01]), 8, factors)
    sums = engine.accumulate(state, rows[:3], factors) + engine.accumulate(state, rows[3:], factors, first=3)
    there = engine.apply(state, sums, 0.01, factors)

    assert engine.finished(state, sums)[1] == pytest.approx(records.gradient_norm[0], rel=NEAR[dtype])
    assert sums.cost / 8 == pytest.approx(records.cost[0], rel=NEAR[dtype])
    np.testing.assert_allclose(there.theta, after.theta, rtol=NEAR[dtype], atol=NEAR[dtype])
    assert there.step == after.step == 2


def test_lbfgs_goes_the_same_way():
    X, Y, _ = samples()
    network = gn.Network.create(SIZES, hidden="tanh", output="softmax", seed=0)
    mine, theirs = (
        gn.train(network, X, Y, cost="cross_entropy", solver="lbfgs", epochs=20, engine=engine, n_jobs=1)
        for engine in ("xla", "reference")
    )

    np.testing.assert_allclose(mine.history["cost"], theirs.history["cost"], rtol=1e-6)


def test_formulas_of_ones_own_are_compiled():
    """They are trees, which compute on any arrays."""
    X, Y, _ = samples()
    swoosh = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - 0.08 z")
    cauchy = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2)")
    network = gn.Network.create(SIZES, hidden=swoosh, output="identity", seed=0)
    mine, theirs = (
        gn.train(network, X, Y, cost=cauchy, epochs=2, batch_size=8, engine=engine).network.theta
        for engine in ("xla", "reference")
    )

    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)
