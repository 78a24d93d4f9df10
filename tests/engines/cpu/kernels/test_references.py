"""A kernel names the function that it must equal; the names exist."""

import importlib
import re
from pathlib import Path

import pytest

from glassnet.engines.cpu import kernels

REFERENCE = re.compile(r"(?<![\w.])(?:core|data\.encoding|engines|training)(?:\.[A-Za-z_]+)+")


def references(source):
    """The dotted names in comments and docstrings, without those in imports."""
    lines = [line for line in source.splitlines() if not line.startswith(("from ", "import "))]
    return sorted(set(REFERENCE.findall("\n".join(lines))))


REFERENCES = [
    (path.stem, name)
    for path in sorted(Path(kernels.__file__).parent.rglob("*.py"))
    for name in references(path.read_text())
]


def resolve(name):
    parts = name.split(".")
    for k in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["glassnet", *parts[:k]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[k:]:
            found = getattr(found, attribute)
        return found
    raise AttributeError(f"nothing is named {name}")


@pytest.mark.parametrize(("module", "name"), REFERENCES)
def test_what_a_kernel_must_equal_exists(module, name):
    resolve(name)


def test_a_name_that_does_not_exist_is_found():
    with pytest.raises(AttributeError, match="no attribute 'tanhh'"):
        resolve(references("def f(z):  # core.catalog.activations.tanhh")[0])
    assert len(REFERENCES) > 40
