"""The page's modules keep the rules of their README: types, floors, no markup and no code from data."""

import json
import re
import subprocess
from graphlib import TopologicalSorter

from tests.studio.conftest import PAGE

MODULES = {path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8") for path in PAGE.rglob("*.js")}
STYLES = {path.name: path.read_text(encoding="utf-8") for path in PAGE.glob("*.css")}
IMPORTED = re.compile(r'^import .*?from "#page/([^"]+)";', flags=re.MULTILINE | re.DOTALL)


def floors():
    """The floors of the README from the top, each a set of names."""
    text = (PAGE / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(studio\.js.*?)\n```", text, flags=re.DOTALL)[1]
    return [set(re.split(r"  +", line)[:-1]) for line in block.splitlines()]


def floor_of(module):
    name = f"{module.split('/')[0]}/" if "/" in module else module.removesuffix(".js")
    (place,) = [place for place, names in enumerate(floors()) if {name, f"{name}.js"} & names]
    return place


def test_imports_go_down_the_floors():
    """Within a folder, none runs in a circle."""
    imports = {module: IMPORTED.findall(text) for module, text in MODULES.items()}
    for module, others in imports.items():
        for other in others:
            inside = "/" in module and module.split("/")[0] == other.split("/")[0]
            assert inside or floor_of(other) > floor_of(module), f"{module} imports {other}"
    TopologicalSorter({module: set(others) for module, others in imports.items()}).prepare()


def test_every_module_is_imported_by_its_name():
    """So that an import map finds it: no path, and no name that is no file."""
    for module, text in MODULES.items():
        named = re.findall(r'^(?:import|export) [^;]*?from "([^"]+)";', text, flags=re.MULTILINE)
        assert all(name.removeprefix("#page/") in MODULES and name.startswith("#page/") for name in named), module


def test_nothing_becomes_markup_or_code():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style:|import\(\"|fetch\("
    )

    assert {module: found for module, text in MODULES.items() if (found := forbidden.findall(text))} == {}
    assert [module for module, text in MODULES.items() if "DOMParser" in text] == ["formulas.js"]


def test_one_module_talks_to_the_server():
    speaking = re.compile(r"WebSocket|XMLHttpRequest|EventSource|sendBeacon")

    assert [module for module, text in MODULES.items() if speaking.search(text)] == ["connection.js"]


def test_colors_come_from_the_theme():
    named = {name: re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb|\bhsl", style) for name, style in STYLES.items()}

    assert {name: found for name, found in named.items() if found} == {}


def test_modules_have_types(require, npm_package):
    """`tsc --checkJs` has nothing to say."""
    node = require("node", "runs TypeScript's checker")
    checker = npm_package("typescript") / "bin" / "tsc"
    run = subprocess.run([node, checker, "-p", PAGE / "tsconfig.json"], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout


def test_the_record_has_the_declared_fields(boolean_recording, require):
    """recording.d.ts names every field of the record, and no other."""
    text = (PAGE / "recording.d.ts").read_text(encoding="utf-8")
    interfaces = re.findall(r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", text, flags=re.DOTALL)
    own = {name: set(re.findall(r"^  (\w+):", body, flags=re.MULTILINE)) for name, _, body in interfaces}
    declared = {name: own[name] | own.get(base, set()) for name, base, _ in interfaces}
    record = json.loads(json.dumps(boolean_recording.record))
    for name, value in {
        "Recording": record, "Layer": record["layers"][0], "Cost": record["cost"], "Row": record["rows"][0],
        "Frame": record["frames"][0], "Scene": record["scene"], "History": record["history"],
        "Formula": record["cost"]["loss"], "Column": record["rows"][0]["columns"][0],
    }.items():  # fmt: skip
        assert set(value) == declared[name], name
