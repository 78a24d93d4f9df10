"""Machine code on disk heals itself, and nothing that is damaged is run."""

import errno
import os
import pickle
import shutil

import numpy as np
import pytest
from numba import njit
from numba.core import event

from glassnet.engines.cpu.compiling import build, code_cache, folders
from glassnet.engines.cpu.compiling.code_cache import MAGIC, PART, SUFFIX
from glassnet.engines.cpu.compiling.decorators import entry


def twice(x):
    return x + x


def thrice(x):
    return x + x + x


def size_of(x):
    return x.size


class Compiled(event.Listener):
    """Counts what is compiled."""

    n = 0

    def on_start(self, event):
        self.n += 1

    def on_end(self, event):
        pass


def call(function, *arguments):
    """Call a function as a fresh process would; return what it returns, and how many functions were compiled."""
    compiled = Compiled()
    with event.install_listener("numba:compile", compiled):
        return entry(function)(*arguments), compiled.n


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty folder for machine code."""
    folders.cache_folder.cache_clear()
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path))
    yield folders.cache_folder()
    folders.cache_folder.cache_clear()


@pytest.fixture
def kept(folder):
    """The file of one compiled function."""
    assert call(twice, 2) == (4, 1)
    (path,) = folder.glob(f"*{SUFFIX}")
    return path


def code_of_another(path):
    call(thrice, 2)
    (other,) = set(path.parent.glob(f"*{SUFFIX}")) - {path}
    return other


def cut(path, n_bytes):
    path.write_bytes(path.read_bytes()[:n_bytes])


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)


def make_folder_of(path):
    path.unlink()
    path.mkdir()
    (path / "something").write_text("else")


def make_pipe_of(path):
    path.unlink()
    os.mkfifo(path)


def make_dangling(path):
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


def pickle_something_else(path):
    """A file with the right digest, as another version of glassnet may have written it."""
    (key,) = KEYS
    payload = pickle.dumps(("something", "else"))
    path.write_bytes(MAGIC + code_cache._digest(key, payload) + payload)


KEYS: set[str] = set()

DAMAGE = {
    "emptied": lambda path: path.write_bytes(b""),
    "halved": lambda path: cut(path, path.stat().st_size // 2),
    "cut in its beginning": lambda path: cut(path, len(MAGIC) + 7),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "another beginning": lambda path: flip(path, 3),
    "another digest": lambda path: flip(path, len(MAGIC) + 3),
    "a flipped byte": lambda path: flip(path, -100),
    "foreign": lambda path: path.write_bytes(b"\x80\x04N."),
    "of another function": lambda path: shutil.copy(code_of_another(path), path),
    "removed": lambda path: path.unlink(),
    "unreadable": lambda path: path.chmod(0),
    "writable for all": lambda path: path.chmod(0o666),
    "a folder": make_folder_of,
    "a pipe": make_pipe_of,
    "a link to nowhere": make_dangling,
    "another content": pickle_something_else,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_damaged_is_made_anew_once(damage, kept, monkeypatch):
    key_of = code_cache.CodeCache._key
    KEYS.clear()
    with monkeypatch.context() as patch:
        patch.setattr(code_cache.CodeCache, "_key", lambda *given: KEYS.add(key_of(*given)) or key_of(*given))
        assert call(twice, 2) == (4, 0)
    damage(kept)
    is_readable = os.path.isfile(kept) and os.access(kept, os.R_OK) and damage is DAMAGE["unreadable"]

    assert call(twice, 2) == (4, 0 if is_readable else 1)  # root reads everything
    assert call(twice, 2) == (4, 0)
    assert not list(kept.parent.glob(f"*{PART}"))


def test_no_byte_can_change_unnoticed(kept, monkeypatch):
    """Each place of the file, by turns of some: the digest is compared before anything is unpickled or loaded."""

    def never(*given):
        raise AssertionError("damaged code was unpickled")

    whole = kept.read_bytes()
    compiled = call(twice, 2.5)[1]  # of other types: a second file, so that the first one is known by its name
    monkeypatch.setattr(code_cache.pickle, "loads", never)
    monkeypatch.setattr(code_cache, "_discard", lambda path: None)
    for place in [*range(len(MAGIC) + code_cache.DIGEST_BYTES), *range(64, len(whole), 97)]:
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        kept.write_bytes(content)
        with pytest.raises(ValueError, match="is damaged"):
            code_cache._read(kept, "any key")

    assert compiled == 1


@pytest.mark.parametrize(
    "error", [RuntimeError("LLVM"), ImportError("gone"), MemoryError(), RecursionError(), KeyError(1)]
)
def test_whatever_fails_while_loading_makes_it_anew(error, kept, monkeypatch):
    """Also what no digest can tell: code that another build of Numba or LLVM cannot take."""
    damaged = kept.read_bytes()

    def fail(*given):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(code_cache.CompileResult, "_rebuild", fail)
        assert call(twice, 2) == (4, 1)
    assert kept.read_bytes()[: len(MAGIC)] == damaged[: len(MAGIC)]
    assert call(twice, 2) == (4, 0)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EROFS, "read-only")])
def test_what_cannot_be_kept_is_computed_all_the_same(error, folder, monkeypatch):
    def fail(descriptor):
        raise error

    monkeypatch.setattr(code_cache.os, "fsync", fail)

    assert call(twice, 2) == (4, 1)
    assert list(folder.glob(f"*{SUFFIX}*")) == []


def test_a_folder_that_goes_meanwhile_is_no_error(kept):
    shutil.rmtree(kept.parent)

    assert call(twice, 2) == (4, 1)


def test_what_killed_processes_left_half_written_is_removed(folder):
    left = folder / f"twice.0123{SUFFIX}.1-2{PART}"
    left.write_bytes(b"half")
    call(twice, 2)

    assert not left.exists()


def test_what_was_loaded_is_not_linked_into_another_function(kept):
    """The file has no code for that, so it must be an error, not a call of something else."""
    loaded = entry(twice)
    assert loaded(2) == 4

    @njit
    def calls_it(x):
        return loaded(x)

    with pytest.raises(RuntimeError, match="library unfit for linking"):
        calls_it(2)


def test_each_type_has_a_file(folder):
    locked = np.ones(3)
    locked.flags.writeable = False
    for argument in (np.ones(3), np.ones(3, "f"), np.ones((2, 2)), np.ones((2, 2)).T, locked):
        assert call(size_of, argument) == (argument.size, 1)
        assert call(size_of, argument) == (argument.size, 0)

    assert len(list(folder.glob(f"*{SUFFIX}"))) == 5


def test_without_a_folder_nothing_is_kept(folder, monkeypatch):
    monkeypatch.setattr(code_cache, "cache_folder", lambda: None)

    assert [call(twice, 2), call(twice, 2)] == [(4, 1), (4, 1)]
    assert list(folder.iterdir()) == []


def test_an_error_of_the_function_is_raised_and_frees_the_folder(folder):
    def fails(x):
        return x.no_such_attribute

    for _ in range(2):  # the second time would wait for the first one's lock
        with pytest.raises(Exception, match="no_such_attribute"):
            call(fails, 2)
    assert call(twice, 2) == (4, 1)


@pytest.mark.parametrize("program", [None, "", "uwsgi", "my-application.exe"])
def test_an_application_with_python_inside_is_not_started_once_more(program, monkeypatch, tmp_path):
    monkeypatch.setattr(build.sys, "executable", program)

    assert build.run_workers(tmp_path) is None


def test_a_frozen_application_is_not_started_once_more(monkeypatch, tmp_path):
    monkeypatch.setattr(build.sys, "frozen", True, raising=False)

    assert build.run_workers(tmp_path) is None


def test_workers_that_fail_leave_the_work_to_this_process(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "WORKER", "import sys; sys.stdin.readline(); print('no line of ours'); sys.exit(1)")

    assert build.run_workers(tmp_path) is None
    assert not build.compile_usual(tmp_path)
