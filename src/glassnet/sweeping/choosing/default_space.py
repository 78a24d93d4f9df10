"""The default space of a sweep: what is worth trying on a table."""

from collections.abc import Mapping
from typing import Any

from glassnet.estimators.fitting.presets import ENOUGH_TO_HOLD_OUT, RATES
from glassnet.estimators.fitting.recipe import MOST_EMBEDDED, is_open
from glassnet.sweeping.space import LAYERS, SIZES, WIDTH, Space

LARGE: Mapping[str, Any] = {
    SIZES: {"layers": {"low": 1, "high": 4}, "width": {"low": 32, "high": 256, "log": True}},
    "activation": ["selu", "relu", "silu"],
    "learning_rate_init": {"low": 0.004, "high": 0.2, "log": True},
    **RATES,  # the learning rate is meant with them
    "batch_size": [64, 128, 256],
    "dropout": {"low": 0.0, "high": 0.4},
    "alpha": {"low": 1e-3, "high": 30.0, "log": True},
    "label_smoothing": [0.0, 0.1],
    "numeric_embedding": ["pbld", None],
}
"""Around the preset "tabular", which the first candidate has."""

FIRST_LARGE: Mapping[str, Any] = {
    LAYERS: 3,
    WIDTH: 128,
    "activation": "selu",
    "learning_rate_init": 0.04,
    "batch_size": 128,
    "dropout": 0.05,
    "alpha": 1e-3,
    "label_smoothing": 0.1,
    "numeric_embedding": "pbld",
}

SMALL: Mapping[str, Any] = {
    SIZES: {"layers": {"low": 1, "high": 3}, "width": {"low": 8, "high": 128, "log": True}},
    "activation": ["silu", "relu", "tanh"],
    "learning_rate_init": {"low": 5e-4, "high": 0.02, "log": True},
    "batch_size": [16, 32, 64],
    "dropout": {"low": 0.0, "high": 0.3},
    "alpha": {"low": 0.01, "high": 30.0, "log": True},
}

FIRST_SMALL: Mapping[str, Any] = {
    LAYERS: 2,
    WIDTH: 64,
    "activation": "silu",
    "learning_rate_init": 2e-3,
    "batch_size": 16,
    "dropout": 0.0,
    "alpha": 1.0,
}


def default_space(
    parameters: Mapping[str, Any], n_rows: int, *, n_embedded: int, is_sparse: bool
) -> tuple[Space, dict[str, Any]]:
    """Return the default space and what the first candidate has of it, the preset or close to it.

    Parameters that the user has set on the estimator stay as they are.

    Parameters
    ----------
    parameters : mapping
        Of the estimator.
    n_rows : int
        Number of training rows.
    n_embedded : int
        Number of columns that could be embedded.
    is_sparse : bool
        Whether X is a sparse matrix.

    Examples
    --------
    >>> from glassnet.estimators.regressor import GlassRegressor
    >>> space, first = default_space(GlassRegressor(alpha=1.0).get_params(), 500, n_embedded=3, is_sparse=False)
    >>> list(space.entries), first["hidden width"]
    (['hidden layers', 'hidden width', 'activation', 'learning_rate_init', 'batch_size', 'dropout'], 64)
    """
    is_large = n_rows >= ENOUGH_TO_HOLD_OUT and parameters["preset"] != "plain"
    given, first = (LARGE, FIRST_LARGE) if is_large else (SMALL, FIRST_SMALL)
    gone = {name for name in given if name not in parameters or not is_open(parameters[name])}
    if is_sparse or not 0 < n_embedded <= MOST_EMBEDDED:
        gone.add("numeric_embedding")
    if "learning_rate_init" in gone:
        gone |= set(RATES)
    if parameters["preset"] == "plain" and "learning_rate_init" not in gone:
        given = {**given, "learning_rate_init": {"low": 1e-4, "high": 0.1, "log": True}}
    space = Space.of({name: value for name, value in given.items() if name not in gone}, known=parameters)
    return space, {name: value for name, value in first.items() if name in space.entries}
