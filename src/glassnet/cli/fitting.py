"""The work of `glassnet train` between reading and printing: schema, split, fit, test."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.columns.column_exclusion import unused_columns
from glassnet.data.columns.labels import labeled_rows, target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.fingerprint import fingerprint
from glassnet.data.split import Split, split
from glassnet.data.suggestions import listed
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import ColumnError, DataError, DataWarning, ParameterError, TrainingInterrupted
from glassnet.estimators.judging.scoring import predicted, score
from glassnet.typing import Array

CLASS_WEIGHTS = ("balanced",)


@dataclass(frozen=True)
class TrainRequest:
    """The user's options, apart from the network."""

    target: str
    task: str | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    test_size: float = 0.2
    group: str | None = None
    time: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Prepared:
    """The rows with a target, their schema and their split."""

    rows: Table
    y: Array
    schema: Schema
    parts: Split

    def part(self, positions: Array, also: tuple[str, ...] = ()) -> tuple[Table, Array]:
        """Return inputs and target of some rows, optionally with columns that the network does not use."""
        return self.rows.select([*self.schema.names, *also]).take(positions), self.y[positions]


def estimator(schema: Schema, parameters: Mapping[str, Any]) -> Any:
    """Return the unfitted estimator for a task; a parameter of None means its default."""
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.regressor import GlassRegressor

    given = {name: value for name, value in parameters.items() if value is not None}
    weight = given.get("class_weight")
    if weight is not None and weight not in CLASS_WEIGHTS:
        raise ParameterError(f"--class-weight {weight!r} is not known. Choose from: {', '.join(CLASS_WEIGHTS)}.")
    if weight is not None and schema.task == "regression":
        raise ParameterError("--class-weight needs classes, but the target is a quantity; leave it out.")
    make: Any = GlassRegressor if schema.task == "regression" else GlassClassifier
    return make(keep=schema.names, **given)


def schema_of(table: Table, request: TrainRequest) -> Schema:
    """Return the schema; the column that splits the rows is not an input unless the user keeps it."""
    splitting = [name for name in (request.group, request.time) if name is not None]
    for name in splitting:
        if name not in table:
            raise ColumnError(f"there is no column {name!r} to split by; the columns are {listed(table.names[:12])}.")
        if name == request.target:
            raise ParameterError(f"the rows cannot be split by the target {name!r} itself; name another column.")
    left = [name for name in splitting if name not in (*request.keep, *request.drop)]
    return infer_schema(
        table,
        target=request.target,
        keep=request.keep,
        drop=(*request.drop, *left),
        missing=request.missing,
        task=request.task,
    )


def prepare(table: Table, schema: Schema, request: TrainRequest, *, validates: bool) -> Prepared:
    """Split the rows; `validates` requests a validation set, a tenth of the rows that are not tested on."""
    rows = labeled_rows(table, request.target)
    for name in (request.group, request.time):
        _refuse_gaps(rows, name)
    y = target_values(rows, schema)
    held = 0.1 * (1 - request.test_size) if validates else 0.0
    stratify = None if schema.task == "regression" or request.group or request.time else y
    parts = split(
        rows.n_rows,
        fractions=(1 - request.test_size - held, held, request.test_size),
        stratify=stratify,
        groups=None if request.group is None else rows[request.group],
        time=None if request.time is None else rows[request.time],
        seed=request.seed,
    )
    if len(parts.test) == 0:
        raise DataError(
            f"{rows.n_rows} rows leave none to test on at --test-size {request.test_size:g}; "
            "try a larger share or more rows."
        )
    return Prepared(rows, y, schema, parts)


def check(request: TrainRequest) -> None:
    """Reject options that are invalid for any table."""
    if not 0 < request.test_size < 1:
        raise ParameterError(
            f"--test-size {request.test_size:g} must lie between 0 and 1: the share of rows to test on; 0.2 is usual."
        )
    if request.group is not None and request.time is not None:
        raise ParameterError("--group and --time exclude each other: the rows are split by one of them.")
    if not 0 <= request.seed < 2**32:
        raise ParameterError(f"--seed {request.seed} must be a whole number from 0 to 4294967295.")


def _refuse_gaps(rows: Table, name: str | None) -> None:
    """Raise an error naming the row if the column to split by has a missing value."""
    if name is not None and (gaps := is_missing(rows[name])).any():
        raise DataError(
            f"column {name!r} is missing {rows.in_row(int(np.flatnonzero(gaps)[0]))}, but the rows are split by it; "
            f"try leaving such rows out."
        )


def fit(model: Any, prepared: Prepared, request: TrainRequest, checkpoint: Path | None) -> str:
    """Fit on the training set alone, so that the test set does not leak into scales and levels.

    Returns the reason if Ctrl-C ended training, else an empty text; the model is fitted in any case.
    """
    held = prepared.part(prepared.parts.validation) if len(prepared.parts.validation) else None
    interrupted = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # already reported from the schema of all rows
            model.fit(*prepared.part(prepared.parts.train), eval_set=held, checkpoint=checkpoint)
    except TrainingInterrupted as end:
        interrupted = str(end)
    full = prepared.schema
    model.target_name_ = request.target
    model.schema_ = replace(
        model.schema_,
        target=full.target,
        task=full.task,
        left_out=full.left_out,
        missing_markers=full.missing_markers,
        notices=full.notices,
    )
    if not np.isfinite(model.network_.theta).all():
        raise DataError(f"training diverged and left no usable network: {model.history_.stop_reason}.")
    return interrupted


def test(model: Any, prepared: Prepared, *, linear: bool) -> dict[str, Any]:
    """Return the scores on the test set, next to simple models; the model stores them in `report_`.

    After Ctrl-C, the `linear` model is skipped.
    """
    from glassnet.estimators.judging.baselines import baselines

    unused = unused_columns(prepared.schema.left_out)  # the simple models use them, which reveals a lost signal
    training, held_out = prepared.part(prepared.parts.train, unused), prepared.part(prepared.parts.test, unused)
    prediction, probabilities = predicted(model, held_out[0])
    scores = score(held_out[1], prediction, probabilities, model.target_encoder_.classes)
    try:
        simple = baselines(model, training, held_out, linear=linear)
    except KeyboardInterrupt:  # a linear model can take longer than the network, and the network must not be lost
        if not linear:  # the second Ctrl-C
            raise
        simple = baselines(model, training, held_out, linear=False)
    result = {
        "n_rows": len(held_out[1]),
        "model": scores,
        "baselines": [{"name": found.name, **found.scores} for found in simple],
    }
    model.report_ = {
        "test": result,
        "split": prepared.parts.how,
        "rows": fingerprint(prepared.rows.select(prepared.schema.names)),
    }
    return result
