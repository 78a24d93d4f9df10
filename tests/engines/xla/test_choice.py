"""When "auto" takes an accelerator, without importing JAX where none can be; and what is said without JAX."""

import subprocess
import sys
from dataclasses import dataclass, replace

import jax
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.engines import registry
from glassnet.engines.base import Problem
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.registry import resolve_engine
from glassnet.engines.xla import accelerators
from glassnet.engines.xla.engine import XlaEngine
from glassnet.errors import MissingExtraError, ParameterError


def problem_of(*sizes, hidden="relu"):
    network = gn.Network.create(sizes, hidden=hidden, output="softmax", seed=0, dtype="float32")
    return Problem(network, COSTS["cross_entropy"], SOLVERS["adam"])


LARGE = problem_of(784, 256, 128, 10)


def rows(n):
    return np.broadcast_to(np.float32(0), (n, 784))


@dataclass(frozen=True)
class Device:
    """What stands in for a device of JAX."""

    platform: str


@pytest.mark.parametrize(
    ("platforms", "problem", "n_rows", "expected"),
    [
        (["gpu"], LARGE, 60_000, XlaEngine),
        (["tpu", "tpu"], LARGE, 60_000, XlaEngine),
        (["cpu"], LARGE, 60_000, CpuEngine),
        (["cpu"] * 4, LARGE, 60_000, CpuEngine),
        (["gpu"], LARGE, 1_000, CpuEngine),  # over before JAX has compiled
        (["gpu"], problem_of(784, 32, 10), 10**6, CpuEngine),  # too narrow
    ],
)
def test_auto_takes_an_accelerator_where_it_pays(monkeypatch, platforms, problem, n_rows, expected):
    monkeypatch.setattr(jax, "local_devices", lambda: [Device(each) for each in platforms])

    assert resolve_engine("auto", problem, rows(n_rows)) is expected


def test_auto_goes_on_where_the_accelerator_does_not_start(monkeypatch):
    """As when another process holds it: JAX then raises."""

    def fail():
        raise RuntimeError("Unable to initialize backend 'cuda'")

    monkeypatch.setattr(jax, "local_devices", fail)

    assert resolve_engine("auto", LARGE, rows(60_000)) is CpuEngine


def test_auto_leaves_own_functions_to_the_reference(monkeypatch):
    """On a machine with an accelerator, too."""
    monkeypatch.setattr(jax, "local_devices", lambda: [Device("gpu")])
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))

    assert resolve_engine("auto", problem_of(784, 256, 128, 10, hidden=sine), rows(60_000)) is ReferenceEngine


def test_without_data_nothing_is_known_to_pay(monkeypatch):
    monkeypatch.setattr(jax, "local_devices", lambda: [Device("gpu")])

    assert resolve_engine("auto", LARGE) is CpuEngine


@pytest.mark.parametrize(
    ("has_jax", "is_loaded", "plugins", "expected"),
    [
        (False, False, ["cuda"], False),
        (True, False, [], False),
        (True, False, ["cuda"], True),
        (True, True, [], True),
    ],
)
def test_jax_is_imported_only_if_something_could_drive_an_accelerator(
    monkeypatch, has_jax, is_loaded, plugins, expected
):
    """JAX alone drives only cores; loaded already, asking it costs nothing."""
    monkeypatch.setattr(accelerators, "find_spec", lambda name: object() if name == "jax" and has_jax else None)
    monkeypatch.setattr(accelerators, "entry_points", lambda group: plugins)
    monkeypatch.setattr(accelerators.sys, "modules", {"jax": jax} if is_loaded else {})

    assert accelerators.may_have_one() is expected


def test_the_choice_does_not_import_jax_in_vain():
    """Neither for a small network, nor for a large one where no plugin could drive an accelerator."""
    code = """
import sys
import numpy as np
import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.engines.base import Problem
from glassnet.engines.registry import resolve_engine
from glassnet.engines.xla import accelerators
accelerators.entry_points = lambda group: []
accelerators.find_spec = lambda name: name == "jax"
for sizes in ((2, 1), (784, 512, 1)):
    problem = Problem(gn.Network.create(sizes, seed=0), COSTS["binary_cross_entropy"], SOLVERS["adam"])
    X = np.broadcast_to(0.0, (10**6, sizes[0]))
    assert resolve_engine("auto", problem, X).name == "cpu"
assert "jax" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_jax_is_told_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    for name in ("engine", "call", "programs", "mathematics", "scope"):
        monkeypatch.delitem(sys.modules, f"glassnet.engines.xla.{name}", raising=False)
    net = gn.Network.create([2, 1], seed=0)

    with pytest.raises(MissingExtraError, match=r"^engine='xla' needs the package jax, .* pip install .*\[xla\]'$"):
        gn.train(net, [[0, 1]], [[1]], cost="binary_cross_entropy", engine="xla")


def test_own_functions_are_refused_with_the_engine_that_runs_them():
    plain = replace(SOLVERS["gd"], name="plain", step=lambda theta, grad, state, *, eta: (theta - eta * grad, state))
    half = gn.Cost("half", lambda A, Y: (A - Y) ** 2 / 2, lambda A, Y: A - Y)
    for problem, what in ((replace(LARGE, solver=plain), "solver 'plain'"), (replace(LARGE, cost=half), "cost 'half'")):
        reason = f"{what} is your own, which engine='xla' cannot compile; use engine='reference'"
        assert XlaEngine.supports(problem) == reason
        with pytest.raises(ParameterError, match=f"^{reason}"):
            registry.resolve_engine("xla", problem)


def test_the_number_of_devices_follows_the_work(monkeypatch):
    """Each device gets at least 2e9 operations of a step; `n_jobs` decides otherwise, up to what is there."""
    monkeypatch.setattr(jax, "local_device_count", lambda: 4)
    X, Y = np.zeros((8, 784), "float32"), np.zeros((8, 10), "float32")
    engines = {n_jobs: XlaEngine(LARGE, X, Y, n_jobs=n_jobs) for n_jobs in (None, 1, 3, 9)}

    assert [engines[None]._n_devices(n_rows) for n_rows in (128, 1_000, 2_000, 4_000, 10**6)] == [1, 1, 2, 3, 4]
    assert [engines[n_jobs]._n_devices(128) for n_jobs in (1, 3, 9)] == [1, 3, 4]
