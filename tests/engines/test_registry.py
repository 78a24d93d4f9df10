import inspect
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.solvers import SOLVERS, Solver, resolve_solver
from glassnet.engines import registry
from glassnet.engines.base import Engine, Problem
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.forward import Forward as CompiledForward
from glassnet.engines.cpu.single_row import RowForward as CompiledRow
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.registry import resolve_engine
from glassnet.errors import ParameterError

SINE = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
HALF = gn.Cost("half", lambda A, Y: (A - Y) ** 2 / 2, lambda A, Y: A - Y)
PLAIN = Solver("plain", lambda theta, eta: None, lambda theta, grad, state, *, eta: (theta - eta * grad, state), 0.1)
NETWORK = gn.Network.create([3, 4, 2], hidden="tanh", output="identity", seed=0)
PROBLEM = Problem(NETWORK, COSTS["half_squared_error"], SOLVERS["adam"])
OWN = {
    "layer 1 has your own activation 'sine'": replace(
        PROBLEM, network=gn.Network.create([3, 4, 2], hidden=SINE, seed=0)
    ),
    "cost 'half' is your own": replace(PROBLEM, cost=HALF),
    "solver 'plain' is your own": replace(PROBLEM, solver=PLAIN),
}


def test_an_engine_is_found_by_its_name(engine_name):
    assert resolve_engine(engine_name).name == engine_name


def parameters(function):
    """Return names, defaults and kinds, without `self` and annotations."""
    every = inspect.signature(function).parameters.values()
    return [(each.name, each.default, each.kind) for each in every if each.name != "self"]


def test_engines_have_the_same_face(engine_name, make_engine, make_network, samples):
    """Method names, arguments and defaults of the protocol."""
    engine = make_engine(make_network(), *samples)

    assert parameters(type(engine).__init__) == parameters(Engine.__init__)
    for name in ("supports", "start", "forward", "evaluate", "gradients", "run"):
        assert parameters(getattr(engine, name)) == parameters(getattr(Engine, name))


def test_an_unknown_engine_is_refused():
    with pytest.raises(ParameterError, match=r"^engine='gpu' is not known\. Choose from: .*reference"):
        resolve_engine("gpu")


@pytest.mark.parametrize("what", OWN)
def test_own_functions_run_on_the_reference_engine(what):
    problem, reason = OWN[what], f"{what}, which engine='cpu' cannot compile; use engine='reference'"

    assert CpuEngine.supports(problem) == reason
    assert ReferenceEngine.supports(problem) is None
    assert resolve_engine("auto", problem) is ReferenceEngine
    for refused in (
        lambda: resolve_engine("cpu", problem),
        lambda: CpuEngine(problem, np.ones((4, 3)), np.ones((4, 2))),
    ):
        with pytest.raises(ParameterError) as error:
            refused()
        assert str(error.value) == f"{reason}."


@pytest.mark.parametrize("kind", ["activation", "cost", "solver"])
def test_one_under_a_built_in_name_is_not_compiled(kind):
    problem = {
        "activation": replace(PROBLEM, network=gn.Network.create([3, 4, 2], hidden=replace(SINE, name="tanh"), seed=0)),
        "cost": replace(PROBLEM, cost=replace(HALF, name="half_squared_error")),
        "solver": replace(PROBLEM, solver=replace(PLAIN, name="adam")),
    }[kind]

    assert "your own" in str(CpuEngine.supports(problem))
    assert resolve_engine("auto", problem) is ReferenceEngine


def test_built_in_ones_are_compiled_whatever_their_parameters():
    for solver in (
        ("adam", {"beta1": 0.5}),
        replace(SOLVERS["adam"], learning_rate=0.5, parameters=dict(SOLVERS["adam"].parameters)),
    ):
        problem = replace(PROBLEM, solver=resolve_solver(solver))
        assert resolve_engine("auto", problem) is CpuEngine


def test_parameters_that_a_built_in_one_does_not_have_make_it_an_own_one():
    """Its kernel would take a missing parameter for 0."""
    problem = replace(PROBLEM, cost=replace(COSTS["huber"], parameters={}))

    assert str(CpuEngine.supports(problem)).startswith("cost 'huber' is your own")


def test_no_engine_computes_on_the_zeros_of_a_sparse_matrix(engine_name):
    network = gn.Network.create([3, 4, 2], input_scaling=True, seed=0)
    problem, X = replace(PROBLEM, network=network), csr_array(np.eye(3))
    reason = "input_scaling=True cannot be trained on a sparse X, whose zeros would be filled; use numeric_embedding="

    assert resolve_engine(engine_name).supports(problem) is None
    assert resolve_engine(engine_name).supports(problem, np.eye(3)) is None
    for name in ("auto", engine_name):
        with pytest.raises(ParameterError, match=f"^{reason}"):
            resolve_engine(name, problem, X)


def test_auto_takes_the_first_engine_that_can(monkeypatch):
    """Another engine takes part with an entry in the table, and nothing is loaded after the one that can."""

    class Picky(ReferenceEngine):
        @staticmethod
        def supports(problem, data=None):
            return None if problem.solver.name == "gd" else "it is not gd; use solver='gd'"

    def never():
        raise AssertionError

    monkeypatch.setattr(registry, "ENGINES", {"picky": lambda: Picky, "reference": lambda: ReferenceEngine, "x": never})
    assert resolve_engine("auto", replace(PROBLEM, solver=SOLVERS["gd"])) is Picky
    assert resolve_engine("auto", PROBLEM) is ReferenceEngine
    with pytest.raises(ParameterError, match=r"^it is not gd; use solver='gd'\.$"):
        resolve_engine("picky", PROBLEM)


@pytest.mark.parametrize("name", ["sine", "tanh"])
def test_no_kernel_takes_the_place_of_an_own_activation(name):
    """A forward pass of the compiled engine refuses it; the registry gives another one, and none for single rows."""
    network = gn.Network.create([3, 4, 2], hidden=replace(SINE, name=name), seed=0)
    columns = np.asarray([[0, 1, 0, 0, 0]] * 3), np.ones((3, 3))
    for make in (lambda: CompiledForward(network), lambda: CompiledRow(network, *columns)):
        with pytest.raises(
            ParameterError, match=f"^layer 1 has your own activation '{name}', which engine='cpu' cannot"
        ):
            make()
    X = np.random.default_rng(0).normal(size=(5, 3))
    Z, A = registry.forward_of(network)(network.theta, X)
    trace = gn.forward(network, X)

    np.testing.assert_allclose(Z, trace.Z[2], rtol=1e-12)
    np.testing.assert_allclose(A, trace.A[2], rtol=1e-12)
    assert registry.row_forward_of(network, *columns) is None
    assert type(registry.forward_of(NETWORK)) is CompiledForward
    assert type(registry.row_forward_of(NETWORK, *columns)) is CompiledRow
