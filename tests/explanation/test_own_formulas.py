"""An activation and a cost from formulas, explained in every format; and MathML in the page."""

import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import glassnet as gn
from glassnet import drawing

SWOOSH = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - beta z", parameters={"beta": 0.08})
CAUCHY = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2 / width)", parameters={"width": 2})


@pytest.fixture(scope="module")
def explanation():
    """x = 2, w = 1.5: z = 3; a = log(1 + e²) - 0.24; o = 2 a."""
    network = gn.Network.from_weights([([[1.5]], None), ([[2.0]], None)], hidden=SWOOSH, output="identity")
    return gn.explain(network, [2.0], 1.0, cost=CAUCHY, solver="momentum", learning_rate=0.1)


A = math.log(1 + math.exp(2)) - 0.24
SLOPE = 1 / (1 + math.exp(-2)) - 0.08


def test_the_text_by_hand(explanation):
    text = explanation.to_text(width=120)
    error = 1 - 2 * A
    for line in (
        "  layer 1: 1 neuron, swoosh, a = log(1 + exp(z - 1)) - beta·z, beta = 0.08",
        f"               a = log(1 + exp(3 - 1)) - 0.08·3 = {A:.6g}",
        "COST  E = log(1 + (t - o)^2 / width), with target t and output o (cauchy, width = 2)",
        f"    output1  log(1 + (1 - {2 * A:.6g})^2 / 2) = {math.log(1 + error**2 / 2):.6g}",
        f"    output1  ∂E/∂a = -2·(1 - {2 * A:.6g}) / 2 / (1 + (1 - {2 * A:.6g})^2 / 2) = {-error / (1 + error**2 / 2):.6g}",
        "  layer 1: ∂a/∂z = 1 / (1 + exp(1 - z)) - beta",
        f"               ∂a/∂z = 1 / (1 + exp(1 - 3)) - 0.08 = {SLOPE:.6g}",
        "    u = μ·u_old - η·g",
    ):
        assert line in text.splitlines(), f"{line}\n{text}"


def test_every_format_has_it(explanation):
    assert r"\log(1 + \exp(z - 1)) - \beta\,z" in explanation.to_latex()
    assert r"\frac{{(t - o)}^{2}}{\mathrm{width}}" in explanation.to_latex()
    assert "a = log(1 + exp(z - 1)) - beta·z" in explanation.to_markdown()
    record = json.loads(explanation.to_json())
    assert record["forward"][0]["formula"] == "log(1 + exp(z - 1)) - beta z"
    assert record["cost"]["formula"] == "log(1 + (t - o)^2 / width)"
    page = explanation.to_html()
    found = re.findall(r"<math>.*?</math>", page)
    assert len(found) > 30
    shown = ["".join(ElementTree.fromstring(each).itertext()) for each in found]
    assert "log(1+exp(z−1))−β\u2062z" in shown
    assert "<mfrac>" in page
    assert "new w = old - η" not in page


def test_the_workbook_computes_it(explanation, tmp_path):
    """In a spreadsheet of another make, after a change of the input."""
    import warnings

    import openpyxl

    explanation.to_xlsx(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    book["Inputs"]["B5"].value = -900.0  # where exp(z - 1) and exp(1 - z) would overflow
    book.save(tmp_path / "book.xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        model = formulas.ExcelModel().loads(str(tmp_path / "book.xlsx")).finish()
        model.calculate()
        model.write(dirpath=str(tmp_path / "out"))
    (written,) = (tmp_path / "out").iterdir()
    book = openpyxl.load_workbook(written, data_only=True)
    sheets = {sheet.title.lower(): sheet for sheet in book.worksheets}
    heads = [cell.value for cell in sheets["layer 1"][4]]
    a, slope = (sheets["layer 1"].cell(5, 1 + heads.index(head)).value for head in ("a", "∂a/∂z"))
    assert a == pytest.approx(0.08 * 1350, rel=1e-12)
    assert slope == pytest.approx(-0.08, rel=1e-12)


def test_it_is_drawn(explanation, tmp_path):
    """In the diagram, and as a curve beside its slope."""
    gn.draw(explanation.network, [2.0], 1.0, cost=CAUCHY).save(tmp_path / "network.svg")
    assert "swoosh" in (tmp_path / "network.svg").read_text(encoding="utf-8")
    (curve,) = drawing.activation_curves([SWOOSH]).record
    assert curve.formula == "log(1 + exp(z - 1)) - beta z"
    assert float(np.interp(3.0, curve.z, curve.a)) == pytest.approx(A, abs=1e-3)
    assert float(np.interp(3.0, curve.z, curve.slope)) == pytest.approx(SLOPE, abs=1e-3)
    drawing.activation_curves([SWOOSH]).save(tmp_path / "curve.svg")


def test_blame_takes_an_own_cost(explanation):
    rng = np.random.default_rng(0)
    blame = gn.blame(explanation.network, rng.normal(size=(6, 1)), rng.normal(size=(6, 1)), cost=CAUCHY)
    assert blame.cost_name == "cauchy"


def test_a_formula_for_people_only_is_shown_where_it_can_be_read():
    """Functions of the user's own with a text: with numbers where it is a formula, else by name, escaped."""
    for text, shown in (("sin(z)", "a = sin(2) = 0.909297"), ("the sine of z", "a = si<n>e(2) = 0.909297")):
        own = gn.Activation("si<n>e", np.sin, lambda Z, A: np.cos(Z), formula=text, range=(-1.0, 1.0))
        network = gn.Network.from_weights([([[1.0]], None), ([[1.0]], None)], hidden=own, output="identity")
        explanation = gn.explain(network, [2.0], 0.0, cost="squared_error")
        assert shown in explanation.to_text()
        assert "<n>" not in explanation.to_html()
        assert "si<n>e'(2)" in explanation.to_markdown().replace("\\", "")


@pytest.mark.parametrize("name", ["step", "leaky_relu", "elu", "selu", "hard_sigmoid"])
def test_branches_in_html_and_latex(name):
    network = gn.Network.create([2, 3, 1], hidden=name, output="identity", seed=0)
    explanation = gn.explain(network, [1.0, -2.0], 1.0, cost="half_squared_error")
    assert "<mtable>" in explanation.to_html()
    assert r"\begin{cases}" in explanation.to_latex()
