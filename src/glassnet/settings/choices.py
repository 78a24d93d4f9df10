"""The kinds of settings that are more than a number, a flag or a name from a list."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from math import inf
from numbers import Real
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import resolve_activation
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.schedules import ADAPTIVE, resolve_schedule
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.errors import ParameterError
from glassnet.escaping import shown
from glassnet.settings.kinds import WHOLE, Check, Own, is_fraction, is_number, is_whole
from glassnet.wording import Vocabulary

INVSCALING = "invscaling"
THRESHOLDS = ("accuracy", "balanced_accuracy", "f1")
LARGEST_SEED, LARGEST_LAYER = 2**32 - 1, 2**32


# Named choices.


def _resolved(words: str, resolve: Callable[[Any], Any], known_as: str, also: tuple[str, ...] = ()) -> Own:
    """Return the kind of a named choice.

    `known_as` is what the messages of `resolve` call it, and `also` are names that it does not know.
    """

    def read(name: str, value: Any) -> Any:
        if isinstance(value, str) and value in also:
            return value
        with nullcontext() if name == known_as else Vocabulary({known_as: name}).rewriting():
            resolve(value)
        return value

    return Own(words, read)


def _activations(value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        resolve_activation(each)


def _no_number(resolve: Own) -> Own:
    """Return a kind that tells users of a number where scikit-learn has it."""

    def read(name: str, value: Any) -> Any:
        if isinstance(value, Real):
            raise ParameterError(
                f"{name}={shown(value)} names the schedule, as in scikit-learn; for the number write "
                f"learning_rate_init={shown(value)}."
            )
        return resolve.check(name, value)

    return Own(resolve.words, read)


def _schedule(known_as: str = "schedule", *also: str) -> Own:
    return _resolved("str, tuple", lambda value: resolve_schedule(value, known_as, also), known_as, also)


ACTIVATION = _resolved("str, tuple, Activation, list of them", _activations, "activation")
COST = _resolved("str, tuple, Cost", resolve_cost, "cost")
SOLVER = _resolved("str, tuple, Solver", resolve_solver, "solver")
SCHEDULE = _schedule("schedule", ADAPTIVE)
SCHEDULE_OF_ESTIMATORS = _no_number(_schedule("schedule", ADAPTIVE, INVSCALING))
DROPOUT_SCHEDULE, DECAY_SCHEDULE = _schedule("dropout_schedule"), _schedule("decay_schedule")


# One or several numbers.


def _sizes(name: str, value: Any) -> Any:
    try:
        sizes = list(value)
    except TypeError:  # one number
        sizes = [value]
    for size in sizes:
        if not is_whole(size) or size < 1:
            raise ParameterError(
                f"{name}={shown(value)} has {shown(size)}; each hidden layer needs a whole number from 1 upwards, such "
                f"as (64, 32)."
            )
        if size > LARGEST_LAYER:
            raise ParameterError(f"{name}={shown(value)} is too large; a layer has at most {LARGEST_LAYER} neurons.")
    return value


def _rates(name: str, value: Any) -> Any:
    are_many = isinstance(value, list | tuple)
    if not all(map(is_fraction, value if are_many else [value])):
        raise ParameterError(f"{name}={shown(value)} must lie in [0, 1): the share of units left out; 0.1 is usual.")
    return type(value)(map(float, value)) if are_many else float(value)


def _patience(name: str, value: Any) -> int | None:
    return None if isinstance(value, Real) and value == inf else WHOLE.check(name, value)


PATIENCE = Own("int, inf", _patience)
SIZES = Own("sequence of int", _sizes)
RATES = Own("float, list of float", _rates)


# Values of other types.


def _can_seed(value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, np.random.Generator) or (is_whole(value) and value >= 0):
        return True
    try:
        return np.random.default_rng(value) is not None
    except (TypeError, ValueError):
        return False


def _can_be_random_state(value: Any) -> bool:
    is_generator = isinstance(value, np.random.RandomState | np.random.Generator) or value is np.random
    return is_generator or (is_whole(value) and 0 <= value <= LARGEST_SEED)


def _can_weigh_classes(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(is_number(weight) and weight >= 0 for weight in value.values())
    return isinstance(value, str) and value == "balanced"


def _can_be_threshold(value: Any) -> bool:
    return value in THRESHOLDS if isinstance(value, str) else is_number(value) and 0 <= value <= 1


def _can_be_names(value: Any) -> bool:
    if isinstance(value, str):
        return True
    is_list = hasattr(value, "__iter__") and hasattr(value, "__len__") and getattr(value, "ndim", 1) == 1
    return is_list and all(isinstance(name, str) for name in value)


SEED = Check(
    "int, numpy.random.Generator",
    _can_seed,
    "must be a whole number from 0 upwards, or a generator of NumPy",
)
RANDOM_STATE = Check(
    "int, RandomState, Generator",
    _can_be_random_state,
    f"must be a whole number from 0 to {LARGEST_SEED}, a generator of NumPy, or None",
)
CLASS_WEIGHT = Check(
    'dict, "balanced"',
    _can_weigh_classes,
    "must be 'balanced', None, or a dict with a number from 0 upwards for each class",
)
THRESHOLD = Check(
    'float, "accuracy", "balanced_accuracy", "f1"',
    _can_be_threshold,
    f"must be a probability from 0 to 1, or one of: {', '.join(THRESHOLDS)}",
)
COLUMNS = Check("sequence of str", _can_be_names, "must be a list of names of columns, such as ['year']")
CALLBACK = Check("callable", callable, "must be a function of two arguments: the epoch's record and the network")
VERBOSE = Check(
    "bool",
    lambda value: isinstance(value, bool | np.bool_) or (is_whole(value) and value >= 0),
    "must be True or False",
)
