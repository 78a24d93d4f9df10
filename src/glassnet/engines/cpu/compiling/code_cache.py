"""Machine code on disk: one file per function, argument types and kind of processor.

A file that is damaged, foreign or cannot be loaded is removed and compiled again. It begins with a digest of its
content, which is checked before anything is unpickled or run. Files are replaced as a whole, and errors while writing
do not end the run.
"""

import hashlib
import os
import pickle
import re
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import CodeType
from typing import Any

import llvmlite
import numba
from llvmlite import binding, ir
from numba.core import serialize
from numba.core.compiler import CompileResult

from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.compiling.announcement import say_that_it_waits
from glassnet.engines.cpu.compiling.folders import HERE, cache_folder, folders_to_read, has_trusted_owner
from glassnet.engines.cpu.compiling.lock import alone_in

MAGIC = b"glassnet machine code 1\n"
DIGEST_BYTES = 32
MOST_BYTES = 1 << 28  # larger files are not from glassnet
SUFFIX, PART = ".nbc", ".part"

_calls = threading.local()  # .stack: context managers to close when this thread's compiling call ends


class CodeCache:
    """Numba's cache of one function: asked before compilation, and given the result."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._is_ours = Path(function.__code__.co_filename).is_relative_to(HERE)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return the stored code for these types, or None; then this thread holds the lock while it compiles."""
        key = self._key(signature, context)
        found = self._load(key, context)
        if found is not None:
            return found
        if build.is_worker():
            build.check_that_it_may_compile()
            return None
        folder = cache_folder()
        if folder is None:
            return None
        _calls.stack.enter_context(alone_in(folder, say_that_it_waits))
        found = self._load(key, context)  # another process may have compiled it during the wait
        if found is None:
            _sweep(folder)
            if self._is_ours and build.compile_usual(folder):
                found = self._load(key, context)
        return found

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Store compiled code; if that fails, the next process compiles again."""
        folder = build.folder_of_worker() if build.is_worker() else cache_folder()
        if folder is None:
            return
        key = self._key(signature, compiled.target_context)
        path = folder / self._name(key)
        try:
            (name, kind, (code, bitcode)), *rest = compiled._reduce()
            payload = serialize.dumps(((name, kind, (code, _names_in(bitcode))), *rest))
            _write(path, MAGIC + _digest(key, payload) + payload)
        except Exception:
            if build.is_worker():  # its result would be lost
                raise
        else:
            build.tell("compiled", path)

    def _load(self, key: str, context: Any) -> Any:
        for folder in folders_to_read():
            path = folder / self._name(key)
            try:
                payload = _read(path, key)
                found = CompileResult._rebuild(context, *pickle.loads(payload))
                found.library._shared_module = None  # it has names alone: no other function can link it
            except Exception as error:
                if path.is_dir() or not isinstance(error, OSError):  # otherwise it does not exist, or will be replaced
                    _discard(path)
            else:
                build.tell("loaded", path)
                return found
        return None

    def _name(self, key: str) -> str:
        """Return the file name for a key: readable, and unique."""
        words = re.sub(r"\W+", "_", self._function.__name__)
        return f"{words[:60]}.{hashlib.sha256(key.encode()).hexdigest()[:24]}{SUFFIX}"

    def _key(self, signature: Any, context: Any) -> str:
        """Return everything that determines the machine code, except the kernel sources, which determine the folder."""
        function, code = self._function, self._function.__code__
        cells = [serialize.dumps(cell.cell_contents) for cell in function.__closure__ or ()]
        source = None if self._is_ours else _state_of_file(code.co_filename)
        constants = [value for value in code.co_consts if not isinstance(value, CodeType)]
        versions = numba.__version__, llvmlite.__version__, sys.version_info[:3]
        types = tuple(map(repr, signature)), context.codegen().magic_tuple()
        name = function.__module__, function.__qualname__, code.co_firstlineno, source
        return repr((name, code.co_code, constants, code.co_names, cells, types, versions))


@contextmanager
def one_call() -> Iterator[None]:
    """Surround a call in which Numba may load or compile; at its end, the folder is unlocked."""
    before = getattr(_calls, "stack", None)
    with ExitStack() as stack:
        _calls.stack = stack
        try:
            yield
        finally:
            _calls.stack = before


def _names_in(bitcode: bytes) -> bytes:
    """Return a module with the functions' names but not their content, which Numba would read only to link them.

    Reading the content would take half of the time of loading, and 9 MB.
    """
    module = ir.Module()
    for function in binding.parse_bitcode(bitcode).functions:
        if not function.is_declaration:
            empty = ir.Function(module, ir.FunctionType(ir.VoidType(), ()), function.name)
            ir.IRBuilder(empty.append_basic_block()).ret_void()
    named: bytes = binding.parse_assembly(str(module)).as_bitcode()
    return named


def _digest(key: str, payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(key.encode()).digest() + payload).digest()


def _read(path: Path, key: str) -> bytes:
    """Return the payload of a file with a correct digest; raise an exception otherwise."""
    # without O_NONBLOCK, opening a named pipe would block
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES or not has_trusted_owner(status):
            raise ValueError(f"{path} is not a file of machine code")
        content = file.read()
    begin, payload = content[: len(MAGIC) + DIGEST_BYTES], content[len(MAGIC) + DIGEST_BYTES :]
    if begin != MAGIC + _digest(key, payload):
        raise ValueError(f"{path} is damaged")
    return payload


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{PART}")
    try:
        with open(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644), "wb"
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # otherwise, a power failure may leave an empty file under the new name
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _discard(path: Path) -> None:
    """Remove a file of machine code, or whatever has its name."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sweep(folder: Path) -> None:
    """Remove partial files of killed processes; this thread holds the lock, so no other one is writing."""
    for part in folder.glob(f"*{PART}"):
        _discard(part)


def _state_of_file(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
