"""Finds the files of an entry: one file, a pattern, a folder, or stdin. Nothing is opened here."""

import glob
import os
import re
import stat
import sys
from pathlib import Path

from glassnet.data.reading.kinds import ENDINGS, kind_by_name
from glassnet.data.suggestions import nearest
from glassnet.errors import SourceError
from glassnet.escaping import visible

STDIN = "-"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DOWNLOADS = {
    "s3": "aws s3 cp",
    "gs": "gcloud storage cp",
    "gcs": "gcloud storage cp",
    "az": "azcopy copy",
    "abfss": "azcopy copy",
    "hf": "huggingface-cli download",
}


def files_of(entry: str) -> tuple[list[str], list[str]]:
    """Return the files of an entry, in reading order, and notices about skipped files.

    >>> files_of("-")
    (['-'], [])
    """
    refuse_address(entry)
    _refuse_odd_path(entry)
    if entry == STDIN:
        return [STDIN], []
    path = Path(entry)
    if os.path.isdir(entry):
        return _files_of_folder(path)
    if not os.path.lexists(entry) and glob.has_magic(entry):
        return _files_of_pattern(entry), []
    refuse_missing(path)
    return [entry], []


def refuse_address(entry: str) -> None:
    """Reject a URL; the error suggests a download command."""
    match = _SCHEME.match(entry)
    if match is None:
        return
    scheme = match[1].lower()
    if scheme == "file":
        raise SourceError(f"{shown(entry)} is an address, but a path was expected; try it without {match[0]}.")
    command = f"{_DOWNLOADS[scheme]} {shown(entry)} ." if scheme in _DOWNLOADS else f"curl -LO {shown(entry)}"
    raise SourceError(
        f"{shown(entry)} is on a network ({scheme}), but only files on this machine are read; try downloading it "
        f"first: {command}"
    )


def refuse_missing(path: Path) -> None:
    """Reject a missing file; the error suggests the closest name."""
    if os.path.exists(path):
        return
    if os.path.islink(path):
        raise SourceError(
            f"{shown(path)} is a link to a file that is not there ({shown(os.readlink(path))}); try another file."
        )
    folder = path.parent
    try:
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    except OSError:  # a folder with access but without permission to list it
        names = []
    close = nearest(path.name, names)
    hint = (
        f"did you mean {' or '.join(shown(folder / name) for name in close)}?"
        if close
        else f"paths are relative to {shown(Path.cwd())}."
    )
    raise SourceError(f"there is no file {shown(path)}; {hint}")


def shown(name: object) -> str:
    r"""Return a name as one line for a message, with control and invisible characters escaped.

    >>> shown("a.csv"), shown("a\nb.csv")
    ('a.csv', 'a\\nb.csv')
    """
    return visible(str(name))


def local_path(file: str) -> Path | None:
    """Return the path to open for a file, or None for stdin from a pipe or a terminal."""
    if file != STDIN:
        return Path(file)
    try:
        status = os.fstat(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):  # stdin is closed, or replaced by an object
        return None
    redirected = Path(f"/dev/fd/{sys.stdin.fileno()}")
    return redirected if stat.S_ISREG(status.st_mode) and redirected.exists() else None


def _refuse_odd_path(entry: str) -> None:
    if not entry:
        raise SourceError("a path is empty; name a file.")
    if "\0" in entry:
        raise SourceError(f"the path {entry!r} contains a NUL character, which paths cannot; check its text.")
    try:
        os.stat(entry)
    except FileNotFoundError:
        return
    except PermissionError:
        raise SourceError(f"{shown(entry)} is in a folder without permission; try ls -ld on its folders.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        short = entry if len(entry) <= 80 else f"{entry[:77]}..."
        raise SourceError(f"{short!r} cannot be a path: {reason.lower()}. Check the path.") from None


def _files_of_pattern(pattern: str) -> list[str]:
    matches = sorted(match for match in glob.glob(pattern, recursive=True) if os.path.isfile(match))
    if not matches:
        raise SourceError(f"no file matches {pattern!r}; the pattern is read from {shown(Path.cwd())}. Try it with ls.")
    return matches


def _files_of_folder(folder: Path) -> tuple[list[str], list[str]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(
            f"the folder {shown(folder)} cannot be listed: {(error.strerror or str(error)).lower()}."
        ) from None
    seen = [entry for entry in entries if not entry.name.startswith((".", "_"))]  # such as _SUCCESS
    files = [entry for entry in seen if entry.is_file() and kind_by_name(entry.name) is not None]
    folders = [entry for entry in seen if entry.is_dir()]
    if not files:
        raise SourceError(_no_tables(folder, folders))
    kinds: dict[str, Path] = {}
    for file in files:
        kinds.setdefault(str(kind_by_name(file.name)), file)
    if len(kinds) > 1:
        one, other = list(kinds.values())[:2]
        raise SourceError(
            f"the folder {shown(folder)} contains tables of different formats ({shown(one.name)}, "
            f"{shown(other.name)}), but one format was expected; try the pattern "
            f"'{shown(folder / ('*' + one.suffix))}'."
        )
    left = [entry.name for entry in seen if entry not in files]
    return [str(file) for file in files], _left_out(folder, left)


def _no_tables(folder: Path, folders: list[Path]) -> str:
    if folders:
        return (
            f"the folder {shown(folder)} holds no table itself, only folders such as {shown(folders[0].name)}; "
            f"try the pattern '{shown(folder)}/**/*.csv' or '{shown(folder)}/**/*.parquet'."
        )
    endings = ", ".join(ENDINGS)
    return f"the folder {shown(folder)} holds no table; files that end in {endings} were expected. Check the path."


def _left_out(folder: Path, names: list[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [
        f"of the folder {shown(folder)} {shown(', '.join(names[:3]))}{more} was not read: not a table of this folder."
    ]
