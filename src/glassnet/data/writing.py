"""Writing a table of predictions: CSV, Parquet or JSON, by the ending of the file's name."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.duck import connection, execute
from glassnet.data.promotion import is_missing
from glassnet.data.typed_values import plain
from glassnet.errors import ParameterError
from glassnet.typing import Array

ENDINGS = (".csv", ".parquet", ".json")


def check_ending(path: Path) -> str:
    """Return the ending that says how to write, in lower case.

    >>> check_ending(Path("out.CSV"))
    '.csv'
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(f"{path} ends in {ending or 'nothing'!r}; tables are written as {', '.join(ENDINGS)}.")
    return ending


def records(names: Sequence[str], columns: Sequence[Array]) -> list[dict[str, Any]]:
    """Return one dictionary per row, ready for strict JSON: missing values are None, dates ISO text.

    >>> records(["mass"], [np.asarray([3750.0, np.nan])])
    [{'mass': 3750.0}, {'mass': None}]
    """
    cells = [_cells(column) for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def write_csv(file: Any, names: Sequence[str], columns: Sequence[Array]) -> None:
    """Write a header and one line per row; a missing value is an empty cell, a whole number has no point."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    cells = [["" if value is None else _as_written(value) for value in _cells(column)] for column in columns]
    writer.writerows(zip(*cells, strict=True))


def write_table(path: Path, ending: str, names: Sequence[str], columns: Sequence[Array]) -> None:
    """Write a table to `path` in the form that `ending` asks for."""
    if ending == ".parquet":
        _write_parquet(path, names, columns)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if ending == ".csv":
            write_csv(file, names, columns)
        else:
            json.dump(records(names, columns), file, ensure_ascii=False, allow_nan=False, indent=1)


def _write_parquet(path: Path, names: Sequence[str], columns: Sequence[Array]) -> None:
    with connection() as duck:
        duck.register("columns", {f"c{k}": _for_parquet(column) for k, column in enumerate(columns)})
        selected = ", ".join(f'"c{k}" AS "{name.replace(chr(34), chr(34) * 2)}"' for k, name in enumerate(names))
        target = str(path).replace("'", "''")
        execute(duck, f"COPY (SELECT {selected} FROM columns) TO '{target}' (FORMAT parquet)")


def _for_parquet(column: Array) -> Array:
    if column.dtype.kind == "f":
        return np.ma.masked_invalid(column)
    return column


def _cells(column: Array) -> list[Any]:
    """Return plain values, None where one is missing."""
    gaps = is_missing(column) if column.dtype.kind in "fMO" else np.zeros(len(column), dtype=bool)
    values = np.datetime_as_string(column).tolist() if column.dtype.kind == "M" else column.tolist()
    return [None if gap else plain(value) for value, gap in zip(values, gaps.tolist(), strict=True)]


def _as_written(value: Any) -> Any:
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if is_whole else value
