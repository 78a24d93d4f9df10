"""Every way of writing a formula: what it says, and that what it says computes or is well-formed."""

import re
import subprocess
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.activations import SOFTMAX_PULLBACK
from glassnet.core.catalog.costs import COMBINED_FORMULAS, COSTS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.core.expressions.dialects.latex import Latex
from glassnet.core.expressions.dialects.mathml import MathML
from glassnet.core.expressions.dialects.spreadsheet import spreadsheet
from glassnet.core.expressions.dialects.text import text, written
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.parsing import parse
from glassnet.core.expressions.put_in import put_in
from glassnet.core.expressions.signs import Applied, Name, Partial, Value, phrase
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import FUNCTIONS, Let, Letter, Number, letters, over
from glassnet.explanation.formats.markup.tex import words_to_tex

LATEX, MATHML = Latex(words_to_tex), MathML()
ALL = {
    **{f"{name} {what}": tree for table in (ACTIVATIONS, COSTS) for name, entry in table.items()
       for what, tree in (("formula", entry.expression), ("derivative", entry.derivative_expression))},
    **{f"{name} {rule.letter}": rule.formula for name, solver in SOLVERS.items() for rule in solver.rules},
    **{f"{'+'.join(pair)}": tree for pair, tree in COMBINED_FORMULAS.items()},
    **{name: parse(f"{name}({', '.join(['z', '1.5', '2'][:n])})", ["z"]) for name, n in FUNCTIONS.items()
       if name != "where"},
    "pullback": SOFTMAX_PULLBACK,
    "letters": Letter("é") * Letter("my_width") + Letter("weight_decay") ** Letter("β"),
    "names": Partial(Letter("E"), Name("a<b> & $c_")) * Name("50% of_x") - Value(-2e-8),
    "words": phrase("sum of", Letter("w10") * Letter("m_hat"), "onward") + Applied("f_1", Letter("z")),
}  # fmt: skip
ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]


@pytest.mark.parametrize("name", ALL)
def test_mathml_is_well_formed_and_sets_what_the_text_says(name):
    element = ElementTree.fromstring(MATHML.element(ALL[name]))
    children = {"mfrac": 2, "msup": 2, "msub": 2, "munder": 2, "mover": 2}
    for node in element.iter():
        assert node.tag in {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd"} | set(
            children
        )
        assert len(node) == children.get(node.tag, len(node))
    shown = "".join(element.itertext()).replace("−", "-").replace("×10", "e")
    for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", re.sub(r"e-0?", "e-", written(ALL[name]))):
        assert number in shown
    for term in MATHML.line(ALL[name]).split("</math> "):
        ElementTree.fromstring(term if term.endswith("</math>") else f"{term}</math>")


@pytest.mark.parametrize("name", ALL)
def test_latex_has_pairs(name):
    shown = LATEX.write(ALL[name]).replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for character in shown:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert shown.count(r"\left") == shown.count(r"\right")
    assert shown.count(r"\begin") == shown.count(r"\end")
    assert "**" not in shown


def test_latex_compiles(require, tmp_path):
    pdflatex = require("pdflatex", "compiles formulas")
    lines = [rf"\hspace*{{0pt}}${LATEX.write(tree)}$" for tree in ALL.values()]
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{textcomp,amsmath}\begin{document}\raggedright"
    (tmp_path / "all.tex").write_text("\n\n".join([head, *lines, r"\end{document}"]), encoding="utf-8")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Missing character" not in run.stdout


def computed(formula, cells):
    """The value of a cell's formula in the package formulas, a spreadsheet in Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        function = formulas.Parser().ast(f"={formula}")[1].compile()
        given = {str(name).split("!")[-1]: None for name in function.inputs}
        return float(np.asarray(function(*(np.asarray([[cells[name]]]) for name in given)), dtype=float).ravel()[0])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_spreadsheet_computes_every_activation(name):
    """Also far out, where the formula as written overflows."""
    sigma = ACTIVATIONS[name]
    parameters = {key: repr(value) for key, value in sigma.parameters.items()}
    for tree, true in ((sigma.expression, sigma), (sigma.derivative_expression, None)):
        formula = spreadsheet(stable(tree), {"z": "A1", "a": "B1", **parameters})
        for z in (-800.0, -2.2, -0.3, 0.0, 1e-7, 1.9, 800.0):
            at = np.asarray([z])
            expected = sigma(at)[0] if true else sigma.prime(at, sigma(at))[0]
            found = computed(formula, {"A1": z, "B1": float(sigma(at)[0])})
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), formula


@pytest.mark.parametrize("name", COSTS)
def test_a_spreadsheet_computes_every_cost(name):
    entry = COSTS[name]
    parameters = {key: repr(value) for key, value in entry.parameters.items()}
    for o, t in ((0.3, 0.0), (0.3, 1.0), (0.8, 0.25), (0.75, 0.75)):
        A, Y = np.asarray([o]), np.asarray([t])
        for tree, expected in (
            (entry.expression, entry.of_outputs(A, Y)),
            (entry.derivative_expression, entry.prime(A, Y)),
        ):
            formula = spreadsheet(stable(tree), {"o": "A1", "t": "B1", **parameters})
            assert computed(formula, {"A1": o, "B1": t}) == pytest.approx(expected[0], rel=1e-9, abs=1e-12), formula


@pytest.mark.parametrize(
    ("formula", "cell"),
    [
        ("-z^2", "-(A1^2)"),  # -3^2 is 9 in a spreadsheet
        ("2^3^z", "2^(3^A1)"),  # and powers go from left to right
        ("(2^3)^z", "(2^3)^A1"),
        ("2^-z", "2^(-A1)"),
        ("1 - (z - 2)", "1-(A1-2)"),
        ("z / (2 z)", "A1/(2*A1)"),
        ("1e-10 z", "1E-10*A1"),
        ("|z| log(z)", "IF(ABS(A1)=0,0,ABS(A1)*LN(A1))"),
    ],
)
def test_what_a_spreadsheet_reads_otherwise(formula, cell):
    assert spreadsheet(stable(parse(formula, ["z"])), {"z": "A1"}) == cell


@pytest.mark.parametrize(
    ("formula", "shown", "tex"),
    [
        ("1 / (1 + exp(-z))", "1 / (1 + exp(-z))", r"\frac{1}{1 + \exp(-z)}"),
        ("z - (1 - z)", "z - (1 - z)", "z - (1 - z)"),
        ("z^2 / 2", "z^2 / 2", r"\frac{{z}^{2}}{2}"),
        ("(z + 1) (z - 1)", "(z + 1) · (z - 1)", r"(z + 1)\,(z - 1)"),
        ("exp(z)^2", "exp(z)^2", r"{(\exp(z))}^{2}"),
        ("z if z > 0 else 0.1 z", "z if z > 0 else 0.1·z", r"\begin{cases}z & z > 0 \\ 0.1\,z & \text{else}\end{cases}"),
        ("sqrt(z) |z|", "sqrt(z) · |z|", r"\sqrt{z}\,\left|z\right|"),
    ],
)  # fmt: skip
def test_formulas_by_eye(formula, shown, tex):
    tree = parse(formula, ["z"])
    assert written(tree) == shown
    assert LATEX.write(tree) == tex


def test_numbers_put_in():
    z, t, o = letters("z t o")
    assert written(put_in(-t / o, {"t": -1.0, "o": 0.5})) == "1 / 0.5"
    assert written(put_in(t - o, {"t": 1.0, "o": -0.5})) == "1 - (-0.5)"
    assert written(put_in(z**2, {"z": -3.0})) == "(-3)^2"
    assert written(put_in(2 * z, {"z": 0.1 + 0.2})) == "2 · 0.3"
    shorthand = Let(t + z * (1 - t), ((t, 1 / (1 + z)),))
    assert written(shorthand) == "t + z·(1 - t) with t = 1 / (1 + z)"
    assert written(put_in(shorthand, {"z": 1.0})) == "0.5 + 1·(1 - 0.5)"
    assert written(put_in(shorthand, {})) == written(shorthand)
    assert LATEX.write(Value(2.5e-8)) == r"2.5 \times 10^{-8}"
    assert text(over("sum", "k", letters("z_k")[0])) == "sum_k z_k"


def test_ranges_of_a_spreadsheet():
    z_j, z_k, w_k = letters("z_j z_k w_k")
    tree = z_j / over("sum", "k", z_k * w_k) - over("max", "k", z_k) + over("sum", "k", z_k)
    cells = {"z": "A1", "z_k": "A1:A3", "w_k": "B1:B3"}
    assert spreadsheet(tree, cells) == "A1/SUMPRODUCT(A1:A3*B1:B3)-MAX(A1:A3)+SUM(A1:A3)"
    assert evaluate(tree, {"z": np.asarray([1.0, 2.0]), "w": np.asarray([1.0, 1.0])}).tolist() == [1 / 3 + 1, 2 / 3 + 1]


def test_trees_are_values():
    """Equal where they are written alike, hashable, and not changed by anything."""
    z = Letter("z")
    assert 1 / (1 + z) == parse("1 / (1 + z)", ["z"])
    assert len({z + 1, z + 1, 1 + z}) == 2
    with pytest.raises(AttributeError):
        z.name = "y"
    assert (z + 1 + 2).operands == (z, Number(1), Number(2))
