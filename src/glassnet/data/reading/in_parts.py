"""Reads large text files in parts into a table whose columns are in a temporary file."""

import errno
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import TEXT, ColumnReading
from glassnet.data.reading.raw_table import RawTable, refuse_no_rows
from glassnet.data.reading.readers import clear_errors
from glassnet.data.reading.text_files import TextFile
from glassnet.data.spill.column_in_parts import ColumnInParts
from glassnet.data.spill.columns_file import ColumnsFile
from glassnet.data.spill.heap import give_large_arrays_back
from glassnet.data.table import Columns, Notations, Table
from glassnet.data.type_inference import read_column
from glassnet.errors import SourceError
from glassnet.typing import Array


def table_in_parts(
    files: Sequence[TextFile], duck: Any, where: str, missing: Sequence[str], notations: Notations | None
) -> Table:
    """Return the rows of text files, one after the other, as the table that would be read from them as a whole.

    The memory holds one part at a time. Columns whose many different texts leave their notation open, such as amounts
    in a currency, are read once more, each as a whole.
    """
    give_large_arrays_back()
    names = _names_of(files, duck)
    known = [""] * len(names) if notations is None else list(notations(names))
    with _room_for(where):
        store = ColumnsFile()
        columns = [ColumnInParts(name, store, missing, how) for name, how in zip(names, known, strict=True)]
        n_rows = sum(_add(columns, part) for part in _parts(files, duck, names))
        refuse_no_rows(n_rows, where)
        again = [ColumnInParts(c.name, store, missing, TEXT) if c.again == "text" else c for c in columns]
        texts = [column for column, before in zip(again, columns, strict=True) if column is not before]
        if texts:
            for part in _parts(files, duck, [column.name for column in texts]):
                _add(texts, part)
    made = [
        _as_whole(files, duck, column.name, missing, how) if column.again else column.finished()
        for column, how in zip(again, known, strict=True)
    ]
    return Table(tuple(names), Columns([values for values, _ in made]), readings=tuple(how for _, how in made))


def _names_of(files: Sequence[TextFile], duck: Any) -> tuple[str, ...]:
    """Return the names of the columns, which all files have."""
    headers = [RawTable(clear_errors(file.name, partial(file.header, duck)), (), file.name) for file in files]
    for header in headers[1:]:
        headers[0].refuse_difference(header)
    return headers[0].names


def _parts(files: Sequence[TextFile], duck: Any, names: Sequence[str]) -> Iterator[list[Sequence[str]]]:
    """Yield the columns of these names, some rows at a time."""
    for file in files:
        header = file.header(duck)
        places = [header.index(name) for name in names]
        for part in file.parts(duck):
            yield [part[k] for k in places]


def _add(columns: Sequence[ColumnInParts], part: Sequence[Sequence[str]]) -> int:
    """Read some more rows of each column, and return their number."""
    for column, texts in zip(columns, part, strict=True):
        column.add(texts)
    return len(part[0])


def _as_whole(
    files: Sequence[TextFile], duck: Any, name: str, missing: Sequence[str], notation: str
) -> tuple[Array, ColumnReading]:
    texts = [text for (part,) in _parts(files, duck, [name]) for text in part]
    return read_column(name, np.asarray(texts, object), missing, notation)


@contextmanager
def _room_for(where: str) -> Iterator[None]:
    """Convert a full disk to an error about the temporary folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise SourceError(
            f"{where} is kept in the temporary folder {tempfile.gettempdir()} while it is in use, and that is full; "
            "free some of it, or set TMPDIR to a folder with more room."
        ) from None
