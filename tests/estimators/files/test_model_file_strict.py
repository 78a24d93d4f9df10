"""What a forged file says is refused where it cannot be, by a sentence that names the place; nothing is built before.

Each file has the checksum that belongs to it: only a strict reading can tell.
"""

import json

import numpy as np
import pandas as pd
import pytest
from fuzz.model_bases import bases as make_bases
from fuzz.models import forged

import glassnet as gn
from glassnet.errors import DataError, DataWarning, ModelFileError, ParameterError, ShapeError

NAN = float("nan")


@pytest.fixture(scope="module")
def bases():
    """One saved model of each kind, by name: its description and its parameters."""
    return {base.name: base for base in make_bases()}


@pytest.fixture
def load(bases, tmp_path):
    """`load(kind, change)`: the model in a file whose description was changed."""

    def load_changed(kind, change=lambda record: None, theta=None):
        base = bases[kind]
        record = json.loads(json.dumps(base.description))
        changed = change(record)
        text = changed if isinstance(changed, str) else json.dumps(record)
        (tmp_path / "m.glassnet").write_bytes(forged(text, base.theta if theta is None else theta))
        return gn.load(tmp_path / "m.glassnet")

    return load_changed


def put(*path):
    """`put("a", 0, 5)` is the change record["a"][0] = 5; a function as the value is given what is there."""
    *keys, last, value = path

    def change(record):
        for key in keys:
            record = record[key]
        record[last] = value(record[last]) if callable(value) else value

    return change


def older(part, front):
    """The change that makes of the two settings the one that older files have."""

    def change(record):
        del record[part]["numeric_embedding"], record[part]["input_scaling"]
        record[part]["front"] = front

    return change


STEPS = ("encoder", "steps")
TARGET = "target_encoder"
# The frame's columns: mass, year, island, sex, tagged, seen; the constant one is left out.
ISLAND, TAGGED, SEEN = 2, 4, 5

REFUSED = [
    # types and ranges
    ("text", put("network", "sizes", 1, -5), r"network.sizes\[1\]: Expected `int` >= 1"),
    ("text", put("network", "sizes", 1, 5.5), r"network.sizes\[1\]: Expected `int`, got `float`"),
    ("text", put("network", "sizes", 1, True), r"network.sizes\[1\]: Expected `int`, got `bool`"),
    ("text", put(*STEPS, 0, "has_flag", 2), r"encoder.steps\[0\].has_flag: Expected `bool`, got `int`"),
    ("text", put(*STEPS, 0, "has_flag", 1), r"encoder.steps\[0\].has_flag: Expected `bool`, got `int`"),
    ("text", put("network", "activations", 0, "activation", []), r"activations\[0\].activation: Expected `str`, got `array`"),
    ("text", put("schema", "columns", 0, "name", ["mass"]), r"schema.columns\[0\].name: Expected `str`, got `array`"),
    ("text", put(*STEPS, ISLAND, "levels", 0, ["str", []]), r"levels\[0\]\[1\]: Expected `str`, got `array`"),
    ("text", put(*STEPS, ISLAND, "levels", 0, []), r"levels\[0\]: Expected `array` of at least length 1, got 0"),
    ("text", put(*STEPS, 0, "scale", "factor", NAN), "JSON is malformed: invalid character"),
    ("text", put(*STEPS, 0, "scale", "factor", float("inf")), "JSON is malformed: invalid character"),
    ("text", put(*STEPS, 0, "scale", "factor", {"float": "nan"}), "scale.factor: Expected `float`, got `object`"),
    ("text", put(*STEPS, 0, "scale", "factor", -1.0), "scale.factor: Expected `float` >= 0.0"),
    ("text", put(TARGET, "threshold", 1.5), "target_encoder.threshold: Expected `float` <= 1.0"),
    ("text", put(TARGET, "threshold", NAN), "JSON is malformed: invalid character"),
    ("labels", put(TARGET, "threshold", [0.5, 0.5, {"float": "nan"}]), r"threshold\[2\]: Expected `float`, got `object`"),
    ("text", put(TARGET, "threshold", "f1"), "target_encoder.threshold: Expected `float | array`, got `str`"),
    ("text", put("n_features_in", -3), "n_features_in: Expected `int` >= 1"),
    ("text", put("recipe", "alpha", [1.0]), "recipe.alpha: Expected `int | float | str`, got `array`"),
    ("text", put("parameters", "callback", None), "parameters: Object contains unknown field `callback`"),
    ("text", put("parameters", "solver", {"tuple": ["adam"], "dict": []}), "solver: Expected one of `tuple`, `dict`, or"),
    ("several classes", put("network", "activations", 0, "parameters", "slope", True), "slope: Expected `int | float`, got"),
    ("several classes", put("network", "activations", 0, "parameters", "slope", 10**400), "Expected `int` <= 9007199254740992"),
    ("counts", put(TARGET, "scales", [0.0]), r"target_encoder.scales\[0\]: Expected `float` > 0.0"),
    ("counts", put("members", 0, "history", "best_epoch", -1), "best_epoch: Expected `int` >= 0"),
    ("counts", put("data_fingerprint", "xyz"), "data_fingerprint: Expected `str` matching regex"),
    # what only the text can have
    ("text", lambda record: json.dumps(record).replace('"n_features_in": ', '"n_features_in": 1' + "0" * 5000), "out of range"),
    ("text", lambda record: json.dumps(record).replace('"missing": 0.0', '"missing": 1e999', 1), "Number out of range"),
    ("text", lambda record: json.dumps(record).replace("Biscoe", r"\ud800"), "surrogate"),
    # a network in itself, and against the tensor
    ("text", put("network", "sizes", 1, 10**9), r"network.sizes \d+-1000000000-1 need \d+ parameters, but the tensor has"),
    ("text", put("network", "sizes", lambda sizes: sizes[:1] * 500), "network.activations has 2 entries for 499 layers"),
    ("text", put("network", "has_bias", 0, False), "parameters, but the tensor has"),
    ("several quantities", put("network", "front", "embedded", [0] * 50), "network.front.embedded has 0 twice"),
    ("several quantities", put("network", "front", "embedded", [0, 1, 3]), "embedded names columns that 3 inputs do not have"),
    ("several quantities", put("network", "front", {"n_inputs": 12, "embedded": [], "has_scaling": False}), "front does nothing"),
    ("several quantities", put("network", "front", "embedded", [0]), "network.front makes 6 numbers, but the network takes 12"),
    ("text", put("own_activations", ["relu"]), "uses your own activation 'relu', and a file stores only its name"),
    ("text", put("network", "activations", 1, "activation", "softmax"), r"activations\[-1\] is 'softmax', but binary needs sigmoid"),
    # an encoder in itself, and against schema and network
    ("text", put(*STEPS, TAGGED, "levels", [["str", str(k)] for k in range(20_000)]), "are not false and true"),
    ("text", put(*STEPS, TAGGED, "has_other", True), r"steps\[4\].levels are not false and true"),
    ("text", put(*STEPS, ISLAND, "levels", 1, ["str", "Biscoe"]), r"steps\[2\].levels has 'Biscoe' twice"),
    ("text", put(*STEPS, ISLAND, "levels", 1, ["bool", True]), r"steps\[2\].levels have true or false among them"),
    ("text", put(*STEPS, ISLAND, "levels", 1, ["str", "Mars"]), r"steps\[2\].levels are not those of its column"),
    ("text", put(*STEPS, lambda steps: steps[:-1]), "encoder.steps are not 5, one a column"),
    ("text", put(*STEPS, 1, "name", "month"), r"encoder.steps\[1\] is of 'month', not of 'year'"),
    ("text", put(*STEPS, 1, "name", "mass"), "encoder.steps has 'mass' twice"),
    ("text", put("schema", "columns", 1, "kind", "datetime"), r"schema.columns\[1\] is datetime, but lies between"),
    ("text", put(*STEPS, 1, {"type": "levels", "name": "year", "levels": [], "is_boolean": False, "has_other": True,
                             "has_flag": False}), r"encoder.steps\[1\] does not take a numeric column"),
    ("text", put(*STEPS, 0, "scale", "is_clipped", False), r"steps\[0\].scale has a factor, but passes numbers as they are"),
    ("text", put(*STEPS, 0, "refuses_missing", True), r"steps\[0\] refuses missing values, but does not pass"),
    ("text", put(*STEPS, 1, "has_flag", True), "encoder.steps make 10 inputs, but the network takes 9"),
    ("text and dates", put(*STEPS, SEEN, "parts", ["month", "year"]), r"parts are not in the order of the calendar, each once"),
    ("text and dates", put(*STEPS, SEEN, "parts", ["year"]), r"steps\[5\].scales are not 2, one a part"),
    ("text and dates", put(*STEPS, SEEN, "parts", ["century"]), r"parts\[0\]: Invalid enum value 'century'"),
    ("text and dates", put(*STEPS, SEEN, "origin", "2024-02-31T00:00:00.000000"), "origin is '2024-02-31T.*', which is no date"),
    ("text and dates", put(*STEPS, SEEN, "origin", "2024"), "origin: Expected `str` matching regex"),
    ("sparse", put(*STEPS, 0, "has_flag", True), "encoder.steps do not leave zeros zero, but the file has no schema"),
    ("sparse", put(*STEPS, 0, "scale", "center", 1.0), "encoder.steps do not leave zeros zero"),
    # a schema in itself
    ("text", put("schema", "columns", 1, "name", "mass"), "schema.columns has 'mass' twice"),
    ("text", put("schema", "columns", ISLAND, "levels", lambda levels: levels * 2), r"columns\[2\].levels has 'Biscoe' twice"),
    ("text", put("schema", "columns", ISLAND, "levels", [["str", str(k)] for k in range(101)]), r"schema.columns\[2\] has more levels than different values"),
    ("text", put("schema", "columns", TAGGED, "levels", [["str", "x"]]), r"columns\[4\].levels are not boolean"),
    ("text", put("schema", "columns", ISLAND, "levels", 0, ["str", "NA"]), r"columns\[2\].levels has 'NA', which is read as something else"),
    ("text", put("schema", "columns", ISLAND, "levels", 0, ["str", " Biscoe"]), r"columns\[2\].levels has ' Biscoe', which is read as something else"),
    ("text", put("schema", "columns", 0, "levels", [["str", "x"]]), r"columns\[0\] is numeric, but has levels"),
    ("text", put("schema", "columns", 0, "minimum", ["float", 1e9]), r"columns\[0\] has a minimum above its maximum"),
    ("text", put("schema", "task", "regression"), "schema.task is 'regression', but the encoder's is not"),
    # a target in itself, and against the network
    ("text", put(TARGET, "classes", [["int", "1"]]), "classes: Expected `array` of length >= 2"),
    ("text", put(TARGET, "classes", [["int", "1"], ["int", "1"]]), "target_encoder.classes has 1 twice"),
    ("text", put(TARGET, "classes", lambda labels: [*labels, ["int", "7"]]), "target_encoder.classes are 3, which is not binary"),
    ("text", put(TARGET, "dtype", "<f8"), "the file's classes 0, 1 are not of the type '<f8' that it names"),
    ("text", put(TARGET, "dtype", "object"), "target_encoder.dtype: Expected `str` matching regex"),
    ("text", put(TARGET, "means", [0.0]), "target_encoder has means and scales, but predicts classes"),
    ("text", put(TARGET, "n_dimensions", 2), "target_encoder.n_dimensions is not 1"),
    ("text", put(TARGET, "target_names", ["a", "b"]), "target_encoder.target_names are not 1, one an output"),
    ("text", put(TARGET, "task", "multilabel"), "target_encoder.n_dimensions is not 2"),
    ("labels", put(TARGET, "classes", 0, ["int", "5"]), "target_encoder.classes are 3, which is not multilabel"),
    ("text", put(TARGET, "threshold", [0.5]), "target_encoder.threshold has 1 entries for binary of 2"),
    ("labels", put(TARGET, "threshold", [0.5, 0.5]), "target_encoder.threshold has 2 entries for multilabel of 3"),
    ("text", put(TARGET, "task", "regression"), "target_encoder has no means and scales for its quantities"),
    ("several quantities", put(TARGET, "means", lambda means: means * 50_000), "target_encoder.scales are not 100000, one an output"),
    ("several quantities", put(TARGET, "scales", [1.0]), "target_encoder.scales are not 2, one an output"),
    ("several quantities", put(TARGET, "lows", None), "target_encoder has lows or highs without the other"),
    ("several quantities", put(TARGET, "lows", [1e9, 0.0]), "target_encoder.lows lie above the highs"),
    ("several quantities", put(TARGET, "highs", [1.0]), "target_encoder.highs are not 2, one an output"),
    ("several quantities", put(TARGET, "n_dimensions", 1), "has 2 outputs, but answers in one column"),
    ("several quantities", put(TARGET, "threshold", [0.5]), "threshold is of classes, but quantities are predicted"),
    ("several quantities", put(TARGET, "classes", [["int", "0"], ["int", "1"]]), "has classes, but predicts quantities"),
    ("several classes", put(TARGET, "classes", lambda labels: labels[:3]), "target_encoder needs 3 outputs, but the network has 4"),
    ("several classes", put("estimator", "GlassRegressor"), "parameters: Object contains unknown field `class_weight`"),
    # the columns of X
    ("counts", put(TARGET, lambda target: {**target, "task": "binary", "classes": [["int", "0"], ["int", "1"]], "dtype": "<i8",
                                           "means": None, "scales": None, "lows": None, "highs": None}),
     r"activations\[-1\] is 'softplus', but binary needs sigmoid"),
    ("text", put("schema", "columns", 2, lambda column: {**column, "n_distinct": 500,
                                                         "levels": [["str", str(k)] for k in range(101)]}),
     r"schema.columns\[2\].levels has more than 100 levels"),
    ("plain", put("n_features_in", 1), "n_features_in is 1, but the encoder reads 3 columns"),
    ("sparse", put("n_features_in", 2), "n_features_in is 2, but the encoder reads 3 columns"),
    ("text", put("n_features_in", 5), "feature_names_in has 6 names for 5 columns"),
    ("text", put("feature_names_in", 0, "year"), "feature_names_in has 'year' twice"),
    ("text", put("feature_names_in", 0, "weight"), "feature_names_in lacks the column 'mass'"),
    # how it was trained
    ("ensemble", put("recipe", "n_networks", 2), "recipe.n_networks is 2, but there are 3 members"),
    ("ensemble", put("members", lambda members: members[:2]), "network.sizes 3-5-1 need 26 parameters, but the tensor has 39"),
    ("ensemble", put("members", 0, "calibration", "temperature", 0.0), "calibration.temperature: Expected `float` >="),
    ("counts", put("members", 0, "history", "epochs", 0, "epoch", 7), r"members\[0\].history.epochs are not numbered from 1"),
    ("counts", put("members", 0, "history", "best_epoch", 9), "history.best_epoch is 9 of 2"),
    ("counts", put("members", 0, "history", "divergence", {"step": 1, "layer": 9, "unit": 0, "quantity": "Z", "epoch": 1}),
     "history.divergence is in a layer that does not exist"),
    ("own markers", put("report", "test", 5), "the file's report cannot be read: Expected `object`, got `int`"),
    ("own markers", put("report", "test", "model", {}), "the file's report cannot be read: Expected `object` of length >= 1"),
    ("own markers", put("report", "test", "model", {"evil": 1.0}), "the file's report cannot be read: Invalid enum value 'evil'"),
    ("own markers", put("report", 5), r"the file's report cannot be read: Expected `object \| null`, got `int`"),
    ("own markers", put("report", {"x": "y" * (1 << 20)}), r"the file has a report of 1,048,\d+ bytes; the maximum is"),
    # parameters, by the checks that `fit` makes
    ("text", put("recipe", "alpha", -1.0), "the file's parameters are invalid: alpha=-1.0 must be a number from 0 upwards"),
    ("text", put("recipe", "dropout", "auto"), "recipe.dropout is 'auto', but a recipe needs a final value"),
    ("text", put("recipe", "label_smoothing", "auto"), "recipe.label_smoothing is 'auto', but a recipe needs a final value"),
    ("text", put("recipe", "rates", "evil"), "rates='evil' is not known. Choose from: equal, fan_in"),
    ("text", put("recipe", "numeric_embedding", "auto"), "recipe.numeric_embedding is 'auto', but a recipe needs a final value"),
    ("text", put("recipe", "input_scaling", "auto"), "recipe.input_scaling is 'auto', but a recipe needs a final value"),
    ("plain", put("recipe", "input_scaling", True), "input_scaling=True is not for preset='plain'"),
    ("text", put("parameters", "numeric_embedding", "waves"), "parameters.numeric_embedding: Invalid enum value 'waves'"),
    ("text", put("parameters", "front", None), "parameters: Expected `front`, or in its place `numeric_embedding` and `input_sc"),
    ("text", lambda record: record["recipe"].pop("input_scaling"), "recipe: Expected both or neither of `numeric_embedding`"),
    ("text", older("parameters", "waves"), "parameters.front: Invalid enum value 'waves'"),
    ("text", older("recipe", "auto"), "recipe.front is 'auto', but a recipe needs a final value"),
    ("plain", older("recipe", "pbld"), "numeric_embedding='pbld' is not for preset='plain'"),
    ("text", put("recipe", "bias_rate", -1), "bias_rate=-1 must be a number from 0 upwards"),
    ("text", put("recipe", "solver", "evil"), "solver 'evil' is not known"),
    ("text", put("recipe", "learning_rate", "evil"), "learning_rate='evil' is not known"),
    ("text", put("recipe", "activation", {"tuple": ["elu", {"dict": [["alpha", "x"]]}]}), "alpha = 'x' must be a finite number"),
    ("counts", put("recipe", "loss", "evil"), "loss='evil' is not known"),
    ("counts", put("parameters", "loss", "auto"), "loss='auto' is not known"),
    ("counts", put("parameters", "loss", "squared_error"), "end with 'softplus', but the loss needs 'identity'"),
]  # fmt: skip


@pytest.mark.parametrize("kind, change, message", [case for case in REFUSED if case[2]])
def test_it_is_refused_in_a_sentence(load, kind, change, message):
    with pytest.raises(ModelFileError, match=message) as error:
        load(kind, change)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")


def test_a_class_label_is_as_wide_as_it_is(load):
    """A type such as <U500000000 would take 4 GB for two classes."""
    model = load("text and dates", put(TARGET, "dtype", "<U500000000"))

    assert model.classes_.dtype == np.dtype("U3")
    assert model.classes_.tolist() == ["no", "yes"]


@pytest.mark.parametrize("change", [
    put("library", "x" * 90_000),
    put("estimator", "\x1b[31m" * 9000),
    put("network", "activations", 0, "activation", "y" * 90_000),
    put("recipe", "solver", "z" * 90_000),
    put("recipe", "s" * 90_000, 1),
    put("own_activations", ["w" * 90_000]),
])  # fmt: skip
def test_what_a_file_quotes_is_kept_short(load, change):
    """A name may be a whole book, or move the cursor of a terminal."""
    with pytest.raises(ModelFileError) as error:
        load("text", change)
    assert len(str(error.value)) < 900
    assert str(error.value).isprintable()


def test_labels_that_are_much_longer_than_the_others(load):
    labels = [["str", str(k)] for k in range(3)]
    with pytest.raises(ModelFileError, match="4 classes of up to 17,000,000 characters, which exceeds the limit"):
        load("several classes", lambda record: record[TARGET].update(
            classes=[*labels, ["str", "x" * 17_000_000]], dtype="<U1"
        ))  # fmt: skip


@pytest.mark.parametrize("label, dtype", [(["str", "a\0"], "<U3"), (["float", 0.1], "<f4"), (["int", "300"], "|i1")])
def test_labels_that_their_type_cannot_hold(load, label, dtype):
    other = {"<U3": ["str", "b"], "<f4": ["float", 1.0], "|i1": ["int", "1"]}[dtype]
    with pytest.raises(ModelFileError, match="are not of the type"):
        load("text", lambda record: record[TARGET].update(classes=[label, other], dtype=dtype))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite(load, bases, value):
    theta = bases["plain"].theta.copy()
    theta[7] = value
    with pytest.raises(ModelFileError, match="the tensor has parameters that are not finite numbers; use a copy"):
        load("plain", theta=theta)


def test_nothing_about_the_machine_is_taken_from_a_file(load, bases):
    """`n_jobs: 100000` would start as many threads."""

    def change(record):
        for name in ("parameters", "recipe"):
            record[name].update(n_jobs=100_000, verbose=[[[1]]])

    model = load("ensemble", change)

    assert (model.n_jobs, model.verbose) == (None, False)
    assert (model.recipe_["n_jobs"], model.recipe_["verbose"]) == (None, False)
    assert not {"n_jobs", "verbose", "callback", "random_state"} & set(bases["ensemble"].description["recipe"])


def test_of_a_key_that_is_there_twice_the_last_counts(load):
    """As every reader of JSON has it, so that all see the same."""
    model = load("text", lambda record: json.dumps(record).replace('"has_bias"', '"has_bias": [], "has_bias"'))

    assert len(model.intercepts_) == 2


@pytest.mark.parametrize("kind", ["regressor", "classifier"])
def test_numbers_that_grow_beyond_all_bounds(load, bases, kind):
    """Weights that are finite can still make an answer that is not: it is refused where it would be given."""
    name = {"regressor": "slopes", "classifier": "several classes"}[kind]
    theta = bases[name].theta.astype(np.float64) * 1e300
    model = load(name, theta=theta)
    row = [1.0, -2.0, 3.0]

    for ask in (lambda: model.predict([row]), lambda: model.predictor().predict(row)):
        with pytest.raises(DataError, match=r"row 0 \(counted from 0\) has no prediction: its numbers overflow"):
            ask()


def test_quantities_that_are_too_large(load):
    model = load("slopes", lambda record: record[TARGET].update(means=[1.7e308], scales=[1e308], lows=None, highs=None))

    with pytest.raises(DataError, match=r"has no prediction"):
        model.predict(np.random.default_rng(0).normal(size=(50, 3)) * 5)


@pytest.mark.parametrize("name", ["classifier", "regressor"])
def test_a_file_of_an_earlier_version_is_saved_again(tmp_path, name):
    from pathlib import Path

    old = gn.load(Path(__file__).parent / f"{name}-before-members.glassnet")
    old.save(tmp_path / "m.glassnet")

    np.testing.assert_array_equal(gn.load(tmp_path / "m.glassnet").predict([[2.5, "b"]]), old.predict([[2.5, "b"]]))


def test_what_could_not_be_read_again_is_not_written(tmp_path, numbers, small):
    """It is said when the model is saved, and not when it is needed."""
    model = small("classifier").fit(*numbers)
    model.set_params(alpha="much")
    with pytest.raises(
        ParameterError, match=r"cannot be written to a file, because it could not be read again .*alpha"
    ):
        model.save(tmp_path / "m.glassnet")
    surrogate = small("classifier").fit(*numbers)
    surrogate.target_name_ = "\ud800"
    with pytest.raises(ParameterError, match=r"could not be read again .*surrogate"):
        surrogate.save(tmp_path / "m.glassnet")
    diverged = small("classifier", hidden_layer_sizes=(2,)).fit(*numbers)
    diverged.network_.theta[0] = np.nan
    with pytest.raises(ParameterError, match="its training diverged, and some of its parameters are not finite"):
        diverged.save(tmp_path / "m.glassnet")
    assert list(tmp_path.iterdir()) == []


def test_an_array_in_place_of_a_frame_whose_columns_are_numbers(numbers, small):
    """pandas without column names counts them; one that is left out must not shift the others."""
    frame = pd.DataFrame(np.column_stack([np.ones(60), numbers[0]]))
    with pytest.warns(DataWarning, match="column '0' is 1 in every row"):
        model = small("classifier").fit(frame, numbers[1])

    with pytest.raises(ShapeError, match="X has 4 columns, but the model was trained on 3"):
        model.predict(frame.to_numpy())
    assert len(model.predict(frame)) == 60
