"""`judge`: the scores of a model on rows with a known target, which need not fit into the memory."""

import re
from collections.abc import Iterator
from typing import Any

from glassnet.data.fingerprint import fingerprint, fingerprint_of_columns
from glassnet.data.rows.in_memory import ROWS_PER_GROUP
from glassnet.data.rows.row_source import RowSource, all_pieces
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.estimators.judging.baselines import baselines
from glassnet.estimators.judging.scoring import confusion, observed, predicted, score, target_column
from glassnet.estimators.streaming.new_rows import refuse_misfits_of
from glassnet.estimators.streaming.tally import ClassTally, QuantityTally
from glassnet.typing import Array


def judge(model: Any, rows: RowSource, target: str) -> dict[str, Any]:
    """Return the scores of a model and of the best constant as strict JSON, and for classes the confusion matrix.

    Rows of a single group are scored as they are in training, if they are no more than 65,536. Of more, sums are kept:
    the scores are those of all rows, up to the rounding of the last digits.
    """
    classes = model.target_encoder_.classes
    if len(rows.group_sizes) == 1 and rows.n_rows <= ROWS_PER_GROUP:
        return _of_one_group(model, rows.group(0), target, classes)
    if target in rows.names:
        refuse_misfits_of(rows, [target_column(model, target)])
    tally: Any = QuantityTally() if classes is None else ClassTally(classes)
    for table in all_pieces(rows):
        if is_missing(table[target]).all():
            continue
        truth = observed(model, table, target)
        prediction, probabilities = predicted(model, table.take(truth.rows))
        tally.add(truth.values, prediction, *([] if classes is None else [probabilities]))
    if tally.n_rows == 0:
        observed(model, next(rows.pieces(0)), target)  # raises the error about it
    result = {
        "target": target,
        "n_rows": tally.n_rows,
        "n_without_target": rows.n_rows - tally.n_rows,
        "model": tally.scores(),
        "baseline": tally.constant(),
        "trained_on_these_rows": _of_training(model, rows, target, tally.n_rows),
    }
    return result if classes is None else {**result, "confusion": tally.confusion()}


def _of_one_group(model: Any, table: Table, target: str, classes: Array | None) -> dict[str, Any]:
    truth = observed(model, table, target)
    inputs = table.take(truth.rows)
    prediction, probabilities = predicted(model, inputs)
    (constant,) = baselines(model, (inputs, truth.values), (inputs, truth.values), linear=False)
    result: dict[str, Any] = {
        "target": target,
        "n_rows": len(truth.rows),
        "n_without_target": table.n_rows - len(truth.rows),
        "model": score(truth.values, prediction, probabilities, classes),
        "baseline": {"name": constant.name, **constant.scores},
        "trained_on_these_rows": None,
    }
    names = _names_of_training(model)
    if names and set(names) <= set(inputs.names) and _report(model).get("rows") == fingerprint(inputs.select(names)):
        result["trained_on_these_rows"] = _report(model)["test"]
    if classes is not None:
        labels, counts = confusion(truth.values.tolist(), prediction.tolist())
        result["confusion"] = {"classes": labels, "counts": counts}
    return result


def _of_training(model: Any, rows: RowSource, target: str, n_rows: int) -> dict[str, Any] | None:
    """Return the result on the held-out test set, if the model was trained on a part of these rows.

    The columns are read for it once more, one after the other, but only if their number of rows is that of training.
    """
    names, report = _names_of_training(model), _report(model)
    if not names or not set(names) <= set(rows.names) or rows_of_split(report.get("split", "")) != n_rows:
        return None

    def parts_of(name: str) -> Iterator[Array]:
        some = rows.select([name] if name == target else [name, target])
        for table in all_pieces(some):
            yield table[name][~is_missing(table[target])]

    return report["test"] if report["rows"] == fingerprint_of_columns(names, n_rows, parts_of) else None


def rows_of_split(how: str) -> int:
    """Return the number of rows of a split in words.

    >>> rows_of_split("At random: 600 rows to train, 200 to validation, 200 to test.")
    1000
    """
    return sum(int(number) for number in re.findall(r"(\d+) (?:rows )?to (?:train|validation|test)", how))


def _report(model: Any) -> dict[str, Any]:
    return getattr(model, "report_", None) or {}


def _names_of_training(model: Any) -> tuple[str, ...]:
    return () if model.schema_ is None else tuple(model.schema_.names)
