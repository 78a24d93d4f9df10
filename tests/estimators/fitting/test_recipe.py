"""What "auto" stands for, by the number of rows and by what else the user says."""

import inspect

import numpy as np
import pytest
from scipy import sparse

import glassnet as gn
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.data.reading.tabular import table_from
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.recipe import resolve_recipe
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.estimators.inputs import n_columns
from glassnet.settings.setting import Parameter
from glassnet.settings.table import OF_TRAIN


def recipe(n_samples, estimator=gn.GlassClassifier, has_validation=None, **parameters):
    return resolve_recipe(estimator(**parameters).get_params(), n_samples, has_validation=has_validation)


def test_large_tables_hold_rows_out_and_smooth():
    found = recipe(1000)

    assert (found["early_stopping"], found["label_smoothing"], found["temperature_scaling"]) == (True, 0.1, True)
    assert (found["init"], found["rates"], found["bias_rate"]) == ("data", "fan_in", 0.1)


def test_small_tables_use_all_rows():
    found = recipe(999)

    assert (found["early_stopping"], found["label_smoothing"], found["temperature_scaling"]) == (False, 0.0, False)
    assert recipe(999, has_validation=True)["label_smoothing"] == 0.1  # validation rows can fit a temperature


def test_a_learning_rate_of_ones_own_means_what_it_says():
    """The preset's rate is made for `rates="fan_in"`; a user's number is that of every weight, unless he says so."""
    own = recipe(5000, learning_rate_init=0.01)

    assert (own["rates"], own["bias_rate"]) == ("equal", 1.0)
    assert recipe(5000, learning_rate_init=0.01, rates="fan_in")["rates"] == "fan_in"
    assert recipe(5000, bias_rate=0.5)["bias_rate"] == 0.5


@pytest.mark.parametrize("n_samples, epochs", [(1000, 100), (10_000, 100), (20_000, 50), (50_000, 20), (10**6, 20)])
def test_epochs_fall_with_the_rows(n_samples, epochs):
    assert recipe(n_samples)["max_iter"] == epochs


@pytest.mark.parametrize(
    "n_samples, n_columns, hidden, epochs",
    [
        (9_000, 3_000, "auto", 100),  # 0.9 million rows met, times 416,768 weights: 3.8e11
        (50_000, 5_000, "auto", 20),
        (10**6, 10, "auto", 20),
        (10**6, 2_000, "auto", 3),  # 1e12 / (1e6 · 288,768) is 3.5
        (10**6, 1_000, "auto", 6),  # 1e12 / (1e6 · 160,768) is 6.2
        (10**6, 1_000, (100,), 10),
        (10**6, 1_000, (), 20),
        (10**8, 1_000, "auto", 3),
    ],
)
def test_wide_and_long_tables_together_bound_the_epochs(n_samples, n_columns, hidden, epochs):
    """By hand: the weights into three layers of 128 are 128 · columns + 2 · 128², and 1e12 products are allowed."""
    parameters = gn.GlassClassifier(hidden).get_params()

    assert resolve_recipe(parameters, n_samples, n_columns=n_columns)["max_iter"] == epochs


def test_of_a_sparse_matrix_the_stored_numbers_count():
    """Three of them in each row, however many columns."""
    assert n_columns(sparse.random(200, 10_000, density=3e-4, format="csr", random_state=0)) == 3
    assert n_columns(table_from(np.zeros((4, 7)))) == 7


def test_what_belongs_to_the_other_estimator_stays_out():
    assert "label_smoothing" not in recipe(5000, gn.GlassRegressor)
    assert "clip_predictions" not in recipe(5000)
    assert recipe(50, gn.GlassRegressor)["clip_predictions"] is True


def test_the_estimator_starts_from_its_training_rows(numbers, small):
    """After no training to speak of the first layer's pre-activations still spread by one; in plain they do not."""
    X = 1000 * numbers[0]
    settings = {"learning_rate_init": 1e-9, "max_iter": 1, "solver": "sgd"}
    model = small("classifier", init="data", **settings).fit(X, numbers[1])

    np.testing.assert_allclose(gn.forward(model.network_, model.encode(X)).Z[1].std(axis=0), 1.0, rtol=1e-4)
    plain = small("classifier", preset="plain", **settings).fit(X, numbers[1])
    assert (gn.forward(plain.network_, X).Z[1].std(axis=0) > 10).all()


def test_sparse_rows_are_started_from_too(numbers, small):
    X = sparse.csr_array(np.where(numbers[0] > 0, numbers[0], 0.0))
    model = small("classifier", init="data", learning_rate_init=1e-9, max_iter=1, solver="sgd").fit(X, numbers[1])

    spread = gn.forward(model.network_, model.encode(X).toarray()).Z[1].std(axis=0)
    np.testing.assert_allclose(spread, 1.0, rtol=1e-4)


def test_rates_reach_the_network_and_its_file(numbers, small, tmp_path):
    """Factors 1/sqrt(3) and 1/sqrt(5) for the weights of 3-5-1; a loaded model goes on with them."""
    model = small("classifier", rates="fan_in", bias_rate=0.1).fit(*numbers)
    model.save(tmp_path / "model.glassnet")

    for each in (model, gn.load(tmp_path / "model.glassnet")):
        assert [slot.factor for slot in each.network_.layout.slots] == pytest.approx([3**-0.5, 0.1, 5**-0.5, 0.1])


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"rates": "own"}, "rates='own' is not known. Choose from: equal, fan_in"),
        ({"bias_rate": -1}, "bias_rate=-1 must be a number from 0 upwards; 1 is the weights'"),
        ({"init": "best"}, "init='best' is not known. Choose from: auto, data, glorot_uniform"),
    ],
)
def test_parameters_that_cannot_work(numbers, small, parameters, message):
    with pytest.raises(ParameterError, match=message):
        small("classifier", **parameters).fit(*numbers)


def test_numbers_of_a_large_table_are_embedded_and_those_of_few_rows_sparse_or_many_columns_are_not():
    rng = np.random.default_rng(0)
    fit = lambda X: gn.GlassRegressor((4,), max_iter=1, random_state=0).fit(X, rng.normal(size=X.shape[0]))  # noqa: E731

    assert fit(rng.normal(size=(1000, 3))).network_.front.kind == "pbld"
    for X in (rng.normal(size=(999, 3)), sparse.csr_array(rng.normal(size=(1000, 3))), rng.normal(size=(1000, 201))):
        assert fit(X).network_.front is None


def test_lbfgs_goes_without_the_recipes_dropout():
    recipe = resolve_recipe(gn.GlassClassifier(solver="lbfgs").get_params(), n_samples=5000)
    assert recipe["dropout"] == 0.0
    assert resolve_recipe(gn.GlassClassifier().get_params(), n_samples=5000)["dropout"] == 0.05


def test_decoupled_decay_is_off_until_it_is_asked_for():
    for preset in ("plain", "tabular"):
        found = recipe(5000, preset=preset)
        assert [found[name] for name in ("solver", "weight_decay", "decay_schedule", "dropout_schedule")] == [
            "adam", 0.0, "constant", "constant"
        ]  # fmt: skip
        assert train_arguments(found, 5000, held_out=True)["solver"].name == "adam"


@pytest.mark.parametrize("n_samples", [100, 5000])
@pytest.mark.parametrize("preset, schedule", [("plain", "constant"), ("tabular", "flat_cosine")])
def test_weight_decay_makes_adamw_of_adam(preset, schedule, n_samples):
    """With the numbers that Adam would have had; its decay falls in the tabular preset, unless one is named."""
    found = recipe(n_samples, preset=preset, weight_decay=0.02, beta_1=0.8)
    arguments = train_arguments(found, n_samples, held_out=True)

    assert (found["solver"], found["decay_schedule"]) == ("adamw", schedule)
    assert (arguments["solver"].name, arguments["decay_schedule"]) == ("adamw", schedule)
    beta2 = 0.999 if preset == "plain" else 0.95
    assert arguments["solver"].parameters == {"beta1": 0.8, "beta2": beta2, "epsilon": 1e-8, "weight_decay": 0.02}
    named = recipe(n_samples, preset=preset, weight_decay=0.02, decay_schedule="cosine")
    assert named["decay_schedule"] == "cosine"


@pytest.mark.parametrize(
    "solver, given, decay",
    [
        ("adamw", "auto", 0.01),
        ("adamw", 0.0, 0.0),
        ("adamw", 0.5, 0.5),
        (("adamw", {"weight_decay": 0.3, "beta2": 0.9}), "auto", 0.3),
        (("adamw", {"weight_decay": 0.3, "beta2": 0.9}), 0.5, 0.5),
        (("adam", {"beta2": 0.9}), 0.5, 0.5),
    ],
    ids=str,
)
def test_a_solver_that_is_named_keeps_its_decay_unless_one_is_given(solver, given, decay):
    found = recipe(5000, solver=solver, weight_decay=given)
    made = resolve_solver(train_arguments(found, 5000, held_out=True)["solver"])

    assert (made.name, made.parameters["weight_decay"], found["weight_decay"]) == ("adamw", decay, decay)
    assert found["decay_schedule"] == ("flat_cosine" if decay else "constant")
    assert made.parameters["beta2"] == (0.95 if isinstance(solver, str) else 0.9)


def test_schedules_of_dropout_and_decay_reach_the_training(numbers, small, tmp_path):
    """Each makes other weights; a file knows them, and the fitted model's next step is the one they say."""
    settings = {"dropout": 0.3, "weight_decay": 0.5, "max_iter": 6}
    models = [
        small("classifier", **settings, **schedules).fit(*numbers)
        for schedules in (
            {"decay_schedule": "constant"},
            {"decay_schedule": "flat_cosine"},
            {"dropout_schedule": "flat_cosine"},
        )
    ]
    thetas = [model.network_.theta.tobytes() for model in models]
    assert len(set(thetas)) == 3

    models[2].save(tmp_path / "model.glassnet")
    loaded = gn.load(tmp_path / "model.glassnet")
    names = ("dropout_schedule", "weight_decay", "decay_schedule")
    assert [loaded.get_params()[name] for name in names] == ["flat_cosine", 0.5, "auto"]
    assert [loaded.recipe_[name] for name in names] == ["flat_cosine", 0.5, "flat_cosine"]
    run = models[2].replay(*numbers)
    last = run.at(step=run.n_steps - 1)
    t = 1 - 1 / run.n_steps
    falling = 0.5 * (1 + np.cos(np.pi * (2 * t - 1)))
    assert last.dropout == pytest.approx((0.3 * falling,))
    assert last.solver.parameters["weight_decay"] == pytest.approx(0.5 * falling)
    assert run.at(step=run.n_steps).network.theta.tobytes() == thetas[2]


def test_a_stream_has_no_schedules():
    model = gn.GlassClassifier((3,), weight_decay=0.1, dropout_schedule="cosine", random_state=0)
    model.partial_fit(np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2, classes=[0, 1])

    assert (model.recipe_["dropout_schedule"], model.recipe_["decay_schedule"]) == ("constant", "constant")


def test_decay_that_is_switched_off_has_no_schedule():
    """So a search may hold the schedule and try 0 among the strengths."""
    recipe = resolve_recipe(gn.GlassClassifier(weight_decay=0, decay_schedule="cosine").get_params(), n_samples=2000)

    assert (recipe["solver"], recipe["weight_decay"], recipe["decay_schedule"]) == ("adam", 0, "constant")


def test_a_fit_checks_what_differs_from_the_defaults_alone(numbers, small, monkeypatch):
    """And it does not read the names of the parameters from the signature again, which takes longer than the checks."""
    model = small("classifier", preset="plain", alpha=0.5).partial_fit(*numbers, classes=[0, 1])
    checked, check = [], Parameter.check
    monkeypatch.setattr(Parameter, "check", lambda self, value: checked.append(self.name) or check(self, value))
    monkeypatch.setattr(inspect, "signature", lambda *_, **__: pytest.fail("a signature is read"))
    model.partial_fit(*numbers)

    of_estimator, of_train = {"hidden_layer_sizes", "preset", "alpha", "max_iter", "random_state"}, set(OF_TRAIN)
    assert of_estimator <= set(checked) <= of_estimator | of_train
    assert len(checked) <= 15
    model.set_params(alpha=-1.0)
    with pytest.raises(ParameterError, match=r"alpha=-1.0 must be a number from 0 upwards"):
        model.partial_fit(*numbers)


def test_the_parameters_that_are_possible_are_listed():
    with pytest.raises(ValueError, match=r"Invalid parameter 'alhpa'.*Valid parameters are: \['activation', 'alpha', "):
        gn.GlassClassifier().set_params(alhpa=1)
