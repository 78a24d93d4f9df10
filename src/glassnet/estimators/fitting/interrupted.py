"""What an estimator keeps of a fit that Ctrl-C has ended, and what it is after one that failed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glassnet.training.result import TrainingResult


@contextmanager
def as_before_on_failure(estimator: Any) -> Iterator[None]:
    """Let an estimator be as it was, fitted or not, where an error or Ctrl-C ends what is done to it."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        estimator.__dict__ = before  # at once, so that no second interrupt comes in between
        raise


def worth_keeping(results: Sequence[TrainingResult | None]) -> list[int]:
    """Return which networks of an interrupted ensemble are kept: those trained to their end, else those begun.

    Beside networks that are trained, one that is not would spoil their mean.
    """
    begun = [k for k, result in enumerate(results) if result is not None]
    return [k for k in begun if _is_whole(results[k])] or begun


def in_words(results: Sequence[TrainingResult | None]) -> str:
    """Say what was kept."""
    if len(results) == 1 and results[0] is not None:
        return results[0].history.stop_reason
    kept, n = worth_keeping(results), len(results)
    if _is_whole(results[kept[0]]):
        return f"interrupted when {len(kept)} of {n} networks were trained; these are kept"
    return f"interrupted before one of the {n} networks was trained; the {len(kept)} that were under way are kept"


REFIT = "interrupted while training again on all rows; the network of the first training is kept"


def _is_whole(result: TrainingResult | None) -> bool:
    return result is not None and result.history.stopped != "interrupted"
