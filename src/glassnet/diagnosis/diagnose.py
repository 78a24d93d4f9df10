"""`diagnose`: what is wrong with a network or its data."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.diagnosis.diagnosis import Diagnosis, sorted_findings
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.remedies import remedies_of
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.rules import RULES
from glassnet.diagnosis.rules.numbers import NOT_FINITE
from glassnet.diagnosis.subject import Subject
from glassnet.typing import Spec


def diagnose(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    validation: tuple[Any, Any] | None = None,
    cost: Spec | None = None,
    out_of_fold: Any = None,
) -> Diagnosis:
    """Say what is wrong with a network or its data, with the evidence and what to do next.

    Each rule compares a number with a threshold, such as the share of units that are dead, or the cost with that of a
    linear model. The rules read the trained network, its history and the rows; nothing is trained but small linear
    models and trees to compare with, and a network of the same kind on 16 rows.

    Parameters
    ----------
    model : GlassClassifier, GlassRegressor, Network, TrainingResult, MLPClassifier or MLPRegressor, or Sequential
        Estimators must be fitted. The result of `train`, networks of scikit-learn, and a `Sequential` of PyTorch or
        Keras with dense layers, activations, dropout and batch normalization are read as they are.
    X : table, optional
        The rows of training, in any form that the model accepts; for a `Network` an array (n_rows, n_features). Of more
        than 20,000 rows, so many are looked at. Without rows, only the weights and the history are.
    y : array, optional
        Their targets, in the user's units or labels; for a `Network` an array (n_rows, n_out).
    validation : (X, y), optional
        Rows that the model was not trained on: they show overfitting, repeated rows, and bad calibration.
    cost : str, tuple or Cost, optional
        Required for a `Network` or a `Sequential`: one of ``glassnet.costs()``.
    out_of_fold : OutOfFold, optional
        The result of ``glassnet.out_of_fold(model, X, y)``: it shows labels that are probably wrong.

    Returns
    -------
    Diagnosis
        ``.findings``; ``.to_text()``, ``.to_html()``, ``.to_dict()``; printing it shows the text.

    Raises
    ------
    ParameterError
        If the model is not fitted or an ensemble, or an argument does not fit.
    ShapeError
        If X and y do not fit each other or the network.

    Examples
    --------
    Both hidden neurons have the same weights, so each step changes them alike:

    >>> import glassnet as gn
    >>> layers = [([[0.5, -0.5], [0.5, -0.5]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    >>> net = gn.Network.from_weights(layers, hidden="tanh", output="sigmoid")
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> found = gn.diagnose(net, X, Y, cost="binary_cross_entropy")
    >>> found.findings[0].rule, found.findings[0].where
    ('copied-units', 'layer 1, units 1 and 2')
    """
    return checked(subject_of(model, X, y, validation, cost, out_of_fold))


def checked(subject: Subject, rules: Iterable[Rule] = RULES) -> Diagnosis:
    """Check a subject by rules; without rows, by those that need none."""
    rules = [rule for rule in rules if len(subject.rows) or not rule.needs_rows]
    if not np.isfinite(subject.network.theta).all():  # of which nothing else can be said
        rules = [rule for rule in rules if rule.name == NOT_FINITE]
    with np.errstate(all="ignore"):  # the numbers of a broken network may be anything
        findings = [replace(found, source=rule.source) for rule in rules for found in rule.check(subject)]
    findings = [replace(found, remedies=remedies_of(subject, found)) for found in findings]
    return Diagnosis(
        sorted_findings(findings),
        len(subject.rows),
        0 if subject.new_rows is None else len(subject.new_rows),
        tuple(rule.name for rule in rules),
    )
