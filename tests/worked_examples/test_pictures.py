"""The pictures of docs/worked-examples.md are those that its session draws today."""

import importlib.util
import re
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from glassnet.drawing.diagram.diagram import Diagram

DOCS = Path(__file__).parents[2] / "docs"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def drawn():
    """Name and picture of each place where the page shows one."""
    spec = importlib.util.spec_from_file_location("draw_pictures", DOCS / "draw_pictures.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with np.printoptions(), warnings.catch_warnings():
        warnings.simplefilter("error")
        return dict(script.pictures((DOCS / "worked-examples.md").read_text(encoding="utf-8")))


def words_of(svg):
    return [part for element in ElementTree.fromstring(svg).iter() for part in element.itertext() if part.strip()]


def test_every_file_is_shown_and_every_picture_is_there(drawn):
    assert {path.relative_to(DOCS).as_posix() for path in (DOCS / "pictures").glob("*.svg")} == set(drawn)
    assert len(drawn) >= 8


def test_diagrams_are_up_to_date(drawn):
    """To a tenth of a unit, which no eye sees: the last bits of trained weights differ between machines.

    If this fails after a change of diagrams: python docs/draw_pictures.py, look at the pictures, and commit them.
    """
    diagrams = {name: picture for name, picture in drawn.items() if isinstance(picture, Diagram)}
    assert len(diagrams) >= 5
    for name, picture in diagrams.items():
        committed, today = (DOCS / name).read_text(encoding="utf-8"), picture.svg
        assert NUMBER.sub("#", committed) == NUMBER.sub("#", today), name
        pairs = zip(NUMBER.findall(committed), NUMBER.findall(today), strict=True)
        assert all(abs(float(old) - float(new)) <= 0.1 for old, new in pairs), name


def test_charts_say_the_same(drawn):
    """Their words and numbers; where these stand depends on the fonts of a machine and on vega's version."""
    charts = {name: picture for name, picture in drawn.items() if not isinstance(picture, Diagram)}
    assert len(charts) >= 3
    for name, picture in charts.items():
        assert words_of((DOCS / name).read_text(encoding="utf-8")) == words_of(picture.svg), name
