"""Every activation, cost and solver step: its formula is its array function, its derivative is SymPy's."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import glassnet
from glassnet.core.catalog import activations, losses
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COMBINED, COMBINED_FORMULAS, COSTS
from glassnet.core.catalog.optimizers import MEMORY_LETTERS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.core.expressions.dialects.text import text, written
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.parsing import parse
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import Let

ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]
GRID = np.unique(np.concatenate([np.linspace(-30, 30, 241), np.linspace(-350, 350, 29), [1e-9, -1e-9, 1e-3, -1e-3]]))
FAR = np.asarray([-1e4, -800.0, -100.0, 100.0, 800.0, 1e4])


def of(name):
    sigma = ACTIVATIONS[name]
    return sigma, dict(sigma.parameters)


@pytest.mark.parametrize("table", [ACTIVATIONS, COSTS], ids=["activations", "costs"])
def test_every_entry_has_both_formulas(table):
    for entry in table.values():
        assert entry.expression is not None
        assert entry.derivative_expression is not None
        assert text(entry.expression) in entry.formula
        assert entry.derivative_formula == text(entry.derivative_expression)


def test_every_solver_has_rules_that_end_with_the_new_parameter():
    assert all(solver.rules[-1].letter == "new" for solver in SOLVERS.values())
    assert [name for name, solver in SOLVERS.items() if not solver.has_step] == ["lbfgs"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_formula_is_its_array_function(name):
    """As written up to where it overflows: there it loses digits beside 1, but none of those."""
    sigma, parameters = of(name)
    A = sigma(GRID)
    np.testing.assert_allclose(evaluate(sigma.expression, {"z": GRID, **parameters}), A, rtol=1e-13, atol=4e-15)
    values = {"z": GRID, "a": A, **parameters}
    slope = np.broadcast_to(evaluate(sigma.derivative_expression, values), A.shape)
    np.testing.assert_allclose(slope, sigma.prime(GRID, A), rtol=1e-13, atol=2e-15)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_far_out_the_stable_form_and_the_array_function_are_what_mpmath_says(name, oracles):
    """The formula as written, in 6000 digits, has no trouble where float64's overflows."""
    sigma, parameters = of(name)
    exact = [float(oracles.in_mpmath(sigma.expression, {"z": z, **parameters}, 6000)) for z in FAR]
    absolute = 1e-15 if name == "gelu" else 0.0  # 1 + tanh cancels on the far left, as in every library
    np.testing.assert_allclose(sigma(FAR), exact, rtol=4e-15, atol=absolute)
    with np.errstate(over="ignore"):  # of a branch that is not taken
        values = np.broadcast_to(evaluate(stable(sigma.expression), {"z": FAR, **parameters}), FAR.shape)
    np.testing.assert_allclose(values, exact, rtol=4e-15, atol=absolute)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_derivative_is_sympy_s(name, oracles):
    sigma, parameters = of(name)
    z = sp.Symbol("z", real=True)
    slope = oracles.in_sympy(sigma.expression, {"z": z, **parameters}).diff(z)
    for at in (-7.3, -2.2, -0.4, 0.7, 1.9, 6.1):
        a = float(sigma(np.asarray([at]))[0])
        own = float(evaluate(sigma.derivative_expression, {"z": at, "a": a, **parameters}))
        assert own == pytest.approx(float(slope.subs(z, at).evalf(30)), rel=1e-11, abs=1e-14)


def test_softmax_its_shifted_form_and_its_derivative(oracles):
    rng = np.random.default_rng(0)
    sigma, Z = ACTIVATIONS["softmax"], rng.normal(size=(4, 3)) * 5
    A = sigma(Z)
    np.testing.assert_allclose(evaluate(sigma.expression, {"z": Z}), A, rtol=1e-13)
    shifted = Let(activations.SHIFTED_SOFTMAX, activations.SHIFTS)
    np.testing.assert_allclose(evaluate(shifted, {"z": Z + 1e4}), sigma(Z + 1e4), rtol=1e-14)
    z = {("z", k): sp.Symbol(f"z{k}", real=True) for k in range(3)}
    at = {z["z", k]: Z[0, k] for k in range(3)}
    for j in range(3):
        value = oracles.in_sympy(sigma.expression, z, {"j": j})
        for k in range(3):
            own = evaluate(sigma.derivative_expression, {"a": A[:1]}, {"j": j, "k": k})
            assert own.item() == pytest.approx(float(value.diff(z["z", k]).subs(at)), rel=1e-12)
    dA = rng.normal(size=(4, 3))
    pulled = evaluate(activations.SOFTMAX_PULLBACK, {"a": A, "d": dA})
    np.testing.assert_allclose(pulled, sigma.pullback(Z, A, dA), rtol=1e-12, atol=1e-16)


def pairs(entry):
    """Outputs and targets inside of what a cost takes."""
    outputs = [0.1, 0.35, 0.8, 0.99] if entry.outputs[1] == 1 else [0.2, 1.7, 5.5] if entry.outputs[0] == 0 else None
    outputs = outputs or [-3.1, -0.2, 0.4, 2.6]
    targets = [0.0, 0.25, 1.0] if entry.targets[1] == 1 else [0.0, 1.0, 4.0] if entry.targets[0] == 0 else None
    targets = targets or [-2.4, 0.1, 3.3]
    return np.asarray([[(o, t) for t in targets] for o in outputs]).reshape(-1, 2).T


@pytest.mark.parametrize("name", COSTS)
def test_a_loss_and_its_derivative(name, oracles):
    entry = COSTS[name]
    A, Y = pairs(entry)
    values = {"o": A, "t": Y, **entry.parameters}
    np.testing.assert_allclose(evaluate(entry.expression, values), entry.of_outputs(A, Y), rtol=1e-13, atol=1e-15)
    slopes = np.broadcast_to(evaluate(entry.derivative_expression, values), A.shape)
    np.testing.assert_allclose(slopes, entry.prime(A, Y), rtol=1e-13, atol=1e-15)
    o, t = sp.symbols("o t", real=True)
    slope = oracles.in_sympy(entry.expression, {"o": o, "t": t, **entry.parameters}).diff(o)
    for a, y, own in zip(A, Y, slopes, strict=True):
        assert own == pytest.approx(float(slope.subs({o: a, t: y}).evalf(30)), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy", "poisson"])
def test_nothing_times_the_logarithm_of_nothing_is_nothing(name):
    entry = COSTS[name]
    A, Y = np.asarray([0.0, 0.3]), np.asarray([0.0, 0.0])
    np.testing.assert_allclose(evaluate(stable(entry.expression), {"o": A, "t": Y}), entry.of_outputs(A, Y), rtol=1e-14)


@pytest.mark.parametrize("pair", COMBINED, ids="-".join)
def test_losses_computed_from_z(pair):
    Z = np.asarray([[-3.0, 0.5, 2.0], [800.0, -800.0, 60.0], [60.0, 0.0, -60.0]])
    Y = np.asarray([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    found = evaluate(stable(COMBINED_FORMULAS[pair]), {"z": Z, "t": Y})
    np.testing.assert_allclose(found, COMBINED[pair](Z, Y), rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", [name for name, solver in SOLVERS.items() if solver.has_step])
def test_the_lines_of_a_step_are_the_step(name):
    """Three steps from rest: every parameter and everything that the solver remembers."""
    solver, rng = SOLVERS[name], np.random.default_rng(0)
    theta = rng.normal(size=50)
    state = solver.init(theta, 0.01)
    for step in range(3):
        grad = rng.normal(size=50)
        known = {"old": theta, "g": grad, "eta": 0.01, "t": step + 1, **solver.parameters}
        known |= {
            f"{MEMORY_LETTERS.get(field, field)}_old": value for field, value in state._asdict().items() if field != "t"
        }
        for rule in solver.rules:
            known[rule.letter] = rule.value(known)
        theta, state = solver.step(theta, grad, state, eta=0.01, **solver.parameters)
        np.testing.assert_allclose(known["new"], theta, rtol=1e-12, atol=1e-15)
        for field, value in state._asdict().items():
            if field == "last":  # where the sign turned, rprop forgets the gradient that it did not follow
                value, known["g"] = value[known["turn"] == 1.2], grad[known["turn"] == 1.2]
            if field != "t":
                np.testing.assert_allclose(known[MEMORY_LETTERS.get(field, field)], value, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", [*ELEMENTWISE, *COSTS])
def test_the_text_of_a_table_is_read_back(name):
    """Parsed as a user's formula it has the same values, in the six digits that its constants are written with."""
    entry = ACTIVATIONS.get(name) or COSTS[name]
    letters = ["z", "a"] if name in ACTIVATIONS else ["o", "t"]
    values = dict(zip(letters, (0.625, 0.375), strict=True)) | dict(entry.parameters)
    for tree in (entry.expression, entry.derivative_expression):
        if isinstance(tree, Let):
            tree = tree.expanded()
        for shown in (text(tree), written(tree)):
            again = parse(shown, [*letters, *entry.parameters])
            assert float(evaluate(again, values)) == pytest.approx(float(evaluate(tree, values)), rel=2e-6)


def test_no_formula_is_written_twice():
    """Outside of core no text of the code contains the formula of an activation, a cost or a solver's step."""
    trees = [tree for table in (ACTIVATIONS, COSTS) for entry in table.values()
             for tree in (entry.expression, entry.derivative_expression)]  # fmt: skip
    trees += [rule.formula for solver in SOLVERS.values() for rule in solver.rules]
    trees += [*COMBINED_FORMULAS.values(), losses.COMBINED_DELTA, activations.SHIFTED_SOFTMAX]
    known = {"".join(way(tree).split()) for tree in trees for way in (text, written)}
    known |= {"EXP(", "TANH(", "LN("}  # of a spreadsheet
    known = {formula for formula in known if len(formula) > 2}
    root, found = Path(glassnet.__file__).parent, []
    for path in root.rglob("*.py"):
        if "core" in path.relative_to(root).parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                      if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
                words = "".join(node.value.split())
                found += [(path.name, words) for each in known if re.search(rf"(?<!\w){re.escape(each)}", words)]
    assert not found, found
