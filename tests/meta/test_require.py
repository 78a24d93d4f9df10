"""The `require` fixture: a program that is missing is a skip on a developer's machine and a failure in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

TESTS = """
def test_missing(require):
    require("no-such-program-as-this", "draws the picture")

def test_present(require):
    assert require("sh", "every machine has it").endswith("sh")
"""


def run_pytest(directory):
    (directory / "conftest.py").write_text(CONFTEST.read_text())
    (directory / "test_programs.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "-c", "none.ini", "--rootdir", "."]
    (directory / "none.ini").write_text("[pytest]\n")
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # their import takes longer than the tests
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("require_all", "summary"), [("", "1 passed, 1 skipped"), ("0", "1 passed, 1 skipped"), ("1", "1 failed, 1 passed")]
)
def test_a_missing_program_is_told(tmp_path, monkeypatch, require_all, summary):
    monkeypatch.setenv("GLASSNET_REQUIRE_ALL", require_all)
    run = run_pytest(tmp_path)

    assert summary in run.stdout
    assert "'no-such-program-as-this' is not installed: draws the picture" in run.stdout


def test_slow_tests_say_why(tmp_path):
    """`@pytest.mark.slow` without a reason is refused before any test runs."""
    (tmp_path / "test_slow.py").write_text("import pytest\n@pytest.mark.slow\ndef test_long(): pass\n")
    run = run_pytest(tmp_path)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "test_slow.py::test_long: say why it is slow" in run.stderr
