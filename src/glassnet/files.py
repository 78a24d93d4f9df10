"""Files that are whole or not there at all. Floor 0: imports nothing of the project."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes, *, example: str = "file") -> None:
    """Replace the file at `path` by `content` in one move; a failure leaves what was there.

    Parameters
    ----------
    path : Path
    content : bytes
    example : str
        A file's name for the hint where `path` is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; add a file name, such as {str(path / example)!r}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r}; make it first, or save elsewhere.")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # mkstemp's own mode is for secrets
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
