"""What lies in a model file: its metadata and its one tensor, read before anything of it is trusted.

The tensor is the flat `theta`, of an ensemble those of its networks one after the other; everything else is one
strict-JSON text in the file's metadata, together with a SHA-256 over both.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from glassnet.errors import ModelFileError
from glassnet.installing import upgrade_line
from glassnet.typing import Array

FORMAT = 1
LARGEST_FILE = 4 << 30  # bytes; a billion parameters in float32
HEADER_START = 22  # bytes: the header's length, and the beginning of every header that save writes


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
    from safetensors import SafetensorError, safe_open

    if path.is_dir():
        raise ModelFileError(f"{str(path)!r} is a folder; expected a .glassnet file.")
    with path.open("rb"):  # the system's own words: safetensors says of every file it may not open that there is none
        size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ModelFileError(f"{str(path)!r} has {size:,} bytes; models of up to {LARGEST_FILE:,} bytes are read.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if "glassnet" not in metadata:
                raise ModelFileError(f"{str(path)!r} is a safetensors file, but not one that glassnet saved.")
            version = _format(path, metadata.get("format"))
            if file.keys() != ["theta"]:
                raise ModelFileError(f"{str(path)!r} has other tensors than a glassnet model has; use a copy.")
            tensor = file.get_slice("theta")
            if tensor.get_dtype() not in ("F32", "F64") or len(tensor.get_shape()) != 1:
                raise ModelFileError(f"{str(path)!r} has no parameters in the form expected; use a copy of the file.")
            return Content(path, metadata["glassnet"], file.get_tensor("theta"), metadata.get("sha256"), version)
    except SafetensorError as error:
        raise ModelFileError(_damage(path, str(error))) from None


def digest_of(text: str, theta: Array) -> str:
    """Return the SHA-256 over a description and the parameters."""
    digest = hashlib.sha256(text.encode())
    digest.update(theta.astype(theta.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _damage(path: Path, error: str) -> str:
    with path.open("rb") as file:
        begins_as_saved = file.read(HEADER_START)[8:] == b'{"__metadata__'
    if begins_as_saved:
        return f"{str(path)!r} is cut off or damaged ({error}); copy or save it again."
    return f"{str(path)!r} is not a glassnet model; expected a file saved by model.save(...)."


def _format(path: Path, version: str | None) -> int:
    if re.fullmatch("[1-9][0-9]{0,8}", version or "", re.ASCII) is None:
        raise ModelFileError(f"{str(path)!r} has no format version; use a copy of the file.")
    number = int(version or 0)
    if number > FORMAT:
        raise ModelFileError(
            f"{str(path)!r} has format {number}, but this version reads up to {FORMAT}; try: {upgrade_line()}."
        )
    return number
