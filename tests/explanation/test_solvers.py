"""The update of every solver, with its memory: each number is what plain Python makes of the published formulas."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.errors import ParameterError, ShapeError
from glassnet.explanation.words.numbers import factor

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"
COST = "half_squared_error"
RULES = {name: solver.rules for name, solver in SOLVERS.items() if solver.has_step}


def one_parameter(name, w, g, memory, eta):
    """One step of one weight in Python's floats, from the papers' algorithms with their usual constants."""
    if name in ("gd", "sgd"):
        return w - eta * g
    if name in ("momentum", "nesterov"):
        u = 0.9 * memory["velocity"] - eta * g
        return w + (u if name == "momentum" else 0.9 * u - eta * g)
    if name in ("adagrad", "rmsprop"):
        s = memory["squares"] + g * g if name == "adagrad" else 0.9 * memory["squares"] + (1 - 0.9) * g * g
        return w - eta * g / (math.sqrt(s) + (1e-10 if name == "adagrad" else 1e-8))
    if name == "rprop":
        turned = g * memory["last"]
        size = min(50.0, max(1e-6, memory["sizes"] * (1.2 if turned > 0 else 0.5 if turned < 0 else 1.0)))
        return w if turned < 0 else w - (g > 0) * size + (g < 0) * size
    t = memory["t"] + 1
    m, v = 0.9 * memory["m"] + 0.1 * g, 0.999 * memory["v"] + 0.001 * g * g
    m_hat = m / (1 - 0.9**t)
    if name == "nadam":
        m_hat = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    shrunk = w - eta * memory["decay"] * w if name == "adamw" else w
    return shrunk - eta * m_hat / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)


@st.composite
def runs(draw):
    """A few steps of training, and the row after them."""
    sizes = [draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = gn.Network.create(sizes, hidden="tanh", output="identity", seed=int(rng.integers(1000)))
    X, Y = rng.normal(size=(6, sizes[0])), rng.normal(size=(6, sizes[-1]))
    return network, X, Y, draw(st.integers(1, 4))


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=25)
@given(run=runs(), from_memory=st.booleans())
def test_every_weight_moves_as_published(work, is_rounded, name, run, from_memory):
    network, X, Y, epochs = run
    result = gn.train(network, X, Y, cost=COST, solver=name, epochs=epochs, learning_rate=0.01)
    explanation = gn.explain(
        result.network, X[0], Y[0], cost=COST, solver=name, learning_rate=0.01, state=result if from_memory else None
    )
    true = work(result.network, X[0].tolist(), Y[0].tolist(), COST, 0.01)
    memory = result.state.solver._asdict() if from_memory else None
    layout, update = result.network.layout, explanation.update
    record = json.loads(explanation.to_json())["update"]
    for slot in layout.slots:
        old = {"W": true.W, "b": true.b}[slot.name][slot.layer]
        gradient = {"W": true.dW, "b": true.delta}[slot.name][slot.layer]
        for i, (w, g) in enumerate(zip(np.ravel(old), np.ravel(gradient), strict=True)):
            at = slot.offset + i
            own = {"velocity": 0.0, "squares": 0.0, "t": 0, "m": 0.0, "v": 0.0, "sizes": 0.01, "last": 0.0}
            if from_memory:
                own |= {key: value if key == "t" else float(value[at]) for key, value in memory.items()}
            new = one_parameter(name, float(w), float(g), {**own, "decay": 0.01 * (slot.name == "W")}, 0.01)
            j, k = (i, None) if slot.name == "b" else divmod(i, slot.shape[1])
            assert update.at(slot.layer, j, k)["new"] == pytest.approx(new, rel=1e-9, abs=1e-12)
            assert np.ravel(record["layers"][slot.layer - 1][slot.name])[i] == update.at(slot.layer, j, k)["new"]
    for rule in RULES[name]:  # the arithmetic that is shown leads to the numbers that are shown
        values = rule.value(update.quantities)
        np.testing.assert_allclose(values, update.quantities[rule.letter], rtol=1e-12, atol=1e-14)
    after = work(update.network, X[0].tolist(), Y[0].tolist(), COST, 0.01)
    assert update.cost_after == pytest.approx(after.total, rel=1e-12)
    assert update.cost_before == pytest.approx(true.total, rel=1e-12)
    weight = explanation.weight("x1 -> hidden1.1")
    for letter, shown in re.findall(rf"^(\w+)(?: w)? = .* = ({NUMBER})$", str(weight), re.MULTILINE):
        assert is_rounded(shown, weight.step[letter])


def test_adam_in_the_text():
    """First step from rest: m = (1 - 0.9)·0.1 = 0.01, corrected 0.1; v = 0.001·0.01 = 1e-05, corrected 0.01."""
    network = gn.Network.from_weights([([[0.5]], None)], output="identity")
    text = gn.explain(network, [0.2], -0.4, cost=COST, solver="adam").to_text()
    for line in (
        "UPDATE  adam, with η = 0.001, β1 = 0.9, β2 = 0.999, ε = 1e-08, t = 1; g is the gradient",
        "m_hat = m / (1 - β1^t)",
        "m = 0.9·0 + (1 - 0.9)·0.1 = 0.01",
        "v = 0.999·0 + (1 - 0.999)·0.1^2 = 1e-05",
        "m_hat = 0.01 / (1 - 0.9^1) = 0.1",
        "v_hat = 1e-05 / (1 - 0.999^1) = 0.01",
        "new = 0.5 - 0.001·0.1 / (sqrt(0.01) + 1e-08) = 0.499",
        "One step of adam on this row alone, the first, its memory still empty.",
    ):
        assert line in text


def test_memory_in_json_by_layer():
    network = gn.Network.create([2, 3, 1], seed=0)
    result = gn.train(network, [[0.0, 1.0]], [[1.0]], cost=COST, solver="momentum", epochs=3)
    update = gn.explain(result.network, [0, 1], 1, cost=COST, solver="momentum", state=result.state).to_dict()["update"]
    assert update["solver"] == "momentum"
    assert update["parameters"] == {"mu": 0.9}
    velocity = network.layout.view(result.state.solver.velocity, 1, "W")
    assert update["layers"][0]["memory"]["u_old"]["W"] == velocity.tolist()
    assert np.shape(update["layers"][0]["memory"]["u"]["b"]) == (3,)


def test_frozen_weights_stay_with_memory():
    network = gn.Network.create([2, 3, 1], seed=0).freeze(1)
    for solver in RULES:
        update = gn.explain(network, [0, 1], 1, cost=COST, solver=solver).update
        assert update.W[1].tolist() == network.W[1].tolist(), solver
        assert update.W[2].tolist() != network.W[2].tolist(), solver


def test_an_estimator_s_step_is_its_solver_s():
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    model = gn.GlassClassifier((3,), max_iter=4, random_state=0).fit(X, y)
    first = gn.explain(model, X[0], 1).update
    assert (first.solver.name, first.quantities["beta2"], first.quantities["t"]) == ("adam", 0.95, 1)
    later = gn.explain(model, X[0], 1, state="training")
    assert later.update.quantities["t"] == model.members_[0].state.solver.t + 1
    assert "from the memory of its earlier steps" in " ".join(str(later).split())
    plain = gn.explain(model, X[0], 1, solver="gd").update
    assert (plain.solver.name, plain.learning_rate) == ("gd", 0.1)


def opened_run(**settings):
    """Four epochs of six rows, one row a step, after step 18 of 24: half of the way down from 1 to 0."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    network = gn.Network.create([3, 4, 2], hidden="tanh", output="identity", seed=1)
    decaying = {"solver": ("adamw", {"weight_decay": 0.5}), "decay_schedule": "flat_cosine"}
    common = {"cost": COST, "learning_rate": 0.01, "batch_size": 1, "epochs": 4}
    run = gn.train(network, X, Y, **{**decaying, **common, **settings}).replay()
    return run.at(step=18), run.at(step=19)


def test_a_step_of_a_run_whose_decay_follows_a_schedule():
    """The arithmetic shown is that of the step taken: with 0.5 · 0.5, and not with the decay that the run began with."""
    opened, after = opened_run()
    explanation = gn.explain(opened.network, opened.X[0], opened.Y[0], cost=COST, state=opened)
    update = explanation.update

    np.testing.assert_allclose(update.network.theta, after.network.theta, rtol=1e-12)
    assert update.at(1, 0, 0)["weight_decay"] == pytest.approx(0.25, rel=1e-12)
    assert update.at(1, 0, None)["weight_decay"] == 0.0
    text = " ".join(explanation.to_text().split())
    assert "adamw, with η = 0.01, β1 = 0.9, β2 = 0.999, ε = 1e-08, λ = 0.25, t = 19; g is the gradient" in text
    assert "new = old - η·λ·old - η·m_hat / (sqrt(v_hat) + ε)" in text
    assert "The memory, learning rate and weight decay are those of the run after step 18. " in text
    weight = explanation.weight("x1 -> hidden1.1")
    assert f"- 0.01·0.25·{factor(weight.step['old'])} -" in " ".join(str(weight).split())


def test_what_is_named_beside_a_moment_of_a_run_is_taken_instead():
    row, target = [1.0, 0.5, -1.0], [0.0, 1.0]

    def update_of(moment, **named):
        return gn.explain(moment.network, row, target, cost=COST, state=moment, **named).update

    adamw, _ = opened_run()
    update = update_of(adamw, solver="adam", learning_rate=0.5)
    assert (update.solver.name, update.learning_rate) == ("adam", 0.5)
    assert "The memory is that of the run after step 18. " in update.words
    sgd, _ = opened_run(solver="sgd", decay_schedule="constant")
    assert (update_of(sgd).solver.name, update_of(sgd).learning_rate) == ("sgd", 0.01)
    assert "The learning rate is that of the run after step 18. " in update_of(sgd).words
    assert "of the run" not in update_of(sgd, learning_rate=0.5).words


def test_the_dropout_of_a_step_is_named_and_left_out():
    opened, _ = opened_run(dropout=0.4, dropout_schedule="flat_cosine")
    explanation = gn.explain(opened.network, opened.X[0], opened.Y[0], cost=COST, state=opened)

    assert (
        "those of the run after step 18, whose next step leaves out a share of 0.2 of the hidden units, unlike here."
    ) in " ".join(explanation.to_text().split())


def test_an_estimator_s_schedules_are_named():
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    settings = {"dropout": 0.2, "dropout_schedule": "cosine", "weight_decay": 0.02, "max_iter": 4, "random_state": 0}
    model = gn.GlassClassifier((3,), **settings).fit(X, y)
    explanation = gn.explain(model, X[0], 1)

    assert explanation.update.quantities["weight_decay"].max() == 0.02
    text = " ".join(explanation.to_text().split())
    assert "Training took other steps: adamw on the mean gradient of minibatches" in text
    assert "dropout on the schedule 'cosine', weight decay on the schedule 'flat_cosine'" in text
    moment = model.replay(X, y).at(epoch=2)
    assert gn.explain(model, X[0], 1, state=moment).update.learning_rate == moment.learning_rate


def test_errors(tmp_path):
    network = gn.Network.create([2, 1], seed=0)
    row = ([0, 1], 1)
    adam = gn.train(network, [[0.0, 1.0]], [[1.0]], cost=COST, solver="adam", epochs=1)
    wide = gn.train(gn.Network.create([2, 3, 1], seed=0), [[0.0, 1.0]], [[1.0]], cost=COST, epochs=1)
    with pytest.raises(ParameterError, match="solver='lbfgs' has no single step, as it uses a line search"):
        gn.explain(network, *row, cost=COST, solver="lbfgs")
    own = gn.core.catalog.solvers.Solver("mine", None, None, 0.1)
    with pytest.raises(ParameterError, match="solver='mine' is user-defined without known formulas"):
        gn.explain(network, *row, cost=COST, solver=own)
    with pytest.raises(
        ParameterError, match="state is a AdamState, but the memory of solver 'momentum' is a VelocityState"
    ):
        gn.explain(network, *row, cost=COST, solver="momentum", state=adam)
    with pytest.raises(ShapeError, match="state has 13 numbers as m, but this network has 3 parameters"):
        gn.explain(network, *row, cost=COST, solver="adam", state=wide)
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    model = gn.GlassClassifier((), max_iter=1, random_state=0).fit(X, y)
    with pytest.raises(
        ParameterError, match=r"state='last' cannot be used: pass the result of gn\.train, or 'training'"
    ):
        gn.explain(model, X[0], 1, state="last")
    model.save(tmp_path / "m.glassnet")
    with pytest.raises(
        ParameterError, match="does not hold the solver's memory, or its parameters were assigned; leave"
    ):
        gn.explain(gn.load(tmp_path / "m.glassnet"), X[0], 1, state="training")


def test_a_moment_whose_schedule_is_at_zero_moves_nothing():
    """The rate of coslog4 begins at 0: the step before the first one is shown, and every weight stays."""
    network = gn.Network.create([2, 2, 1], seed=0)
    result = gn.train(network, [[1.0, 0.5]], [[1.0]], cost="half_squared_error", schedule="coslog4", epochs=4)
    moment = result.at(step=0)
    found = gn.explain(moment.network, [1.0, 0.5], [1.0], cost="half_squared_error", state=moment)

    assert moment.learning_rate == 0
    assert found.update.learning_rate == 0
