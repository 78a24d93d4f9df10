"""Vocabularies of the estimators: rewrite messages of lower floors with the estimators' parameter names."""

from glassnet.wording import Vocabulary

TRAINING = Vocabulary(
    {
        "epochs": "max_iter",
        "patience": "n_iter_no_change",
        "tolerance": "tol",
        "learning_rate": "learning_rate_init",
        "schedule": "learning_rate",
        "hidden": "activation",
        "cost": "loss",
        "validation": "eval_set",
        "weights": "sample_weight",
    }
)
"""From an argument of `glassnet.train` or `Network.create` to a parameter of the estimators."""

SOLVER = Vocabulary({"mu": "momentum", "beta1": "beta_1", "beta2": "beta_2"})
"""From a parameter of a solver to a parameter of an estimator; only for solvers given by name."""

TARGET = Vocabulary({}, phrases={"task='classification'": "GlassClassifier", "task='regression'": "GlassRegressor"})
"""The estimator determines the task; it has no such parameter."""
