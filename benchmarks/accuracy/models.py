"""The models that are compared, all with their defaults, on one thread: how to make one, what it is given, and the
packages whose versions belong to a result.

"frame" is the table itself; "filled" has the medians of the training part for gaps in numbers; "codes" has numbers for
categories, -1 for a gap and for a level that training never saw; "matrix" has means for gaps, standardized numbers, and
categories as columns of 0 and 1, a gap being a level of its own.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import glassnet as gn


@dataclass(frozen=True)
class Model:
    """How to make one, what it is given, and what it is made of."""

    make: Callable
    given: str
    packages: tuple[str, ...] = ("scikit-learn",)


def glassnet(is_regression, seed, **others):
    return (gn.GlassRegressor if is_regression else gn.GlassClassifier)(random_state=seed, n_jobs=1, **others)


def glassnet_8(is_regression, seed):
    return glassnet(is_regression, seed, n_networks=8)


def hist_gradient_boosting(is_regression, seed):
    make = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
    return make(random_state=seed, categorical_features="from_dtype")


def random_forest(is_regression, seed):
    return (RandomForestRegressor if is_regression else RandomForestClassifier)(random_state=seed, n_jobs=1)


def sklearn_mlp(is_regression, seed, **others):
    if is_regression:
        network = MLPRegressor(random_state=seed, **others)
        return TransformedTargetRegressor(network, transformer=StandardScaler())
    return MLPClassifier(random_state=seed, **others)


def sklearn_mlp_early(is_regression, seed):
    return sklearn_mlp(is_regression, seed, early_stopping=True)


def linear(is_regression, seed):
    return Ridge() if is_regression else LogisticRegression(max_iter=1000)


def lightgbm(is_regression, seed):
    from lightgbm import LGBMClassifier, LGBMRegressor

    return (LGBMRegressor if is_regression else LGBMClassifier)(random_state=seed, n_jobs=1, verbose=-1)


def xgboost(is_regression, seed):
    from xgboost import XGBClassifier, XGBRegressor

    make = XGBRegressor if is_regression else XGBClassifier
    return make(random_state=seed, n_jobs=1, enable_categorical=True, tree_method="hist")


def realmlp(is_regression, seed, recipe="TD"):
    import pytabkit
    import torch

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)  # it tells of missing GPUs at every fit
    torch.set_num_threads(1)  # n_threads covers the fit, not the prediction
    make = getattr(pytabkit, f"RealMLP_{recipe}_{'Regressor' if is_regression else 'Classifier'}")
    return make(device="cpu", random_state=seed, n_cv=1, n_threads=1, verbosity=0)


def realmlp_td_s(is_regression, seed):
    return realmlp(is_regression, seed, recipe="TD_S")


MODELS = {
    "glassnet": Model(glassnet, "frame", ("glassnet", "numba", "numpy")),
    "glassnet-8": Model(glassnet_8, "frame", ("glassnet", "numba", "numpy")),
    "hist_gradient_boosting": Model(hist_gradient_boosting, "frame"),
    "random_forest": Model(random_forest, "codes"),
    "sklearn_mlp": Model(sklearn_mlp, "matrix"),
    "sklearn_mlp_early": Model(sklearn_mlp_early, "matrix"),
    "linear": Model(linear, "matrix"),
    "lightgbm": Model(lightgbm, "frame", ("lightgbm",)),
    "xgboost": Model(xgboost, "frame", ("xgboost",)),
    "realmlp_td_s": Model(realmlp_td_s, "filled", ("pytabkit", "torch")),
    "realmlp_td": Model(realmlp, "filled", ("pytabkit", "torch")),
}

MODULES = {"scikit-learn": "sklearn"}  # where the package's name is not what is imported


def check_models(names: Sequence[str]) -> None:
    """End with a sentence about a model that is not known or whose package is missing."""
    for name in names:
        if name not in MODELS:
            raise SystemExit(f"There is no model {name!r}. Choose from: {', '.join(MODELS)}.")
        for package in MODELS[name].packages:
            if find_spec(MODULES.get(package, package)) is None:
                raise SystemExit(
                    f"The model {name!r} needs the package {package!r}, which is not installed. Try: "
                    f"pip install -r benchmarks/accuracy/requirements-peers.txt, or leave it out of --models."
                )


def compile_kernels() -> None:
    """Let glassnet compile what it has not compiled on this installation, so that no fit's seconds contain it."""
    X = np.linspace(-1.0, 1.0, 80).reshape(40, 2)
    for is_regression in (False, True):
        for early_stopping in (False, True):  # rows held out are predicted while training, in training's precision
            glassnet(is_regression, 0, max_iter=2, early_stopping=early_stopping).fit(X, np.arange(40) % 2).predict(X)


def prepared(given: str, X_train: pd.DataFrame, X_test: pd.DataFrame):
    """Return both parts as a model is given them; medians, means, scales and levels come from the training part."""
    is_category = [isinstance(X_train[name].dtype, pd.CategoricalDtype) for name in X_train.columns]
    categories = list(X_train.columns[is_category])
    numbers = list(X_train.columns.drop(categories))
    if given == "frame":
        return X_train, X_test
    if given == "filled":
        medians = X_train[numbers].median()
        return X_train.fillna(medians), X_test.fillna(medians)
    if given == "codes":
        encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
        scale = None
    else:
        encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        scale = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    train, test = [], []
    if numbers:
        parts = X_train[numbers].to_numpy(), X_test[numbers].to_numpy()
        train.append(scale.fit_transform(parts[0]) if scale else parts[0])
        test.append(scale.transform(parts[1]) if scale else parts[1])
    if categories:
        # As words, so that levels come from the training part and a gap stands where "<missing>" sorts.
        words = [_words(X[categories], "<missing>" if given == "matrix" else np.nan) for X in (X_train, X_test)]
        train.append(encode.fit_transform(words[0]))
        test.append(encode.transform(words[1]))
    return np.hstack(train), np.hstack(test)


def _words(X, gap):
    return X.astype(object).where(X.notna(), gap).to_numpy(object)
