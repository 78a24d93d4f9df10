"""Every public name is documented: what it does, its parameters, what it returns, and an example that runs.

That the examples run is the doctests' promise (pytest collects src); that they exist is checked here.
"""

import inspect
import re

import pytest

import glassnet

HEADING = re.compile(r"^(?P<title>[A-Z][A-Za-z ]*)\n-{3,}$", re.MULTILINE)

PUBLIC = [name for name in glassnet.__all__ if not name.startswith("__")]
EXCEPTIONS = [
    name
    for name in PUBLIC
    if inspect.isclass(getattr(glassnet, name)) and issubclass(getattr(glassnet, name), BaseException)
]
DOCUMENTED = [name for name in PUBLIC if name not in EXCEPTIONS]


def sections(docstring):
    """Split a numpydoc docstring into a dictionary from title to text; the summary is under ""."""
    headings = list(HEADING.finditer(docstring))
    starts = [heading.start() for heading in headings] + [len(docstring)]
    parts = {"": docstring[: starts[0]]}
    for heading, end in zip(headings, starts[1:], strict=True):
        parts[heading["title"]] = docstring[heading.end() : end]
    return parts


def described_names(section):
    """Return the names in a section's unindented lines: "alpha : float", "beta1, beta2 : float", "**kwargs"."""
    lines = [line for line in section.splitlines() if line and not line[0].isspace()]
    return {name.strip().lstrip("*") for line in lines for name in line.split(" :")[0].split(",")}


def parameters(value):
    """Return the names that a caller may pass, without self and without private ones."""
    names = inspect.signature(value).parameters if callable(value) else {}
    return {name for name in names if name != "self" and not name.startswith("_")}


def docstring_of(name):
    """Return the docstring that was written for `name` itself, not one inherited from a base class."""
    value = getattr(glassnet, name)
    written = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    return inspect.cleandoc(written or "")


def test_there_are_public_names():
    assert {"Network", "forward", "backward", "train", "GlassClassifier", "GlassRegressor"} <= set(DOCUMENTED)
    assert "GlassnetError" in EXCEPTIONS


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_summary(name):
    assert sections(docstring_of(name))[""].strip(), f"glassnet.{name} has no docstring"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_name_has_an_example(name):
    assert ">>> " in sections(docstring_of(name)).get("Examples", ""), f"glassnet.{name} has no example"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_public_name_describes_its_parameters(name):
    """Functions and estimators have Parameters; a record may call its fields Attributes."""
    found = sections(docstring_of(name))
    described = described_names(found.get("Parameters", "")) | described_names(found.get("Attributes", ""))

    missing = parameters(getattr(glassnet, name)) - described
    assert not missing, f"glassnet.{name} does not describe {sorted(missing)}"


@pytest.mark.parametrize("name", [name for name in DOCUMENTED if inspect.isfunction(getattr(glassnet, name))])
def test_public_function_says_what_it_returns(name):
    function = getattr(glassnet, name)
    if inspect.signature(function).return_annotation in {None, "None"}:
        return
    found = sections(docstring_of(name))
    assert found.get("Returns", found.get("Yields", "")).strip(), f"glassnet.{name} does not say what it returns"


def test_sections_are_read_as_numpydoc_writes_them():
    """The reader of docstrings that the tests above rely on, on one docstring worked by hand."""
    found = sections(
        inspect.cleandoc("""One line.

        Parameters
        ----------
        alpha : float
            A number, not : a name.
        beta1, beta2 : float, default 0.9
            Two.
        **options
            More.

        Examples
        --------
        >>> 1
        1
        """)
    )

    assert found[""].strip() == "One line."
    assert described_names(found["Parameters"]) == {"alpha", "beta1", "beta2", "options"}
    assert found["Examples"].split() == [">>>", "1", "1"]
    assert sections("One line.") == {"": "One line."}
