"""Writes tables of predictions as CSV, Parquet or JSON, by the file's suffix."""

import csv
import errno
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.duckdb_sandbox import connection, execute, quoted
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import plain
from glassnet.errors import ParameterError, first_line
from glassnet.typing import Array

ENDINGS = (".csv", ".parquet", ".json")

_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def check_ending(path: Path) -> str:
    """Return the file suffix in lower case.

    >>> check_ending(Path("out.CSV"))
    '.csv'
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(f"{path} ends in {ending or 'nothing'!r}; tables are written as {', '.join(ENDINGS)}.")
    return ending


def records(names: Sequence[str], columns: Sequence[Array]) -> list[dict[str, Any]]:
    """Return one dictionary per row for strict JSON: missing values are None, dates ISO text.

    >>> records(["mass"], [np.asarray([3750.0, np.nan])])
    [{'mass': 3750.0}, {'mass': None}]
    """
    cells = [_cells(column) for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def write_csv(file: Any, names: Sequence[str], columns: Sequence[Array], spreadsheet_safe: bool = False) -> None:
    """Write a header and one line per row; missing values are empty, whole numbers have no decimal point.

    Parameters
    ----------
    file : text file
    names : sequence of str
    columns : sequence of arrays
    spreadsheet_safe : bool
        Whether to quote all text, and put an apostrophe before text that a spreadsheet would run as a formula.
    """
    write_head(file, names, spreadsheet_safe)
    write_lines(file, columns, spreadsheet_safe)


def write_head(file: Any, names: Sequence[str], spreadsheet_safe: bool = False) -> None:
    """Write the first line of a CSV file, the names."""
    _writer(file, spreadsheet_safe).writerow([harmless(name) for name in names] if spreadsheet_safe else list(names))


def write_lines(file: Any, columns: Sequence[Array], spreadsheet_safe: bool = False) -> None:
    """Write one line of a CSV file for each row."""
    cells = [["" if value is None else _as_written(value) for value in _cells(column)] for column in columns]
    if spreadsheet_safe:
        cells = [[harmless(value) if isinstance(value, str) else value for value in column] for column in cells]
    _writer(file, spreadsheet_safe).writerows(zip(*cells, strict=True))


def _writer(file: Any, spreadsheet_safe: bool) -> Any:
    # Quotes prevent spreadsheets with other delimiters from splitting a text into cells.
    return csv.writer(
        file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if spreadsheet_safe else csv.QUOTE_MINIMAL
    )


def harmless(text: str) -> str:
    """Return a text that spreadsheets do not run as a formula; numbers are unchanged.

    >>> harmless("=1+1"), harmless("-1.5"), harmless("Adelie")
    ("'=1+1", '-1.5', 'Adelie')
    """
    is_formula = text.lstrip()[:1] in _STARTS_A_FORMULA or text[:1] in "\t\r\n"
    return f"'{text}" if text and is_formula and not _NUMBER.fullmatch(text) else text


def write_table(
    path: Path, ending: str, names: Sequence[str], columns: Sequence[Array], spreadsheet_safe: bool = False
) -> None:
    """Write a table to `path` in the format of `ending`."""
    if ending == ".parquet":
        _write_parquet(path, names, columns)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if ending == ".csv":
            write_csv(file, names, columns, spreadsheet_safe)
        else:
            json.dump(records(names, columns), file, ensure_ascii=False, allow_nan=False, indent=1)


def _write_parquet(path: Path, names: Sequence[str], columns: Sequence[Array]) -> None:
    import duckdb

    try:
        with connection() as duck:
            duck.register("columns", {f"c{k}": for_parquet(column) for k, column in enumerate(columns)})
            selected = ", ".join(f'"c{k}" AS {identifier(name)}' for k, name in enumerate(names))
            execute(duck, f"COPY (SELECT {selected} FROM columns) TO {quoted(str(path))} (FORMAT parquet)")
    except duckdb.Error as error:
        raise of_the_system(error, path) from None


def identifier(name: str) -> str:
    """Return a column's name as a quoted SQL identifier.

    >>> identifier("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'


def of_the_system(error: Exception, path: Path) -> OSError:
    """Return DuckDB's error as an OSError, for example for a full disk, since DuckDB's errors have no errno."""
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EIO):
        if os.strerror(code).lower() in str(error).lower():
            return OSError(code, os.strerror(code), str(path))
    return OSError(f"the Parquet file cannot be written; DuckDB says: {first_line(error)}. Try a .csv file.")


def for_parquet(column: Array) -> Array:
    """Return a column as DuckDB takes it, with gaps for numbers that are not finite."""
    if column.dtype.kind == "f":
        return np.ma.masked_invalid(column)
    return column


def _cells(column: Array) -> list[Any]:
    """Return plain values, None for missing ones."""
    gaps = is_missing(column) if column.dtype.kind in "fMO" else np.zeros(len(column), dtype=bool)
    values = np.datetime_as_string(column).tolist() if column.dtype.kind == "M" else column.tolist()
    return [None if gap else plain(value) for value, gap in zip(values, gaps.tolist(), strict=True)]


def _as_written(value: Any) -> Any:
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if is_whole else value
