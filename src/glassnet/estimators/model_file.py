"""Model files: one safetensors file that holds everything a model is and cannot run anything when it is read.

The tensor is the flat `theta`, of an ensemble those of its networks one after the other; everything else is one
strict-JSON text in the file's metadata, together with a SHA-256 over both. Files are written beside their place and
moved into it, so that a crash leaves the old file or the new one.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.activation import ACTIVATIONS, Activation
from glassnet.errors import ModelFileError, ParameterError
from glassnet.estimators.description import describe_model, restore_model
from glassnet.files import write_atomically
from glassnet.installing import upgrade_line
from glassnet.typing import Array

FORMAT = 1
LARGEST_FILE = 4 << 30  # bytes; a billion parameters in float32
HEADER_START = 22  # bytes: the header's length, and the beginning of every header that save writes


def save(model: Any, path: str | os.PathLike[str], *, library: str) -> None:
    """Write a fitted model to `path`, atomically; `library` is the version that writes it.

    Raises
    ------
    ParameterError
        If a parameter of the model cannot be written, such as a callback.
    OSError
        If the folder does not exist or is not writable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    theta = np.concatenate([member.network.theta for member in model.members_])
    text = _strict_json(describe_model(model, library))
    metadata = {"glassnet": text, "format": str(FORMAT), "sha256": _digest(text, theta)}
    try:
        content = to_bytes({"theta": theta}, metadata=metadata)
    except SafetensorError as error:
        raise ParameterError(
            f"this model cannot be written to a file: its description has {len(text):,} bytes ({error}); "
            f"try fewer columns, or pickle."
        ) from None
    write_atomically(Path(path), content, example="model.glassnet")


def load(path: str | os.PathLike[str], *, activations: Mapping[str, Activation] | None = None) -> Any:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : str or path
        A ``.glassnet`` file.
    activations : dict of str to Activation, optional
        The user's own activations that the model was made with; a file holds only their names.

    Returns
    -------
    GlassClassifier or GlassRegressor
        Fitted, with the same predictions bit by bit.

    Raises
    ------
    ModelFileError
        If the file is truncated, altered, too large, of a newer format, or not a model at all.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> reg.save("line.glassnet")
    >>> bool(gn.load("line.glassnet").predict([[1.5]]) == reg.predict([[1.5]]))
    True
    """
    path = Path(path)
    metadata, theta = _read(path)
    if _digest(metadata["glassnet"], theta) != metadata.get("sha256"):
        raise ModelFileError(f"{str(path)!r} was altered after it was saved: its checksum does not fit; use a copy.")
    try:
        description = json.loads(metadata["glassnet"])
        return restore_model(description, theta, _known(path, description, activations or {}))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, (ModelFileError, ParameterError)):
            raise
        raise ModelFileError(f"{str(path)!r} does not describe a model this version can build: {error}.") from error


def _read(path: Path) -> tuple[dict[str, str], Array]:
    """Return the metadata and the parameters; safetensors checks header, offsets and sizes before it trusts any."""
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
            _check_format(path, metadata.get("format"))
            if file.keys() != ["theta"]:
                raise ModelFileError(f"{str(path)!r} has other tensors than a glassnet model has; use a copy.")
            tensor = file.get_slice("theta")
            if tensor.get_dtype() not in ("F32", "F64") or len(tensor.get_shape()) != 1:
                raise ModelFileError(f"{str(path)!r} has no parameters in the form expected; use a copy of the file.")
            return metadata, file.get_tensor("theta")
    except SafetensorError as error:
        raise ModelFileError(_damage(path, str(error))) from None


def _damage(path: Path, error: str) -> str:
    with path.open("rb") as file:
        begins_as_saved = file.read(HEADER_START)[8:] == b'{"__metadata__'
    if begins_as_saved:
        return f"{str(path)!r} is cut off or damaged ({error}); copy or save it again."
    return f"{str(path)!r} is not a glassnet model; expected a file saved by model.save(...)."


def _check_format(path: Path, version: Any) -> None:
    try:
        number = int(version)
        if number < 1:
            raise ValueError
    except (TypeError, ValueError):
        raise ModelFileError(f"{str(path)!r} has no format version; use a copy of the file.") from None
    if number > FORMAT:
        raise ModelFileError(
            f"{str(path)!r} has format {number}, but this version reads up to {FORMAT}; try: {upgrade_line()}."
        )


def _known(path: Path, description: Mapping[str, Any], own: Mapping[str, Activation]) -> dict[str, Activation]:
    missing = [name for name in description["own_activations"] if name not in own]
    if missing:
        raise ModelFileError(
            f"{str(path)!r} uses your own activation {missing[0]!r}, of which a file holds only the name; "
            f"try gn.load(path, activations={{{missing[0]!r}: ...}})."
        )
    return {**ACTIVATIONS, **own}


def _digest(text: str, theta: Array) -> str:
    digest = hashlib.sha256(text.encode())
    digest.update(theta.astype(theta.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _strict_json(description: dict[str, Any]) -> str:
    try:
        return json.dumps(description, allow_nan=False, ensure_ascii=True)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"this model cannot be written to a file: {error}; try pickle for objects of your own."
        ) from error
