"""Model files of earlier versions still load, and predict what they did."""

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.front import FRONTS

FILES = Path(__file__).parent


def test_classifier_from_before_there_were_ensembles():
    """The file and the expected numbers come from version 0.1.0 as it was before files had members."""
    model = gn.load(FILES / "classifier-before-members.glassnet")

    assert model.predict_proba([[2.5, "b"]])[0].tolist() == pytest.approx(
        [0.5811802826975241, 0.4188197173024759], rel=1e-14
    )
    assert model.calibration_ is None
    assert len(model.history_) == 3
    assert gn.explain(model, [2.5, "b"], "yes").prediction.label == model.predict([[2.5, "b"]])[0]


def test_regressor_from_before_there_were_ensembles():
    """It does not clip: what the network says stands for 15 plus so many standard deviations, however many."""
    model = gn.load(FILES / "regressor-before-members.glassnet")

    np.testing.assert_allclose(
        model.predict([[2.5, "b"], [1e6, "a"]]), [13.880962652957201, 10.832334070399238], rtol=1e-14
    )
    np.testing.assert_allclose(model.target_encoder_.inverse([[100.0]]), 15 + 100 * np.std([10, 12, 14, 16, 18, 20]))


ROW = [[2.5, "b", 1.0]]


@pytest.mark.parametrize(
    ("name", "front", "expected"),
    [
        ("classifier-with-front", "pbld+scaling", [0.4568532438357533, 0.2907343503354993, 0.25241240582874735]),
        ("regressor-with-front", "scaling", [0.3971561794329554]),
    ],
)
def test_files_in_which_embedding_and_scaling_were_one_setting(name, front, expected, tmp_path):
    """Files and numbers come from a version whose `front` was the two settings in one: "pbld+scaling", "scaling"."""
    model = gn.load(FILES / f"{name}.glassnet")
    model.save(tmp_path / "again.glassnet")

    for each in (model, gn.load(tmp_path / "again.glassnet")):
        predict = getattr(each, "predict_proba", each.predict)
        assert predict(ROW).ravel().tolist() == pytest.approx(expected, rel=1e-14)
        assert each.network_.front.kind == front
        for said in (each.get_params(), each.recipe_):
            assert {name: said[name] for name in FRONTS[front]} == FRONTS[front]
            assert "front" not in said
    assert gn.inspect(FILES / f"{name}.glassnet").problem is None


def test_a_file_that_left_both_settings_to_the_preset():
    """`front="auto"` came to none of both for 24 rows."""
    model = gn.load(FILES / "regressor-with-auto-front.glassnet")

    assert model.predict(ROW).tolist() == pytest.approx([0.4206831107533336], rel=1e-14)
    assert (model.numeric_embedding, model.input_scaling) == ("auto", "auto")
    assert (model.recipe_["numeric_embedding"], model.recipe_["input_scaling"]) == (None, False)
