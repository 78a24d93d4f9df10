"""The command line as a whole: help, version, exit codes, and the program as installed."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.cli import main
from glassnet.cli.app import COMMANDS
from glassnet.cli.console import emit_json
from glassnet.errors import MissingExtraError


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_json(command, run):
    outcome = run(command, "--help")

    assert outcome.code == 0
    assert "Example:" in outcome.out
    assert f"glassnet {command}" in outcome.out
    assert "--json" in outcome.out


def test_help_lists_the_commands(run):
    outcome = run("--help")

    assert outcome.code == 0
    assert all(command in outcome.out for command in COMMANDS)


def test_version(run):
    assert run("--version").out == f"glassnet {gn.__version__}\n"


def test_without_a_command_it_shows_help_as_wrong_use(run):
    outcome = run()

    assert outcome.code == 2
    assert "Usage:" in outcome.out


@pytest.mark.parametrize(
    "error, code, sentence",
    [
        (MissingExtraError("try pip install 'glassnet[export]'."), 1, "try pip install 'glassnet[export]'."),
        (MemoryError(), 1, "out of memory"),
        (OSError(5, "Input/output error"), 1, "input/output error."),
        (ZeroDivisionError("division by zero"), 1, "this should not happen (ZeroDivisionError: division by zero)"),
        (ValueError("y\n  is odd."), 1, "y is odd."),
    ],
)
def test_every_failure_becomes_a_sentence(error, code, sentence, run, monkeypatch, one_sentence):
    def fail(*_):
        raise error

    monkeypatch.setattr("glassnet.cli.commands.listings._show", fail)
    outcome = run("costs")

    assert outcome.code == code
    assert sentence in one_sentence(outcome.err)


def test_traceback_on_request(monkeypatch):
    monkeypatch.setenv("GLASSNET_TRACEBACK", "1")
    with pytest.raises(gn.errors.ExpressionError, match="ends too early"):
        main(["truth-table", "x +"])


@pytest.mark.parametrize(
    "program", [[sys.executable, "-m", "glassnet"], [str(Path(sysconfig.get_path("scripts"), "glassnet"))]]
)
def test_the_installed_program_ends_with_the_exit_code(program):
    good, wrong = (
        subprocess.run([*program, "truth-table", text, "--json"], capture_output=True, text=True, timeout=60)
        for text in ("x", "x +")
    )

    assert (good.returncode, good.stderr) == (0, "")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_numbers_that_are_not_finite_are_text_as_in_explanations(capsys):
    """They stay apart from what is absent, and `float` reads them."""
    emit_json({"cost": float("nan"), "limits": (float("-inf"), float("inf")), "absent": None, "epochs": [1, 0.5]})

    printed = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert printed == {"cost": "nan", "limits": ["-inf", "inf"], "absent": None, "epochs": [1, 0.5]}
