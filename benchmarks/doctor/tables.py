"""The tables of the suite: those of benchmarks/accuracy and sixteen more from the same packages, in two halves.

One half of the tables serves to choose the thresholds of rules, the other to report how often they are right. Those of
benchmarks/accuracy are split as there, but for two that were looked at while rules were written; of the others every
second goes to the reporting half, in the order of their names, classes and quantities apart.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.accuracy import tables
from benchmarks.accuracy.tables import CHOSEN_ON, MOST_ROWS, Table, classes, folder, of_keel, of_r, quantity

CLASSES: dict[str, Callable[[], Table]] = {
    "attrition": lambda: classes("attrition", of_r("modeldata", "attrition"), "Attrition"),
    "caravan": lambda: classes("caravan", of_islp("Caravan"), "Purchase"),
    "cells": lambda: classes("cells", of_r("modeldata", "cells"), "class", drop=["case"]),
    "chess": lambda: of_keel("chess", all_categories=True),
    "credit_data": lambda: classes("credit_data", of_r("modeldata", "credit_data").dropna(subset="Status"), "Status"),
    "hpc_data": lambda: classes("hpc_data", of_r("modeldata", "hpc_data"), "class"),
    "marketing": lambda: of_keel("marketing"),
    "penbased": lambda: of_keel("penbased"),
    "satimage": lambda: of_keel("satimage"),
    "segment": lambda: of_keel("segment"),
    "spambase": lambda: of_keel("spambase"),
    "stackoverflow": lambda: classes("stackoverflow", of_r("modeldata", "stackoverflow"), "Remote"),
}
QUANTITIES: dict[str, Callable[[], Table]] = {
    "chicago": lambda: quantity("chicago", of_r("modeldata", "Chicago"), "ridership", drop=["date"]),
    "concrete": lambda: quantity("concrete", of_r("modeldata", "concrete"), "compressive_strength"),
    "sacramento": lambda: quantity("sacramento", of_r("modeldata", "Sacramento"), "price", drop=["zip"], log=True),
    "wage": lambda: quantity("wage", of_islp("Wage"), "wage", drop=["logwage"]),
}
CHOOSING = (*CHOSEN_ON, "breast_cancer", "diabetes", *list(CLASSES)[::2], *list(QUANTITIES)[::2])
NAMES = (*tables.LOADERS, *CLASSES, *QUANTITIES)


def of_islp(name: str) -> pd.DataFrame:
    return pd.read_csv(folder("ISLP") / "data" / f"{name}.csv")


def half(which: str) -> list[str]:
    """Return the names of the tables of a half, "choose" or "report"."""
    return [name for name in NAMES if (name in CHOOSING) == (which == "choose")]


@lru_cache(maxsize=2)
def load(name: str) -> Table:
    """Return a table without copies of rows, of a large one the same sample every time.

    Some tables have up to a tenth of copies, which is what the rule about repeated rows looks for.
    """
    if name in tables.LOADERS:
        return _without_copies(tables.load(name))
    table = _without_copies({**CLASSES, **QUANTITIES}[name]())
    if len(table.y) <= MOST_ROWS:
        return table
    rows = np.sort(np.random.default_rng(0).permutation(len(table.y))[:MOST_ROWS])
    return Table(name, table.X.iloc[rows].reset_index(drop=True), table.y[rows], table.is_regression)


def _without_copies(table: Table) -> Table:
    is_copy = table.X.assign(**{"the target": table.y}).duplicated().to_numpy()
    return Table(table.name, table.X[~is_copy].reset_index(drop=True), table.y[~is_copy], table.is_regression)
