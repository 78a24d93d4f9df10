"""Costs in exact fractions and published numbers, and the laws that they all obey."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import glassnet as gn
from glassnet.core.catalog.costs import COSTS, resolve_cost
from glassnet.errors import ParameterError, ShapeError

A = [[F(1, 2), F(3)], [F(-1), F(1, 4)]]
Y = [[F(1), F(1)], [F(1), F(1, 4)]]
# e = t - o is 1/2, -2 in the first row and 2, 0 in the second; each cost is half of the two rows' sums.
BY_FRACTIONS = {
    "error": (F(1, 2) - 2 + 2 + 0) / 2,
    "absolute_error": (F(1, 2) + 2 + 2 + 0) / 2,
    "half_squared_error": (F(1, 8) + 2 + 2 + 0) / 2,
    "squared_error": (F(1, 4) + 4 + 4 + 0) / 2,
    "huber": (F(1, 8) + F(3, 2) + F(3, 2) + 0) / 2,
    ("huber", 3.0): (F(1, 8) + 2 + 2 + 0) / 2,
    "pinball": (F(1, 4) + 1 + 1 + 0) / 2,
    ("pinball", 0.75): (F(3, 8) + F(1, 2) + F(3, 2) + 0) / 2,
}


def spec_of(key):
    if isinstance(key, str):
        return key
    return (key[0], {{"huber": "delta", "pinball": "quantile"}[key[0]]: key[1]})


@pytest.mark.parametrize("key", BY_FRACTIONS, ids=str)
def test_values_in_fractions(key):
    """Sum over outputs, mean over samples: worked by hand above."""
    assert gn.cost(spec_of(key), np.asarray(A, dtype=float), np.asarray(Y, dtype=float)) == float(BY_FRACTIONS[key])


def test_cross_entropies_in_logarithms():
    """With outputs 1/4, 1/2, 1/4 every loss is a multiple of log 2 or log(3/4)."""
    outputs, one_hot, sides = [[0.25, 0.5, 0.25]], [[0.0, 0.0, 1.0]], [[1.0, 1.0, 0.0]]

    assert math.isclose(gn.cost("cross_entropy", outputs, one_hot), 2 * math.log(2), rel_tol=1e-15)
    expected = 2 * math.log(2) + math.log(2) - math.log(3 / 4)
    assert math.isclose(gn.cost("binary_cross_entropy", outputs, sides), expected, rel_tol=1e-15)


def test_poisson_is_the_likelihood_without_its_constant():
    """minus log(e^-o o^t / t!) = o - t log o + log t!."""
    o, t = 2.5, 4
    likelihood = math.exp(-o) * o**t / math.factorial(t)

    expected = -math.log(likelihood) - math.log(math.factorial(t))
    assert math.isclose(gn.cost("poisson", [[o]], [[t]]), expected, rel_tol=1e-14)


def test_published_values():
    """The examples in Keras' documentation (its means also divide by the outputs: here 2, hence the factor)."""
    outputs, targets = [[0.6, 0.4], [0.4, 0.6]], [[0.0, 1.0], [0.0, 0.0]]

    assert math.isclose(gn.cost("binary_cross_entropy", outputs, targets) / 2, 0.815, abs_tol=5e-4)
    assert math.isclose(gn.cost("huber", outputs, targets) / 2, 0.155, abs_tol=5e-4)
    assert math.isclose(
        gn.cost("cross_entropy", [[0.05, 0.95, 0], [0.1, 0.8, 0.1]], [[0, 1, 0], [0, 0, 1]]), 1.177, abs_tol=5e-4
    )


@pytest.mark.parametrize(
    ("name", "outputs", "targets", "value"),
    [
        ("cross_entropy", [[1.0, 0.0]], [[1.0, 0.0]], 0.0),
        ("binary_cross_entropy", [[1.0, 0.0]], [[1.0, 0.0]], 0.0),
        ("poisson", [[0.0]], [[0.0]], 0.0),
    ],
)
def test_nothing_times_log_of_nothing_is_nothing(name, outputs, targets, value):
    assert gn.cost(name, outputs, targets) == value


@pytest.mark.parametrize("name", [name for name in COSTS if name not in ("error", "poisson")])
@given(data=st.data())
def test_no_cost_is_negative_but_the_signed_error(name, data):
    """poisson too can be: its constant log t! is left out; it is smallest at o = t (next test)."""
    side = st.floats(0.001, 0.999) if "cross_entropy" in name else st.floats(-1e6, 1e6)
    target = st.floats(0, 1) if "cross_entropy" in name else st.floats(-1e6, 1e6)
    outputs, targets = (
        data.draw(arrays(float, (3, 2), elements=side)),
        data.draw(arrays(float, (3, 2), elements=target)),
    )

    assert gn.cost(name, outputs, targets) >= 0


@pytest.mark.parametrize("name", [name for name in COSTS if name not in ("error", "cross_entropy")])
@given(o=st.floats(0.01, 0.99), t=st.floats(0.01, 0.99))
def test_the_best_output_is_the_target(name, o, t):
    assert gn.cost(name, [[t]], [[t]]) <= gn.cost(name, [[o]], [[t]]) + 1e-15


def test_the_signed_error_cancels():
    """Why it cannot teach: two large mistakes of opposite sign count as none."""
    assert gn.cost("error", [[0.0], [10.0]], [[5.0], [5.0]]) == 0.0


@pytest.mark.parametrize("name", COSTS)
@given(data=st.data())
def test_derivatives_are_slopes(name, data):
    """Against a plain central difference, away from the kinks of the absolute and pinball costs."""
    o = data.draw(st.floats(0.05, 0.95))
    t = data.draw(st.sampled_from([0.0, 1.0]))
    cost, h = resolve_cost(name), 1e-6
    at = lambda value: np.asarray([[value]])  # noqa: E731
    slope = (cost.of_outputs(at(o + h), at(t)) - cost.of_outputs(at(o - h), at(t))).item() / (2 * h)

    assert math.isclose(cost.prime(at(o), at(t)).item(), slope, rel_tol=1e-7, abs_tol=1e-7)


@pytest.mark.parametrize(
    ("key", "slopes"),
    [
        ("absolute_error", [-1, 0, 1]),
        ("huber", [-1, 0, 1]),
        (("huber", 0.5), [-0.5, 0, 0.5]),
        (("pinball", 0.9), [-0.9, 0, 0.1]),
    ],
    ids=str,
)
def test_slopes_below_at_and_above_the_target(key, slopes):
    cost = resolve_cost(spec_of(key))

    np.testing.assert_allclose(cost.prime(np.asarray([[1.0, 3.0, 5.0]]), np.full((1, 3), 3.0)), [slopes], rtol=1e-15)


@pytest.mark.parametrize("name", COSTS)
def test_weights_count_like_repeated_rows(name):
    """Weights 2, 1, 3 over 3 rows are twice the mean over the 6 repeated rows."""
    outputs = np.asarray([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    targets = np.asarray([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    repeats = [2, 1, 3]

    weighted = gn.cost(name, outputs, targets, weights=repeats)
    repeated = gn.cost(name, np.repeat(outputs, repeats, axis=0), np.repeat(targets, repeats, axis=0))

    assert math.isclose(weighted, 2 * repeated, rel_tol=1e-14)


@pytest.mark.parametrize("name", COSTS)
@given(cut=st.integers(1, 6))
def test_splitting_a_batch_adds_up(name, cut):
    """The whole is the mean of the parts, each weighted by its rows."""
    rng = np.random.default_rng(3)
    outputs = rng.dirichlet([1.0, 1.0, 1.0], 7)
    targets = np.eye(3)[rng.integers(0, 3, 7)]
    parts = cut * gn.cost(name, outputs[:cut], targets[:cut]) + (7 - cut) * gn.cost(name, outputs[cut:], targets[cut:])

    assert math.isclose(gn.cost(name, outputs, targets), parts / 7, rel_tol=1e-13)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            ("pinball", {"quantile": 1}),
            r"^cost 'pinball': quantile = 1 must lie between 0 and 1; 0\.5 is the median\.$",
        ),
        (("pinball", {"quantile": 0.0}), r"quantile = 0\.0 must lie between 0 and 1"),
        (("huber", {"delta": 0}), r"^cost 'huber': delta = 0 must be positive; 1\.0 is usual\.$"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(spec, message):
    with pytest.raises(ParameterError, match=message):
        gn.cost(spec, [[1.0]], [[1.0]])


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 2)), r"^outputs have shape \(2, 3\) but targets \(2, 2\); expected one"),
        (np.ones((2, 2)), [1.0, 1.0], r"outputs have shape \(2, 2\) but targets \(1, 2\)"),
        (np.ones((2, 1, 1)), np.ones((2, 1)), r"^A has 3 dimensions; expected a matrix with one row per sample\.$"),
        (np.ones((2, 1)), 1.0, r"^Y has 0 dimensions; expected a matrix"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(outputs, targets, message):
    with pytest.raises(ShapeError, match=message):
        gn.cost("squared_error", outputs, targets)


@pytest.mark.parametrize("shape", [(2,), (3, 1), ()])
def test_weights_that_do_not_fit_are_refused(shape):
    """A column of weights would broadcast to a matrix and give a number that means nothing."""
    message = r"^weights have shape \([\d, ]*\); expected one number per sample: \(3,\)\.$"

    with pytest.raises(ShapeError, match=message):
        gn.cost("squared_error", np.ones((3, 1)), np.zeros((3, 1)), weights=np.ones(shape))
