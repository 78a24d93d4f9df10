"""Estimators with a front: what is embedded, that it learns, predicts row by row, and comes back from a file."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save as to_bytes
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.core.front import FRONTS
from glassnet.errors import ModelFileError, ParameterError
from glassnet.estimators.files.content import digest_of


def test_neither_preset_has_one_by_itself(numbers, small):
    for preset in ("tabular", "plain"):
        assert small("classifier", preset=preset).fit(*numbers).network_.front is None


def test_numbers_are_embedded_and_categories_are_not(mixed, small):
    """mass, "mass is missing", year, three islands: 6 inputs, of which 0 and 2 are numbers."""
    model = small("classifier", numeric_embedding="pbld", input_scaling=True).fit(mixed, np.arange(60) % 2)
    front = model.network_.front

    assert model.encoder_.input_names[:3] == ("mass", "mass is missing", "year")
    assert front.embedded == (0, 2)
    assert model.network_.sizes[0] == model.encoder_.n_inputs + 6
    assert (model.network_.front_values["scale"] != 1).any()


def test_a_table_without_numbers_has_nothing_to_embed(small):
    X = [["red"], ["blue"], ["green"]] * 10

    assert small("classifier", numeric_embedding="pbld").fit(X, np.arange(30) % 3).network_.front is None


def test_each_of_the_two_settings_leaves_the_other_to_the_preset():
    """From 1,000 rows on numbers are embedded, whether or not inputs are scaled; below that they are not."""
    X = np.random.default_rng(0).normal(size=(1000, 2))
    found = {}
    for n in (1000, 999):
        for options in ({}, {"input_scaling": True}, {"input_scaling": False}, {"numeric_embedding": "pbld"}):
            model = gn.GlassRegressor((2,), max_iter=1, random_state=0, **options).fit(X[:n], X[:n, 0])
            front = model.network_.front
            found[n, *options.items()] = None if front is None else front.kind

    assert list(found.values()) == ["pbld", "pbld+scaling", "pbld", "pbld", None, "scaling", None, "pbld"]


def test_the_summary_tells_the_settings_apart():
    X = np.random.default_rng(0).normal(size=(1000, 2))
    model = gn.GlassRegressor((2,), max_iter=1, random_state=0, input_scaling=True).fit(X, X[:, 0])
    chosen = {choice.parameter: (choice.value, choice.is_auto, choice.why) for choice in model.summary().choices}

    assert chosen["numeric_embedding"] == ("pbld", True, "adds learned mixtures of cosines to each number")
    assert chosen["input_scaling"] == (True, False, "")


@pytest.mark.parametrize("init", ["auto", "data"])
@pytest.mark.parametrize("front", FRONTS)
def test_rows_and_files_give_the_same_bits(front, init, mixed, small, tmp_path):
    model = small("classifier", **FRONTS[front], init=init).fit(mixed, np.arange(60) % 2)
    expected = model.predict_proba(mixed)
    model.save(tmp_path / "model.glassnet")
    again = gn.load(tmp_path / "model.glassnet")
    predictor = again.predictor()

    assert again.network_.front == model.network_.front
    assert again.network_.layout == model.network_.layout
    np.testing.assert_array_equal(again.predict_proba(mixed), expected)
    for i in (0, 3, 17):
        np.testing.assert_array_equal(predictor.predict_proba(mixed.iloc[i].to_dict()), expected[i])


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ({"embedded": [9]}, "network.front.embedded names columns that 3 inputs do not have"),
        ({"embedded": []}, "network.front makes 3 numbers, but the network takes 12"),
    ],
)
def test_a_front_that_does_not_fit_its_file_is_refused(front, message, numbers, small, tmp_path):
    path = tmp_path / "model.glassnet"
    small("classifier", numeric_embedding="pbld", input_scaling=True).fit(*numbers).save(path)
    with safe_open(path, framework="numpy") as file:
        record, theta, format_of = json.loads(file.metadata()["glassnet"]), file.get_tensor("theta"), file.metadata()
    record["network"]["front"] |= front
    text = json.dumps(record)
    path.write_bytes(
        to_bytes({"theta": theta}, metadata={**format_of, "glassnet": text, "sha256": digest_of(text, theta)})
    )

    with pytest.raises(ModelFileError, match=message):
        gn.load(path)


def test_own_activations_predict_with_a_front(numbers, small):
    """They are computed by core, row by row."""
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    model = small(
        "classifier", activation=sine, numeric_embedding="pbld", input_scaling=True, engine="reference", init="auto"
    ).fit(*numbers)
    X = model.encode(numbers[0])
    expected = gn.forward(model.network_.astype("float64"), X).A[-1][:, 0]

    np.testing.assert_allclose(model.predict_proba(numbers[0])[:, 1], expected, rtol=1e-12)
    np.testing.assert_array_equal(model.predict_proba(numbers[0][7:8])[0], model.predict_proba(numbers[0])[7])


def test_an_ensemble_and_a_second_fit(numbers, small):
    model = small("classifier", numeric_embedding="pbld", input_scaling=True, n_networks=2).fit(*numbers)
    on = small("regressor", input_scaling=True, warm_start=True).fit(*numbers).fit(*numbers)

    assert [network.front.kind for network in model.networks_] == ["pbld+scaling"] * 2
    assert len(on.history_) == 6
    assert on.replay(*numbers).at(epoch=1).network.front.kind == "scaling"


def test_folded_weights_act_on_the_inputs_themselves(small):
    """Only 0/1 inputs: one more "red" moves z by exactly its weight."""
    X = [["red"], ["blue"], ["green"]] * 10
    model = small("regressor", input_scaling=True).fit(X, np.arange(30) % 3)
    A0 = model.encode(X)
    folded = model.fold().astype("float64")

    np.testing.assert_allclose(
        gn.forward(folded, A0).Z[1], gn.forward(model.network_.astype("float64"), A0).Z[1], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(model.fold().W[1], model.network_.W[1] * model.network_.front_values["scale"])


def test_what_cannot_be_folded(numbers, small):
    scaled = small("classifier", input_scaling=True).fit(*numbers)
    with pytest.raises(
        ParameterError, match="column 'x0' goes through a smooth clip, so no weight belongs to one unit"
    ):
        scaled.fold()
    with pytest.raises(ParameterError, match="cannot be folded into weights, because it embeds 3 of the inputs"):
        small("classifier", numeric_embedding="pbld").fit(*numbers).fold()
    with pytest.raises(ParameterError, match=r"the mean of 2 networks, but only one can be folded; try member\(0\)"):
        small("classifier", input_scaling=True, n_networks=2).fit(*numbers).fold()
    assert scaled.network_.fold().front is None


def test_what_cannot_be_asked_for(numbers, small):
    with pytest.raises(ParameterError, match=r"^numeric_embedding='waves' is not known\. Choose from: pbld, or None"):
        small("classifier", numeric_embedding="waves").fit(*numbers)
    with pytest.raises(ParameterError, match=r"^input_scaling=2 must be True, False or 'auto'\.$"):
        small("classifier", input_scaling=2).fit(*numbers)
    with pytest.raises(
        ParameterError, match=r"^numeric_embedding='pbld' is not for preset='plain', .* or numeric_embedding=None\.$"
    ):
        small("classifier", numeric_embedding="pbld", preset="plain").fit(*numbers)
    with pytest.raises(
        ParameterError,
        match=r"^input_scaling=True is not for preset='plain', where the inputs are .* or input_scaling=False\.$",
    ):
        small("classifier", input_scaling=True, preset="plain").fit(*numbers)
    with pytest.raises(
        ParameterError,
        match=r"^input_scaling=True cannot be trained on a sparse X, .* use numeric_embedding=None and input_scaling=F",
    ):
        small("classifier", input_scaling=True).fit(csr_array(numbers[0]), numbers[1])
