"""Vocabularies of the estimators: rewrite messages of lower floors with the estimators' parameter names."""

from glassnet.settings.table import SETTINGS
from glassnet.wording import Vocabulary

TRAINING = Vocabulary(
    {
        **{
            each.train.name: each.estimators.name
            for each in SETTINGS
            if each.train and each.estimators and each.train.name != "l2"  # a share of alpha
        },
        "hidden": "activation",
        "cost": "loss",
        "validation": "eval_set",
        "weights": "sample_weight",
    }
)
"""From an argument of `glassnet.train` or `Network.create` to a parameter of the estimators."""

TARGET = Vocabulary({}, phrases={"task='classification'": "GlassClassifier", "task='regression'": "GlassRegressor"})
"""The estimator determines the task; it has no such parameter."""
