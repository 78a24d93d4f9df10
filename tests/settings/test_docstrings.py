"""The parameters of docstrings are those of the table: `make settings` writes them, and nobody needs to."""

import inspect

import pytest
from tools.settings import TARGETS, entry_of, rewritten

import glassnet as gn
from glassnet.settings.table import OF_ESTIMATORS, OF_TRAIN


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[1])
def test_the_docstrings_are_up_to_date(target):
    path, *rest = target
    text = path.read_text("utf-8")

    assert rewritten(text, *rest) == text, "make settings writes them"


@pytest.mark.parametrize(
    ("documented", "table"), [(gn.train, OF_TRAIN), (gn.GlassClassifier, OF_ESTIMATORS), (gn.GlassRegressor, OF_ESTIMATORS)]
)  # fmt: skip
def test_python_shows_them_in_the_order_of_the_signature(documented, table):
    """Read from the object that a user asks `help` about, without the tool that wrote it."""
    text = inspect.getdoc(documented)
    names = [name for name in inspect.signature(documented).parameters if name in table]
    places = [text.index(f"\n{name} : ") for name in names]

    assert places == sorted(places)
    for name in names:
        assert " ".join(table[name].doc.split()) in " ".join(text.split())


def test_a_text_that_is_out_of_date_is_written_anew():
    path, *rest = TARGETS[0]
    text = path.read_text("utf-8")
    spoiled = text.replace("Passes over the samples; for", "Some passes for").replace("clip : float,", "clip : str,")

    assert spoiled != text
    assert rewritten(spoiled, *rest) == text


def test_what_an_entry_looks_like():
    assert entry_of(OF_ESTIMATORS["tol"]).splitlines()[0] == "    tol : float"
    assert entry_of(OF_ESTIMATORS["rates"]).splitlines()[0] == '    rates : {"equal", "fan_in"} or "auto"'
    assert entry_of(OF_ESTIMATORS["clip"]) == "    clip : float, optional\n        Maximum norm of the gradient."
    assert (
        entry_of(OF_ESTIMATORS["n_iter_no_change"]).splitlines()[0] == '    n_iter_no_change : int, inf, "auto" or None'
    )
