"""What "auto" stands for: the two presets, and from an estimator's parameters to the arguments of `train`."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

from glassnet.core.solvers import resolve_solver
from glassnet.errors import ParameterError
from glassnet.training.plan import positive_whole

# scikit-learn's MLP is the textbook network with these numbers, so that its users find what they know.
PLAIN: Mapping[str, Any] = {
    "hidden_layer_sizes": (100,),
    "activation": "relu",
    "solver": "adam",
    "alpha": 1e-4,
    "batch_size": 200,
    "learning_rate": "constant",
    "learning_rate_init": 1e-3,
    "max_iter": 200,
    "early_stopping": False,
    "n_iter_no_change": 10,
    "beta_2": 0.999,
}

TABULAR: Mapping[str, Any] = {
    "hidden_layer_sizes": (64, 64),
    "activation": "silu",
    "solver": "adam",
    "alpha": 1.0,
    "batch_size": None,  # decided by the number of rows, as the next but one is
    "learning_rate": "cosine",
    "learning_rate_init": 2e-3,
    "max_iter": None,
    "early_stopping": None,  # decided by the number of rows
    "n_iter_no_change": None,  # the falling rate needs all its epochs; the best of them is kept
    "beta_2": 0.95,
}

PRESETS: Mapping[str, Mapping[str, Any]] = {"tabular": TABULAR, "plain": PLAIN}

FROM_ZERO: Mapping[str, str] = {
    "alpha": "0 switches the penalty off",
    "l1": "0 switches the penalty off",
    "tol": "1e-4 is usual",
}

# Rows below which a minibatch has so many: small tables need many steps, large ones need cheap steps.
MINIBATCHES = ((500, 16), (5000, 32), (20_000, 64))
LARGEST_MINIBATCH = 128
STEPS_TO_LEARN = 3000
FEWEST_EPOCHS, MOST_EPOCHS = 40, 300

ENOUGH_TO_HOLD_OUT = 1000  # rows from which a tenth is missed less than the best epoch is gained


def resolve_recipe(parameters: Mapping[str, Any], n_samples: int) -> dict[str, Any]:
    """Return the estimator's parameters with every "auto" replaced by what its preset says for so many rows.

    Raises
    ------
    ParameterError
        If the preset is not known, or a parameter has a value that cannot work.

    Examples
    --------
    >>> from glassnet.estimators.classifier import GlassClassifier
    >>> recipe = resolve_recipe(GlassClassifier(preset="plain", alpha=2.0).get_params(), n_samples=50)
    >>> recipe["max_iter"], recipe["alpha"]
    (200, 2.0)
    """
    preset = parameters["preset"]
    if preset not in PRESETS:
        raise ParameterError(f"preset={preset!r} is not known. Choose from: {', '.join(PRESETS)}.")
    chosen = dict(parameters)
    for name, value in PRESETS[preset].items():
        if isinstance(chosen.get(name, "auto"), str) and chosen.get(name, "auto") == "auto":
            chosen[name] = value
    if chosen["learning_rate"] == "adaptive" and chosen["n_iter_no_change"] is None:
        chosen["n_iter_no_change"] = PLAIN["n_iter_no_change"]  # what it adapts to
    if chosen["early_stopping"] is None:
        chosen["early_stopping"] = n_samples >= ENOUGH_TO_HOLD_OUT
    if chosen["batch_size"] is None:
        chosen["batch_size"] = next((size for rows, size in MINIBATCHES if n_samples < rows), LARGEST_MINIBATCH)
    if chosen["max_iter"] is None:
        wanted = -(-STEPS_TO_LEARN * chosen["batch_size"] // n_samples)
        chosen["max_iter"] = min(max(wanted, FEWEST_EPOCHS), MOST_EPOCHS)
    _check(chosen)
    return chosen


def hidden_sizes(recipe: Mapping[str, Any]) -> list[int]:
    """Return the sizes of the hidden layers; a single number means one layer."""
    sizes = recipe["hidden_layer_sizes"]
    sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
    for size in sizes:
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise ParameterError(
                f"hidden_layer_sizes={recipe['hidden_layer_sizes']!r} has {size!r}; each hidden layer needs "
                f"a whole number from 1 upwards, such as (64, 32)."
            )
    return [int(size) for size in sizes]


def train_arguments(recipe: Mapping[str, Any], n_samples: int, *, held_out: bool) -> dict[str, Any]:
    """Return the arguments of `train` that an estimator's parameters stand for."""
    solver = _solver(recipe)
    chosen = resolve_solver(solver)
    return {
        "solver": solver,
        "epochs": recipe["max_iter"],
        "batch_size": None if chosen.full_batch else recipe["batch_size"],
        "learning_rate": None if chosen.name == "lbfgs" else recipe["learning_rate_init"],
        "schedule": _schedule(recipe),
        "l1": float(recipe["l1"]) / n_samples,
        "l2": float(recipe["alpha"]) / n_samples,
        "dropout": recipe["dropout"],
        "clip": recipe["clip"],
        "tolerance": recipe["tol"] if not held_out else 0.0,
        "patience": recipe["n_iter_no_change"],
        "monitor": recipe["monitor"] if held_out else None,
        "shuffle": recipe["shuffle"],
        "time_limit": recipe["time_limit"],
        "snapshots": recipe["snapshots"],
        "engine": recipe["engine"],
        "n_jobs": recipe["n_jobs"],
    }


def _solver(recipe: Mapping[str, Any]) -> Any:
    """scikit-learn's "sgd" has momentum; a pair (name, parameters) is taken as it is."""
    solver = recipe["solver"]
    if solver == "sgd" and recipe["momentum"]:
        return ("nesterov" if recipe["nesterovs_momentum"] else "momentum", {"mu": recipe["momentum"]})
    if solver in ("adam", "nadam", "adamw"):
        return (solver, {"beta1": recipe["beta_1"], "beta2": recipe["beta_2"], "epsilon": recipe["epsilon"]})
    return solver


def _schedule(recipe: Mapping[str, Any]) -> Any:
    """scikit-learn's names for schedules, and the project's own."""
    if recipe["learning_rate"] == "invscaling":
        return ("inverse", {"decay": 1.0, "power": recipe["power_t"]})
    return recipe["learning_rate"]


def _check(recipe: Mapping[str, Any]) -> None:
    """Say what is wrong in scikit-learn's words, where the floors below have words of their own for the same."""
    schedule = recipe["learning_rate"]
    if isinstance(schedule, Real):
        raise ParameterError(
            f"learning_rate={schedule!r} names the schedule, as in scikit-learn; for the number write "
            f"learning_rate_init={schedule!r}."
        )
    positive_whole("max_iter: epochs", recipe["max_iter"])
    if recipe["n_iter_no_change"] is not None:
        positive_whole("n_iter_no_change: patience", recipe["n_iter_no_change"])
    if not (_is_number(recipe["learning_rate_init"]) and recipe["learning_rate_init"] > 0):
        raise ParameterError(
            f"learning_rate_init: learning_rate={recipe['learning_rate_init']!r} must be a positive number."
        )
    for name, otherwise in FROM_ZERO.items():
        if not (_is_number(recipe[name]) and recipe[name] >= 0):
            raise ParameterError(f"{name}={recipe[name]!r} must be a number from 0 upwards; {otherwise}.")
    share = recipe["validation_fraction"]
    if not (_is_number(share) and 0 < share < 1):
        raise ParameterError(f"validation_fraction={share!r} must lie between 0 and 1; 0.1 is usual.")
    if recipe["dtype"] not in ("float32", "float64"):
        raise ParameterError(f"dtype={recipe['dtype']!r} is not a precision; use 'float32' or 'float64'.")


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and abs(float(value)) < float("inf")
