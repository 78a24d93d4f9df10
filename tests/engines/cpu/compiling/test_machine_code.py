"""What is said while machine code is made, and that a second process finds it."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from numba import njit

import glassnet as gn
from glassnet.engines.cpu.compiling import announcement


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


class Terminal(io.StringIO):
    """What is printed on a terminal."""

    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_between_the_two_lines(monkeypatch):
    """It is gone at the end: the last thing it does is to erase itself."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with announcement.bar("its engine", 4) as shown:
        for _ in range(2):
            shown.advance()
        shown.finish()
    said = terminal.getvalue()

    assert said.startswith("glassnet compiles its engine, once for this installation; this takes some seconds ...\n")
    assert " 50%" in said
    assert re.search(r"\.\.\. compiled in \d\.\d s\.\n$", said)


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_what_was_there_shows_no_bar(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    with announcement.bar("its engine", 4) as shown:
        shown.finish()

    assert sys.stderr.getvalue() == ""


def test_an_interrupt_takes_the_bar_away(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())

    def interrupted():
        with announcement.bar("its engine", 4) as shown:
            shown.advance()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert "compiled in" not in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("\x1b[2K")


def test_a_program_without_stderr_compiles_in_silence(monkeypatch):
    """As pythonw on Windows."""
    monkeypatch.setattr(sys, "stderr", None)
    with announcement.bar("its engine", 4) as shown:
        shown.advance()
        shown.finish()


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
