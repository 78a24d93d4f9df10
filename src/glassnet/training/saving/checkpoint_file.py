"""The checkpoint of a run that goes on: found, locked, and written from time to time."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import TracebackType

import numpy as np

from glassnet.engines.base import State, Stepping
from glassnet.engines.seeding import StreamPosition
from glassnet.errors import CheckpointError, CheckpointWarning, ParameterError
from glassnet.files import sweep, write_atomically
from glassnet.locks import FileLock
from glassnet.settings.kinds import FROM_ZERO
from glassnet.training.plan import Plan
from glassnet.training.run_state import RunState
from glassnet.training.saving.content import Content, read_content, write_content
from glassnet.training.saving.generators import describe_position
from glassnet.training.saving.records import TaskRecord
from glassnet.training.saving.task import check_data_is_that, describe_task, differences
from glassnet.typing import Array

SHARE = 0.01  # of the training time that checkpoints may take


class CheckpointFile:
    """A checkpoint that one run at a time reads and writes.

    Parameters
    ----------
    path : str or path
        The lock file beside it has the same name and ".lock".
    every : float
        Seconds between two checkpoints; more where a checkpoint takes so long that it would be more than a hundredth
        of the training time. 0 writes one after every call of the engine.

    Raises
    ------
    CheckpointError
        On entry, if another run uses it.
    """

    def __init__(self, path: str | os.PathLike[str], every: float) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ParameterError(f"checkpoint={path!r} must be a path, such as 'run.ckpt'.")
        self.path = Path(path)
        self._every = FROM_ZERO.check("checkpoint_every", every)
        self._task: TaskRecord | None = None
        self._start: Array = None
        self._due, self._is_whole = monotonic() + self._every, False
        self._lock: FileLock | None = None

    def __enter__(self) -> "CheckpointFile":
        place = Path(os.path.realpath(self.path))
        if place.is_dir():
            raise IsADirectoryError(
                f"{str(self.path)!r} is a folder; add a file name, such as {str(self.path / 'run.ckpt')!r}."
            )
        if not place.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {str(place.parent)!r}; make it first, or save elsewhere.")
        if place.exists() and not place.is_file():
            raise CheckpointError(f"{str(self.path)!r} is a device or pipe; name a file, such as 'run.ckpt'.")
        lock = place.with_name(f"{place.name}.lock")
        if lock.exists() and (not lock.is_file() or lock.stat().st_size > 0):  # a lock is empty, and removed at the end
            raise CheckpointError(
                f"{str(lock)!r} is in the place of the checkpoint's lock file, but is another file; name another "
                f"checkpoint."
            )
        try:
            self._lock = FileLock(lock)
        except BlockingIOError:
            raise CheckpointError(
                f"{str(self.path)!r} is in use by another run; wait until that ends, or name another file."
            ) from None
        sweep(place.parent)  # of what a killed run was writing
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.__exit__(kind, error, traceback)

    def read(self) -> Content:
        """Read the checkpoint."""
        return read_content(self.path)

    def resumed(self, content: Content, plan: Plan, engine: Stepping) -> RunState:
        """Return where the run was left that this checkpoint holds, and of which this is the plan.

        Raises
        ------
        CheckpointError
            If the data are not those of the run.
        """
        task = describe_task(plan, engine.name)
        check_data_is_that(content.record.task.data, task.data, str(self.path))
        return self._taken_up(content, plan, engine)

    def found(self, plan: Plan, engine: Stepping, position: StreamPosition, start: State | None) -> RunState | None:
        """Return where the same run was left; None if there is no checkpoint yet.

        Raises
        ------
        CheckpointError
            If the checkpoint is of another run; the message names the differences.
        """
        task = describe_task(plan, engine.name)
        describe_position(position)  # refused now rather than when it is written
        if not self.path.exists():
            self._task, self._start = task, plan.problem.network.theta
            return None
        content = self.read()
        found = list(differences(content.record.task, task))
        if not found:
            at = self._taken_up(content, plan, engine)
            if not np.array_equal(content.tensors["start"], plan.problem.network.theta):
                found.append("its network has other initial parameters")
            elif content.record.task != task or content.record.run.kept[0].position != describe_position(position):
                found.append("it has another seed")
            elif not _is_same(at.kept[0].state, start):
                found.append("it started from another state")
            else:
                return at
        raise CheckpointError(
            f"{str(self.path)!r} is the checkpoint of another run: {', and '.join(found[:3])}; continue it as it "
            f"was begun, or name another file."
        )

    def begin(self, state: RunState) -> None:
        """Write the first checkpoint; unlike a later one it raises an error if it cannot be written."""
        self._write(state)

    def offer(self, state: Callable[[], RunState], *, at_end: bool = False) -> None:
        """Write a checkpoint if it is due, or if the run ends; a failure is a warning, as training is worth more."""
        if self._is_whole or (not at_end and monotonic() < self._due):
            return
        try:
            now = state()
            self._write(now)
            self._is_whole = now.end is not None
        except OSError as error:
            self._due = monotonic() + self._every
            warnings.warn(
                f"the checkpoint {str(self.path)!r} could not be written ({error.strerror or error}); training "
                f"continues, and the previous checkpoint is whole.",
                CheckpointWarning,
                stacklevel=2,
            )

    def _taken_up(self, content: Content, plan: Plan, engine: Stepping) -> RunState:
        at = content.run_state(plan, engine.start(plan.learning_rate))
        self._task, self._start = content.record.task, plan.problem.network.theta
        self._is_whole = at.end is not None
        return at

    def _write(self, state: RunState) -> None:
        began = monotonic()
        assert self._task is not None
        write_atomically(self.path, write_content(self._task, self._start, state), example="run.ckpt")
        ended = monotonic()
        self._due = ended + (max(self._every, (ended - began) / SHARE) if self._every else 0.0)


def _is_same(state: State | None, other: State | None) -> bool:
    if state is None or other is None:
        return state is other
    arrays = zip((state.theta, *state.solver), (other.theta, *other.solver), strict=True)
    return state.step == other.step and all(np.array_equal(*pair) for pair in arrays)
