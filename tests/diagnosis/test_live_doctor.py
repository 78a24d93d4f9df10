"""Rules that listen to a training: what they say and when, and that the training is the same."""

import pickle
import threading

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.solvers import Solver
from glassnet.diagnosis.live_doctor import MOST_LOOKS, LiveDoctor
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.training.train import start_run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 2))
SIDES = (X[:, :1] - X[:, 1:] > 0).astype(float)
OPTIONS = {"cost": "binary_cross_entropy", "epochs": 12, "learning_rate": 0.01, "seed": 0}


def healthy(hidden="tanh", n=8):
    return gn.Network.create([2, n, 1], hidden=hidden, output="sigmoid", seed=0)


def trained(network=None, *, tell=None, X=X, Y=SIDES, **options):
    doctor = LiveDoctor(every="epoch", tell=tell)
    result = gn.train(network or healthy(), X, Y, callback=doctor, **{**OPTIONS, **options})
    return result, doctor


@pytest.mark.parametrize("engine", ["cpu", "reference"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_training_has_the_same_bits_with_a_doctor(solver, engine):
    options = {**OPTIONS, "solver": solver, "engine": engine, "learning_rate": None}
    if solver != "lbfgs":
        options["dropout"] = 0.2
    alone = gn.train(healthy(), X, SIDES, **options)
    for every in ("epoch", 0.001):
        heard = gn.train(healthy(), X, SIDES, callback=LiveDoctor(every, tell=None), **options)

        assert heard.network.theta.tobytes() == alone.network.theta.tobytes()
        assert heard.history["cost"].tobytes() == alone.history["cost"].tobytes()
        assert heard.history.stop_reason == alone.history.stop_reason


def test_units_that_die_during_training_are_told_at_their_epoch():
    """A solver of the user's own pushes the biases of six of eight relu units far down at its 40th step.

    An epoch has 10 steps, so that is at the end of epoch 4.
    """
    network = healthy("relu")
    at = network.layout.slot(1, "b").offset
    push = np.zeros(network.n_params)
    push[at + 2 : at + 8] = -1e3

    def step(theta, grad, state, *, eta):
        return theta - eta * grad + push * (state == 39), state + 1

    own = Solver("pushing", lambda theta, eta: 0, step, 0.1)
    told = []
    _, doctor = trained(network, tell=told.append, solver=own, batch_size=30, engine="reference", epochs=8)

    dead = [line for line in told if "dead-units" in line]
    assert dead == [
        "! epoch 4: dead-units (layer 1, units 3, 4, 5, 6, 7 and 8). 6 of 8 units have a slope of 0 in all 300 rows: "
        "what comes in changes nothing. Next: A smaller learning rate, or activation='leaky_relu' instead of 'relu', which always has a slope."
    ]
    shares = [look.statistics.layers[1].flat for look in doctor.runs[0].looks]
    assert [bool((each[2:] == 1).all()) for each in shares] == [False] * 3 + [True] * 5
    assert "dead-units" in [each.rule for each in doctor.diagnosis.findings]


@pytest.mark.parametrize("hidden", ["tanh", "relu", "silu"])
def test_a_healthy_network_is_left_alone(hidden):
    told = []
    _, doctor = trained(healthy(hidden, 16), tell=told.append, epochs=40)

    assert told == []
    assert {each.rule for each in doctor.diagnosis.of_level("warning")} <= {"stopped-early"}  # which it was
    assert len(doctor.runs[0].looks) == 40


def test_steps_that_are_too_large_are_told_and_taken_back():
    """With gradient descent a step is the learning rate times the gradient, here of all rows."""
    told = []
    _, doctor = trained(tell=told.append, learning_rate=30.0, solver="gd", epochs=12)
    looks = [look.statistics.layers for look in doctor.runs[0].looks]

    for layers in looks:
        for layer in layers:
            assert layer.update == pytest.approx(30.0 * layer.gradient, rel=1e-6)
    is_large = [max(layer.update / layer.weights for layer in layers) >= 0.1 for layers in looks]
    assert is_large[1:5] == [True] * 4
    assert not any(is_large[5:])
    steps = [line for line in told if "large-steps" in line]
    assert steps[0].startswith("! epoch 2: large-steps (layer 2). One step moves its weights by ")
    assert steps[1:] == ["✓ epoch 7: large-steps (layer 2) is gone."]


def test_the_first_number_that_is_not_finite_is_told_at_the_end_with_the_last_good_epoch():
    told = []
    rows = np.vstack([X, X[:1]])
    network = gn.Network.create([2, 4, 1], hidden="relu", output="identity", seed=0)
    result, doctor = trained(
        network, tell=told.append, X=rows, Y=1e30 * rows[:, :1], cost="half_squared_error", solver="sgd",
        learning_rate=1e3, epochs=50,
    )  # fmt: skip
    divergence, good = result.history.divergence, len(result.history)

    assert divergence.epoch == good + 1
    assert told[-1].startswith(f"✕ epoch {divergence.epoch}: not-finite (layer {divergence.layer}, unit ")
    last = f" The last good epoch was {good}." if good else ""
    assert f"Training met {divergence}.{last} Next: " in told[-1]
    assert doctor.diagnosis.findings[0].rule == "not-finite"


def test_a_run_that_is_paced_looks_only_when_training_has_paid_for_it(monkeypatch):
    """By the clock of the run's records, so that no real time decides: a second an epoch."""
    from glassnet.training.history import Epoch

    doctor, run = LiveDoctor(tell=None), start_run(healthy(), X, SIDES, **OPTIONS)
    run.advance(epochs=3)
    doctor.begin(run)
    for epoch in range(1, 4):
        cheap = Epoch(epoch, 0.5, 0.0, None, None, None, 0.01, 0.1, 1e-3 * epoch)
        doctor.hear(run, cheap, None)
    assert doctor.runs[0].looks == []
    doctor.hear(run, Epoch(4, 0.5, 0.0, None, None, None, 0.01, 0.1, 1e6), None)
    assert [look.epoch for look in doctor.runs[0].looks] == [4]


def test_the_diagnosis_is_that_of_the_returned_network():
    """Of the best epoch on validation rows, and without a look before its end."""
    doctor = LiveDoctor(every=1e6, tell=None)
    result = gn.train(healthy(), X, SIDES, callback=doctor, validation=(X[:50], 1 - SIDES[:50]), **OPTIONS)
    assert result.history.best_epoch < 12
    assert doctor.runs[0].looks == []
    found = doctor.diagnosis

    assert (found.n_rows, found.n_new_rows) == (300, 0)
    assert {"dead-units", "not-finite", "stopped-early"} < set(found.rules)
    assert "overfits" not in found.rules
    assert "validation=(X, y)" not in found.to_text()


def test_a_sample_of_many_rows_is_looked_at():
    rng = np.random.default_rng(1)
    many = rng.normal(size=(5000, 2))
    _, doctor = trained(X=many, Y=(many[:, :1] > 0) * 1.0, epochs=2)
    _, again = trained(X=many, Y=(many[:, :1] > 0) * 1.0, epochs=2)

    assert doctor.diagnosis.n_rows == 512
    means = [each.runs[0].looks[-1].statistics.layers[1].mean.tolist() for each in (doctor, again)]
    assert means[0] == means[1]


def test_of_many_looks_evenly_spread_ones_are_kept():
    _, doctor = trained(healthy(n=2), X=X[:20], Y=SIDES[:20], epochs=2 * MOST_LOOKS + 50)
    epochs = [look.epoch for look in doctor.runs[0].looks]

    assert len(epochs) <= MOST_LOOKS
    assert epochs[0] == 1
    assert set(np.diff(epochs)) == {4}


def test_sparse_rows_fronts_and_weights_are_looked_at():
    from scipy import sparse

    _, doctor = trained(X=sparse.csr_array(X), epochs=3)
    front = gn.Network.create([2, 4, 1], seed=0, numeric_embedding="pbld", input_scaling=True)
    _, other = trained(front, weights=np.linspace(0.1, 2, 300), epochs=3)

    assert doctor.diagnosis.n_rows == other.diagnosis.n_rows == 300


def test_ctrl_c_leaves_a_diagnosis(monkeypatch):
    doctor = LiveDoctor(every="epoch", tell=None)
    hear = doctor.hear

    def interrupted(run, epoch, network):
        hear(run, epoch, network)
        if epoch.epoch == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "hear", interrupted)
    with pytest.raises(TrainingInterrupted):
        gn.train(healthy(), X, SIDES, callback=doctor, **OPTIONS)

    assert len(doctor.runs[0].looks) == 3
    assert doctor.diagnosis.n_rows == 300


def test_a_run_that_continues_from_a_checkpoint_is_heard_further(tmp_path):
    """To its end, with what a doctor sees of the unbroken run."""
    unbroken, heard = trained()

    def interrupt(epoch, network):
        if epoch.epoch == 5:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted):
        gn.train(healthy(), X, SIDES, checkpoint=tmp_path / "run.ckpt", callback=interrupt, **OPTIONS)
    doctor = LiveDoctor(every="epoch", tell=None)
    result = gn.resume(tmp_path / "run.ckpt", X, SIDES, callback=doctor)

    looks = doctor.runs[0].looks
    assert [look.epoch for look in looks] == [5, 6, 7, 8, 9, 10, 11, 12]  # the checkpoint is of epoch 4
    for look, other in zip(looks, heard.runs[0].looks[4:], strict=True):
        assert look.statistics.layers[1].mean.tolist() == other.statistics.layers[1].mean.tolist()
    assert result.network.theta.tobytes() == unbroken.network.theta.tobytes()
    assert doctor.diagnosis == heard.diagnosis


def test_runs_side_by_side_are_told_apart():
    """Ensembles and `train_many` run in threads; each run has its own looks, and its number in what is told."""
    told, threads = [], set()

    def tell(line):
        told.append(line)
        threads.add(threading.get_ident())

    doctor = LiveDoctor(every="epoch", tell=tell)
    network = healthy("relu")
    theta = np.array(network.theta)
    theta[network.layout.slot(1, "b").offset :][:4] = -1e3
    network = network.with_theta(theta)
    runs = [{"network": network, "X": X, "Y": SIDES, **OPTIONS, "callback": doctor} for _ in range(3)]
    results = gn.train_many(runs, n_jobs=2)
    alone = gn.train(network, X, SIDES, **OPTIONS)

    assert [len(each.looks) for each in doctor.runs] == [12, 12, 12]
    assert {each.network.theta.tobytes() for each in results} == {alone.network.theta.tobytes()}
    assert sum("dead-units" in line for line in told) == 3
    assert {line.split(":")[0] for line in told if "dead-units" in line} == {
        "! epoch 1", "! run 2, epoch 1", "! run 3, epoch 1",
    }  # fmt: skip


@pytest.mark.parametrize("verbose", [False, True])
def test_an_estimator_passes_its_runs_on(verbose, capsys):
    doctor = LiveDoctor(every="epoch", tell=None)
    clf = gn.GlassClassifier((4,), max_iter=5, random_state=0, callback=doctor, verbose=verbose, early_stopping=False)
    clf.fit(X, SIDES[:, 0])

    assert [look.epoch for look in doctor.runs[0].looks] == [1, 2, 3, 4, 5]
    assert capsys.readouterr().out.count("Epoch ") == (5 if verbose else 0)


def test_the_training_data_are_let_go_at_the_end():
    """What a doctor holds afterwards, in bytes, does not grow with the rows, of which it keeps a sample."""

    def held(n_rows):
        rows = np.random.default_rng(1).normal(size=(n_rows, 2))
        _, doctor = trained(X=rows, Y=(rows[:, :1] > 0) * 1.0, epochs=1)
        return len(pickle.dumps(doctor.runs))

    assert held(20_000) - held(1_000) < 1_000  # of 19,000 rows of 24 bytes


@pytest.mark.parametrize("every", [1, 0.5, np.float32(0.5), np.int64(1), "epoch"])
def test_an_interval_may_be_any_number(every):
    assert LiveDoctor(every).every == every


class TestRefusals:
    @pytest.mark.parametrize("every", [0, -1.0, float("nan"), float("inf"), True, None, [1], "second"])
    def test_an_interval_that_is_none(self, every):
        with pytest.raises(ParameterError) as error:
            LiveDoctor(every)
        assert str(error.value) == f"every={every!r} must be 'epoch' or a positive number of seconds, such as 0.05."

    def test_a_diagnosis_before_any_run(self):
        with pytest.raises(ParameterError) as error:
            _ = LiveDoctor().diagnosis
        assert str(error.value) == "this LiveDoctor has not listened to a run yet; pass it as callback= to a training."

    def test_a_function_around_it(self):
        doctor = LiveDoctor()
        with pytest.raises(ParameterError) as error:
            gn.train(healthy(), X, SIDES, callback=lambda epoch, network: doctor(epoch, network), **OPTIONS)
        assert str(error.value) == (
            "a LiveDoctor listens to a run from its beginning; pass it itself as callback, not a function that calls "
            "it. In a cluster it cannot listen."
        )
