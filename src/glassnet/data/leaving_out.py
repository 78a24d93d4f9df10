"""Which columns of a file or frame are left out, and which are refused: ids, constants, empty ones, free text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.columns import shown
from glassnet.data.promotion import is_missing
from glassnet.data.table import Table
from glassnet.errors import DataError
from glassnet.typing import Array

MIN_ROWS_FOR_ID = 10
"""With fewer rows all-different values say nothing."""

RUNNING_NUMBER_DENSITY = 0.8
"""All-different integers that fill four fifths of their range are a running number; drawn by chance they almost
never do."""

FREE_TEXT_WORDS = 6
"""More words than this on average, mostly all different, is free text: names and addresses stay below."""

_ID_WORDS = {
    "id",
    "ids",
    "uuid",
    "guid",
    "index",
    "idx",
    "key",
    "rownum",
    "rownames",
    "row",
    "record",
    "unnamed",
    "serial",
}


@dataclass(frozen=True)
class LeftOut:
    """A column that is not used, the reason in a word (id, constant, empty, asked) and in a sentence."""

    name: str
    reason: str
    sentence: str

    def to_dict(self) -> dict[str, str]:
        """Return the record as strict JSON."""
        return {"name": self.name, "reason": self.reason, "sentence": self.sentence}


def left_out_of(table: Table, keep: Sequence[str]) -> tuple[LeftOut, ...]:
    """Return the columns to leave out of the inputs, with reasons.

    A column is left out if it is empty, if it is constant, or if it is an id: text that differs in every row, or
    integers
    that differ in every row and either run through (nearly) every number of their range or have a name such as "id".
    Measurements that happen to be all different are kept; so is everything in `keep`, everything in a plain array, and
    ids where nothing else is there to learn from.

    Examples
    --------
    >>> columns = {"id": list(range(12)), "age": [41, 50, 41] * 4, "country": ["NO"] * 12}
    >>> [
    ...     (item.name, item.reason)
    ...     for item in left_out_of(
    ...         Table(
    ...             tuple(columns),
    ...             tuple(np.asarray(c, dtype=float if n != "country" else object) for n, c in columns.items()),
    ...         ),
    ...         keep=(),
    ...     )
    ... ]
    [('id', 'id'), ('country', 'constant')]
    """
    if table.is_array:
        return ()
    found = [_judge(name, table[name]) for name in table.names if name not in keep]
    left = [item for item in found if item is not None]
    has_inputs = len(left) < len(table.names)
    return tuple(item for item in left if has_inputs or item.reason != "id")


def refuse_free_text(table: Table, keep: Sequence[str]) -> None:
    """Raise if a column holds free text, which this kind of network cannot read."""
    for name in table.names:
        if name not in keep and not table.is_array and is_free_text(table[name]):
            example = next(value for value in table[name].tolist() if value is not None)
            raise DataError(
                f"column {name!r} is free text ({example[:40]!r}...), but inputs are numbers, dates, True/False or "
                f"categories; try leaving it out (drop {name!r}), or keep it to treat each text as a category."
            )


def is_free_text(values: Array) -> bool:
    """Return whether a column holds sentences: mostly all different and more than six words on average.

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
    if not gaps.any() and _is_id(name, present):
        return LeftOut(name, "id", f"column {name!r} differs in every row like an id and is left out.")
    return None


def _is_id(name: str, values: Array) -> bool:
    if len(values) < MIN_ROWS_FOR_ID:
        return False
    if values.dtype.kind == "O":
        return len(set(values.tolist())) == len(values) and not is_free_text(values)
    if values.dtype.kind != "f" or not np.all(np.isfinite(values) & (values == np.round(values))):
        return False
    if len(np.unique(values)) < len(values):
        return False
    return is_id_name(name) or len(values) / float(np.ptp(values) + 1) >= RUNNING_NUMBER_DENSITY


def is_id_name(name: str) -> bool:
    """Return whether a column's name says that it numbers the rows.

    >>> is_id_name("PassengerId"), is_id_name("row_id"), is_id_name("Unnamed: 0"), is_id_name("humidity")
    (True, True, True, False)
    """
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return not words or any(word.lower() in _ID_WORDS for word in words)
