"""Which epochs of a run become frames."""

from collections.abc import Sequence
from math import log
from typing import Any

from glassnet.errors import ParameterError
from glassnet.wording import counted

USUAL = 100  # frames, if there is room for them
EASING = 1.6  # at least; above 1, frames are closer together at the start, where networks change most


def spread(epochs: Sequence[int], n: int, always: Sequence[int] = ()) -> tuple[int, ...]:
    """Return at most `n` of the epochs, closer together at the start, with the first, the last and those of `always`.

    >>> spread(range(101), 6)
    (0, 1, 7, 23, 53, 100)
    >>> spread(range(4), 6)
    (0, 1, 2, 3)
    """
    if len(epochs) <= n:
        return tuple(epochs)
    kept = {epochs[0], epochs[-1], *[epoch for epoch in always if epoch in epochs][: max(0, n - 2)]}
    last = len(epochs) - 1
    easing = max(EASING, log(last) / log(n - 1)) if n > 2 else EASING  # so that the second frame is the first epoch
    for room in range(4 * n, 1, -1):  # more places than frames, as the first ones round to the same epoch
        eased = {epochs[round(last * (i / (room - 1)) ** easing)] for i in range(room)} | kept
        if len(eased) <= n:
            return tuple(sorted(eased))
    return tuple(sorted(kept))


def checked_frames(frames: Any, available: Sequence[int]) -> tuple[int, ...] | int | None:
    """Return the wanted frames: None for the usual number, a number of frames, or the epochs themselves."""
    if frames is None:
        return None
    if not isinstance(frames, str | bytes) and hasattr(frames, "__iter__"):
        return _epochs(frames, available)
    if isinstance(frames, bool) or not hasattr(frames, "__index__") or int(frames) < 2:
        raise ParameterError(
            f"frames={frames!r} is neither a number of frames, at least 2, nor a list of epochs; try frames=50 or "
            f"frames=[0, 10, 100]."
        )
    return int(frames)


def _epochs(frames: Any, available: Sequence[int]) -> tuple[int, ...]:
    chosen = list(frames)
    for epoch in chosen:
        if isinstance(epoch, bool) or not hasattr(epoch, "__index__") or epoch not in available:
            raise ParameterError(
                f"frames={chosen!r} has {epoch!r}, but this run can be opened at {counted(len(available), 'epoch')} "
                f"from {available[0]} to {available[-1]}; choose among them."
            )
    if not chosen:
        raise ParameterError("frames=[] names no epoch; leave it out, or try frames=[0, 10, 100].")
    return tuple(sorted({int(epoch) for epoch in chosen}))
