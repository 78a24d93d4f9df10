"""The values of "auto" in each preset."""

from collections.abc import Mapping
from typing import Any

# The defaults of scikit-learn's MLP, familiar to its users.
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
    "label_smoothing": 0.0,
    "temperature_scaling": False,
    "clip_predictions": False,
    "init": "auto",
    "rates": "equal",
    "bias_rate": 1.0,
    "numeric_embedding": None,
    "input_scaling": False,
    "learned_slope": False,
    "dropout": 0.0,
    "dropout_schedule": "constant",
    "weight_decay": None,  # the solver's default: none, except for adamw
    "decay_schedule": "constant",
    "dtype": None,  # that of X
}

# For tables of some thousands of rows: the recipe of RealMLP (Holzmüller et al. 2024), minus the ingredients that did
# not help on the seven tuning tables of benchmarks/accuracy: decay, learned slopes and scales, falling dropout.
TABULAR: Mapping[str, Any] = {
    "hidden_layer_sizes": (128, 128, 128),
    "activation": "selu",
    "solver": "adam",
    "alpha": 0.0,
    "batch_size": None,  # depends on the number of rows, as does max_iter
    "learning_rate": "coslog4",
    "learning_rate_init": 0.04,
    "max_iter": None,
    "early_stopping": True,
    "n_iter_no_change": None,  # the falling learning rate needs all epochs; the best one is kept
    "beta_2": 0.95,
    "label_smoothing": None,  # depends on validation rows: smoothing needs a temperature against underconfidence
    "temperature_scaling": None,
    "clip_predictions": True,
    "init": "data",
    "rates": None,  # RATES with the learning rate above; off with the user's learning rate
    "bias_rate": None,
    "numeric_embedding": "pbld",  # except for many numeric columns: see `embedding_of`
    "input_scaling": False,
    "learned_slope": False,
    "dropout": 0.05,
    "dropout_schedule": "constant",
    "weight_decay": None,
    "decay_schedule": None,  # DECAY_SCHEDULE if there is weight decay
    "dtype": "float32",
}

# A small table has no rows to spare for validation, so a small network and a penalty prevent overfitting.
SMALL: Mapping[str, Any] = {
    **TABULAR,
    "numeric_embedding": None,
    "dropout": 0.0,
    "hidden_layer_sizes": (64, 64),
    "activation": "silu",
    "alpha": 1.0,
    "learning_rate": "cosine",
    "learning_rate_init": 2e-3,
    "early_stopping": False,
    "init": "auto",
    "rates": "equal",
    "bias_rate": 1.0,
}

ENOUGH_TO_HOLD_OUT = 1000  # rows; smaller tables use SMALL

PRESETS = ("tabular", "plain")

FROM_DATA = "data"

RATES: Mapping[str, Any] = {"rates": "fan_in", "bias_rate": 0.1}

DECAY_SCHEDULE = "flat_cosine"

SMOOTHING = 0.1  # with temperature scaling, which compensates for it
