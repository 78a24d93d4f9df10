"""One table, one fold, one model: the splits, the fit and its scores, and files that grow row by row."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold
from threadpoolctl import threadpool_limits

from benchmarks.accuracy.models import prepared
from benchmarks.accuracy.tables import Table

FOLDS = 5
LEAST_PROBABILITY = 1e-7


def splits(table: Table) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows to learn from and the rows to judge by, fold by fold."""
    cut = (KFold if table.is_regression else StratifiedKFold)(FOLDS, shuffle=True, random_state=0)
    return list(cut.split(table.X, table.y))


def one_fold(table: Table, make: Callable, given: str, fold: int, train, test) -> dict[str, float]:
    """Return the seconds of the fit, preparation included, and the scores; the fold's number is the seed."""
    with threadpool_limits(1):
        started = perf_counter()
        X = [table.X.iloc[rows].reset_index(drop=True) for rows in (train, test)]
        X_train, X_test = prepared(given, *X)
        model = make(table.is_regression, fold).fit(X_train, table.y[train])
        seconds = perf_counter() - started
        found = {"seconds": seconds, **scores(table, model, X_test, table.y[test])}
    return {name: round(float(value), 6) for name, value in found.items()}


def scores(table: Table, model: Any, X, y: np.ndarray) -> dict[str, float]:
    """Return error rate, log loss and, of two classes, AUC; of a quantity errors in its standard deviations."""
    if table.is_regression:
        miss = np.asarray(model.predict(X), dtype=np.float64).ravel() - y
        return {"nrmse": np.sqrt(np.mean(miss**2)) / y.std(), "nmae": np.mean(np.abs(miss)) / y.std()}
    P = np.zeros((len(y), int(table.y.max()) + 1))  # a class that training never saw has no column of its own
    P[:, np.asarray(model.classes_, dtype=int)] = model.predict_proba(X)
    p = np.clip(P[np.arange(len(y)), y], LEAST_PROBABILITY, 1.0)
    found = {"error": np.mean(np.asarray(model.predict(X)).ravel() != y), "log_loss": -np.mean(np.log(p))}
    if P.shape[1] == 2:
        found["auc"] = roc_auc_score(y, P[:, 1])
    return found


def versions_of(packages: Sequence[str]) -> str:
    """Return "lightgbm 4.7.0, scikit-learn 1.9.1"."""
    return ", ".join(f"{name} {version(name)}" for name in packages)


class Rows:
    """A CSV file to which rows are added as they come; what is there is not computed again."""

    def __init__(self, path: Path, fields: Sequence[str], key: Sequence[str]) -> None:
        self.path, self.fields, self.key = path, tuple(fields), tuple(key)
        if not path.exists() or path.stat().st_size == 0:
            path.write_text(",".join(fields) + "\n", encoding="utf-8")
        found = tuple(pd.read_csv(path, nrows=0).columns)
        if found != self.fields:
            raise SystemExit(
                f"{path.name} has the columns {', '.join(found)}; expected: {', '.join(self.fields)}. "
                f"Give another file."
            )
        self.done = set(pd.read_csv(path, usecols=list(key))[list(key)].itertuples(index=False, name=None))

    def __contains__(self, key: tuple) -> bool:
        return key in self.done

    def drop(self, keys: Iterable[tuple]) -> None:
        """Forget rows; the file is replaced as a whole."""
        forgotten = set(keys)
        found = pd.read_csv(self.path, dtype=str, keep_default_na=False)
        cells = pd.read_csv(self.path, usecols=list(self.key))[list(self.key)].itertuples(index=False, name=None)
        new = self.path.with_suffix(".partial")
        found[[cell not in forgotten for cell in cells]].to_csv(new, index=False, lineterminator="\n")
        new.replace(self.path)
        self.done -= forgotten

    def add(self, row: dict[str, Any]) -> None:
        """Append one row, complete or not at all as far as the system allows."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self.fields, lineterminator="\n").writerow(row)
        self.done.add(tuple(row[name] for name in self.key))


def chosen(text: str, known: Sequence[Any], what: str) -> list[Any]:
    """Return a list that was given with commas, or end with a sentence about what is not known."""
    names = {str(each): each for each in known}
    asked = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in asked if name not in names]
    if unknown or not asked:
        raise SystemExit(
            f"There is no {what} {', '.join(map(repr, unknown)) or repr(text)}. Choose from: {', '.join(names)}."
        )
    return [names[name] for name in asked]


def cells(tables: Sequence[Table], folds: Sequence[int]) -> Iterator[tuple[Table, int, np.ndarray, np.ndarray]]:
    """Yield every table's first fold, then every table's second, so that an interrupted run has met all tables."""
    cut = {table.name: splits(table) for table in tables}
    for fold in folds:
        for table in tables:
            yield table, fold, *cut[table.name][fold]
