"""Where machine code is kept, and what is said while it is made."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

import glassnet as gn
from glassnet.engines.cpu.compiling import announcement, code_cache


@pytest.fixture
def forget():
    """The folder is looked for once for a process; here it is looked for anew."""
    code_cache.cache_folder.cache_clear()
    yield
    code_cache.cache_folder.cache_clear()


def test_the_user_decides_where(forget, monkeypatch, tmp_path):
    monkeypatch.setattr(code_cache.config, "CACHE_DIR", str(tmp_path))

    assert code_cache.cache_folder().parent == tmp_path


def test_an_installation_that_cannot_be_written_to_uses_the_users_cache(forget, monkeypatch, tmp_path):
    """A file where the folder beside the sources would be: nobody can write there, not even root."""
    locked = tmp_path / "site-packages"
    locked.mkdir()
    (locked / "kernel.py").write_text("x = 1\n")
    (locked / "__pycache__").write_text("not a folder")
    monkeypatch.setattr(code_cache, "HERE", locked)
    monkeypatch.setattr(code_cache.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")

    assert code_cache.cache_folder().parent == tmp_path / "cache"


def test_without_any_place_to_write_it_is_kept_for_this_process_alone(forget, monkeypatch):
    monkeypatch.setattr(code_cache, "_can_write", lambda folder: False)

    folder = code_cache.cache_folder()
    assert folder.is_dir()
    folder.rmdir()


def test_other_sources_have_another_folder_and_theirs_goes(forget, monkeypatch, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    monkeypatch.setattr(code_cache, "HERE", sources)
    monkeypatch.setattr(code_cache.config, "CACHE_DIR", str(tmp_path / "cache"))
    (sources / "a.py").write_text("x = 1\n")
    first = code_cache.cache_folder()
    (sources / "a.py").write_text("x = 2\n")
    code_cache.cache_folder.cache_clear()
    second = code_cache.cache_folder()

    assert first != second
    assert not first.exists()
    assert second.exists()


def test_the_first_use_says_that_it_compiles_and_how_long_it_took(capsys):
    fresh = njit(lambda x: x + 1)
    with announcement.announced("something new"):
        fresh(1)
    first = capsys.readouterr().err.splitlines()
    with announcement.announced("something new"):
        fresh(1.0)

    assert first[0].startswith("glassnet compiles something new, once for this installation")
    assert first[1].startswith("... compiled in ")
    assert first[1].endswith(" s.")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("was_on", [True, False])
def test_the_search_for_garbage_rests_while_it_compiles(was_on, monkeypatch):
    """And then is as it was before, also where the code that was compiled fails."""
    seen = []
    monkeypatch.setattr(announcement.gc, "isenabled", lambda: was_on)
    for name in ("disable", "enable"):
        monkeypatch.setattr(announcement.gc, name, lambda name=name: seen.append(name))
    fresh = njit(lambda x: 1 // x)
    with pytest.raises(ZeroDivisionError), announcement.announced(f"something that fails, {was_on}"):
        fresh(0)

    assert seen == (["disable", "enable"] if was_on else ["disable"])


def test_what_is_there_is_not_announced(capsys):
    ready = njit(lambda x: x + 2)
    ready(1)
    with announcement.announced("something known"):
        ready(1)

    assert capsys.readouterr().err == ""


SCRIPT = """
import sys, numpy as np, glassnet as gn
gn.train(gn.Network.create([2, 2, 1], seed=0), np.eye(2), [[0], [1]], cost="binary_cross_entropy", epochs=2)
print([name for name in ("scipy.linalg", "sklearn", "pandas") if name in sys.modules])
"""


def test_a_second_process_finds_the_machine_code():
    """This process has trained in float64 before; another one says nothing, and needs neither SciPy nor scikit-learn."""
    gn.train(gn.Network.create([2, 1], seed=0), np.eye(2), [[0], [1]], cost="binary_cross_entropy", epochs=1)
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=300, check=True)

    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_arrays_that_may_not_be_written_to_are_taken_as_they_are(capsys):
    """They are a type of their own to Numba; everything would be compiled once more for them."""
    X, Y = np.eye(4), np.ones((4, 1))
    network = gn.Network.create([4, 3, 1], seed=0)
    first = gn.train(network, X, Y, cost="binary_cross_entropy", epochs=2, shuffle=False)
    capsys.readouterr()
    X.flags.writeable = Y.flags.writeable = False
    second = gn.train(network, X, Y, cost="binary_cross_entropy", epochs=2)

    assert capsys.readouterr().err == ""
    assert len(first.history) == len(second.history) == 2


def test_the_folder_is_not_part_of_the_sources():
    assert Path(code_cache.HERE).name == "cpu"
    assert os.path.basename(code_cache.cache_folder()).startswith(code_cache.PREFIX)
