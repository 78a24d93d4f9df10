"""An independent judge of findings: rows that neither the fit nor the doctor has seen decide whether they are true.

`is_true(finding, case)` gives True, False, or None where the fresh rows cannot decide. It asks for predictions, fits
again with the change that the finding calls for, or counts in the frames: with code of its own it asks rows that nobody
has seen what the rules ask the rows that they are given. Rules that state a fact, such as a column that never changes,
or that name a number of the network, have no judge.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.doctor.cases import Case, Rows
from benchmarks.doctor.losses import constant_losses, fresh_losses, linear_losses, losses

FEWEST = 100  # fresh rows
FEWEST_OF_CLASS = 20
GAIN = 0.01  # share of the cost that a change must save to be worth the words
OFF = 0.02  # mean distance between confidence and share of right answers
BINS = 10

Judge = Callable[[Any, Case], bool | None]


def is_true(finding: Any, case: Case) -> bool | None:
    """Return whether the finding is true of the data and the network; None if that cannot be said."""
    judge = JUDGES.get(finding.rule)
    if judge is None or not hasattr(case.model, "predict") or len(case.rows.y_fresh) < FEWEST:
        return None
    return judge(finding, case)


def forgotten_class(finding: Any, case: Case) -> bool | None:
    """Whether less than half of the class is recognized in the fresh rows."""
    names = {f"class {name!r}": name for name in np.asarray(case.model.classes_).tolist()}
    is_class = case.rows.y_fresh == names[finding.where]
    if is_class.sum() < FEWEST_OF_CLASS:
        return None
    return bool(np.mean(_predicted(case)[is_class] == names[finding.where]) < 0.5)


def overfits(finding: Any, case: Case) -> bool | None:
    """Whether the network is worse on the fresh rows than the constant or the linear model of the finding."""
    simple = linear_losses(case.rows) if "a linear model" in finding.evidence else constant_losses(case.rows)
    return _is_higher(fresh_losses(case), simple)


def worse_than_linear(finding: Any, case: Case) -> bool | None:
    """Whether the network is worse than a linear model on the fresh rows too."""
    return _is_higher(fresh_losses(case), linear_losses(case.rows))


def nothing_learned(finding: Any, case: Case) -> bool | None:
    """Whether the network saves less than a twentieth of the cost of a constant on the fresh rows."""
    return bool(fresh_losses(case).mean() > 0.95 * constant_losses(case.rows).mean())


def miscalibrated(finding: Any, case: Case) -> bool | None:
    """Whether the confidence is off in the fresh rows, beyond chance: groups of equal numbers of rows."""
    P = case.model.predict_proba(case.rows.X_fresh)
    confidence, is_right = P.max(axis=1), _predicted(case) == case.rows.y_fresh
    order = np.argsort(confidence, kind="stable")

    def distance(answers: np.ndarray) -> float:
        parts = np.array_split((confidence - answers)[order], BINS)
        return float(sum(abs(part.sum()) for part in parts) / len(order))

    rng = np.random.default_rng(1)
    by_chance = [distance(rng.random(len(order)) < confidence) for _ in range(200)]
    found = distance(is_right)
    if found <= np.quantile(by_chance, 0.99):
        return False
    return bool(found - np.mean(by_chance) >= OFF)


def stopped_early(finding: Any, case: Case) -> bool | None:
    """Whether twice as many epochs lower the cost of the fresh rows."""
    if case.refit is None:
        return None
    epochs = int(finding.where.split()[-1])
    return _is_better(case, case.rows, max_iter=2 * epochs)


def learning_rate(finding: Any, case: Case) -> bool | None:
    """Whether the learning rate of the advice lowers the cost of the fresh rows."""
    if case.refit is None:
        return None
    rate = re.search(r"learning_rate_init=(\d+(?:\.\d+)?(?:e[+-]?\d+)?)", finding.next)
    return None if rate is None else _is_better(case, case.rows, learning_rate_init=float(rate[1]))


def ordered_rows(finding: Any, case: Case) -> bool | None:
    """Whether shuffled rows lower the cost of the fresh rows."""
    return None if case.refit is None else _is_better(case, case.rows, shuffle=True)


def unscaled_inputs(finding: Any, case: Case) -> bool | None:
    """Whether scaled columns lower the cost of the fresh rows."""
    if case.refit is None:
        return None
    mean, spread = case.rows.X.mean(), case.rows.X.std().replace(0.0, 1.0)
    return _is_better(case, case.rows.changed(lambda X, y: (X - mean) / spread))


def unscaled_target(finding: Any, case: Case) -> bool | None:
    """Whether a scaled target lowers the cost of the fresh rows, in shares of its variance."""
    if case.refit is None:
        return None
    mean, spread = case.rows.y.mean(), case.rows.y.std()
    scaled = case.rows.with_targets(lambda y: (y - mean) / spread)
    before, after = fresh_losses(case) / spread**2, _refitted_losses(case, scaled)
    return _is_higher(before * (1 - GAIN), after)


def repeated_rows(finding: Any, case: Case) -> bool | None:
    """Whether more of the new rows are among those of training than of the fresh rows."""
    rows = case.rows
    known = set(_keys(rows.X, rows.y))
    new, fresh = (np.mean([key in known for key in _keys(X, y)]) for X, y in
                  ((rows.X_new, rows.y_new), (rows.X_fresh, rows.y_fresh)))  # fmt: skip
    return bool(new > fresh + 0.01)


def giveaway(finding: Any, case: Case) -> bool | None:
    """Whether a tree on this column alone is right about nearly all fresh rows."""
    import pandas as pd
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    name, rows = finding.where.removeprefix("column ").strip("'"), case.rows
    both = pd.concat([rows.X[name], rows.X_fresh[name]])
    codes = both.cat.codes if both.dtype == "category" else both.fillna(both.min() - 1)
    known, fresh = np.split(codes.to_numpy(dtype=np.float64)[:, None], [len(rows.y)])
    make = DecisionTreeRegressor if rows.is_regression else DecisionTreeClassifier
    share = make(min_samples_leaf=3, random_state=0).fit(known, rows.y).score(fresh, rows.y_fresh)
    if not rows.is_regression:
        most = np.bincount(rows.y_fresh).max() / len(rows.y_fresh)
        share = (share - most) / (1 - most)
    return bool(share >= 0.9)


def row_numbers(finding: Any, case: Case) -> bool | None:
    """No table of the suite has such a column, unless a fault put it there."""
    return "broken" in finding.where


def wrong_labels(finding: Any, case: Case) -> bool | None:
    """Whether trees that were grown on the fresh rows are sure that most of the named rows have another class, too."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, named = case.rows, list(rows_named(finding))
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=0, categorical_features="from_dtype")
    trees.fit(rows.X_fresh, rows.y_fresh)
    of_label = trees.predict_proba(rows.X.iloc[named])[
        np.arange(len(named)), np.searchsorted(trees.classes_, rows.y[named])
    ]
    return bool(np.mean(of_label < 0.1) > 0.5)


def units_without_effect(finding: Any, case: Case) -> bool | None:
    """Whether the output of the named units is the same in nearly all fresh rows: at most 5% differ."""
    A, units = _hidden(finding, case)
    share = np.mean([np.mean(np.abs(A[:, k] - np.median(A[:, k])) > 1e-6) for k in units])
    return bool(share < 0.05)


def saturated(finding: Any, case: Case) -> bool | None:
    """Whether the named units are within 1% of an end of their range in nearly all fresh rows."""
    A, units = _hidden(finding, case)
    low = 0.0 if A.min() >= 0 else -1.0
    at_end = np.minimum(A[:, units] - low, 1.0 - A[:, units]) < 0.01 * (1.0 - low)
    return bool(at_end.mean() > 0.9)


def copied(finding: Any, case: Case) -> bool | None:
    """Whether each named unit has the same outputs as another one in all fresh rows, but for rounding."""
    A, units = _hidden(finding, case)
    apart = [min(np.abs(A[:, k] - A[:, j]).max() for j in range(A.shape[1]) if j != k) for k in units]
    return bool(max(apart) <= 1e-5 * np.abs(A).max())


def hardly_moved(finding: Any, case: Case) -> bool | None:
    """Whether the learning rate of the advice lowers the cost of the fresh rows."""
    return learning_rate(finding, case)


def past_best(finding: Any, case: Case) -> bool | None:
    """Whether ending at the best epoch lowers the cost of the fresh rows."""
    return None if case.refit is None else _is_better(case, case.rows, max_iter=int(finding.where.split()[1]))


def linear_units(finding: Any, case: Case) -> bool | None:
    """Whether the outputs of the named units are linear in what comes before them, in the fresh rows."""
    A, units = _hidden(finding, case)
    before, _ = _hidden(finding, case, back=1)
    before = np.column_stack([before, np.ones(len(before))])
    if len(before) <= before.shape[1]:  # which fit anything
        return None
    rest = A[:, units] - before @ np.linalg.lstsq(before, A[:, units], rcond=None)[0]
    return bool(np.max(rest.var(axis=0) / A[:, units].var(axis=0)) < 0.01)


def near_copies(finding: Any, case: Case) -> bool | None:
    """Whether more of the new rows than of the fresh rows have a row of training very near, by their numbers."""
    from sklearn.neighbors import NearestNeighbors

    names = case.rows.numbers()
    spread = case.rows.X[names].std()
    known, new, fresh = (
        (X[names] / spread).fillna(0.0).to_numpy() for X in (case.rows.X, case.rows.X_new, case.rows.X_fresh)
    )
    near = NearestNeighbors(n_neighbors=1).fit(known)
    limit = np.quantile(near.kneighbors(fresh)[0], 0.02)
    return bool(np.mean(near.kneighbors(new)[0] < limit) > 0.04)


def unlike_rows(finding: Any, case: Case) -> bool | None:
    """Whether a named column, or the target, differs between the new rows and the fresh ones."""
    from scipy.stats import ks_2samp

    rows = case.rows
    pairs = [(rows.X_new[name], rows.X_fresh[name]) for name in rows.X if f"input {name!r}" in finding.where]
    if "the target" in finding.where or "class " in finding.where:
        pairs.append((rows.y_new, rows.y_fresh))
    pairs = [pair for pair in pairs if pair[0].dtype.kind in "fiu"]
    return None if not pairs else bool(min(ks_2samp(*pair).pvalue for pair in pairs) < 1e-3)


def worse_group(finding: Any, case: Case) -> bool | None:
    """Whether the network is no better than a constant for the fresh rows of the group, and worse than for others."""
    name, level = re.fullmatch(r"column '(.*)', (.*)", finding.where).groups()  # type: ignore[union-attr]
    column = case.rows.X_fresh[name]
    limits = [float(number) for number in re.findall(r"(?:up to|above) (\S+?)(?:,|$)", level)]
    if level == "no value":
        is_in = column.isna()
    elif level.startswith("value "):
        is_in = column.astype(str) == level.removeprefix("value ").strip("'")
    elif level.startswith("up to"):
        is_in = column <= limits[0]
    else:
        is_in = (column > limits[0]) & (column <= (limits[1] if len(limits) > 1 else np.inf))
    if is_in.sum() < FEWEST_OF_CLASS or is_in.all():
        return None
    own, constant = fresh_losses(case), constant_losses(case.rows)
    return bool(own[is_in].mean() > max(0.95 * constant[is_in].mean(), 1.2 * own[~is_in].mean()))


def dominant_row(finding: Any, case: Case) -> bool | None:
    """Whether leaving the row out lowers the cost of the fresh rows."""
    if case.refit is None:
        return None
    kept = np.delete(np.arange(len(case.rows.y)), list(rows_named(finding)))
    X, y = case.rows.X.iloc[kept].reset_index(drop=True), case.rows.y[kept]
    return _is_better(case, replace(case.rows, X=X, y=y))


def rows_named(finding: Any) -> tuple[int, ...]:
    """Return the numbers of the rows of a finding."""
    return tuple(finding.rows) or numbers_in(finding.where)


def numbers_in(where: str) -> tuple[int, ...]:
    """Return the numbers that a place lists, without those that say how many more there are.

    >>> numbers_in("layer 1, units 2, 3 and 4 more"), numbers_in("new rows 0 and 7 (counted from 0)")
    ((2, 3), (0, 7))
    """
    _, kind, listed = where.rpartition("units ") if "units " in where else where.rpartition("rows ")
    kept = re.sub(r"and [\d,]+ more|counted from 0", "", listed if kind else "")
    return tuple(int(number) for number in re.findall(r"\d+", kept))


def _hidden(finding: Any, case: Case, back: int = 0) -> tuple[np.ndarray, list[int]]:
    """Return the outputs of the layer of a finding, or of one that comes before it, and the places of its units."""
    layer = int(finding.where.removeprefix("layer ").split(",")[0]) - back
    model = case.model
    if not hasattr(model, "network_"):  # of scikit-learn
        A = np.asarray(case.rows.X_fresh, dtype=np.float64)
        act = {"relu": lambda Z: np.maximum(Z, 0), "tanh": np.tanh, "logistic": lambda Z: 1 / (1 + np.exp(-Z))}
        for W, b in zip(model.coefs_[:layer], model.intercepts_[:layer], strict=True):
            A = act[model.activation](A @ W + b)
    else:
        import glassnet as gn

        A0 = model.encoder_.transform(model._columns_of(_read(model, case.rows.X_fresh)))
        A0 = A0.toarray() if hasattr(A0, "toarray") else A0
        A = np.asarray(gn.forward(model.network_, np.asarray(A0, dtype=model.network_.theta.dtype)).A[layer])
    return A, [number - 1 for number in numbers_in(finding.where)]


def _read(model: Any, X: Any) -> Any:
    from glassnet.estimators.inputs import read_X

    return read_X(model, X, reset=False)


def _predicted(case: Case) -> np.ndarray:
    return np.asarray(case.model.predict(case.rows.X_fresh))


def _refitted_losses(case: Case, rows: Rows, **changes: Any) -> np.ndarray:
    assert case.refit is not None
    return losses(case.refit(rows, **changes), rows.X_fresh, rows.y_fresh)


def _is_better(case: Case, rows: Rows, **changes: Any) -> bool | None:
    """Return whether a fit with these changes saves some of the cost of the fresh rows."""
    return _is_higher(fresh_losses(case) * (1 - GAIN), _refitted_losses(case, rows, **changes))


def _is_higher(one: np.ndarray, other: np.ndarray) -> bool | None:
    """Return whether the mean is higher; None if it is within one standard error of the other."""
    difference = one - other
    mean, error = float(difference.mean()), float(difference.std(ddof=1)) / np.sqrt(len(difference))
    return None if abs(mean) < error else mean > 0


def _keys(X: Any, y: np.ndarray) -> list[tuple[Any, ...]]:
    texts = X.astype(str)
    return [(*row, target) for row, target in zip(texts.itertuples(index=False), y.tolist(), strict=True)]


JUDGES: dict[str, Judge] = {
    "forgotten-class": forgotten_class,
    "overfits": overfits,
    "worse-than-linear": worse_than_linear,
    "nothing-learned": nothing_learned,
    "miscalibrated": miscalibrated,
    "stopped-early": stopped_early,
    "unsteady": learning_rate,
    "rate-against-curvature": learning_rate,
    "ordered-rows": ordered_rows,
    "unscaled-inputs": unscaled_inputs,
    "unscaled-target": unscaled_target,
    "repeated-rows": repeated_rows,
    "giveaway": giveaway,
    "row-numbers": row_numbers,
    "wrong-labels": wrong_labels,
    "dead-units": units_without_effect,
    "saturated-units": saturated,
    "copied-units": copied,
    "hardly-moved": hardly_moved,
    "past-best": past_best,
    "linear-units": linear_units,
    "identifiers": row_numbers,
    "near-copies": near_copies,
    "unlike-rows": unlike_rows,
    "worse-group": worse_group,
    "dominant-row": dominant_row,
}
