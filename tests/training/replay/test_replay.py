"""A run opened at any step shows, bit by bit, what it went through there.

The oracle never replays: it steps an engine one minibatch at a time through the same orders, on its own.
"""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.base import CONSTANT, Factors, Problem
from glassnet.engines.registry import resolve_engine
from glassnet.engines.seeding import ShuffleStream
from glassnet.errors import TrainingInterrupted

BCE = "binary_cross_entropy"
ENGINES = ["reference", "cpu"]


def stepped(network, X, Y, *, epochs, batch_size, solver, seed, engine, learning_rate=0.01, dropout=(), penalty=None,
            clip=None, weights=None, factors=CONSTANT):  # fmt: skip
    """Yield (state, rows, state after) of each step, taken by calls of one step each."""
    rng = np.random.default_rng(seed)
    problem = Problem(network, resolve_cost(BCE), resolve_solver(solver), penalty or Penalty(), tuple(dropout), clip,
                      int(rng.integers(1 << 32)))  # fmt: skip
    runner = resolve_engine(engine)(problem, X, Y, None if weights is None else weights / weights.mean())
    stream = ShuffleStream(len(Y), rng, shuffle=True)
    state = runner.start(learning_rate)
    for _ in range(epochs):
        order = stream.take(1)
        for start in range(0, len(Y), batch_size):
            rows = order[:, start : start + batch_size]
            own = factors.of(state.step)
            after, _ = runner.run(state, rows, np.full(1, learning_rate), batch_size, own)
            yield state, rows[0], after
            state = after


def assert_same_state(found, expected):
    assert found.step == expected.step
    np.testing.assert_array_equal(found.theta, expected.theta)
    for value, own in zip(found.solver, expected.solver, strict=True):
        np.testing.assert_array_equal(value, own)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ENGINES)
def test_adam_with_dropout_at_fifty_random_steps(engine, dtype, binary, start):
    """120 rows in minibatches of 25, the last of 20: a thousand steps, or 250 of the slower reference, in no order."""
    epochs = 200 if engine == "cpu" else 50
    network = start((4, 8, 6, 1), hidden="relu", dtype=dtype)
    settings = dict(epochs=epochs, batch_size=25, solver="adam", seed=11, engine=engine, learning_rate=0.01)
    result = gn.train(network, *binary, cost=BCE, dropout=[0.2, 0.3], kept_states=7, **settings)
    recorded = list(stepped(network, *binary, dropout=(0.2, 0.3), **settings))
    assert len(recorded) == 5 * epochs

    run = result.replay()
    for step in np.random.default_rng(0).integers(0, 5 * epochs, 50).tolist():
        opened = run.at(step=step)
        before, rows, after = recorded[step]
        assert_same_state(opened.state, before)
        np.testing.assert_array_equal(opened.network.theta, before.theta)
        np.testing.assert_array_equal(opened.rows, rows)
        np.testing.assert_array_equal(opened.X, binary[0][rows].astype(dtype))
        np.testing.assert_array_equal(opened.Y, binary[1][rows])
        # what came of it: Adam's own first moment, from the gradient read
        m = 0.9 * before.solver.m.astype(np.float64) + 0.1 * opened.grad.astype(np.float64)
        np.testing.assert_allclose(m, after.solver.m, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-9)
    assert_same_state(run.at(step=5 * epochs).state, recorded[-1][2])
    np.testing.assert_array_equal(run.at(epoch=epochs).network.theta, result.network.theta)


@pytest.mark.parametrize("engine", ENGINES)
def test_dropout_and_decay_on_a_schedule(engine, binary, start):
    """Flat for 30 of 60 steps, then half a cosine, worked here: every moment has its dropout, decay and gradient."""
    falling = [1.0 if step < 30 else 0.5 * (1 + np.cos(np.pi * (step / 30 - 1))) for step in range(61)]
    factors = Factors(np.asarray(falling), np.exp(-0.1 * np.arange(61) / 5))
    network, solver = start((4, 8, 6, 1)), ("adamw", {"weight_decay": 0.5})
    settings = dict(epochs=12, batch_size=25, seed=11, engine=engine, learning_rate=0.01)
    result = gn.train(
        network, *binary, cost=BCE, solver=solver, dropout=[0.2, 0.3], dropout_schedule="flat_cosine",
        decay_schedule=("exponential", {"rate": np.exp(-0.1)}), kept_states=3, **settings,
    )  # fmt: skip
    recorded = list(stepped(network, *binary, dropout=(0.2, 0.3), solver=solver, factors=factors, **settings))

    run = result.replay()
    for step in np.random.default_rng(0).permutation(60).tolist():
        opened, (before, rows, after) = run.at(step=step), recorded[step]
        np.testing.assert_allclose(opened.state.theta, before.theta, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(opened.rows, rows)
        np.testing.assert_allclose(opened.dropout, np.multiply(falling[step], (0.2, 0.3)), rtol=1e-12)
        assert opened.solver.parameters["weight_decay"] == pytest.approx(0.5 * factors.decay[step], rel=1e-12)
        m = 0.9 * before.solver.m + 0.1 * opened.grad
        np.testing.assert_allclose(m, after.solver.m, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(opened.gradients.grad, opened.grad, rtol=1e-9, atol=1e-12)
    assert_same_state(run.at(step=60).state, result.state)
    walked = [moment.state for moment in result.replay().walk()]
    for step in (0, 13, 31, 47, 59):  # from a state that was kept or from the start: the same bits
        assert_same_state(run.at(step=step).state, walked[step])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_on_schedules_that_goes_on_is_replayed(engine, binary, start):
    """The second run has schedules of its own length, and the masks of the steps that it counts on from the first."""
    schedules = dict(solver="adamw", dropout=0.3, dropout_schedule="flat_cosine", decay_schedule="flat_cosine")
    first = gn.train(start(), *binary, cost=BCE, epochs=3, engine=engine, **schedules)
    second = gn.train(first.network, *binary, cost=BCE, epochs=4, state=first.state, engine=engine, **schedules)
    run = second.replay()

    assert_same_state(run.at(epoch=0).state, first.state)
    assert_same_state(run.at(step=12 + 16).state, second.state)
    assert [run.at(step=step).dropout for step in (12, 20, 24)] == [(0.3,), (0.3,), (pytest.approx(0.15),)]


REMEMBERS = ("adam", {"beta1": 0.0})  # its m is the gradient of its last step: (1 - 0) g
SETTINGS = {
    "plain": {},
    "dropout": {"dropout": (0.4,)},
    "penalty": {"penalty": Penalty(0.003, 0.02)},
    "clip": {"clip": 0.05},
    "weights": {"weights": np.linspace(0.1, 2, 120)},
    "all": {"dropout": (0.4,), "penalty": Penalty(0.003, 0.02), "clip": 0.05, "weights": np.linspace(0.1, 2, 120)},
}


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_gradient_is_the_very_one_that_the_optimizer_took(engine, setting, sparse, binary, start):
    """Adam with beta1 = 0 keeps the gradient it took in m: the states recorded know it bit by bit."""
    options = dict(SETTINGS[setting])
    X, Y = csr_matrix(np.where(np.abs(binary[0]) < 0.5, 0, binary[0])) if sparse else binary[0], binary[1]
    common = dict(epochs=2, batch_size=25, solver=REMEMBERS, seed=2, engine=engine, learning_rate=0.05)
    recorded = list(stepped(start(dtype="float32"), X, Y, **common, **options))
    penalty = options.pop("penalty", Penalty())
    options["dropout"] = list(options.get("dropout", [0.0]))
    run = gn.train(start(dtype="float32"), X, Y, cost=BCE, l1=penalty.l1, l2=penalty.l2, **common, **options).replay()

    for moment, (before, rows, after) in zip(run.walk(), recorded):
        assert_same_state(moment.state, before)
        np.testing.assert_array_equal(moment.grad, after.solver.m)
        np.testing.assert_array_equal(moment.rows, rows)
        if engine == "reference" and not penalty and "clip" not in options:
            np.testing.assert_array_equal(moment.gradients.grad, moment.grad)
        elif not penalty and "clip" not in options:
            np.testing.assert_allclose(moment.gradients.grad, moment.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_history_is_the_mean_of_what_its_steps_tell(engine, binary, start):
    """Cost and norm of the gradient, over the steps of each epoch, weighed by their rows."""
    result = gn.train(start(), *binary, cost=BCE, epochs=3, batch_size=50, dropout=0.2, clip=0.1, engine=engine)
    moments = [moment for moment in result.replay().walk() if not moment.is_end]

    for epoch, record in enumerate(result.history):
        steps = moments[3 * epoch : 3 * epoch + 3]
        assert sum(step.cost * len(step.rows) for step in steps) / 120 == pytest.approx(record.cost, rel=1e-12)
        assert np.mean([step.gradient_norm for step in steps]) == pytest.approx(record.gradient_norm, rel=1e-12)
        assert steps[-1].learning_rate == record.learning_rate


@pytest.mark.parametrize("solver", [name for name in gn.solvers().names if name != "lbfgs"])
def test_every_solver_is_opened_with_its_memory(solver, binary, start):
    result = gn.train(start(), *binary, cost=BCE, epochs=4, solver=solver)
    end = result.at(epoch=4)

    assert end.is_end
    assert_same_state(end.state, result.state)
    assert_same_state(result.at(epoch=0).state, gn.train(start(), *binary, cost=BCE, epochs=4, solver=solver)
                      .replay().at(step=0).state)  # fmt: skip
    np.testing.assert_array_equal(result.at(epoch=0).network.theta, start().theta)


@pytest.mark.parametrize("kept_states", [0, 1, 3, 50])
@pytest.mark.parametrize("shuffle", [True, False])
def test_epochs_are_those_of_the_run_however_many_states_were_kept(kept_states, shuffle, binary, start):
    """The callback sees each epoch's network."""
    seen = {0: start().theta}
    result = gn.train(
        start(), *binary, cost=BCE, epochs=20, dropout=0.1, kept_states=kept_states, shuffle=shuffle,
        schedule="cosine", callback=lambda record, network: seen.update({record.epoch: network.theta.copy()}),
    )  # fmt: skip
    run = result.replay()

    for epoch in [20, 3, 19, 0, 1, 10, 9]:
        opened = run.at(epoch=epoch)
        np.testing.assert_array_equal(opened.network.theta, seen[epoch])
        assert (opened.epoch, opened.step) == (epoch, 4 * epoch)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(3, 40), st.integers(1, 15), st.integers(1, 12), st.integers(0, 4), st.sampled_from(["cosine", "step"]),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
)  # fmt: skip
def test_any_order_of_opening_gives_the_states_of_walking_through(n_samples, batch, epochs, kept, schedule, places):
    rng = np.random.default_rng(n_samples)
    X = rng.normal(size=(n_samples, 2))
    network = gn.Network.create([2, 3, 1], hidden="tanh", output="sigmoid", seed=1)
    result = gn.train(network, X, (X[:, 0] > 0) * 1.0, cost=BCE, epochs=epochs, batch_size=batch, dropout=0.3,
                      schedule=schedule, kept_states=kept, engine="reference")  # fmt: skip
    run = result.replay()
    walked = [moment.state for moment in run.walk()]

    assert len(walked) == run.n_steps + 1 == result.state.step + 1
    assert_same_state(walked[-1], result.state)
    for place in places:
        step = place % len(walked)
        opened = run.at(step=step)
        assert_same_state(opened.state, walked[step])
        again = run.at(epoch=opened.epoch, step=opened.step_of_epoch)
        assert again.step == step
        np.testing.assert_array_equal(again.rows, opened.rows)


def test_the_best_epoch_is_the_network_kept(binary, start):
    """Trained too long on few rows: an epoch in the middle is the best on the others."""
    X, Y = binary
    result = gn.train(
        start((4, 30, 1)), X[:30], Y[:30], cost=BCE, epochs=60, learning_rate=0.05, validation=(X[30:], Y[30:]),
        patience=10, kept_states=3,
    )  # fmt: skip
    best = result.history.best_epoch

    assert 0 < best < len(result.history) < 60
    np.testing.assert_array_equal(result.at(epoch=best).network.theta, result.network.theta)
    assert not np.array_equal(result.at(epoch=len(result.history)).network.theta, result.network.theta)


def test_an_adaptive_learning_rate_is_replayed(curve, start):
    """Noise keeps the cost from falling: the rate becomes a fifth of itself several times."""
    seen = {}
    result = gn.train(
        start((2, 5, 2), output="identity"), *curve, cost="half_squared_error", solver="sgd", learning_rate=0.5,
        schedule="adaptive", patience=2, tolerance=1e-3, epochs=80, kept_states=4,
        callback=lambda record, network: seen.update({record.epoch: network.theta.copy()}),
    )  # fmt: skip
    rates = result.history["learning_rate"]
    assert len(set(rates)) >= 3
    run = result.replay()

    for epoch in (1, len(rates) // 2, len(rates) - 1, len(rates)):
        np.testing.assert_array_equal(run.at(epoch=epoch).network.theta, seen[epoch])
        assert run.at(epoch=epoch, step=0).learning_rate == rates[epoch - 1]


def test_each_step_has_the_learning_rate_of_its_schedule(binary, start):
    """Half a cosine over 12 steps, by hand."""
    result = gn.train(start(), *binary, cost=BCE, epochs=3, learning_rate=0.2, schedule="cosine")
    rates = [moment.learning_rate for moment in result.replay().walk() if not moment.is_end]

    np.testing.assert_allclose(rates, [0.1 * (1 + np.cos(np.pi * step / 12)) for step in range(12)], rtol=1e-12)


def test_a_run_that_goes_on_counts_steps_from_where_it_began(binary, start):
    first = gn.train(start(), *binary, cost=BCE, epochs=3)
    second = gn.train(first.network, *binary, cost=BCE, epochs=2, state=first.state, seed=5, kept_states=2)
    run = second.replay()

    assert (run.first_step, run.n_steps) == (12, 8)
    assert_same_state(run.at(epoch=0).state, first.state)
    assert_same_state(run.at(step=20).state, second.state)
    assert [moment.step for moment in run.walk(start=18)] == [18, 19, 20]
    with pytest.raises(
        gn.GlassnetError, match=r"^step=3 is not in this run: it took 8 steps, so that step goes from 12"
    ):
        run.at(step=3)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_step_that_diverged_is_opened(engine, curve, start):
    """The last finite network, and the gradient or the cost that was not finite."""
    result = gn.train(
        start((2, 5, 2), hidden="relu", output="identity", dtype="float32"), *curve, cost="half_squared_error",
        solver="gd", learning_rate=1e4, epochs=50, engine=engine,
    )  # fmt: skip
    place = result.history.divergence
    opened = result.at(step=place.step)

    assert opened.epoch in (place.epoch, place.epoch - 1)
    assert np.isfinite(opened.network.theta).all()
    assert_same_state(opened.state, result.state)
    assert not opened.is_end
    assert not (np.isfinite(opened.cost) and np.isfinite(opened.grad).all())
    assert list(result.replay().walk())[-1].step == place.step
    with pytest.raises(gn.GlassnetError, match=f"^epoch={place.epoch} is not in this run: it ended in epoch"):
        result.at(epoch=place.epoch)


@pytest.mark.parametrize("batch_size", [7, 120])
def test_a_run_that_diverged_within_an_epoch_is_walked_to_its_last_step(batch_size, binary, start):
    result = gn.train(
        start((4, 3, 1), hidden="relu", output="identity"), *binary, cost="half_squared_error", solver="sgd",
        learning_rate=50.0, batch_size=batch_size, epochs=300,
    )  # fmt: skip
    last = result.history.divergence.step

    assert [moment.step for moment in result.replay().walk(every="epoch")][-1] == last
    assert_same_state(result.at(step=last).state, result.state)


def test_an_interrupted_run_is_opened_as_far_as_it_came(binary, start):
    def interrupt(record, network):
        if record.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted) as end:
        gn.train(start(), *binary, cost=BCE, epochs=9, callback=interrupt)
    result = end.value.result
    run = result.replay()

    assert run.n_steps == 12
    np.testing.assert_array_equal(run.at(epoch=3).network.theta, result.network.theta)


def test_a_generator_as_seed_is_not_moved_on_by_replaying(binary, start):
    rng = np.random.default_rng(4)
    result = gn.train(start(), *binary, cost=BCE, epochs=3, seed=rng)
    before = copy.deepcopy(rng.bit_generator.state)

    np.testing.assert_array_equal(result.at(epoch=3).network.theta, result.network.theta)
    assert rng.bit_generator.state == before


def test_an_own_activation_is_replayed_by_the_readable_engine(binary, start):
    sigma = gn.Activation("square", lambda z: z * z, lambda z, a: 2 * z)
    network = gn.Network.create([4, 3, 1], hidden=sigma, output="sigmoid", seed=0)
    result = gn.train(network, *binary, cost=BCE, epochs=2)

    np.testing.assert_array_equal(result.at(epoch=2).network.theta, result.network.theta)


def test_what_is_frozen_has_no_gradient(binary, start):
    from dataclasses import replace

    network = start()
    slots = tuple(replace(slot, frozen=slot.layer == 1) for slot in network.layout.slots)
    frozen = replace(network, layout=replace(network.layout, slots=slots))
    opened = gn.train(frozen, *binary, cost=BCE, epochs=2, engine="reference").at(epoch=1)

    assert not opened.grad[:25].any()
    assert opened.grad[25:].all()


def test_a_row_is_explained_as_the_network_was_at_that_step(binary, start):
    """One row a minibatch: the step that `explain` shows by hand is the one that the run took."""
    X, Y = binary[0][:6], binary[1][:6]
    result = gn.train(start(), X, Y, cost=BCE, epochs=2, batch_size=1, learning_rate=0.05)
    opened, after = result.at(epoch=2, step=3), result.at(epoch=2, step=4)
    explanation = gn.explain(
        opened.network, opened.X[0], opened.Y[0], cost=BCE, solver="adam", learning_rate=opened.learning_rate,
        state=opened.state,
    )  # fmt: skip

    assert explanation.cost.total == pytest.approx(opened.cost, rel=1e-12)
    np.testing.assert_allclose(explanation.update.network.theta, after.network.theta, rtol=1e-12)


def test_copies_hold_no_data_and_take_it_again(binary, start):
    result = gn.train(start(), *binary, cost=BCE, epochs=3, kept_states=2)
    size = len(pickle.dumps(result))
    large = np.tile(binary[0], (50, 1)), np.tile(binary[1], (50, 1))
    same = pickle.loads(pickle.dumps(result))

    assert len(pickle.dumps(gn.train(start(), *large, cost=BCE, epochs=3, kept_states=2))) < size + 1000
    assert_same_state(same.replay(*binary).at(step=7).state, result.at(step=7).state)
    with pytest.raises(
        gn.GlassnetError, match=r"^a copy of a result does not hold the data of its run; pass them: rep"
    ):
        same.at(step=7)


def test_data_in_another_form_are_the_same_data(binary, start):
    """Lists instead of arrays, and one target as a flat list."""
    X, Y = binary
    result = gn.train(start(), X, Y, cost=BCE, epochs=2, weights=np.full(120, 3.0))

    assert result.replay(X.tolist(), Y.ravel().tolist(), weights=[1] * 120).n_steps == 8


def test_a_run_says_where_it_was_opened(binary, start):
    result = gn.train(start(), *binary, cost=BCE, epochs=2)

    assert repr(result.at(step=5)).startswith("after step 5: epoch 2, 1 of its 4 steps; next: 32 rows at learning rate")
    assert repr(result.replay()) == "Replay: 8 steps from step 0 on, 4 in an epoch"
    assert "2, 4 of its 4 steps; the run ended here: 32 rows" in repr(result.at(epoch=2))
