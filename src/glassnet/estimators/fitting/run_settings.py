"""Converts a recipe to the settings of a run."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.cores import n_cores, n_to_start
from glassnet.estimators.words import SOLVER
from glassnet.training.settings import is_number, positive_whole


def train_arguments(recipe: Mapping[str, Any], n_samples: int, *, held_out: bool) -> dict[str, Any]:
    """Return the arguments of `train` for an estimator's recipe."""
    with SOLVER.rewriting() if isinstance(recipe["solver"], str) else nullcontext():
        solver = _solver(recipe)
        chosen = resolve_solver(solver)
    return {
        "solver": solver,
        "epochs": recipe["max_iter"],
        "batch_size": None if chosen.full_batch else recipe["batch_size"],
        "learning_rate": None if chosen.builtin_name == "lbfgs" else recipe["learning_rate_init"],
        "schedule": _schedule(recipe),
        "dropout_schedule": recipe["dropout_schedule"],
        "decay_schedule": recipe["decay_schedule"],
        "l1": float(recipe["l1"]) / n_samples,
        "l2": float(recipe["alpha"]) / n_samples,
        "dropout": recipe["dropout"],
        "clip": recipe["clip"],
        "tolerance": recipe["tol"] if not held_out or recipe["preset"] == "plain" else 0.0,
        "patience": recipe["n_iter_no_change"],
        "monitor": recipe["monitor"] if held_out else None,
        "shuffle": recipe["shuffle"],
        "time_limit": _seconds(recipe),
        "snapshots": recipe["snapshots"],
        "engine": recipe["engine"],
        "n_jobs": recipe["n_jobs"],
    }


def _seconds(recipe: Mapping[str, Any]) -> float | None:
    """Return the time limit of each training; ensembles and `refit` train one after the other."""
    limit: float | None = recipe["time_limit"]
    n_trainings = n_trainings_in_turn(recipe)
    if limit is None or n_trainings == 1 or not is_number(limit):  # `train` rejects values that are not numbers
        return limit
    return limit / n_trainings


def n_trainings_in_turn(recipe: Mapping[str, Any]) -> int:
    """Return the number of consecutive trainings of a fit; `refit` trains each network twice."""
    return n_rounds(recipe) * (2 if recipe["refit"] else 1)


def n_rounds(recipe: Mapping[str, Any]) -> int:
    """Return the number of networks of an ensemble that each core trains in turn."""
    n_networks: int = recipe["n_networks"]
    if n_networks == 1:
        return 1
    at_a_time = n_cores() if recipe["n_jobs"] is None else n_to_start(positive_whole("n_jobs", recipe["n_jobs"]))
    return -(-n_networks // at_a_time)


def _solver(recipe: Mapping[str, Any]) -> Any:
    """Return the solver: "sgd" with momentum, as in scikit-learn; a given pair changes only in its weight decay."""
    solver, decay = recipe["solver"], recipe["weight_decay"]
    if solver == "sgd" and recipe["momentum"]:
        return ("nesterov" if recipe["nesterovs_momentum"] else "momentum", {"mu": recipe["momentum"]})
    if solver in ("adam", "nadam", "adamw"):
        solver = (solver, {"beta1": recipe["beta_1"], "beta2": recipe["beta_2"], "epsilon": recipe["epsilon"]})
    if solver == "lbfgs":
        solver = (solver, {"max_fun": recipe["max_fun"]})
    entry = resolve_solver(solver)
    if decay is not None and "weight_decay" in entry.parameters:
        return replace(entry, parameters={**entry.parameters, "weight_decay": decay})
    return solver


def _schedule(recipe: Mapping[str, Any]) -> Any:
    """Return the schedule for scikit-learn's name or glassnet's."""
    if recipe["learning_rate"] == "invscaling":
        return ("inverse", {"decay": 1.0, "power": recipe["power_t"]})
    return recipe["learning_rate"]
