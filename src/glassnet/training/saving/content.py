"""From a run's state to the bytes of a checkpoint, and back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from glassnet.core.catalog.activation import Activation
from glassnet.core.network import Network
from glassnet.data.agreement import expect
from glassnet.engines.base import Divergence, State
from glassnet.errors import CheckpointError, ModelFileError
from glassnet.escaping import brief
from glassnet.tensor_files import FileKind, digest_of, opened, to_bytes
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.history import NAMES, Epochs
from glassnet.training.plan import Plan
from glassnet.training.run_state import End, RunState, Watched
from glassnet.training.saving.generators import describe_position, position_from
from glassnet.training.saving.records import (
    CheckpointRecord,
    DescriptionRecord,
    DivergenceRecord,
    EndRecord,
    RunRecord,
    StateRecord,
    TaskRecord,
    WatchedRecord,
    number,
    value_of,
)
from glassnet.training.saving.task import network_from
from glassnet.typing import Array

KIND = FileKind(
    key="glassnet-run",
    format=1,
    error=CheckpointError,
    noun="checkpoint",
    expected="a checkpoint",
    origin="a file written by glassnet.train(..., checkpoint=...)",
    other="not a checkpoint of glassnet",
    hints={"glassnet": "is a model and no checkpoint; open it with glassnet.load(...)"},
)
LARGEST_FILE = 64 << 30  # bytes; a billion parameters with Adam's moments, the best parameters and some snapshots

COLUMNS = tuple(name for name in NAMES if name != "epoch")
MEASURED = ("cost", "penalty", "learning_rate", "gradient_norm", "seconds")  # in every run

_decoder = msgspec.json.Decoder(DescriptionRecord)


@dataclass(frozen=True, eq=False)
class Content:
    """A checkpoint as it was read: checked in form, but not yet against a plan."""

    path: Path
    record: DescriptionRecord
    tensors: Mapping[str, Array]

    def network(self, own: Mapping[str, Activation]) -> Network:
        """Return the network with its initial parameters; `own` are the user's activations."""
        with named(self.path):
            return network_from(self.record.task.network, _flat(self.tensors, "start"), own)

    def run_state(self, plan: Plan, start: State) -> RunState:
        """Return the state to continue from; `start` is that of the plan, whose form the arrays must have."""
        with named(self.path):
            return _Restoring(self.tensors, plan, start).run_state(self.record.run)


def write_content(task: TaskRecord, start: Array, run: RunState) -> bytes:
    """Return a checkpoint's bytes; `start` are the initial parameters."""
    tensors = {"start": start, **_arrays("", run.state)}
    if run.watched.theta is not run.state.theta:
        tensors["watched"] = run.watched.theta
    kept = []
    for k, each in enumerate(run.kept):
        state = None if each.state is None else _describe_state(each.state)
        kept.append(CheckpointRecord(each.epochs, describe_position(each.position), state))
        if each.state is not None:
            tensors |= _arrays(f"kept.{k}.", each.state)
    values = {name: run.epochs.values(name) for name in COLUMNS}
    columns = [name for name, column in values.items() if column and column[0] is not None]
    tensors["history"] = np.asarray([values[name] for name in columns], np.float64).reshape(
        len(columns), len(run.epochs)
    )
    if run.snapshots:
        tensors["snapshots"] = np.stack(list(run.snapshots.values()))  # (n_snapshots, n_params)
    watched = run.watched
    record = RunRecord(
        n_epochs=len(run.epochs),
        columns=columns,  # type: ignore[arg-type]  # of COLUMNS
        state=_describe_state(run.state),
        position=describe_position(run.position),
        watched=WatchedRecord(watched.epoch, number(watched.best), number(watched.target), watched.waited),
        factor=run.factor,
        kept=kept,
        factors=list(run.factors),
        seconds=run.seconds,
        heard=run.heard,
        end=None if run.end is None else _describe_end(run.end),
    )
    text = msgspec.json.encode(DescriptionRecord(task, record)).decode()
    return to_bytes(KIND, text, tensors)


def read_content(path: Path) -> Content:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        If it is damaged, altered, of a newer format, or no checkpoint.
    FileNotFoundError
        If there is no such file.
    """
    with opened(path, KIND, LARGEST_FILE) as file:
        forms = {name: file.form(name) for name in file.names}
        odd = sorted(name for name, (dtype, _) in forms.items() if dtype not in ("F32", "F64"))
        if odd:
            raise CheckpointError(f"{str(path)!r} has the tensor {odd[0]!r} in a form that checkpoints do not have.")
        text, checksum, tensors = file.text, file.checksum, {name: file.tensor(name) for name in forms}
    if digest_of(text, tensors) != checksum:
        raise CheckpointError(f"{str(path)!r} was altered after it was written: its checksum does not fit.")
    try:
        record: DescriptionRecord = _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CheckpointError(
            f"{str(path)!r} does not describe a run that this version can continue: {brief(str(error), 300)}; use the "
            f"version of glassnet that wrote it."
        ) from None
    return Content(path, record, tensors)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let an error about the content say which file it is in."""
    try:
        yield
    except ModelFileError as error:  # by what checkpoints and model files share
        raise CheckpointError(f"{str(path)!r} is not read: {brief(str(error))}") from None


class _Restoring:
    """Makes a run's state of the tensors and records of a checkpoint, each held against the plan."""

    def __init__(self, tensors: Mapping[str, Array], plan: Plan, start: State) -> None:
        self._tensors, self._plan, self._start = tensors, plan, start

    def run_state(self, record: RunRecord) -> RunState:
        """Return the state that a record stands for."""
        plan, n_epochs = self._plan, record.n_epochs
        expect(n_epochs <= plan.epochs, "run.n_epochs", f"is {n_epochs} of {plan.epochs}")
        state, kept = self._state("", record.state), self._kept(record)
        first = 0 if kept[0].state is None else kept[0].state.step
        done = first + n_epochs * plan.steps_per_epoch
        diverged = record.end is not None and record.end.divergence is not None
        in_last = done <= state.step < done + plan.steps_per_epoch if diverged else state.step == done
        expect(in_last, "run.state", f"is after step {state.step}, but {n_epochs} epochs end with step {done}")
        expect(record.heard <= n_epochs, "run.heard", f"is {record.heard} of {n_epochs}")
        watched = record.watched
        expect(watched.epoch <= n_epochs and watched.waited <= n_epochs, "run.watched", "is of later epochs")
        theta = self._theta("watched") if "watched" in self._tensors else state.theta
        epochs = [epochs for epochs, _ in record.factors]
        in_order = epochs == sorted(epochs) and epochs[-1] <= n_epochs
        expect(record.factors[0] == (0, 1.0) and in_order, "run.factors", "are not of this run")
        return RunState(
            state,
            self._epochs(record),
            self._position(record.position),
            Watched(theta, watched.epoch, value_of(watched.best), value_of(watched.target), watched.waited),
            record.factor,
            kept,
            tuple(record.factors),
            self._snapshots(n_epochs),
            record.seconds,
            record.heard,
            None if record.end is None else _end_from(record.end),
        )

    def _theta(self, name: str) -> Array:
        return self._like(name, self._start.theta)

    def _like(self, name: str, known: Array) -> Array:
        """Return a tensor, which must have the form of an array at the start of the run."""
        expect(name in self._tensors, f"tensor {name}", "is missing")
        tensor = self._tensors[name]
        expect(tensor.ndim == known.ndim, f"tensor {name}", f"has {tensor.ndim} dimensions")
        expect(tensor.shape == known.shape, f"tensor {name}", f"has {tensor.size} parameters instead of {known.size}")
        expect(tensor.dtype == known.dtype, f"tensor {name}", f"is in {tensor.dtype} instead of {known.dtype}")
        return tensor

    def _state(self, place: str, record: StateRecord) -> State:
        fields: dict[str, Any] = self._start.solver._asdict()
        counts = {name for name, value in fields.items() if not isinstance(value, np.ndarray)}
        expect(set(record.counts) == counts, f"{place}state", "is of another solver")
        values = {
            name: record.counts[name] if name in counts else self._like(f"{place}solver.{name}", value)
            for name, value in fields.items()
        }
        return State(self._theta(f"{place}theta"), type(self._start.solver)(**values), record.step)

    def _position(self, record: Any) -> Any:
        n_rows = max(1, record.numbers // self._plan.data.n_ordered)
        expect(record.taken <= n_rows, "position", f"is after {record.taken} of {n_rows} orders")
        return position_from(record)

    def _kept(self, record: RunRecord) -> tuple[Checkpoint, ...]:
        kept = []
        for k, each in enumerate(record.kept):
            state = None if each.state is None else self._state(f"kept.{k}.", each.state)
            kept.append(Checkpoint(each.epochs, state, self._position(each.position)))
        epochs = [each.epochs for each in kept]
        gap = epochs[1] if len(epochs) > 1 else 1
        evenly = gap > 0 and epochs == list(range(0, gap * len(epochs), gap)) and epochs[-1] <= record.n_epochs
        are_whole = all(each.state is not None for each in kept[1:])
        expect(evenly and are_whole and len(kept) <= self._plan.kept_states + 1, "run.kept", "are not of this run")
        return tuple(kept)

    def _epochs(self, record: RunRecord) -> Epochs:
        """Return the history; its columns must be those that the plan measures."""
        plan, n_epochs = self._plan, record.n_epochs
        has_metric, has_validation = plan.problem.metric is not None, plan.validation is not None
        also = {"metric": has_metric, "validation_cost": has_validation}
        also["validation_metric"] = has_metric and has_validation
        wanted = [name for name in COLUMNS if n_epochs and (name in MEASURED or also.get(name))]
        expect(list(record.columns) == wanted, "run.columns", "are not those that this run measures")
        history = self._tensors.get("history")
        fits = history is not None and history.shape == (len(wanted), n_epochs) and history.dtype == np.float64
        expect(fits, "tensor history", f"does not have {n_epochs} epochs")
        assert history is not None
        epochs = Epochs()
        if n_epochs:
            measured = dict(zip(wanted, history, strict=True))
            epochs.add(n_epochs, **{name: measured.get(name) for name in COLUMNS})
        return epochs

    def _snapshots(self, n_epochs: int) -> dict[int, Array]:
        every = self._plan.snapshots
        n = n_epochs // every if every else 0
        theta, stacked = self._start.theta, self._tensors.get("snapshots")
        if n == 0:
            expect(stacked is None, "tensor snapshots", "is of other epochs")
            return {}
        fits = stacked is not None and stacked.shape == (n, theta.size) and stacked.dtype == theta.dtype
        expect(fits, "tensor snapshots", f"does not have {n} snapshots")
        assert stacked is not None
        return {every * k: each.copy() for k, each in enumerate(stacked, start=1)}


def _flat(tensors: Mapping[str, Array], name: str) -> Array:
    expect(name in tensors, f"tensor {name}", "is missing")
    tensor = tensors[name]
    expect(tensor.ndim == 1, f"tensor {name}", f"has {tensor.ndim} dimensions")
    return tensor


def _arrays(place: str, state: State) -> dict[str, Array]:
    memory = {f"{place}solver.{name}": value for name, value in state.solver._asdict().items()}
    return {f"{place}theta": state.theta} | {k: value for k, value in memory.items() if isinstance(value, np.ndarray)}


def _describe_state(state: State) -> StateRecord:
    fields = state.solver._asdict()
    return StateRecord(state.step, {k: int(value) for k, value in fields.items() if not isinstance(value, np.ndarray)})


def _describe_end(end: End) -> EndRecord:
    found = end.divergence
    record = None if found is None else DivergenceRecord(**asdict(found))
    return EndRecord(end.stopped, end.reason[:10_000], record)  # type: ignore[arg-type]


def _end_from(record: EndRecord) -> End:
    found = record.divergence
    divergence = None if found is None else Divergence(**msgspec.structs.asdict(found))
    return End(record.stopped, record.reason, divergence)
