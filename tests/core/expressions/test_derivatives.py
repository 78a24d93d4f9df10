"""Differentiation by the tree: SymPy's derivative, on the catalog and on formulas drawn at random."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.expressions.branches import kinks, switches
from glassnet.core.expressions.derivatives import derivative, simplified
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.parsing import parse
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import FUNCTIONS, Letter, Number, Operation

Z = Letter("z")
FORMULAS = [
    *(entry.formula for name, entry in ACTIVATIONS.items() if name != "softmax" and not entry.parameters),
    *(f"{name}(1.5 + z^2)" for name, n in FUNCTIONS.items() if n == 1),
    "max(z, z^2 - 1)", "min(3, z) max(z, -2)", "clip(z^2, 0.5, 4)", "2^z", "z^3", "(1 + z^2)^z", "(z^2 + 1)^-0.5",
    "sqrt(1 + z^2) - z", "log(1 + exp(z - 1)) - 0.08 z", "z exp(-z^2) / (1 + |z|)", "where(z > 1, z^2, 2 z - 1)",
    "exp(z) / (1 + exp(z))", "sin(3 z) cos(z) + atan(z)", "z log(1 + z^2)",
]  # fmt: skip
POINTS = [-3.7, -1.6, -0.45, 0.3, 0.85, 1.7, 2.9]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("form", [lambda tree: tree, stable], ids=["as written", "stable"])
def test_the_derivative_is_sympy_s(formula, form, oracles):
    tree = parse(formula, ["z"])
    own = derivative(form(tree), Z)
    z = sp.Symbol("z", real=True)
    expected = oracles.in_sympy(tree, {"z": z}).diff(z)
    for at in POINTS:
        true = float(expected.subs(z, at).evalf(30))
        assert float(evaluate(own, {"z": at})) == pytest.approx(true, rel=1e-10, abs=1e-13)


def trees():
    leaves = st.sampled_from([Z, Z, Number(2), Number(0.5)])
    unary = ["negative", "tanh", "sin", "cos", "atan", "sigmoid", "softplus", "exp"]

    def grow(inner):
        pairs = st.tuples(inner, inner)
        return st.one_of(
            st.builds(Operation, st.sampled_from(unary), st.tuples(inner)),
            st.builds(Operation, st.sampled_from(["add", "subtract", "multiply", "divide"]), pairs),
            st.builds(lambda x: Operation("power", (x, Number(3))), inner),
        )

    return st.recursive(leaves, grow, max_leaves=8)


@given(trees(), st.sampled_from(POINTS))
def test_of_formulas_at_random_it_is_the_complex_step_s(tree, at):
    """The imaginary part of a shock of 1e-30 i is the derivative to all digits; simplification changes no value."""
    with np.errstate(all="ignore"):
        shocked = complex(evaluate(tree, {"z": np.asarray(at + 1e-30j)}))
        own = float(evaluate(derivative(tree, Z), {"z": at}))
        plain, simple = (float(evaluate(each, {"z": at})) for each in (tree, simplified(tree)))
    assume(math.isfinite(shocked.real) and abs(shocked.real) < 1e100 and abs(own) < 1e100)
    assert simple == pytest.approx(plain, rel=1e-9, abs=1e-12)
    assert own == pytest.approx(shocked.imag / 1e-30, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("z^3", "3 z^2"),
        ("5", "0"),
        ("max(0, z)", "1 if z > 0 else 0"),
        ("max(z, 0)", "1 if z > 0 else 0"),
        ("z if z > 0 else 0.1 z", "1 if z > 0 else 0.1"),
        ("-z^2 / 2", "-2 z / 2"),
        ("|z|", "sign(z)"),
        ("log(1 + exp(z - 1)) - 0.08 z", "exp(z - 1) / (1 + exp(z - 1)) - 0.08"),
        ("z tanh(z)", "tanh(z) + z (1 - tanh(z)^2)"),
    ],
)
def test_it_is_simple_enough_to_be_read(formula, shown):
    assert text(derivative(parse(formula, ["z"]), Z)) == shown


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("max(0, z)", [0]),
        ("|z - 0.3| + where(z > 2, 1, 0)", [0.3, 2]),
        ("clip(z, -1.5, 1.5)", [-1.5, 1.5]),
        ("max(0, |z| - 1)", [-1, 0, 1]),
        ("abs(max(0, z))", [0]),
        ("exp(z)", []),
        ("max(1, 2) z", []),
        ("sign(z^2 + 1)", []),
    ],
)
def test_kinks_are_found(formula, expected):
    found = kinks(parse(formula, ["z"]), "z", {}, np.linspace(-4, 4, 129))
    assert sorted(set(np.round(found, 12))) == pytest.approx(expected, abs=1e-12)


def test_switches_of_every_branch():
    tree = parse("clip(z, 1, 2) + sign(z) where(z <= 3, 1, 2) min(z, 4)", ["z"])
    assert [text(switch) for switch in switches(tree)] == ["z - 1", "z - 2", "z", "z - 3", "z - 4"]


@pytest.mark.parametrize("far", [-1e4, -800.0, 800.0, 1e4])
@pytest.mark.parametrize(
    "formula",
    ["log(1 + exp(z - 1)) - 0.08 z", "z / (1 + exp(-1.7 z))", "exp(z) / (1 + exp(z))", "log(exp(2 z) + 1)",
     "(exp(z) - exp(-z)) / (exp(z) + exp(-z))"],
)  # fmt: skip
def test_the_stable_form_and_its_derivative_do_not_overflow(formula, far):
    tree = stable(parse(formula, ["z"]))
    with np.errstate(over="raise", invalid="raise"):
        values = [float(evaluate(each, {"z": np.asarray(far)})) for each in (tree, derivative(tree, Z))]
    assert all(map(math.isfinite, values))
