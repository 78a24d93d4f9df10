"""Checks of output files, made before any work is done."""

import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.cli.inputs import one_source
from glassnet.data.reading.sources import files_read_by
from glassnet.errors import ParameterError

MODEL_START = b'{"__metadata__'  # the start of every .glassnet file, after eight bytes of length


def check_output(path: Path, *, force: bool, replaces_models: bool = False) -> None:
    """Refuse an unwritable path, and a file that would be overwritten.

    Parameters
    ----------
    path : Path
    force : bool
        Whether an existing file may be replaced.
    replaces_models : bool
        Whether an existing model may always be replaced.
    """
    if is_device(path):
        return
    folder = path.parent
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is a file and not a directory; choose another place.")
    if not folder.is_dir():
        raise FileNotFoundError(
            f"the directory {str(folder)!r} does not exist; make it first, or choose another place."
        )
    if path.is_dir():
        raise IsADirectoryError(
            f"{str(path)!r} is a directory; name a file in it, such as {path / 'out'}{path.suffix}."
        )
    if not os.access(Path(os.path.realpath(path)).parent, os.W_OK | os.X_OK):
        raise PermissionError(f"you may not write into {str(folder)!r}; choose another place.")
    if path.exists() and not force and not (replaces_models and is_model(path)):
        what = "is there already and is no glassnet model" if replaces_models else "is there already"
        raise FileExistsError(f"{str(path)!r} {what}; choose another name, or replace it with --force.")


def is_device(path: Path) -> bool:
    """Return whether a path is a device or pipe, such as ``/dev/null``, which is never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def refuse_own_input(output: Path, data: Sequence[str], model: Path | None = None) -> None:
    """Refuse an output that is also an input: by its name, a link, a pattern, a folder, a query or stdin."""
    if not output.exists():
        return
    read = [*(files_read_by(one_source(data)) if data else []), *([] if model is None else [model])]
    if any(path.exists() and output.samefile(path) for path in read):
        raise ParameterError(f"{str(output)!r} is also read by this command; choose another name for the output.")


def is_model(path: Path) -> bool:
    """Return whether a file starts like a .glassnet file."""
    if not path.is_file() or not os.access(path, os.R_OK):
        return False
    with path.open("rb") as file:
        start = file.read(8 + len(MODEL_START))
    return start[8:] == MODEL_START
