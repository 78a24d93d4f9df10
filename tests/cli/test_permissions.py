"""Files and folders that the user has no permission for, met by a user who owns nothing: root may read everything."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# Python itself may lie where only root can read, so all that is needed is imported before root's rights are given up.
AS_NOBODY = """
import contextlib, io, os, sys
from glassnet.cli import main

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    assert main(["predict", "../before.glassnet", "../before.csv"]) == 0
    assert main(["train", "nowhere.csv", "--target", "y"]) == 1
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def entered(penguins_model):
    """Return a folder that everybody can enter, since pytest's own are private."""
    outer = Path(tempfile.mkdtemp(prefix="glassnet-test-"))
    outer.chmod(0o755)
    inner = outer / "inner"
    inner.mkdir()
    for ending in (".csv", ".glassnet"):
        shutil.copy(penguins_model.with_suffix(ending), outer / f"before{ending}")
        shutil.copy(penguins_model.with_suffix(ending), inner)
    yield inner
    inner.chmod(0o755)
    shutil.rmtree(outer)


@pytest.fixture
def refused(one_sentence, entered):
    """`refused("train", ...)` is the sentence with which the command fails."""

    def call(*arguments):
        before = sorted(entered.iterdir())
        command = [sys.executable, "-c", AS_NOBODY, *arguments]
        done = subprocess.run(command, cwd=entered, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1, done.stderr
        assert sorted(entered.iterdir()) == before
        return one_sentence(done.stderr)

    return call


def test_data_without_permission(refused, entered):
    entered.chmod(0o777)  # so that it is the data that stands in the way
    (entered / "penguins.csv").chmod(0o000)

    assert "no permission to read penguins.csv" in refused("train", "penguins.csv", "-t", "species")


def test_model_without_permission(refused, entered):
    (entered / "penguins.glassnet").chmod(0o000)

    assert "'penguins.glassnet': permission denied" in refused("predict", "penguins.glassnet", "penguins.csv")


def test_folder_without_permission(refused, entered):
    entered.chmod(0o555)

    assert "you may not write into '.'" in refused("train", "penguins.csv", "-t", "species")
