"""What "auto" stands for: the two presets, and from an estimator's parameters to the arguments of `train`."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

from glassnet.core.catalog.activation import resolve_activation
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.initializers import INITIALIZERS
from glassnet.core.catalog.schedules import resolve_schedule
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.front import FRONTS
from glassnet.core.network import RATES as RULES
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.presets import (
    DECAY_SCHEDULE,
    ENOUGH_TO_HOLD_OUT,
    FROM_DATA,
    PLAIN,
    PRESETS,
    RATES,
    SMALL,
    SMOOTHING,
    TABULAR,
)
from glassnet.estimators.fitting.run_settings import _is_number, train_arguments
from glassnet.estimators.fitting.threshold import METRICS as THRESHOLDS
from glassnet.training.settings import positive_whole

FROM_ZERO: Mapping[str, str] = {
    "alpha": "0 switches the penalty off",
    "l1": "0 switches the penalty off",
    "tol": "1e-4 is usual",
    "weight_decay": "0 switches it off",
}

# Rows below which a minibatch has so many: small tables need many steps, large ones need cheap steps.
MINIBATCHES = ((500, 16), (ENOUGH_TO_HOLD_OUT, 32), (20_000, 128))
LARGEST_MINIBATCH = 256
STEPS_TO_LEARN = 3000  # of a small table
SAMPLES_TO_MEET = 1_000_000  # of a large one, over all epochs
FEWEST_EPOCHS, MOST_EPOCHS = 20, 100
MOST_WORK = 10**12  # rows times weights, over all epochs: some minutes of two cores
FEWEST_OF_LARGE = 3
FEWEST_OF_SMALL, MOST_OF_SMALL = 40, 300


def resolve_recipe(
    parameters: Mapping[str, Any],
    n_samples: int,
    *,
    watched: bool | None = None,
    n_targets: int = 1,
    n_columns: int = 0,
) -> dict[str, Any]:
    """Return the estimator's parameters with every "auto" replaced by what its preset says for so many rows.

    `watched` says whether there are rows that are only watched; by default there are where "early_stopping" holds some
    out. `n_targets` are the columns of y: several labels are not smoothed, as most of them are rare, and a rare label's
    probability would be drawn far from it. `n_columns` are those of X, in a sparse matrix the numbers stored per row:
    what they make of the work of an epoch bounds the epochs.

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
    for name, value in _values(preset, n_samples).items():
        if name in parameters and isinstance(chosen[name], str) and chosen[name] == "auto":
            chosen[name] = value
    if chosen["learning_rate"] == "adaptive" and chosen["n_iter_no_change"] is None:
        chosen["n_iter_no_change"] = PLAIN["n_iter_no_change"]  # what it adapts to
    solver = resolve_solver(chosen["solver"])
    if parameters["dropout"] == "auto" and solver.name == "lbfgs":
        chosen["dropout"] = 0.0  # its line search needs one fixed cost
    if chosen["weight_decay"] is None:
        chosen["weight_decay"] = solver.parameters.get("weight_decay", 0.0)
    decays = _is_number(chosen["weight_decay"]) and chosen["weight_decay"] > 0
    if decays and solver.name == "adam":
        chosen["solver"] = "adamw" if chosen["solver"] == "adam" else ("adamw", dict(solver.parameters))
    is_off = parameters["weight_decay"] != "auto" and chosen["weight_decay"] == 0  # nothing is left to schedule
    if chosen["decay_schedule"] is None or is_off:
        chosen["decay_schedule"] = DECAY_SCHEDULE if decays else "constant"
    own_rate = parameters["learning_rate_init"] != "auto"
    for name, value in RATES.items():
        if chosen[name] is None:
            chosen[name] = PLAIN[name] if own_rate else value
    if chosen["refit"] and (watched is not None or not chosen["early_stopping"]):
        raise ParameterError(
            "refit=True learns again from all rows, those held out too, but none are; use early_stopping=True, and no "
            "eval_set."
        )
    watched = chosen["early_stopping"] if watched is None else watched
    if chosen.get("label_smoothing", 0.0) is None:
        chosen["label_smoothing"] = SMOOTHING if watched and n_targets == 1 else 0.0
    if chosen.get("temperature_scaling", False) is None:
        chosen["temperature_scaling"] = watched
    if chosen["batch_size"] is None:
        chosen["batch_size"] = next((size for rows, size in MINIBATCHES if n_samples < rows), LARGEST_MINIBATCH)
    if chosen["max_iter"] is None:
        chosen["max_iter"] = _epochs(n_samples, chosen["batch_size"], _n_weights(n_columns, hidden_sizes(chosen)))
    _check(chosen)
    if isinstance(chosen.get("threshold"), str) and not watched:
        raise ParameterError(
            f"threshold={chosen['threshold']!r} is tuned on rows held out, but there are none; use "
            f"early_stopping=True, pass eval_set=(X, y), or give a number."
        )
    if chosen.get("temperature_scaling") and not watched:
        raise ParameterError(
            "temperature_scaling=True finds the temperature on rows held out, but there are none; use "
            "early_stopping=True, or pass eval_set=(X, y)."
        )
    return chosen


def _values(preset: str, n_samples: int) -> Mapping[str, Any]:
    if preset == "plain":
        return PLAIN
    return SMALL if n_samples < ENOUGH_TO_HOLD_OUT else TABULAR


def _epochs(n_samples: int, batch_size: int, n_weights: int) -> int:
    """Return how many epochs a table gets: as many as it learns from, and no more than are worth waiting for.

    The first part was chosen for accuracy. But it gives a table of any length 20 epochs, whose time grows with the rows
    times the weights, and the weights grow with the columns: a million rows of 5,000 columns would train for half an
    hour on two cores. So the products of a row and a weight, summed over the run, are bounded, which bounds the time on
    a given machine. Layers are as wide as for other tables: such tables have the rows for it, and fewer units would
    cost accuracy first. Every row is met a few times in any case, because a falling learning rate needs a run that is
    long enough to fall.
    """
    if n_samples < ENOUGH_TO_HOLD_OUT:
        wanted = min(max(-(-STEPS_TO_LEARN * batch_size // n_samples), FEWEST_OF_SMALL), MOST_OF_SMALL)
    else:
        wanted = min(max(SAMPLES_TO_MEET // n_samples, FEWEST_EPOCHS), MOST_EPOCHS)
    return min(wanted, max(MOST_WORK // (n_samples * n_weights), FEWEST_OF_LARGE))


def _n_weights(n_columns: int, hidden: list[int]) -> int:
    """Return the weights that every row meets: those into the hidden layers, the few of the outputs aside."""
    sizes = [n_columns, *hidden]
    return max(1, sum(n_in * n_out for n_in, n_out in zip(sizes, hidden, strict=False)))


MOST_EMBEDDED = 200  # columns: each makes the first layer wider by three inputs


def front_of(parameters: Mapping[str, Any], recipe: Mapping[str, Any], n_embedded: int, *, sparse: bool) -> str | None:
    """Return the front of the network; the recipe's own is left out where it would cost too much, or cannot be.

    >>> front_of({"front": "auto"}, {"front": "pbld"}, n_embedded=5, sparse=False)
    'pbld'
    >>> front_of({"front": "auto"}, {"front": "pbld"}, n_embedded=5000, sparse=False)
    """
    front: str | None = recipe["front"]
    return None if parameters["front"] == "auto" and (sparse or n_embedded > MOST_EMBEDDED) else front


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


def _check(recipe: Mapping[str, Any]) -> None:
    """Say what is wrong in scikit-learn's words, where the floors below have words of their own for the same."""
    schedule = recipe["learning_rate"]
    if isinstance(schedule, Real):
        raise ParameterError(
            f"learning_rate={schedule!r} names the schedule, as in scikit-learn; for the number write "
            f"learning_rate_init={schedule!r}."
        )
    positive_whole("max_iter", recipe["max_iter"])
    positive_whole("n_networks", recipe["n_networks"])
    if recipe["bagged"] not in (True, False):
        raise ParameterError(f"bagged={recipe['bagged']!r} must be True or False.")
    if recipe["refit"] not in (True, False):
        raise ParameterError(f"refit={recipe['refit']!r} must be True or False.")
    if recipe["n_iter_no_change"] is not None:
        positive_whole("n_iter_no_change", recipe["n_iter_no_change"])
    if not (_is_number(recipe["learning_rate_init"]) and recipe["learning_rate_init"] > 0):
        raise ParameterError(f"learning_rate_init={recipe['learning_rate_init']!r} must be a positive number.")
    for name, otherwise in FROM_ZERO.items():
        if not (_is_number(recipe[name]) and recipe[name] >= 0):
            raise ParameterError(f"{name}={recipe[name]!r} must be a number from 0 upwards; {otherwise}.")
    _check_decay(recipe)
    share = recipe["validation_fraction"]
    if not (_is_number(share) and 0 < share < 1):
        raise ParameterError(f"validation_fraction={share!r} must lie between 0 and 1; 0.1 is usual.")
    smoothing = recipe.get("label_smoothing", 0.0)
    if not (_is_number(smoothing) and 0 <= smoothing < 1):
        raise ParameterError(f"label_smoothing={smoothing!r} must lie in [0, 1); 0.1 is usual, 0 switches it off.")
    if recipe.get("temperature_scaling", False) not in (True, False):
        raise ParameterError(f"temperature_scaling={recipe['temperature_scaling']!r} must be True, False or 'auto'.")
    if recipe.get("clip_predictions", False) not in (True, False):
        raise ParameterError(f"clip_predictions={recipe['clip_predictions']!r} must be True, False or 'auto'.")
    threshold = recipe.get("threshold", 0.5)
    if threshold not in THRESHOLDS and not (_is_number(threshold) and 0 <= threshold <= 1):
        raise ParameterError(
            f"threshold={threshold!r} must be a probability from 0 to 1, or one of: {', '.join(THRESHOLDS)}."
        )
    for name, choices in (("rates", RULES), ("init", ("auto", FROM_DATA, *INITIALIZERS))):
        if recipe[name] not in choices:
            raise ParameterError(f"{name}={recipe[name]!r} is not known. Choose from: {', '.join(choices)}.")
    if not (_is_number(recipe["bias_rate"]) and recipe["bias_rate"] >= 0):
        raise ParameterError(f"bias_rate={recipe['bias_rate']!r} must be a number from 0 upwards; 1 is the weights'.")
    if recipe["front"] is not None and recipe["front"] not in FRONTS:
        raise ParameterError(
            f"front={recipe['front']!r} is not known. Choose from: {', '.join(FRONTS)}, or None for no front."
        )
    if recipe["front"] is not None and recipe["preset"] == "plain":
        raise ParameterError(
            f"front={recipe['front']!r} is not for preset='plain', where the inputs stay the numbers of the table; use "
            f"preset='tabular', or front=None."
        )
    if recipe["learned_slope"] not in (True, False):
        raise ParameterError(f"learned_slope={recipe['learned_slope']!r} must be True, False or 'auto'.")
    if recipe["dtype"] not in ("float32", "float64"):
        raise ParameterError(f"dtype={recipe['dtype']!r} is not a precision; use 'float32' or 'float64'.")


def check_recipe(recipe: Mapping[str, Any]) -> None:
    """Raise where `fit` would: of a recipe that comes from elsewhere, such as a file.

    >>> from glassnet.estimators.regressor import GlassRegressor
    >>> check_recipe({**GlassRegressor().get_params(), **PLAIN, "weight_decay": 0.0, "alpha": -1.0})
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: alpha=-1.0 must be a number from 0 upwards; 0 switches the penalty off.
    """
    _check({**recipe, "weight_decay": recipe["weight_decay"] or 0.0})
    hidden_sizes(recipe)
    chosen = recipe["activation"]
    for sigma in chosen if isinstance(chosen, list) else [chosen]:
        resolve_activation(sigma)
    arguments = train_arguments(recipe, 1, held_out=True)
    for name in ("schedule", "dropout_schedule", "decay_schedule"):
        if arguments[name] != "adaptive":
            resolve_schedule(arguments[name], name)
    if "loss" in recipe:
        resolve_cost(recipe["loss"])


def _check_decay(recipe: Mapping[str, Any]) -> None:
    solver = resolve_solver(recipe["solver"])
    if "weight_decay" in solver.parameters:
        return
    if recipe["weight_decay"] > 0:
        raise ParameterError(
            f"weight_decay={recipe['weight_decay']!r} is decoupled weight decay, which solver {solver.name!r} has not; "
            f"use solver='adam', or alpha for a penalty on the weights."
        )
    if recipe["decay_schedule"] != "constant":
        raise ParameterError(
            f"decay_schedule={recipe['decay_schedule']!r} has no weight decay to act on; use weight_decay=0.02, or "
            f"leave decay_schedule='auto'."
        )
