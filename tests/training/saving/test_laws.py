"""A run that is stopped after any number of epochs, saved, loaded and continued has the bits of one that was not."""

from itertools import count

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.errors import TrainingInterrupted
from glassnet.training.history import NAMES

RNG = np.random.default_rng(4)
X = RNG.normal(size=(60, 3))
Y = np.eye(3)[np.digitize(X[:, 0] + 0.5 * X[:, 1] ** 2, [0.0, 0.8])]
FULL_BATCH = sorted(name for name, solver in SOLVERS.items() if solver.full_batch)
MINIBATCH = sorted(name for name, solver in SOLVERS.items() if not solver.full_batch)


def same(resumed, whole):
    """Parameters, the solver's memory, and everything of the history but seconds."""
    np.testing.assert_array_equal(resumed.network.theta, whole.network.theta)
    np.testing.assert_array_equal(resumed.state.theta, whole.state.theta)
    assert resumed.state.step == whole.state.step
    assert type(resumed.state.solver) is type(whole.state.solver)
    for mine, other in zip(resumed.state.solver, whole.state.solver, strict=True):
        np.testing.assert_array_equal(mine, other)
    mine, other = resumed.history, whole.history
    for name in NAMES:
        if name != "seconds":
            np.testing.assert_array_equal(mine[name], other[name], err_msg=name)
    for name in ("stopped", "stop_reason", "best_epoch", "metric_name", "divergence"):
        assert getattr(mine, name) == getattr(other, name)
    assert list(mine.snapshots) == list(other.snapshots)
    for epoch, theta in mine.snapshots.items():
        np.testing.assert_array_equal(theta, other.snapshots[epoch])
    if whole.recording is not None:
        assert resumed.recording.factors == whole.recording.factors
        assert [each.epochs for each in resumed.recording.kept] == [each.epochs for each in whole.recording.kept]


def interrupted_after(epochs):
    """A callback that stops the run there as Ctrl-C does."""

    def interrupt(record, network):
        if record.epoch >= epochs:
            raise KeyboardInterrupt

    return interrupt


def resumed_run(path, stops, network, inputs, targets, **options):
    """The run, interrupted after each of some numbers of epochs and resumed; the last time to its end."""
    data = {name: options[name] for name in ("weights", "validation") if options.get(name) is not None}
    for k, stop in enumerate(stops):
        try:
            if k == 0:
                gn.train(network, inputs, targets, **options, checkpoint=path, callback=interrupted_after(stop))
            else:
                gn.resume(path, inputs, targets, **data, callback=interrupted_after(stop))
        except TrainingInterrupted:
            pass
    return gn.resume(path, inputs, targets, **data)


@st.composite
def runs(draw):
    """Arguments of `train`: every way of going on that a checkpoint has to hold."""
    full = draw(st.booleans())
    solver = draw(st.sampled_from(FULL_BATCH if full else MINIBATCH))
    validated = draw(st.booleans())
    options = {
        "solver": solver,
        "epochs": draw(st.integers(1, 14)),
        "batch_size": None if full else draw(st.sampled_from([None, 1, 7, 60, 100])),
        "learning_rate": draw(st.sampled_from([None, 0.05])),
        "schedule": draw(st.sampled_from(["constant", "cosine", "inverse", ("warm_up", {"share": 0.3}), "adaptive"])),
        "dropout": draw(st.sampled_from([0.0, 0.3])),
        "dropout_schedule": draw(st.sampled_from(["constant", "flat_cosine"])),
        "l1": draw(st.sampled_from([0.0, 1e-3])),
        "l2": draw(st.sampled_from([0.0, 1e-2])),
        "clip": draw(st.sampled_from([None, 0.5])),
        "weights": draw(st.sampled_from([None, np.linspace(0.5, 1.5, 60)])),
        "validation": (X[:20], Y[:20]) if validated else None,
        "monitor": draw(st.sampled_from([None, "validation_metric", "cost"])) if validated else None,
        "patience": draw(st.sampled_from([None, 1, 3])),
        "tolerance": draw(st.sampled_from([0.0, 0.02])),
        "shuffle": draw(st.booleans()),
        "snapshots": draw(st.sampled_from([0, 1, 3])),
        "kept_states": draw(st.sampled_from([0, 2])),
        "metric": draw(st.sampled_from(["auto", None])),
        "engine": draw(st.sampled_from(["cpu", "reference"])),
        "seed": draw(st.integers(0, 3)),
    }
    if solver == "lbfgs":
        options |= {"dropout": 0.0, "clip": None}
    if options["schedule"] == "adaptive" and options["patience"] is None:
        options["patience"] = 2
    if options["monitor"] == "validation_metric" and options["metric"] is None:
        options["metric"] = "auto"
    network = gn.Network.create(
        [3, 4, 3], hidden=draw(st.sampled_from(["tanh", "relu"])), output="softmax", seed=1,
        input_scaling=draw(st.booleans()), learned_slope=draw(st.booleans()),
        dtype=draw(st.sampled_from(["float64", "float32"])),
    ).with_rates(draw(st.sampled_from(["equal", "fan_in"])))  # fmt: skip
    return network, options, draw(st.lists(st.integers(1, 15), min_size=1, max_size=3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs())
def test_stopped_anywhere_and_resumed(tmp_path_factory, run):
    network, options, stops = run
    path = tmp_path_factory.mktemp("run") / "run.ckpt"
    whole = gn.train(network, X, Y, cost="cross_entropy", **options)
    resumed = resumed_run(path, stops, network, X, Y, cost="cross_entropy", **options)

    same(resumed, whole)
    same(gn.train(network, X, Y, cost="cross_entropy", **options, checkpoint=path), whole)  # the same call again
    if whole.recording is not None:  # and it can be opened
        middle = -(-len(whole.history) // 2)
        np.testing.assert_array_equal(resumed.at(epoch=middle).state.theta, whole.at(epoch=middle).state.theta)


@pytest.mark.parametrize(
    "bits", [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]
)
def test_any_generator_of_numpy(bits, tmp_path):
    network = gn.Network.create([3, 4, 3], output="softmax", seed=1)
    options = dict(cost="cross_entropy", epochs=9, batch_size=20)
    whole = gn.train(network, X, Y, seed=np.random.Generator(bits(5)), **options)

    generator = np.random.Generator(bits(5))
    same(resumed_run(tmp_path / "run", [2, 6], network, X, Y, seed=generator, **options), whole)
    again = gn.train(network, X, Y, seed=np.random.Generator(bits(5)), checkpoint=tmp_path / "run", **options)
    same(again, whole)


def test_sparse_inputs(tmp_path):
    inputs = sp.random(80, 30, density=0.2, random_state=1, format="csr")
    targets = np.asarray(inputs.sum(axis=1)) > 3
    network = gn.Network.create([30, 4, 1], hidden="relu", seed=1)
    options = dict(cost="binary_cross_entropy", epochs=6)
    whole = gn.train(network, inputs, targets, **options)

    same(resumed_run(tmp_path / "run", [3], network, inputs, targets, **options), whole)


def test_own_formulas_are_in_the_file(tmp_path):
    swoosh = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - 0.08 z")
    cost = gn.Cost.from_formula("cauchy", "log(1 + ((t - o) / c)^2)", parameters={"c": 2.0})
    network = gn.Network.create([3, 4, 3], hidden=swoosh, output="identity", seed=1)
    whole = gn.train(network, X, Y, cost=cost, epochs=6)

    same(resumed_run(tmp_path / "run", [2], network, X, Y, cost=cost, epochs=6), whole)


def test_a_run_that_starts_from_a_state(tmp_path):
    network = gn.Network.create([3, 4, 3], output="softmax", seed=1)
    before = gn.train(network, X, Y, cost="cross_entropy", epochs=3)
    options = dict(cost="cross_entropy", epochs=7, state=before.state, kept_states=2)
    whole = gn.train(network, X, Y, **options)
    resumed = resumed_run(tmp_path / "run", [2, 5], network, X, Y, **options)

    same(resumed, whole)
    assert resumed.replay().first_step == before.state.step


@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_a_run_that_diverges(engine, tmp_path):
    network = gn.Network.create([3, 4, 3], hidden="relu", output="identity", seed=1)
    options = dict(cost="half_squared_error", solver="sgd", learning_rate=3.0, batch_size=20, epochs=60, engine=engine)
    whole = gn.train(network, X, Y, **options)
    assert whole.history.stopped == "diverged"
    assert len(whole.history) > 1

    same(resumed_run(tmp_path / "run", [1], network, X, Y, **options), whole)
    same(gn.resume(tmp_path / "run", X, Y), whole)  # finished: it is returned


def test_a_finished_run_is_returned_without_a_step(tmp_path, monkeypatch):
    network = gn.Network.create([3, 4, 3], output="softmax", seed=1)
    whole = gn.train(network, X, Y, cost="cross_entropy", epochs=5, checkpoint=tmp_path / "run")
    written = (tmp_path / "run").read_bytes()
    heard = []
    monkeypatch.setattr("glassnet.engines.cpu.engine.CpuEngine.run", None)
    again = gn.resume(tmp_path / "run", X, Y, callback=lambda *given: heard.append(given))

    same(again, whole)
    assert again.history == whole.history  # seconds, too
    assert heard == []
    assert (tmp_path / "run").read_bytes() == written


def test_a_time_limit_counts_what_was_used_before(tmp_path, monkeypatch):
    """On a clock that goes on by 10 ms each time that it is read."""
    clock = count(step=0.01)
    monkeypatch.setattr("glassnet.training.loop.recorder.perf_counter", lambda: next(clock))
    network = gn.Network.create([3, 4, 3], output="softmax", seed=1)
    options = dict(cost="cross_entropy", epochs=10**6, time_limit=0.4)
    with pytest.raises(TrainingInterrupted) as end:
        gn.train(
            network, X, Y, **options, checkpoint=tmp_path / "run",
            callback=lambda record, _: interrupted_after(0)(record, _) if record.seconds > 0.2 else None,
        )  # fmt: skip
    used = end.value.result.history[-1].seconds
    history = gn.resume(tmp_path / "run", X, Y).history

    assert history.stopped == "time"
    assert 0.2 < used < history[-1].seconds < 0.5
    assert np.all(np.diff(history["seconds"]) >= 0)
