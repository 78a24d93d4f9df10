"""Readers of SVG that know nothing of the code that wrote it, and small fitted models."""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import glassnet as gn

SVG = "{http://www.w3.org/2000/svg}"
PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


@dataclass(frozen=True)
class Svg:
    """A parsed SVG file."""

    root: ElementTree.Element

    def all(self, name, kind=None):
        """Return all elements of a name, of a class if one is given."""
        return [element for element in self.root.iter(f"{SVG}{name}") if kind is None or element.get("class") == kind]

    @property
    def size(self):
        """Width and height of the view box."""
        left, top, width, height = map(float, self.root.get("viewBox").split())
        assert (left, top) == (0, 0)
        return width, height

    @property
    def words(self):
        """Return every piece of text that is drawn."""
        return ["".join(part for part in [element.text or ""]) or element[-1].tail for element in self.all("text")]

    def points(self):
        """Yield every coordinate that is drawn, with half of the stroke's width around it."""
        for element in self.root.iter():
            name = element.tag.removeprefix(SVG)
            get = lambda key: float(element.get(key))  # noqa: B023, E731
            air = float(element.get("stroke-width", 0)) / 2 if element.get("stroke") else 0.0
            if name == "line":
                found = [(get("x1"), get("y1")), (get("x2"), get("y2"))]
            elif name == "circle":
                found, air = [(get("cx"), get("cy"))], air + get("r")
            elif name == "rect":
                found = [(get("x") if element.get("x") else 0.0, get("y") if element.get("y") else 0.0)]
                found.append((found[0][0] + get("width"), found[0][1] + get("height")))
            elif name in ("polygon", "polyline", "path"):
                numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", element.get("points") or element.get("d"))]
                found = list(zip(numbers[::2], numbers[1::2], strict=True))
            elif name == "text":
                found = [(get("x"), get("y"))]
            else:
                continue
            for x, y in found:
                yield x - air, y - air
                yield x + air, y + air


@pytest.fixture(scope="session")
def read_svg():
    """`read_svg(text)`: the parsed file; text that is no XML fails."""

    def read(text):
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        return Svg(root)

    return read


@pytest.fixture(scope="session")
def penguins():
    """344 rows with text columns, numbers, and NaN in both."""
    return pd.read_csv(PENGUINS)


@pytest.fixture(scope="session")
def classifier(penguins):
    """Three species, told by all columns."""
    return gn.GlassClassifier((8,), max_iter=15, random_state=0).fit(
        penguins.drop(columns="species"), penguins["species"]
    )


@pytest.fixture(scope="session")
def plane(penguins):
    """Two columns of numbers, and the species."""
    rows = penguins.dropna()
    return rows[["bill_length_mm", "bill_depth_mm"]], rows["species"]


@pytest.fixture(scope="session")
def flat(plane):
    """Three species, told by two columns, not perfectly."""
    return gn.GlassClassifier((4,), max_iter=8, random_state=0).fit(*plane)


@pytest.fixture(scope="session")
def yes_or_no():
    """Two classes that overlap: a model, rows, and their truth."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] + rng.normal(size=200) > 0, "yes", "no")
    return gn.GlassClassifier((4,), max_iter=8, random_state=0).fit(X, y), X, y


@pytest.fixture(scope="session")
def regressor():
    """A quantity with noise: a model, rows, and their truth."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 2))
    y = 100 + 20 * X[:, 0] + rng.normal(size=80)
    return gn.GlassRegressor((4,), max_iter=10, random_state=0).fit(X, y), X, y


@pytest.fixture(scope="session")
def descent():
    """One neuron trained on 30 rows: start, result, X, Y."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(30, 1)) + 0.5
    Y = (X + 0.7 * rng.normal(size=(30, 1)) > 0.8).astype(float)
    start = gn.Network.create([1, 1], seed=0)
    result = gn.train(start, X, Y, cost="binary_cross_entropy", epochs=20, snapshots=1, solver="gd", learning_rate=1.0)
    return start, result, X, Y
