"""The bundled examples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.boolean import truth_table
from glassnet.data.reading.sources import read
from glassnet.data.reading.tabular import table_from
from glassnet.data.suggestions import suggestion
from glassnet.errors import ParameterError
from glassnet.studio.messages import Example, HiddenLayer
from glassnet.studio.session.opened.projects import NetworkProject, Origin, Project, table_project
from glassnet.typing import Array

EXPRESSION = "xy + ~z"
N_PATIENTS = 200
N_POINTS = 300  # of the two-dimensional examples
SEED = 0


@dataclass(frozen=True)
class _Entry:
    title: str
    words: str
    open: Callable[[str | None], Project]
    expression: str | None = None


def examples() -> tuple[Example, ...]:
    """Return the examples, for the page."""
    return tuple(Example(name, each.title, each.words, each.expression) for name, each in _EXAMPLES.items())


def open_example(name: str, expression: str | None = None) -> Project:
    """Return the project of an example.

    Raises
    ------
    ParameterError
        If there is no such example.
    ExpressionError
        If the expression of the Boolean function is invalid.
    """
    if name not in _EXAMPLES:
        raise ParameterError(f"there is no example {name!r}; {suggestion(name, tuple(_EXAMPLES))}")
    return _EXAMPLES[name].open(expression)


def _penguins(_: str | None) -> Project:
    with as_file(files("glassnet.studio.session.opened") / "data" / "penguins.csv") as path:
        source = read(path)
    return table_project(
        "Penguins", Origin("example", "penguins"), source.table, source.notices, target="species"
    )  # fmt: skip


def _boolean(expression: str | None) -> Project:
    table = truth_table(expression or EXPRESSION)
    return table_project(
        f"F = {table.expression}",
        Origin("example", "boolean", table.expression),
        table.to_table(),
        target="F",
        usual={
            "hidden": (HiddenLayer(3, "sigmoid"),),
            "solver": "gd",
            "learning_rate_init": 1.0,
            "max_iter": 1000,
            "validation_fraction": 0.0,
            "scaled": False,
        },
        truth_table=table,
    )


def _three_three_one(_: str | None) -> Project:
    """The first tutorial's network; its tables list the weights by input."""
    hidden = np.asarray([[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]])
    output = np.asarray([[0.3], [0.5], [0.9]])
    network = Network.from_weights([(hidden, None), (output, None)], hidden="sigmoid", output="sigmoid", by="input")
    return NetworkProject(
        "The 3-3-1 network of the first tutorial",
        Origin("example", "three-three-one"),
        network,
        np.asarray([[1.0, 0.0, 1.0]]),
        np.asarray([[0.0]]),
        ("x1", "x2", "x3"),
        ("o",),
        {"cost": "half_squared_error", "solver": "gd", "learning_rate": 0.5, "epochs": 1000},
    )


def _five_two_two_five(_: str | None) -> Project:
    """The network with two hidden layers, whose neurons are numbered from 1 to 14."""
    tables = [
        [[0.1, -0.3], [0.4, 0.2], [-0.5, 0.6], [0.2, 0.1], [0.3, -0.4]],
        [[0.7, -0.2], [0.5, 0.3]],
        [[0.3, -0.6, 0.8, 0.1, -0.2], [0.9, 0.4, -0.7, 0.5, 0.2]],
    ]
    network = Network.from_weights([(np.asarray(table), None) for table in tables], by="input")
    return NetworkProject(
        "The 5-2-2-5 network of the second tutorial",
        Origin("example", "five-two-two-five"),
        network,
        np.asarray([[1.0, 0.0, 0.5, 0.25, 0.75]]),
        np.asarray([[0.0, 1.0, 0.0, 1.0, 0.5]]),
        ("1", "2", "3", "4", "5"),
        ("10", "11", "12", "13", "14"),
        {"cost": "squared_error", "solver": "gd", "learning_rate": 0.5, "epochs": 1000},
    )


def _four_outputs(_: str | None) -> Project:
    """Four neurons whose only input is 1, so that their weights are their outputs."""
    network = Network.from_weights([([[1.0], [5.0], [3.0], [6.0]], None)], output="identity")
    return NetworkProject(
        "Four outputs, and how wrong they are together",
        Origin("example", "four-outputs"),
        network,
        np.asarray([[1.0]]),
        np.asarray([[2.0, 3.0, 5.0, 9.0]]),
        ("x",),
        ("o1", "o2", "o3", "o4"),
        {"cost": "half_squared_error", "solver": "gd", "learning_rate": 1.0, "epochs": 100},
    )


# Tables of scikit-learn, whose module of data sets is slow to import.


def _tumors(_: str | None) -> Project:
    """W. Wolberg et al. (1993), Breast Cancer Wisconsin (Diagnostic), UCI repository, CC BY 4.0."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    smoothness = data.data[:, list(data.feature_names).index("mean smoothness")]  # large where outlines are rough
    diagnosis = np.where(data.target == 0, "malignant", "benign").tolist()
    table = table_from({"roughness": _standardized(smoothness), "diagnosis": diagnosis})
    return table_project(
        "Tumors of the breast", Origin("example", "tumors"), table, target="diagnosis",
        usual={
            "hidden": (), "solver": "gd", "learning_rate_init": 1.0, "batch_size": table.n_rows, "max_iter": 100,
            "validation_fraction": 0.0, "scaled": False,
        },
    )  # fmt: skip


def _patients(_: str | None) -> Project:
    """Few enough to be learned by heart. B. Efron et al. (2004), Least Angle Regression."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    order = np.random.default_rng(SEED).permutation(len(data.target))[:N_PATIENTS]
    columns = {name: data.data[:, k] for k, name in enumerate(data.feature_names)} | {"progress": data.target}
    table = table_from({name: _standardized(column[order]) for name, column in columns.items()})
    return table_project(
        "Patients with diabetes", Origin("example", "patients"), table, target="progress",
        usual={
            "hidden": (HiddenLayer(8, "tanh"),), "solver": "gd", "learning_rate_init": 0.05,
            "batch_size": N_PATIENTS, "max_iter": 800, "validation_fraction": 0.8, "scaled": False,
        },
    )  # fmt: skip


def _digits(_: str | None) -> Project:
    """E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI repository, CC BY 4.0."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels, labels = np.asarray(data.data, dtype=np.float64), np.asarray(data.target)
    names = [f"pixel {row + 1}.{column + 1}" for row in range(8) for column in range(8)]
    columns: dict[str, Any] = {name: pixels[:, k] for k, name in enumerate(names)}
    table = table_from({**columns, "digit": labels.astype(str)})
    return table_project(
        "Handwritten digits", Origin("example", "digits"), table, target="digit",
        usual={"hidden": (HiddenLayer(64, "relu"),), "learning_rate_init": 0.003, "max_iter": 60},
    )  # fmt: skip


def _standardized(values: Array) -> Array:
    return np.asarray((values - values.mean()) / values.std(), dtype=np.float64)


# Points in the plane.


def _plane(name: str, title: str, make: Callable[[np.random.Generator], tuple[Array, Array]], **usual: Any) -> _Entry:
    def opened(_: str | None) -> Project:
        points, labels = make(np.random.default_rng(SEED))
        table = table_from({"x": points[:, 0], "y": points[:, 1], "color": labels.tolist()})
        return table_project(title, Origin("example", name), table, target="color", usual=usual)

    return _Entry(title, f"{N_POINTS} points in the plane, blue and orange.", opened)


def _colors(is_blue: Array) -> Array:
    return np.where(is_blue, "blue", "orange")


def _circles(rng: np.random.Generator) -> tuple[Array, Array]:
    """One color inside, the other in a ring around it."""
    is_blue = np.arange(N_POINTS) % 2 == 0
    radius = np.where(is_blue, rng.uniform(0.0, 1.2, N_POINTS), rng.uniform(1.8, 2.8, N_POINTS))
    angle = rng.uniform(0.0, 2 * np.pi, N_POINTS)
    return _polar(radius, angle), _colors(is_blue)


def _spirals(rng: np.random.Generator) -> tuple[Array, Array]:
    """Two arms that wind around each other."""
    is_blue = np.arange(N_POINTS) % 2 == 0
    along = rng.uniform(0.05, 1.0, N_POINTS)
    points = _polar(3.0 * along, 3.5 * np.pi * along + np.where(is_blue, 0.0, np.pi))
    return points + rng.normal(0.0, 0.08, points.shape), _colors(is_blue)


def _blobs(rng: np.random.Generator) -> tuple[Array, Array]:
    """Two clouds."""
    is_blue = np.arange(N_POINTS) % 2 == 0
    centers = np.where(is_blue[:, None], [1.2, 1.2], [-1.2, -1.2])
    return centers + rng.normal(0.0, 0.8, (N_POINTS, 2)), _colors(is_blue)


def _xor(rng: np.random.Generator) -> tuple[Array, Array]:
    """Four squares, of which opposite ones have the same color."""
    points = rng.uniform(0.15, 2.5, (N_POINTS, 2)) * rng.choice([-1.0, 1.0], (N_POINTS, 2))
    return points, _colors(points[:, 0] * points[:, 1] > 0)


def _polar(radius: Array, angle: Array) -> Array:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _line(_: str | None) -> Project:
    rng = np.random.default_rng(SEED)
    x = np.sort(rng.uniform(-3.0, 3.0, 120))
    y = 1.5 * x - 0.5 + rng.normal(0.0, 0.8, len(x))
    return table_project(
        "A noisy line", Origin("example", "line"), table_from({"x": x, "y": y}), target="y",
        usual={"hidden": (HiddenLayer(4, "tanh"),)},
    )  # fmt: skip


_EXAMPLES: Mapping[str, _Entry] = {
    "penguins": _Entry(
        "Penguins", "Three species told apart by measurements of their bodies: a real table with missing values.",
        _penguins,
    ),
    "boolean": _Entry(
        "A Boolean function", "A truth table that a network learns without a mistake; write your own function.",
        _boolean, EXPRESSION,
    ),
    "three-three-one": _Entry(
        "3-3-1, by hand", "The network of the first tutorial, with its weights: all numbers can be done on paper.",
        _three_three_one,
    ),
    "five-two-two-five": _Entry(
        "5-2-2-5, by hand", "Two hidden layers, five outputs, and weights to be shocked one by one.",
        _five_two_two_five,
    ),
    "four-outputs": _Entry(
        "Four outputs", "One sample, and three ways to say how wrong a network is: signed, absolute, squared.",
        _four_outputs,
    ),
    "tumors": _Entry(
        "Tumors", "Is a tumor malignant? One measurement and one neuron: logistic regression (UCI repository).",
        _tumors,
    ),
    "patients": _Entry(
        "Patients", f"{N_PATIENTS} patients with diabetes, most of them held out: few enough to learn by heart.",
        _patients,
    ),
    "circles": _plane("circles", "Circles", _circles, hidden=(HiddenLayer(4, "tanh"),), learning_rate_init=0.03),
    "spirals": _plane(
        "spirals", "Spirals", _spirals, hidden=(HiddenLayer(16, "tanh"), HiddenLayer(16, "tanh")), max_iter=500
    ),
    "blobs": _plane("blobs", "Blobs", _blobs, hidden=(), learning_rate_init=0.03),
    "xor": _plane("xor", "Exclusive or", _xor, hidden=(HiddenLayer(4, "tanh"),), learning_rate_init=0.03),
    "line": _Entry("A noisy line", "120 points around a straight line: a quantity instead of classes.", _line),
    "digits": _Entry(
        "Handwritten digits", "1,797 pictures of digits, 8 by 8 pixels each (scikit-learn's, from the UCI repository).",
        _digits,
    ),
}  # fmt: skip
