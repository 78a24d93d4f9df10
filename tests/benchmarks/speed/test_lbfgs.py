"""The contenders of the suite `lbfgs` do the same work, and the report has their row."""

import pytest
from benchmarks.speed.reporting.summary import other_rows
from benchmarks.speed.suites import lbfgs


def test_scikit_learn_gets_as_far(monkeypatch):
    """From the same weights, in five iterations with line searches of their own."""
    monkeypatch.setattr(lbfgs, "ITERATIONS", 5)
    ours, theirs = lbfgs.Glassnet("float64"), lbfgs.ScikitLearn("float64")
    ours.run()
    theirs.run()

    assert theirs._estimator.n_iter_ == 5
    assert ours.cost() == pytest.approx(theirs.cost(), rel=0.05)


def test_a_run_to_a_cost_ends_with_the_first_iteration_that_reaches_it(monkeypatch):
    monkeypatch.setattr(lbfgs, "ITERATIONS", 5)
    ours = lbfgs.Glassnet("float64")
    ours.run()
    costs = ours._costs.copy()

    assert ours.iterations_to(0.5 * (costs[2] + costs[1])) == 3
    ours.run_to_cost()
    assert ours.cost() == pytest.approx(costs[2], rel=1e-12)
    assert ours.iterations_to(0.0) is None


def test_the_case_in_float32(monkeypatch):
    monkeypatch.setattr(lbfgs, "ITERATIONS", 5)
    ours, theirs = lbfgs.Glassnet("float32"), lbfgs.ScikitLearn("float32")
    ours.run()
    theirs.run()

    assert (ours._trained.theta.dtype, theirs._estimator.coefs_[0].dtype) == ("float32", "float64")
    assert ours.cost() == pytest.approx(theirs.cost(), rel=0.05)


def test_the_row_of_the_report():
    contenders = {
        "glassnet": {"status": "ok", "median_seconds": 0.1},
        "scikit-learn": {"status": "ok", "median_seconds": 0.4},
        "PyTorch": {"status": "missing", "reason": "no torch"},
    }
    entry = {"dtype": "float64", "sizes": [30, 64, 1], "n_samples": 5000, "iterations": 100, "contenders": contenders}

    (row,) = other_rows({"lbfgs": [entry]})

    assert (row.name, row.detail) == ("L-BFGS", "30-64-1, 5000 rows, 100 iterations, float64")
    assert row.ratio(row.fastest_peer) == pytest.approx(4.0)
    assert row.absent == {"PyTorch": "missing: no torch"}


def test_the_row_of_the_time_to_the_same_cost():
    contenders = {
        "glassnet": {"status": "ok", "median_seconds": 0.1},
        "scikit-learn": {"status": "ok", "median_seconds": 0.4},
    }
    same = {"iterations": 90, "contenders": contenders | {"glassnet": {"status": "ok", "median_seconds": 0.08}}}
    entry = {"dtype": "float64", "sizes": [30, 64, 1], "n_samples": 5000, "iterations": 100, "contenders": contenders}

    _, row = other_rows({"lbfgs": [entry | {"to_the_same_cost": same}]})

    assert row.detail == "30-64-1, 5000 rows, 90 iterations to its cost, float64"
    assert row.ratio(row.fastest_peer) == pytest.approx(5.0)
