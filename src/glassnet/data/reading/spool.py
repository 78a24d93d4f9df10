"""A temporary folder for copies of pipes, compressed files and members of archives."""

import bz2
import gzip
import lzma
import os
import select
import shutil
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Any

from glassnet.data.bounds import Bounds
from glassnet.data.reading.kinds import BZIP2, GZIP, XZ, ZSTD
from glassnet.errors import MissingExtraError, SourceError
from glassnet.files import scratch_folder

BLOCK = 1 << 20
MOST_TIMES_LARGER = 250
"""Maximum growth of a compressed file; text tables grow 5 to 50 times, and more indicates a bomb."""
ALWAYS_ALLOWED = 1 << 28
"""Unpacked size in bytes up to which growth is not checked."""
SECONDS_FOR_A_WRITER = 10.0


class Spool:
    """A folder that is created on first use and removed at the end.

    Examples
    --------
    >>> with Spool() as spool:
    ...     spool.keep([b"a,b"], "a pipe").read_bytes()
    b'a,b'
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._count = 0
        self._bounds, self._n_bytes = bounds, 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def new(self) -> Path:
        """Return the path of a new file."""
        if self._folder is None:
            self._folder = self._stack.enter_context(scratch_folder())
        self._count += 1
        return self._folder / f"{self._count}"

    def keep(self, blocks: Iterable[bytes], name: str, *, source_size: int | None = None) -> Path:
        """Write blocks into a new file and return its path; reject content that is too large or grows too much.

        Parameters
        ----------
        blocks : iterable of bytes
        name : str
            Name for messages.
        source_size : int, optional
            Size in bytes of the compressed source file.
        """
        path = self.new()
        with path.open("wb") as file:
            for block in _bounded(blocks, path.parent, name, source_size):
                self._n_bytes += len(block)
                if self._bounds is not None:
                    self._bounds.check_bytes(name, self._n_bytes)
                file.write(block)
        return path

    @staticmethod
    def count(blocks: Iterator[bytes], name: str, *, source_size: int) -> int:
        """Return the number of bytes without storing them; reject too many as above."""
        return sum(len(block) for block in _bounded(blocks, Path(tempfile.gettempdir()), name, source_size))


def unpacked(path: Path, kind: str, name: str, spool: Spool) -> Path:
    """Return a plain copy of a compressed file."""
    with closing(_decompressed(path, kind, name)) as blocks:  # also if the rest of it is refused
        return spool.keep(blocks, name, source_size=path.stat().st_size)


def taken_from_stdin(spool: Spool) -> Path:
    """Return a copy of stdin."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or sys.stdin.closed:
        raise SourceError("stdin is closed; pipe a table into the command, or name a file.")
    if sys.stdin.isatty():
        raise SourceError("stdin is the terminal; pipe a table into the command, as in: cat data.csv | glassnet ... -")
    return spool.keep(iter(lambda: stream.read(BLOCK), b""), "stdin")


def readable(path: Path, name: str, spool: Spool) -> Path:
    """Return a path that can be opened several times: the file itself, or a copy of a pipe's content."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(f"{name} is a directory, but a file was expected; name a file in it.")
    if stat.S_ISFIFO(mode):
        return spool.keep(_from_pipe(path, name), name)
    if not stat.S_ISREG(mode):
        raise SourceError(f"{name} is a device or a socket, but a file or a pipe was expected. Check the path.")
    if path.stat().st_size == 0:  # such as files in /proc, which have content but size 0
        with path.open("rb") as file:
            return spool.keep(iter(lambda: file.read(BLOCK), b""), name)
    return path if _is_plain(path) else _plain_link(path, spool)


def _is_plain(path: Path) -> bool:
    """Return whether DuckDB reads the path literally and not as a pattern."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not any(mark in text for mark in "*?[]{}")


def _plain_link(path: Path, spool: Spool) -> Path:
    link = spool.new()
    try:
        link.symlink_to(path.absolute())
    except OSError:  # a system without symbolic links
        shutil.copyfile(path, link)
    return link


def _from_pipe(path: Path, name: str) -> Iterator[bytes]:
    """Yield the content of a pipe; raise an error if no process opens it for writing within some seconds."""
    # A process substitution such as /dev/fd/63 has a writer; a named pipe may not have one yet.
    awaits = "pipe:[" not in os.path.realpath(path)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        deadline = time.monotonic() + SECONDS_FOR_A_WRITER
        has_begun = False
        while True:
            try:
                block = os.read(handle, BLOCK)
            except BlockingIOError:  # the writer is not ready
                has_begun = True
                select.select([handle], [], [], 0.5)
                continue
            if block:
                has_begun = True
                yield block
            elif has_begun or not awaits:
                return
            elif time.monotonic() > deadline:
                raise SourceError(
                    f"nothing writes into the pipe {name} (waited {SECONDS_FOR_A_WRITER:.0f} s); start its writer."
                )
            else:
                time.sleep(0.02)
    finally:
        os.close(handle)


def _bounded(blocks: Iterable[bytes], folder: Path, name: str, source_size: int | None) -> Iterator[bytes]:
    most = _most_bytes(folder, source_size)
    n_bytes = 0
    for block in blocks:
        n_bytes += len(block)
        if n_bytes > most:
            raise SourceError(_too_large(name, most, source_size))
        yield block


def _most_bytes(folder: Path, source_size: int | None) -> int:
    free = shutil.disk_usage(folder).free // 2
    if source_size is None:
        return free
    return min(free, max(ALWAYS_ALLOWED, source_size * MOST_TIMES_LARGER))


def _too_large(name: str, most: int, source_size: int | None) -> str:
    shown = f"{most / 1e6:,.0f} MB"
    if source_size is not None and most == max(ALWAYS_ALLOWED, source_size * MOST_TIMES_LARGER):
        return (
            f"{name} has {source_size:,} bytes but unpacks to more than {shown}, like a zip bomb; "
            "try unpacking it yourself if you trust it."
        )
    return f"{name} needs more than {shown}, half of the free space in {tempfile.gettempdir()}; free some."


def _decompressed(path: Path, kind: str, name: str) -> Generator[bytes]:
    try:
        with _openers(name)[kind](path) as file:
            while block := file.read(BLOCK):
                yield block
    except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise _damaged(name, kind, error) from None
    except Exception as error:
        if type(error).__name__ == "ZstdError":
            raise _damaged(name, kind, error) from None
        raise


def _damaged(name: str, kind: str, error: Exception) -> SourceError:
    return SourceError(
        f"{name} is a damaged {kind} file ({str(error).rstrip('.')}); a complete one was expected. Try downloading or "
        "compressing it again."
    )


def _openers(name: str) -> dict[str, Callable[[Path], IO[bytes]]]:
    return {GZIP: gzip.open, BZIP2: bz2.open, XZ: lzma.open, ZSTD: lambda path: _open_zstd(path, name)}  # type: ignore[dict-item]


def _open_zstd(path: Path, name: str) -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise MissingExtraError(
            f"{name} is compressed with zstd, which needs the package backports.zstd; try: pip install backports.zstd"
        ) from None
    return zstd.open(path, "rb")
