"""Truth tables against Python's own Boolean arithmetic."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.data.boolean import truth_table
from glassnet.errors import ExpressionError


def expressions():
    """Pairs of one expression in our grammar and in Python's, every operation in parentheses."""

    def join(children):
        pair = st.tuples(children, children)
        signs = [
            ("+", "|"),
            ("|", "|"),
            (" or ", "|"),
            ("*", "&"),
            ("&", "&"),
            (" and ", "&"),
            (" ", "&"),
            ("^", "^"),
            (" xor ", "^"),
        ]
        both = st.builds(
            lambda ab, s: (f"({ab[0][0]}{s[0]}{ab[1][0]})", f"({ab[0][1]}{s[1]}{ab[1][1]})"),
            pair,
            st.sampled_from(signs),
        )
        before = st.builds(lambda a, s: (f"{s}{a[0]}", f"(1-{a[1]})"), children, st.sampled_from(["~", "!", "not "]))
        after = children.map(lambda a: (f"({a[0]})'", f"(1-{a[1]})"))
        return both | before | after

    return st.recursive(st.sampled_from(["w", "x", "y", "z", "0", "1"]).map(lambda v: (v, v)), join, max_leaves=10)


@given(expressions())
def test_against_pythons_own_arithmetic(pair):
    ours, python = pair
    names = sorted(set(python) & set("wxyz"))
    if not names:
        with pytest.raises(ExpressionError, match="has no variable, so it has no table"):
            truth_table(ours)
        return
    table = truth_table(ours)
    expected = [eval(python, {}, dict(zip(names, bits, strict=True))) for bits in product((0, 1), repeat=len(names))]

    assert table.F.tolist() == expected
    assert table.X.tolist() == [list(bits) for bits in product((0, 1), repeat=len(names))]
    again = truth_table(table.expression)
    assert again.F.tolist() == expected
    assert again.expression == table.expression


SAME = [
    ("x*y + ~z", "xy + z'", "x and y or not z", "x & y | !z", "(x·y) ∨ ¬z", "XY+Z'".lower()),
    ("x + y ^ z*w", "x + (y ^ (z*w))"),
    ("~x*y", "(~x) y", "not x and y"),
    ("x''", "x", "~~x", "x 1", "x + 0"),
    ("x1 x2", "x1*x2", "x_1 x_2".replace("_", "")),
    ("a(b + c)'", "a ~b ~c"),
]


@pytest.mark.parametrize("group", SAME, ids=lambda group: group[0])
def test_different_writings_mean_the_same(group):
    tables = [truth_table(text) for text in group]
    assert all(np.array_equal(table.F, tables[0].F) for table in tables)


def test_it_is_public():
    table = gn.truth_table("x*y + ~z")

    assert table.F.tolist() == [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]
    assert gn.truth_table is truth_table


def test_variables_in_natural_order_and_normal_form():
    assert truth_table("x10 + x2").variables == ("x2", "x10")
    assert truth_table("b a_1 A").variables == ("A", "a_1", "b")
    assert truth_table("((x))((y + z))'").expression == "x*~(y + z)"


def test_table_text_and_csv():
    table = truth_table("xy + z'")
    assert table.to_csv().splitlines()[:3] == ["x,y,z,F", "0,0,0,1", "0,0,1,0"]
    assert table.to_text().splitlines()[0] == "x y z | F      F = x*y + ~z"
    assert table.to_table().names == ("x", "y", "z", "F")
    assert table.X.dtype == table.F.dtype == np.float64


REFUSED = [
    ("", "the expression is empty; try something like"),
    ("x +", r"the expression 'x \+' ends too early"),
    ("(x", r"'\(' at position 1 of '\(x' is never closed"),
    ("x)", r"'\)' at position 2 of 'x\)' has no opening parenthesis"),
    ("x + * y", r"'\*' at position 5 of 'x \+ \* y' was not expected here: a variable, 0, 1 or '\(' was"),
    ("x $ y", r"'\$' at position 3 of 'x \$ y' means nothing here; expected letters"),
    ("2x", "'2' at position 1 of '2x' means nothing here"),
    ("x = y", "'=' at position 3"),
    ("1 + 0", "'1 [+] 0' has no variable, so it has no table"),
    ("abcdefghijklmnopq", "the expression has 17 variables, but at most 16 are tabulated"),
    ("(" * 41 + "x" + ")" * 41, "opens parenthesis 41 inside others, but at most 40 are read"),
    ("__import__('os')", "'_' at position 1"),
]


@pytest.mark.parametrize("text, sentence", REFUSED)
def test_errors_name_the_character_and_its_position(text, sentence):
    with pytest.raises(ExpressionError, match=sentence):
        truth_table(text)


def test_long_expressions_do_not_exhaust_the_stack():
    assert truth_table("+".join(["x"] * 5000)).F.tolist() == [0.0, 1.0]
    assert truth_table("~" * 5000 + "x").F.tolist() == [0.0, 1.0]
