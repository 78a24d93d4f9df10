"""Formulas of users: read as people write them, refused with the position, and never run."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.expressions.dialects.text import text, written
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.parsing import MAX_DEPTH, MAX_LENGTH, parse
from glassnet.core.expressions.tree import Letter, Number, Operation
from glassnet.errors import ParameterError

LETTERS = ["z", "beta", "x2"]
AT = {"z": 0.7, "beta": -1.3, "x2": 2.5}


def value(formula):
    return float(evaluate(parse(formula, LETTERS), AT))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("2 z", 1.4),
        ("z beta", -0.91),
        ("z(1 - z)", 0.7 * 0.3),
        ("2z^2", 2 * 0.49),
        ("-z^2", -0.49),
        ("2^-z", 2**-0.7),
        ("2^3^2", 512),
        ("2**3", 8),
        ("1/2 z", 0.35),
        ("z/2 (1 + z)", 0.35 * 1.7),
        ("8 / 4 / 2", 1),
        ("8 - 4 - 2", 2),
        ("1e-3 z", 0.0007),
        (".5 z + 1.", 1.35),
        ("|beta|", 1.3),
        ("2|beta|", 2.6),
        ("||beta| - 2| z", 0.49),
        ("|z (1 - |beta|)|", 0.21),
        ("max(0, beta) + min(beta, 0)", -1.3),
        ("clip(x2, 0, 1)", 1),
        ("where(z > 0, 1, 2)", 1),
        ("1 if beta >= 0 else 2 if beta < -1 else 3", 2),
        ("(z if z <= 0 else 3) z", 2.1),
        ("exp(z) log(x2)", math.exp(0.7) * math.log(2.5)),
        ("sqrt(x2) sin(z) cos(z) atan(z)", math.sqrt(2.5) * math.sin(0.7) * math.cos(0.7) * math.atan(0.7)),
        ("sigmoid(z) - softplus(z)", 1 / (1 + math.exp(-0.7)) - math.log(1 + math.exp(0.7))),
        ("expm1(z) + log1p(z) + sign(beta) + tanh(z)", math.expm1(0.7) + math.log1p(0.7) - 1 + math.tanh(0.7)),
        ("2 · z − 1 × beta", 2.7),
        ("+z", 0.7),
    ],
)
def test_read_as_people_write(formula, expected):
    assert value(formula) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("", r"the formula is ''; expected a text such as 'log\(1 \+ exp\(z\)\)'"),
        (None, "the formula is None; expected a text"),
        ("2 +", r"'2 \+' ends too early: a number, a letter, a function or '\(' was expected"),
        ("2 3", "'3' at position 3 was not expected here; an operator such as \\+ or \\* was"),
        ("z 3", "'3' at position 3 was not expected"),
        ("0. 08 z", "'08' at position 4 was not expected"),
        ("y", "'y' at position 1 is not known; its letters are: z, beta, x2."),
        ("bta z", r"'bta' at position 1 is not known; .* Did you mean 'beta'\?"),
        ("tanhh(z)", r"Did you mean 'tanh'\?"),
        ("exp z", r"'exp' at position 1 is a function; write exp\(\.\.\.\)"),
        ("max(z)", "'max' at position 1 takes 2 arguments, but has 1"),
        ("exp(z, z)", "'exp' at position 1 takes 1 argument, but has 2"),
        ("(z", r"'\(' at position 1 is never closed"),
        ("|z", r"'\|' at position 1 is never closed"),
        ("|z) + 1", r"'\)' at position 3 was not expected here; an operator or '\|' was"),
        ("z)", r"'\)' at position 2 was not expected here"),
        ("where(z, 1, 2)", "',' at position 8 was not expected here; a comparison such as z > 0 was"),
        ("z > 0", "'>' at position 3 was not expected here; an operator"),
        ("1 if z > 0", "ends too early"),
        ("1 if z > 0 2", "'2' at position 12 was not expected here; 'else' was"),
        ("z ~ 2", "'~' at position 3 was not expected"),
        ("1e999 z", "'1e999' at position 1 is too large for a number"),
        ("z" * (MAX_LENGTH + 1), "has 1,001 characters; at most 1,000 are read"),
        ("(" * 60 + "z" + ")" * 60, r"'\(' at position 41 is nested in more than 40 operations"),
        ("-" * 60 + "z", "is nested in more than 40 operations"),
        ("z^" * 60 + "z", "is nested in more than 40 operations"),
        ("|" * 60 + "z" + "|" * 60, "is nested in more than 40 operations"),
        ("1 if z > 0 else " * 50 + "z", "is nested in more than 40 operations"),
        ("+".join(["z"] * 60), "joins more than 40 terms or factors"),
        ("z" + " z" * 60, "joins more than 40 terms or factors"),
    ],
)
def test_refused_with_the_position(formula, message):
    with pytest.raises(ParameterError, match=message):
        parse(formula, LETTERS)


@pytest.mark.parametrize(
    "formula",
    ["__import__('os').system('true')", "z.__class__", "lambda: z", "[z]", "z; z", "print(z)", "z = 1", "(z := 2)",
     "exp(z).real", "z if True else z", "'z'", "f'{z}'", "z[0]", "eval(z)", "z\x00", "ｚ"],
)  # fmt: skip
def test_nothing_is_run(formula):
    with pytest.raises(ParameterError, match=r"position \d+ "):
        parse(formula, LETTERS)


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_refused(formula):
    with contextlib.suppress(ParameterError):
        parse(formula, LETTERS)


def trees():
    leaves = st.sampled_from([Letter("z"), Letter("beta"), Number(2), Number(0.5), Number(-3)])
    unary = ["negative", "exp", "tanh", "abs", "sign", "sin"]
    binary = ["subtract", "multiply", "divide", "max", "min"]

    def grow(inner):
        pairs = st.tuples(inner, inner)
        return st.one_of(
            st.builds(Operation, st.sampled_from(unary), st.tuples(inner)),
            st.builds(Operation, st.sampled_from(binary), pairs),
            st.builds(lambda terms: Operation("add", tuple(terms)), st.lists(inner, min_size=2, max_size=4)),
            st.builds(lambda x: Operation("power", (x, Number(2))), inner),
            st.builds(lambda c, x: Operation("where", (Operation("less", c), *x)), pairs, pairs),
        )

    return st.recursive(leaves, grow, max_leaves=12)


@given(trees())
def test_what_is_written_is_read_back(tree):
    """Parentheses, signs and products side by side are such that parsing gives the same values."""
    for z in (-1.25, 0.375, 2.0):
        with np.errstate(all="ignore"):
            expected = float(evaluate(tree, {"z": z, "beta": 0.75}))
            for shown in (text(tree), written(tree)):
                found = float(evaluate(parse(shown, LETTERS), {"z": z, "beta": 0.75}))
                np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_limits_are_what_can_be_computed():
    """The deepest and longest formula that is read is also differentiated and printed."""
    from glassnet.core.expressions.derivatives import derivative
    from glassnet.core.expressions.stable import stable

    depth = MAX_DEPTH // 2 - 1
    for formula in ("exp(" * depth + "z" + ")" * depth, "z" + " z" * 40, "(" * 15 + "z" + " z + 1) z" * 15):
        tree = parse(formula, LETTERS)
        assert len(text(derivative(stable(tree), Letter("z")))) > 100
