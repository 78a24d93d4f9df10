"""Ctrl-C at moments at which Python loses it: the program ends all the same."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals to its own process")

GREEDY = """
import signal
try:
    signal.raise_signal(signal.SIGINT)
    end = "after the import"
except BaseException:
    end = "lost"
"""

PROGRAM = """
import signal, sys, time
from glassnet.cli import process
process.end_at_once_on_interrupt()
process.end_cleanly_on_signals()
try:
    import greedy
    time.sleep(60)
except KeyboardInterrupt:
    print(greedy.end)
"""


def run(script, folder, *words):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)


@pytest.mark.parametrize("start", ["", "import program"], ids=["program", "program that is imported itself"])
def test_ctrl_c_in_an_import_that_drops_it_counts_after_the_import(tmp_path, start):
    (tmp_path / "greedy.py").write_text(GREEDY)
    (tmp_path / "program.py").write_text(PROGRAM)
    done = run(start or PROGRAM, tmp_path)

    assert (done.stdout, done.stderr, done.returncode) == ("after the import\n", "", 0)


def test_ctrl_c_in_the_first_imports_ends_the_program_at_once(tmp_path):
    """A library that the program needs drops it: nothing is trained for all that."""
    (tmp_path / "typer.py").write_text(GREEDY)
    done = run("import sys; from glassnet.cli import main; sys.exit(main())", tmp_path, "solvers")

    assert (done.stdout, done.stderr) == ("", "Error: interrupted; no file is half-written.\n")
    assert done.returncode == 1


DROPPING = {
    "__del__": """
class Dropping:
    def __del__(self):
        signal.raise_signal(number)
Dropping()
""",
    "callback of C": """
import ctypes
ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(number))()
""",
    "callback of a reference": """
import weakref
class Empty: pass
empty = Empty()
reference = weakref.ref(empty, lambda _: signal.raise_signal(number))
del empty
""",
}


@pytest.mark.parametrize("dropping", DROPPING)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_what_a_callback_drops_is_raised_again(tmp_path, dropping, name):
    script = f"""
import signal, time
from glassnet.cli import process
process.end_cleanly_on_signals()
number = signal.{name}
try:
    {DROPPING[dropping].strip().replace(chr(10), chr(10) + "    ")}
    print("dropped")
    time.sleep(60)
except (KeyboardInterrupt, process.Ended) as end:
    print(type(end).__name__, end)
"""
    done = run(script, tmp_path)

    said = {"SIGINT": "KeyboardInterrupt ", "SIGTERM": "Ended terminated; no file is half-written."}[name]
    assert (done.stdout, done.stderr, done.returncode) == (f"dropped\n{said}\n", "", 0)


def test_other_exceptions_of_callbacks_are_shown(tmp_path):
    script = "from glassnet.cli import process; process.end_cleanly_on_signals()\n"
    done = run(script + "import ctypes; ctypes.CFUNCTYPE(None)(lambda: 1 / 0)()", tmp_path)

    assert "ZeroDivisionError" in done.stderr


def test_a_process_that_does_not_listen_goes_on(tmp_path):
    """As a job in the background of a shell."""
    (tmp_path / "greedy.py").write_text(GREEDY)
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = run(ignoring + PROGRAM.replace("time.sleep(60)", "print(greedy.end)"), tmp_path)

    assert (done.stdout, done.stderr) == ("after the import\n", "")


def test_an_alarm_of_whoever_started_the_program_ends_it(tmp_path):
    """Such as ``perl -e 'alarm 60; exec @ARGV' glassnet train ...``, a limit of time where there is no ``timeout``."""
    script = "import signal; from glassnet.cli import process; process.end_cleanly_on_signals()\n"
    done = run(script + "signal.raise_signal(signal.SIGALRM); print('goes on')", tmp_path)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", -signal.SIGALRM)


def test_an_interrupt_that_still_waits_at_the_end_is_dropped(tmp_path):
    (tmp_path / "greedy.py").write_text(GREEDY)
    waiting = PROGRAM.replace("import greedy", "process._RETRY_SECONDS = 3600\n    import greedy")
    timer = "print(signal.getitimer(signal.ITIMER_REAL)[0] > 0)"
    done = run(waiting.replace("time.sleep(60)", f"{timer}; process.end_quietly_from_here(); {timer}"), tmp_path)

    assert (done.stdout, done.stderr, done.returncode) == ("True\nFalse\n", "", 0)
