"""docs/architecture.md speaks of the code as it is: its paths exist, its names stand where it says, its example runs."""

import ast
import doctest
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PATH = re.compile(r"(?:[\w.-]+/)+(?:[\w.-]+\.\w+)?|[\w-]+\.(?:py|toml|md)")
FUNCTION = re.compile(r"[a-z]\w*\(\)")
METHOD = re.compile(r"[A-Z]\w*\.\w+\(\)")
CLASS_OR_TABLE = re.compile(r"[A-Z]\w*[a-z]\w*|[A-Z][A-Z_]{2,}")


def claims(text):
    """Return (path, name) for each path and each name of a page; a name belongs to the path before it, on its item."""
    found = []
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for item in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", prose):
        path = None
        for code in re.findall(r"`([^`]+)`", item):
            code = " ".join(code.split())
            if PATH.fullmatch(code):
                path = code
                found.append((path, None))
            elif path is not None and any(kind.fullmatch(code) for kind in (FUNCTION, METHOD, CLASS_OR_TABLE)):
                found.append((path, code.removesuffix("()")))
    return found


def place_of(path):
    """Return where a path of the page is, or None; most are written from src/glassnet on."""
    return next((place for base in (ROOT / "src" / "glassnet", ROOT) if (place := base / path).exists()), None)


@cache
def names_in(place):
    """Return what a Python file defines: functions, classes, methods with their class, and what is assigned."""
    found = set()
    tree = ast.parse(place.read_text())
    for owner, nodes in [("", tree.body), *((n.name + ".", n.body) for n in tree.body if isinstance(n, ast.ClassDef))]:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(owner + node.name)
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            found |= {owner + target.id for target in targets if isinstance(target, ast.Name)}
    return found


def untrue(text):
    """Return what a page claims and the code does not hold."""
    return [
        (path, name)
        for path, name in claims(text)
        if (place := place_of(path)) is None
        or (name is not None and (place.suffix != ".py" or name not in names_in(place)))
    ]


def test_every_path_and_every_name_is_there():
    assert untrue(PAGE.read_text()) == []


def test_the_page_names_every_floor():
    floors = {path.name for path in (ROOT / "src" / "glassnet").iterdir() if (path / "__init__.py").exists()}
    named = {path.split("/")[0] for path, _ in claims(PAGE.read_text())}

    assert floors - named == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`core/forward.py`: `forward()` and `Trace`", []),
        ("`core/no_such_file.py`", [("core/no_such_file.py", None)]),
        ("`core/forward.py`: `backward()`", [("core/forward.py", "backward")]),
        ("`core/forward.py`: `Network`", [("core/forward.py", "Network")]),
        ("`core/network.py`: `Network.create()`", []),
        ("`core/network.py`: `Network.destroy()`", [("core/network.py", "Network.destroy")]),
        ("`core/catalog/costs.py`:\n   one entry in `COSTS`", []),
        ("`core/catalog/costs.py`: `SOLVERS`", [("core/catalog/costs.py", "SOLVERS")]),
        ("`core/catalog/`: `costs()`", [("core/catalog/", "costs")]),
        ("- `core/forward.py`\n- `nothing()`, `W[1]` and `theta`", []),
    ],
)
def test_what_is_found_to_be_untrue(text, expected):
    assert untrue(text) == expected


def test_the_example_runs():
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)

    assert (failed, attempted > 5) == (0, True)
