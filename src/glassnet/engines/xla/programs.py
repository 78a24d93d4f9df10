"""The compiled programs of a problem, which all its engines share."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from glassnet.engines.base import Problem
from glassnet.engines.xla.mathematics import ROWS, Data, Mathematics, Pace, Place
from glassnet.typing import Array

MOST_PROGRAMS = 64

OPTIONS = {"gpu": {"xla_gpu_autotune_level": 0, "xla_gpu_enable_triton_gemm": False}}
"""Options of the compiler by platform.

For a GPU it would try many kernels for each product and take the fastest, in every process anew: that takes half a
minute, and a run that is continued in another process would not have the same bits.
"""


class Carry(NamedTuple):
    """What one step hands to the next, on the device."""

    theta: Array  # (n_params,)
    memory: Any  # of the solver


class Steps(NamedTuple):
    """The numbers of each step of a call, (n_steps,)."""

    cost: Array  # sums over the rows
    metric: Array
    norm: Array
    frozen: Array  # sum of the gradient of frozen parameters, which is finite if all of it is


@dataclass(frozen=True)
class Structure:
    """What a program depends on, except for shapes: equal structures share their programs."""

    key: Hashable
    problem: Problem = field(compare=False)
    width: int
    devices: tuple[Any, ...]

    @classmethod
    def of(cls, problem: Problem, width: int, devices: tuple[Any, ...]) -> "Structure":
        """Return the structure of a problem, without its parameters and its seed."""
        network, cost, solver = problem.network, problem.cost, problem.solver
        sigmas = tuple((each.function, each.derivative, *_sorted(each.parameters)) for each in network.activation)
        key = (
            network.sizes, sigmas, network.layout, network.front, str(network.theta.dtype),
            cost.builtin_name, cost.loss, cost.derivative, _sorted(cost.parameters),
            solver.name, solver.step, _sorted(solver.parameters),
            problem.penalty, tuple(map(bool, problem.dropout)), problem.clip,
            problem.metric and problem.metric.per_sample,
        )  # fmt: skip
        stand_in = np.broadcast_to(np.zeros((), network.theta.dtype), network.theta.shape)
        bare = replace(problem, network=network.with_theta(stand_in), seed=0)
        return cls(key, bare, width, devices)


def _sorted(parameters: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(parameters.items()))


class Programs:
    """The programs of a structure; each is compiled at its first use with arrays of some shapes."""

    def __init__(self, structure: Structure) -> None:
        devices = structure.devices
        mesh = Mesh(np.asarray(devices), (ROWS,)) if len(devices) > 1 else None
        math = Mathematics(structure.problem, structure.width, mesh)
        everywhere = None if mesh is None else NamedSharding(mesh, PartitionSpec())
        platform = (devices or jax.local_devices())[0].platform
        compiled = partial(
            _compiled,
            out_shardings=everywhere,
            waits=mesh is not None and platform == "cpu",
            compiler_options=OPTIONS.get(platform),
        )
        self.put: Callable[[Array], Array] = partial(jax.device_put, device=everywhere)
        self.all_steps = compiled(partial(_steps, math, None), donate_argnums=0)
        self.some_steps = compiled(partial(_some_steps, math), donate_argnums=0)
        self.totals = compiled(partial(_totals, math))
        self.finished = compiled(partial(_finished, math))
        self.applied = compiled(partial(_applied, math))
        self.outputs = compiled(math.outputs)
        self.activities = compiled(math.activities)
        self.closed = compiled(partial(_closed, math))


def _compiled(function: Callable[..., Any], *, waits: bool, **options: Any) -> Callable[..., Any]:
    """Return the program of a function, with `waits` one that ends before it returns.

    The emulated devices of a CPU share its threads. Devices of one program that wait for each other, beside those of
    the next one, could take them all.
    """
    program: Callable[..., Any] = jax.jit(function, **options)
    return (lambda *given: jax.block_until_ready(program(*given))) if waits else program


@lru_cache(MOST_PROGRAMS)
def programs_of(structure: Structure) -> Programs:
    """Return the programs of a structure."""
    return Programs(structure)


def _steps(
    math: Mathematics, n_steps: Any, carry: Carry, data: Data, rows: Array, place: Place, pace: Pace
) -> tuple[Carry, Steps]:
    """Take a step for each row of `rows` (n_steps, n_batch); `n_steps` is None for all of them."""
    n_most, n_rows = rows.shape

    def step(i: Array, before: tuple[Any, Any, Steps]) -> tuple[Any, Any, Steps]:
        theta, memory, records = before
        here = place._replace(step=place.step + i.astype(jnp.uint32))
        totals = math.totals(theta, data, rows[i], here, pace.at(i))
        grad, norm = math.finished(theta, totals.gradient, n_rows)
        numbers = totals.cost, totals.metric, norm, math.frozen_sum(totals.gradient)
        theta, memory = math.moved(theta, memory, grad, pace.at(i))
        records = Steps(
            *(
                values if number is None else values.at[i].set(number)
                for values, number in zip(records, numbers, strict=True)
            )
        )
        return theta, memory, records

    zeros, long_zeros = jnp.zeros(n_most, carry.theta.dtype), jnp.zeros(n_most, jnp.float64)
    before = math.unpack(carry.theta), math.unpack_memory(carry.memory), Steps(zeros, zeros, long_zeros, long_zeros)
    # with a fixed number of steps a `lax.scan`, whose steps an accelerator starts without asking whether to go on
    theta, memory, records = jax.lax.fori_loop(0, n_most if n_steps is None else n_steps, step, before)
    return Carry(math.pack(theta), math.pack_memory(memory)), records


def _some_steps(math: Mathematics, carry: Carry, n_steps: Array, *arguments: Any) -> tuple[Carry, Steps]:
    return _steps(math, n_steps, carry, *arguments)


def _totals(
    math: Mathematics, theta: Array, data: Data, rows: Array, place: Place, pace: Pace
) -> tuple[Array, Array, Array]:
    totals = math.totals(math.unpack(theta), data, rows, place, pace)
    metric = jnp.zeros_like(totals.cost) if totals.metric is None else totals.metric
    return totals.cost, metric, math.pack(totals.gradient)


def _finished(math: Mathematics, theta: Array, gradient: Array, n_rows: Array) -> tuple[Array, Array]:
    grad, norm = math.finished(math.unpack(theta), math.unpack(gradient), n_rows)
    return math.pack(grad), norm


def _applied(math: Mathematics, carry: Carry, gradient: Array, n_rows: Array, pace: Pace) -> Carry:
    theta = math.unpack(carry.theta)
    grad, _ = math.finished(theta, math.unpack(gradient), n_rows)
    theta, memory = math.moved(theta, math.unpack_memory(carry.memory), grad, pace)
    return Carry(math.pack(theta), math.pack_memory(memory))


def _closed(math: Mathematics, theta: Array) -> tuple[Array, Array]:
    """Return the penalty at the end of an epoch, and whether all parameters are finite."""
    return math.penalty(theta), jnp.isfinite(theta).all()
