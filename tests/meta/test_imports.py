"""`import glassnet` is light, and no submodule takes a public name."""

import json
import pkgutil
import subprocess
import sys

import pytest

import glassnet

HEAVY = {
    "altair",
    "duckdb",
    "fastapi",
    "jax",
    "narwhals",
    "numba",
    "onnx",
    "optuna",
    "pandas",
    "polars",
    "pyarrow",
    "ray",
    "rich",
    "safetensors",
    "scipy",
    "sklearn",
    "starlette",
    "torch",
    "typer",
    "uvicorn",
    "vl_convert",
    "websockets",
}

IMPORT_EVERYTHING = """
import importlib, pkgutil
names = [module.name for module in pkgutil.walk_packages(glassnet.__path__, "glassnet.", onerror=fail)]
modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
"""


def python(code):
    """Run `code` in a fresh interpreter; its last line of output is JSON."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_import_loads_no_heavy_library():
    loaded = python(
        "import sys, json, glassnet; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )

    assert "glassnet" in loaded
    assert HEAVY.isdisjoint(loaded), f"import glassnet also loads {sorted(HEAVY & set(loaded))}"


def test_commands_start_without_pandas():
    """scikit-learn would import it and pyarrow; afterwards both can be imported, and frames be used."""
    found = python(
        """
import json, sys
sys.argv = ["glassnet", "--version"]
from glassnet.cli import main
main()
loaded = [name in sys.modules for name in ("sklearn", "pandas", "pyarrow")]
import pandas
from sklearn.utils.validation import check_array
print(json.dumps([loaded, check_array(pandas.DataFrame({"x": [1, 2]})).tolist()]))
"""
    )

    assert found == [[True, False, False], [[1], [2]]]


@pytest.mark.parametrize("before", [True, False], ids=["used before", "first used after"])
def test_public_names_survive_the_import_of_every_submodule(before):
    """A submodule `glassnet.explain` would become `glassnet.explain` when it is imported; none may."""
    code = f"""
import json, types
import glassnet
def fail(name): raise
public = lambda: {{name: getattr(glassnet, name) for name in glassnet.__all__}}
first = public() if {before} else None
{IMPORT_EVERYTHING}
second = public()
third = public()
first = first or second
print(json.dumps({{
    "modules": len(modules),
    "public": len(third),
    "changed": [name for name in third if not (first[name] is second[name] is third[name])],
    "became a module": [name for name in third if isinstance(third[name], types.ModuleType)],
}}))
"""
    found = python(code)

    assert found["modules"] > 10
    assert found["public"] > 10
    assert found["changed"] == []
    assert found["became a module"] == []


def test_no_submodule_bears_a_public_name():
    submodules = {module.name for module in pkgutil.iter_modules(glassnet.__path__)}

    assert "core" in submodules
    assert submodules.isdisjoint(glassnet.__all__)


def test_dir_lists_the_public_names():
    """And nothing else: no module that happens to be imported, no helper."""
    import glassnet.drawing

    assert set(dir(glassnet)) == {*glassnet.__all__, "__version__"}


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        glassnet.no_such_name  # noqa: B018
