"""A user's own activation, cost and solver at every entrance, by functions and by formulas, under new and built-in names.

Each is an arithmetic twin of a built-in one, which is the oracle: the activation is leaky_relu with slope 0.2, the cost is 1000
times squared_error, and the solver steps as momentum does. Whoever takes the built-in one of its name instead shows other numbers.
"""

import os
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.solvers import SOLVERS, Solver
from glassnet.engines.base import Problem
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import CheckpointError, ModelFileError, ParameterError
from glassnet.training.train import start_run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.sin(X[:, :1]) + X[:, 1:2] ** 2
CLASSES = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")
NETWORK = gn.Network.create([3, 4, 1], hidden="relu", output="identity", seed=0)
SETTINGS = {"cost": "half_squared_error", "solver": "gd", "epochs": 4, "learning_rate": 0.05}


def leaky(Z):
    return np.where(Z > 0, Z, 0.2 * Z)


def leaky_prime(Z, A):
    return np.where(Z > 0, 1.0, 0.2)


def large(A, Y):
    return 1000 * (A - Y) ** 2


def large_prime(A, Y):
    return 2000 * (A - Y)


class Velocity(NamedTuple):
    v: Any
    t: int


def begin_named(theta, eta):
    return Velocity(np.zeros_like(theta), 0)


def step_named(theta, grad, state, *, eta):
    v = 0.9 * state.v - eta * grad
    return theta + v, Velocity(v, state.t + 1)


def begin_array(theta, eta):
    return np.zeros(theta.shape)


def step_array(theta, grad, state, *, eta):
    state *= 0.9
    state -= eta * grad
    theta += state
    return theta, state


def begin_dict(theta, eta):
    return {"v": np.zeros((1, len(theta))), "names": ["v"]}


def step_dict(theta, grad, state, *, eta):
    state["v"] = 0.9 * state["v"] - eta * grad
    return theta + state["v"][0], state


def begin_tuple(theta, eta):
    return (np.zeros((2, len(theta))),)


def step_tuple(theta, grad, state, *, eta):
    v = 0.9 * state[0][1] - eta * grad
    return theta + v, (np.stack([grad, v]),)


def begin_none(theta, eta):
    return None


def step_none(theta, grad, state, *, eta):
    return theta - eta * grad, state


def begin_number(theta, eta):
    return 1.0


def step_number(theta, grad, state, *, eta):
    return theta - state * eta * grad, state


def begin_growing(theta, eta):
    return ()


def step_growing(theta, grad, state, *, eta):
    return theta - eta * grad, (*state, grad)


MEMORIES = {
    "NamedTuple": (begin_named, step_named, "momentum"),
    "array, in place": (begin_array, step_array, "momentum"),
    "dict, in place": (begin_dict, step_dict, "momentum"),
    "tuple of one matrix": (begin_tuple, step_tuple, "momentum"),
    "None": (begin_none, step_none, "sgd"),
    "number": (begin_number, step_number, "sgd"),
    "tuple that grows": (begin_growing, step_growing, "sgd"),
}


@dataclass(frozen=True)
class Own:
    """An own record."""

    kind: str
    entry: Any
    has_builtin_name: bool
    by_formula: bool = False

    @property
    def name(self):
        return self.entry.name

    @property
    def network(self):
        return with_activation(self.entry) if self.kind == "activation" else NETWORK

    @property
    def settings(self):
        """The arguments of `train` with the own record."""
        mine = {"cost": {"cost": self.entry, "learning_rate": 5e-5}, "solver": {"solver": self.entry}}
        return {**SETTINGS, **mine.get(self.kind, {})}

    def estimator(self, make=gn.GlassRegressor, **others):
        setting = {"activation": "activation", "cost": "loss", "solver": "solver"}[self.kind]
        rate = 5e-5 if self.kind == "cost" else 0.01
        given = {
            setting: self.entry,
            "hidden_layer_sizes": (4,),
            "max_iter": 3,
            "learning_rate_init": rate,
            "random_state": 0,
        }
        return make(**{**given, **others})

    @property
    def can_be_saved(self):
        """By its formula; an activation also by its name, unless that is a built-in one."""
        return self.by_formula or (self.kind == "activation" and not self.has_builtin_name)


def with_activation(sigma):
    return gn.Network.create([3, 4, 1], hidden=sigma, output="identity", seed=0).with_theta(NETWORK.theta)


def owns():
    for taken in (False, True):
        relu, squared_error, adam = ("relu", "squared_error", "adam") if taken else ("leak", "large", "rolling")
        yield Own("activation", gn.Activation(relu, leaky, leaky_prime, kinks=(0.0,)), taken)
        yield Own("activation", gn.Activation.from_formula(relu, "max(z, 0.2 z)"), taken, by_formula=True)
        yield Own("cost", gn.Cost(squared_error, large, large_prime), taken)
        yield Own("cost", gn.Cost.from_formula(squared_error, "1000 (t - o)^2"), taken, by_formula=True)
        yield Own("solver", Solver(adam, begin_named, step_named, 0.05), taken)


def words(own):
    return f"{own.kind} {own.name}{' by formula' if own.by_formula else ''}"


@pytest.fixture(params=owns(), ids=words)
def own(request):
    return request.param


@pytest.fixture
def model(own):
    return own.estimator().fit(X, Y.ravel())


def own_run(own, **others):
    return gn.train(own.network, X, Y, **{**own.settings, **others})


def twin_run(own, **others):
    """The same run by built-in ones, which are compiled."""
    if own.kind == "cost":
        return gn.train(NETWORK, X, Y, **{**SETTINGS, "cost": "squared_error", **others})
    if own.kind == "solver":
        return gn.train(NETWORK, X, Y, **{**SETTINGS, "solver": "momentum", **others})
    return gn.train(with_activation(("leaky_relu", {"slope": 0.2})), X, Y, **{**SETTINGS, **others})


def test_train_takes_the_own_one(own):
    result, twin = (run(own) for run in (own_run, twin_run))
    times = 1000 if own.kind == "cost" else 1

    np.testing.assert_allclose(result.network.theta, twin.network.theta, rtol=1e-9)
    np.testing.assert_allclose(result.history["cost"], times * twin.history["cost"], rtol=1e-9)


def test_a_validation_set_is_evaluated_by_it(own):
    result, twin = (run(own, validation=(X[:9], Y[:9]), patience=2) for run in (own_run, twin_run))
    times = 1000 if own.kind == "cost" else 1

    assert result.history.best_epoch == twin.history.best_epoch
    np.testing.assert_allclose(result.history["validation_cost"], times * twin.history["validation_cost"], rtol=1e-9)
    np.testing.assert_allclose(result.history["metric"], twin.history["metric"], rtol=1e-9)


def test_the_initial_network_stays_as_it_was(own):
    before, targets = own.network.theta.copy(), Y.copy()
    gn.train(own.network, X, Y, **own.settings)

    assert (own.network.theta == before).all()
    assert (targets == Y).all()


def test_the_compiled_engine_refuses_it(own):
    with pytest.raises(ParameterError, match=r"your own.*engine='cpu' cannot compile; use engine='reference'\.$"):
        gn.train(own.network, X, Y, engine="cpu", **own.settings)


def test_many_runs_and_parts_of_a_run(own):
    whole = gn.train(own.network, X, Y, **own.settings)
    many = gn.train_many([{"network": own.network, "X": X, "Y": Y, **own.settings}] * 2, n_jobs=2)
    parts = start_run(own.network, X, Y, **own.settings)
    parts.advance(epochs=1)
    parts.advance()

    for theta in (*(each.network.theta for each in many), parts.result().theta):
        assert (theta == whole.network.theta).all()


def test_a_run_is_replayed_and_continued(own):
    settings = {**own.settings, "shuffle": False, "batch_size": 16}
    settings |= {} if own.kind == "solver" else {"solver": "sgd"}
    result = gn.train(own.network, X, Y, kept_states=2, **settings)
    half = result.at(epoch=2)
    rest = gn.train(own.network, X, Y, state=half.state, **{**settings, "epochs": 2})

    assert half.step == 6
    assert np.isfinite(half.grad).all()
    assert (result.at(epoch=4).network.theta == result.network.theta).all()
    assert (result.at(epoch=1, step=1).network.theta == result.replay().at(step=1).network.theta).all()
    assert (rest.network.theta == result.network.theta).all()


FORMATS = ["to_text", "to_markdown", "to_latex", "to_html", "to_dict"]


def test_explanations_show_its_numbers(own):
    """Expected: the loss worked out here, and the trace. The step of a solver without formulas cannot be shown."""
    explanation = gn.explain(own.network, X[0], Y[0], cost=own.settings["cost"])
    trace = gn.forward(own.network, X[:1])
    error = float(trace.A[-1][0, 0] - Y[0, 0])

    assert explanation.to_dict()["cost"]["total"] == pytest.approx((1000 if own.kind == "cost" else 0.5) * error**2)
    assert explanation.to_dict()["forward"][0]["a"] == trace.A[1][0].tolist()
    for form in FORMATS:
        assert getattr(explanation, form)()
    if own.kind == "solver":
        with pytest.raises(ParameterError, match=f"^solver='{own.name}' is user-defined without known formulas"):
            gn.explain(own.network, X[0], Y[0], cost="squared_error", solver=own.entry)


def test_workbooks_have_its_formula_or_say_why_not(own, tmp_path):
    explanation = gn.explain(own.network, X[0], Y[0], cost=own.settings["cost"])
    if own.by_formula or own.kind == "solver":
        explanation.to_xlsx(tmp_path / "one.xlsx")
        assert (tmp_path / "one.xlsx").stat().st_size > 0
        return
    with pytest.raises(
        ParameterError, match=f"^{own.kind} '{own.name}' is user-defined without a formula for a spreads"
    ):
        explanation.to_xlsx(tmp_path / "one.xlsx")


def test_gradients_blame_and_drawings(own, tmp_path):
    cost = own.settings["cost"]
    blame = gn.blame(own.network, X, Y, cost=cost)
    gn.draw(own.network).save(tmp_path / "net.svg")

    assert gn.check_gradients(own.network, X, Y, cost=cost).max_relative_error < 1e-6
    assert np.isfinite(blame.to_dict()["cost"])
    assert (tmp_path / "net.svg").stat().st_size > 0


def test_an_estimator_predicts_with_it(own, model):
    """Expected: a forward pass of the network by core, in the units of the target."""
    A0 = model.encode(X)
    expected = model.target_encoder_.inverse(gn.forward(model.network_.astype("float64"), A0).A[-1]).ravel()

    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-6)
    assert np.isfinite(model.score(X, Y.ravel()))
    assert model.predictor().predict(X[3]) == model.predict(X[3:4])[0]
    if own.kind != "solver":
        assert not (model.network_.activation[1] if own.kind == "activation" else model.cost_).is_builtin


def test_an_estimator_is_explained_and_replayed(own, model):
    replay = model.replay(X, Y.ravel())
    opened = replay.at(epoch=2)

    for form in FORMATS:
        assert getattr(gn.explain(model, X[0], Y[0, 0]), form)()
    for state in ("training", opened):
        assert gn.explain(model, X[0], Y[0, 0], state=state).to_text()
    if own.kind == "solver":
        told = gn.explain(model, X[0], Y[0, 0], state=opened).to_text()
        assert f"The run's solver '{own.name}' is user-defined without known formulas." in " ".join(told.split())
    assert replay.at(epoch=3).step == replay.n_steps
    assert np.isfinite(gn.blame(model, X, Y.ravel()).to_dict()["cost"])
    assert gn.draw(model).to_dict()
    name = f"your own '{own.name}'"
    assert name in " ".join(model.summary().to_text().split())
    if own.kind == "solver":
        assert model.summary().solver == own.name


def test_an_estimator_goes_on_with_it(own):
    again = own.estimator(warm_start=True).fit(X, Y.ravel()).fit(X, Y.ravel())
    some = own.estimator().partial_fit(X, Y.ravel()).partial_fit(X, Y.ravel())
    many = own.estimator(n_networks=2, n_jobs=2, early_stopping=True, refit=True).fit(X, Y.ravel())

    assert (again.network_.theta != own.estimator().fit(X, Y.ravel()).network_.theta).any()
    assert np.isfinite([*again.predict(X), *some.predict(X)]).all()
    assert len(many.networks_) == 2
    assert np.isfinite(many.predict(X)).all()
    alone = own.estimator(n_networks=2, n_jobs=1, early_stopping=True, refit=True).fit(X, Y.ravel())
    assert (many.predict(X) == alone.predict(X)).all()


def test_scikit_learn_copies_and_pickles_it(own, model):
    search = GridSearchCV(own.estimator(), {"alpha": [0.0, 0.1]}, cv=2).fit(X, Y.ravel())

    assert clone(own.estimator()).fit(X, Y.ravel()).loss_ == model.loss_
    assert np.isfinite(search.best_score_)


def test_joblib_keeps_it(own, model, tmp_path):
    joblib.dump(model, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")

    assert (loaded.predict(X) == model.predict(X)).all()
    assert loaded.fit(X, Y.ravel()).loss_ == model.loss_


@pytest.mark.parametrize("own", [own for own in owns() if own.kind != "cost"], ids=words)
def test_a_classifier_takes_it_and_calibrates(own):
    clf = own.estimator(gn.GlassClassifier, early_stopping=True, temperature_scaling=True).fit(X, CLASSES)
    probabilities = clf.predict_proba(X)

    assert clf.members_[0].calibration is not None
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert (clf.predictor().predict_proba(X[2]) == probabilities[2]).all()
    some = own.estimator(gn.GlassClassifier).partial_fit(X, CLASSES, classes=["no", "yes"]).partial_fit(X, CLASSES)
    assert np.isfinite(some.predict_proba(X)).all()


def test_a_model_file_holds_it_or_says_why_not(own, model, tmp_path):
    path = tmp_path / "model.glassnet"
    if not own.can_be_saved:
        with pytest.raises(ParameterError, match=rf"cannot be written to a file.*|{own.kind} '{own.name}'") as error:
            model.save(path)
        assert f"{own.kind} '{own.name}'" in str(error.value)
        assert os.listdir(tmp_path) == []
        return
    model.save(path)
    given = None if own.by_formula else {own.name: own.entry}
    loaded = gn.load(path, activations=given)

    assert (loaded.predict(X) == model.predict(X)).all()
    if own.kind == "activation":
        assert own.name in gn.inspect(path).activations
        assert not loaded.network_.activation[1].is_builtin
    else:
        assert gn.cost(loaded.cost_, [[3.0]], [[1.0]]) == 4000
    assert gn.inspect(path).problem is None
    if not own.by_formula:
        with pytest.raises(ModelFileError, match=rf"uses your own activation '{own.name}'.* try gn\.load\(path, activ"):
            gn.load(path)


def test_a_checkpoint_holds_it_or_says_why_not(own, tmp_path):
    path = tmp_path / "run.ckpt"
    settings = {**own.settings, "checkpoint": path}
    if own.kind == "solver" or (own.has_builtin_name and not own.by_formula):
        with pytest.raises(ParameterError, match=rf"your own {own.kind} '{own.name}'"):
            gn.train(own.network, X, Y, **settings)
        return
    result = gn.train(own.network, X, Y, **settings)
    mine = {"activations": {own.name: own.entry}} if own.kind == "activation" else {"cost": own.entry}
    given = {} if own.by_formula else mine

    assert (gn.resume(path, X, Y, **given).network.theta == result.network.theta).all()
    if not own.by_formula:
        with pytest.raises(
            CheckpointError, match=f"your own {own.kind} '{own.name}', of which a checkpoint holds only"
        ):
            gn.resume(path, X, Y)


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_solver_may_remember_anything(memory):
    """Expected: the built-in solver with the same steps. The states that are kept are not changed by later steps."""
    begin, step, twin = MEMORIES[memory]
    settings = {"cost": "half_squared_error", "epochs": 6, "learning_rate": 0.05, "batch_size": 16}
    own = Solver("own", begin, step, 0.05)
    result = gn.train(NETWORK, X, Y, solver=own, kept_states=3, **settings)
    expected = gn.train(NETWORK, X, Y, solver=twin, engine="reference", **settings)

    np.testing.assert_allclose(result.network.theta, expected.network.theta, rtol=1e-9)
    for epoch in (5, 3, 1):
        np.testing.assert_allclose(
            result.at(epoch=epoch).network.theta, expected.at(epoch=epoch).network.theta, rtol=1e-9
        )
    further = [
        gn.train(NETWORK, X, Y, solver=each, state=run.state, engine="reference", **settings)
        for each, run in ((own, result), (twin, expected))
    ]
    assert further[0].state.step == 36
    np.testing.assert_allclose(further[0].network.theta, further[1].network.theta, rtol=1e-9)
    engine = ReferenceEngine(Problem(NETWORK, COSTS["half_squared_error"], own), X, Y)
    once, twice = (engine.apply(result.state, engine.accumulate(result.state, np.arange(9)), 0.05) for _ in range(2))
    np.testing.assert_array_equal(once.theta, twice.theta)
    model = gn.GlassRegressor((4,), solver=own, max_iter=4, random_state=0).fit(X, Y.ravel())
    assert gn.explain(model, X[0], Y[0, 0], state=model.replay(X, Y.ravel()).at(epoch=2)).to_text()
    assert np.isfinite(model.partial_fit(X, Y.ravel()).predict(X)).all()


def test_the_state_of_another_solver_is_refused():
    state = gn.train(NETWORK, X, Y, cost="half_squared_error", epochs=1, solver="adam").state
    with pytest.raises(ParameterError, match=r"^state comes from a run of another solver, but solver is 'adam'"):
        gn.train(
            NETWORK, X, Y, cost="half_squared_error", solver=Solver("adam", begin_none, step_none, 0.1), state=state
        )


def test_parameters_of_an_own_solver_are_its_own():
    """Also under the names of built-in parameters, with values that those cannot have."""

    def step(theta, grad, state, *, eta, mu, history):
        return theta - eta * grad * mu / history, state

    own = Solver("own", begin_none, step, 0.1, {"mu": 5.0, "history": 2.5})
    settings = {"cost": "half_squared_error", "epochs": 2}
    result = gn.train(NETWORK, X, Y, solver=own, learning_rate=0.01, **settings)
    expected = gn.train(NETWORK, X, Y, solver="sgd", learning_rate=0.02, engine="reference", **settings)

    np.testing.assert_allclose(result.network.theta, expected.network.theta, rtol=1e-12)


@pytest.mark.parametrize(
    ("builtin", "changes"),
    [
        (COSTS["squared_error"], {"loss": large, "derivative": large_prime}),
        (SOLVERS["adam"], {"init": begin_named, "step": step_named}),
    ],
)
def test_a_built_in_one_with_other_functions_does_not_show_its_formulas(builtin, changes):
    own = replace(builtin, **changes)
    if isinstance(own, Solver):
        with pytest.raises(ParameterError, match=r"^solver='adam' is user-defined without known formulas"):
            gn.explain(NETWORK, X[0], Y[0], cost="squared_error", solver=own)
        return
    words = gn.explain(NETWORK, X[0], Y[0], cost=own).to_text()
    assert "E = squared_error(o)" in words


def test_a_reported_metric_does_not_go_by_the_name():
    """An own cost called 'cross_entropy' is a cost of quantities, and so is one called 'binary_cross_entropy'."""
    for name in ("cross_entropy", "binary_cross_entropy"):
        own = gn.Cost(name, large, large_prime)
        assert gn.train(NETWORK, X, Y, cost=own, epochs=1, learning_rate=1e-6).history.metric_name == "r2"


def test_an_own_adam_is_not_replaced_by_adamw():
    with pytest.raises(
        ParameterError, match=r"^weight_decay=0\.1 is decoupled weight decay, which solver 'adam' lacks"
    ):
        gn.GlassRegressor((4,), solver=Solver("adam", begin_none, step_none, 0.1), weight_decay=0.1).fit(X, Y.ravel())


def test_two_activations_of_one_name_are_not_saved_as_one(tmp_path):
    other = gn.Activation("leak", lambda Z: 3 * Z, lambda Z, A: 3 + 0 * Z)
    mine = gn.Activation("leak", leaky, leaky_prime, kinks=(0.0,))
    model = gn.GlassRegressor((4, 3), activation=[mine, other], max_iter=1, random_state=0).fit(X, Y.ravel())

    with pytest.raises(ParameterError, match=r"^two of your own activations are called 'leak', and a file has only"):
        model.save(tmp_path / "model.glassnet")
    network = gn.Network.create([3, 2, 2, 1], hidden=[mine, other], output="identity", seed=0)
    with pytest.raises(ParameterError, match=r"^two of your own activations are called 'leak'"):
        gn.train(network, X, Y, cost="half_squared_error", epochs=1, checkpoint=tmp_path / "run.ckpt")


def fails(*arguments, **parameters):
    raise RuntimeError("no luck")


def cut(A, Y):
    return (A - Y)[1:]


def no_numbers(A, Y):
    return np.full(A.shape, None)


BAD = {
    "a cost that fails": ({"cost": gn.Cost("mine", fails, large_prime)}, "cost 'mine' failed on an array of shape (40, 1): RuntimeError: no luck. Expected loss(A, Y) and derivative(A, Y), which return one number for each output."),
    "a cost that is no function": ({"cost": gn.Cost("mine", 3, large_prime)}, "cost 'mine' failed on an array of shape (40, 1): TypeError: 'int' object is not callable. Expected loss(A, Y) and derivative(A, Y), which return one number for each output."),
    "a loss of another shape": ({"cost": gn.Cost("mine", cut, large_prime)}, "cost 'mine' does not keep the shape of its input (40, 1): the loss gives (39, 1)."),
    "a derivative of another shape": ({"cost": gn.Cost("mine", large, cut)}, "cost 'mine' does not keep the shape of its input (40, 1): the derivative gives (39, 1)."),
    "a loss that is None": ({"cost": gn.Cost("mine", lambda A, Y: None, large_prime)}, "cost 'mine' does not keep the shape of its input (40, 1): the loss gives no array."),
    "a loss of no numbers": ({"cost": gn.Cost("mine", no_numbers, large_prime)}, "cost 'mine' does not give real numbers: the loss gives values of type object."),
    "a ragged loss": ({"cost": gn.Cost("mine", lambda A, Y: [[1.0], [1.0, 2.0]], large_prime)}, "cost 'mine' does not give an array: the loss gives a list; expected real numbers of shape (40, 1)."),
    "a complex loss": ({"cost": gn.Cost("mine", lambda A, Y: 1j * A, large_prime)}, "cost 'mine' does not give real numbers: the loss gives values of type complex128."),
    "a solver whose start fails": ({"solver": Solver("mine", fails, step_none, 0.1)}, "solver 'mine' failed on an array of shape (21,): RuntimeError: no luck. Expected init(theta, eta) -> state."),
    "a solver whose step fails": ({"solver": Solver("mine", begin_none, fails, 0.1)}, "solver 'mine' failed on an array of shape (21,): RuntimeError: no luck. Expected step(theta, grad, state, *, eta, **parameters) -> (theta, state)."),
    "a step without memory": ({"solver": Solver("mine", begin_none, lambda theta, grad, state, eta: theta, 0.1)}, "solver 'mine' does not return a pair: its step gives a ndarray. Expected step(theta, grad, state, *, eta, **parameters) -> (theta, state)."),
    "a step to another shape": ({"solver": Solver("mine", begin_none, lambda theta, grad, state, eta: (theta[1:], state), 0.1)}, "solver 'mine' does not keep the shape of its input (21,): the step gives (20,)."),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_does_not_work_is_named(what):
    settings, message = BAD[what]
    with pytest.raises(ParameterError) as error:
        gn.train(NETWORK, X, Y, **{**SETTINGS, **settings})
    assert str(error.value) == message


def test_an_activation_may_fail_late():
    """Its check before the first use has one row, so what fails on many is found by the run."""

    def late(Z):
        return np.sin(Z) if len(Z) == 1 else fails()

    network = with_activation(gn.Activation("late", late, lambda Z, A: np.cos(Z)))
    with pytest.raises(
        ParameterError, match=r"^activation 'late' failed on an array of shape \(40, 4\): RuntimeError: no"
    ):
        gn.train(network, X, Y, **SETTINGS)


def not_a_number(A, Y):
    return np.full_like(A, np.nan)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cost": gn.Cost("mine", not_a_number, large_prime)}, "cost at unit 0 of layer 2, in epoch 1, step 0, training row 0, where the loss of cost 'mine' is nan for the output 0.311468 and the target 0.142851, computed by your own cost 'mine'; try a smaller learning rate, or clip=1.0"),
        ({"cost": gn.Cost("mine", large, not_a_number)}, "delta at unit 0 of layer 2, in epoch 1, step 0, training row 0, where the slope of cost 'mine' is nan for the output 0.311468 and the target 0.142851, computed by your own cost 'mine'; try a smaller learning rate, or clip=1.0"),
        ({"solver": Solver("mine", begin_none, lambda theta, grad, state, eta: (theta * np.nan, state), 0.1)}, "W at unit 0 of layer 1, in epoch 1, step 0, where the step of solver 'mine' turns W[1][0, 0] = 0.102658 with the gradient -0.538268 and the learning rate 0.05 into nan, computed by your own solver 'mine'; try a smaller learning rate, or clip=1.0"),
        ({"solver": "lbfgs", "learning_rate": None, "cost": gn.Cost("mine", not_a_number, large_prime)}, "cost at unit 0 of layer 2, in epoch 1, step 0, training row 0, where the loss of cost 'mine' is nan for the output 0.311468 and the target 0.142851, computed by your own cost 'mine'; try smaller start weights or scaled inputs"),
    ],
    ids=["cost", "slope of the cost", "solver", "cost under lbfgs"],
)  # fmt: skip
def test_numbers_that_are_not_finite_end_the_run_with_its_name(settings, words):
    history = gn.train(NETWORK, X, Y, **{**SETTINGS, **settings}).history

    assert history.stopped == "diverged"
    assert history.stop_reason == f"the first number that was not finite: {words}"


def test_a_run_keeps_its_precision():
    """`np.where(z > 0, 1.0, 0.0)` is float64 whatever z is; so is the memory of a solver that starts with `np.zeros(n)`."""
    network = with_activation(gn.Activation("leak", leaky, leaky_prime, kinks=(0.0,))).astype("float32")
    result = gn.train(network, X, Y, **{**SETTINGS, "solver": Solver("own", begin_array, step_array, 0.1)})

    assert result.network.theta.dtype == np.float32
    assert gn.forward(result.network, X.astype("float32")).A[1].dtype == np.float32


def test_functions_may_change_their_arrays():
    """An activation that writes into z: the trace keeps the z before."""

    def in_place(Z):
        return np.maximum(Z, 0, out=Z)

    network = with_activation(gn.Activation("own", in_place, lambda Z, A: 1.0 * (Z > 0), kinks=(0.0,)))
    trace = gn.forward(network, X)

    assert trace.Z[1].min() < 0
    np.testing.assert_array_equal(trace.A[1], np.maximum(trace.Z[1], 0))


@pytest.mark.parametrize("name", ["", " ", None, ["mine"]])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("activation", lambda name: gn.Activation(name, leaky, leaky_prime)),
        ("cost", lambda name: gn.Cost(name, large, large_prime)),
        ("solver", lambda name: Solver(name, begin_none, step_none, 0.1)),
    ],
)
def test_a_name_is_a_text(kind, make, name):
    with pytest.raises(ParameterError) as error:
        make(name)
    assert str(error.value) == f"the name of the {kind} is {name!r}, but must be a word, such as 'mine'."


def test_names_do_nothing_to_pages_and_terminals():
    name = "<script>\x1b[31m"
    network = with_activation(gn.Activation(name, leaky, leaky_prime, kinks=(0.0,)))
    explanation = gn.explain(network, X[0], Y[0], cost=gn.Cost(name, large, large_prime))

    assert "<script>" not in explanation.to_html()
    for text in (explanation.to_text(), repr(network), repr(explanation)):
        assert "\x1b" not in text
