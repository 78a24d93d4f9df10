"""Models of every kind that a file can hold, small, with what is needed to forge files of them."""

import io
import json
import tempfile
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import safe_open
from scipy import sparse

import glassnet as gn

N = 60


@dataclass(frozen=True, eq=False)
class Base:
    """One saved model: what its file says, and its parameters."""

    name: str
    description: dict[str, Any]
    theta: Any


def bases() -> list[Base]:
    """Fit and save one model of each kind."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_saved(name, make(), Path(folder) / "m.glassnet") for name, make in KINDS.items()]


def _saved(name: str, model: Any, path: Path) -> Base:
    model.save(path)
    with safe_open(path, framework="numpy") as file:
        return Base(name, json.loads(file.metadata()["glassnet"]), file.get_tensor("theta"))


def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"mass": rng.normal(size=N), "year": rng.integers(1, 6, N) / 2})
    frame["island"] = np.asarray(["Biscoe", "Dream", "Torgersen"])[rng.integers(0, 3, N)]
    frame["sex"] = np.asarray(["female", "male"])[rng.integers(0, 2, N)]
    frame["tagged"] = rng.random(N) > 0.5
    frame["seen"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, N), "D")
    frame["station"] = "only one"
    frame.loc[3, ["mass", "island"]] = None
    return frame


def _array() -> tuple[Any, Any]:
    X = np.random.default_rng(1).normal(size=(N, 3))
    return X, X[:, 0] + X[:, 1] > 0


def _classifier(*hidden: int, **others: Any) -> gn.GlassClassifier:
    return gn.GlassClassifier(hidden or (5,), max_iter=2, random_state=0, **others)


def _regressor(*hidden: int, **others: Any) -> gn.GlassRegressor:
    return gn.GlassRegressor(hidden or (5,), max_iter=2, random_state=0, **others)


def _text_and_dates() -> Any:
    return _classifier(4, 3).fit(_frame(), np.asarray(["no", "yes"])[np.arange(N) % 2])


def _text_alone() -> Any:
    frame = _frame().drop(columns=["seen"])
    return _classifier(input_scaling=True).fit(frame, np.arange(N) % 2)


def _several_classes() -> Any:
    return _classifier(activation=("leaky_relu", {"slope": 0.1})).fit(_array()[0], np.arange(N) % 4)


def _labels() -> Any:
    Y = (np.random.default_rng(2).random((N, 3)) > 0.5).astype(int)
    return _classifier(early_stopping=True, threshold="f1").fit(_array()[0], Y)


def _several_quantities() -> Any:
    X = _array()[0]
    return _regressor(numeric_embedding="pbld", input_scaling=True).fit(X, X[:, :2] * [1.0, 100.0])


def _counts() -> Any:
    return _regressor(loss="poisson", dtype="float64").fit(_array()[0], np.arange(N) % 7)


def _ensemble() -> Any:
    X, y = _array()
    return _classifier(n_networks=3, early_stopping=True, temperature_scaling=True, threshold=0.3).fit(X, y)


def _sparse() -> Any:
    X, y = _array()
    return _classifier().fit(sparse.csr_array(np.where(X > 0, X, 0.0)), y)


def _plain() -> Any:
    X, y = _array()
    return _classifier(6, 2, preset="plain", activation=["tanh", "relu"]).fit(X, y)


def _slopes() -> Any:
    X = _array()[0]
    return _regressor(4, 4, learned_slope=True).fit(X, X[:, 0])


def _own_markers() -> Any:
    """As `glassnet train` makes one: with its target, its own markers of missing values, and its report."""
    from glassnet.cli import main

    with tempfile.TemporaryDirectory() as folder:
        table, place = Path(folder) / "birds.csv", Path(folder) / "birds.glassnet"
        frame = _frame().drop(columns=["station"])
        frame["species"] = np.asarray(["Adelie", "Gentoo", "Chinstrap"])[np.arange(N) % 3]
        frame.to_csv(table, index=False, na_rep="-999")
        options = ["--target", "species", "--missing", "-999", "--epochs", "2", "--hidden", "5", "--output", str(place)]
        with redirect_stdout(io.StringIO()):
            code = main(["train", str(table), *options, "--json"])
        assert code == 0
        return gn.load(place)


KINDS = {
    "text and dates": _text_and_dates,
    "text": _text_alone,
    "several classes": _several_classes,
    "labels": _labels,
    "several quantities": _several_quantities,
    "counts": _counts,
    "ensemble": _ensemble,
    "sparse": _sparse,
    "plain": _plain,
    "slopes": _slopes,
    "own markers": _own_markers,
}
