import pytest

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.errors import ParameterError


@pytest.mark.parametrize("name", ["mu", "rho", "beta1", "beta2"])
@pytest.mark.parametrize("value", [-0.1, 1, 1.5])
def test_averages_need_a_share_below_1(name, value):
    solver = {"mu": "nesterov", "rho": "rmsprop", "beta1": "adam", "beta2": "nadam"}[name]
    message = rf"^solver '{solver}': {name} = {value} must lie in \[0, 1\); 0\.9 is usual\.$"

    with pytest.raises(ParameterError, match=message):
        resolve_solver((solver, {name: value}))


@pytest.mark.parametrize("solver", ["adagrad", "rmsprop", "adam", "adamw", "nadam"])
@pytest.mark.parametrize("value", [0, -1e-8])
def test_epsilon_must_be_positive(solver, value):
    with pytest.raises(ParameterError, match=rf"^solver '{solver}': epsilon must be positive; 1e-8 is usual\.$"):
        resolve_solver((solver, {"epsilon": value}))


def test_weights_cannot_grow_by_decay():
    message = r"^solver 'adamw': weight_decay must be a number from 0 upwards; 0\.01 is usual\.$"

    with pytest.raises(ParameterError, match=message):
        resolve_solver(("adamw", {"weight_decay": -0.1}))


@pytest.mark.parametrize("value", [0, -3, 2.5])
def test_lbfgs_remembers_a_whole_number_of_steps(value):
    message = rf"^solver 'lbfgs': history = {value} must be a whole number from 1; 20 is usual\.$"

    with pytest.raises(ParameterError, match=message):
        resolve_solver(("lbfgs", {"history": value}))


@pytest.mark.parametrize(
    "parameters",
    [{"shrink": 1.1}, {"shrink": 0.0}, {"grow": 0.9}, {"smallest": 0.0}, {"smallest": 1.0, "largest": 0.5}],
    ids=str,
)
def test_rprops_sizes_must_shrink_and_grow(parameters):
    message = (
        r"^solver 'rprop' needs 0 < shrink < 1 < grow and 0 < smallest <= largest, but has shrink = .* are usual\.$"
    )

    with pytest.raises(ParameterError, match=message):
        resolve_solver(("rprop", parameters))


def test_lbfgs_has_no_single_step():
    message = r"^solver 'lbfgs' has no single step: it searches along a line; see glassnet\.train\.$"

    with pytest.raises(ParameterError, match=message):
        SOLVERS["lbfgs"].step(None, None, None, eta=1.0)


@pytest.mark.parametrize("name", SOLVERS)
def test_what_the_table_says_is_what_runs(name):
    row, entry = gn.solvers()[name], resolve_solver(name)

    assert row["learning_rate"] == ("by line search" if name == "lbfgs" else f"{entry.learning_rate:g}")
    assert row["parameters"] == ", ".join(f"{key}={value:g}" for key, value in entry.parameters.items())
    assert resolve_solver(entry.spec) == entry


def test_which_solvers_need_all_rows():
    assert {name for name, entry in SOLVERS.items() if entry.full_batch} == {"gd", "rprop", "lbfgs"}
