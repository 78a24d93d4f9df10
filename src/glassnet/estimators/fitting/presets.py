"""What "auto" comes to, for each preset."""

from collections.abc import Mapping
from typing import Any

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
    "weight_decay": None,  # the solver's own: none, but for adamw
    "decay_schedule": "constant",
}

# For tables of some thousands of rows: the recipe of RealMLP (Holzmüller et al. 2024) without what brought nothing on
# the seven tables of benchmarks/accuracy that it was chosen on: decay, learned slopes and scales, falling dropout.
TABULAR: Mapping[str, Any] = {
    "hidden_layer_sizes": (128, 128, 128),
    "activation": "selu",
    "solver": "adam",
    "alpha": 0.0,
    "batch_size": None,  # decided by the number of rows, as the next is
    "learning_rate": "coslog4",
    "learning_rate_init": 0.04,
    "max_iter": None,
    "early_stopping": True,
    "n_iter_no_change": None,  # the falling rate needs all its epochs; the best of them is kept
    "beta_2": 0.95,
    "label_smoothing": None,  # where rows are held out, as the next: unscaled, smoothed probabilities are too modest
    "temperature_scaling": None,
    "clip_predictions": True,
    "init": "data",
    "rates": None,  # what the learning rate above is meant for; one that the user names is taken as it is
    "bias_rate": None,
    "numeric_embedding": "pbld",  # unless there are very many numbers: see `embedding_of`
    "input_scaling": False,
    "learned_slope": False,
    "dropout": 0.05,
    "dropout_schedule": "constant",
    "weight_decay": None,
    "decay_schedule": None,  # where there is decay, as below
}

# A small table has no rows to spare for holding out, so a small network, and a penalty keeps it from learning by heart.
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

ENOUGH_TO_HOLD_OUT = 1000  # rows from which a table is not small

PRESETS = ("tabular", "plain")

FROM_DATA = "data"

RATES: Mapping[str, Any] = {"rates": "fan_in", "bias_rate": 0.1}

DECAY_SCHEDULE = "flat_cosine"

SMOOTHING = 0.1  # where a temperature makes up for it
