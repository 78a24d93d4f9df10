"""Files of tensors with a JSON description: model files and checkpoints. Floor 0.

They are safetensors files: header, offsets and sizes are checked before use, and nothing in them can be executed.
The description is in the metadata, with its format version and a SHA-256 over description and tensors.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import GlassnetError
from glassnet.installing import upgrade_line
from glassnet.typing import Array

HEADER_START = 22  # bytes: the header's length, and the beginning of every header that is written here


@dataclass(frozen=True)
class FileKind:
    """What a file of tensors is for, and what its readers say of it.

    Attributes
    ----------
    key : str
        The name of the text in the metadata.
    format : int
        The newest form that is read.
    error : type
        What its readers raise.
    noun, expected, origin, other : str
        Such as "model", "a .glassnet file", "a file saved by model.save(...)" and "not one that glassnet saved".
    hints : dict of str to str
        What to say of other files that glassnet writes, by their key.
    """

    key: str
    format: int
    error: type[GlassnetError]
    noun: str
    expected: str
    origin: str
    other: str
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class OpenFile:
    """An open file of tensors, none of them read yet."""

    file: Any
    text: str
    format: int
    checksum: str | None

    @property
    def names(self) -> list[str]:
        """The tensors' names."""
        return list(self.file.keys())

    def form(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Return the type of a tensor, such as "F32", and its shape."""
        part = self.file.get_slice(name)
        return part.get_dtype(), tuple(part.get_shape())

    def tensor(self, name: str) -> Array:
        """Return a tensor."""
        return self.file.get_tensor(name)


@contextmanager
def opened(path: Path, kind: FileKind, largest: int) -> Iterator[OpenFile]:
    """Open a file of tensors.

    Raises
    ------
    GlassnetError
        The kind's error, if it is no such file, cut off, larger than `largest` bytes or of a newer format.
    FileNotFoundError
        If there is no such file.
    """
    from safetensors import SafetensorError, safe_open

    if path.is_dir():
        raise kind.error(f"{str(path)!r} is a folder; expected {kind.expected}.")
    with path.open("rb"):  # raises the system's error; safetensors reports any unreadable file as missing
        size = path.stat().st_size
    if size > largest:
        raise kind.error(f"{str(path)!r} has {size:,} bytes; the maximum for a {kind.noun} is {largest:,} bytes.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if kind.key not in metadata:
                told = [hint for key, hint in kind.hints.items() if key in metadata]
                other = told[0] if told else f"is a safetensors file, but {kind.other}"
                raise kind.error(f"{str(path)!r} {other}.")
            version = _format(path, metadata.get("format"), kind)
            yield OpenFile(file, metadata[kind.key], version, metadata.get("sha256"))
    except SafetensorError as error:
        raise kind.error(_damage(path, str(error), kind)) from None


def to_bytes(kind: FileKind, text: str, tensors: Mapping[str, Array]) -> bytes:
    """Return the content of a file; SafetensorError if its description is too long."""
    from safetensors.numpy import save

    metadata = {kind.key: text, "format": str(kind.format), "sha256": digest_of(text, tensors)}
    # safetensors writes the memory as it lies, whatever the strides say
    return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, metadata=metadata)


def digest_of(text: str, tensors: Mapping[str, Array]) -> str:
    """Return the SHA-256 over a text and tensors, these in the order of their names."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _damage(path: Path, error: str, kind: FileKind) -> str:
    with path.open("rb") as file:
        begins_as_saved = file.read(HEADER_START)[8:] == b'{"__metadata__'
    if begins_as_saved:
        return f"{str(path)!r} is cut off or damaged ({error}); copy or save it again."
    return f"{str(path)!r} is not a glassnet {kind.noun}; expected {kind.origin}."


def _format(path: Path, version: str | None, kind: FileKind) -> int:
    if re.fullmatch("[1-9][0-9]{0,8}", version or "", re.ASCII) is None:
        raise kind.error(f"{str(path)!r} has no format version; use a copy of the file.")
    number = int(version or 0)
    if number > kind.format:
        raise kind.error(
            f"{str(path)!r} has format {number}, but this version reads up to {kind.format}; try: {upgrade_line()}."
        )
    return number
