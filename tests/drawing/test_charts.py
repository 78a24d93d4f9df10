"""Every chart, in every theme: well-formed, in words too, and showing what its record holds."""

from functools import cache

import numpy as np
import pytest

import glassnet as gn
from glassnet import drawing
from glassnet.drawing.theme import DARK, LIGHT
from glassnet.errors import ParameterError, ShapeError

CHARTS = [
    "activation_curves",
    "learning_curves",
    "confusion_matrix",
    "roc_curves",
    "precision_recall_curves",
    "reliability_curve",
    "residuals",
    "decision_regions",
    "cost_surface",
]


@pytest.fixture(scope="session")
def make(flat, plane, regressor, descent):
    """`make(name, theme)`: the chart of that name, drawn once for all tests."""
    _start, result, X, Y = descent
    arguments = {
        "activation_curves": (["sigmoid", "relu"],),
        "learning_curves": (flat,),
        "residuals": regressor,
        "cost_surface": (result.network, X, Y),
    }
    options = {"cost_surface": {"cost": "binary_cross_entropy", "snapshots": result.history.snapshots}}

    @cache
    def call(name, theme="auto"):
        return getattr(drawing, name)(*arguments.get(name, (flat, *plane)), **options.get(name, {}), theme=theme)

    return call


@pytest.fixture(scope="session")
def svg_of(make):
    """`svg_of(name, theme)`: its file."""
    return cache(lambda name, theme: make(name, theme).svg)


@pytest.mark.parametrize("name", CHARTS)
def test_svg_in_every_theme(make, svg_of, read_svg, name):
    charts = {theme: make(name, theme) for theme in ("light", "dark", "auto")}
    texts = {theme: svg_of(name, theme) for theme in charts}
    for theme, text in texts.items():
        svg = read_svg(text)
        assert svg.root.get("role") == "img"
        assert svg.root.get("aria-label") == charts[theme].title
        assert [child.tag.split("}")[1] for child in svg.root][:2] == ["title", "desc"]
        assert svg.root[1].text == charts[theme].description
    assert f'fill="{LIGHT.surface}"' in texts["light"]
    assert f'fill="{DARK.surface}"' in texts["dark"]
    assert "prefers-color-scheme" not in texts["light"]
    assert f"{{fill:{DARK.surface}}}" in texts["auto"]
    assert charts["light"].render("dark") == texts["dark"]


@pytest.mark.parametrize("name", CHARTS)
def test_no_color_from_outside_of_the_theme(svg_of, name):
    """Else it would stay light where a reader prefers dark; black and white of the libraries' own among them."""
    import re

    colors = re.findall(r'(?:fill|stroke)="(#\w+|rgb[^"]*|black|white|gray)"', svg_of(name, "light"))

    assert set(colors) <= set(LIGHT.colors)
    assert len(set(colors)) >= 3


@pytest.mark.parametrize("name", CHARTS)
def test_saved(make, name, tmp_path):
    chart = make(name)
    chart.save(tmp_path / "chart.png")
    chart.save(tmp_path / "chart.html", theme="dark")

    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert "<script" not in (tmp_path / "chart.html").read_text(encoding="utf-8")
    assert repr(chart).startswith("Chart: ")


def words_of(svg):
    return {part for element in svg.all("text") for part in element.itertext() if part.strip()}


def test_confusion_shows_the_counts(make, read_svg):
    chart = make("confusion_matrix")
    words = words_of(read_svg(chart.svg))

    assert {str(count) for count in chart.record.counts.ravel()} <= words
    assert {"Adelie", "Chinstrap", "Gentoo", "true", "predicted"} <= words
    right = int(chart.record.counts.trace())
    assert f"{right} of {chart.record.counts.sum()} rows are right" in chart.description


def test_roc_tells_the_areas(make, read_svg):
    chart = make("roc_curves")
    words = words_of(read_svg(chart.svg))

    for curve in chart.record:
        assert f"{curve.label}  {curve.area:.3f}" in words
        assert f"{curve.label} {curve.area:.3f}" in chart.description


def test_two_classes_make_one_curve(yes_or_no):
    assert [curve.label for curve in drawing.roc_curves(*yes_or_no).record] == ["yes"]
    assert drawing.reliability_curve(*yes_or_no).record.label == "yes"


def test_learning_curves_show_validation_and_the_epoch_kept(read_svg):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 2)), rng.normal(size=(40, 1))
    net = gn.Network.create([2, 20, 1], output="identity", seed=0)
    result = gn.train(
        net, X[:20], Y[:20], cost="squared_error", epochs=60, learning_rate=0.05, validation=(X[20:], Y[20:])
    )
    assert 0 < result.history.best_epoch < 60
    chart = drawing.learning_curves(result)
    words = words_of(read_svg(chart.svg))

    assert {"training", "validation", "cost", "epoch", f"kept: epoch {result.history.best_epoch}"} <= words
    assert f"epoch {result.history.best_epoch} were kept" in chart.description
    assert drawing.learning_curves(result.history).svg == chart.svg


def test_one_epoch_is_a_curve_too():
    result = gn.train(gn.Network.create([1, 1], seed=0), [[0.0]], [[1.0]], cost="squared_error", epochs=1)

    assert drawing.learning_curves(result).svg


def test_many_rows_are_thinned_and_it_says_so():
    X = np.random.default_rng(0).normal(size=(4000, 1))
    model = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(X[:50], X[:50, 0])
    chart = drawing.residuals(model, X, X[:, 0])

    assert "3,000 of 4,000 rows are drawn" in chart.description
    assert len(chart.record[0].values) == 4000
    assert chart.svg.count('aria-roledescription="circle"') == 3000


def test_regions_without_labels(flat, plane, read_svg):
    words = words_of(read_svg(drawing.decision_regions(flat, plane[0]).svg))

    assert {"predicted", "Adelie", "bill_length_mm"} <= words


def test_altairs_own_object_can_be_changed(make):
    changed = make("roc_curves").altair("dark").properties(title="Mine")

    assert changed.to_dict()["title"] == "Mine"
    assert changed.to_dict()["config"]["background"] == DARK.surface


def test_what_cannot_be_drawn(flat, plane, regressor):
    X, y = plane
    with pytest.raises(
        ParameterError, match=r"a confusion matrix requires a classifier, .* predicts quantities; try residuals"
    ):
        drawing.confusion_matrix(*regressor)
    with pytest.raises(
        ParameterError, match=r"decision regions require a classifier, .* predicts quantities; try residuals"
    ):
        drawing.decision_regions(*regressor)
    with pytest.raises(
        ParameterError, match=r"residuals require a regressor, .* predicts classes; try confusion_matrix"
    ):
        drawing.residuals(flat, X, np.zeros(len(X)))
    with pytest.raises(
        ParameterError, match=r"^model is a dict, but a ROC curve needs a GlassClassifier or GlassRegressor; fit one"
    ):
        drawing.roc_curves({}, X, y)
    with pytest.raises(ParameterError, match=r"this GlassClassifier is not fitted yet; call fit"):
        drawing.reliability_curve(gn.GlassClassifier(), X, y)
    with pytest.raises(ShapeError, match=rf"y has 3 values, but X has {len(X)} rows; pass one for each row"):
        drawing.confusion_matrix(flat, X, y[:3])
    with pytest.raises(ParameterError, match=r"a dict has no history; pass gn.train\(...\).history or a fitted"):
        drawing.learning_curves({})
    with pytest.raises(ParameterError, match=r"this history has no epochs, so there is nothing to draw; train first"):
        drawing.learning_curves(_no_epochs())


def _no_epochs():
    from glassnet.training.history import History

    return History((), "epochs", "not trained yet", 0)


def test_learning_curves_say_why_the_training_cost_is_above_the_validation_cost():
    """Of a model they know the recipe; a history alone does not tell."""
    X = np.linspace(0.0, 1.0, 60)[:, None]
    clf = gn.GlassClassifier((16,), dropout=0.5, early_stopping=True, max_iter=20, random_state=0).fit(X, X[:, 0] > 0.5)
    chart = drawing.learning_curves(clf)

    assert "dropout leaves out 50% of the hidden units at each step" in chart.description
    assert "at each step and labels" in chart.svg
    assert "dropout" not in drawing.learning_curves(clf.history_).description
