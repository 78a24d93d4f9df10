"""What "auto" came to in a fitted model, and why: one sentence for each parameter that its user left open."""

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
        As it was used.
    is_auto : bool
        Whether the preset chose it; else it was set.
    why : str
        Why the preset chose it; empty where it was set.
    """

    parameter: str
    value: Any
    is_auto: bool
    why: str = ""


def choices_of(model: Any) -> tuple[Choice, ...]:
    """Return the parameters that were "auto", with the reason, and those that were set to something else than usual.

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
    """Return whether the preset took the table for a small one; the recipe tells, which knew the number of rows."""
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
    rate = "for its schedule" if is_open(given.get("learning_rate")) else USUAL
    reasons = {
        "hidden_layer_sizes": network,
        "activation": network,
        "init": "suits the activation" if small else "each neuron fitted to the training rows",
        "alpha": "reduces overfitting of a small network" if small else "none in a wide network",
        "learning_rate_init": rate,
        "learning_rate": "falls to 0 at the end",
        "n_iter_no_change": "what an adaptive learning rate acts on" if recipe.get("learning_rate") == "adaptive" else
                            "none: training takes all its epochs",
        "clip_predictions": "an outlier gets no impossible prediction",
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
        "decay_schedule": "where there is decay" if recipe.get("weight_decay") else "there is no decay to act on",
    }  # fmt: skip
    own_rate = not is_open(given.get("learning_rate_init"))
    for name in ("rates", "bias_rate"):
        reasons[name] = "the learning rate is yours and taken as it is" if own_rate else (
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
    return f"about {SAMPLES_TO_MEET:,} rows met in all, and no longer than a wide table is worth"


def _why_dropout(recipe: Mapping[str, Any], small: bool) -> str:
    solver = recipe.get("solver")
    if (solver if isinstance(solver, str) else "") == "lbfgs":
        return "solver 'lbfgs' needs one fixed cost"
    return "none in a small network" if small else "reduces overfitting of a wide network"


def _embedding(model: Any) -> str | None:
    """Return the embedding that the network has: that of the recipe is left out of very wide tables."""
    front = model.network_.front
    return "pbld" if front is not None and front.embedded else None


def _why_embedding(model: Any, small: bool) -> str:
    if small:
        return f"none, as {LESS}"
    if _embedding(model) is not None:
        return "learned waves beside each number"
    if model.schema_ is None:
        return "none, as a sparse matrix would be filled"
    if len(model.encoder_.number_places) > MOST_EMBEDDED:
        return f"none, as there are more than {MOST_EMBEDDED} numbers"
    return "none, as there is no number to embed"


def _why_smoothing(model: Any) -> str:
    if model.recipe_.get("label_smoothing"):
        return "held-out rows find the temperature that makes up for it"
    if model.target_encoder_.task == "multilabel":
        return "none, as a rare label's probability would be drawn far from it"
    return "none, as no rows are held out"


def _why_temperature(model: Any) -> str:
    if model.recipe_.get("temperature_scaling"):
        return "found on the rows held out"
    return "none, as no rows are held out"
