"""Whole runs on the engine for accelerators: checkpoints, replays and divergence have the bits of the run."""

import pickle
from copy import deepcopy
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.engines.base import Problem
from glassnet.engines.xla import programs
from glassnet.engines.xla.engine import XlaEngine
from glassnet.training.train import start_run

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(22, 4)), np.eye(3)[RNG.integers(0, 3, size=22)]
NETWORK = gn.Network.create([4, 5, 3], hidden="tanh", output="softmax", seed=0, dtype="float32")
SETTINGS = {
    "cost": "cross_entropy", "batch_size": 8, "solver": "adamw", "dropout": 0.3, "schedule": "cosine", "engine": "xla"
}  # fmt: skip


def test_a_run_advanced_in_parts_has_the_same_bits():
    whole = gn.train(NETWORK, X, Y, epochs=6, **SETTINGS)
    run = start_run(NETWORK, X, Y, epochs=6, **SETTINGS)
    run.advance(epochs=1).advance(epochs=2).advance()

    assert run.result().theta.tobytes() == whole.network.theta.tobytes()
    np.testing.assert_array_equal(run.result().history["cost"], whole.history["cost"])


def test_a_killed_run_resumes_to_the_same_bits(tmp_path):
    whole = gn.train(NETWORK, X, Y, epochs=6, **SETTINGS)

    def killed(epoch, network):
        if epoch.epoch == 3:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        gn.train(NETWORK, X, Y, epochs=6, callback=killed, checkpoint=tmp_path / "run.ckpt", **SETTINGS)
    resumed = gn.resume(tmp_path / "run.ckpt", X, Y)

    assert resumed.network.theta.tobytes() == whole.network.theta.tobytes()
    np.testing.assert_array_equal(resumed.history["cost"], whole.history["cost"])


def test_a_replay_opens_every_step():
    """Steps of part of an epoch have the bits that they have in a whole one."""
    result = gn.train(NETWORK, X, Y, epochs=3, **SETTINGS)
    replay = result.replay()
    thetas = [moment.network.theta.tobytes() for moment in replay.walk()]

    assert len(thetas) == 10
    assert thetas[9] == result.network.theta.tobytes()
    for step in (8, 4, 5):
        assert replay.at(step=step).network.theta.tobytes() == thetas[step]


@pytest.mark.parametrize("dropout", [{}, {"dropout": 0.5, "dropout_schedule": "cosine"}], ids=["whole", "dropout"])
def test_divergence_is_named_as_the_reference_names_it(dropout):
    """Epoch, step, layer, unit and quantity of the first number that is not finite; the last finite network is kept."""
    net = gn.Network.create([4, 4, 3], hidden="relu", output="identity", seed=0)
    mine, reference = (
        gn.train(net, X, Y, cost="squared_error", solver="sgd", learning_rate=1e6, epochs=50, batch_size=8, engine=engine, **dropout)
        for engine in ("xla", "reference")
    )  # fmt: skip

    assert mine.history.divergence is not None
    assert mine.history.divergence == reference.history.divergence
    assert np.isfinite(mine.network.theta).all()
    np.testing.assert_allclose(mine.network.theta, reference.network.theta, rtol=1e-9)
    assert mine.replay().at(step=mine.history.divergence.step).network.theta.tobytes() == mine.network.theta.tobytes()


def test_a_gradient_of_frozen_weights_that_overflows_is_found():
    """It moves nothing and is in no norm, but the reference engine stops there."""
    net = gn.Network.from_weights([(np.zeros((2, 1), np.float32), None)], output="identity").freeze(1)
    run = {"cost": "absolute_error", "epochs": 1, "solver": "sgd"}
    mine, reference = (
        gn.train(net, [[3e38], [3e38]], [[1.0, 1.0], [1.0, -1.0]], engine=engine, **run).history.divergence
        for engine in ("xla", "reference")
    )

    assert mine == reference
    assert mine.quantity == "dW"


def test_a_gradient_whose_square_overflows_goes_on():
    """In float64, 1e200 is finite and its square is not: the steps are then taken one by one, to the same end."""
    net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    mine, reference = (
        gn.train(
            net, [[1e200], [1.0], [2.0]], [[0.0]] * 3, cost="absolute_error", solver="sgd", learning_rate=1e-201,
            epochs=2, batch_size=2, engine=engine, shuffle=False,
        )
        for engine in ("xla", "reference")
    )  # fmt: skip

    assert mine.history.divergence is None
    np.testing.assert_allclose(mine.network.theta, reference.network.theta, rtol=1e-12)
    assert mine.history["cost"] == pytest.approx(reference.history["cost"], rel=1e-12)


def test_many_runs_side_by_side_are_the_runs_alone():
    runs = [dict(network=NETWORK, X=X, Y=Y, epochs=2, seed=seed, **SETTINGS) for seed in range(3)]
    alone = [gn.train(**run, n_jobs=1).network.theta.tobytes() for run in runs]

    assert [result.network.theta.tobytes() for result in gn.train_many(runs, n_jobs=2)] == alone
    assert len(set(alone)) == 3


def test_an_estimator_and_its_clone_train_on_it():
    labels = Y.argmax(axis=1)
    settings = {"hidden_layer_sizes": (5,), "max_iter": 3, "preset": "plain", "random_state": 0}
    mine, reference = (gn.GlassClassifier(engine=name, **settings).fit(X, labels) for name in ("xla", "reference"))

    np.testing.assert_allclose(mine.predict_proba(X), reference.predict_proba(X), rtol=1e-4)
    regressor = gn.GlassRegressor(engine="xla", **settings).fit(X, X[:, 0])
    assert regressor.history_["cost"][-1] > 0


def test_the_users_settings_of_jax_stay_as_they_are():
    """Even while a run goes on, seen from its callback; and theirs do not change the run."""
    names = ("jax_enable_x64", "jax_default_matmul_precision", "jax_numpy_dtype_promotion", "jax_numpy_rank_promotion")
    seen = []

    def look(epoch, network):
        seen.append(([getattr(jax.config, name) for name in names], str(jax.numpy.ones(1).dtype)))

    before = [getattr(jax.config, name) for name in names]
    plain = gn.train(NETWORK, X, Y, epochs=2, callback=look, **SETTINGS)
    assert seen == [(before, "float32")] * 2
    assert [getattr(jax.config, name) for name in names] == before
    with (
        jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"), jax.debug_nans(True),
        jax.default_matmul_precision("bfloat16"),
    ):  # fmt: skip
        odd = gn.train(NETWORK, X, Y, epochs=2, **SETTINGS)

    assert odd.network.theta.tobytes() == plain.network.theta.tobytes()


def test_what_was_given_stays_as_it_is():
    """A program overwrites its parameters, and a device of cores may share memory with NumPy."""
    run = start_run(NETWORK, X, Y, epochs=3, **SETTINGS)
    states = [run.state.state]
    kept = [states[0].theta.copy()]
    for _ in range(3):
        states.append(run.advance(epochs=1).state.state)
        kept.append(states[-1].theta.copy())

    for state, copy in zip(states, kept, strict=True):
        np.testing.assert_array_equal(state.theta, copy)
    assert NETWORK.theta.tobytes() == kept[0].tobytes()


def test_a_state_is_never_overwritten_and_can_be_copied():
    """It stays on the device until it is asked for, while later steps go on from a copy of it."""
    engine = XlaEngine(Problem(NETWORK, COSTS["cross_entropy"], SOLVERS["adam"]), X, Y)
    order, rates = np.arange(22)[None], np.full(3, 0.01)
    first, _ = engine.run(engine.start(0.01), order, rates, 8)
    second, _ = engine.run(first, order, rates, 8)
    again, _ = engine.run(first, order, rates, 8)
    from_host, _ = engine.run(pickle.loads(pickle.dumps(first)), order, rates, 8)
    assert "solver" not in vars(second)
    changed = replace(first, theta=first.theta + np.float32(1.0))

    for other in (again, from_host):
        assert other.theta.tobytes() == second.theta.tobytes()
        assert [other.solver.t, other.solver.m.tobytes()] == [second.solver.t, second.solver.m.tobytes()]
    assert first.solver.t == 3
    assert second.solver.t == 6
    assert not np.array_equal(first.solver.m, second.solver.m)
    assert deepcopy(first).solver.v.tobytes() == first.solver.v.tobytes() == changed.solver.v.tobytes()
    assert not np.array_equal(engine.run(changed, order, rates, 8)[0].theta, second.theta)
    assert not hasattr(first, "momentum")


def test_kept_states_do_not_stay_on_the_device():
    run = start_run(NETWORK, X, Y, epochs=4, kept_states=2, **SETTINGS).advance()
    kept = [each.state for each in run.state.kept if each.state is not None]

    assert kept
    assert all("_carry" not in vars(state) for state in kept)


@pytest.mark.parametrize("engine", ["cpu", "reference", "xla"])
def test_every_engine_goes_on_from_its_state(engine):
    """Its arrays cannot be written to, which nobody may need."""
    first = gn.train(NETWORK, X, Y, epochs=2, **SETTINGS)
    state = first.state
    theta = state.theta.copy()
    further, right = (
        gn.train(first.network, X, Y, epochs=2, state=each, **(SETTINGS | {"engine": engine})).network.theta
        for each in (state, pickle.loads(pickle.dumps(state)))
    )

    assert further.tobytes() == right.tobytes() != theta.tobytes()
    np.testing.assert_array_equal(state.theta, theta)


def test_the_options_for_a_gpu_are_known_to_the_compiler():
    """Of names that it does not know it says so on any platform."""
    with pytest.raises(Exception, match="No such compile option: 'xla_gpu_autotune'"):
        jax.jit(jnp.sin, compiler_options={"xla_gpu_autotune": 0})(1.0)
    for options in programs.OPTIONS.values():
        assert jax.jit(jnp.cos, compiler_options=options)(0.0) == 1.0
