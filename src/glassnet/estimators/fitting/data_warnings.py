"""Warnings about the data, once per fit."""

import sys
import warnings
from pathlib import Path

from glassnet.data.columns.schema import Schema
from glassnet.data.notation.column_reading import ColumnReading
from glassnet.errors import DataWarning

_PACKAGE = str(Path(__file__).parents[2])


def warn_of_columns(schema: Schema) -> None:
    """Warn of each excluded column, with the way to keep it, and of ambiguous text."""
    for item in schema.left_out:
        _warn(item.sentence + (f" To use it, pass keep=[{item.name!r}]." if item.can_be_kept else ""))
    for sentence in schema.doubts:
        _warn(sentence)


def warn_of_reading(name: str, reading: ColumnReading) -> None:
    """Warn of text with an ambiguous notation."""
    if reading.is_doubtful:
        _warn(reading.notice.replace("{name}", repr(name)))


def _warn(sentence: str) -> None:
    warnings.warn(sentence, DataWarning, stacklevel=_level_of_user())


def _level_of_user() -> int:
    """Return the stack level of the first frame outside the package, which called fit."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
