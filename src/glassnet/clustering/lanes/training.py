"""`TrainTogether`: trains a network on all processes of a cluster."""

import hashlib
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import msgspec
import numpy as np

from glassnet.clustering.comm import Comm, agree, broadcast
from glassnet.clustering.lanes.partway_file import PartwayRecord, read_partway, restored, write_partway
from glassnet.clustering.lanes.ranges import Ranges
from glassnet.clustering.lanes.rows import Groups, GroupsInMemory, StreamedGroups
from glassnet.clustering.lanes.seeds import EpochSeeds
from glassnet.clustering.lanes.steps import Interrupts, LaneSteps, Partway
from glassnet.clustering.lanes.validation import Sharing, shared
from glassnet.clustering.leaving import StopRequest
from glassnet.core.network import Network
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.engines.base import State
from glassnet.engines.registry import resolve_engine
from glassnet.errors import CheckpointWarning, GlassnetError, ParameterError
from glassnet.files import scratch_folder
from glassnet.settings.kinds import WHOLE
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.history import Epoch
from glassnet.training.loop.listeners import Callback
from glassnet.training.plan import Plan, make_plan
from glassnet.training.result import TrainingResult
from glassnet.training.run import Run
from glassnet.training.run_state import RunState
from glassnet.training.samples import StreamedData
from glassnet.training.saving.checkpoint_file import CheckpointFile
from glassnet.training.saving.content import read_content
from glassnet.training.saving.task import describe_task
from glassnet.training.train import RunArguments
from glassnet.typing import Array

T = TypeVar("T")

LANES = 16
"""The number of lanes by default, and so the largest number of processes."""

PARTWAY = ".partway"  # ending of the file beside a checkpoint


@dataclass(frozen=True, eq=False)
class TrainTogether:
    """Trains a network on all processes of a cluster; all of them call it, and receive the same result.

    Rows are dealt to a fixed number of lanes, and lanes to processes. So each minibatch has the same rows for any
    number of processes, and as sums have one order, the result has the same bits. The network, the seed and the
    checkpoint are those of rank 0.

    Parameters
    ----------
    comm : Comm
    lanes : int, optional
        By default as many as in the checkpoint, or 16.
    accumulate : int
        Number of minibatches per step: their gradients are summed before they are sent.
    stop : StopRequest, optional
        Asked after each step; all processes stop together when one of them was asked to.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.clustering.comm import LocalComm
    >>> network, settings = gn.Network.create([2, 1], seed=0), TrainSettings(cost="binary_cross_entropy", epochs=9)
    >>> run = RunArguments(network=network, X=[[0, 0], [1, 1]], Y=[[0], [1]], settings=settings)
    >>> result = TrainTogether(LocalComm())(run)
    >>> len(result.history), result.history.stop_reason
    (9, 'all 9 epochs done')
    """

    comm: Comm
    lanes: int | None = None
    accumulate: int = 1
    stop: StopRequest | None = None

    def __call__(self, run: RunArguments) -> TrainingResult:
        """Train as these arguments of `train` say.

        Raises
        ------
        Stopped
            If a process was asked to end.
        ClusterError
            On all processes, if one of them cannot take part.
        """
        comm, accumulate = self.comm, WHOLE.check("accumulate", self.accumulate)
        lanes = self._agreed(partial(self._number_of_lanes, run.checkpoint))
        (counts,) = comm.allreduce(np.asarray([lanes if comm.rank == 0 else 0], np.int64))
        lanes = int(counts[0])
        if lanes < comm.world:
            raise ParameterError(
                f"lanes={lanes} are fewer than the {comm.world} processes, which share them; use as many processes as "
                f"lanes at most, or more lanes from the beginning."
            )
        settings = self._agreed(run.settings.checked)
        drawn = np.random.default_rng(settings.seed).integers(1 << 32, size=2)
        (seeds,) = comm.allreduce(drawn if comm.rank == 0 else np.zeros(2, np.int64))
        network = self._network_of_rank_0(run.network)
        sharing = Sharing(comm, Ranges(lanes, comm.world))
        plan = self._agreed(partial(_plan, run, network, settings, int(seeds[0]), lanes, accumulate))
        held_out = shared(plan.validation, sharing)
        has_callback = self._is_so_on_rank_0(settings.callback is not None)
        callback = _together(comm, settings.callback) if has_callback else None
        with ExitStack() as stack:
            interrupts = _Saving(comm, self.stop, settings.time_limit)
            make = partial(resolve_engine(settings.engine, plan.problem, plan.data.X), n_jobs=settings.n_jobs)
            plan = replace(plan, validation=held_out)
            steps = LaneSteps(plan, _groups_of(plan), make, comm, lanes, interrupts)
            self._check_alike(plan, steps.name)
            stream = EpochSeeds(np.random.default_rng(int(seeds[1])))
            file, at = None, None
            if self._is_so_on_rank_0(run.checkpoint is not None):
                file = self._agreed(lambda: stack.enter_context(self._file_of(run)))
                at = self._left_off(file, plan, steps, stream)
                interrupts.open(run.checkpoint, run.checkpoint_every, steps.start(plan.learning_rate))
            if at is not None:
                stream = EpochSeeds.at(at.position)
                interrupts.seconds = at.seconds
            training = Run(plan, steps, stream, start=run.state, callback=callback, at=at, saver=file)
            if file is not None and at is None:
                file.begin(training.state)
            training.advance()
            interrupts.close()
        outcome = training.result()
        return TrainingResult(network.with_theta(outcome.theta), outcome.history, outcome.state, None, True)

    def _number_of_lanes(self, checkpoint: Any) -> int:
        """Return the number of lanes: as given, as in the checkpoint, or as usual."""
        if self.lanes is not None:
            return int(WHOLE.check("lanes", self.lanes))
        if self.comm.rank == 0 and checkpoint is not None and Path(checkpoint).is_file():
            return read_content(Path(checkpoint)).record.task.settings.lanes or LANES
        return LANES

    def _network_of_rank_0(self, network: Network) -> Network:
        own = np.zeros_like(network.theta) if self.comm.rank else network.theta
        (theta,) = self.comm.allreduce(own)
        return network.with_theta(theta)

    def _is_so_on_rank_0(self, given: bool) -> bool:
        (n,) = self.comm.allreduce(np.asarray([given and self.comm.rank == 0], np.int64))
        return bool(n[0])

    def _agreed(self, work: Callable[[], T]) -> T:
        """Return the result of work; if that of one process fails, all raise its error."""
        if self.comm.world == 1:
            return work()
        try:
            found = work()
        except (GlassnetError, OSError) as error:
            agree(self.comm, str(error))
            raise
        agree(self.comm)
        return found

    def _check_alike(self, plan: Plan, engine: str) -> None:
        """Refuse processes with other data or settings than rank 0."""
        if self.comm.world == 1:
            return
        own = hashlib.sha256(msgspec.json.encode(describe_task(plan, engine))).digest()
        differs = broadcast(self.comm, own) != own
        agree(self.comm, "other rows or settings than on rank 0; start all processes alike" if differs else None)

    def _file_of(self, run: RunArguments) -> AbstractContextManager[CheckpointFile | None]:
        """Return the checkpoint, which only rank 0 reads and writes."""
        if self.comm.rank or run.checkpoint is None:
            return nullcontext()
        return CheckpointFile(run.checkpoint, run.checkpoint_every)

    def _left_off(
        self, file: CheckpointFile | None, plan: Plan, steps: LaneSteps, stream: EpochSeeds
    ) -> RunState | None:
        """Return where the run was left, from the checkpoint that rank 0 reads."""

        def found() -> RunState | None:
            return None if file is None else file.found(plan, steps, stream.position(), None)

        at = self._agreed(found)
        content = broadcast(self.comm, b"" if file is None or at is None else file.path.read_bytes())
        if self.comm.rank == 0 or not content:
            return at
        return read_as_file(content, read_content).run_state(plan, steps.start(plan.learning_rate))


class _Saving(Interrupts):
    """Asks this process for the interrupts of all, and saves where the run is within an epoch."""

    def __init__(self, comm: Comm, stop: StopRequest | None, limit: float | None) -> None:
        self._comm, self._stop, self._limit = comm, stop, limit
        self._started, self.seconds = monotonic(), 0.0
        self._path: Path | None = None
        self._every, self._due = 0.0, 0.0
        self._found: tuple[PartwayRecord, dict[str, Array]] | None = None

    def open(self, checkpoint: str | PathLike[str] | None, every: float, start: State) -> None:
        """Read where rank 0 left the run within an epoch; `start` has the form of the state."""
        self._start = start
        content = b""
        if self._comm.rank == 0:
            assert checkpoint is not None
            self._path, self._every, self._due = Path(checkpoint).with_suffix(PARTWAY), every, monotonic() + every
            content = self._path.read_bytes() if self._path.is_file() else b""
        content = broadcast(self._comm, content)
        self._found = read_as_file(content, read_partway) if content else None

    def close(self) -> None:
        """Remove the file of a run that has ended."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def wants_stop(self) -> bool:
        """Whether this process was asked to end."""
        return bool(self._stop)

    def is_late(self) -> bool:
        """Whether the time limit is over, by the clock of rank 0."""
        if self._limit is None or self._comm.rank:
            return False
        return self.seconds + monotonic() - self._started > self._limit

    @property
    def why_late(self) -> str:
        """The reason for a run that is late."""
        return f"the time limit of {self._limit:g} s was reached"

    def left_off(self, seed: int, theta: Array) -> Partway | None:
        """Return where the run was left within the epoch with this seed, if it was."""
        if self._found is None or self._found[0].seed != seed:
            return None
        record, tensors = self._found
        self._found = None
        return restored(record, tensors, self._start, theta)

    def after_step(self, partway: Callable[[], Partway], *, stopping: bool) -> None:
        """Save where the run is, if it is due."""
        if self._path is None or not (stopping or monotonic() >= self._due):
            return
        try:
            write_partway(self._path, partway())
        except OSError as error:
            warnings.warn(
                f"{str(self._path)!r} could not be written ({error.strerror or error}); training continues.",
                CheckpointWarning,
                stacklevel=2,
            )
        self._due = monotonic() + self._every


def _plan(run: RunArguments, network: Network, settings: TrainSettings, seed: int, lanes: int, accumulate: int) -> Plan:
    """Return the plan of a run on lanes."""
    # its clock and callback are shared by other means; there is no replay to keep states for
    alone = replace(settings, time_limit=None, callback=None, kept_states=0)
    X, held_out = _streamed(run.X), run.validation
    if held_out is not None:
        held_out = (_streamed(held_out[0]), *held_out[1:])
    plan = make_plan(network, X, run.Y, alone, weights=run.weights, validation=held_out, seed=seed)
    if plan.problem.solver.full_batch:
        raise ParameterError(
            f"solver {plan.problem.solver.name!r} uses all rows at every step, but a cluster trains on minibatches; "
            f"use solver 'adam' or 'sgd'."
        )
    if hasattr(plan.data.X, "tocsr"):
        raise ParameterError("a sparse X cannot be shared between processes; use X.toarray().")
    return replace(plan, lanes=lanes, batch_size=min(plan.batch_size * accumulate, plan.data.n_samples))


def _streamed(X: Any) -> Any:
    """Return rows of a source so that they are streamed in any case: lanes share its groups, whatever fits where."""
    return replace(X, window=max(1, X.n_rows - 1)) if isinstance(X, EncodedRows) else X


def _groups_of(plan: Plan) -> Groups:
    if isinstance(plan.data, StreamedData):
        return StreamedGroups(plan.data.rows, plan.problem.network.theta.dtype)
    return GroupsInMemory(plan.data)


def _together(comm: Comm, callback: Callback | None) -> Callback:
    """Return a callback that asks rank 0's, and lets all processes stop with it."""

    def hear(epoch: Epoch, network: Network) -> bool:
        wants = comm.rank == 0 and callback is not None and bool(callback(epoch, network))
        (n,) = comm.allreduce(np.asarray([wants], np.int64))
        return bool(n[0])

    return hear


def read_as_file(content: bytes, read: Callable[[Path], T]) -> T:
    """Return what a reader of files makes of their content."""
    with scratch_folder() as folder:
        path = folder / "content"
        path.write_bytes(content)
        return read(path)
