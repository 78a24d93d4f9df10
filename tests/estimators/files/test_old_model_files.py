"""Model files of earlier versions still load, and predict what they did."""

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn

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
