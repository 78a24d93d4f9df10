"""The numbers behind the charts, against oracles that know nothing of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

import glassnet as gn
from glassnet.drawing.figures.confusion import confusion_of
from glassnet.drawing.figures.curves import activation_curves_of
from glassnet.drawing.figures.ranking import ranking_curve
from glassnet.drawing.figures.regions import regions_of
from glassnet.drawing.figures.reliability import reliability_of, wilson
from glassnet.drawing.figures.residual import Residuals
from glassnet.drawing.figures.surface import surface_of
from glassnet.errors import ColumnError, DataError, ParameterError


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=60).filter(
    lambda rows: len({is_class for is_class, _ in rows}) == 2))  # fmt: skip
def test_ranking_against_scikit_learn(rows):
    """With many ties; scikit-learn's curves begin with a point of no rows at all, and its PR curve runs backwards."""
    truth = np.asarray([is_class for is_class, _ in rows])
    p = np.asarray([value for _, value in rows]) / 6
    curve = ranking_curve("yes", truth, p)
    fpr, tpr, thresholds = metrics.roc_curve(truth, p, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(truth, p)

    np.testing.assert_allclose(curve.false_positive_rate, fpr[1:], atol=1e-15)
    np.testing.assert_allclose(curve.recall, tpr[1:], atol=1e-15)
    np.testing.assert_allclose(curve.thresholds, thresholds[1:], atol=1e-15)
    np.testing.assert_allclose(curve.precision, precision[:-1][::-1], atol=1e-15)
    np.testing.assert_allclose(curve.recall, recall[:-1][::-1], atol=1e-15)
    assert curve.area == pytest.approx(metrics.roc_auc_score(truth, p), abs=1e-12)
    assert curve.average_precision == pytest.approx(metrics.average_precision_score(truth, p), abs=1e-12)
    assert curve.share == pytest.approx(truth.mean())


def test_ranking_needs_both_kinds():
    with pytest.raises(DataError, match=r"no row is of class 'yes', so there is nothing to tell apart; pass rows of"):
        ranking_curve("yes", np.asarray([False, False]), np.asarray([0.1, 0.2]))
    with pytest.raises(DataError, match="all rows are of class 'yes'"):
        ranking_curve("yes", np.asarray([True]), np.asarray([0.1]))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=40).filter(
    lambda rows: len({label for row in rows for label in row}) > 1))  # fmt: skip
def test_confusion_against_scikit_learn(rows):
    truth, prediction = zip(*rows, strict=True)
    found = confusion_of(truth, prediction)

    assert found.counts.tolist() == metrics.confusion_matrix(truth, prediction).tolist()
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, prediction))
    sums = found.shares.sum(axis=1)
    assert all(s == pytest.approx(1) for s, n in zip(sums, found.counts.sum(axis=1), strict=True) if n)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_reliability_against_scikit_learn(rows):
    truth, p = (np.asarray(column) for column in zip(*rows, strict=True))
    # scikit-learn puts a probability that lies on a limit into the lower group; ours, into the upper one
    p = np.clip(p, 0, 1) * 0.999 + 0.0005
    p = np.where(np.abs(p * 10 - np.round(p * 10)) < 1e-6, p + 1e-5, p)
    found = reliability_of("yes", truth, p)
    observed, predicted = calibration_curve(truth, p, n_bins=10)

    np.testing.assert_allclose(found.observed, observed, atol=1e-12)
    np.testing.assert_allclose(found.predicted, predicted, atol=1e-12)
    assert found.counts.sum() == len(p)


def test_reliability_by_hand():
    """Two groups: 0.1 and 0.2 of which neither came true; 0.8, 0.8 and 0.9 of which two did, the 0.9 among them.

    Groups of width 0.1: [0.1, 0.2): 0.15, [0.8, 0.9): 0.8, 0.8 with one of two, [0.9, 1]: 0.9 and 1.0, both.
    The distances are 0.15, 0.3 and 0.05; weighed by rows (1 · 0.15 + 2 · 0.3 + 2 · 0.05) / 5 = 0.17.
    """
    found = reliability_of("yes", np.asarray([0, 1, 0, 1, 1]), np.asarray([0.15, 0.8, 0.8, 0.9, 1.0]))

    assert found.counts.tolist() == [1, 2, 2]
    assert found.predicted == pytest.approx([0.15, 0.8, 0.95])
    assert found.observed == pytest.approx([0, 0.5, 1])
    assert found.calibration_error == pytest.approx(0.17)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (3, 7), (7, 7), (50, 1000)])
def test_wilson_against_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")

    assert wilson(np.asarray(k / n), np.asarray(n)) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_residuals_by_hand():
    """10 − 8 and 4 − 5: mean 1/2, root mean square the root of (4 + 1)/2."""
    found = Residuals("mass", np.asarray([10.0, 4.0]), np.asarray([8.0, 5.0]))

    assert found.values.tolist() == [2, -1]
    assert found.mean == 0.5
    assert found.rmse == pytest.approx(2.5**0.5)


def test_regions_are_the_models_predictions(flat, plane):
    X, y = plane
    found = regions_of(flat, X, y, None)
    rng = np.random.default_rng(0)

    for i, j in rng.integers(0, len(found.x), size=(40, 2)):
        row = pd.DataFrame({"bill_length_mm": [found.x[j]], "bill_depth_mm": [found.y[i]]})
        assert found.classes[found.predicted[i, j]] == flat.predict(row)[0]
        assert found.certainty[i, j] == pytest.approx(flat.predict_proba(row).max())
    assert found.x[0] < X["bill_length_mm"].min() < X["bill_length_mm"].max() < found.x[-1]
    assert found.labels == tuple(y)
    assert found.held == {}


def test_other_features_are_held_at_what_is_usual(classifier, penguins):
    X = penguins.drop(columns="species")
    found = regions_of(classifier, X, None, ("body_mass_g", "bill_depth_mm"))

    assert found.held["bill_length_mm"] == X["bill_length_mm"].median()
    assert found.held["island"] == X["island"].mode()[0]
    row = X.iloc[[0]].assign(**found.held, body_mass_g=found.x[5], bill_depth_mm=found.y[70])
    assert found.classes[found.predicted[70, 5]] == classifier.predict(row)[0]


def test_regions_of_an_array(yes_or_no):
    model, X, y = yes_or_no
    found = regions_of(model, X, y, None)

    assert found.classes[found.predicted[3, 9]] == model.predict([[found.x[9], found.y[3]]])[0]


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        (None, ParameterError, "a plane has two features, but X has 7; name two of them: features=('island', 'bill_l"),
        (("year",), ParameterError, "features=('year',) are not two columns; name two, such as"),
        (("year", "year"), ParameterError, "are not two columns"),
        (("year", "body_mass"), ColumnError, "there is no column 'body_mass'; did you mean 'body_mass_g'?"),
        (("year", "island"), DataError, "'year' and 'island' must both be numeric; name others with"),
    ],
)
def test_features_that_span_no_plane(classifier, penguins, features, error, message):
    with pytest.raises(error) as failure:
        regions_of(classifier, penguins.drop(columns="species"), None, features)
    assert message in str(failure.value)


def surface(descent, **options):
    _, result, X, Y = descent
    options = {"snapshots": result.history.snapshots, "along": None, "span": None, "seed": 0} | options
    return surface_of(result.network, X, Y, "binary_cross_entropy", **options)


def test_surface_is_the_cost_of_the_networks_on_it(descent):
    """The oracle: minus the mean of log(sigmoid) of one weight and one bias, in plain NumPy."""
    _, result, X, Y = descent
    found = surface(descent, along=("W[1][0, 0]", "b[1][0]"))
    w, b = (float(value) for value in result.network.theta)

    for i, j in [(0, 0), (3, 30), (20, 20), (40, 7)]:
        p = 1 / (1 + np.exp(-((w + found.u[j]) * X + b + found.v[i])))
        by_hand = -np.mean(np.where(Y == 1, np.log(p), np.log(1 - p)))
        assert found.cost[i, j] == pytest.approx(by_hand, rel=1e-12)
        assert found.theta(found.u[j], found.v[i]) == pytest.approx([w + found.u[j], b + found.v[i]])


def test_path_leads_to_the_network(descent):
    """Along its two parameters the plane holds the whole way: each snapshot is where its numbers are."""
    _, result, _, _ = descent
    found = surface(descent, along=("W[1][0, 0]", "b[1][0]"))

    assert found.path_epochs == tuple(range(1, 21))
    for (u, v), epoch in zip(found.path, found.path_epochs, strict=True):
        assert found.theta(u, v) == pytest.approx(result.history.snapshots[epoch])
    assert found.path[-1] == pytest.approx([0, 0])
    assert found.path_share == pytest.approx(1)
    assert found.u[0] < found.path[:, 0].min() < found.path[:, 0].max() < found.u[-1]


def test_directions_of_the_descent_hold_most_of_it():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 2)), rng.random((40, 1)).round()
    start = gn.Network.create([2, 5, 1], seed=1)
    result = gn.train(start, X, Y, cost="binary_cross_entropy", epochs=30, snapshots=1)
    found = surface_of(
        result.network, X, Y, "binary_cross_entropy", snapshots=result.history.snapshots, along=None, span=None, seed=0
    )
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(2), atol=1e-12)
    random = surface_of(
        result.network, X, Y, "binary_cross_entropy", snapshots={}, along=None, span=None, seed=0
    ).directions
    thetas = np.asarray(list(result.history.snapshots.values())) - result.network.theta
    random_share = np.sum((thetas @ np.linalg.pinv(random) @ random) ** 2) / np.sum(thetas**2)
    assert found.path_share > 0.9 > random_share


def test_without_snapshots_the_plane_is_random_and_repeatable(descent):
    one, same, other = (surface(descent, snapshots={}, seed=seed) for seed in (0, 0, 1))

    assert one.path_share is None
    assert one.path.shape == (0, 2)
    np.testing.assert_array_equal(one.cost, same.cost)
    assert not np.array_equal(one.cost, other.cost)
    assert surface(descent, span=0.5).u[[0, -1]].tolist() == [-0.5, 0.5]


def test_surfaces_that_cannot_be(descent):
    _, _result, X, Y = descent
    with pytest.raises(
        ParameterError, match=r"there is no parameter 'w1'; they are called 'W\[1\]\[0, 0\]' to 'b\[1\]\[0\]'"
    ):
        surface(descent, along=("w1", "b[1][0]"))
    with pytest.raises(ParameterError, match=r"along=\['b\[1\]\[0\]', 'b\[1\]\[0\]'\] are not two parameters"):
        surface(descent, along=("b[1][0]", "b[1][0]"))
    with pytest.raises(ParameterError, match=r"the snapshots have 3 parameters, but this network has 2; pass its own"):
        surface(descent, snapshots={1: np.zeros(3)})
    for far in (1.7e308, np.nan):  # once, the factorization of such a path never ended
        with pytest.raises(ParameterError, match=r"reach (1.7e\+308|nan), and the distances between them overflow"):
            surface(descent, snapshots={1: np.zeros(2), 2: np.full(2, far), 3: np.ones(2)})
    alone = gn.Network.create([1, 1], bias=False, seed=0)
    with pytest.raises(ParameterError, match=r"a plane needs two parameters, but this network has one; add a bias"):
        surface_of(alone, X, Y, "binary_cross_entropy", snapshots={}, along=None, span=None, seed=0)


@pytest.mark.parametrize("name", [name for name in gn.activations().names if name != "softmax"])
def test_slopes_are_slopes(name):
    """By central differences, away from kinks."""
    (curve,) = activation_curves_of([name], -4.0, 4.0)
    smooth = np.all([np.abs(curve.z - kink) > 0.1 for kink in (-3, 0, 3)], axis=0) & (np.abs(curve.z) < 3.9)
    h = 1e-5
    sigma = gn.Network.create([1, 1], output=name, seed=0).activation[1]
    difference = (sigma(curve.z[None] + h) - sigma(curve.z[None] - h))[0] / (2 * h)

    np.testing.assert_allclose(curve.slope[smooth], difference[smooth], atol=1e-8)
    assert (curve.z[0], curve.z[-1]) == (-4, 4)


def test_curves_that_cannot_be():
    with pytest.raises(ParameterError, match="softmax has no curve: each of its outputs depends on every z"):
        activation_curves_of(["softmax"], -1, 1)
    with pytest.raises(ParameterError, match="low=2 and high=1 are not a range; low must be below high"):
        activation_curves_of(["tanh"], 2, 1)
