"""A scikit-learn Pipeline with one of our estimators as last step: the estimator, and rows as its input."""

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from glassnet.data.encoding.encoder import Encoder
from glassnet.data.reading.tabular import table_from
from glassnet.data.table import Table
from glassnet.errors import ParameterError
from glassnet.estimators.base import GlassEstimator


def last_step(model: Any, names: tuple[str, ...] | None = None) -> Any:
    """Return the last estimator of a fitted Pipeline, with column names from the earlier steps.

    Any other object is returned unchanged. `names` are the input columns, if known.

    Raises
    ------
    ParameterError
        If the last step is another estimator, or the Pipeline is not fitted.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import PolynomialFeatures
    >>> import glassnet as gn
    >>> pipe = make_pipeline(PolynomialFeatures(2, include_bias=False), gn.GlassRegressor((2,), max_iter=2))
    >>> last_step(pipe.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])).encoder_.input_names
    ('x0', 'x0^2')
    """
    if not isinstance(model, Pipeline):
        return model
    last = model.steps[-1][1]
    if isinstance(last, Pipeline):
        return last_step(last, _names_out(model, names) if len(model.steps) > 1 else names)
    if not isinstance(last, GlassEstimator):
        raise ParameterError(
            f"this Pipeline ends in a {type(last).__name__}, but a GlassClassifier or GlassRegressor was expected."
        )
    if not hasattr(last, "network_"):
        raise ParameterError("this Pipeline is not fitted yet; call fit(X, y) first.")
    return _named(last, _names_out(model, names) if len(model.steps) > 1 else names)


def through(model: Any, row: Any) -> tuple[Any, str]:
    """Return a row as input of the last step of a Pipeline, and a sentence on the earlier steps.

    Parameters
    ----------
    model : object
        Anything but a Pipeline leaves the row unchanged and the sentence empty.
    row : one row
        As input of the Pipeline; also a dictionary, a list or a row of a pandas frame.
    """
    steps: list[tuple[str, Any]] = []
    names: tuple[str, ...] | None = None
    while isinstance(model, Pipeline):
        if len(model.steps) > 1:
            row = model[:-1].transform(row if steps else _as_X(row, model))
            steps += [(name, step) for name, step in model.steps[:-1] if not isinstance(step, str)]
            names = _names_out(model, names)
        model = model.steps[-1][1]
    if not steps:
        return row, ""
    row = _as_table(row, names)
    words = ", ".join(f"{name!r} ({type(step).__name__})" for name, step in steps)
    return row, f"Explained in the output columns of the earlier steps of the Pipeline: {words}."


def _names_out(model: Pipeline, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the output column names of the earlier steps; None if they are unknown or not unique.

    A last step fitted on a frame has its names already.
    """
    try:
        names = tuple(map(str, model[:-1].get_feature_names_out(None if given is None else np.asarray(given, object))))
    except (AttributeError, ValueError, NotFittedError):
        return None
    return names if len(set(names)) == len(names) else None


def _named(last: Any, names: tuple[str, ...] | None) -> Any:
    if names is None or hasattr(last, "feature_names_in_") or len(names) != last.n_features_in_:
        return last
    called = {f"x{k}": name for k, name in enumerate(names)}
    named = copy(last)
    named.encoder_ = Encoder(tuple(replace(step, name=called[step.name]) for step in last.encoder_.steps))
    if last.schema_ is not None:
        columns = tuple(replace(column, name=called[column.name]) for column in last.schema_.columns)
        named.schema_ = replace(last.schema_, columns=columns)
    return named


def _as_X(row: Any, model: Pipeline) -> Any:
    """Return a row as a table with one row, with names if the Pipeline was fitted with names."""
    first = next((step for _, step in model.steps if not isinstance(step, str)), None)  # "passthrough" has no names
    names = getattr(first, "feature_names_in_", None)
    if hasattr(row, "to_frame") and hasattr(row, "to_dict"):  # a row of a pandas frame
        row = row.to_dict()
    if isinstance(row, dict):
        values = {name: value if _is_column(value) else [value] for name, value in row.items()}
        return np.asarray(list(values.values()), dtype=object).T if names is None else _frame(values)
    if isinstance(row, list | tuple) and not any(map(_is_column, row)):
        row = [list(row)]
    elif isinstance(row, np.ndarray) and row.ndim == 1:
        row = row.reshape(1, -1)
    if names is not None and isinstance(row, list | tuple | np.ndarray) and len(row) and len(row[0]) == len(names):
        return _frame({name: [each[k] for each in row] for k, name in enumerate(names)})
    return row


def _is_column(value: Any) -> bool:
    return not isinstance(value, str | bytes) and hasattr(value, "__len__")


def _frame(columns: dict[Any, Any]) -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise ParameterError(
            "this Pipeline was fitted on a frame; pass the row as a frame of the same library with one row."
        ) from None
    return pd.DataFrame(columns)


def _as_table(made: Any, names: tuple[str, ...] | None) -> Table:
    if hasattr(made, "toarray"):
        made = made.toarray()
    if isinstance(made, np.ndarray):
        return table_from(made, names=names if names is not None and len(names) == made.shape[1] else None)
    return table_from(made)
