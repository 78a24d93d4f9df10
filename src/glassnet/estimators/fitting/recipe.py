"""The recipe of a fit: the estimator's parameters, with every "auto" replaced and every value checked."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from glassnet.core.catalog.solvers import resolve_solver
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.presets import (
    DECAY_SCHEDULE,
    ENOUGH_TO_HOLD_OUT,
    PLAIN,
    RATES,
    SMALL,
    SMOOTHING,
    TABULAR,
)
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.settings.records import Recipe, recipe_of
from glassnet.settings.setting import AUTO, Parameter
from glassnet.settings.table import OF_ESTIMATORS

# Pairs (rows, batch size for fewer rows): small tables need many steps, large ones need cheap steps.
MINIBATCHES = ((500, 16), (ENOUGH_TO_HOLD_OUT, 32), (20_000, 128))
LARGEST_MINIBATCH = 256
NOTHING: Mapping[str, Any] = MappingProxyType({})
STEPS_TO_LEARN = 3000  # for a small table
SAMPLES_TO_MEET = 1_000_000  # for a large table, over all epochs
FEWEST_EPOCHS, MOST_EPOCHS = 20, 100
MOST_WORK = 10**12  # rows times weights, over all epochs: some minutes on two cores
FEWEST_OF_LARGE = 3
FEWEST_OF_SMALL, MOST_OF_SMALL = 40, 300


def resolve_recipe(
    parameters: Mapping[str, Any],
    n_samples: int,
    *,
    has_validation: bool | None = None,
    n_targets: int = 1,
    n_columns: int = 0,
    dtype: str = "float64",
    instead: Mapping[str, Any] = NOTHING,
) -> Recipe:
    """Return the estimator's parameters with every "auto" replaced by the preset's value for `n_samples` rows.

    `has_validation` is whether there are validation rows; by default, if `early_stopping` is on. `n_targets` is the
    number of columns of y: multilabel targets are not smoothed, because smoothing distorts the probabilities of rare
    labels. `n_columns` is the number of columns of X (for a sparse matrix the stored values per row). It limits the
    number of epochs by their cost. `dtype` is the precision of X. `instead` holds values that replace those of
    parameters that were checked.

    Raises
    ------
    ParameterError
        If the preset is unknown or a parameter has an invalid value.

    Examples
    --------
    >>> from glassnet.estimators.classifier import GlassClassifier
    >>> recipe = resolve_recipe(GlassClassifier(preset="plain", alpha=2.0).get_params(), n_samples=50)
    >>> recipe["max_iter"], recipe["alpha"]
    (200, 2.0)
    """
    given = check_parameters(parameters)
    values = _values(given["preset"], n_samples)
    chosen = {name: values[name] if name in values and is_open(value) else value for name, value in given.items()}
    _settle_solver(chosen, given)
    _settle_rates(chosen, is_own=not is_open(given["learning_rate_init"]))
    if chosen["refit"] and (has_validation is not None or not chosen["early_stopping"]):
        raise ParameterError(
            "refit=True trains again on all rows, including those held out, but there are none; use "
            "early_stopping=True, and no eval_set."
        )
    is_validated = bool(chosen["early_stopping"] if has_validation is None else has_validation)
    if chosen.get("label_smoothing", 0.0) is None:
        chosen["label_smoothing"] = SMOOTHING if is_validated and n_targets == 1 else 0.0
    if chosen.get("temperature_scaling", False) is None:
        chosen["temperature_scaling"] = is_validated
    if chosen["dtype"] is None:
        chosen["dtype"] = dtype
    if chosen["batch_size"] is None:
        chosen["batch_size"] = next((size for rows, size in MINIBATCHES if n_samples < rows), LARGEST_MINIBATCH)
    if chosen["max_iter"] is None:
        n_weights = _n_weights(n_columns, hidden_sizes(chosen["hidden_layer_sizes"]))
        chosen["max_iter"] = _epochs(n_samples, chosen["batch_size"], n_weights)
    _check_together(chosen)
    if not is_validated:
        _refuse_what_needs_held_out_rows(chosen)
    return recipe_of({**chosen, **instead})


def check_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an estimator, each checked; "auto" stays where it is possible."""
    return {
        name: value if value is (known := OF_ESTIMATORS[name]).default else _checked(known, value)
        for name, value in parameters.items()
    }


def _checked(parameter: Parameter, value: Any) -> Any:
    if parameter.is_default(value) or (is_open(value) and parameter.default == AUTO):
        return value
    checked = parameter.check(value)
    return value if type(value) is int and type(checked) is float else checked  # files and messages say 1, not 1.0


def is_open(value: Any) -> bool:
    """Return whether a parameter is left to the preset."""
    return isinstance(value, str) and value == "auto"


def _settle_solver(chosen: dict[str, Any], parameters: Mapping[str, Any]) -> None:
    """Set the parameters that depend on the solver: dropout, weight decay and its schedule, and adam or adamw."""
    solver = resolve_solver(chosen["solver"])
    if is_open(parameters["dropout"]) and solver.builtin_name == "lbfgs":
        chosen["dropout"] = 0.0  # its line search needs one fixed cost
    if chosen["weight_decay"] is None:
        chosen["weight_decay"] = solver.parameters.get("weight_decay", 0.0)
    decays = chosen["weight_decay"] > 0
    if decays and solver.builtin_name == "adam":
        chosen["solver"] = "adamw" if chosen["solver"] == "adam" else ("adamw", dict(solver.parameters))
    is_off = not is_open(parameters["weight_decay"]) and chosen["weight_decay"] == 0  # there is nothing to schedule
    if chosen["decay_schedule"] is None or is_off:
        chosen["decay_schedule"] = DECAY_SCHEDULE if decays else "constant"


def _settle_rates(chosen: dict[str, Any], *, is_own: bool) -> None:
    """Set the parameters that depend on the learning rate; `is_own` says that the user set it."""
    if chosen["learning_rate"] == "adaptive" and chosen["n_iter_no_change"] is None:
        chosen["n_iter_no_change"] = PLAIN["n_iter_no_change"]  # "adaptive" needs a patience
    for name, value in RATES.items():
        if chosen[name] is None:
            chosen[name] = PLAIN[name] if is_own else value


def _refuse_what_needs_held_out_rows(recipe: Mapping[str, Any]) -> None:
    if isinstance(recipe.get("threshold"), str):
        raise ParameterError(
            f"threshold={recipe['threshold']!r} is tuned on rows held out, but there are none; use "
            f"early_stopping=True, pass eval_set=(X, y), or give a number."
        )
    if recipe.get("temperature_scaling"):
        raise ParameterError(
            "temperature_scaling=True fits the temperature on rows held out, but there are none; use "
            "early_stopping=True, or pass eval_set=(X, y)."
        )


def _values(preset: str, n_samples: int) -> Mapping[str, Any]:
    if preset == "plain":
        return PLAIN
    return SMALL if n_samples < ENOUGH_TO_HOLD_OUT else TABULAR


def _epochs(n_samples: int, batch_size: int, n_weights: int) -> int:
    """Return the number of epochs: chosen for accuracy, and limited by training time.

    The accuracy rule gives any table at least 20 epochs, whose time grows with rows times weights, and so with the
    columns: a million rows of 5,000 columns would train for half an hour on two cores. `MOST_WORK` limits the total of
    rows times weights, and with it the time on a given machine. The width of the layers is not reduced, because that
    would cost accuracy first. Each row is used at least `FEWEST_OF_LARGE` times, because a falling learning rate needs
    a run of some length.
    """
    if n_samples < ENOUGH_TO_HOLD_OUT:
        wanted = min(max(-(-STEPS_TO_LEARN * batch_size // n_samples), FEWEST_OF_SMALL), MOST_OF_SMALL)
    else:
        wanted = min(max(SAMPLES_TO_MEET // n_samples, FEWEST_EPOCHS), MOST_EPOCHS)
    return min(wanted, max(MOST_WORK // (n_samples * n_weights), FEWEST_OF_LARGE))


def _n_weights(n_columns: int, hidden: list[int]) -> int:
    """Return the number of weights into the hidden layers, without the few of the output layer."""
    sizes = [n_columns, *hidden]
    return max(1, sum(n_in * n_out for n_in, n_out in zip(sizes, hidden, strict=False)))


MOST_EMBEDDED = 200  # columns; each adds three inputs to the first layer


def embedding_of(
    parameters: Mapping[str, Any], recipe: Mapping[str, Any], n_embedded: int, *, sparse: bool
) -> str | None:
    """Return the embedding of numeric columns; "auto" is None for sparse X and for many columns.

    >>> embedding_of({"numeric_embedding": "auto"}, {"numeric_embedding": "pbld"}, n_embedded=5, sparse=False)
    'pbld'
    >>> embedding_of({"numeric_embedding": "auto"}, {"numeric_embedding": "pbld"}, n_embedded=5000, sparse=False)
    """
    embedding: str | None = recipe["numeric_embedding"]
    if is_open(parameters["numeric_embedding"]) and (sparse or n_embedded > MOST_EMBEDDED):
        return None
    return embedding


def hidden_sizes(sizes: Any) -> list[int]:
    """Return the sizes of the hidden layers from `hidden_layer_sizes`; a single number means one layer."""
    return [int(size) for size in (sizes if hasattr(sizes, "__iter__") else [sizes])]


def _check_together(recipe: Mapping[str, Any]) -> None:
    """Check that the settings fit each other."""
    for name, off in (("numeric_embedding", None), ("input_scaling", False)):
        if recipe[name] and recipe["preset"] == "plain":
            raise ParameterError(
                f"{name}={recipe[name]!r} is not for preset='plain', where the inputs are the numbers of the table; "
                f"use preset='tabular', or {name}={off}."
            )
    _check_decay(recipe)


def checked_recipe(values: Mapping[str, Any]) -> Recipe:
    """Return the recipe from elsewhere, such as a file, checked as `fit` does.

    >>> from glassnet.estimators.regressor import GlassRegressor
    >>> checked_recipe({**GlassRegressor().get_params(), **PLAIN, "weight_decay": 0.0, "alpha": -1.0})
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: alpha=-1.0 must be a number from 0 upwards; 0 switches the penalty off.
    """
    decay = values["weight_decay"]
    if decay is None:  # in older files it stands for the solver's own
        decay = resolve_solver(values["solver"]).parameters.get("weight_decay", 0.0)
    recipe = recipe_of(check_parameters({**values, "weight_decay": decay}))
    _check_together(recipe)
    train_arguments(recipe, 1, held_out=True)
    return recipe


def _check_decay(recipe: Mapping[str, Any]) -> None:
    solver = resolve_solver(recipe["solver"])
    if "weight_decay" in solver.parameters:
        return
    if recipe["weight_decay"] > 0:
        raise ParameterError(
            f"weight_decay={recipe['weight_decay']!r} is decoupled weight decay, which solver {solver.name!r} lacks; "
            f"use solver='adam', or alpha for a penalty on the weights."
        )
    if recipe["decay_schedule"] != "constant":
        raise ParameterError(
            f"decay_schedule={recipe['decay_schedule']!r} has no weight decay to act on; use weight_decay=0.02, or "
            f"leave decay_schedule='auto'."
        )
