"""What the doctor says of a training that diverged: the row, checked by the numbers of that row itself."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import DivergenceError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
y = (X[:, 0] + X[:, 1] > 0).astype(int)


def not_finite(diagnosis):
    (each,) = [each for each in diagnosis.findings if each.rule == "not-finite"]
    return each


@pytest.fixture(scope="module")
def diverged():
    clf = gn.GlassClassifier((8,), preset="plain", solver="sgd", learning_rate_init=1e30, early_stopping=True,
                             random_state=0)  # fmt: skip
    with pytest.warns(match="training diverged"):
        return clf.fit(X, y)


def test_the_row_is_the_users_although_the_fit_held_some_out(diverged):
    """In the last finite network, this row has an output that is not finite, and earlier rows of its step have none."""
    found = not_finite(gn.diagnose(diverged, X, y))
    (row,) = found.rows
    assert found.where.endswith(f"row {row} (counted from 0)")
    assert f"row {row}, where W[2]" in found.evidence
    place = diverged.history_.divergence
    moment = diverged.replay(X, y).at(step=place.step)
    with np.errstate(all="ignore"):
        is_finite = np.isfinite(gn.forward(moment.network, moment.X).Z[2]).all(axis=1)
        assert not np.isfinite(gn.forward(moment.network, X[row]).Z[2]).all()
    first = int(np.flatnonzero(~is_finite)[0])
    np.testing.assert_allclose(moment.X[first], X[row])
    assert moment.rows[first] == place.row != row  # some rows before it were held out


def test_rows_of_a_part_have_their_numbers_in_the_table(diverged):
    """As the command line has them, which trains on a part of a file."""
    from glassnet.data.reading.tabular import table_from

    places = np.arange(240)[::-2]
    whole = np.zeros((240, 3))
    whole[places] = X
    part = table_from(dict(zip("abc", whole.T))).take(places)
    (row,) = not_finite(gn.diagnose(diverged, X, y)).rows
    with pytest.warns(match="training diverged"):
        again = gn.GlassClassifier(**diverged.get_params()).fit(part, y)
    assert not_finite(gn.diagnose(again, part, y)).rows == (int(places[row]),)


def test_without_rows_it_is_the_row_of_training(diverged):
    found = not_finite(gn.diagnose(diverged))
    assert (found.rows, f"training row {diverged.history_.divergence.row}, where" in found.evidence) == ((), True)


def test_the_file_of_a_model_knows_the_place(diverged, tmp_path):
    diverged.save(tmp_path / "model.glassnet")
    loaded = gn.load(tmp_path / "model.glassnet")
    assert loaded.history_.divergence.operation == diverged.history_.divergence.operation
    assert not_finite(gn.diagnose(loaded, X, y)).rows == ()  # nobody knows which rows were held out


def test_the_advice_is_a_usual_rate(diverged):
    assert not_finite(gn.diagnose(diverged, X, y)).next.startswith(
        "learning_rate_init=0.05, which is usual for this solver, clip=1.0,"
    )


def test_an_exception_holds_what_is_left():
    clf = gn.GlassClassifier((8,), preset="plain", solver="sgd", learning_rate_init=1e305, batch_size=10,
                             random_state=0)  # fmt: skip
    with pytest.raises(DivergenceError, match="Training diverged in its first epoch") as caught:
        clf.fit(X, y)
    found = not_finite(gn.diagnose(caught.value.model, X, y))
    assert found.level == "error"
    assert "epoch 1" in found.evidence
    assert not hasattr(clf, "network_")


def test_the_result_of_train_is_looked_at():
    net = gn.Network.create([3, 8, 1], hidden="relu", output="identity", seed=0)
    result = gn.train(net, X, y, cost="half_squared_error", solver="sgd", learning_rate=1e100)
    found = not_finite(gn.diagnose(result, X, y))
    assert found.rows == (result.history.divergence.row,)
    assert gn.diagnose(result).findings[0].rule == "not-finite"


def test_a_value_beyond_single_precision_is_named():
    big = X.copy()
    big[77, 1] = 1e300
    net = gn.Network.create([3, 8, 1], hidden="relu", output="identity", dtype="float32", seed=0)
    with np.errstate(over="ignore"):
        result = gn.train(net, big, y, cost="half_squared_error")
    found = not_finite(gn.diagnose(result, big, y))
    assert (found.where, found.rows) == ("input 1, row 77 (counted from 0)", (77,))
    assert found.next.startswith("Look at this value: leave its row out")
