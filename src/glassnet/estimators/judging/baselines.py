"""Baselines: the best constant prediction, and a linear model on the network's inputs."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from glassnet.data.columns.column_exclusion import unused_columns
from glassnet.data.table import Table
from glassnet.data.typed_values import plain
from glassnet.estimators.judging.scoring import score
from glassnet.typing import Array

N_HASHED = 128  # hash collisions of words matter little in a baseline

ENOUGH_NUMBERS = 1 << 23
"""The linear model is fitted to at most so many encoded numbers; more rows hardly change a model of few weights."""


@dataclass(frozen=True)
class Baseline:
    """The name of a simple model, and its scores on the test rows."""

    name: str
    scores: dict[str, float]


def baselines(
    model: Any, training: tuple[Table, Array], test: tuple[Table, Array], *, linear: bool = True
) -> tuple[Baseline, ...]:
    """Fit simple models to the training rows and return their scores on the test rows.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
        A fitted model; its encoder also serves the linear model.
    training, test : (Table, target)
        The linear model also gets columns excluded as ids or free text. If it scores better than the network, they may
        contain a signal. Of a very large table it gets a sample.
    linear : bool
        Whether to fit the linear model.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> X, y = table_from({"x": [0.0, 1.0, 2.0, 3.0]}), np.asarray([0.0, 2.0, 4.0, 6.0])
    >>> reg = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(X, y)
    >>> [baseline.name for baseline in baselines(reg, (X, y), (X, y))]
    ['always the mean, 3', 'linear model']
    """
    is_classifier = model.target_encoder_.classes is not None
    constant = DummyClassifier(strategy="prior") if is_classifier else DummyRegressor()
    constant.fit(_nothing(training), training[1])
    found = [Baseline(_words(constant, is_classifier), _scores(constant, model, _nothing(test), test[1]))]
    if linear:
        found.append(_linear(model, training, test, is_classifier))
    return tuple(found)


def _linear(model: Any, training: tuple[Table, Array], test: tuple[Table, Array], is_classifier: bool) -> Baseline:
    straight = LogisticRegression(max_iter=1000) if is_classifier else Ridge()
    unused = [name for name in _left_out(model) if name in training[0]]
    enough = ENOUGH_NUMBERS // (model.encoder_.n_inputs + len(unused) * 2 * N_HASHED)
    (some, target), shown = _sample(training, enough), _sample(test, enough)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # precise enough for a baseline
        straight.fit(_with(unused, model, some), target)
    name = "linear model" + (f" with {', '.join(map(repr, unused))}" if unused else "")
    if len(target) < len(training[1]) or len(shown[1]) < len(test[1]):
        name += f" (a sample of {len(target):,} rows)"
    return Baseline(name, _scores(straight, model, _with(unused, model, shown[0]), shown[1]))


def _sample(rows: tuple[Table, Array], enough: int) -> tuple[Table, Array]:
    """Return at most this many of the rows, chosen at random; always the same ones."""
    table, target = rows
    if len(target) <= enough:
        return rows
    chosen = np.sort(np.random.default_rng(0).choice(len(target), max(enough, 1), replace=False))
    return table.take(chosen), target[chosen]


def _left_out(model: Any) -> tuple[str, ...]:
    return () if model.schema_ is None else unused_columns(model.schema_.left_out)


def _with(unused: Sequence[str], model: Any, table: Table) -> Array:
    """Return the network's inputs and the hashed text of the excluded columns."""
    A0: Array = model.encode(table)
    return np.column_stack([A0, *(_features(table[name]) for name in unused)]) if unused else A0


def _features(values: Array) -> Array:
    """Return the words and character n-grams of a text column, hashed to a fixed width."""
    text = ["" if value is None else str(value) for value in values.tolist()]
    words = HashingVectorizer(n_features=N_HASHED, alternate_sign=False, token_pattern=r"\S+")
    letters = HashingVectorizer(n_features=N_HASHED, alternate_sign=False, analyzer="char_wb", ngram_range=(1, 3))
    return np.column_stack([words.transform(text).toarray(), letters.transform(text).toarray()])


def _nothing(rows: tuple[Table, Array]) -> Array:
    """Return as many rows without inputs, which the constant does not look at."""
    return np.zeros((len(rows[1]), 1))


def _words(constant: Any, is_classifier: bool) -> str:
    if is_classifier:
        return f"always {plain(constant.classes_[np.argmax(constant.class_prior_)])!r}"
    return f"always the mean, {float(np.ravel(constant.constant_)[0]):.5g}"


def _scores(simple: Any, model: Any, A0: Array, truth: Array) -> dict[str, float]:
    if model.target_encoder_.classes is None:
        return score(truth, np.ravel(simple.predict(A0)), None, None)
    return score(truth, simple.predict(A0), simple.predict_proba(A0), simple.classes_)
