"""The judge of the doctor's findings, on rows and models that were made by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from benchmarks.doctor.cases import Case, Rows

from benchmarks.doctor import truth
from glassnet.diagnosis.finding import Finding


def finding(rule, where="", evidence="", advice="", rows=()):
    return Finding(rule, "warning", where, evidence, 0.0, 0.0, "", advice, rows=rows)


class Always:
    """A classifier that says the same of every row."""

    classes_ = np.arange(2)

    def __init__(self, share):
        self.share = share

    def predict(self, X):
        return np.full(len(X), int(self.share >= 0.5))

    def predict_proba(self, X):
        return np.tile([1 - self.share, self.share], (len(X), 1))


@pytest.fixture(scope="module")
def rows():
    """1,000 fresh rows of which 30% are of class 1."""
    X = pd.DataFrame({"a": np.arange(1000.0), "b": np.arange(1000.0) % 7})
    y = (np.arange(1000) % 10 < 3).astype(int)
    return Rows(X[:200], y[:200], X[200:300], y[200:300], False, X, y)


class TestJudge:
    @pytest.mark.parametrize("where, expected", [("class 1", True), ("class 0", False)])
    def test_a_class_that_is_never_predicted_is_forgotten(self, rows, where, expected):
        assert truth.is_true(finding("forgotten-class", where=where), Case(Always(0.3), rows)) is expected

    @pytest.mark.parametrize("share, expected", [(0.3, False), (0.1, True)])
    def test_shares_that_come_true_are_calibrated(self, rows, share, expected):
        assert truth.is_true(finding("miscalibrated"), Case(Always(share), rows)) is expected

    @pytest.mark.parametrize("share, expected", [(0.02, True), (0.29, None)])
    def test_worse_than_a_constant(self, rows, share, expected):
        """The constant is 30%, the share among the rows of training; chance can explain that 29% is worse."""
        assert truth.is_true(finding("overfits"), Case(Always(share), rows)) is expected

    def test_too_few_fresh_rows_decide_nothing(self, rows):
        few = replace(rows, X_fresh=rows.X_fresh[:50], y_fresh=rows.y_fresh[:50])
        assert truth.is_true(finding("overfits"), Case(Always(0.02), few)) is None

    def test_rows_of_training_among_the_new_ones(self, rows):
        fresh = replace(rows, X_fresh=rows.X_fresh[300:], y_fresh=rows.y_fresh[300:])
        leaky = replace(fresh, X_new=rows.X[:100], y_new=rows.y[:100])
        assert truth.is_true(finding("repeated-rows"), Case(Always(0.3), fresh)) is False
        assert truth.is_true(finding("repeated-rows"), Case(Always(0.3), leaky)) is True

    def test_less_is_saved_than_a_twentieth_of_the_constant(self, rows):
        """The entropy of 30% is 0.611 nats; 0.5809 is 95% of it."""
        assert truth.is_true(finding("nothing-learned"), Case(Always(0.3), rows)) is True
        assert truth.is_true(finding("nothing-learned"), Case(Knowing(rows, 0.57), rows)) is False

    def test_a_line_is_better(self, rows):
        told = rows.changed(lambda X, y: X.assign(c=y * 4.0 + X["a"] % 3))
        assert truth.is_true(finding("worse-than-linear"), Case(Always(0.3), told)) is True
        assert truth.is_true(finding("worse-than-linear"), Case(Always(0.3), rows)) is False

    @pytest.mark.parametrize("share_wrong, expected", [(0.0, True), (0.02, True), (0.4, False)])
    def test_a_column_that_tells_the_class(self, rows, share_wrong, expected):
        def told(X, y):
            wrong = np.arange(len(y)) % 50 < 50 * share_wrong
            return X.assign(c=np.where(wrong, X["b"] % 2, y) * 5.0)

        assert truth.is_true(finding("giveaway", "column 'c'"), Case(Always(0.3), rows.changed(told))) is expected

    def test_new_rows_beside_those_of_training(self):
        def numbers(n, seed):
            return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, 4)), columns=list("abcd"))

        X, fresh = numbers(200, 0), numbers(1000, 1)
        apart = Rows(X, np.zeros(200), numbers(100, 2), np.zeros(100), True, fresh, np.zeros(1000))
        beside = replace(apart, X_new=X[:100] + 1e-4)
        assert truth.is_true(finding("near-copies"), Case(Always(0.3), apart)) is False
        assert truth.is_true(finding("near-copies"), Case(Always(0.3), beside)) is True

    @pytest.mark.parametrize("name, expected", [("a", True), ("b", False)])
    def test_new_rows_with_other_numbers(self, rows, name, expected):
        """`a` counts the rows, so that rows 200 to 299 are unlike the others; `b` repeats itself."""
        said = finding("unlike-rows", f"input {name!r}")
        assert truth.is_true(said, Case(Always(0.3), rows)) is expected

    @pytest.mark.parametrize(
        "level, expected", [("up to 0.5", True), ("above 0.5, up to 3", False), ("above 3", False)]
    )
    def test_a_group_that_is_worse_off(self, rows, level, expected):
        """The model knows the class of all rows but of those whose `b` is 0, of which it says the contrary."""
        P = np.where(rows.y_fresh == 1, 0.9, 0.1)
        P = np.where(rows.X_fresh["b"] == 0, 1 - P, P)
        case = Case(SimpleNamespace(**_answers(P)), rows)
        assert truth.is_true(finding("worse-group", f"column 'b', {level}"), case) is expected

    @pytest.mark.parametrize("named, expected", [((0, 5, 10), True), ((0, 1, 11), False)])
    def test_labels_that_trees_gainsay(self, rows, named, expected):
        """A column tells the class of all rows; those of rows 0, 5 and 10 were changed in training."""
        told = rows.changed(lambda X, y: X.assign(c=y * 5.0))
        y = told.y.copy()
        y[[0, 5, 10]] = 1 - y[[0, 5, 10]]
        case = Case(Always(0.3), replace(told, y=y))
        assert truth.is_true(finding("wrong-labels", "rows", rows=named), case) is expected

    @pytest.mark.parametrize("where, expected", [("column 'broken'", True), ("column 'a'", False)])
    @pytest.mark.parametrize("rule", ["row-numbers", "identifiers"])
    def test_no_table_counts_or_names_its_rows(self, rows, rule, where, expected):
        assert truth.is_true(finding(rule, where), Case(Always(0.3), rows)) is expected


class Knowing(Always):
    """A classifier with a given mean loss on the fresh rows: it says the same of the class of each of them."""

    def __init__(self, rows, loss):
        self.share = np.where(rows.y_fresh == 1, np.exp(-loss), 1 - np.exp(-loss))

    def predict_proba(self, X):
        return np.column_stack([1 - self.share, self.share])


def _answers(P):
    """Return the methods of a classifier with these probabilities of class 1 for the fresh rows."""
    return {
        "classes_": np.arange(2),
        "predict": lambda X: (P >= 0.5).astype(int),
        "predict_proba": lambda X: np.column_stack([1 - P, P]),
    }


@pytest.fixture
def layers(rows):
    """A network of scikit-learn by its weights: eight units that see `a` from -1 to 1, in one hidden layer of tanh.

    Units 1 and 2 are copies of each other, unit 3 is constant, units 4 and 5 are saturated, and unit 6 is linear.
    """
    scaled = rows.changed(lambda X, y: pd.DataFrame({"a": X["a"] / 500 - 1}))
    scaled = replace(scaled, X_fresh=scaled.X_fresh[scaled.X_fresh["a"].abs() > 0.1], y_fresh=rows.y_fresh[
        np.abs(np.arange(1000) / 500 - 1) > 0.1])  # fmt: skip
    W = np.asarray([[1.0, 1.0, 0.0, 90.0, -80.0, 0.01, 2.0, 3.0]])
    model = SimpleNamespace(coefs_=[W], intercepts_=[np.zeros(8)], activation="tanh", predict=None)
    return Case(model, scaled)


@pytest.mark.parametrize(
    "rule, units, expected",
    [
        ("copied-units", "units 1 and 2", True),
        ("copied-units", "units 1, 2 and 7", False),
        ("dead-units", "units 3", True),
        ("dead-units", "units 3 and 7", False),
        ("saturated-units", "units 4 and 5", True),
        ("saturated-units", "units 4 and 7", False),
        ("linear-units", "units 6", True),
        ("linear-units", "units 6 and 8", False),
    ],
)
def test_units(layers, rule, units, expected):
    assert truth.is_true(finding(rule, f"layer 1, {units}"), layers) is expected


class Refit:
    """Fits that say one share with the right change, and another one with any other."""

    def __init__(self, **right):
        self.right = right

    def __call__(self, rows, **changes):
        return Always(0.3 if changes == self.right else 0.1)


@pytest.mark.parametrize(
    "rule, where, advice, right",
    [
        ("stopped-early", "epoch 20", "", {"max_iter": 40}),
        ("past-best", "epoch 20 of 90", "", {"max_iter": 20}),
        ("unsteady", "", "learning_rate_init=0.003, or clip=1.0.", {"learning_rate_init": 0.003}),
        ("rate-against-curvature", "", "learning_rate_init=2e-05.", {"learning_rate_init": 2e-5}),
        ("hardly-moved", "", "learning_rate_init=1, or many more epochs.", {"learning_rate_init": 1.0}),
        ("ordered-rows", "", "shuffle=True.", {"shuffle": True}),
    ],
)
def test_the_change_of_the_advice_decides(rows, rule, where, advice, right):
    """Of the fresh rows, 30% are of class 1: the fit that says so is better than one that says 10%."""
    said = finding(rule, where, advice=advice)
    assert truth.is_true(said, Case(Always(0.1), rows, Refit(**right))) is True
    assert truth.is_true(said, Case(Always(0.3), rows, Refit(no="such change"))) is False
    assert truth.is_true(said, Case(Always(0.1), rows)) is None  # weights that were damaged are not fitted again


def test_a_row_that_harms(rows):
    class WithoutRow7:
        def __call__(self, kept, **changes):
            return Always(0.3 if 7.0 not in set(kept.X["a"]) else 0.1)

    for row, expected in ((7, True), (8, False)):
        said = finding("dominant-row", f"row {row}", rows=(row,))
        assert truth.is_true(said, Case(Always(0.15), rows, WithoutRow7())) is expected


def test_scaled_columns_and_targets_decide():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=300) * 1e4})
    y = X["a"].to_numpy() / 50 + 1000
    rows = Rows(X[:100], y[:100], X[100:150], y[100:150], True, X[150:], y[150:])

    def refit(rows, **changes):
        """Good if the spread of the column, or of the target, is near 1."""
        near = min(abs(np.log(rows.X["a"].std())), abs(np.log(rows.y.std()))) < 0.1
        return SimpleNamespace(predict=lambda X: rows.y_fresh + (0.0 if near else 2 * rows.y.std()))

    poor = SimpleNamespace(predict=lambda X: np.full(len(X), y.mean()))
    fine = SimpleNamespace(predict=lambda X: y[150:])
    for rule in ("unscaled-inputs", "unscaled-target"):
        assert truth.is_true(finding(rule), Case(poor, rows, refit)) is True
        assert truth.is_true(finding(rule), Case(fine, rows, lambda rows, **changes: poor)) is False
