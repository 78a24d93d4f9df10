"""Validates new data against the schema of a model."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from operator import is_
from typing import Any

import numpy as np

from glassnet.data.columns.column import Column, quoted, shown
from glassnet.data.columns.column_exclusion import refuse_infinite
from glassnet.data.columns.schema import Schema
from glassnet.data.notation.column_reading import ISO, PLAIN, TEXT, objects
from glassnet.data.row_words import in_row
from glassnet.data.suggestions import listed, nearest
from glassnet.data.table import Table, changed
from glassnet.data.type_inference import is_missing, promote, read_column
from glassnet.errors import ColumnError, ShapeError
from glassnet.typing import Array


def check_columns(table: Table, schema: Schema) -> Table:
    """Return the model's input columns, in its order and with its types.

    Columns that the model does not use (excluded ones, the target, unknown ones) are ignored. A plain array is matched
    by position.

    Parameters
    ----------
    table : Table
        New data; for a file, read with ``missing=schema.missing_markers, notations=schema.notations``.
    schema : Schema
        The schema of the model.

    Examples
    --------
    >>> from glassnet.data.columns.schema_inference import infer_schema
    >>> from glassnet.data.reading.tabular import table_from
    >>> schema = infer_schema(table_from({"age": [12, 80], "sex": ["m", "f"]}))
    >>> check_columns(table_from({"name": ["Ann"], "sex": ["f"], "age": [30]}), schema).names
    ('age', 'sex')
    """
    named = _named(table, schema)
    missing = [name for name in schema.names if name not in named]
    if missing:
        raise ColumnError(_missing_message(missing, named.names, schema))
    for column in schema.columns:
        _refuse_other_notation(column, named.reading(column.name).notation)
    used = named.select(schema.names)
    kinds = [partial(as_kind, column=column, rows=table.rows) for column in schema.columns]
    checked = Table(schema.names, changed(used.columns, kinds), is_array=table.is_array, rows=table.rows)
    refuse_infinite(checked)
    return checked


def as_kind(values: Array, column: Column, rows: Array | None = None) -> Array:
    """Return a column's values as the kind from training, or raise an error naming the value that does not fit.

    `rows` are the row numbers of the values in the user's table; by default all rows.
    """
    if values.dtype.kind == "f" and np.isnan(values).all() and column.kind != "numeric":
        return _nothing(len(values), column.kind)
    converted = _CONVERTERS[column.kind](values, column)
    if converted is None:
        raise ColumnError(_misfit(values, column, rows))
    return converted


def _named(table: Table, schema: Schema) -> Table:
    """Return the table with the schema's names, matched by position if either has no names."""
    if schema.is_array and (table.is_array or not set(schema.names) <= set(table.names)):
        _check_width(table, len(schema.columns) + len(schema.left_out), schema)
        return replace(table, names=tuple(f"x{k}" for k in range(len(table.names))))
    if table.is_array and not schema.is_array:
        _check_width(table, len(schema.columns), schema)
        return replace(table, names=schema.names)
    return table


def _check_width(table: Table, expected: int, schema: Schema) -> None:
    if len(table.names) != expected:
        raise ShapeError(
            f"X has {len(table.names)} columns, but the model was trained on {expected}: "
            f"{', '.join(schema.names[:8])}{', ...' if len(schema.names) > 8 else ''}; try selecting these, in "
            f"this order."
        )


def _refuse_other_notation(column: Column, notation: str) -> None:
    """Raise a DataError if a table was read with a notation that gives other values than in training."""
    trained = column.notation
    is_known = column.kind in ("numeric", "datetime") and trained and notation not in ("", TEXT, PLAIN, ISO)
    if is_known and notation != trained:
        raise ColumnError(
            f"column {column.name!r} was written like {trained} when the model was trained, but was read as {notation} "
            f"here; try reading it with the model's own notations, model.schema_.notations."
        )


def _missing_message(missing: list[str], given: tuple[str, ...], schema: Schema) -> str:
    name = missing[0]
    known = {*schema.names, *(column.name for column in schema.targets)}  # these are not renamed ones
    close = nearest(name, [other for other in given if other not in known])
    hint = f"did you rename it to {close[0]!r}?" if close else f"the table has {listed(given[:12])}."
    others = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    return f"column {name!r}{others} is missing, but the model was trained with it; {hint}"


def _nothing(n_rows: int, kind: str) -> Array:
    return np.full(n_rows, np.datetime64("NaT", "us")) if kind == "datetime" else np.full(n_rows, None, dtype=object)


def _as_number(values: Array, column: Column) -> Array | None:
    if values.dtype.kind in "fb":
        return values.astype(np.float64, copy=False)
    if values.dtype.kind == "O" and all(value is None or isinstance(value, bool) for value in values.tolist()):
        return np.asarray([np.nan if value is None else float(value) for value in values.tolist()])
    return None


def _as_boolean(values: Array, column: Column) -> Array | None:
    if values.dtype.kind == "b":
        return values
    meaning = {0.0: False, 1.0: True, None: None}  # False equals 0.0 and True equals 1.0
    listed = [None if gap else value for value, gap in zip(values.tolist(), is_missing(values), strict=True)]
    if values.dtype.kind not in "fO" or not all(value in meaning for value in listed):
        return None
    booleans = [meaning[value] for value in listed]
    if None not in booleans:
        return np.asarray(booleans, dtype=bool)
    is_same = values.dtype.kind == "O" and all(map(is_, booleans, listed))  # a large table is then not held twice
    return values if is_same else objects(booleans)


def _as_datetime(values: Array, column: Column) -> Array | None:
    return values if values.dtype.kind == "M" else None


def _as_level(values: Array, column: Column) -> Array | None:
    """Return values as text again if a small batch was parsed as numbers: "01" alone must match the level "01"."""
    if values.dtype.kind == "O" and all(value is None or isinstance(value, str) for value in values.tolist()):
        return values
    meaning: dict[Any, Any] = {}
    for level in column.levels:
        meaning.setdefault(promote(column.name, [level], ()).tolist()[0], level)
    listed = zip(values.tolist(), is_missing(values), strict=True)
    return objects([None if gap else meaning.get(value, shown(value)) for value, gap in listed])


_CONVERTERS = {"numeric": _as_number, "boolean": _as_boolean, "datetime": _as_datetime, "categorical": _as_level}

_EXPECTED = {"boolean": "True or False", "datetime": "a date"}


def _misfit(values: Array, column: Column, rows: Array | None) -> str:
    was = _EXPECTED.get(column.kind, column.kind)
    if column.kind in ("numeric", "datetime") and column.minimum is not None:
        was += f" with {shown(column.minimum)} to {shown(column.maximum)}"
    if column.notation not in ("", TEXT, PLAIN, ISO):
        was += f", written like {column.notation},"
    row, value = _first_misfit(values, column) or (0, quoted(values.tolist()[0]))
    return (
        f"column {column.name!r} was {was} when the model was trained, but has {value} {in_row(row, rows)}; "
        "try correcting the value or marking it as missing."
    )


def refuse_misfits(parts: Iterable[tuple[Array, Array | None]], column: Column) -> None:
    """Raise the error of `as_kind` about the first of a column's parts that has a value which does not fit.

    One value makes the whole column text, so that the parts before it do not fit either, although their values do.
    """
    for values, rows in parts:
        if _CONVERTERS[column.kind](values, column) is not None:
            return
        if _first_misfit(values, column) is not None:
            raise ColumnError(_misfit(values, column, rows))


def _first_misfit(values: Array, column: Column) -> tuple[int, str] | None:
    gaps = is_missing(values)
    for i, value in enumerate(values.tolist()):
        alone = read_column(column.name, [value], (), column.notation)[0]
        if not gaps[i] and _CONVERTERS[column.kind](alone, column) is None:
            return i, quoted(value)
    return None
