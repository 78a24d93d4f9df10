"""Excludes columns that cannot generalize (empty, constant, ids) and free text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.columns.column import shown
from glassnet.data.moments import OUTSIDE
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import DataError
from glassnet.typing import Array

MIN_ROWS_FOR_ID = 10
"""With fewer rows, distinct values are no evidence of an id."""

FREE_TEXT_WORDS = 6
"""Mean number of words above which mostly distinct text is free text; names and addresses have fewer."""


@dataclass(frozen=True)
class LeftOut:
    """An excluded column with the reason as a word (id, constant, empty, free text, asked) and as a sentence."""

    name: str
    reason: str
    sentence: str

    @property
    def can_be_kept(self) -> bool:
        """Whether `keep` can make it an input: it has values and was not excluded by the user."""
        return self.reason not in ("asked", "empty")

    def to_dict(self) -> dict[str, str]:
        """Return the record as strict JSON."""
        return {"name": self.name, "reason": self.reason, "sentence": self.sentence}


def left_out_of(table: Table, keep: Sequence[str]) -> tuple[LeftOut, ...]:
    """Return the columns to exclude from the inputs, with reasons.

    Excluded are empty columns, constant columns, text that differs in every row (ids), and free text, which a
    feed-forward network cannot use. Numbers and dates are never ids, since a running number may be a year or a week.
    Columns in `keep` and arrays of numbers are never excluded, nor are ids if there is no other input.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> columns = {"id": [f"K{k}" for k in range(12)], "year": list(range(1900, 1912)), "country": ["NO"] * 12}
    >>> [(item.name, item.reason) for item in left_out_of(table_from(columns), keep=())]
    [('id', 'id'), ('country', 'constant')]
    """
    if table.is_matrix:
        return ()
    found = [_judge(name, table[name]) for name in table.names if name not in keep]
    left = [item for item in found if item is not None]
    has_inputs = len(left) < len(table.names)
    return tuple(item for item in left if has_inputs or item.reason != "id")


def unused_columns(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """Return the excluded text columns, which may contain a signal after all.

    >>> unused_columns([LeftOut("id", "id", "..."), LeftOut("age", "asked", "...")])
    ('id',)
    """
    return tuple(item.name for item in left_out if item.reason in ("id", "free text"))


def is_free_text(values: Array) -> bool:
    """Return whether a column is free text: mostly distinct values with more than six words on average.

    >>> is_free_text(
    ...     np.asarray(["the room was clean and the staff very kind " + str(i) for i in range(20)], dtype=object)
    ... )
    True
    """
    texts = [value for value in values.tolist() if isinstance(value, str)] if values.dtype.kind == "O" else []
    if len(texts) < MIN_ROWS_FOR_ID or len(set(texts)) <= len(texts) / 2:
        return False
    return sum(len(text.split()) for text in texts) / len(texts) > FREE_TEXT_WORDS


def _judge(name: str, values: Array) -> LeftOut | None:
    gaps = is_missing(values)
    present = values[~gaps]
    if len(present) == 0:
        return LeftOut(name, "empty", f"column {name!r} has no value in any row and is left out.")
    if not gaps.any() and bool(np.all(present == present[0])):
        return LeftOut(name, "constant", f"column {name!r} is {shown(present[0])} in every row and is left out.")
    if is_free_text(values):
        words = f"column {name!r} is free text, which this kind of network cannot use, and is left out."
        return LeftOut(name, "free text", words)
    if not gaps.any() and _differs_everywhere(present):
        return LeftOut(name, "id", f"column {name!r} is text that differs in every row like an id and is left out.")
    return None


def _differs_everywhere(values: Array) -> bool:
    return values.dtype.kind == "O" and len(values) >= MIN_ROWS_FOR_ID and len(set(values.tolist())) == len(values)


def refuse_infinite(table: Table) -> None:
    """Raise a DataError naming column and row if a number is infinite or a date is out of range."""
    for name, values in zip(table.names, table.columns, strict=True):
        if values.dtype.kind == "f" and np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise DataError(
                f"column {name!r} is infinite, or too large for a float, {table.in_row(row)}, but finite numbers were "
                f"expected; try leaving the row out or marking the value as missing."
            )
        if values.dtype.kind == "M" and (values == OUTSIDE).any():
            row = int(np.flatnonzero(values == OUTSIDE)[0])
            raise DataError(
                f"column {name!r} has a date before the year 1 or after 9999 {table.in_row(row)}, which is out of "
                f"range; try leaving the row out or marking the value as missing."
            )
