"""How the columns of Parquet files are read: their types and notations, which are those of the whole table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.data.duckdb_sandbox import connection, fetch
from glassnet.data.notation.column_reading import EXACT, ColumnReading
from glassnet.data.reading.finding import shown
from glassnet.data.reading.raw_table import RawTable, stacked
from glassnet.data.rows.arrow_columns import (
    DATES,
    LABELS,
    NUMBER,
    NUMBERS,
    TRUTH,
    Form,
    form_of_words,
    is_text,
    joined_words,
)
from glassnet.data.rows.parquet_file import ParquetFile
from glassnet.data.type_inference import read_column
from glassnet.data.writing.tables import identifier
from glassnet.errors import SourceError, first_line
from glassnet.typing import Array

ODD = "odd"
"""Columns of rare types, such as decimals and times of day, are read by DuckDB, as for a table in memory."""


def form_of(name: str, files: Sequence[ParquetFile], missing: Sequence[str], notation: str) -> Form:
    """Return the form of a column, from the footers if they suffice."""
    from pyarrow import types

    known = [file for file in files if not types.is_null(file.kind(name))]  # a file may have no value of it
    kinds = [file.kind(name) for file in known]
    _refuse_different(name, known)
    if kinds and all(map(is_text, kinds)):
        groups = (file.read(k, [name]).column(0) for file in known for k in range(file.footer.num_row_groups))
        words, n_values, _ = joined_words(name, groups, set(missing))
        return form_of_words(words, n_values, sum(file.footer.num_rows for file in files), notation)
    if notation == "text":
        return _odd_form(name, files, missing, notation)
    if kinds and all(types.is_floating(kind) or _is_exact(kind, name, known) for kind in kinds):
        return NUMBERS
    if kinds and all(map(types.is_boolean, kinds)):
        is_whole = len(known) == len(files) and all(_statistic(file, name, _has_no_gap) for file in files)
        return Form(TRUTH, ColumnReading(), "b") if is_whole else _odd_form(name, files, missing, notation)
    if kinds and all(types.is_timestamp(kind) or types.is_date(kind) for kind in kinds):
        return DATES
    return _odd_form(name, files, missing, notation)


def _refuse_different(name: str, files: Sequence[ParquetFile]) -> None:
    """Refuse a column that is text in one file and a number or a date in another."""
    for file in files[1:]:
        ours, theirs = files[0].kind(name), file.kind(name)
        if _sort_of(ours) != _sort_of(theirs):
            raise SourceError(
                f"column {name!r} is {_sort_of(theirs)} ({theirs}) in {shown(file.path)}, but {_sort_of(ours)} "
                f"({ours}) in {shown(files[0].path)}; files read together need columns of one type. Try writing one of "
                f"them again."
            )


def _sort_of(kind: Any) -> str:
    from pyarrow import types

    if is_text(kind):
        return "text"
    if types.is_timestamp(kind) or types.is_date(kind):
        return "a date"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind):
        return "a number"
    if types.is_nested(kind):
        return "nested"
    return "a time" if types.is_time(kind) or types.is_duration(kind) else "of another type"


def _is_exact(kind: Any, name: str, files: Sequence[ParquetFile]) -> bool:
    """Return whether a column has whole numbers that floats represent exactly."""
    from pyarrow import types

    if not types.is_integer(kind):
        return False
    return bool(kind.bit_width < 64) or all(
        _statistic(file, name, _is_within) for file in files if types.is_integer(file.kind(name))
    )


def _is_within(found: Any) -> bool:
    return bool(found.has_min_max and found.min >= -EXACT and found.max <= EXACT)


def _has_no_gap(found: Any) -> bool:
    return bool(found.null_count == 0)


def _statistic(file: ParquetFile, name: str, holds: Callable[[Any], bool]) -> bool:
    """Return whether something holds of a column's statistics in each row group of a file."""
    place = file.names.index(name)
    for k in range(file.footer.num_row_groups):
        group = file.footer.row_group(k)
        found = group.column(place).statistics if group.num_columns > place else None
        if group.num_rows and (found is None or not holds(found)):
            return False
    return True


def _odd_form(name: str, files: Sequence[ParquetFile], missing: Sequence[str], notation: str) -> Form:
    """Return the form of a column of a rare type, which is read as a whole."""
    values, reading = read_column(name, _whole_column(name, files), missing, notation)
    kind = {"f": NUMBER, "b": TRUTH}.get(values.dtype.kind, ODD)
    kinds = {file.kind(name) for file in files}
    if kind == NUMBER and not all(map(_is_plain_number, kinds)):
        kind = ODD
    if values.dtype.kind == "O" and all(str(each) in ("bool", "null") for each in kinds):
        kind = LABELS
    return Form(kind, reading, values.dtype.kind)


def _is_plain_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind) or types.is_null(kind))


def _whole_column(name: str, files: Sequence[ParquetFile]) -> Array:
    with connection() as duck:
        tables = [fetched(duck, f"SELECT {identifier(name)} FROM read_parquet(?)", [], file) for file in files]
    return stacked(tables, shown(files[0].path)).columns[0]


def by_duckdb(
    file: ParquetFile, group: int, names: Sequence[str], forms: dict[str, Form], missing: Sequence[str]
) -> Iterator[tuple[str, Array]]:
    """Yield columns of rare types in a row group."""
    first = sum(file.group_sizes[:group])
    last = first + file.group_sizes[group] - 1
    listed = ", ".join(map(identifier, names))
    query = f"SELECT {listed} FROM read_parquet(?, file_row_number = true) WHERE file_row_number BETWEEN ? AND ?"
    with connection() as duck:
        raw = fetched(duck, query, [first, last], file)
    for name, values in zip(raw.names, raw.columns, strict=True):
        yield name, _in_form(name, values, forms[name], missing)


def fetched(duck: Any, sql: str, parameters: Sequence[Any], file: ParquetFile) -> RawTable:
    """Return the result of a query over a file, whose path is its first parameter."""
    import duckdb

    try:
        found = fetch(duck, sql, [str(file.path), *parameters], shown(file.path))
    except duckdb.Error as error:
        raise SourceError(
            f"{shown(file.path)} cannot be read as Parquet; DuckDB says: {first_line(error)}. Try writing it again."
        ) from None
    return RawTable.checked(*found, shown(file.path))


def _in_form(name: str, values: Array, form: Form, missing: Sequence[str]) -> Array:
    column = read_column(name, values, missing, "text" if form.reading.notation == "text" else "")[0]
    if form.dtype == "f" and column.dtype.kind == "O":  # repeated ids in this group, but not in the whole column
        return np.asarray([np.nan if value is None else float(value) for value in column.tolist()])
    if form.dtype == "M" and column.dtype.kind == "f":  # no date in this group
        return np.full(len(column), np.datetime64("NaT", "us"))
    if form.dtype == "O" and column.dtype.kind == "f":  # no value in this group
        return np.full(len(column), None, object)
    return column.astype(object) if form.dtype == "O" else column
