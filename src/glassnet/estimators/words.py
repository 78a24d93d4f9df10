"""The estimators' own words for what the floors below call otherwise, so that a message names what its user has set."""

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
"""From an argument of `glassnet.train` or of a network to a parameter of the estimators."""

SOLVER = Vocabulary({"mu": "momentum", "beta1": "beta_1", "beta2": "beta_2"})
"""From a parameter of a solver to that of an estimator; for solvers that were given without parameters of their own."""

TARGET = Vocabulary({}, phrases={"task='classification'": "GlassClassifier", "task='regression'": "GlassRegressor"})
"""The estimator stands for the task; it has no such parameter."""
