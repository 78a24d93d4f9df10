"""Infers classification or regression from the target's values."""

from typing import Any

import numpy as np

from glassnet.data.columns.column import quoted
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import sort_key
from glassnet.errors import DataError, ParameterError
from glassnet.typing import Array

MAX_NUMBER_CLASSES = 20
"""Whole numbers are classes only up to this number of distinct values,"""

MAX_CLASS_SHARE = 0.05
"""and only up to this ratio of distinct values to rows. Two distinct whole numbers are always classes."""

_TASKS = ("classification", "binary", "multiclass", "regression")


def infer_task(values: Array, task: str | None = None, name: str = "y") -> tuple[str, str]:
    """Return "binary", "multiclass" or "regression", and the reason as a sentence.

    Text and True/False are classes. Numbers are classes if they are whole and have two distinct values, or at most 20
    and at most one per twenty rows; other numbers are quantities, for regression. `task` overrides this.

    Parameters
    ----------
    values : array of shape (n_rows,)
    task : {"classification", "binary", "multiclass", "regression"}, optional
    name : str
        The target's name, for the message.

    Examples
    --------
    >>> infer_task(np.asarray(["Adelie", "Gentoo", "Chinstrap"], dtype=object), name="species")
    ('multiclass', "target 'species' has 3 levels: classification.")
    >>> infer_task(np.asarray([0.5, 1.5, 2.5]))
    ('regression', "target 'y' is a quantity: regression.")
    """
    values = np.asarray(values)
    if task is not None and task not in _TASKS:
        raise ParameterError(
            f"task is {task!r}, but expected one of {', '.join(_TASKS)}; leave it out to let the target decide."
        )
    is_text = values.dtype.kind in "OUS" and not _is_numeric(values)
    if task == "regression":
        if is_text:
            example = next(value for value in values.tolist() if value is not None)
            raise DataError(
                f"target {name!r} has the text {quoted(example)}, but regression needs numbers; try "
                f"task='classification'."
            )
        return "regression", f"target {name!r} is a quantity as requested: regression."
    levels = distinct(values)
    if task is None and not is_text and not _are_classes(values, levels):
        return "regression", f"target {name!r} is a quantity: regression."
    found = "binary" if len(levels) <= 2 else "multiclass"
    return found, _sentence(name, levels, task, is_number=values.dtype.kind in "iuf")


def distinct(values: Array) -> list[Any]:
    """Return the distinct non-missing values, sorted."""
    if values.dtype.kind in "iufb":
        present = values[~is_missing(values)]
        return list(np.unique(present).tolist())
    return sorted({value for value in values.tolist() if value is not None}, key=sort_key)


def _is_numeric(values: Array) -> bool:
    present = [value for value in values.tolist() if value is not None]
    return all(isinstance(value, int | float | np.number) for value in present)


def _are_classes(values: Array, levels: list[Any]) -> bool:
    if all(isinstance(level, bool) for level in levels):
        return True
    if not all(np.isfinite(level) and float(level).is_integer() for level in levels):
        return False
    return len(levels) <= 2 or (len(levels) <= MAX_NUMBER_CLASSES and len(levels) <= MAX_CLASS_SHARE * len(values))


def _sentence(name: str, levels: list[Any], task: str | None, is_number: bool) -> str:
    if task is not None:
        return f"target {name!r} has {len(levels)} classes as requested: classification."
    kind = "distinct whole numbers" if is_number else "levels"
    doubt = " If they are a quantity, use task='regression'." if is_number else ""
    return f"target {name!r} has {len(levels)} {kind}: classification.{doubt}"
