"""No import runs in a circle, and no room is too full to find something in it."""

import ast
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import glassnet

SOURCE = Path(glassnet.__file__).parent
MOST_MODULES = 15


def imported(module: str, tree: ast.Module, known: set[str]) -> set[str]:
    """The modules of the project that a module imports: at its top, within functions, and for type checkers only."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                found.add(inner if inner in known else node.module)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return (found & known) - {module}


def imports_of(folder: Path) -> dict[str, set[str]]:
    """Each module below a package's folder, with those that it imports; a package's own module bears its name."""
    files = {
        ".".join((folder.name, *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in folder.rglob("*.py")
    }
    return {name: imported(name, ast.parse(path.read_text()), set(files)) for name, path in files.items()}


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def rooms(graph: dict[str, set[str]], package: str) -> dict[str, set[str]]:
    """The same between what stands directly in a package: its modules, and its packages as a whole."""

    def child(name: str) -> str | None:
        return name[len(package) + 1 :].split(".")[0] if name.startswith(f"{package}.") else None

    found: dict[str, set[str]] = {}
    for name, others in graph.items():
        if (room := child(name)) is not None:
            found.setdefault(room, set()).update(other for each in others if (other := child(each)) not in (None, room))
    return found


IMPORTS = imports_of(SOURCE)
PACKAGES = sorted({name.rpartition(".")[0] for name in IMPORTS if "." in name})


def test_no_circle_of_modules():
    assert circle_in(IMPORTS) == []


@pytest.mark.parametrize("package", [package for package in PACKAGES if package != "glassnet"])
def test_no_circle_of_rooms(package):
    """The floors themselves are a contract of import-linter; glassnet/__init__.py opens all of them."""
    assert circle_in(rooms(IMPORTS, package)) == []


def test_no_room_holds_more_modules_than_one_can_survey():
    sizes = Counter(
        path.parent.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if path.stem != "__init__"
    )
    assert {room: n for room, n in sizes.items() if n > MOST_MODULES} == {}


@pytest.mark.parametrize(
    "importing", ["import house.b", "def f():\n    from house import b", "from house.b import x", "if TYPE_CHECKING:\n    import house.b"]
)  # fmt: skip
def test_a_circle_is_found_wherever_the_import_stands(importing, tmp_path):
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").touch()
    (house / "a.py").write_text(importing)
    (house / "b.py").write_text("from house.a import y")

    assert set(circle_in(imports_of(house))) == {"house.a", "house.b"}


def test_a_circle_of_rooms_is_found_where_no_modules_form_one(tmp_path):
    for name, text in {"a/x": "import house.b.x", "a/y": "", "b/x": "", "b/y": "from house.a import y"}.items():
        path = tmp_path / "house" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph = imports_of(tmp_path / "house")

    assert circle_in(graph) == []
    assert set(circle_in(rooms(graph, "house"))) == {"a", "b"}
