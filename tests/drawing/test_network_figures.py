"""Planes, directions, gaps and weights of a network, against oracles that know nothing of them."""

import numpy as np
import pytest
from scipy.stats import ttest_ind
from sklearn.feature_selection import f_classif, r_regression

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.data.reading.tabular import table_from
from glassnet.drawing.figures.directions import filter_normalized
from glassnet.drawing.figures.gap import gap_of, losses_of
from glassnet.drawing.figures.plane import axis_of, line_of, plane_of, telling, typical
from glassnet.drawing.figures.surface import surface_of
from glassnet.drawing.figures.weights import BINS, weights_of
from glassnet.errors import DataError


@pytest.fixture(scope="module")
def table():
    return table_from(
        {
            "age": [20.0, 40.0, 30.0, float("nan")],
            "sex": ["f", "m", None, "m"],
            "smokes": [True, False, False, False],
            "dose": [1.0, 2.0, 4.0, 3.0],
        }
    )


def test_a_plane_asks_for_every_pair_of_values(table):
    """The outputs are those of rows that were written by hand; missing values are no levels."""
    asked = []

    def outputs(rows):
        asked.extend([rows.row(i) for i in range(rows.n_rows)])
        return np.arange(2 * rows.n_rows).reshape(-1, 2)

    axes = axis_of(table, "age", 3), axis_of(table, "sex", 3)
    found = plane_of(outputs, table, axes)

    assert found.x.values.tolist() == [20 - 0.06 * 20, 30, 40 + 0.06 * 20]
    assert (found.y.values.tolist(), found.y.is_category) == (["f", "m"], True)
    assert found.held == {"smokes": False, "dose": 2.5}
    assert asked == [
        {"age": x, "sex": y, "smokes": False, "dose": 2.5} for y in ("f", "m") for x in found.x.values.tolist()
    ]
    assert found.outputs[1, 0].tolist() == [6, 7]  # the fourth row that was asked for
    assert found.y.places(table["sex"]).tolist() == pytest.approx([0, 1, np.nan, 1], nan_ok=True)


def test_a_plane_through_a_row(table):
    axes = axis_of(table, "age", 2), axis_of(table, "smokes", 2)
    held = table.row(2)
    found = plane_of(lambda rows: np.asarray([[value is None] for value in rows["sex"].tolist()]), table, axes, held)

    assert found.held == {"sex": None, "dose": 4.0}
    assert found.outputs.all()
    assert found.y.values.tolist() == [False, True]


def test_a_line_moves_one_column(table):
    found, held = line_of(lambda rows: np.column_stack([rows["age"], rows["dose"]]), table, axis_of(table, "age", 3))

    assert found.tolist() == [[18.8, 2.5], [30, 2.5], [41.2, 2.5]]
    assert held == {"sex": "m", "smokes": False, "dose": 2.5}


def test_what_is_typical():
    assert typical(np.asarray([np.nan, 3.0, 1.0])) == 2.0
    assert typical(np.asarray([None, True, True, False], dtype=object)) is True
    assert typical(np.asarray([None], dtype=object)) is None


@pytest.mark.parametrize("n_classes", [2, 4])
def test_telling_columns_against_scikit_learn(n_classes):
    """The correlation ratio follows from the F statistic of an analysis of variance; r² from a regression."""
    rng = np.random.default_rng(n_classes)
    labels = rng.integers(n_classes, size=80)
    values = rng.normal(size=(80, 3)) + labels[:, None] * np.asarray([0.0, 0.3, 1.0])
    F, _ = f_classif(values, labels)
    ratio = F * (n_classes - 1) / (F * (n_classes - 1) + 80 - n_classes)
    quantity = rng.normal(size=(80, 1)) + values[:, :1]

    np.testing.assert_allclose(telling(values, np.eye(n_classes)[labels]), ratio, rtol=1e-9)
    np.testing.assert_allclose(telling(values, quantity), r_regression(values, quantity[:, 0]) ** 2, rtol=1e-9)
    np.testing.assert_array_equal(telling(values * 2.0**1000, quantity * 2.0**-1000), telling(values, quantity))
    constant = np.asarray([[1.0, np.nan], [1.0, 2.0], [1.0, 2.0]])
    assert telling(constant, np.asarray([[0.0], [1.0], [0.0]])).tolist() == [0, 0]


def test_columns_that_span_no_axis():
    table = table_from({"empty": [float("nan")] * 3, "day": ["2020-01-01", "2020-01-02", "2020-01-03"]})
    with pytest.raises(DataError, match="column 'empty' has no value in these rows, so it spans no axis"):
        axis_of(table, "empty", 5)
    with pytest.raises(DataError, match="column 'day' has dates, which span no axis; choose a column of numbers"):
        axis_of(table, "day", 5)


def test_random_directions_are_as_long_as_each_neuron():
    """Li et al. 2018: for every neuron the norm of weights and bias is that of the direction."""
    net = gn.Network.create([3, 4, 2], hidden="tanh", seed=0)
    net = net.with_theta(net.theta + 0.1)
    direction = filter_normalized(net, np.random.default_rng(1).normal(size=net.n_params))
    other = net.with_theta(direction)

    for l in (1, 2):
        own, drawn = (np.hstack([n.W[l], n.b[l][:, None]]) for n in (net, other))
        np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), np.linalg.norm(own, axis=1), rtol=1e-12)
    assert filter_normalized(net, np.zeros(net.n_params)).tolist() == [0] * net.n_params


def test_random_planes_show_the_path_too():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 2)), rng.random((40, 1)).round()
    start = gn.Network.create([2, 5, 1], seed=1)
    result = gn.train(start, X, Y, cost="binary_cross_entropy", epochs=30, snapshots=1)
    found = surface_of(
        result.network, X, Y, "binary_cross_entropy", snapshots=result.history.snapshots, along="random", span=None,
        seed=0, side=5,
    )  # fmt: skip

    assert found.cost.shape == (5, 5)
    assert found.names == ("a random direction", "another random direction")
    assert len(found.path) == 30
    assert 0 < found.path_share < 0.9


@pytest.mark.parametrize(("n", "m", "shift"), [(2, 3, 0.0), (40, 7, 0.1), (300, 100, -1.0)])
def test_the_gap_against_welch(n, m, shift):
    rng = np.random.default_rng(n)
    training, validation = rng.exponential(size=n), rng.exponential(size=m) + shift
    gap = gap_of(training, validation)

    assert (gap.training, gap.validation) == (training.mean(), validation.mean())
    assert gap.p_value == pytest.approx(ttest_ind(validation, training, equal_var=False).pvalue)
    assert gap.is_beyond_chance == (shift == -1.0)


def test_a_gap_of_single_rows_is_never_beyond_chance():
    assert not gap_of(np.asarray([0.0]), np.asarray([9.0, 8.0])).is_beyond_chance
    assert gap_of(np.asarray([1.0, 1.0]), np.asarray([2.0, 2.0])).is_beyond_chance
    assert not gap_of(np.asarray([1.0, 1.0]), np.asarray([1.0, 1.0])).is_beyond_chance


@pytest.mark.parametrize(("output", "cost"), [("sigmoid", "binary_cross_entropy"), ("identity", "huber")])
def test_losses_are_the_costs_of_single_rows(output, cost):
    rng = np.random.default_rng(0)
    net = gn.Network.create([2, 3, 2], output=output, seed=0)
    X, Y = rng.normal(size=(9, 2)), rng.random((9, 2)).round()
    each = [gn.cost(cost, gn.forward(net, X[i]).A[-1], Y[i : i + 1]) for i in range(9)]

    np.testing.assert_allclose(losses_of(net, X, Y, resolve_cost(cost)), each, rtol=1e-12)


def test_weights_by_hand():
    """3² + 4² = 5²; 0.03 is below a hundredth of 4, 0.05 is not."""
    net = gn.Network.from_weights([([[3.0, 0.0], [0.0, -4.0]], [7.0, 7.0]), ([[4.0, 0.03], [0.05, 0.0]], None)])
    first, second = weights_of(net)

    assert (first.n_weights, first.norm, first.largest, first.near_zero) == (4, 5, 4, 0.5)
    assert (second.near_zero, second.counts.sum(), len(second.edges)) == (0.5, 4, BINS + 1)
    assert first.edges[[0, -1]].tolist() == [-4, 4]
    assert first.counts[[0, BINS // 2]].tolist() == [1, 2]


def test_weights_that_are_nothing_or_not_finite():
    zero = weights_of(gn.Network.from_weights([([[0.0, 0.0]], None)]))[0]
    assert (zero.near_zero, zero.counts.sum()) == (1.0, 2)
    lost = weights_of(gn.Network.from_weights([([[1.0]], None)]).with_theta(np.asarray([np.inf])))[0]
    assert (len(lost.counts), lost.largest) == (0, np.inf)


@pytest.mark.parametrize("largest", [1.7e308, 5e-324])
def test_weights_that_allow_no_bins_are_one_bar(largest):
    (layer,) = weights_of(gn.Network.from_weights([([[largest, 0.0]], None)]))
    assert (layer.edges.tolist(), layer.counts.tolist()) == ([-largest, largest], [2])
