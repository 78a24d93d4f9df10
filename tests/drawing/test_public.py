"""The package's names: all there, documented, none hidden by a submodule, none heavy before it is used."""

import inspect
import json
import pkgutil
import subprocess
import sys

import pytest

from glassnet import drawing


@pytest.mark.parametrize("name", drawing.__all__)
def test_names_are_functions_with_an_example(name):
    function = getattr(drawing, name)

    assert inspect.isfunction(function)
    for part in ("Parameters", "Returns", "Raises", "Examples", ">>> "):
        assert part in function.__doc__, f"drawing.{name} lacks {part}"
    described = function.__doc__.split("Returns\n")[0]
    assert all(parameter in described for parameter in inspect.signature(function).parameters)


def test_no_submodule_bears_a_public_name():
    assert {module.name for module in pkgutil.iter_modules(drawing.__path__)}.isdisjoint(drawing.__all__)
    assert set(drawing.__all__) <= set(dir(drawing))
    with pytest.raises(AttributeError, match="no_such_chart"):
        drawing.no_such_chart  # noqa: B018


def test_libraries_are_imported_when_a_chart_is_drawn():
    code = """
import sys, json
import glassnet as gn
from glassnet.drawing import activation_curves
chart = activation_curves(["tanh"])
gn.draw(gn.Network.create([2, 1], seed=0)).svg
before = [name for name in ("altair", "vl_convert", "sklearn", "duckdb") if name in sys.modules]
chart.svg
print(json.dumps([before, "altair" in sys.modules, "vl_convert" in sys.modules]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert json.loads(run.stdout) == [[], True, True]
