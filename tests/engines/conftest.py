"""One suite for all engines: a test that takes `engine_name` or `make_engine` runs once for each of them.

A new engine takes part as soon as the registry has it. What has no independent oracle of its own is compared with `core` or with
plain loops, never with the reference engine's own code, so that the reference is tested by the same suite.
"""

import os

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.base import Problem
from glassnet.engines.registry import ENGINES, resolve_engine
from glassnet.training.metrics import resolve_metric

XLA_DEVICES = int(os.environ.get("GLASSNET_TEST_DEVICES", "1"))
"""The devices that share each minibatch of the engine "xla"; `make devices` runs this suite on four."""

# Set before JAX starts. Compilation takes most of the time of these tests, and half of it is to make programs faster.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    f"--xla_force_host_platform_device_count={XLA_DEVICES}",
)

ON_XLA = {"solver": "adamw", "dtype": "float32"}
"""With what tests of every solver run on "xla"; tests/engines/xla runs all solvers, and both precisions."""


def pytest_collection_modifyitems(config, items):
    """Leave out tests that would compile nearly the same for every solver."""
    left_out = [item for item in items if _is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _is_left_out(item)]


def _is_left_out(item):
    values = item.callspec.params if hasattr(item, "callspec") else {}
    if values.get("engine_name") != "xla" or "solver" not in values:
        return False
    return any(values.get(name, value) != value for name, value in ON_XLA.items())


@pytest.fixture(params=ENGINES)
def engine_name(request):
    return request.param


@pytest.fixture
def make_engine(engine_name):
    """`make_engine(network, X, Y, cost=..., solver=..., weights=..., metric=..., **problem)`: an engine on its data."""

    def make(network, X, Y, *, cost="half_squared_error", solver="gd", weights=None, metric=None, **options):
        entry = resolve_cost(cost)
        problem = Problem(network, entry, resolve_solver(solver), metric=resolve_metric(metric, entry), **options)
        n_jobs = XLA_DEVICES if engine_name == "xla" else None
        return resolve_engine(engine_name)(problem, X, Y, weights, n_jobs=n_jobs)

    return make


@pytest.fixture(scope="session")
def make_network():
    """`make_network(sizes, hidden=, output=, dtype=, seed=)`: a network whose parameters are all drawn, none is 0."""

    def make(sizes=(3, 4, 2), *, hidden="tanh", output="identity", dtype="float64", seed=0):
        assert hidden in ACTIVATIONS
        network = gn.Network.create(sizes, hidden=hidden, output=output, seed=0)
        theta = np.random.default_rng(seed).normal(0.0, 0.6, network.n_params)
        return network.with_theta(theta).astype(dtype)

    return make


@pytest.fixture(scope="session")
def samples():
    """20 rows of 3 inputs and 2 targets."""
    rng = np.random.default_rng(11)
    return rng.normal(size=(20, 3)), rng.normal(size=(20, 2))


@pytest.fixture(scope="session")
def orders():
    """The order of the 20 rows in 4 epochs."""
    rng = np.random.default_rng(12)
    return np.asarray([rng.permutation(20) for _ in range(4)])
