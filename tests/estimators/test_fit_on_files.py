"""Estimators fit to files, datasets and readers, in memory or streamed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import glassnet as gn
from glassnet.data.rows import digest
from glassnet.errors import ColumnError, ParameterError, ReplayError, SourceError
from glassnet.estimators.fitting import streamed

N = 3000


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3)).astype(np.float32)
    word = np.asarray(["a", "b", "c"])[rng.integers(0, 3, N)]
    score = 2 * x[:, 0] + (word == "b") + 0.3 * rng.normal(size=N)
    return pd.DataFrame(
        {
            "x0": x[:, 0],
            "x1": np.where(rng.random(N) < 0.1, np.nan, x[:, 1]),
            "word": word,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 400, N), "D"),
            "kind": np.where(score > 0.3, "high", "low"),
            "amount": 100 + 7 * score,
        }
    )


@pytest.fixture(scope="module")
def folder(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for k in range(3):
        part = pa.Table.from_pandas(frame.iloc[k * 1000 : (k + 1) * 1000], preserve_index=False)
        pq.write_table(part, folder / f"{k}.parquet", row_group_size=300)
    return folder


@pytest.fixture
def streaming(monkeypatch):
    """Whatever the memory, the rows are streamed, through windows that are smaller than the table."""
    monkeypatch.setattr(streamed, "fits_in_memory", lambda source, left: False)
    monkeypatch.setattr("glassnet.estimators.base.fits_in_memory", lambda source, left: False)
    monkeypatch.setattr(streamed, "SMALLEST_WINDOW", 500)
    monkeypatch.setattr(streamed, "SHARE_OF_WINDOW", 0.0)


def classifier(**settings):
    return gn.GlassClassifier((8,), max_iter=4, batch_size=64, random_state=0, **settings)


def test_in_memory_it_is_the_fit_to_the_frame(frame, folder):
    """A table that fits is read, and gives the bits of the frame's fit."""
    X, y = frame.drop(columns=["kind", "amount"]), frame["kind"]
    ours = classifier(keep=()).fit(str(folder / "*.parquet"), target="kind")
    theirs = classifier().fit(frame.drop(columns=["kind"]), y)

    assert ours.target_name_ == "kind"
    assert ours.network_.theta.tobytes() == theirs.network_.theta.tobytes()
    assert ours.predict(frame.drop(columns="kind")).tolist() == theirs.predict(frame.drop(columns="kind")).tolist()
    assert len(X) == N


def test_a_window_of_all_rows_gives_the_encoders_of_the_frame(frame, folder, streaming, monkeypatch):
    """Without validation rows the encoders, the initial weights and so all bits are those of the fit in memory."""
    monkeypatch.setattr(streamed, "SMALLEST_WINDOW", N)
    settings = {"early_stopping": False, "dropout": 0.1}
    ours = classifier(**settings).fit(folder, target="kind")
    theirs = classifier(**settings).fit(frame.drop(columns="kind"), frame["kind"])

    assert ours.encoder_ == theirs.encoder_
    assert ours.schema_.columns == theirs.schema_.columns
    assert ours.network_.theta.tobytes() == theirs.network_.theta.tobytes()
    assert ours.history_["cost"].tolist() == theirs.history_["cost"].tolist()


def test_streamed_classifier(frame, folder, streaming):
    """Validation rows, calibration, class weights and a file of the model: as good as in memory."""
    settings = {"early_stopping": True, "class_weight": "balanced", "max_iter": 12}
    model = classifier().set_params(**settings).fit(str(folder / "*.parquet"), target="kind")
    X, y = frame.drop(columns="kind"), frame["kind"]
    in_memory = classifier().set_params(**settings).fit(X, y)

    assert abs(model.score(X, y) - in_memory.score(X, y)) < 0.02
    assert model.classes_.tolist() == ["high", "low"]
    assert model.calibration_ is not None
    assert 200 < model.calibration_.n_rows < 400
    assert model.history_.best_epoch > 0
    assert model.n_features_in_ == 5
    with pytest.raises(ReplayError, match="a training on streamed rows cannot be replayed"):
        model.replay(X, y)


def test_a_streamed_model_is_saved_and_loaded(frame, folder, streaming, tmp_path):
    model = classifier().fit(folder, target="kind")
    model.save(tmp_path / "m.glassnet")
    X = frame.drop(columns="kind")

    assert gn.load(tmp_path / "m.glassnet").predict_proba(X).tolist() == model.predict_proba(X).tolist()


def test_streamed_regressor_with_a_sampled_digest(frame, folder, streaming, monkeypatch):
    """Mean, deviation and range of the target are those of all training rows, though the quantiles are a sample's."""
    monkeypatch.setattr(digest, "MOST_SAMPLED", 400)
    model = gn.GlassRegressor((8,), max_iter=15, batch_size=64, random_state=0, early_stopping=False)
    model.fit(folder, target="amount")
    X, y = frame.drop(columns="amount"), frame["amount"]
    encoder = model.target_encoder_

    np.testing.assert_allclose((encoder.means[0], encoder.scales[0]), (y.mean(), y.std(ddof=0)), rtol=1e-9)
    assert (encoder.lows[0], encoder.highs[0]) == (y.min(), y.max())
    assert model.score(X, y) > 0.9
    scale = model.encoder_.steps[0].scale
    assert scale != gn.GlassRegressor((8,), max_iter=1, early_stopping=False).fit(X, y).encoder_.steps[0].scale
    ranks = (frame["x0"] < scale.center).mean()
    assert abs(ranks - 0.5) < 4 * 0.5 / np.sqrt(400)


def test_a_streamed_fit_continues_from_its_checkpoint(folder, streaming, tmp_path):
    """A fit that was killed continues, and ends in the bits of the unbroken one."""
    whole = classifier().fit(folder, target="kind")

    def kill(epoch, network):
        if epoch.epoch == 2:
            raise MemoryError

    given = {"target": "kind", "checkpoint": tmp_path / "run", "checkpoint_every": 0.0}
    with pytest.raises(MemoryError):
        classifier(callback=kill).fit(folder, **given)
    continued = classifier().fit(folder, **given)

    assert continued.network_.theta.tobytes() == whole.network_.theta.tobytes()


@pytest.mark.parametrize("form", ["dataset", "reader", "csv", "query", "frame"])
def test_other_forms_of_rows(frame, folder, tmp_path, streaming, form):
    """A dataset, a reader of batches, CSV, a query and a frame with its target give the same model."""
    data = pa.Table.from_pandas(frame, preserve_index=False)
    csv = tmp_path / "all.csv"
    frame.to_csv(csv, index=False)
    forms = {
        "dataset": pyarrow.dataset.dataset(folder, format="parquet"),
        "reader": data.to_reader(max_chunksize=700),
        "csv": str(csv),
        "query": f"SELECT * FROM '{folder}/*.parquet'",
        "frame": frame,
    }
    ours = classifier(early_stopping=False).fit(forms[form], target="kind")
    theirs = classifier(early_stopping=False).fit(frame.drop(columns="kind"), frame["kind"])

    assert ours.encoder_.input_names == theirs.encoder_.input_names
    for step, other in zip(ours.encoder_.steps, theirs.encoder_.steps, strict=True):
        if hasattr(step, "scale"):
            np.testing.assert_allclose(step.scale.center, other.scale.center, rtol=1e-6)


def test_what_cannot_be_given_with_a_target(frame, folder):
    """Each refusal says what was expected."""
    X, y = frame.drop(columns="kind"), frame["kind"]
    with pytest.raises(ParameterError, match=r"y was given with target, the name of a column of X"):
        classifier().fit(frame, y, target="kind")
    with pytest.raises(ParameterError, match=r"sample_weight was given with target"):
        classifier().fit(frame, None, np.ones(N), target="kind")
    with pytest.raises(ParameterError, match=r"memory needs target=\.\.\., the column of X to predict"):
        classifier().fit(X, y, memory="1GB")
    with pytest.raises(ParameterError, match="memory='lots' must be a size, such as '400MB'"):
        classifier().fit(folder, target="kind", memory="lots")
    with pytest.raises(ParameterError, match="memory='10MB' leaves nothing to train in: the process itself takes"):
        classifier().fit(folder, target="kind", memory="10MB")
    with pytest.raises(ColumnError, match="the target 'kinds' is not among the columns; did you mean 'kind'"):
        classifier().fit(folder, target="kinds")
    with pytest.raises(SourceError, match="there is no file"):
        classifier().fit(folder / "missing.parquet", target="kind")


def test_what_cannot_be_streamed(folder, streaming):
    for settings, message in (
        ({"n_networks": 2}, "n_networks=2 trains several times, but rows that are streamed from files are trained on"),
        ({"refit": True, "early_stopping": True}, "refit=True trains several times, but rows that are streamed"),
        ({"solver": "lbfgs"}, "solver 'lbfgs' uses all rows at every step, but they do not fit into the memory"),
    ):
        with pytest.raises(ParameterError, match=message):
            classifier(**settings).fit(folder, target="kind")
    fitted = classifier(warm_start=True).fit(folder, target="kind")
    with pytest.raises(ParameterError, match="warm_start=True continues from the fitted network, which rows that are"):
        fitted.fit(folder, target="kind")
