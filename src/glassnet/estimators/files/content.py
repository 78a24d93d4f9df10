"""The raw contents of a model file: its metadata and its tensor, not yet validated.

The tensor is the flat `theta` of the network, or of all networks of an ensemble in order. Everything else is strict
JSON in the file's metadata, with a SHA-256 over both.
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
HEADER_START = 22  # bytes: the header's length, and the start of every header that `save` writes


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
    from safetensors import SafetensorError, safe_open

    if path.is_dir():
        raise ModelFileError(f"{str(path)!r} is a folder; expected a .glassnet file.")
    with path.open("rb"):  # raises the system's error; safetensors reports any unreadable file as missing
        size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ModelFileError(f"{str(path)!r} has {size:,} bytes; the maximum for a model is {LARGEST_FILE:,} bytes.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if "glassnet" not in metadata:
                raise ModelFileError(f"{str(path)!r} is a safetensors file, but not one that glassnet saved.")
            version = _format(path, metadata.get("format"))
            if file.keys() != ["theta"]:
                raise ModelFileError(f"{str(path)!r} does not have the tensors of a glassnet model; use a copy.")
            tensor = file.get_slice("theta")
            if tensor.get_dtype() not in ("F32", "F64") or len(tensor.get_shape()) != 1:
                raise ModelFileError(
                    f"{str(path)!r} has parameters of an unexpected type or shape; use a copy of the file."
                )
            return Content(path, metadata["glassnet"], file.get_tensor("theta"), metadata.get("sha256"), version)
    except SafetensorError as error:
        raise ModelFileError(_damage(path, str(error))) from None


def digest_of(text: str, theta: Array) -> str:
    """Return the SHA-256 of a description and its parameters."""
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
