"""The file of a run within an epoch: an epoch of a large table can take hours, and the checkpoint is of epochs."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from glassnet.clustering.lanes.steps import Partway, Tally
from glassnet.data.records import FromZero, Natural, Record
from glassnet.engines.base import State
from glassnet.errors import CheckpointError
from glassnet.files import write_atomically
from glassnet.tensor_files import FileKind, digest_of, opened, to_bytes
from glassnet.typing import Array

KIND = FileKind(
    key="glassnet-partway",
    format=1,
    error=CheckpointError,
    noun="partial epoch",
    expected="a partial epoch",
    origin="a file written by a training on a cluster",
    other="not a partial epoch of glassnet",
)
LARGEST_FILE = 64 << 30


class PartwayRecord(Record, frozen=True):
    """A `Partway` without its arrays."""

    step: Natural  # within the epoch
    steps: Natural  # of the run
    counts: dict[str, Natural]  # whole numbers of the solver's memory
    cost: float
    metric: float
    norm: FromZero
    seed: Natural
    began: str


_decoder = msgspec.json.Decoder(PartwayRecord)


def digest(theta: Array) -> str:
    """Return a digest of parameters."""
    return hashlib.sha256(np.ascontiguousarray(theta).tobytes()).hexdigest()


def write_partway(path: Path, partway: Partway) -> None:
    """Write where a run is within an epoch; the file is whole, or the one before stays."""
    state, tally = partway.state, partway.tally
    fields: dict[str, Any] = state.solver._asdict()
    arrays = {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
    counts = {name: int(value) for name, value in fields.items() if name not in arrays}
    record = PartwayRecord(
        partway.step, state.step, counts, tally.cost, tally.metric, tally.norm, partway.seed, digest(partway.began)
    )
    tensors = {"theta": state.theta} | {f"solver.{name}": value for name, value in arrays.items()}
    write_atomically(path, to_bytes(KIND, msgspec.json.encode(record).decode(), tensors), example="partway.ckpt")


def read_partway(path: Path) -> tuple[PartwayRecord, dict[str, Array]]:
    """Read a file that `write_partway` wrote.

    Raises
    ------
    CheckpointError
        If it is damaged, or no such file.
    """
    with opened(path, KIND, LARGEST_FILE) as file:
        text, checksum, tensors = file.text, file.checksum, {name: file.tensor(name) for name in file.names}
    if digest_of(text, tensors) != checksum:
        raise CheckpointError(f"{str(path)!r} was altered after it was written; remove it to repeat its epoch.")
    try:
        record: PartwayRecord = _decoder.decode(text)
    except msgspec.DecodeError:
        raise CheckpointError(f"{str(path)!r} is of another version; remove it to repeat its epoch.") from None
    return record, tensors


def restored(record: PartwayRecord, tensors: dict[str, Array], start: State, began: Array) -> Partway | None:
    """Return where a run was left, if it is that of these parameters at the beginning of the epoch; else None.

    `start` has the form of the state.
    """
    if record.began != digest(began):
        return None
    fields: dict[str, Any] = start.solver._asdict()
    values = {
        name: tensors.get(f"solver.{name}") if isinstance(value, np.ndarray) else record.counts.get(name)
        for name, value in fields.items()
    }
    theta = tensors.get("theta")
    fits = theta is not None and theta.shape == start.theta.shape and theta.dtype == start.theta.dtype
    if not fits or any(_form(values[name]) != _form(value) for name, value in fields.items()):
        return None
    state = State(theta, type(start.solver)(**values), record.steps)
    return Partway(state, record.step, Tally(record.cost, record.metric, record.norm), record.seed, began)


def _form(value: Any) -> Any:
    return (value.shape, value.dtype) if isinstance(value, np.ndarray) else type(value)
