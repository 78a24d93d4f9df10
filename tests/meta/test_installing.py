"""Install hints name the copy that runs. Expected lines: PEP 610 and pip's documentation of its requirement syntax."""

import importlib.metadata
import json

import pytest

from glassnet.errors import MissingExtraError
from glassnet.installing import install_line, line_from, needs, upgrade_from

REQUIRES = ("numpy>=2", "altair>=5.5; extra == 'charts'", 'xlsxwriter>=3.2; extra == "excel"')


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "my clone"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    return folder


def test_from_an_index():
    assert line_from(None, "charts") == "pip install 'glassnet[charts]'"
    assert upgrade_from(None) == "pip install --upgrade glassnet"


def test_from_a_clone(clone, monkeypatch):
    origin = {"url": clone.as_uri(), "dir_info": {}}
    assert "%20" in origin["url"]
    assert line_from(origin, "charts") == f"pip install '{clone}[charts]'"
    assert line_from({**origin, "dir_info": {"editable": True}}, "excel") == f"pip install -e '{clone}[excel]'"
    assert upgrade_from(origin) == f"git -C '{clone}' pull && pip install '{clone}'"
    monkeypatch.chdir(clone)
    assert line_from(origin, "charts") == "pip install '.[charts]'"


def test_a_clone_that_is_gone(tmp_path):
    """The packages themselves can be installed from anywhere."""
    origin = {"url": (tmp_path / "gone").as_uri(), "dir_info": {}}
    assert line_from(origin, "charts", requires=REQUIRES) == "pip install 'altair>=5.5'"
    assert line_from(origin, "excel", requires=REQUIRES) == "pip install 'xlsxwriter>=3.2'"


def test_from_a_repository_and_from_a_wheel():
    vcs = {
        "url": "https://example.org/g.git",
        "vcs_info": {"vcs": "git", "commit_id": "ab12", "requested_revision": "x"},
    }
    assert line_from(vcs, "charts") == "pip install 'glassnet[charts] @ git+https://example.org/g.git@ab12'"
    assert upgrade_from(vcs) == "pip install --upgrade 'glassnet @ git+https://example.org/g.git'"
    wheel = {"url": "file:///wheels/glassnet-1-py3-none-any.whl", "archive_info": {}}
    assert line_from(wheel, "excel") == "pip install 'glassnet[excel] @ file:///wheels/glassnet-1-py3-none-any.whl'"


def test_the_copy_that_runs():
    text = importlib.metadata.distribution("glassnet").read_text("direct_url.json")
    line = install_line("charts")

    assert line == line_from(json.loads(text) if text else None, "charts", requires=("altair; extra == 'charts'",))
    assert needs("charts", "altair", "charts") == f"charts need the package altair, which is not installed; try: {line}"


@pytest.mark.parametrize("extra", ["charts", "excel"])
def test_hints_name_extras_that_exist(extra):
    assert extra in importlib.metadata.metadata("glassnet").get_all("Provides-Extra")
    assert issubclass(MissingExtraError, ImportError)
