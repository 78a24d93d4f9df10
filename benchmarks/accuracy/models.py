"""The models that are compared, all with their defaults: `make(is_regression, seed)` and what they are given.

"frame" is the table itself; "matrix" has means for gaps, standardized numbers and categories as columns of 0 and 1.
"""

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
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
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import glassnet as gn


def glassnet(is_regression, seed, **others):
    return (gn.GlassRegressor if is_regression else gn.GlassClassifier)(random_state=seed, **others)


def glassnet_8(is_regression, seed):
    return glassnet(is_regression, seed, n_networks=8)


def hist_gradient_boosting(is_regression, seed):
    make = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
    return make(random_state=seed, categorical_features="from_dtype")


def random_forest(is_regression, seed):
    return (RandomForestRegressor if is_regression else RandomForestClassifier)(random_state=seed)


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

    return (LGBMRegressor if is_regression else LGBMClassifier)(random_state=seed, verbose=-1)


def xgboost(is_regression, seed):
    from xgboost import XGBClassifier, XGBRegressor

    return (XGBRegressor if is_regression else XGBClassifier)(random_state=seed, enable_categorical=True)


MODELS = {
    "glassnet": (glassnet, "frame"),
    "glassnet-8": (glassnet_8, "frame"),
    "hist_gradient_boosting": (hist_gradient_boosting, "frame"),
    "random_forest": (random_forest, "matrix"),
    "sklearn_mlp": (sklearn_mlp, "matrix"),
    "sklearn_mlp_early": (sklearn_mlp_early, "matrix"),
    "linear": (linear, "matrix"),
    "lightgbm": (lightgbm, "frame"),
    "xgboost": (xgboost, "frame"),
}


def as_matrix(X_train, X_test):
    """Return both parts as matrices, with means, scales and levels of the training part."""
    is_category = [isinstance(X_train[name].dtype, pd.CategoricalDtype) for name in X_train.columns]
    categories = X_train.columns[is_category]
    numbers = X_train.columns.difference(categories, sort=False)
    encode = make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
    )
    return np.asarray(encode.fit_transform(X_train)), np.asarray(encode.transform(X_test))
