"""`Column`: the kind, the range or levels, and the missing share of one column."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import ISO, PLAIN, TEXT, is_notation
from glassnet.data.records import ColumnRecord, value_of
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import sort_key, to_json
from glassnet.errors import DataError
from glassnet.typing import Array

MAX_LEVELS = 100
"""Categories beyond the 100 most frequent ones become "(other)"."""

MIN_ROWS_FOR_RARITY = 20
"""With fewer rows, no category counts as rare."""


@dataclass(frozen=True)
class Column:
    """One column as the model sees it.

    Parameters
    ----------
    name : str
    kind : {"numeric", "boolean", "categorical", "datetime"}
    missing : float
        Share of rows without a value, 0 to 1.
    n_distinct : int
        Number of distinct values, without missing ones.
    minimum, maximum : float or str, optional
        Range of a numeric column (float) or of a datetime column (ISO text).
    levels : tuple
        Typed levels of a Boolean or categorical column, sorted. Fewer than `n_distinct` if rare levels are merged
        into "(other)".
    notation : str
        Notation of the column's text (see `glassnet.data.notation.column_reading`): "1234.56", "1.234,56 [€]",
        "31.12.2020", "text". New data are read with it. "" if unknown (old files): inferred from the values.
    """

    name: str
    kind: str
    missing: float
    n_distinct: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    levels: tuple[Any, ...] = ()
    notation: str = ""

    def __post_init__(self) -> None:
        if not is_notation(self.notation):
            raise DataError(
                f"column {self.name!r} has the notation {self.notation!r}, which this version does not support; try a "
                f"newer version of glassnet."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the column as strict JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "missing": self.missing,
            "n_distinct": self.n_distinct,
            "minimum": to_json(self.minimum),
            "maximum": to_json(self.maximum),
            "levels": [to_json(level) for level in self.levels],
            "notation": self.notation,
        }

    @classmethod
    def from_record(cls, record: ColumnRecord) -> "Column":
        """Return the column from the data of `to_dict`."""
        return cls(
            record.name,
            record.kind,
            record.missing,
            record.n_distinct,
            value_of(record.minimum),
            value_of(record.maximum),
            tuple(map(value_of, record.levels)),
            record.notation,
        )

    def values(self) -> str:
        """Return the range or the levels as text.

        >>> Column("age", "numeric", 0.0, 60, 18.0, 80.5).values()
        '18 to 80.5'
        """
        if self.kind in ("numeric", "datetime"):
            return "none" if self.minimum is None else f"{shown(self.minimum)} to {shown(self.maximum)}"
        words = ", ".join(_short(str(level)) for level in self.levels[:6])
        return words + (f", ... ({self.n_distinct} in all)" if self.n_distinct > min(6, len(self.levels)) else "")


LONGEST_SHOWN = 60
"""Maximum length of quoted data in messages."""


def quoted(value: Any) -> str:
    """Return a value for a message: text in quotes, shortened if long.

    >>> quoted("heavy"), quoted(3750.0)
    ("'heavy'", '3750')
    """
    return repr(shown(value)) if isinstance(value, str) else shown(value)


def _short(word: str) -> str:
    return word if len(word) <= 24 else word[:21] + "..."


def shown(value: Any) -> str:
    """Return a number without trailing zeros, an ISO date without midnight.

    >>> shown(3750.0), shown(0.1), shown("2024-01-31T00:00:00.000000")
    ('3750', '0.1', '2024-01-31')
    """
    if isinstance(value, float | int | np.floating) and not isinstance(value, bool):
        return f"{float(value):.12g}"
    text = str(value)
    text = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
    return text.removesuffix(".000000").removesuffix("T00:00:00")


def column_of(name: str, values: Array, notation: str = "") -> Column:
    """Return the description of a table's column; `notation` is the notation of its text, if any.

    Examples
    --------
    >>> column_of("mass", np.asarray([3750.0, np.nan])).kind
    'numeric'
    >>> column_of("island", np.asarray(["Biscoe", "Dream", None], dtype=object)).levels
    ('Biscoe', 'Dream')
    """
    gaps = is_missing(values)
    present = values[~gaps]
    share = float(gaps.mean()) if len(values) else 0.0
    if values.dtype.kind == "f":
        return _numeric(name, present, share, notation or PLAIN)
    if values.dtype.kind == "M":
        return _datetime(name, present, share, notation or ISO)
    counts = Counter(present.tolist())
    kind = "boolean" if set(map(type, counts)) <= {bool} else "categorical"
    levels = levels_of(counts, len(values))
    return Column(name, kind, share, len(counts), levels=levels, notation=TEXT if kind == "categorical" else "")


def labels_of(name: str, values: Array) -> Column:
    """Return a target column as classes with all levels; whole numbers become integers.

    >>> labels_of("cylinders", np.asarray([4.0, 6.0, 8.0])).levels
    (4, 6, 8)
    """
    gaps = is_missing(values)
    present = whole_numbers(values[~gaps])
    levels = tuple(sorted(set(present.tolist()), key=sort_key))
    kind = "boolean" if levels and all(isinstance(level, bool) for level in levels) else "categorical"
    notation = TEXT if levels and all(isinstance(level, str) for level in levels) else ""
    return Column(name, kind, float(gaps.mean()), len(levels), levels=levels, notation=notation)


def whole_numbers(values: Array) -> Array:
    """Return floats as int64 if all of them are whole and fit, anything else unchanged."""
    is_whole = values.dtype.kind == "f" and bool(np.all(np.isfinite(values) & (values == np.round(values))))
    return values.astype(np.int64) if is_whole and bool(np.all(np.abs(values) < 2.0**53)) else values


def _numeric(name: str, present: Array, share: float, notation: str) -> Column:
    low, high = (float(present.min()), float(present.max())) if len(present) else (None, None)
    return Column(name, "numeric", share, len(np.unique(present)), low, high, notation=notation)


def _datetime(name: str, present: Array, share: float, notation: str) -> Column:
    low, high = (str(present.min()), str(present.max())) if len(present) else (None, None)
    return Column(name, "datetime", share, len(np.unique(present)), low, high, notation=notation)


def levels_of(counts: Counter[Any], n_rows: int) -> tuple[Any, ...]:
    """Return the levels with a separate input: all levels, or the frequent ones if there are very many."""
    levels = sorted(counts, key=sort_key)
    has_many = len(levels) > MAX_LEVELS or (n_rows >= MIN_ROWS_FOR_RARITY and len(levels) > n_rows / 2)
    if not has_many:
        return tuple(levels)
    repeated = [level for level in levels if counts[level] > 1] or levels
    kept = set(sorted(repeated, key=lambda level: -counts[level])[:MAX_LEVELS])
    return tuple(level for level in levels if level in kept)
