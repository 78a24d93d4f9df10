"""Estimators whose hidden neurons learn slopes: that they learn, predict row by row, and come back from a file."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save as to_bytes
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.estimators.files.content import digest_of


def test_neither_preset_has_them_by_itself(numbers, small):
    for preset in ("tabular", "plain"):
        assert small("classifier", preset=preset).fit(*numbers).network_.slope[1] is None


@pytest.mark.parametrize("preset", ["tabular", "plain"])
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_slopes_learn(kind, preset, numbers, small):
    model = small(kind, preset=preset, learned_slope=True).fit(*numbers)

    assert (model.network_.slope[1] != 1).all()
    assert model.network_.slope[-1] is None
    assert [slot.factor for slot in model.network_.layout.slots if slot.name == "slope"] == [0.1]


@pytest.mark.parametrize(
    "options", [{}, {"numeric_embedding": "pbld", "init": "data"}, {"activation": "softmax"}], ids=str
)
def test_rows_and_files_give_the_same_bits(options, mixed, small, tmp_path):
    model = small("classifier", learned_slope=True, **options).fit(mixed, np.arange(60) % 2)
    expected = model.predict_proba(mixed)
    model.save(tmp_path / "model.glassnet")
    again = gn.load(tmp_path / "model.glassnet")
    predictor = again.predictor()

    assert again.network_.layout == model.network_.layout
    np.testing.assert_array_equal(again.network_.slope[1], model.network_.slope[1])
    np.testing.assert_array_equal(again.predict_proba(mixed), expected)
    for i in (0, 3, 17):
        np.testing.assert_array_equal(predictor.predict_proba(mixed.iloc[i].to_dict()), expected[i])
        np.testing.assert_array_equal(again.predict_proba(mixed.iloc[[i]])[0], expected[i])


def test_files_from_before_slopes_have_none(fitted, numbers, tmp_path):
    path = tmp_path / "model.glassnet"
    fitted.save(path)
    with safe_open(path, framework="numpy") as file:
        record, theta, format_of = json.loads(file.metadata()["glassnet"]), file.get_tensor("theta"), file.metadata()
    for part in (record["network"], record["parameters"], record["recipe"]):
        del part["has_slope" if part is record["network"] else "learned_slope"]
    text = json.dumps(record)
    path.write_bytes(
        to_bytes({"theta": theta}, metadata={**format_of, "glassnet": text, "sha256": digest_of(text, theta)})
    )
    again = gn.load(path)

    assert again.network_.slope[1] is None
    assert again.recipe_["learned_slope"] is False
    np.testing.assert_array_equal(again.predict_proba(numbers[0]), fitted.predict_proba(numbers[0]))


def test_own_activations_lean_too(numbers, small):
    """They are computed by core, row by row."""
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    model = small("classifier", activation=sine, learned_slope=True, init="auto").fit(*numbers)
    X = model.encode(numbers[0])
    expected = gn.forward(model.network_.astype("float64"), X).A[-1][:, 0]

    assert (model.network_.slope[1] != 1).all()
    np.testing.assert_allclose(model.predict_proba(numbers[0])[:, 1], expected, rtol=1e-12)
    np.testing.assert_array_equal(model.predict_proba(numbers[0][7:8])[0], model.predict_proba(numbers[0])[7])
    with pytest.raises(ParameterError, match="layer 1 has your own activation 'sine', which engine='cpu' cannot"):
        model.set_params(engine="cpu").fit(*numbers)


def test_ensembles_second_fits_and_replay(numbers, small):
    model = small("classifier", learned_slope=True, n_networks=2).fit(*numbers)
    on = small("regressor", learned_slope=True, warm_start=True).fit(*numbers).fit(*numbers)
    opened = on.replay(*numbers).at(epoch=3)

    assert all((network.slope[1] != 1).all() for network in model.networks_)
    assert len(on.history_) == 6
    np.testing.assert_array_equal(opened.network.slope[1], on.network_.slope[1])
    assert on.replay(*numbers).at(epoch=1).gradients.dslope[1].shape == (5,)


def test_sparse_rows(numbers, small):
    """The same network as on the dense rows, within what their sums round to."""
    X, y = numbers
    X = np.where(np.abs(X) > 1, X, 0.0)
    options = {"learned_slope": True, "preset": "plain", "dtype": "float64"}
    dense, sparse = (small("classifier", **options).fit(rows, y) for rows in (X, csr_array(X)))

    np.testing.assert_allclose(sparse.network_.theta, dense.network_.theta, rtol=1e-9)


def test_folding_keeps_slopes(small):
    X = [["red"], ["blue"], ["green"]] * 10
    model = small("regressor", input_scaling=True, learned_slope=True).fit(X, np.arange(30) % 3)

    np.testing.assert_array_equal(model.fold().slope[1], model.network_.slope[1])


def test_what_cannot_be_asked_for(numbers, small):
    with pytest.raises(ParameterError, match="learned_slope='often' must be True, False or 'auto'"):
        small("classifier", learned_slope="often").fit(*numbers)


def test_diagrams_show_what_slopes_make_of_neurons(numbers, small):
    model = small("classifier", learned_slope=True, dtype="float64").fit(*numbers)
    row = numbers[0][:1]
    drawn = gn.draw(model, row[0]).to_dict()["layers"][1]["neurons"]
    a = gn.forward(model.network_, model.encode(row)).A[1][0]

    np.testing.assert_allclose([neuron["value"] for neuron in drawn], a, rtol=1e-12)
