"""A fit that fails leaves the estimator as it was, at whatever place it fails: not one attribute of it is another object."""

import numpy as np
import pandas as pd
import pytest

import glassnet as gn
from glassnet.errors import TrainingInterrupted

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
OTHER = pd.DataFrame(RNG.normal(size=(80, 3)), columns=["a", "b", "c"])  # has names, which X has not
SETTINGS = {"hidden_layer_sizes": (4,), "max_iter": 3, "early_stopping": True, "batch_size": 16}


def raising(error):
    def raise_it(*_, **__):
        raise error

    return raise_it


def with_(values, place, value):
    changed = np.array(values, dtype=float)
    changed[place] = value
    return changed


def broken(place, error):
    """Return a fit that is stopped at a place inside of the library."""

    def fit(model, patch):
        patch.setattr(f"glassnet.{place}", raising(error))
        model.fit(OTHER, Y)

    return fit


def set_to(**parameters):
    """Return a fit with other parameters, which are set back afterwards: they are the user's, not the fit's."""

    def fit(model, patch):
        for name, value in parameters.items():
            patch.setattr(model, name, value)
        model.fit(OTHER, Y)

    return fit


def full_disk(model, patch):
    patch.setattr(model, "random_state", 0)
    patch.setattr(
        "glassnet.training.saving.checkpoint_file.CheckpointFile.begin", raising(OSError(28, "No space left"))
    )
    model.fit(OTHER, Y, checkpoint=patch.folder)


def in_the_second_training(error):
    def fit(model, patch):
        patch.setattr(model, "refit", True)
        patch.setattr("glassnet.estimators.base.refitted", raising(error))
        model.fit(OTHER, Y)

    return fit


FAILURES = {
    "no table": lambda model, patch: model.fit(None, Y),
    "other lengths": lambda model, patch: model.fit(OTHER, Y[:-1]),
    "an infinite input": lambda model, patch: model.fit(with_(X, (3, 1), np.inf), Y),
    "a target without value": lambda model, patch: model.fit(OTHER, with_(Y, 5, np.nan)),
    "targets that are no numbers": lambda model, patch: model.fit(OTHER, [object()] * 80),
    "one class": lambda model, patch: model.fit(OTHER, ["a"] * 80),
    "a weight below 0": lambda model, patch: model.fit(OTHER, Y, with_(np.ones(80), 0, -1.0)),
    "too few weights": lambda model, patch: model.fit(OTHER, Y, np.ones(79)),
    "weights that are all 0": lambda model, patch: model.fit(OTHER, Y, np.zeros(80)),
    "an eval_set that is no pair": lambda model, patch: model.fit(OTHER, Y, eval_set=OTHER),
    "an eval_set without its target": lambda model, patch: model.fit(OTHER, Y, eval_set=(OTHER, None)),
    "an eval_set of other columns": lambda model, patch: model.fit(OTHER, Y, eval_set=(OTHER[["a"]], Y)),
    "a bad parameter": set_to(learning_rate_init=-1.0),
    "a bad parameter of the network": set_to(activation="no such"),
    "a bad parameter of the training": set_to(solver="no such"),
    "a callback that raises": set_to(callback=raising(ZeroDivisionError("mine"))),
    "a callback that raises in an ensemble": set_to(callback=raising(ZeroDivisionError("mine")), n_networks=3),
    "a warm start with other columns": lambda model, patch: _warm(model, patch, OTHER[["a", "b"]], Y),
    "a warm start with a new class": lambda model, patch: _warm(model, patch, X, Y + 5),
    "a checkpoint without a seed": lambda model, patch: model.fit(OTHER, Y, checkpoint=patch.folder),
    "a full disk": full_disk,
    "too little memory to read": broken("estimators.fitting.preparation.read_X", MemoryError()),
    "too little memory to encode": broken("data.encoding.encoder.Encoder.transform", MemoryError()),
    "too little memory to train": broken("engines.cpu.engine.CpuEngine.run", MemoryError()),
    "Ctrl-C in reading": broken("estimators.fitting.preparation.read_X", KeyboardInterrupt()),
    "Ctrl-C in describing": broken("estimators.fitting.preparation.infer_schema", KeyboardInterrupt()),
    "Ctrl-C in encoding": broken("data.encoding.encoder.Encoder.transform", KeyboardInterrupt()),
    "Ctrl-C in the first epoch": broken("training.loop.recorder.Recorder.add_all", KeyboardInterrupt()),
    "Ctrl-C twice when members are made": broken("estimators.base.Member", KeyboardInterrupt()),
    "an error of encoding": broken("estimators.fitting.preparation.Rows.encoded", ValueError("mine")),
    "an error in the second training": in_the_second_training(ValueError("mine")),
}  # fmt: skip


def _warm(model, patch, *data):
    if not hasattr(model, "network_"):
        raise ValueError("there is nothing to go on from")
    patch.setattr(model, "warm_start", True)
    model.fit(*data)


@pytest.fixture
def patch(monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.folder = tmp_path / "run"
        yield patch


def check_unchanged(model, patch, fail):
    before = dict(vars(model))
    predicted = model.predict(X) if hasattr(model, "network_") else None
    with pytest.raises(BaseException) as end:  # noqa: PT011 - each has its own, tested elsewhere
        fail(model, patch)
    assert not isinstance(end.value, TrainingInterrupted | AssertionError | TypeError | AttributeError)
    patch.undo()

    after = vars(model)
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] is not before[name]] == []
    if predicted is not None:
        np.testing.assert_array_equal(model.predict(X), predicted)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("is_fitted", [False, True], ids=["unfitted", "fitted"])
@pytest.mark.parametrize("name", FAILURES)
def test_the_estimator_is_as_it_was(patch, name, is_fitted):
    model = gn.GlassClassifier(**SETTINGS, random_state=np.random.RandomState(0))
    if name == "a checkpoint without a seed":
        model.set_params(random_state=None)
    check_unchanged(model.fit(X, Y) if is_fitted else model, patch, FAILURES[name])


PARTIAL = {
    "a new class": lambda model, patch: model.partial_fit(X, Y + 5),
    "other columns": lambda model, patch: model.partial_fit(X[:, :2], Y),
    "a target without value": lambda model, patch: model.partial_fit(X, with_(Y, 5, np.nan)),
    "a weight below 0": lambda model, patch: model.partial_fit(X, Y, sample_weight=with_(np.ones(80), 0, -1.0)),
    "Ctrl-C": lambda model, patch: (
        patch.setattr("glassnet.training.loop.recorder.Recorder.add_all", raising(KeyboardInterrupt())),
        model.partial_fit(X, Y),
    ),
    "too little memory": lambda model, patch: (
        patch.setattr("glassnet.engines.cpu.engine.CpuEngine.run", raising(MemoryError())),
        model.partial_fit(X, Y),
    ),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_a_stream_is_as_it_was(patch, name):
    model = gn.GlassClassifier((4,), random_state=0).partial_fit(X, Y, classes=[0, 1])

    check_unchanged(model, patch, PARTIAL[name])


@pytest.mark.parametrize("name", ["a target without value", "Ctrl-C", "too little memory"])
def test_the_first_call_of_a_stream_leaves_nothing(patch, name):
    check_unchanged(gn.GlassRegressor((4,), random_state=0), patch, PARTIAL[name])


def test_a_regressor_that_has_learned_text_keeps_its_notation(patch):
    """How the target's text is read is an attribute, too."""
    text = [f"{value:.3f}".replace(".", ",") for value in X[:, 0]]
    model = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit(X, text)

    check_unchanged(model, patch, lambda model, patch: model.fit(X, ["1.5"] * 79 + ["x"]))


def test_a_parameter_that_a_callback_sets_during_the_fit_stays():
    """The fit takes over what it has set itself, and nothing else."""
    model = gn.GlassClassifier(**SETTINGS, random_state=0)
    model.callback = lambda epoch, network: model.set_params(alpha=0.25) and None
    model.fit(X, Y)

    assert model.alpha == 0.25
    assert model.recipe_["alpha"] != 0.25


def test_during_a_fit_the_estimator_answers_as_before():
    seen = []
    model = gn.GlassClassifier(**SETTINGS, random_state=0).fit(X, Y)
    before = model.predict_proba(X)
    model.callback = lambda epoch, network: seen.append(model.predict_proba(X)) and None
    model.fit(X, 1 - Y)

    assert len(seen) == 3
    for probabilities in seen:
        np.testing.assert_array_equal(probabilities, before)
    assert (model.predict_proba(X) != before).any()


def test_names_of_columns_go_with_the_table_that_had_them():
    model = gn.GlassClassifier(**SETTINGS, random_state=0).fit(OTHER, Y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    model.fit(X, Y)

    assert not hasattr(model, "feature_names_in_")
