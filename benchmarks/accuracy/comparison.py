"""The arithmetic of the report: ranks, ratios, paired differences, intervals. Results are a frame of one row per fit.

A measure is the name of a column of scores, lower being better; `score` is the error rate of classes and the error of
quantities in standard deviations (nRMSE), so that all tables can be ranked by one column.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

TOLERATED = 0.05  # share by which a table may be worse
STANDARD_ERRORS = 2.0  # by which a difference has to be more than chance
DRAWS = 10_000
COVERED = 0.95


def with_score(results: pd.DataFrame) -> pd.DataFrame:
    """Return the results with the column `score`: `error`, or `nrmse` where there is none."""
    return results.assign(score=results["error"].fillna(results["nrmse"]))


def by_fold(results: pd.DataFrame, measure: str, models: Sequence[str], by: str = "model") -> pd.DataFrame:
    """Return one row for each (table, fold) that all the models have, and one column for each model."""
    found = results[results[by].isin(models)].dropna(subset=[measure])
    wide = found.pivot_table(index=["table", "fold"], columns=by, values=measure).reindex(columns=list(models))
    return wide.dropna()


def by_table(results: pd.DataFrame, measure: str, models: Sequence[str]) -> pd.DataFrame:
    """Return the means over the folds that all the models have."""
    return by_fold(results, measure, models).groupby(level="table").mean()


def complete(results: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """Return the models that have every (table, fold) that any of them has."""
    cells = _cells(results, models)
    every = set().union(*cells.values())
    return [name for name in models if cells[name] == every and every]


def on_all_tables(results: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """Return the models that have every table: one without would take its tables from all others."""
    tables = {name: {table for table, _ in cells} for name, cells in _cells(results, models).items()}
    every = set().union(*tables.values())
    return [name for name in models if tables[name] == every and every]


def _cells(results, models):
    found = results.dropna(subset=["score"])
    return {
        name: set(found.loc[found["model"] == name, ["table", "fold"]].itertuples(index=False, name=None))
        for name in models
    }


def mean_ranks(means: pd.DataFrame) -> pd.Series:
    """Return the mean over the tables of each model's rank, 1 for the lowest; equals share their ranks."""
    return means.rank(axis=1).mean().sort_values(kind="stable")


def geometric_means(means: pd.DataFrame, reference: str) -> pd.Series:
    """Return each model's geometric mean of its ratios to the reference; tables on which any is 0 are left out."""
    above = means[(means > 0).all(axis=1)]
    return np.exp(np.log(above.div(above[reference], axis=0)).mean())


def paired_differences(folds: pd.DataFrame, model: str, other: str) -> pd.DataFrame:
    r"""Return one row per table: means, their difference, its standard error over the folds, and `is_violation`.

    .. math:: s = \sqrt{\tfrac{1}{k (k - 1)} \sum_f (d_f - \bar d)^2}

    with the k paired differences d. A table violates the criterion where the model is worse by more than 5 % of the
    other and by more than two standard errors; one fold alone has no standard error and is not judged.
    """
    difference = (folds[model] - folds[other]).groupby(level="table")
    means = folds[[model, other]].groupby(level="table").mean()
    d, error = difference.mean(), difference.sem()
    worse = (d > TOLERATED * means[other]) & (d > STANDARD_ERRORS * error)
    return means.assign(n_folds=difference.size(), difference=d, standard_error=error, is_violation=worse)


def relative_improvements(folds: pd.DataFrame, model: str, other: str) -> dict[str, np.ndarray]:
    """Return for each table, fold by fold, by which share of the other's mean over the folds the model is better.

    The mean over the folds is 1 - mean(model) / mean(other). A single fold's own value would not do as the divisor: it
    can be 0. Tables on which the other has no error at all are left out.
    """
    groups = {}
    for table, part in folds.groupby(level="table"):
        if part[other].mean() > 0:
            groups[str(table)] = ((part[other] - part[model]) / part[other].mean()).to_numpy()
    return groups


def log_ratios(folds: pd.DataFrame, model: str, other: str) -> dict[str, np.ndarray]:
    """Return for each table, fold by fold, values whose mean is log(mean(model) / mean(other)).

    To the log ratio of the means, each fold adds its first-order share of it (the delta method), so that folds without
    any error do no harm. Tables on which either has no error at all are left out.
    """
    groups = {}
    for table, part in folds.groupby(level="table"):
        m, o = part[model].to_numpy(), part[other].to_numpy()
        if m.mean() > 0 and o.mean() > 0:
            groups[str(table)] = np.log(m.mean() / o.mean()) + m / m.mean() - o / o.mean()
    return groups


def cluster_bootstrap(groups: Mapping[str, np.ndarray], draws: int = DRAWS, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean over the groups of their means.

    Each draw takes as many groups as there are, with replacement, and of each of them as many values as it has, with
    replacement: tables first, then folds (Davison and Hinkley 1997, section 3.8).
    """
    values = [np.asarray(group, dtype=np.float64) for group in groups.values()]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(values), size=(draws, len(values)))
    means = np.empty(drawn.shape)
    for k, group in enumerate(values):
        at = drawn == k
        means[at] = group[rng.integers(len(group), size=(int(at.sum()), len(group)))].mean(axis=1)
    low, high = np.quantile(means.mean(axis=1), [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return float(low), float(high)


def center(groups: Mapping[str, np.ndarray]) -> float:
    """Return the mean over the groups of their means."""
    return float(np.mean([np.mean(group) for group in groups.values()]))


def seconds_per_fit(results: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return each model's median seconds, and over shared folds the reference's seconds by its own: median, least."""
    timed = results.dropna(subset=["seconds"])
    rows = {}
    for name, part in timed.groupby("model"):
        pairs = by_fold(timed, "seconds", list(dict.fromkeys([reference, str(name)])))
        ratios = pairs[reference] / pairs[name] if len(pairs) else pd.Series([np.nan])
        rows[str(name)] = {
            "seconds": part["seconds"].median(),
            "times_as_fast": ratios.median(),
            "at_least": ratios.min(),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["seconds", "times_as_fast", "at_least"])
