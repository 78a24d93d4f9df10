"""The values of "auto" in each preset, from the table of settings."""

from collections.abc import Mapping
from typing import Any

from glassnet.settings.table import OF_ESTIMATORS

_AUTO = {name: each.setting.auto for name, each in OF_ESTIMATORS.items()}

PLAIN: Mapping[str, Any] = {name: auto.plain for name, auto in _AUTO.items() if auto}
"""The defaults of scikit-learn's MLP, familiar to its users."""

TABULAR: Mapping[str, Any] = {name: auto.large for name, auto in _AUTO.items() if auto}
"""For tables of some thousands of rows: the recipe of RealMLP (Holzmüller et al. 2024), minus the ingredients that did
not help on the seven tuning tables of benchmarks/accuracy: decay, learned slopes and scales, falling dropout."""

SMALL: Mapping[str, Any] = {name: auto.small for name, auto in _AUTO.items() if auto}
"""A small table has no rows to spare for validation, so a small network and a penalty prevent overfitting."""

ENOUGH_TO_HOLD_OUT = 1000  # rows; smaller tables use SMALL

RATES: Mapping[str, Any] = {"rates": "fan_in", "bias_rate": 0.1}
"""With the learning rate of TABULAR; off with the user's learning rate."""

DECAY_SCHEDULE = "flat_cosine"  # if there is weight decay

SMOOTHING = 0.1  # with temperature scaling, which compensates for it: it needs validation rows
