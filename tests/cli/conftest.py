"""`run` calls the command line as a shell would; `penguins_model` is one small model that the tests share."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from glassnet.cli import main

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"
PYTHON_PARAMETER = re.compile(r"\b[a-z_]+=[\w'(\[.]")
IN_QUOTES = re.compile(r"'[^']*'")
SMALL = ["--hidden", "8", "--epochs", "15"]


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Stdout as strict JSON: NaN and Infinity are refused."""
        return json.loads(self.out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


@pytest.fixture
def run(capsys):
    """`run("train", path, ...)` is the command's exit code, stdout and stderr."""

    def call(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return the path of a model of the penguins, trained once."""
    path = tmp_path_factory.mktemp("trained") / "penguins.glassnet"
    assert main(["train", str(PENGUINS), "--target", "species", *SMALL, "--output", str(path), "--json"]) == 0
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a working directory that holds the penguins."""
    shutil.copy(PENGUINS, tmp_path / "penguins.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def penguins_model(trained, folder):
    """Return the shared model's copy in the working directory."""
    return Path(shutil.copy(trained, folder / "penguins.glassnet"))


@pytest.fixture
def one_sentence():
    """`one_sentence(stderr)` checks that this is one plain sentence of an error, and returns it."""

    def check(err):
        (line,) = err.splitlines()
        assert line.startswith("Error: ")
        assert line.endswith((".", "?", "--help")), line
        assert len(line) < 400
        assert not PYTHON_PARAMETER.search(IN_QUOTES.sub("", line)), f"{line} names a parameter of Python"
        return line

    return check
