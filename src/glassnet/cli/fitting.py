"""The work of `glassnet train` between reading and printing: schema, split, fit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from glassnet.cli.together import Together
from glassnet.data.columns.labels import labeled_rows, target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading.sql.query import is_query
from glassnet.data.rows.digest import digest_of
from glassnet.data.rows.opening import are_large, are_parquet, opened_rows
from glassnet.data.rows.parts import Deal
from glassnet.data.rows.row_source import RowSource
from glassnet.data.split import Split, split
from glassnet.data.suggestions import listed
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import ColumnError, DataError, DivergenceError, ParameterError, TrainingInterrupted
from glassnet.estimators.fitting.streamed import fits_in_memory
from glassnet.estimators.split_table import SplitTable, StreamedTable

AnyTable: TypeAlias = SplitTable | StreamedTable
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


def estimator(schema: Schema, parameters: Mapping[str, Any]) -> Any:
    """Return the unfitted estimator for a task."""
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.regressor import GlassRegressor

    weight = parameters.get("class_weight")
    if weight is not None and weight not in CLASS_WEIGHTS:
        raise ParameterError(f"--class-weight {weight!r} is not known. Choose from: {', '.join(CLASS_WEIGHTS)}.")
    if weight is not None and schema.task == "regression":
        raise ParameterError("--class-weight needs classes, but the target is a quantity; leave it out.")
    if "loss" in parameters and schema.task != "regression":
        raise ParameterError(
            f"--loss {parameters['loss']} is for quantities, but the target has classes, which train by cross-entropy; "
            "leave it out."
        )
    make: Any = GlassRegressor if schema.task == "regression" else GlassClassifier
    return make(keep=schema.names, **parameters)


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


def prepare(table: Table, schema: Schema, request: TrainRequest, *, validation: float) -> SplitTable:
    """Split the rows; `validation` is the share of the validation set among the rows that are not tested on.

    Without a test set and a column to split by, the fit holds out its validation set itself, as it does in Python.
    """
    rows = labeled_rows(table, request.target)
    for name in (request.group, request.time):
        _refuse_gaps(rows, name)
    y = target_values(rows, schema)
    kept = rows.stored(request.target) if y.dtype.kind == "O" else None  # words of a large table need not be in memory
    if request.test_size == 0 and request.group is None and request.time is None:
        held_out = f"; the fit holds {validation:.0%} of them out to choose the best epoch" if validation else ""
        none = np.arange(0)
        return SplitTable(
            rows,
            y if kept is None else kept,
            schema,
            Split(np.arange(rows.n_rows), none, none, f"No test set: all rows{held_out}."),
        )
    held = validation * (1 - request.test_size)
    stratify = None if schema.task == "regression" or request.group or request.time else y
    parts = split(
        rows.n_rows,
        fractions=(1 - request.test_size - held, held, request.test_size),
        stratify=stratify,
        groups=None if request.group is None else rows[request.group],
        time=None if request.time is None else rows[request.time],
        seed=request.seed,
    )
    if len(parts.test) == 0 and request.test_size > 0:
        raise DataError(
            f"{rows.n_rows} rows leave none to test on at --test-size {request.test_size:g}; "
            "try a larger share or more rows."
        )
    return SplitTable(rows, y if kept is None else kept, schema, parts)


@contextmanager
def rows_if_large(
    data: Sequence[str], request: TrainRequest, left: int, *, together: bool = False
) -> Iterator[RowSource | None]:
    """Open files whose table does not fit into the memory as a source of rows; None for others.

    All processes of a cluster decide alike, whatever their memory: `together` they stream what is Parquet.
    """
    if any(entry == "-" or is_query(entry) for entry in data) or not (
        are_parquet(data) if together else are_large(data, left)
    ):
        yield None
    else:
        with opened_rows(list(data), left, request.missing) as source:
            yield None if not together and fits_in_memory(source, left) else source


def streamed(source: RowSource, request: TrainRequest, parameters: Mapping[str, Any], n_bytes: int) -> StreamedTable:
    """Read all rows once, and deal them out to training, validation and test."""
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.fitting.recipe import resolve_recipe
    from glassnet.estimators.regressor import GlassRegressor

    for option, column in (("--group", request.group), ("--time", request.time)):
        if column is not None:
            raise ParameterError(
                f"{option} {column!r} splits by a column, which needs all rows in memory, but they do not fit; leave "
                f"it out, or allow more memory."
            )
    either: Any = GlassRegressor if "loss" in parameters else GlassClassifier  # both hold out the same share
    n_train = round(source.n_rows * (1 - request.test_size))
    recipe = resolve_recipe(either(**parameters).get_params(deep=False), n_train)
    held = float(recipe["validation_fraction"]) * (1 - request.test_size) if recipe["early_stopping"] else 0.0
    deal = Deal((1 - request.test_size - held, held, request.test_size), request.seed)
    digest = digest_of(source, request.target, deal)
    schema = digest.schema(keep=request.keep, drop=request.drop, missing=request.missing, task=request.task)
    return StreamedTable(digest, schema, n_bytes)


def check(request: TrainRequest) -> None:
    """Reject options that are invalid for any table."""
    if not 0 <= request.test_size < 1:
        raise ParameterError(
            f"--test-size {request.test_size:g} must lie between 0 and 1: the share of rows to test on; 0.2 is usual, "
            "0 trains on all rows."
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


def fit(model: Any, table: AnyTable, together: Together | None = None, **options: Any) -> tuple[Any, str]:
    """Fit the model as `SplitTable.fit` does, alone or together with other processes.

    Returns the fitted model, and the reason if Ctrl-C ended training, else an empty text.
    """
    interrupted = ""
    try:
        if together is None:
            table.fit(model, **options)
        else:
            model = together.fit(model, table, **options)
    except TrainingInterrupted as end:
        interrupted = str(end)
    if not np.isfinite(model.network_.theta).all():
        raise DivergenceError(f"training diverged and left no usable network: {model.history_.stop_reason}.", model)
    return model, interrupted
