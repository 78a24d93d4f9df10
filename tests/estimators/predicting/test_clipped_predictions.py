"""A regressor's predictions stay in the range of its training rows, and explain says where they were held back."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import ParameterError

X = np.linspace(0, 1, 40)[:, None]
LINE = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 0.0, "tol": 1e-9, "max_iter": 500, "random_state": 0,
        "preset": "plain", "dtype": "float64"}  # fmt: skip


@pytest.fixture(scope="module")
def line():
    """A straight line from 5 to 25, clipped."""
    return gn.GlassRegressor(**LINE, clip_predictions=True).fit(X, 5 + 20 * X[:, 0])


def test_predictions_stay_in_the_range_of_the_training_rows(line):
    """The line goes on to 45 and -15; the answers are 25 and 5, also one by one."""
    rows = [[2.0], [-1.0], [0.5]]
    expected = [25.0, 5.0, 15.0]

    assert line.predict(rows).tolist() == pytest.approx(expected, abs=1e-4)
    one = line.predictor()
    assert [one.predict(row) for row in rows] == line.predict(rows).tolist()


def test_the_plain_preset_lets_a_line_be_a_line():
    free = gn.GlassRegressor(**LINE).fit(X, 5 + 20 * X[:, 0])

    assert free.predict([[2.0]])[0] == pytest.approx(45.0, abs=1e-3)


def test_explain_says_where_a_prediction_was_held_back(line):
    held = gn.explain(line, [2.0]).prediction
    free = gn.explain(line, [0.5]).prediction

    assert held.values["y"] == line.predict([[2.0]])[0] == 25.0
    assert held.words[0].endswith(", clipped to 25, the largest of the training rows")
    assert held.words[0].startswith("y = 45, clipped") or held.words[0].startswith("y = 4")
    assert "clipped" not in free.words[0]
    assert "the smallest of" in gn.explain(line, [-9.0]).prediction.words[0]


def test_a_standardized_target_is_clipped_in_its_own_units():
    """y = 10 + 2 · 99 = 208 is held at the largest of the two targets' own columns."""
    encoder = TargetEncoder.fit([[8.0, 0.0], [12.0, 1.0]], "regression", clip=True)

    assert encoder.unclipped(np.asarray([[99.0, 0.0]])).tolist() == [[208.0, 0.5]]
    assert encoder.inverse(np.asarray([[99.0, 0.0]])).tolist() == [[12.0, 0.5]]


def test_model_file_keeps_the_range(line, tmp_path):
    line.save(tmp_path / "line.glassnet")

    assert gn.load(tmp_path / "line.glassnet").predict([[2.0]])[0] == 25.0


def test_going_on_with_other_rows_widens_the_range():
    model = gn.GlassRegressor(**LINE, clip_predictions=True, warm_start=True).fit(X, 5 + 20 * X[:, 0])
    model.fit(2 * X, 5 + 40 * X[:, 0])

    assert model.predict([[9.0]])[0] == 45.0
    assert model.predict([[-9.0]])[0] == 5.0


def test_a_stream_is_not_clipped():
    model = gn.GlassRegressor((4,), random_state=0).partial_fit(X, X[:, 0])

    assert model.target_encoder_.lows is None


def test_a_value_that_is_no_choice():
    with pytest.raises(ParameterError, match="clip_predictions='no' must be True, False or 'auto'"):
        gn.GlassRegressor(clip_predictions="no").fit(X, X[:, 0])
