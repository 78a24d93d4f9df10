"""Infers the schema of a table: kinds, excluded columns, the task."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from glassnet.data.columns.column import Column, column_of, labels_of, shown
from glassnet.data.columns.column_exclusion import LeftOut, left_out_of, refuse_infinite
from glassnet.data.columns.labels import labeled_rows, target_names
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.task_inference import infer_task
from glassnet.data.suggestions import suggestion
from glassnet.data.table import Table
from glassnet.data.type_inference import MISSING_MARKERS, is_missing
from glassnet.errors import ColumnError, DataError
from glassnet.typing import Array


def infer_schema(
    table: Table,
    *,
    target: str | Sequence[str] | None = None,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    missing: Sequence[str] = MISSING_MARKERS,
    task: str | None = None,
) -> Schema:
    """Infer the schema of a table.

    Parameters
    ----------
    table : Table
    target : str or sequence of str, optional
        The column to predict; several for regression with several outputs.
    keep : sequence of str
        Columns to use even if they look like ids, constants or free text.
    drop : sequence of str
        Columns to exclude.
    missing : sequence of str
        The missing markers of the table; stored, so that new data are read with them.
    task : {"classification", "binary", "multiclass", "regression"}, optional
        The task; by default inferred by `glassnet.data.columns.task_inference.infer_task`.

    Returns
    -------
    Schema

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> table = table_from({"mass": [3750, 3800, "NA"], "species": ["Adelie", "Adelie", "Gentoo"]})
    >>> schema = infer_schema(table, target="species")
    >>> [(column.name, column.kind) for column in schema.columns], schema.task
    ([('mass', 'numeric')], 'binary')
    """
    targets = target_names(target)
    _check_names(table, targets, [*keep, *drop])
    table = table if table.rows is not None else replace(table, rows=np.arange(table.n_rows))
    labeled = labeled_rows(table, targets)
    _refuse_too_few(table, labeled, targets)
    task, reasons = _task_of(labeled, targets, task)
    inputs = labeled.drop([*targets, *drop])
    left_out = (*_asked(drop), *left_out_of(inputs, keep))
    used = inputs.drop([item.name for item in left_out if item.name in inputs])
    _refuse_unusable(used, left_out)
    columns = tuple(column_of(name, used[name], used.reading(name).notation) for name in used.names)
    described = tuple(_target_column(name, labeled, task) for name in targets)
    notices, doubts = _of_readings(labeled.select([*targets, *used.names]))
    return Schema(
        columns=columns,
        target=None if target is None else described[0] if isinstance(target, str) else described,
        task=task,
        left_out=left_out,
        missing_markers=tuple(missing),
        n_rows=labeled.n_rows,
        notices=(
            *unlabeled_notice(table, labeled, targets),
            *reasons,
            *notices,
            *(item.sentence for item in left_out),
            *rare_levels(columns),
        ),
        is_array=table.is_array,
        doubts=doubts,
    )


def _of_readings(table: Table) -> tuple[list[str], tuple[str, ...]]:
    """Return the notices about parsed text, and the ambiguous ones among them."""
    readings = [(name, table.reading(name)) for name in table.names]
    told = [(reading.notice.replace("{name}", repr(name)), reading.is_doubtful) for name, reading in readings]
    return [notice for notice, _ in told if notice], tuple(notice for notice, is_doubtful in told if is_doubtful)


def _check_names(table: Table, targets: Sequence[str], others: Sequence[str]) -> None:
    for name in targets:
        if name not in table:
            raise ColumnError(f"the target {name!r} is not among the columns; {suggestion(name, table.names)}")
    for name in others:
        if name not in table:
            raise ColumnError(f"there is no column {name!r} to keep or drop; {suggestion(name, table.names)}")
        if name in targets:
            raise ColumnError(f"column {name!r} is the target, so it is no input to keep or drop; try another column.")


def _refuse_too_few(table: Table, labeled: Table, targets: Sequence[str]) -> None:
    if table.n_rows == 0:
        raise DataError("the table has no rows; at least two were expected. Check the source.")
    if targets and labeled.n_rows == 0:
        raise DataError(
            f"target {targets[0]!r} has no value in any row; try another target, or check the missing markers."
        )
    if targets and labeled.n_rows < 2:
        raise DataError(
            "the table has 1 row with a target, but at least two are needed to learn anything; try more data."
        )


def _task_of(table: Table, targets: Sequence[str], task: str | None) -> tuple[str | None, list[str]]:
    found: list[tuple[str, str]] = []
    for name in targets:
        values = table[name]
        _refuse_target(name, values, table)
        found.append(infer_task(values, task or ("regression" if len(targets) > 1 else None), name))
    kinds = [kind for kind, _ in found]
    if len(kinds) > 1 and set(kinds) != {"regression"}:
        raise DataError(
            f"several targets ({', '.join(targets)}) are learned by regression only; try one target at a time."
        )
    return (kinds[0] if kinds else None), [reason for _, reason in found]


def _refuse_target(name: str, values: Array, table: Table) -> None:
    if values.dtype.kind == "M":
        raise DataError(
            f"target {name!r} is a date, but numbers or classes can be predicted; try days since a first date."
        )
    if values.dtype.kind == "f" and not np.all(np.isfinite(values)):
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"target {name!r} is infinite, or too large for a float, {table.in_row(row)}, but finite numbers were "
            f"expected; try leaving the row out."
        )
    if bool(np.all(values == values[0])):
        raise DataError(
            f"target {name!r} is {shown(values[0])} in every row, so there is nothing to learn; try another target."
        )
    if values.dtype.kind == "O" and len(set(values.tolist())) == len(values) and len(values) > 2:
        raise DataError(
            f"target {name!r} has a different text in every row, so no class has two examples; try a column "
            f"with fewer levels."
        )


def _asked(drop: Sequence[str]) -> list[LeftOut]:
    return [LeftOut(name, "asked", f"column {name!r} is left out as requested.") for name in drop]


def _refuse_unusable(used: Table, left_out: Sequence[LeftOut]) -> None:
    if not used.names:
        reasons = ", ".join(f"{item.name!r} ({item.reason})" for item in left_out[:12]) or "none"
        raise DataError(f"no input column is left to learn from; left out: {reasons}. Try keeping one of them by name.")
    refuse_infinite(used)


def _target_column(name: str, table: Table, task: str | None) -> Column:
    values = table[name]
    if task == "regression":
        return column_of(name, values.astype(np.float64), table.reading(name).notation)
    return labels_of(name, values)


def unlabeled_notice(table: Table, labeled: Table, targets: Sequence[str], count: int | None = None) -> list[str]:
    """Return the notice about rows without a target; `count` is their number if the table is only some of the rows."""
    count = table.n_rows - labeled.n_rows if count is None else count
    if count == 0:
        return []
    rows, verb = ("row", "is") if count == 1 else ("rows", "are")
    first = int(np.flatnonzero(np.any([is_missing(table[name]) for name in targets], axis=0))[0])
    place = table.in_row(first).removeprefix("in ")
    return [f"{count} {rows} without a value of {', '.join(map(repr, targets))} {verb} left out; the first is {place}."]


def rare_levels(columns: Sequence[Column]) -> list[str]:
    """Return the notices about columns whose rare levels are merged."""
    return [
        f"column {column.name!r} has {column.n_distinct} levels; the {len(column.levels)} most frequent are used, "
        "the rest are merged into (other)."
        for column in columns
        if column.n_distinct > len(column.levels) > 0
    ]
