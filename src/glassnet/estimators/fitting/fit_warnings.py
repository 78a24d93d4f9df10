"""Warnings of a fit: about its data, and about training that did not converge."""

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from sklearn.exceptions import ConvergenceWarning

from glassnet.data.columns.schema import Schema
from glassnet.data.notation.column_reading import ColumnReading
from glassnet.errors import DataWarning
from glassnet.training.result import TrainingResult

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


def warn_of_divergence(results: Sequence[TrainingResult | None]) -> None:
    """Warn of each run that diverged."""
    for result in results:
        if result is not None and result.history.stopped == "diverged":
            _warn(f"training diverged: {result.history.stop_reason}", ConvergenceWarning)


def why_untrained(results: Sequence[TrainingResult | None]) -> str:
    """Return a sentence, worded as in scikit-learn, if a run diverged before the end of its first epoch, else ""."""
    for result in results:
        if result is not None and result.history.stopped == "diverged" and len(result.history) == 0:
            return (
                f"Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                f"preprocessed. Training diverged in its first epoch: {result.history.stop_reason}"
            )
    return ""


def warn_of_last_epoch(results: Sequence[TrainingResult | None]) -> None:
    """Warn once if a run ended with its last epoch, or its last evaluation, before it converged."""
    for result in results:
        if result is not None and result.history.stopped == "epochs":
            why = result.history.stop_reason
            limit = "max_fun" if "max_fun" in why else "max_iter"
            _warn(f"training has not converged: {why}; try a larger {limit}, or scaled inputs", ConvergenceWarning)
            return


def _warn(sentence: str, kind: type[Warning] = DataWarning) -> None:
    warnings.warn(sentence, kind, stacklevel=_level_of_user())


def _level_of_user() -> int:
    """Return the stack level of the first frame outside the package, which called fit."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
