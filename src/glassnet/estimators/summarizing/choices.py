"""The values of "auto" in a fitted model, with a reason for each parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from glassnet.estimators.fitting.presets import ENOUGH_TO_HOLD_OUT, PLAIN, SMALL, TABULAR
from glassnet.estimators.fitting.recipe import (
    LARGEST_MINIBATCH,
    MINIBATCHES,
    MOST_EMBEDDED,
    SAMPLES_TO_MEET,
    STEPS_TO_LEARN,
    is_open,
)

LESS = f"the table has fewer than {ENOUGH_TO_HOLD_OUT:,} rows"
MORE = f"the table has {ENOUGH_TO_HOLD_OUT:,} rows or more"
SKLEARN = "as in scikit-learn's MLP"
USUAL = "the same for every table"


@dataclass(frozen=True)
class Choice:
    """One parameter of the model.

    Attributes
    ----------
    parameter : str
    value : object
        The value used.
    is_auto : bool
        Whether the preset chose the value; else the user set it.
    why : str
        Reason of the preset; empty if the user set the value.
    """

    parameter: str
    value: Any
    is_auto: bool
    why: str = ""


def choices_of(model: Any) -> tuple[Choice, ...]:
    """Return the parameters left at "auto", with reasons, and those that differ from their defaults.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> chosen = {choice.parameter: choice for choice in choices_of(reg)}
    >>> chosen["hidden_layer_sizes"].is_auto, chosen["activation"].value, chosen["activation"].why
    (False, 'silu', 'a small network, as the table has fewer than 1,000 rows')
    """
    given, recipe = model.get_params(deep=False), model.recipe_
    usual = {name: each.default for name, each in signature(type(model).__init__).parameters.items()}
    reasons = _reasons(model, given)
    found = []
    for name, value in given.items():
        if is_open(value) and name in PLAIN:
            used = _embedding(model) if name == "numeric_embedding" else recipe.get(name)
            found.append(Choice(name, used, True, reasons.get(name, USUAL)))
        elif name in recipe and not _same(value, usual.get(name)):
            found.append(Choice(name, value, False))
    return tuple(found)


def _same(value: Any, usual: Any) -> bool:
    return type(value) is type(usual) and bool(value == usual)


def is_small(model: Any) -> bool:
    """Return whether the preset chose the values for small tables, judged by the recipe."""
    given, recipe = model.get_params(deep=False), model.recipe_
    differing = [name for name in SMALL if SMALL[name] != TABULAR[name] and is_open(given.get(name))]
    telling = [name for name in differing if SMALL[name] is not None]
    if telling:
        return all(_equal(recipe.get(name), SMALL[name]) for name in telling)
    return model.schema_ is not None and model.schema_.n_rows < ENOUGH_TO_HOLD_OUT


def _equal(used: Any, preset: Any) -> bool:
    as_tuple = tuple(used) if isinstance(used, list) else used
    return bool(as_tuple == preset)


def _reasons(model: Any, given: Mapping[str, Any]) -> dict[str, str]:
    if given.get("preset") == "plain":
        return dict.fromkeys(PLAIN, SKLEARN)
    recipe = model.recipe_
    small = is_small(model)
    network = f"a small network, as {LESS}" if small else f"a wide network, as {MORE}"
    rate = "suits its schedule" if is_open(given.get("learning_rate")) else USUAL
    reasons = {
        "hidden_layer_sizes": network,
        "activation": network,
        "init": "suits the activation" if small else "each neuron fitted to the training rows",
        "alpha": "reduces overfitting of a small network" if small else "none in a wide network",
        "learning_rate_init": rate,
        "learning_rate": "falls to 0 at the end",
        "n_iter_no_change": "required by the adaptive learning rate" if recipe.get("learning_rate") == "adaptive" else
                            "none: training takes all its epochs",
        "clip_predictions": "outliers never get impossible predictions",
        "dropout_schedule": "the same from start to end",
        "batch_size": _why_batch_size(recipe),
        "max_iter": _why_epochs(small),
        "early_stopping": f"no rows to spare, as {LESS}" if small else MORE,
        "dropout": _why_dropout(recipe, small),
        "numeric_embedding": _why_embedding(model, small),
        "input_scaling": "off, as it did not improve predictions on the tables tested",
        "label_smoothing": _why_smoothing(model),
        "temperature_scaling": _why_temperature(model),
        "weight_decay": "the solver's own",
        "decay_schedule": "for weight decay" if recipe.get("weight_decay") else "there is no weight decay",
    }  # fmt: skip
    own_rate = not is_open(given.get("learning_rate_init"))
    for name in ("rates", "bias_rate"):
        reasons[name] = "your learning rate is used unchanged" if own_rate else (
            LESS if small else "one learning rate suits all widths"
        )  # fmt: skip
    return reasons


def _why_batch_size(recipe: Mapping[str, Any]) -> str:
    size = recipe.get("batch_size")
    rows = next((rows for rows, each in MINIBATCHES if each == size), None)
    if rows is None:
        return f"at most {LARGEST_MINIBATCH}"
    return f"the table has fewer than {rows:,} rows"


def _why_epochs(small: bool) -> str:
    if small:
        return f"about {STEPS_TO_LEARN:,} steps, as {LESS}"
    return f"about {SAMPLES_TO_MEET:,} rows in all epochs together, fewer for wide tables"


def _why_dropout(recipe: Mapping[str, Any], small: bool) -> str:
    solver = recipe.get("solver")
    if (solver if isinstance(solver, str) else "") == "lbfgs":
        return "solver 'lbfgs' needs one fixed cost"
    return "none in a small network" if small else "reduces overfitting of a wide network"


def _embedding(model: Any) -> str | None:
    """Return the embedding of the network, which is None for very wide tables."""
    front = model.network_.front
    return "pbld" if front is not None and front.embedded else None


def _why_embedding(model: Any, small: bool) -> str:
    if small:
        return f"none, as {LESS}"
    if _embedding(model) is not None:
        return "adds learned mixtures of cosines to each number"
    if model.schema_ is None:
        return "none, as it would make a sparse matrix dense"
    if len(model.encoder_.number_places) > MOST_EMBEDDED:
        return f"none, as there are more than {MOST_EMBEDDED} numbers"
    return "none, as there is no number to embed"


def _why_smoothing(model: Any) -> str:
    if model.recipe_.get("label_smoothing"):
        return "compensated by the temperature from the rows held out"
    if model.target_encoder_.task == "multilabel":
        return "none, as it would distort the probabilities of rare labels"
    return "none, as no rows are held out"


def _why_temperature(model: Any) -> str:
    if model.recipe_.get("temperature_scaling"):
        return "fitted on the rows held out"
    return "none, as no rows are held out"
