"""Converts a recipe to the settings of a run."""

from dataclasses import replace
from typing import Any

from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.engines.cores import n_cores, n_to_start
from glassnet.settings.records import Recipe
from glassnet.settings.table import SETTINGS

SHARED = {
    each.train.name: each.estimators.name for each in SETTINGS if each.train and each.estimators and not each.only
}
del SHARED["callback"]
"""From each argument of `train` to the estimators' parameter of the same setting."""


def train_arguments(recipe: Recipe, n_samples: int, *, held_out: bool) -> dict[str, Any]:
    """Return the arguments of `train` for an estimator's recipe, without data, chance and callback."""
    solver = _solver(recipe)
    return {name: getattr(recipe, parameter) for name, parameter in SHARED.items()} | {
        "solver": solver,
        "batch_size": None if solver.full_batch else recipe.batch_size,
        "learning_rate": None if solver.builtin_name == "lbfgs" else recipe.learning_rate_init,
        "schedule": _schedule(recipe),
        "l1": float(recipe.l1) / n_samples,
        "l2": float(recipe.alpha) / n_samples,
        "tolerance": recipe.tol if not held_out or recipe.preset == "plain" else 0.0,
        "monitor": recipe.monitor if held_out else None,
        "time_limit": _seconds(recipe),
    }


def _seconds(recipe: Recipe) -> float | None:
    """Return the time limit of each training; ensembles and `refit` train one after the other."""
    return None if recipe.time_limit is None else recipe.time_limit / n_trainings_in_turn(recipe)


def n_trainings_in_turn(recipe: Recipe) -> int:
    """Return the number of consecutive trainings of a fit; `refit` trains each network twice."""
    return n_rounds(recipe) * (2 if recipe.refit else 1)


def n_rounds(recipe: Recipe) -> int:
    """Return the number of networks of an ensemble that each core trains in turn."""
    if recipe.n_networks == 1:
        return 1
    at_a_time = n_cores() if recipe.n_jobs is None else n_to_start(recipe.n_jobs)
    return -(-recipe.n_networks // at_a_time)


def _solver(recipe: Recipe) -> Solver:
    """Return the solver: "sgd" with momentum, as in scikit-learn; a given pair changes only in its weight decay."""
    solver = recipe.solver
    if solver == "sgd" and recipe.momentum:
        solver = ("nesterov" if recipe.nesterovs_momentum else "momentum", {"mu": recipe.momentum})
    if solver in ("adam", "nadam", "adamw"):
        solver = (solver, {"beta1": recipe.beta_1, "beta2": recipe.beta_2, "epsilon": recipe.epsilon})
    if solver == "lbfgs":
        solver = (solver, {"max_fun": recipe.max_fun})
    entry = resolve_solver(solver)
    if "weight_decay" in entry.parameters:
        return replace(entry, parameters={**entry.parameters, "weight_decay": recipe.weight_decay})
    return entry


def _schedule(recipe: Recipe) -> Any:
    """Return the schedule for scikit-learn's name or glassnet's."""
    if recipe.learning_rate == "invscaling":
        return ("inverse", {"decay": 1.0, "power": recipe.power_t})
    return recipe.learning_rate
