"""What a user of Python should know about the data at hand: once per fit, as warnings."""

import sys
import warnings
from pathlib import Path

from glassnet.data.columns.schema import Schema
from glassnet.data.notation.column_reading import ColumnReading
from glassnet.errors import DataWarning

_PACKAGE = str(Path(__file__).parents[2])


def warn_of_columns(schema: Schema) -> None:
    """Warn of each column that is left out, with the way to keep it, and of text that could mean something else."""
    for item in schema.left_out:
        _warn(item.sentence + (f" To use it, pass keep=[{item.name!r}]." if item.can_be_kept else ""))
    for sentence in schema.doubts:
        _warn(sentence)


def warn_of_reading(name: str, reading: ColumnReading) -> None:
    """Warn of text that could mean something else than it was read as."""
    if reading.is_doubtful:
        _warn(reading.notice.replace("{name}", repr(name)))


def _warn(sentence: str) -> None:
    warnings.warn(sentence, DataWarning, stacklevel=_level_of_user())


def _level_of_user() -> int:
    """Return how many frames up the first one outside of the package is: the line that called fit."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
