"""What `save` writes, `load` brings back bit by bit; and nothing of the training rows is in the file."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from scipy import sparse

import glassnet as gn
from glassnet.data.fingerprint import fingerprint
from glassnet.data.reading.tabular import table_from
from glassnet.errors import DataWarning, ModelFileError, ParameterError


def description(path):
    """The JSON text of a model file, by safetensors alone; NaN and Infinity are not JSON."""

    def refuse(word):
        raise AssertionError(f"{word} is not strict JSON")

    with safe_open(path, framework="numpy") as file:
        return json.loads(file.metadata()["glassnet"], parse_constant=refuse)


def assert_same_model(model, again, X):
    """Everything that a fitted model knows, and its predictions to the last bit."""
    assert type(again) is type(model)
    assert again.network_.theta.dtype == model.network_.theta.dtype
    np.testing.assert_array_equal(again.network_.theta, model.network_.theta)
    assert again.network_.sizes == model.network_.sizes
    assert [s.spec for s in again.network_.activation] == [s.spec for s in model.network_.activation]
    assert again.schema_ == model.schema_
    assert again.encoder_ == model.encoder_
    assert again.target_encoder_.to_dict() == model.target_encoder_.to_dict()
    np.testing.assert_equal(again.history_.to_dict(), model.history_.to_dict())
    assert again.n_features_in_ == model.n_features_in_
    assert hasattr(again, "feature_names_in_") == hasattr(model, "feature_names_in_")
    if hasattr(model, "feature_names_in_"):
        np.testing.assert_array_equal(again.feature_names_in_, model.feature_names_in_)
    assert again.data_fingerprint_ == model.data_fingerprint_
    session = {"callback": None, "random_state": None}  # these belong to the session and are not in a file
    assert again.get_params() == {**model.get_params(), **session}
    assert again.recipe_ == {**model.recipe_, **session}
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    if hasattr(model, "classes_"):
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
        assert again.classes_.dtype == model.classes_.dtype
        assert [type(label) for label in again.classes_.tolist()] == [type(label) for label in model.classes_.tolist()]


def round_trip(model, folder, **options):
    model.save(folder / "model.glassnet")
    description(folder / "model.glassnet")
    return gn.load(folder / "model.glassnet", **options)


LABELS = {
    "int": np.asarray([2**60, -1, 3]),
    "str": np.asarray(["é", "b", "c"]),
    "object": np.asarray(["1", "2", "zwei"], dtype=object),
    "bool": np.asarray([True, False, True]),
    "float": np.asarray([0.0, 1.0, 2.0]),
    "int8": np.asarray([1, 2, 3], dtype=np.int8),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", LABELS)
def test_classes_of_every_type(tmp_path, mixed, small, kind, dtype):
    """On a frame with text and gaps: labels come back in their type, 1 is not "1"."""
    model = small("classifier", dtype=dtype).fit(mixed, LABELS[kind][np.arange(60) % 3])

    assert_same_model(model, round_trip(model, tmp_path), mixed)


@pytest.mark.parametrize("Y", [lambda X: X[:, 0], lambda X: 1e6 + X[:, :2]], ids=["one", "two"])
def test_regressors(tmp_path, numbers, small, Y):
    model = small("regressor").fit(numbers[0], Y(numbers[0]))

    assert_same_model(model, round_trip(model, tmp_path), numbers[0])


@pytest.mark.parametrize("preset", ["tabular", "plain"])
def test_sparse_trained(tmp_path, numbers, small, preset):
    X = sparse.csr_array(np.where(numbers[0] > 0, numbers[0], 0.0))
    model = small("classifier", preset=preset).fit(X, numbers[1])

    assert_same_model(model, round_trip(model, tmp_path), X)


PARAMETERS = [
    {"hidden_layer_sizes": [4, 3], "activation": ["tanh", ("leaky_relu", {"slope": 0.2})], "dropout": [0.1, 0.2]},
    {"hidden_layer_sizes": (4,), "activation": ("elu", {"alpha": 0.5}), "solver": ("momentum", {"mu": 0.5})},
    {"class_weight": {0: 1.0, 1: 2.5}, "alpha": np.float64(0.3), "hidden_layer_sizes": np.int64(4)},
    {"learning_rate": ("inverse", {"decay": 0.1}), "solver": "sgd", "clip": 1.0, "keep": ("x0",), "l1": 0.1},
    {"preset": "plain", "hidden_layer_sizes": (), "solver": "lbfgs", "tol": 0.0},
    {"early_stopping": True, "monitor": "validation_metric", "snapshots": 2, "time_limit": 100.0},
]


@pytest.mark.parametrize("parameters", PARAMETERS, ids=lambda parameters: "-".join(parameters))
def test_parameters_of_every_form(tmp_path, numbers, small, parameters):
    """Tuples stay tuples, lists lists, dictionaries keep the type of their keys."""
    model = small("classifier", **parameters).fit(*numbers)
    again = round_trip(model, tmp_path)

    assert_same_model(model, again, numbers[0])
    for name in parameters:
        ours = getattr(model, name)
        plain = ours.item() if isinstance(ours, np.generic) else ours
        assert type(getattr(again, name)) is type(plain)


def test_a_loaded_model_goes_on_learning(tmp_path, numbers, small):
    """partial_fit and warm start go on from the weights, with a new solver's memory."""
    model = round_trip(small("classifier", warm_start=True).fit(*numbers), tmp_path)
    model.fit(*numbers)
    model.partial_fit(*numbers)

    assert len(model.history_) == 3 + 3 + 1
    assert (model.n_iter_, model.t_) == (1, 7 * 60)


def test_target_name_and_report(tmp_path, numbers, small):
    """What the command line adds; numbers that are not finite come back, too."""
    model = small("classifier").fit(*numbers)
    model.target_name_ = "species"
    model.report_ = {"accuracy": 0.5, "worst": [float("nan"), float("-inf"), None], "rows": {"test": 15}}
    again = round_trip(model, tmp_path)

    assert again.target_name_ == "species"
    np.testing.assert_equal(again.report_, model.report_)


@pytest.mark.filterwarnings("ignore:training diverged")
def test_a_diverged_run(tmp_path, numbers, small):
    """Its history, with a cost that is not finite, and where it diverged."""
    X, y = numbers
    model = small("regressor", preset="plain", solver="sgd", learning_rate_init=1e12, dtype="float32").fit(X, y)
    again = round_trip(model, tmp_path)

    assert asdict(again.history_.divergence) == asdict(model.history_.divergence)
    assert_same_model(model, again, X)


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 20), max_size=3),
    activation=st.sampled_from(
        ["relu", "tanh", "silu", "selu", "softplus", "logistic", ("leaky_relu", {"slope": 0.3})]
    ),
    preset=st.sampled_from(["tabular", "plain"]),
    dtype=st.sampled_from(["float32", "float64"]),
    kind=st.sampled_from(["classifier", "regressor"]),
    rows=st.integers(8, 40),
    seed=st.integers(0, 1000),
)
def test_any_model(tmp_path_factory, small, sizes, activation, preset, dtype, kind, rows, seed):
    """Save and load is bit-exact for any configuration."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(rows, 3)) * 10.0 ** rng.integers(-5, 5, 3), rng.permutation(np.arange(rows) % 3)
    model = small(
        kind, hidden_layer_sizes=tuple(sizes), activation=activation, preset=preset, dtype=dtype, max_iter=1,
        random_state=seed, learning_rate_init=1e-6,
    ).fit(X, y)  # fmt: skip

    assert_same_model(model, round_trip(model, tmp_path_factory.mktemp("any")), X)


def sine(frequency=1.0):
    return gn.Activation(
        "sine",
        lambda Z, frequency: np.sin(frequency * Z),
        lambda Z, A, frequency: frequency * np.cos(frequency * Z),
        parameters={"frequency": frequency},
        range=(-1.0, 1.0),
    )


@pytest.mark.parametrize("hidden, activation", [((4,), sine(2.0)), ((4, 3), ["tanh", sine(2.0)]), ((), sine(2.0))])
def test_a_users_own_activation(tmp_path, numbers, small, hidden, activation):
    """A file holds its name and parameters; load needs the function, and says so."""
    model = small("classifier", hidden_layer_sizes=hidden, activation=activation).fit(*numbers)
    again = round_trip(model, tmp_path, activations={"sine": sine()})

    np.testing.assert_array_equal(again.predict_proba(numbers[0]), model.predict_proba(numbers[0]))
    chosen = again.activation[-1] if isinstance(activation, list) else again.activation
    assert chosen.parameters == {"frequency": 2.0}
    model.save(tmp_path / "own.glassnet")
    with pytest.raises(
        ModelFileError, match=r"own\.glassnet' uses your own activation 'sine', and a file stores .*activations="
    ):
        gn.load(tmp_path / "own.glassnet")
    other = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    with pytest.raises(
        ModelFileError, match=r"activation 'sine' has the parameters \['frequency'\], but here it has \[\]"
    ):
        gn.load(tmp_path / "own.glassnet", activations={"sine": other})


def test_the_file_holds_no_training_rows(tmp_path, small):
    """Neither a number of the middle of a column, nor the text of a column that was left out, nor a target."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=50), "name": [f"Patient-{k}-Sentinel" for k in range(50)]})
    frame["group"] = ["north", "south"] * 25
    frame["price"] = [f"${price:,.2f}" for price in rng.uniform(1000, 9000, size=50)]
    frame["review"] = [f"this is what patient {k} had to say of Sentinel" for k in range(50)]
    frame.loc[7, "size"] = 0.123456789012345
    y = rng.normal(size=50)
    y[3] = 0.987654321098765
    with pytest.warns(DataWarning, match="column '(name|review)' is .*text"):
        model = small("regressor").fit(frame, y)
    model.save(tmp_path / "m.glassnet")
    content = (tmp_path / "m.glassnet").read_bytes()

    assert b"Sentinel" not in content
    assert not [price for price in frame["price"] if price.encode() in content]
    assert b"north" in content  # a level of a category is part of the model
    for number in (0.123456789012345, 0.987654321098765):
        assert str(number)[:12].encode() not in content
        assert np.float64(number).tobytes() not in content
        assert np.float32(number).tobytes() not in content


def test_the_file_knows_its_training_data_by_fingerprint(tmp_path, mixed, small):
    y = np.arange(60) % 2
    small("classifier").fit(mixed, y).save(tmp_path / "m.glassnet")

    assert description(tmp_path / "m.glassnet")["data_fingerprint"] == fingerprint(table_from(mixed), y)
    assert gn.load(tmp_path / "m.glassnet").data_fingerprint_ != fingerprint(table_from(mixed), y[::-1])


def test_versions_are_in_the_file(tmp_path, fitted):
    fitted.save(tmp_path / "m.glassnet")
    with safe_open(tmp_path / "m.glassnet", framework="numpy") as file:
        assert file.metadata()["format"] == "1"
        assert len(file.metadata()["sha256"]) == 64
        assert file.keys() == ["theta"]
    assert description(tmp_path / "m.glassnet")["library"] == gn.__version__


def test_a_callback_is_not_stored(tmp_path, numbers, small):
    model = small("classifier", callback=lambda *_: None, random_state=np.random.RandomState(0)).fit(*numbers)
    again = round_trip(model, tmp_path)

    assert (again.callback, again.random_state) == (None, None)


def test_a_parameter_that_no_file_can_hold(tmp_path, numbers, small):
    model = small("classifier").fit(*numbers)
    model.power_t = object()
    with pytest.raises(
        ParameterError, match=r"this model cannot be written to a file: .*; try pickle for custom objects"
    ):
        model.save(tmp_path / "m.glassnet")
    assert list(tmp_path.iterdir()) == []


def test_a_description_that_no_file_can_hold(tmp_path, numbers, small):
    """safetensors reads descriptions of up to 100 MB; a larger one is refused before it is written."""
    model = small("classifier").fit(*numbers)
    model.report_ = {"text": "x" * 100_000_001}
    with pytest.raises(ParameterError, match=r"its description has 100,\d{3},\d{3} bytes .*; try fewer columns"):
        model.save(tmp_path / "m.glassnet")
    assert list(tmp_path.iterdir()) == []
