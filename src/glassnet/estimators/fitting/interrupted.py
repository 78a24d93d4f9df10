"""Fitting an estimator on the side, and what an interrupted fit keeps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glassnet.training.result import TrainingResult


@contextmanager
def on_the_side(estimator: Any) -> Iterator[Any]:
    """Yield a copy of an estimator to fit; if that succeeds, the estimator takes over what was set on the copy.

    So an error or Ctrl-C leaves the estimator as it was, and during a fit nobody sees half of it.
    """
    before = dict(vars(estimator))
    draft = object.__new__(type(estimator))
    draft.__dict__ = dict(before)
    yield draft
    after = vars(draft)
    new = {name: value for name, value in after.items() if name not in before or before[name] is not value}
    gone = before.keys() - after.keys()  # names of columns, if the new table has none
    kept = {name: value for name, value in vars(estimator).items() if name not in gone}
    estimator.__dict__ = {**kept, **new}  # one assignment, which an interrupt cannot split


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


LATE = "interrupted when all networks were trained; they are kept"
REFIT = "interrupted while training again on all rows; the network of the first training is kept"


def _is_whole(result: TrainingResult | None) -> bool:
    return result is not None and result.history.stopped != "interrupted"
