"""The raw contents of a model file: its metadata and its tensor, not yet validated.

The tensor is the flat `theta` of the network, or of all networks of an ensemble in order. Everything else is strict
JSON in the file's metadata, with a SHA-256 over both.
"""

from dataclasses import dataclass
from pathlib import Path

from glassnet import tensor_files
from glassnet.errors import ModelFileError
from glassnet.tensor_files import FileKind, opened
from glassnet.typing import Array

KIND = FileKind(
    key="glassnet",
    format=1,
    error=ModelFileError,
    noun="model",
    expected="a .glassnet file",
    origin="a file saved by model.save(...)",
    other="not one that glassnet saved",
    hints={"glassnet-run": "is a checkpoint of a training; continue it with glassnet.resume(...)"},
)
LARGEST_FILE = 4 << 30  # bytes; a billion parameters in float32


@dataclass(frozen=True, eq=False)
class Content:
    """The description of a model as text, its parameters, and the stored checksum."""

    path: Path
    text: str
    theta: Array  # (n_networks * n_params,)
    checksum: str | None
    format: int

    @property
    def is_as_written(self) -> bool:
        """Whether the stored checksum is correct."""
        return digest_of(self.text, self.theta) == self.checksum


def read_content(path: Path) -> Content:
    """Return the contents of a file; safetensors validates header, offsets and sizes.

    Raises
    ------
    ModelFileError
        If it is not a model file, truncated, too large or of a newer format.
    FileNotFoundError
        If the file does not exist.
    """
    with opened(path, KIND, LARGEST_FILE) as file:
        if file.names != ["theta"]:
            raise ModelFileError(f"{str(path)!r} does not have the tensors of a glassnet model; use a copy.")
        dtype, shape = file.form("theta")
        if dtype not in ("F32", "F64") or len(shape) != 1:
            raise ModelFileError(
                f"{str(path)!r} has parameters of an unexpected type or shape; use a copy of the file."
            )
        return Content(path, file.text, file.tensor("theta"), file.checksum, file.format)


def digest_of(text: str, theta: Array) -> str:
    """Return the SHA-256 over a description and the parameters."""
    return tensor_files.digest_of(text, {"theta": theta})
