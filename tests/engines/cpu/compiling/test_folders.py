"""Where machine code is kept: where this user can write and nobody else, and nowhere if there is no such folder."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from glassnet.engines.cpu.compiling import folders


@pytest.fixture
def forget(monkeypatch):
    """The folder is looked for once for a process; here it is looked for anew."""
    for found in (folders.cache_folder, folders.digest):
        found.cache_clear()
    monkeypatch.setattr(folders.config, "CACHE_DIR", "")
    yield
    for found in (folders.cache_folder, folders.digest):
        found.cache_clear()


@pytest.fixture
def locked(forget, monkeypatch, tmp_path):
    """A file where the folder beside the sources would be: nobody can write there, not even root."""
    sources = tmp_path / "site-packages" / "engines" / "cpu"
    sources.mkdir(parents=True)
    (sources / "kernel.py").write_text("x = 1\n")
    (sources / "__pycache__").write_text("not a folder")
    core = tmp_path / "site-packages" / "core"
    for name in folders.WITH_CONSTANTS:
        (core / name).parent.mkdir(parents=True, exist_ok=True)
        (core / name).write_text("y = 1\n")
    monkeypatch.setattr(folders, "HERE", sources)
    return sources


def test_the_user_decides_where(forget, monkeypatch, tmp_path):
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path))

    assert folders.cache_folder().parent == tmp_path
    assert folders.cache_folder().name.startswith(folders.PREFIX)
    assert folders.folders_to_read() == [folders.cache_folder()]


def test_by_default_it_is_beside_the_sources(forget):
    assert next(folders._parents()) == folders.HERE / "__pycache__"
    assert folders.HERE.name == "cpu"


def test_an_installation_that_cannot_be_written_to_uses_the_users_cache(locked, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")

    assert folders.cache_folder().parent == tmp_path / "cache"


def test_machine_code_that_another_user_has_made_for_all_is_read(locked, monkeypatch, tmp_path):
    """As when root warms up while a container image is built: it can be read, though not written to."""
    (locked / "__pycache__").unlink()
    made = locked / "__pycache__" / f"{folders.PREFIX}{folders.digest()}"
    made.mkdir(parents=True, mode=0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")
    can_write = folders._can_write
    monkeypatch.setattr(folders, "_can_write", lambda folder: folder != made and can_write(folder))

    assert folders.folders_to_read() == [made]
    assert folders.cache_folder().parent == tmp_path / "cache"
    assert folders.folders_to_read() == [made, folders.cache_folder()]


@pytest.mark.parametrize("home", [None, ".", "relative"])
def test_a_home_that_cannot_be_found_is_no_error(home, locked, monkeypatch, tmp_path):
    """Without HOME and without an entry in the list of users, as in a container with a number for a user."""

    def unknown(uid):
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    before = sorted(tmp_path.rglob("*"))

    assert folders.cache_folder() is None
    assert folders.folders_to_read() == []
    assert sorted(tmp_path.rglob("*")) == before


def test_a_disk_that_is_nearly_full_keeps_nothing(forget, monkeypatch, tmp_path):
    """Else all would be compiled, and then could not be kept."""
    usage = shutil.disk_usage(tmp_path)._replace(free=folders.LEAST_FREE - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path))

    assert folders.cache_folder() is None


def status(uid, mode):
    return os.stat_result((mode, 1, 1, 1, uid, uid, 1, 1, 1, 1))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows keeps a user's folders private by other means")
@pytest.mark.parametrize(
    ("uid", "mode", "is_trusted"),
    [
        (1000, 0o40755, True),
        (0, 0o40755, True),
        (1000, 0o40700, True),
        (1001, 0o40755, False),
        (1001, 0o40700, False),
        (1000, 0o40775, False),
        (1000, 0o40757, False),
        (0, 0o41777, False),
        (1000, 0o100666, False),
    ],
)
def test_a_folder_is_trusted_if_nobody_else_can_write_to_it(uid, mode, is_trusted, monkeypatch):
    """User 1000 trusts root and no other user, who could otherwise let them run what he likes."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(folders, "_owner_of_sources", lambda: 0)

    assert folders.has_trusted_owner(status(uid, mode)) == is_trusted


def test_a_folder_that_others_can_write_to_is_passed_over(locked, monkeypatch, tmp_path):
    for parent in ("first", "second"):
        (tmp_path / parent).mkdir()
    open_to_all = tmp_path / "first" / f"{folders.PREFIX}{folders.digest()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path / "first"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "second"))
    monkeypatch.setattr(sys, "platform", "linux")

    assert folders.cache_folder().parent == tmp_path / "second"
    assert folders.folders_to_read() == [folders.cache_folder()]


def test_other_sources_have_another_folder_and_only_the_latest_others_stay(locked, monkeypatch, tmp_path):
    """Two versions that share a user's cache, or a build with bounds checks, do not remove each other's code."""
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path / "cache"))
    made = []
    for k in range(folders.KEPT + 2):
        (locked / "kernel.py").write_text(f"x = {k}\n")
        folders.digest.cache_clear()
        folders.cache_folder.cache_clear()
        made.append(folders.cache_folder())
        os.utime(made[-1], (1000 + k, 1000 + k))

    assert len(set(made)) == len(made)
    assert [folder.exists() for folder in made] == [False] + [True] * (folders.KEPT + 1)


def test_the_digest_is_also_of_the_constants_that_kernels_take_from_core(locked):
    first = folders.digest()
    (locked.parents[1] / "core" / "front.py").write_text("y = 2\n")
    folders.digest.cache_clear()

    assert folders.digest() != first


def test_all_files_of_core_whose_constants_are_in_kernels_are_known():
    """A constant is a name in capitals; the others only lay arrays out."""
    kernels = [path for path in folders.HERE.rglob("*.py") if "compiling.decorators import" in path.read_text()]
    taken = {
        f"{module.replace('.', '/')}.py"
        for path in kernels
        for module, names in re.findall(r"from glassnet\.core\.([\w.]+) import \(?([\w,\s]+)", path.read_text())
        if any(name.strip().isupper() for name in names.split(","))
    }

    assert taken == set(folders.WITH_CONSTANTS)


ANOTHER_USER = """
import os, sys, tempfile
import numpy as np
from numba import njit
from glassnet.engines.cpu.compiling import folders
from glassnet.engines.cpu.compiling.announcement import announced
from glassnet.engines.cpu.compiling.decorators import entry

@entry
def twice(x):
    return x + x

njit(lambda x: x)(1)  # imports what only this user may read
folders.digest()
folders.HERE = folders.Path(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(12345); os.setuid(12345)
else:
    import pwd
    def unknown(uid): raise KeyError(uid)
    pwd.getpwuid = unknown
with announced("a function"):
    print(twice(4), folders.cache_folder())
"""


def test_a_user_without_home_and_name_computes_and_leaves_nothing_behind():
    """Really as user 12345 where this test may change the user, else with a list of users that knows nobody."""
    environment = {k: v for k, v in os.environ.items() if k not in {"HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"}}
    with tempfile.TemporaryDirectory() as place:  # pytest's own cannot be entered by another user
        for path in (place, f"{place}/temporary", f"{place}/sources"):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, 0o777)
        Path(place, "sources", "__pycache__").write_text("not a folder")
        environment |= {"TMPDIR": f"{place}/temporary", "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER_USER, f"{place}/sources"],
            env=environment, cwd=place, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        left = os.listdir(f"{place}/temporary"), os.listdir(f"{place}/sources"), sorted(os.listdir(place))

    assert done.stdout.split() == ["8", "None"], done.stderr
    assert done.stderr.startswith(
        "glassnet compiles a function, in each process, because no folder for machine code is writable (NUMBA_CACHE_DIR can"
    )
    assert left == ([], ["__pycache__"], ["sources", "temporary"])
