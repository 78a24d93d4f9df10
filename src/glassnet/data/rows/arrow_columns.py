"""Columns of Arrow data as columns of a `Table`: the types and readings of the whole source, group by group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.moments import to_microseconds
from glassnet.data.notation.column_reading import ISO, PLAIN, TEXT, ColumnReading, meanings, objects
from glassnet.data.type_inference import refuse_surrogates
from glassnet.errors import DataError, SourceError, first_line
from glassnet.typing import Array

MOST_WORDS = 1 << 16
"""About as many distinct words of a column are kept to find its notation."""

NUMBER, TRUTH, DATE, WORDS, LABELS = "number", "truth", "date", "words", "labels"


@dataclass(frozen=True)
class Form:
    """How a column of the whole source is read, so that each of its groups is read alike.

    Attributes
    ----------
    kind : str
        "number" (float64), "truth" (bool), "date", "words" (text, parsed by the reading's notation) or "labels"
        (objects: text, or True, False and None).
    reading : ColumnReading
        Of the whole column.
    dtype : str
        Type of the column of a `Table`: "f", "b", "M" or "O".
    """

    kind: str
    reading: ColumnReading
    dtype: str


NUMBERS = Form(NUMBER, ColumnReading(PLAIN), "f")
DATES = Form(DATE, ColumnReading(ISO), "M")


def form_of_words(words: set[str], n_values: int, n_rows: int, notation: str) -> Form:
    """Return the form of a text column with these distinct words.

    >>> form_of_words({"1,5", "2"}, 2, 2, "").reading.notation
    '1.234,56'
    """
    if notation == TEXT:
        return Form(WORDS, ColumnReading(TEXT), "O")
    if not words:
        return Form(WORDS, ColumnReading(), "f")
    table, reading = meanings(words, notation, n_values)
    kind = type(next(iter(table.values())))
    truth = "b" if n_values == n_rows else "O"
    return Form(WORDS, reading, {float: "f", bool: truth, np.datetime64: "M"}.get(kind, "O"))


def words_of(name: str, column: Any, markers: set[str]) -> tuple[list[str | None], Array]:
    """Return the distinct words of an Arrow column of text, stripped, None for missing ones, and each row's place."""
    import pyarrow

    try:
        encoded = column.dictionary_encode() if not _is_dictionary(column.type) else column
        encoded = encoded.unify_dictionaries().combine_chunks()
    except pyarrow.ArrowException as error:
        raise SourceError(
            f"the text of column {name!r} cannot be read: {first_line(error)}. Try smaller row groups."
        ) from None
    chunks = encoded.chunks if hasattr(encoded, "chunks") else [encoded]
    if not chunks:
        return [None], np.empty(0, np.int64)
    try:
        found = [None if word is None else word.strip() for word in chunks[0].dictionary.to_pylist()]
    except UnicodeDecodeError:
        raise SourceError(
            f"column {name!r} has a text that is not UTF-8, which text in Parquet and Arrow must be; try writing it "
            f"again."
        ) from None
    words = [None if word is None or word in markers else word for word in found]
    codes = [chunk.indices.fill_null(len(words)).to_numpy(zero_copy_only=False) for chunk in chunks]
    return [*words, None], np.concatenate(codes).astype(np.int64, copy=False)


def column_from(name: str, column: Any, form: Form, markers: set[str]) -> Array:
    """Return an Arrow column as a column of a `Table`; numbers keep their precision, for `Columns`."""
    import pyarrow

    if pyarrow.types.is_null(column.type):
        return _gaps(len(column), form.dtype)
    if form.kind == NUMBER:
        return _numbers(column)
    if form.kind == DATE:
        return to_microseconds(column.to_numpy())
    if form.kind == TRUTH and column.null_count:
        raise SourceError(
            f"column {name!r} has a missing value, but the footer of its file says that it has none; try writing the "
            f"file again."
        )
    if form.kind == TRUTH:
        return np.asarray(column.to_numpy(), bool)
    if form.kind == LABELS:
        return objects(column.to_pylist())
    words, codes = words_of(name, column, markers)
    return _values_of(name, words, form)[codes]


def _gaps(n: int, dtype: str) -> Array:
    """Return a column without values."""
    if dtype == "M":
        return np.full(n, np.datetime64("NaT", "us"))
    return np.full(n, None, object) if dtype == "O" else np.full(n, np.nan)


def _numbers(column: Any) -> Array:
    if column.num_chunks == 1 and column.null_count == 0 and not _is_boolean(column.type):
        return np.asarray(column.chunk(0).to_numpy())  # without a copy
    values: Array = column.to_numpy()  # NaN where a number is missing
    if values.dtype.kind == "O":  # Boolean with missing values, beside numbers in other files; or nothing at all
        return np.asarray([np.nan if value is None else float(value) for value in values.tolist()])
    return values.astype(np.float64) if values.dtype.kind == "b" else values


def _values_of(name: str, words: Sequence[str | None], form: Form) -> Array:
    """Return the meaning of each word in the notation of the whole column."""
    known = {word for word in words if word is not None}
    refuse_surrogates(f"column {name!r}: the text", known)
    if not known or form.reading.notation == TEXT:
        table: dict[str, Any] = {word: word for word in known}
    else:
        table, reading = meanings(known, form.reading.notation)
        if reading.notation != form.reading.notation:
            raise DataError(
                f"column {name!r} has a text that is not in the notation {form.reading.notation} of the other rows; "
                f"the file has changed since it was opened. Try again."
            )
    if form.dtype == "f":
        return np.asarray([np.nan if word is None else table[word] for word in words], np.float64)
    if form.dtype == "M":
        gap = np.datetime64("NaT", "us")
        return np.asarray([gap if word is None else table[word] for word in words], "datetime64[us]")
    if form.dtype == "b":  # no row has the place of a missing word
        return np.asarray([word is not None and table[word] for word in words], bool)
    return objects([None if word is None else table[word] for word in words])


def joined_words(name: str, columns: Iterable[Any], markers: set[str]) -> tuple[set[str], int, int]:
    """Return the distinct words of the groups of a text column, and the numbers of values and rows.

    Of a column with ever new words, these are some of them that are read in the same notation.
    """
    found: set[str] = set()
    n_values = n_rows = 0
    for column in columns:
        words, codes = words_of(name, column, markers)
        has_word = np.asarray([word is not None for word in words], bool)
        n_values += int(has_word[codes].sum())
        found |= {word for word in words if word is not None}
        if len(found) > 2 * MOST_WORDS:
            found = _telling(found)
        n_rows += len(codes)
    return found, n_values, n_rows


def _telling(words: set[str]) -> set[str]:
    """Return some of the words, with which the column has the same reading."""
    listed, n = sorted(words), MOST_WORDS
    reading = meanings(words)[1]
    while n < len(listed):
        places = np.linspace(0, len(listed) - 1, n).astype(np.int64)
        some = {listed[k] for k in places.tolist()}
        if meanings(some)[1] == reading:
            return some
        n *= 2
    return words


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is text, or codes of text.

    >>> import pyarrow
    >>> is_text(pyarrow.dictionary(pyarrow.int8(), pyarrow.string())), is_text(pyarrow.binary())
    (True, False)
    """
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(inner) or types.is_large_string(inner))


def _is_boolean(kind: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_boolean(kind))


def _is_dictionary(kind: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_dictionary(kind))
