"""The state of an estimator after an interrupted or failed fit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glassnet.training.result import TrainingResult


@contextmanager
def as_before_on_failure(estimator: Any) -> Iterator[None]:
    """Restore the attributes of an estimator on an error or Ctrl-C."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        estimator.__dict__ = before  # one assignment, so that a second interrupt cannot split it
        raise


def worth_keeping(results: Sequence[TrainingResult | None]) -> list[int]:
    """Return the networks of an interrupted ensemble to keep: the fully trained ones, else the unfinished ones.

    An unfinished network would worsen the mean with trained ones.
    """
    begun = [k for k, result in enumerate(results) if result is not None]
    return [k for k in begun if _is_whole(results[k])] or begun


def in_words(results: Sequence[TrainingResult | None]) -> str:
    """Return a sentence on the networks kept."""
    if len(results) == 1 and results[0] is not None:
        return results[0].history.stop_reason
    kept, n = worth_keeping(results), len(results)
    if _is_whole(results[kept[0]]):
        return f"interrupted when {len(kept)} of {n} networks were trained; these are kept"
    return f"interrupted before any of the {n} networks was trained; the {len(kept)} unfinished ones are kept"


REFIT = "interrupted while training again on all rows; the network of the first training is kept"


def _is_whole(result: TrainingResult | None) -> bool:
    return result is not None and result.history.stopped != "interrupted"
