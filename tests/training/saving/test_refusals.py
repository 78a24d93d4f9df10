"""What a checkpoint refuses, in a sentence that names it: other runs, other data, forged files, a second run."""

import os
import subprocess
import sys
import threading

import msgspec
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.errors import CheckpointError, ModelFileError, ParameterError, ShapeError, TrainingInterrupted
from glassnet.tensor_files import to_bytes
from glassnet.training.saving import content
from glassnet.training.saving.records import DescriptionRecord

CE = "cross_entropy"
RNG = np.random.default_rng(4)
X = RNG.normal(size=(60, 3))
Y = np.eye(3)[RNG.integers(0, 3, 60)]
WEIGHTS = np.linspace(0.5, 1.5, 60)


def network(**options):
    return gn.Network.create([3, 4, 3], output="softmax", seed=1, **options)


def stop(record, network):
    if record.epoch == 4:
        raise KeyboardInterrupt


@pytest.fixture
def path(tmp_path):
    """The checkpoint of a run that was interrupted after 4 of its 9 epochs."""
    place = tmp_path / "run.ckpt"
    with pytest.raises(TrainingInterrupted):
        gn.train(network(), X, Y, cost=CE, epochs=9, kept_states=2, checkpoint=place, callback=stop)
    return place


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"learning_rate": 0.5}, "it has learning_rate=0.001, not 0.5;"),
        ({"epochs": 10}, "it has epochs=9, not 10;"),
        ({"solver": ("adam", {"beta1": 0.8})}, "it has solver=('adam', {'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-08}), "),
        ({"schedule": "cosine"}, "it has schedule='constant', not ('cosine', {'final': 0.0});"),
        ({"l2": 0.1, "clip": 1.0}, "it has l2=0.0, not 0.1, and it has clip=None, not 1.0;"),
        ({"engine": "reference"}, "it has engine='cpu', not 'reference';"),
        ({"seed": 1}, "it has another seed;"),
        ({"weights": WEIGHTS}, "its weights have other values;"),
        ({"validation": (X, Y)}, "its validation X has other values, and its validation Y has other values"),
        ({"X": X + 1.0}, "its X has other values;"),
        ({"network": network().with_rates("fan_in")}, "its network has another structure;"),
        ({"network": gn.Network.create([3, 4, 3], output="softmax", seed=2)}, "its network has other initial parameters;"),
        ({"state": gn.train(network(), X, Y, cost=CE, epochs=1).state}, "it started from another state;"),
    ],
    ids=str,
)  # fmt: skip
def test_the_same_call_with_other_settings(other, words, path):
    before = path.read_bytes()
    arguments = {"network": network(), "X": X, "Y": Y, "cost": CE, "epochs": 9, "kept_states": 2} | other
    with pytest.raises(CheckpointError) as raised:
        gn.train(**arguments, checkpoint=path)

    assert str(raised.value).startswith(f"{str(path)!r} is the checkpoint of another run: {words}")
    assert str(raised.value).endswith("; continue it as it was begun, or name another file.")
    assert path.read_bytes() == before
    assert len(gn.resume(path, X, Y).history) == 9


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"X": X[::-1]}, "X is not that of the run in"),
        ({"Y": Y[::-1]}, "Y is not that of the run in"),
        ({"weights": WEIGHTS}, "has no weights, but some are given; leave them out"),
        ({"validation": (X, Y)}, "has no validation, but some are given; leave them out"),
    ],
    ids=str,
)
def test_other_data(other, words, path):
    with pytest.raises(CheckpointError, match=words):
        gn.resume(path, **({"X": X, "Y": Y} | other))


@pytest.mark.parametrize(
    ("given", "other", "words"),
    [
        ({"weights": WEIGHTS}, {}, "has weights, but none are given; pass them to resume, too"),
        ({"weights": WEIGHTS}, {"weights": WEIGHTS[::-1]}, "weights is not that of the run in"),
        ({"validation": (X, Y)}, {}, "has validation, but none are given"),
        ({"validation": (X, Y)}, {"validation": (X + 1, Y)}, "validation X is not that of the run in"),
        ({"validation": (X, Y, WEIGHTS)}, {"validation": (X, Y)}, "has weights of validation, but none are given"),
    ],
    ids=str,
)
def test_data_beside_the_rows(given, other, words, tmp_path):
    gn.train(network(), X, Y, cost=CE, epochs=2, checkpoint=tmp_path / "run", **given)
    with pytest.raises(CheckpointError, match=words):
        gn.resume(tmp_path / "run", X, Y, **other)
    assert len(gn.resume(tmp_path / "run", X, Y, **given).history) == 2


def test_a_changed_value_anywhere_is_seen(tmp_path):
    """Replay looks at some rows of a large table; a checkpoint at all."""
    inputs, targets = np.zeros((300_000, 2)), np.zeros(300_000)
    gn.train(gn.Network.create([2, 1], seed=0), inputs, targets, cost="half_squared_error", epochs=1, batch_size=300_000,
             checkpoint=tmp_path / "run")  # fmt: skip
    inputs[137_413, 1] = 1.0
    with pytest.raises(CheckpointError, match="X is not that of the run"):
        gn.resume(tmp_path / "run", inputs, targets)


def test_another_width(path):
    with pytest.raises(ShapeError, match="X has 2 columns, but this network has 3 inputs"):
        gn.resume(path, X[:, :2], Y)


def test_there_is_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        gn.resume(tmp_path / "run", X, Y)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_none(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"is a folder; add a file name, such as '.*run\.ckpt'"):
        gn.train(network(), X, Y, cost=CE, checkpoint=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*; make it first, or save elsewhere"):
        gn.train(network(), X, Y, cost=CE, checkpoint=tmp_path / "missing" / "run")


@pytest.mark.parametrize("every", [-1.0, "often", float("nan")])
def test_the_pace_is_a_number(every, tmp_path):
    with pytest.raises(ParameterError, match=r"^checkpoint_every=.* must be a number from 0 upwards\.$"):
        gn.train(network(), X, Y, cost=CE, checkpoint=tmp_path / "run", checkpoint_every=every)


def test_own_solvers_schedules_and_generators_cannot_be_held(tmp_path):
    from dataclasses import replace

    from glassnet.core.catalog.schedules import SCHEDULES

    own = replace(SOLVERS["gd"], name="mine")
    with pytest.raises(ParameterError, match="cannot hold your own solver 'mine'; choose one of glassnet's"):
        gn.train(network(), X, Y, cost=CE, solver=own, engine="reference", checkpoint=tmp_path / "run")
    bent = replace(SCHEDULES["cosine"], function=lambda t, epoch, final: 1.0 - t)
    with pytest.raises(ParameterError, match="cannot hold your own schedule 'cosine'"):
        gn.train(network(), X, Y, cost=CE, schedule=bent, checkpoint=tmp_path / "run")

    class Own(np.random.PCG64):
        pass

    with pytest.raises(ParameterError, match="cannot hold the state of the bit generator 'Own'"):
        gn.train(network(), X, Y, cost=CE, seed=np.random.Generator(Own(0)), checkpoint=tmp_path / "run")
    with pytest.raises(ParameterError, match=r"cannot hold parameters in .*; use network\.astype\('float64'\)"):
        gn.train(gn.Network.from_weights([(np.ones((3, 3), np.longdouble), None)], output="softmax"), X, Y, cost=CE,
                 engine="reference", checkpoint=tmp_path / "run")  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_own_functions_are_passed_again(tmp_path):
    doubled = gn.Activation("doubled", lambda Z: 2 * Z, lambda Z, A: 2 + 0 * Z)
    fourth = gn.Cost("fourth", lambda A, Y: (A - Y) ** 4, lambda A, Y: 4 * (A - Y) ** 3)
    net = gn.Network.create([3, 4, 3], hidden=doubled, output="identity", seed=1)
    whole = gn.train(net, X, Y, cost=fourth, epochs=6)
    with pytest.raises(TrainingInterrupted):
        gn.train(net, X, Y, cost=fourth, epochs=6, checkpoint=tmp_path / "run", callback=stop)

    with pytest.raises(
        CheckpointError, match=r"your own activation 'doubled', of which a checkpoint holds only the name"
    ):
        gn.resume(tmp_path / "run", X, Y, cost=fourth)
    with pytest.raises(
        CheckpointError, match=r"your own cost 'fourth', of which a checkpoint holds only the name; pass"
    ):
        gn.resume(tmp_path / "run", X, Y, activations={"doubled": doubled})
    resumed = gn.resume(tmp_path / "run", X, Y, activations={"doubled": doubled}, cost=fourth)
    np.testing.assert_array_equal(resumed.network.theta, whole.network.theta)


# One run at a time.


def test_a_second_run_is_refused(path):
    def again(record, network):
        with pytest.raises(
            CheckpointError, match="is in use by another run; wait until that ends, or name another file"
        ):
            gn.resume(path, X, Y)
        tried.append(record.epoch)

    tried = []
    gn.resume(path, X, Y, callback=again)
    assert tried == [4, 5, 6, 7, 8, 9]  # the callback was interrupted in epoch 4
    assert sorted(each.name for each in path.parent.iterdir()) == ["run.ckpt"]


def test_a_second_process_is_refused(path):
    script = (
        "import sys; import numpy as np; import glassnet as gn\n"
        "try: gn.resume(sys.argv[1], np.zeros((60, 3)), np.zeros((60, 3)))\n"
        "except gn.errors.CheckpointError as error: print(error)"
    )
    told = []

    def other(record, network):
        if record.epoch == 5:
            told.append(subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True).stdout)

    gn.resume(path, X, Y, callback=other)
    assert told == [f"{str(path)!r} is in use by another run; wait until that ends, or name another file.\n"]


def test_what_is_left_of_a_killed_run_locks_nothing(path):
    path.with_name("run.ckpt.lock").write_text("")
    assert len(gn.resume(path, X, Y).history) == 9


def test_many_threads_ask_for_one_checkpoint(tmp_path):
    """Exactly one of them has it at any moment; the others are refused, or find what it left."""
    told, results = [], []

    def run():
        try:
            results.append(gn.train(network(), X, Y, cost=CE, epochs=30, checkpoint=tmp_path / "run"))
        except CheckpointError as error:
            told.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results
    assert len(results) + len(told) == 6
    assert all("is in use by another run" in each for each in told)
    assert all((each.network.theta == results[0].network.theta).all() for each in results)


# Forged files, with checksums that fit.


def parts(path):
    read = content.read_content(path)
    return msgspec.json.decode(msgspec.json.encode(read.record)), {k: v.copy() for k, v in read.tensors.items()}


def put(path, text, tensors):
    text = text if isinstance(text, str) else msgspec.json.encode(text).decode()
    path.write_bytes(to_bytes(content.KIND, text, tensors))


def change(place, value):
    """A forgery that sets one entry of the description, by its path."""

    def forge(record, tensors):
        *way, last = place.split(".")
        for step in way:
            record = record[int(step)] if isinstance(record, list) else record[step]
        record[int(last) if isinstance(record, list) else last] = value

    return forge


def drop(name):
    return lambda record, tensors: tensors.pop(name)


def tensor(name, make):
    return lambda record, tensors: tensors.update({name: make(tensors.get(name))})


FORGERIES = [
    (change("run.n_epochs", 10), r"run\.n_epochs is 10 of 9"),
    (change("run.n_epochs", 5), "is after step 8, but 5 epochs end with step 10"),
    (change("run.n_epochs", -1), "n_epochs"),
    (change("run.state.step", 7), "is after step 7"),
    (change("run.state.step", 2**80), "step"),
    (change("run.state.counts", {}), "is of another solver"),
    (change("run.state.counts", {"t": 8, "u": 1}), "is of another solver"),
    (change("run.position.taken", 10**6), r"position is after 1000000 of \d+ orders"),
    (change("run.position.numbers", 2**40), "numbers"),
    (change("run.position.numbers", 0), "numbers"),
    (change("run.position.generator", {"type": "MT19937", "key": ["0"] * 624, "position": 625}), "position"),
    (change("run.position.generator", {"type": "MT19937", "key": ["0"] * 9, "position": 1}), "key"),
    (change("run.position.generator.type", "os.system"), "type"),
    (change("run.position.generator.state", "x"), "state"),
    (change("run.heard", 5), r"run\.heard is 5 of 4"),
    (change("run.watched.epoch", 5), "run.watched is of later epochs"),
    (change("run.watched.best", "much"), "best"),
    (change("run.factor", 2.0), "factor"),
    (change("run.factors", [[1, 1.0]]), "run.factors are not of this run"),
    (change("run.factors", [[0, 1.0], [5, 0.2]]), "run.factors are not of this run"),
    (change("run.kept", []), "kept"),
    (change("run.kept.1.epochs", 0), "run.kept are not of this run"),
    (change("run.kept.1.epochs", 8), "run.kept are not of this run"),
    (change("run.kept.1.state", None), "run.kept are not of this run"),
    (change("run.columns", ["cost"]), "run.columns are not those that this run measures"),
    (change("run.columns.0", "__class__"), "columns"),
    (change("run.end", {"stopped": "exec", "reason": "", "divergence": None}), "stopped"),
    (change("run.seconds", -1.0), "seconds"),
    (change("task.network.sizes", [3, 4000, 3]), r"network\.sizes need 28003 parameters, but there are 31"),
    (change("task.network.sizes", [2**33, 4, 3]), "sizes"),
    (change("task.network.has_bias", [True]), "has 1 entries for 2 layers"),
    (change("task.network.has_slope", [False, True]), "gives slopes to the outputs"),
    (change("task.network.slots", []), "network.slots are not those of the layout"),
    (change("task.network.slots.0.0", -1.0), "slots"),
    (change("task.network.front", {"n_inputs": 3, "embedded": [], "has_scaling": False}), "network.front does nothing"),
    (change("task.network.front", {"n_inputs": 3, "embedded": [7], "has_scaling": True}), "embeds a column that is not"),
    (change("task.network.front", {"n_inputs": 3, "embedded": [1, 1], "has_scaling": True}), "embeds a column twice"),
    (change("task.network.front", {"n_inputs": 9, "embedded": [], "has_scaling": True}), "does not make the numbers"),
    (change("task.network.activations.0.activation", "shell"), "your own activation 'shell'"),
    (change("task.network.activations.0.parameters", {"slope": 1.0}), "has the parameters"),
    (change("task.network.activations.0.formula", "__import__('os')"), "formula"),
    (change("task.settings.cost.name", "free"), "your own cost 'free'"),
    (change("task.settings.solver.name", "free"), "solver 'free' is not known"),
    (change("task.settings.solver.parameters", {"beta1": 2.0}), "must lie in"),
    (change("task.settings.epochs", 0), "epochs=0 must be a whole number"),
    (change("task.settings.batch_size", 0), "batch_size=0 must be"),
    (change("task.settings.learning_rate", 0.0), "learning_rate"),
    (change("task.settings.engine", "cuda"), "engine"),
    (change("task.settings.snapshots", 1), "does not have 4 snapshots"),
    (change("task.settings.monitor", "validation_cost"), "needs validation"),
    (change("task.settings.unknown", 1), "unknown"),
    (change("task.data.X", "0"), "X"),
    (drop("start"), "tensor start is missing"),
    (drop("theta"), "tensor theta is missing"),
    (drop("solver.m"), "tensor solver.m is missing"),
    (drop("kept.1.theta"), "tensor kept.1.theta is missing"),
    (drop("history"), "tensor history does not have 4 epochs"),
    (tensor("theta", lambda theta: theta[:-1]), "tensor theta has 30 parameters instead of 31"),
    (tensor("theta", lambda theta: theta[None]), "tensor theta has 2 dimensions"),
    (tensor("theta", lambda theta: theta.astype(np.float32)), "tensor theta is in float32 instead of float64"),
    (tensor("theta", lambda theta: theta.astype(np.int64)), "has the tensor 'theta' in a form that checkpoints do not"),
    (tensor("solver.v", lambda v: np.r_[v, v]), "tensor solver.v has 62 parameters instead of 31"),
    (tensor("watched", lambda _: np.zeros(3)), "tensor watched has 3 parameters"),
    (tensor("snapshots", lambda _: np.zeros((2, 31))), "tensor snapshots is of other epochs"),
    (tensor("history", lambda history: history[:, :-1]), "tensor history does not have 4 epochs"),
    (tensor("history", lambda history: history.astype(np.float32)), "tensor history does not have 4 epochs"),
    (tensor("start", lambda start: start[:5]), "need 31 parameters, but there are 5"),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "words"), FORGERIES, ids=range(len(FORGERIES)))
def test_forged(forge, words, path):
    record, tensors = parts(path)
    forge(record, tensors)
    put(path, record, tensors)
    with pytest.raises((CheckpointError, ParameterError), match=words) as raised:
        gn.resume(path, X, Y)
    assert str(raised.value).endswith((".", ")"))
    assert sorted(each.name for each in path.parent.iterdir()) == ["run.ckpt"]


def test_what_is_not_forged_is_read(path):
    put(path, *parts(path))
    assert len(gn.resume(path, X, Y).history) == 9


@pytest.mark.parametrize("text", ["", "{}", "[" * 10_000, '{"task": 1}', "null"])
def test_no_description(text, path):
    put(path, text, parts(path)[1])
    with pytest.raises(CheckpointError, match="does not describe a run that this version can continue"):
        gn.resume(path, X, Y)


def test_every_bit_counts(path):
    """Any flipped bit, any cut: a sentence, whatever it hits."""
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(150):
        damaged = bytearray(whole)
        place = int(rng.integers(len(whole)))
        if rng.random() < 0.2:
            damaged = damaged[:place]
        else:
            damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            gn.resume(path, X, Y)


def test_files_of_other_kinds_say_what_they_are(tmp_path, path):
    model = gn.GlassClassifier((4,), max_iter=1, random_state=0).fit(X, Y.argmax(axis=1))
    model.save(tmp_path / "m.glassnet")
    with pytest.raises(CheckpointError, match=r"is a model and no checkpoint; open it with glassnet\.load"):
        gn.resume(tmp_path / "m.glassnet", X, Y)
    with pytest.raises(ModelFileError, match=r"is a checkpoint of a training; continue it with glassnet\.resume"):
        gn.load(path)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(
        CheckpointError, match=r"is not a glassnet checkpoint; expected a file written by glassnet\.train"
    ):
        gn.resume(tmp_path / "text", X, Y)


def test_a_newer_form(path, monkeypatch):
    from dataclasses import replace

    record, tensors = parts(path)
    newer = replace(content.KIND, format=2)
    path.write_bytes(to_bytes(newer, msgspec.json.encode(record).decode(), tensors))
    with pytest.raises(CheckpointError, match="has format 2, but this version reads up to 1"):
        gn.resume(path, X, Y)


def test_the_description_has_one_form(path):
    """What is written is what the records say, and nothing else can be read."""
    text = msgspec.json.encode(content.read_content(path).record)
    assert msgspec.json.encode(msgspec.json.decode(text, type=DescriptionRecord)) == text


def test_a_file_of_the_user_in_the_place_of_the_lock_stays(tmp_path, binary, start):
    lock = tmp_path / "poetry.lock"
    lock.write_text("precious")
    with pytest.raises(
        CheckpointError, match=r"poetry.lock' is in the place of the checkpoint's lock file, but is another"
    ):
        gn.train(start(), *binary, cost="binary_cross_entropy", epochs=1, checkpoint=tmp_path / "poetry")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("poetry.lock", "precious")]


@pytest.mark.skipif(os.name != "posix", reason="has no device files")
def test_a_device_is_no_checkpoint(binary, start):
    with pytest.raises(CheckpointError, match=r"^'/dev/null' is a device or pipe; name a file, such as 'run.ckpt'\.$"):
        gn.train(start(), *binary, cost="binary_cross_entropy", epochs=1, checkpoint="/dev/null")


@pytest.mark.parametrize("checkpoint", [5, True, b"run.ckpt"])
def test_a_checkpoint_is_a_path(checkpoint, binary, start):
    with pytest.raises(ParameterError, match=r"^checkpoint=.* must be a path, such as 'run.ckpt'\.$"):
        gn.train(start(), *binary, cost="binary_cross_entropy", epochs=1, checkpoint=checkpoint)
