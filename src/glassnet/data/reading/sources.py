"""Reads a source: a file, a pattern, several files, or a SQL query over files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.bounds import Bounds
from glassnet.data.reading.finding import files_of, local_path, shown
from glassnet.data.reading.in_parts import table_in_parts
from glassnet.data.reading.raw_table import stacked
from glassnet.data.reading.readers import Plain, Reading
from glassnet.data.reading.sql.query import files_named_in, is_query, read_query
from glassnet.data.table import Notations, Table
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import SourceError

__all__ = ["LARGE", "MISSING_MARKERS", "Source", "read"]

LARGE = 1 << 25
"""Text files of more bytes than these in all are read in parts, and their columns are kept in a temporary file."""


@dataclass(frozen=True, eq=False)
class Source:
    """A table, the notices about its reading, and its origin."""

    table: Table
    notices: tuple[str, ...]
    description: str


def read(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    missing: Sequence[str] = MISSING_MARKERS,
    notations: Notations | None = None,
    bounds: Bounds | None = None,
    title: str | None = None,
) -> Source:
    """Read the table of a source.

    Parameters
    ----------
    source : str, path or sequence of them
        A file, a pattern such as ``"data/*.csv"``, a folder, ``"-"`` for stdin, several of these, or a SQL query over
        files: ``"SELECT * FROM 'data/*.csv' WHERE age > 18 ORDER BY id"``. A file may be CSV (any
        delimiter), Parquet, JSON, Arrow, Feather, an Excel workbook (its first sheet) or a zip archive of tables, and
        may be compressed with gzip, bzip2, xz or zstd. A text that begins with an SQL word counts as a query unless a
        file of that name exists. Paths are relative to the working directory.
    missing : sequence of str
        Texts that mean "no value".
    notations : callable, optional
        `Schema.notations` of a model, to read text as in training.
    bounds : Bounds, optional
        The largest table that is read, for a file of unknown origin. It cannot be a workbook or an Arrow file, which
        would have to be read to find out.
    title : str, optional
        The name of a single file in messages, if its path means nothing to the reader.

    Returns
    -------
    Source
        The rows of the files in order; the files of a pattern, a folder or an archive are in alphabetical order.

    Notes
    -----
    Queries are read-only: a query is a single SELECT over files with allow-listed functions, and DuckDB can open only
    the files that it names. Its CSV files are read with the same missing markers. DuckDB infers their types before the
    query runs and reads yes/no and t/f as True/False, whereas files read by name keep such text.
    ``read_csv('file.csv', all_varchar = true)`` inside the query keeps text, too.

    Examples
    --------
    >>> read("SELECT 40 AS age, 'yes' AS smoker UNION ALL SELECT 50, NULL ORDER BY age").table["age"].tolist()
    [40.0, 50.0]
    """
    if isinstance(source, str) and is_query(source):
        raw, notices = read_query(source, missing)
        return Source(raw.promoted(missing, notations), notices, " ".join(source.split()))
    given = _entries(source)
    description = title or ", ".join("stdin" if entry == "-" else shown(entry) for entry in given)
    with Reading(bounds, title) as reading:
        plains = [plain for entry in given for plain in reading.plain(entry)]
        files = reading.text_files(plains) if bounds is None and _n_bytes(plains) > LARGE else None
        if files is None:
            raw = stacked([reading.table(plain) for plain in plains], description)
            table = raw.promoted(missing, notations)
        else:
            table = table_in_parts(files, reading.duck, description, missing, notations)
        notices = tuple(dict.fromkeys(reading.notices))
    return Source(table, notices, description)


def files_read_by(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Return the local files that reading a source would open, including the files of a query.

    >>> files_read_by("SELECT 1 AS a")
    []
    """
    if isinstance(source, str) and is_query(source):
        return files_named_in(source)
    paths = [local_path(file) for entry in _entries(source) for file in files_of(entry)[0]]
    return [path for path in paths if path is not None]


def _n_bytes(plains: Sequence[Plain]) -> int:
    return sum(plain.path.stat().st_size for plain in plains)


def _entries(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[str]:
    given = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not given:
        raise SourceError("the list of files is empty; pass at least one file.")
    return [os.fspath(entry) for entry in given]
