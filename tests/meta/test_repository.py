"""The repository stands alone: its files name no machine and no registry, and its links lead somewhere."""

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

import glassnet

ROOT = Path(__file__).parents[2]

# Written in two parts, so that this file passes its own test.
MACHINE = {
    "a directory outside of the repository": r"\.\./" + "shared",
    "a path of one machine": r"(?<![\w.$}])/(?:" + "work|root|opt|home|Users|etc/xdg" + r")/",
    "a temporary path": "/tmp/" + r"\w",
    "an option that names a registry": "--(?:extra-)?" + "index-url|--" + "find-links|--" + "trusted-host",
    "a registry's host": "pypi" + r"\.org|python" + r"hosted\.org|conda" + r"\.anaconda\.org",
}


def files_of_the_repository(require):
    """Return what git tracks or would track."""
    git = require("git", "lists the files of the repository")
    # safe.directory: in CI the clone may belong to another user.
    command = [git, "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        pytest.skip(f"not a git clone: {run.stderr.strip()}")
    return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path):
    """Return the text of a file, or None for a binary one."""
    content = path.read_bytes()
    if b"\0" in content:
        return None
    return content.decode("utf-8", errors="replace")


def offenses(text):
    """Return what in `text` belongs to a machine, as (line, what, where it was found)."""
    return [
        (number, what, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in MACHINE.items()
        if re.search(pattern, line)
    ]


def test_no_file_names_a_machine(require):
    files = files_of_the_repository(require)
    found = {path.relative_to(ROOT).as_posix(): offenses(text) for path in files if (text := text_of(path)) is not None}

    assert {"pyproject.toml", "README.md", "tests/meta/test_repository.py"} <= set(found)
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("/" + "work/main/README.md", True),
        ("open('/" + "home/ann/data.csv')", True),
        ("../" + "shared/DESIGN.md", True),
        ("pip install --" + "index-url x", True),
        ("https://files.python" + "hosted.org/x", True),
        ("docs/work/main.md", False),
        ("https://example.com/home/x", False),
        ("tmp_path / 'x'", False),
    ],
)
def test_what_counts_as_a_machine(line, is_one):
    assert bool(offenses(line)) == is_one


def links_of(markdown):
    """Return the targets of a page's links and images."""
    tokens = [child for token in MarkdownIt().parse(markdown) for child in token.children or []]
    targets = [
        token.attrGet("href") or token.attrGet("src") for token in tokens if token.type in {"link_open", "image"}
    ]
    return [str(target) for target in targets if target]


PAGES = [
    *sorted(ROOT.glob("*.md")),
    ROOT / "examples" / "README.md",
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page):
    targets = [urlsplit(target) for target in links_of(page.read_text(encoding="utf-8"))]
    local = [unquote(target.path) for target in targets if not target.scheme and target.path]

    assert [path for path in local if not (page.parent / path).exists()] == []


def test_links_are_found():
    assert links_of("[a](b.md#c) and ![d](e.png)") == ["b.md#c", "e.png"]
    assert len(links_of((ROOT / "README.md").read_text(encoding="utf-8"))) >= 3


def test_the_version_is_one():
    """pyproject.toml, the package and CITATION.cff say the same version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert glassnet.__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_penguins_are_the_original():
    """The file is the one that examples/README.md describes; the original's NA markers stand."""
    content = (ROOT / "examples" / "penguins.csv").read_bytes()
    lines = content.decode("utf-8").splitlines()
    species = [line.split(",")[0] for line in lines[1:]]

    assert lines[0] == "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year"
    assert {name: species.count(name) for name in set(species)} == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    assert sum(line.split(",").count("NA") for line in lines) == 19
    assert hashlib.sha256(content).hexdigest() in (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
