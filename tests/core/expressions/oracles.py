"""Formulas in SymPy and in mpmath: oracles that share nothing with the library's own evaluation and rules."""

import mpmath as mp
import sympy as sp

from glassnet.core.expressions.tree import Let, Letter, Number, Operation, Over, Same

COMPARE = {"less": "__lt__", "less_equal": "__le__", "greater": "__gt__", "greater_equal": "__ge__"}
IN_SYMPY = {
    "negative": lambda x: -x, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y, "power": lambda x, y: x**y, "exp": sp.exp, "log": sp.log, "tanh": sp.tanh,
    "sqrt": sp.sqrt, "abs": sp.Abs, "sign": sp.sign, "sin": sp.sin, "cos": sp.cos, "atan": sp.atan, "max": sp.Max,
    "min": sp.Min, "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high), "log1p": lambda x: sp.log(1 + x),
    "expm1": lambda x: sp.exp(x) - 1, "sigmoid": lambda x: 1 / (1 + sp.exp(-x)),
    "softplus": lambda x: sp.log(1 + sp.exp(x)), "where": lambda c, x, y: sp.Piecewise((x, c), (y, True)),
}  # fmt: skip


def in_sympy(tree, values, indices=None, n=3):
    """The tree with SymPy's expressions for its letters; a letter with an index is looked up as (name, place)."""
    indices = indices or {}
    if isinstance(tree, Number):
        return sp.Float(tree.value, 40) if isinstance(tree.value, float) else sp.Integer(tree.value)
    if isinstance(tree, Letter):
        return values[tree.name, indices[tree.index]] if tree.index else values[tree.name]
    if isinstance(tree, Same):
        return sp.Integer(indices[tree.first] == indices[tree.second])
    if isinstance(tree, Over):
        terms = [in_sympy(tree.body, values, {**indices, tree.index: k}, n) for k in range(n)]
        return sum(terms) if tree.kind == "sum" else sp.Max(*terms)
    if isinstance(tree, Let):
        return in_sympy(tree.expanded(), values, indices, n)
    assert isinstance(tree, Operation)
    operands = [in_sympy(operand, values, indices, n) for operand in tree.operands]
    if tree.name == "add":
        return sum(operands)
    if tree.name in COMPARE:
        return getattr(operands[0], COMPARE[tree.name])(operands[1])
    return IN_SYMPY[tree.name](*operands)


def in_mpmath(tree, values, digits=60):
    """The value of a formula without indices in so many digits."""
    with mp.workdps(digits):
        return _mp(tree, {name: mp.mpf(float(value)) for name, value in values.items()})


MP = {
    "negative": lambda x: -x, "add": lambda *x: sum(x[1:], x[0]), "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y, "divide": lambda x, y: x / y, "power": lambda x, y: x**y, "exp": mp.exp,
    "log": mp.log, "tanh": mp.tanh, "sqrt": mp.sqrt, "abs": abs, "sign": mp.sign, "max": max, "min": min,
    "clip": lambda x, low, high: min(max(x, low), high), "less": lambda x, y: x < y, "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y, "greater_equal": lambda x, y: x >= y,
}  # fmt: skip


def _mp(tree, values):
    if isinstance(tree, Number):
        return mp.mpf(tree.value)
    if isinstance(tree, Letter):
        return values[tree.name]
    if isinstance(tree, Let):
        return _mp(tree.expanded(), values)
    if tree.name == "where":
        condition, x, y = tree.operands
        return _mp(x if _mp(condition, values) else y, values)
    return MP[tree.name](*(_mp(operand, values) for operand in tree.operands))
