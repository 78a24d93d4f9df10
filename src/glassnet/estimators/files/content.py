"""What lies in a model file: its metadata and its one tensor, read before anything of it is trusted.

The tensor is the flat `theta`, of an ensemble those of its networks one after the other; everything else is one
strict-JSON text in the file's metadata, together with a SHA-256 over both.
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
    """The text that describes a model, its parameters, and the checksum that was written with them."""

    path: Path
    text: str
    theta: Array  # (n_networks * n_params,)
    checksum: str | None
    format: int

    @property
    def is_as_written(self) -> bool:
        """Whether the checksum fits."""
        return digest_of(self.text, self.theta) == self.checksum


def read_content(path: Path) -> Content:
    """Return what lies in a file; safetensors checks header, offsets and sizes before it trusts any.

    Raises
    ------
    ModelFileError
        If it is no model file, cut off, too large or of a newer format.
    FileNotFoundError
        If there is no such file.
    """
    with opened(path, KIND, LARGEST_FILE) as file:
        if file.names != ["theta"]:
            raise ModelFileError(f"{str(path)!r} has other tensors than a glassnet model has; use a copy.")
        dtype, shape = file.form("theta")
        if dtype not in ("F32", "F64") or len(shape) != 1:
            raise ModelFileError(f"{str(path)!r} has no parameters in the form expected; use a copy of the file.")
        return Content(path, file.text, file.tensor("theta"), file.checksum, file.format)


def digest_of(text: str, theta: Array) -> str:
    """Return the SHA-256 over a description and the parameters."""
    return tensor_files.digest_of(text, {"theta": theta})
