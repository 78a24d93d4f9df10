"""Reading a source: a file, a pattern, several files, or one SQL query over them."""

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.duck import connection, fetch, first_line
from glassnet.data.names import nearest
from glassnet.data.promotion import MISSING_MARKERS
from glassnet.data.queries import is_query, read_query
from glassnet.data.raw import RawTable, stacked
from glassnet.data.table import Notations, Table
from glassnet.data.textfiles import read_text_file
from glassnet.errors import SourceError

__all__ = ["MISSING_MARKERS", "Source", "read"]


@dataclass(frozen=True, eq=False)
class Source:
    """A table that was read, what the user should know about the reading, and where it came from."""

    table: Table
    notices: tuple[str, ...]
    description: str


def read(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    missing: Sequence[str] = MISSING_MARKERS,
    notations: Notations | None = None,
) -> Source:
    """Return the table that a source holds.

    Parameters
    ----------
    source : str, path or sequence of them
        A CSV (any delimiter, also gzipped), Parquet or JSON file, a pattern such as ``"data/*.csv"``, several of these,
        or a SQL query over files: ``"SELECT * FROM 'data/*.csv' WHERE age > 18 ORDER BY id"``. A text that begins
        with an
        SQL word counts as a query unless a file of that name exists. Paths are relative to the working directory.
    missing : sequence of str
        Texts that mean "no value".
    notations : callable, optional
        `Schema.notations` of a model, so that text is read as in training.

    Returns
    -------
    Source
        Rows in the files' order; several files one below the other, a pattern's in alphabetical order.

    Notes
    -----
    In a query DuckDB decides the types of a CSV first: it reads yes/no and t/f as True/False there, where a file
    read by its name keeps text. ``read_csv('file.csv', all_varchar = true)`` inside the query leaves the words alone.

    Examples
    --------
    >>> read("SELECT 40 AS age, 'yes' AS smoker UNION ALL SELECT 50, NULL ORDER BY age").table["age"].tolist()
    [40.0, 50.0]
    """
    if isinstance(source, str) and is_query(source):
        raw, notices = read_query(source)
        return Source(raw.promoted(missing, notations), notices, " ".join(source.split()))
    given = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not given:
        raise SourceError("the list of files is empty; name at least one file.")
    description = ", ".join(os.fspath(path) for path in given)
    paths = [path for entry in given for path in _paths(os.fspath(entry))]
    parts = [_read_file(path) for path in paths]
    raw = stacked([table for table, _ in parts], description)
    return Source(raw.promoted(missing, notations), tuple(n for _, notices in parts for n in notices), description)


def _paths(entry: str) -> list[Path]:
    path = Path(entry)
    if not path.exists() and glob.has_magic(entry):
        matches = sorted(Path(match) for match in glob.glob(entry, recursive=True))
        files = [match for match in matches if match.is_file()]
        if not files:
            raise SourceError(f"no file matches {entry!r}; the pattern is read from {Path.cwd()}. Try it with ls.")
        return files
    return [path]


def _read_file(path: Path) -> tuple[RawTable, tuple[str, ...]]:
    _refuse_unreadable(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except PermissionError:
        raise SourceError(f"{path} may not be read by you: permission denied. Try chmod u+r {path}.") from None
    if start == b"PAR1" or path.suffix.lower() in (".parquet", ".pq"):
        return _read_structured(path, "read_parquet"), ()
    if any(suffix.lower() in (".json", ".ndjson", ".jsonl") for suffix in path.suffixes[-2:]):
        return _read_structured(path, "read_json"), ()
    return read_text_file(path)


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a directory, but a file was expected; try the pattern '{path}/*.csv'.")
    if path.exists():
        return
    folder = path.parent
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    close = nearest(path.name, names)
    hint = (
        f"did you mean {' or '.join(str(folder / name) for name in close)}?"
        if close
        else f"paths are relative to {Path.cwd()}."
    )
    raise SourceError(f"there is no file {path}; {hint}")


def _read_structured(path: Path, reader: str) -> RawTable:
    import duckdb

    literal = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
    kind = "Parquet" if reader == "read_parquet" else "JSON"
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty; a {kind} table was expected. Check the path.")
    try:
        with connection() as duck:
            names, types, columns = fetch(duck, f"SELECT * FROM {reader}(?)", [literal])
    except duckdb.Error as error:
        raise SourceError(
            f"{path} cannot be read as {kind}; DuckDB says: {first_line(error)}. Try writing the file again."
        ) from None
    if kind == "JSON" and names == ["json"]:
        raise SourceError(
            f'{path} is JSON but not a table; a list of records was expected, such as [{{"age": 41}}, {{"age": 50}}].'
        )
    return RawTable.checked(names, types, columns, str(path))
