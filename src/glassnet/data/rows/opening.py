"""Opens what a user calls data, files, a query, an Arrow dataset, as a `RowSource`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glassnet.data.reading import kinds
from glassnet.data.reading.finding import STDIN, files_of
from glassnet.data.reading.sql.query import is_query
from glassnet.data.reading.tabular import table_from
from glassnet.data.rows.in_memory import TableSource
from glassnet.data.rows.parquet import ParquetSource
from glassnet.data.rows.parquet_file import ParquetFile
from glassnet.data.rows.row_source import RowSource
from glassnet.data.rows.spooled import GROWTH, spooled_arrow, spooled_files
from glassnet.data.table import Table
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import GlassnetError

BYTES_PER_NUMBER = 8


def is_files(X: Any) -> bool:
    """Whether X names files or is a query, and not a table.

    >>> is_files("data/*.parquet"), is_files(["a.csv", "b.csv"]), is_files([[1, 2]])
    (True, True, False)
    """
    if isinstance(X, str | os.PathLike):
        return True
    return isinstance(X, list | tuple) and len(X) > 0 and all(isinstance(each, str | os.PathLike) for each in X)


def is_dataset(X: Any) -> bool:
    """Whether X is an Arrow dataset, scanner or reader of record batches, whose rows are elsewhere."""
    kind = type(X)
    has_schema = hasattr(kind, "schema") or hasattr(kind, "projected_schema")  # the latter has a scanner
    return kind.__module__.startswith("pyarrow") and has_schema and not hasattr(kind, "column_names")


def are_large(data: Sequence[str | os.PathLike[str]], left: int) -> bool:
    """Whether files may not fit into the memory that is left, judged by their sizes; Parquet also by its footers."""
    named = [Path(file) for entry in data for file in files_of(os.fspath(entry))[0] if file != STDIN]
    files = [file for file in named if file.is_file()]
    if GROWTH * sum(file.stat().st_size for file in files) > left:
        return True
    return sum(map(_n_cells, files)) * BYTES_PER_NUMBER > left


def _n_cells(file: Path) -> int:
    """Return the number of cells of a Parquet file, which may be many times its bytes; 0 of other files."""
    try:
        if kinds.kind_of(file, file.name) != kinds.PARQUET:
            return 0
        opened = ParquetFile.open(file)
    except (GlassnetError, OSError):  # what is wrong with it is said by who reads it
        return 0
    return sum(opened.group_sizes) * len(opened.names)


@contextmanager
def opened_rows(X: Any, left: int, missing: Sequence[str] = MISSING_MARKERS) -> Iterator[RowSource]:
    """Open data as a source of rows; temporary files are removed at the end.

    Parameters
    ----------
    X : path, pattern, query, list of paths, Arrow dataset or reader of record batches, RowSource, or table
    left : int
        Bytes of memory that may be taken. Files that are not Parquet are converted to it by parts.
    missing : sequence of str
        Texts that mean "no value".
    """
    if hasattr(X, "group_sizes") and hasattr(X, "pieces"):
        yield X
    elif is_files(X):
        entries = [X] if isinstance(X, str | os.PathLike) else list(X)
        if are_parquet(entries):
            yield ParquetSource.open(entries, missing=missing)
        else:
            with spooled_files(entries, left, missing) as source:
                yield source
    elif is_dataset(X):
        files = getattr(X, "files", None) if _is_of_parquet(X) else None
        if files:
            yield ParquetSource.open(files, missing=missing).select(X.schema.names)
        else:
            with spooled_arrow(X, missing) as source:
                yield source
    else:
        yield TableSource(X if isinstance(X, Table) else table_from(X, missing=missing))


def are_parquet(entries: Sequence[str | os.PathLike[str]]) -> bool:
    """Whether all files of these entries are Parquet, uncompressed from outside."""
    for given in entries:
        entry = os.fspath(given)
        if entry == STDIN or is_query(entry):
            return False
        for file in files_of(entry)[0]:
            path = Path(file)
            if not path.is_file() or kinds.kind_of(path, path.name) != kinds.PARQUET:
                return False
    return True


def _is_of_parquet(dataset: Any) -> bool:
    form = getattr(dataset, "format", None)
    return getattr(form, "default_extname", "") == "parquet" and hasattr(dataset, "files")
