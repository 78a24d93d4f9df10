"""Small tables and small models that several files use."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glassnet as gn

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


@pytest.fixture(scope="session")
def penguins():
    """344 rows as pandas reads them: text columns, numbers, NaN in both."""
    return pd.read_csv(PENGUINS)


@pytest.fixture(scope="session")
def numbers():
    """60 rows of three numbers; two classes, told apart by the sum of the first two."""
    X = np.random.default_rng(0).normal(size=(60, 3))
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


@pytest.fixture(scope="session")
def mixed():
    """60 rows of a number with a gap, a number, and text with a gap, as a pandas frame."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"mass": rng.normal(size=60), "year": rng.integers(1, 6, 60) / 2, "island": "Dream"})
    frame["island"] = np.asarray(["Biscoe", "Dream", "Torgersen"])[rng.integers(0, 3, 60)]
    frame.loc[3, "mass"] = np.nan
    frame.loc[5, "island"] = None
    return frame


@pytest.fixture(scope="session")
def small():
    """`small("classifier", **others)`: an estimator that trains in milliseconds."""

    def make(kind, **others):
        estimator = {"classifier": gn.GlassClassifier, "regressor": gn.GlassRegressor}[kind]
        return estimator(**{"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0, **others})

    return make


@pytest.fixture(scope="session")
def fitted(numbers, small):
    """A small classifier of the numbers, not to be changed."""
    return small("classifier").fit(*numbers)
