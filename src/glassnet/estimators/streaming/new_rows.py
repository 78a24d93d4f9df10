"""`NewRows`: the rows of a file for a fitted model, which need not fit into the memory."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.data.columns.column import Column
from glassnet.data.columns.schema_validation import refuse_misfits
from glassnet.data.reading.finding import files_of, local_path, shown
from glassnet.data.reading.kinds import PARQUET, kind_of
from glassnet.data.reading.sources import LARGE, read
from glassnet.data.reading.sql.query import is_query
from glassnet.data.rows.in_memory import TableSource
from glassnet.data.rows.parquet import ParquetSource
from glassnet.data.rows.row_source import RowSource, all_pieces
from glassnet.errors import ModelFileError

DataSource = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows, the notices about their reading, and their origin."""

    rows: RowSource
    notices: tuple[str, ...]
    description: str


def open_rows(model: Any, source: DataSource) -> NewRows:
    """Return the rows of a source, read with the model's missing markers and notations.

    Large Parquet files are read by row groups. Other files are read once; of large text files the columns are kept in
    a temporary file.
    """
    schema = model.schema_
    if schema is None:
        raise ModelFileError("this model was trained on a sparse matrix, which has no column names to match a file.")
    files, notices = _large_parquet(source)
    if files:
        groups = ParquetSource.open(files, missing=schema.missing_markers, notations=schema.notations)
        refuse_misfits_of(groups, schema.columns)
        return NewRows(groups, notices, ", ".join(shown(entry) for entry in _entries(source)))
    found = read(source, missing=schema.missing_markers, notations=schema.notations)
    rows = TableSource(found.table)
    refuse_misfits_of(rows, schema.columns)
    return NewRows(rows, found.notices, found.description)


def refuse_misfits_of(rows: RowSource, columns: Sequence[Column]) -> None:
    """Raise a ColumnError if rows of several groups have a value that does not fit a column of the model."""
    for column in columns if len(rows.group_sizes) > 1 else ():
        if column.name in rows.names:
            parts = all_pieces(rows.select([column.name]))
            refuse_misfits(((part[column.name], part.rows) for part in parts), column)


def _entries(source: DataSource) -> list[str]:
    given = [source] if isinstance(source, str | os.PathLike) else list(source)
    return [os.fspath(entry) for entry in given]


def _large_parquet(source: DataSource) -> tuple[list[str | os.PathLike[str]], tuple[str, ...]]:
    """Return the files if all are Parquet and large, and pyarrow is there; and the notices about others."""
    if isinstance(source, str) and is_query(source):
        return [], ()
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return [], ()
    found = [files_of(entry) for entry in _entries(source)]
    paths = [local_path(file) for files, _ in found for file in files]
    known = [path for path in paths if path is not None and path.is_file() and _is_parquet(path)]
    if len(known) < len(paths) or sum(path.stat().st_size for path in known) <= LARGE:
        return [], ()
    return list(known), tuple(dict.fromkeys(notice for _, notices in found for notice in notices))


def _is_parquet(path: Path) -> bool:
    return os.access(path, os.R_OK) and path.stat().st_size > 0 and kind_of(path, path.name) == PARQUET
