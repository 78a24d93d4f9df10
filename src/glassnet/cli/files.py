"""Checks of output files, made before any work is done."""

import os
from collections.abc import Sequence
from pathlib import Path

from glassnet.cli.inputs import one_source
from glassnet.data.reading.sources import files_read_by
from glassnet.data.reading.sql.query import is_query
from glassnet.errors import ParameterError

MODEL_START = b'{"__metadata__'  # the start of every .glassnet file, after eight bytes of length
OF_A_CHECKPOINT = b'"glassnet-run":'  # a name in the metadata; in texts, quotes are escaped
LONGEST_HEADER = 100 << 20  # bytes, as in safetensors


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
    """Return whether a path is a device or pipe, such as ``/dev/null``: written to, never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def refuse_own_input(output: Path, data: Sequence[str], model: Path | None = None) -> None:
    """Refuse an output that is also an input: by its name, a link, a pattern, a folder, a query or stdin."""
    if not output.exists():
        return
    read = [*(files_read_by(one_source(data)) if data else []), *([] if model is None else [model])]
    if any(path.exists() and output.samefile(path) for path in read):
        raise ParameterError(f"{str(output)!r} is also read by this command; choose another name for the output.")


def is_model(path: Path) -> bool:
    """Return whether a file starts like a .glassnet file, and not like a checkpoint."""
    if not path.is_file() or not os.access(path, os.R_OK):
        return False
    with path.open("rb") as file:
        length = min(int.from_bytes(file.read(8), "little"), LONGEST_HEADER)
        start = file.read(len(MODEL_START))
        return start == MODEL_START and OF_A_CHECKPOINT not in file.read(length)


def check_checkpoint(folder: Path | None, *, resume: bool) -> None:
    """Refuse to continue what the user may not want to be continued, and --resume alone."""
    if folder is None and resume:
        raise ParameterError("--resume needs --checkpoint DIR, the directory in which the training was saved.")
    if folder is not None and not resume and folder.is_dir() and any(folder.glob("*.ckpt")):
        raise FileExistsError(
            f"{str(folder)!r} has checkpoints already; add --resume to continue their training, or choose another "
            f"directory."
        )


def stem_of(data: Sequence[str], target: str) -> str:
    """Return the model file's stem: the data file's, or the target's for several files or a query."""
    if len(data) == 1 and not is_query(data[0]) and Path(data[0]).is_file():
        return Path(data[0]).name.split(".")[0] or "model"
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in target)
