"""What `gn.playback` records: numbers of `gn.explain`, names in the user's words, within 3 MB, or one sentence."""

import base64
import json
import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError, ReplayError, ShapeError
from glassnet.studio.recording.epochs import spread

MOST_BYTES = 3_000_000
X2 = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y2 = [[0], [1], [1], [0]]


def small(**settings):
    settings = {"cost": "binary_cross_entropy", "epochs": 5, **settings}
    return gn.train(gn.Network.create([2, 3, 1], hidden="tanh", seed=1), X2, Y2, **settings)


def values_of(recording):
    """The numbers of each frame, (n_frames, n_values)."""
    numbers = recording.record["numbers"]
    values = np.frombuffer(base64.b64decode(numbers["data"]), dtype=f"<f{numbers['bytes']}")
    return values.reshape(len(recording.epochs), -1)


def test_a_frame_holds_the_numbers_of_explain(boolean, boolean_recording):
    """In the order that frames.js reads: weights by layer; for each row a, delta, z, dE/da by layer, and the losses."""
    result, X, Y = boolean
    place = len(boolean_recording.epochs) // 2
    network = result.at(epoch=boolean_recording.epochs[place]).network
    expected = [np.asarray(network.W[1]).ravel(), np.asarray(network.W[2]).ravel()]
    for row in range(8):
        told = gn.explain(network, X[row], Y[row], cost="half_squared_error")
        for ahead, back in zip(told.forward, told.backward, strict=True):
            expected += [ahead.a, back.delta, ahead.z, back.dE_da]
        expected.append([told.cost.total])

    assert values_of(boolean_recording)[place].tolist() == np.concatenate(expected).tolist()


def test_a_row_of_a_table_is_in_its_words(penguins, penguins_recording):
    model, X, y = penguins
    told = gn.explain(model, X.iloc[[3]], y.iloc[3])
    row = penguins_recording.record["rows"][0]

    assert row["index"] == 3
    assert row["target"] == y.iloc[3]
    assert [column["name"] for column in row["columns"]] == [column.column for column in told.inputs]
    assert row["X"] == told.forward[1].a_in.tolist()
    assert penguins_recording.record["names"][0] == list(model.encoder_.input_names)
    assert penguins_recording.record["names"][-1] == ["Adelie", "Chinstrap", "Gentoo"]


def test_the_last_frame_of_a_model_is_its_network(penguins, penguins_recording):
    """Up to the temperature, which scales the last layer after training."""
    model, X, y = penguins
    network = model.replay(X, y).at(epoch=penguins_recording.epochs[-1]).network
    sources = len(model.encoder_.input_names)
    drawn = penguins_recording.record["scene"]["layers"][1]["drawn"]

    weights = values_of(penguins_recording)[-1][: len(drawn) * sources]
    np.testing.assert_array_equal(weights, np.asarray(network.W[1], dtype=float)[drawn].ravel())


@pytest.mark.parametrize("last", [0, 1, 7, 99, 100, 5000])
@pytest.mark.parametrize("n", [2, 3, 60, 100])
def test_spread_epochs(last, n):
    chosen = spread(range(last + 1), n, always=(last // 3,))

    assert chosen == tuple(sorted(set(chosen)))
    assert chosen[0] == 0
    assert chosen[-1] == last
    assert len(chosen) <= n
    assert n < 3 or last // 3 in chosen
    gaps = np.diff(chosen)
    assert last < 2 * n or n < 20 or gaps[: len(gaps) // 3].mean() < gaps[-len(gaps) // 3 :].mean()


def test_a_large_network_stays_small():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 784)), np.eye(10)[rng.integers(0, 10, 40)]
    net = gn.Network.create([784, 200, 200, 10], hidden="relu", output="softmax", seed=0)
    recording = gn.playback(gn.train(net, X, Y, cost="cross_entropy", epochs=60))

    assert len(recording.html.encode()) < MOST_BYTES
    assert len(recording.epochs) >= 20
    assert recording.epochs[0] == 0
    assert recording.epochs[-1] == 60
    assert recording.notes[0].startswith(f"The page holds {len(recording.epochs)} frames instead of 61: each takes ")
    assert recording.notes[1] == "Numbers are stored in float32, so the sixth digit may differ from gn.explain's."


@pytest.mark.parametrize("n_columns", [3, 784])
def test_many_rows_and_epochs_stay_small(n_columns):
    """Words, curves and inputs take their share of the page."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(24, n_columns)), np.eye(10)[rng.integers(0, 10, 24)]
    net = gn.Network.create([n_columns, 30, 10], hidden="relu", output="softmax", seed=0)
    names = [f"class of a name that is rather long {k}" for k in range(10)]
    result = gn.train(net, X, Y, cost="cross_entropy", epochs=5000, tolerance=0.0)
    recording = gn.playback(result, rows=range(24), frames=400, outputs=names)

    assert 2_000_000 < len(recording.html.encode()) < MOST_BYTES
    assert recording.record["history"]["thinned"] == "The curves show one epoch in 2, of 5,000."


def test_a_network_without_room_is_refused():
    net = gn.Network.create([40_000, 12, 1], seed=0)
    result = gn.train(net, np.zeros((2, 40_000)), [[0], [1]], cost="binary_cross_entropy", epochs=2)

    with pytest.raises(
        ParameterError, match=r"of this 40000-12-1 network needs \d\.\d MB per frame, but its page has \d\.\d MB"
    ):
        gn.playback(result)


def test_the_same_run_makes_the_same_page(boolean):
    assert gn.playback(boolean[0]).html == gn.playback(boolean[0]).html


def test_a_diverged_run_ends_at_its_last_finite_network():
    X = np.random.default_rng(0).normal(size=(50, 3))
    net = gn.Network.create([3, 4, 1], hidden="relu", output="identity", seed=0)
    settings = {"cost": "squared_error", "solver": "sgd", "learning_rate": 1.5, "epochs": 300, "batch_size": 20}
    result = gn.train(net, X, X[:, :1], **settings)
    assert result.history.stopped == "diverged"
    recording = gn.playback(result)
    history = recording.record["history"]

    assert history["divergence"] == str(result.history.divergence)
    assert history["reason"] == result.history.stop_reason
    last = recording.record["frames"][-1]
    step = result.history.divergence.step
    assert (last["epoch"], last["step"]) == (-(-step // 3), step % 3)
    assert np.isfinite(values_of(recording)[-1][:20]).all()


def test_an_ensemble_shows_its_first_network():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    model = gn.GlassClassifier((4,), n_networks=2, max_iter=4, random_state=0).fit(X, y)
    recording = gn.playback(model, X, y)

    assert "The model is the mean of 2 networks; this is the training of the first." in recording.notes
    assert recording.record["sizes"] == [2, 4, 1]


def test_lbfgs_shows_the_epochs_that_it_stored():
    result = small(solver="lbfgs", snapshots=1)
    recording = gn.playback(result, X2, Y2, cost="binary_cross_entropy")

    assert recording.epochs == tuple(sorted(result.history.snapshots))
    assert recording.record["solver"]["name"] == "gd"
    assert recording.notes[0].startswith("L-BFGS searches along a line and has no single step")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    model = gn.GlassClassifier((4,), solver="lbfgs", snapshots=1, max_iter=6, random_state=0).fit(X, y)
    assert gn.playback(model, X, y).epochs == tuple(sorted(model.history_.snapshots))


def test_a_front():
    """Behind a front, the activations of the inputs change from frame to frame."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    net = gn.Network.create([2, 4, 1], hidden="relu", output="identity", numeric_embedding="pbld", seed=0)
    result = gn.train(net, X, X[:, :1] ** 2, cost="squared_error", epochs=6)
    recording = gn.playback(result, rows=[5])
    told = gn.explain(result.at(epoch=6).network, X[5], X[5, :1] ** 2, cost="squared_error")
    n_parameters = 4 * 8 + 4 + 4 + 1  # W and b of both layers, behind two inputs and six waves

    assert recording.record["has_front"]
    assert recording.record["rows"][0]["X"] is None
    np.testing.assert_array_equal(values_of(recording)[-1][n_parameters : n_parameters + 8], told.forward[1].a_in)


def test_a_formula_of_ones_own():
    swoosh = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - 0.08 z")
    net = gn.Network.create([2, 3, 1], hidden=swoosh, seed=1)
    recording = gn.playback(gn.train(net, X2, Y2, cost="binary_cross_entropy", epochs=3))

    assert recording.record["layers"][0]["function"]["tree"][0] == "subtract"


def test_a_function_without_a_formula_is_refused():
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    net = gn.Network.create([2, 3, 1], hidden=sine, seed=1)
    result = gn.train(net, X2, Y2, cost="binary_cross_entropy", epochs=3)

    with pytest.raises(ParameterError, match="activation 'sine' is user-defined without a formula, and a recording"):
        gn.playback(result)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rows": [9]}, ParameterError, r"rows=\[9\] has 9, but the table has the rows 0 to 3; give numbers of rows"),
        ({"rows": []}, ParameterError, r"rows=\[\] names no row"),
        ({"rows": [True]}, ParameterError, r"rows=\[True\] has True"),
        ({"rows": [0] * 25}, ParameterError, "rows names 25 rows, but a recording holds at most 24"),
        ({"frames": 1}, ParameterError, "frames=1 is neither a number of frames, at least 2, nor a list of epochs"),
        ({"frames": "all"}, ParameterError, "frames='all' is neither a number"),
        ({"frames": [0, 6]}, ParameterError, r"frames=\[0, 6\] has 6, but this run can be opened at 6 epochs from 0 to 5"),
        ({"frames": []}, ParameterError, r"frames=\[\] names no epoch"),
        ({"most": 2}, ParameterError, "most=2 leaves no room for neurons beside a group"),
        ({"inputs": ["a"]}, ShapeError, "^inputs gives 1 name, but this network has 2 inputs; give one name for each"),
        ({"outputs": [1, 2]}, ShapeError, "^outputs gives 2 names, but this network has 1 output; give one name for"),
        ({"cost": "squared_error"}, ParameterError, "a run knows its cost; leave cost= out"),
    ],
)  # fmt: skip
def test_refusals(arguments, error, message):
    with pytest.raises(error, match=message):
        gn.playback(small(), **arguments)


def test_refusals_of_what_cannot_be_replayed(penguins):
    model, X, y = penguins
    with pytest.raises(ParameterError, match=r"a model does not store its data; pass the X and y of its last fit"):
        gn.playback(model)
    with pytest.raises(ParameterError, match=r"inputs= is for the result of gn\.train; a model knows its own"):
        gn.playback(model, X, y, inputs=["a"])
    with pytest.raises(ReplayError, match="X and y differ from the data of the last training"):
        gn.playback(model, X[:100], y[:100])
    with pytest.raises(ReplayError, match="solver 'lbfgs' cannot be replayed, and this run stored no parameters"):
        gn.playback(small(solver="lbfgs"), X2, Y2, cost="binary_cross_entropy")
    with pytest.raises(ParameterError, match="the result of solver 'lbfgs' does not hold its data; pass them"):
        gn.playback(small(solver="lbfgs", snapshots=1))
    with pytest.raises(ParameterError, match="the result of solver 'lbfgs' does not know its cost"):
        gn.playback(small(solver="lbfgs", snapshots=1), X2, Y2)
    with pytest.raises(ParameterError, match="this GlassRegressor is not fitted yet; call fit"):
        gn.playback(gn.GlassRegressor(), X, y)
    with pytest.raises(ParameterError, match="model is a str, but a fitted GlassClassifier or GlassRegressor, or the"):
        gn.playback("model")


def test_a_model_from_a_file_is_refused(penguins, tmp_path):
    model, X, y = penguins
    model.save(tmp_path / "model.glassnet")

    with pytest.raises(ReplayError, match="this model comes from a file, which does not store the training"):
        gn.playback(gn.load(tmp_path / "model.glassnet"), X, y)


def test_a_pipeline_is_refused_with_the_way_to_do_it():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, [0, 0, 1, 1] * 5
    pipe = make_pipeline(StandardScaler(), gn.GlassClassifier((2,), max_iter=3, random_state=0)).fit(X, y)

    with pytest.raises(ParameterError, match=r"try gn.playback\(pipe\[-1\], pipe\[:-1\].transform\(X\), y\)"):
        gn.playback(pipe, X, y)
    assert gn.playback(pipe[-1], pipe[:-1].transform(X), y).epochs == (0, 1, 2, 3)


def test_saving(tmp_path, boolean_recording):
    path = tmp_path / "run.html"
    path.write_text("before")
    boolean_recording.save(path)

    assert path.read_text(encoding="utf-8") == boolean_recording.html
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]
    with pytest.raises(
        ParameterError, match=r"^run\.pdf ends in '\.pdf', but a recording is a page; try a name such as run\."
    ):
        boolean_recording.save("run.pdf")
    with pytest.raises(
        ParameterError, match=r"^run has no ending, but a recording is a page; try a name such as run\.html"
    ):
        boolean_recording.save("run")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder; add a file name, such as"):
        boolean_recording.save(tmp_path / "folder.html")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        boolean_recording.save(tmp_path / "nowhere" / "run.html")


def test_a_sparse_table_and_a_missing_value():
    from scipy.sparse import csr_array

    X = csr_array(np.asarray(X2, dtype=float))
    settings = {"cost": "binary_cross_entropy", "epochs": 3}
    sparse, dense = (gn.train(gn.Network.create([2, 3, 1], seed=1), data, Y2, **settings) for data in (X, X2))
    assert gn.playback(sparse, rows=[2]).record["rows"] == gn.playback(dense, rows=[2]).record["rows"]

    table = np.asarray([[0.0, 1.0], [np.nan, 2.0], [1.0, 3.0], [2.0, 5.0]] * 5)
    model = gn.GlassRegressor((2,), max_iter=3, random_state=0).fit(table, table[:, 1])
    column = gn.playback(model, table, table[:, 1], rows=[1]).record["rows"][0]["columns"][0]
    assert column["raw"] == "missing"
    assert column["values"] == list(gn.explain(model, table[1]).inputs[0].values)


def test_several_targets_and_labels():
    """In the user's words: both numbers, or the names of the row's labels."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    model = gn.GlassRegressor((3,), max_iter=3, random_state=0).fit(X, X * [2.0, 3.0])
    row = gn.playback(model, X, X * [2.0, 3.0], rows=[4]).record["rows"][0]
    np.testing.assert_allclose([float(value) for value in row["target"].split(", ")], X[4] * [2.0, 3.0], rtol=1e-6)

    labels = (X > 0).astype(int)
    clf = gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(X, labels)
    row = int(np.flatnonzero(labels.sum(axis=1) == 1)[0])
    told = gn.explain(clf, X[row], labels[row])
    recorded = gn.playback(clf, X, labels, rows=[row]).record["rows"][0]
    assert recorded["target"] == told.target[0]
    assert recorded["Y"] == labels[row].tolist()


def test_chosen_frames_and_rows(boolean):
    recording = gn.playback(boolean[0], frames=[100, 0, 7, 7], rows=[2, 2, 0])

    assert recording.epochs == (0, 7, 100)
    assert recording.rows == (2, 0)
    assert gn.playback(boolean[0], frames=9).epochs[-1] == 400
    assert len(gn.playback(boolean[0], frames=9).epochs) == 9
    assert repr(recording) == "Playback of 3-3-1: 3 frames of 400 epochs, 2 rows"


HOSTILE = "</script><script>alert(1)</script>"


def test_names_from_data_do_not_end_the_record():
    """No tag of a name stands in the page; the record, read as JSON, gives the name back."""
    recording = gn.playback(small(), inputs=[HOSTILE, "<!--"], outputs=["a\u202eb\x00"])
    start, data, end = re.split(
        r'<script type="application/json" id="recording">|</script>\n<script type="module"', recording.html
    )

    assert "alert" not in start + end
    assert "<" not in data
    assert json.loads(data)["names"][0] == [HOSTILE, "<!--"]
    assert json.loads(data)["names"][-1] == ["a\ufffdb\ufffd"]


def test_in_a_notebook(boolean_recording):
    """In a frame of its own, which has no access to the notebook."""
    text = boolean_recording._repr_html_()

    assert text.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert 'sandbox="allow-scripts"' in text


def test_a_run_that_diverged_in_its_first_epoch():
    X = np.random.default_rng(0).normal(size=(50, 3))
    net = gn.Network.create([3, 4, 1], hidden="relu", output="identity", seed=0)
    settings = {"cost": "squared_error", "solver": "sgd", "learning_rate": 1e60, "epochs": 30, "batch_size": 10}
    recording = gn.playback(gn.train(net, X, X[:, :1] * 1e150, **settings))

    assert [(frame["epoch"], frame["step"]) for frame in recording.record["frames"]] == [(0, 0), (1, 1)]
    assert recording.record["history"]["n_epochs"] == 0
    assert recording.record["history"]["curves"] == {}
