"""Reads a column of text part by part, with the result that `read_column` has for the whole column."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import (
    ISO,
    PLAIN,
    TEXT,
    TIME,
    ColumnReading,
    is_long_whole,
    meanings,
    objects,
    plain_numbers,
)
from glassnet.data.notation.dates import is_date_notation
from glassnet.data.spill.columns_file import (
    ColumnsFile,
    Pieces,
    StoredColumn,
    StoredLevels,
    StoredNumbers,
    StoredTexts,
)
from glassnet.data.type_inference import column_of_words
from glassnet.typing import Array

MOST_LEVELS = 1 << 16
"""Columns with at most so many distinct texts are stored as codes, of 16 bits."""

SETTLED = (PLAIN, ISO, TIME)
"""Notations that no further text can turn into another one, unless it fits none of them."""


class ColumnInParts:
    """A column of text in a file, which need not fit into the memory.

    While there are few distinct texts, all of them are known, and only codes are stored. Once there are many, they
    settle the notation in most columns: then values are stored. Where a later part disproves that, `again` says how
    the column must be read instead.

    Attributes
    ----------
    again : str
        "" if the column was read; "text" if it is text, to be read once more in that notation; "whole" if all of its
        texts are needed at once.

    Examples
    --------
    >>> column = ColumnInParts("mass", ColumnsFile(), missing=["NA"])
    >>> column.add(["3750", " NA"])
    >>> column.add(["3800"])
    >>> values, reading = column.finished()
    >>> values.values.tolist(), reading.notation
    ([3750.0, nan, 3800.0], '1234.56')
    """

    def __init__(self, name: str, file: ColumnsFile, missing: Sequence[str], notation: str = "") -> None:
        self.name, self.again = name, ""
        self._file, self._markers, self._notation = file, frozenset(missing), notation
        self._codes: dict[str | None, int] | None = {}
        self._reading = ColumnReading(notation)
        self._sizes: list[int] = []
        self._places: list[Any] = []
        self._n_values = 0

    def add(self, texts: Sequence[str]) -> None:
        """Read the next rows."""
        if self.again:
            return
        words = [None if word in self._markers else word for word in map(str.strip, texts)]
        self._n_values += len(words) - words.count(None)
        place = self._code(words) if self._codes is not None else self._value(words)
        self._sizes.append(len(words))
        self._places.append(place)

    def finished(self) -> tuple[StoredColumn, ColumnReading]:
        """Return the column, and its reading."""
        pieces = Pieces(self._sizes, self._places)
        if self._codes is not None:
            levels, reading = self._levels(self._codes)
            return StoredLevels(StoredNumbers(self._file, pieces, np.uint16), levels), reading
        if self._reading.notation == TEXT:
            return StoredTexts(self._file, pieces), ColumnReading(TEXT)
        return StoredNumbers(self._file, pieces, self._dtype), self._reading

    def _levels(self, codes: dict[str | None, int]) -> tuple[Array, ColumnReading]:
        if self._notation == TEXT:
            return objects(list(codes)), ColumnReading(TEXT)
        return column_of_words(self.name, list(codes), self._notation, self._n_values)

    def _code(self, words: list[str | None]) -> Any:
        """Store the codes of some rows, or of too many distinct texts the values."""
        codes = self._codes
        assert codes is not None
        for word in dict.fromkeys(words):
            codes.setdefault(word, len(codes))
        if len(codes) > MOST_LEVELS:
            self._settle(codes)
            return None if self.again else self._value(words)
        return self._file.append(np.fromiter(map(codes.__getitem__, words), np.uint16, len(words)))

    def _settle(self, codes: dict[str | None, int]) -> None:
        """Decide the notation by the distinct texts so far, and store the values of the rows before."""
        known = {word for word in codes if word is not None}
        if self._notation != TEXT:
            self._reading = meanings(known, self._notation, self._n_values)[1]
        is_settled = self._notation or self._reading.notation == TEXT or self._reading.notation in SETTLED
        if not is_settled or self._is_ambiguous:
            self.again = "whole"
            return
        before = StoredNumbers(self._file, Pieces(self._sizes, self._places), np.uint16)
        listed, self._codes, at = list(codes), None, 0
        for k, size in enumerate(self._sizes):
            words = [listed[code] for code in before.between(at, at + size).tolist()]
            self._places[k] = self._value(words)
            at += size

    @property
    def _is_ambiguous(self) -> bool:
        """Whether the reading depends on the number of values, or further ones may decide it."""
        return not self._notation and self._reading.notation in (PLAIN, TEXT) and bool(self._reading.notice)

    def _value(self, words: list[str | None]) -> Any:
        """Store the values of some rows in the settled notation, unless one of them does not fit."""
        if self._reading.notation == TEXT:
            return StoredTexts.write(self._file, words)
        present = [word for word in words if word is not None]
        values = self._parsed(present)
        if values is None:
            is_text = self._notation or meanings(set(present))[1] == ColumnReading(TEXT)
            self.again = "text" if is_text else "whole"
            return None
        column = np.full(len(words), np.nan).astype(self._dtype)  # NaN becomes NaT
        column[[word is not None for word in words]] = values
        return self._file.append(column)

    def _parsed(self, words: list[str]) -> Array | None:
        """Return the values of texts in the settled notation, or None if one of them does not fit."""
        notation = self._reading.notation
        if notation == PLAIN:
            numbers = plain_numbers(words)
            if numbers is not None:
                is_odd = not self._notation and any(is_long_whole(word) for word in words)
                return None if is_odd else np.asarray(numbers, np.float64)
            if not self._notation:
                return None
        table, reading = meanings(set(words), notation)
        if words and reading.notation != notation:
            return None
        return np.asarray([table[word] for word in words], self._dtype)

    @property
    def _dtype(self) -> Any:
        notation = self._reading.notation
        return "datetime64[us]" if is_date_notation(notation) else np.float64
