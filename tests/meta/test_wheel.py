"""The wheel holds the whole package, with the files of the page that are not Python, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import REQUIRE_ALL

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


def test_the_wheel_holds_every_file_of_the_package(tmp_path):
    try:
        import hatchling  # noqa: F401
    except ImportError:
        message = "hatchling is not installed; run: pip install -e '.[dev]'"
        pytest.fail(message) if REQUIRE_ALL else pytest.skip(message)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "glassnet").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert names == files
    assert {"glassnet/studio/page/playback.js", "glassnet/studio/page/page.css", "glassnet/py.typed"} <= names
