"""What a network has to beat: the best constant answer, and a linear model on the network's own inputs."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from glassnet.data.table import Table
from glassnet.data.typed_values import plain
from glassnet.estimators.scoring import score
from glassnet.typing import Array


@dataclass(frozen=True)
class Baseline:
    """A simple model's name in words, and its scores on the rows that the network was tested on."""

    name: str
    scores: dict[str, float]


def baselines(
    model: Any, training: tuple[Table, Array], test: tuple[Table, Array], *, linear: bool = True
) -> tuple[Baseline, ...]:
    """Return what simple models reach on the test rows after they have learned from the training rows.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
        Fitted; its encoder makes the inputs of the linear model.
    training, test : (Table, target)
    linear : bool
        Whether to fit the linear model too.

    Examples
    --------
    >>> from glassnet.data.table import table_from
    >>> X, y = table_from({"x": [0.0, 1.0, 2.0, 3.0]}), np.asarray([0.0, 2.0, 4.0, 6.0])
    >>> reg = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(X, y)
    >>> [baseline.name for baseline in baselines(reg, (X, y), (X, y))]
    ['always the mean, 3', 'linear model']
    """
    is_classifier = model.target_encoder_.classes is not None
    constant = (DummyClassifier(strategy="prior") if is_classifier else DummyRegressor()).fit(*_pair(model, training))
    found = [Baseline(_words(constant, is_classifier), _scores(constant, model, test))]
    if linear:
        straight = LogisticRegression(max_iter=1000) if is_classifier else Ridge()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # good enough to compare with
            straight.fit(*_pair(model, training))
        found.append(Baseline("linear model", _scores(straight, model, test)))
    return tuple(found)


def _pair(model: Any, rows: tuple[Table, Array]) -> tuple[Array, Array]:
    return model.encode(rows[0]), rows[1]


def _words(constant: Any, is_classifier: bool) -> str:
    if is_classifier:
        return f"always {plain(constant.classes_[np.argmax(constant.class_prior_)])!r}"
    return f"always the mean, {float(np.ravel(constant.constant_)[0]):.5g}"


def _scores(simple: Any, model: Any, test: tuple[Table, Array]) -> dict[str, float]:
    A0, truth = _pair(model, test)
    if model.target_encoder_.classes is None:
        return score(truth, np.ravel(simple.predict(A0)), None, None)
    return score(truth, simple.predict(A0), simple.predict_proba(A0), simple.classes_)
