"""The table of predictions: the row's number, its inputs if asked for, the prediction and the probabilities."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.data.rows.row_source import RowSource
from glassnet.data.table import Table
from glassnet.estimators.judging.scoring import predicted
from glassnet.typing import Array


def predictions(model: Any, rows: RowSource, *, with_inputs: bool = False, start: int = 0) -> Iterator[list[Array]]:
    """Yield the columns of the predictions of some rows after the others, from row `start` on.

    >>> from glassnet.data.reading.tabular import table_from
    >>> from glassnet.data.rows.in_memory import TableSource
    >>> reg = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit({"x": [0.0, 1.0]}, [0.0, 1.0])
    >>> source = TableSource(table_from({"x": [0.0, 1.0, 2.0]}), rows_per_group=2)
    >>> names_of_predictions(reg, source.names), [columns[0].tolist() for columns in predictions(reg, source)]
    (['row', 'predicted y'], [[0, 1], [2]])
    """
    first = 0
    for k, size in enumerate(rows.group_sizes):
        if first + size <= start:
            first += size
            continue
        for table in rows.pieces(k):
            after = first + table.n_rows
            if after > start:
                some = table if first >= start else table.between(start - first, table.n_rows)
                yield _columns(model, some, max(start, first), with_inputs=with_inputs)
            first = after


def names_of_predictions(model: Any, names: Sequence[str], *, with_inputs: bool = False) -> list[str]:
    """Return the names of the columns of `predictions`, for rows with columns of these names."""
    made = ["row", *(name for name in names if with_inputs and name != "row")]
    encoder, target = model.target_encoder_, getattr(model, "target_name_", None) or "y"
    if encoder.n_dimensions == 2:
        answers = [f"predicted {name}" for name in encoder.names]
        answers += [f"P({name})" for name in encoder.names if encoder.classes is not None]
    else:
        answers = [f"predicted {target}"]
        answers += [f"P({target}={label})" for label in encoder.names if encoder.classes is not None]
    for name in answers:
        made.append(_free(name, made))
    return made


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else _free(f"{name} (new)", taken)


def _columns(model: Any, table: Table, first: int, *, with_inputs: bool) -> list[Array]:
    prediction, probabilities = predicted(model, table)
    inputs = [table[name] for name in table.names if with_inputs and name != "row"]
    answers = list(prediction.T) if prediction.ndim == 2 else [prediction]
    made = [np.arange(first, first + table.n_rows), *inputs, *answers]
    return made if probabilities is None else [*made, *probabilities.T]
