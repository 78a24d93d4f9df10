"""One step of training in jax.numpy: core, on the rows of a minibatch that lie on the device."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from glassnet.core.backward import backward
from glassnet.core.forward import forward
from glassnet.core.layout import Slot
from glassnet.core.masks import mask_of_words
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.engines.base import Problem
from glassnet.engines.statistics import Activity, activity, largest_slope, slopes_of
from glassnet.typing import Array

ROWS = "rows"  # the axis of the mesh of devices

Memory = tuple[Any, ...]  # of a solver: for each of its vectors one array per slot, and its numbers


class Data(NamedTuple):
    """The training samples on the device."""

    X: Array | None  # (n_samples, n_inputs)
    entries: tuple[Array, Array, Array] | None  # values, columns and row starts of a sparse X
    Y: Array  # (n_samples, n_out)
    weights: Array | None  # (n_samples,)


class Pace(NamedTuple):
    """The numbers of each step that may follow a schedule; an axis of steps comes first."""

    eta: Array
    decay: Array  # factor of the weight decay
    thresholds: Array  # (n_layers, 1): of the dropout of each layer, see `threshold_of`
    kept: Array  # (n_layers,): what kept units are multiplied by

    def at(self, step: Any) -> "Pace":
        """Return the numbers of one step."""
        return Pace(*(values[step] for values in self))


class Place(NamedTuple):
    """What the dropout masks of a minibatch depend on, as words of 32 bits, (1,)."""

    seed: Array
    step: Array
    first: Array  # position of the first row in its minibatch


class Totals(NamedTuple):
    """Sums over the rows of a minibatch."""

    cost: Array
    metric: Array | None  # None without a metric
    gradient: tuple[Array, ...]  # by slot


class Parts:
    """A network whose parameters are one array per slot, as `forward` and `backward` take it.

    As parts of one vector they would be copied out of it, and the gradient into another one, in every step.
    """

    def __init__(self, network: Network, theta: tuple[Array, ...]) -> None:
        self.sizes, self.n_layers, self.n_inputs = network.sizes, network.n_layers, network.n_inputs
        self.activation, self.layout, self.front = network.activation, network.layout, network.front
        values = {(slot.layer, slot.name): part for slot, part in zip(network.layout.slots, theta, strict=True)}
        layers = range(1, network.n_layers + 1)
        self.W, self.b, self.slope = (
            ByLayer[Any]((values.get((layer, name)) for layer in layers), name=name) for name in ("W", "b", "slope")
        )
        self.front_values = {name: part for (layer, name), part in values.items() if layer == 0}


@dataclass(frozen=True)
class Mathematics:
    """The formulas of a problem's step; parameters and gradients are tuples with one array per slot.

    Attributes
    ----------
    problem : Problem
        Its network has only a stand-in for parameters, as they are arguments of all functions.
    width : int
        The most entries of a row, if the inputs are sparse.
    mesh : Mesh or None
        The devices that share the rows of a minibatch; None for one device.
    """

    problem: Problem
    width: int
    mesh: Mesh | None

    def unpack(self, theta: Array) -> tuple[Array, ...]:
        """Return one array per slot from a vector (n_params,)."""
        return tuple(part for _, part in self.problem.network.layout.unpack(theta))

    def pack(self, parts: tuple[Array, ...]) -> Array:
        """Return the vector (n_params,)."""
        return jnp.concatenate([jnp.ravel(part) for part in parts])

    def unpack_memory(self, memory: Any) -> Memory:
        """Return the solver's memory: each vector as one array per slot, each number as it is."""
        return tuple(self.unpack(leaf) if leaf.ndim else leaf for leaf in jax.tree.leaves(memory))

    def pack_memory(self, memory: Memory) -> Any:
        """Return the solver's memory for the whole vector."""
        return self._memory_kind.unflatten(self.pack(leaf) if isinstance(leaf, tuple) else leaf for leaf in memory)

    def outputs(self, theta: Array, X: Array) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out)."""
        trace = forward(self._network(self.unpack(theta)), X)
        return trace.Z[-1], trace.A[-1]

    def activities(self, theta: Array, data: Data, rows: Array) -> list[Activity]:
        """Return the activity of the layers 1..L over some rows, without dropout."""
        network, weights = self._network(self.unpack(theta)), data.weights
        trace = forward(network, self._dense(data, rows))
        weights = None if weights is None else _taken(weights, rows)
        grads = backward(network, trace, _taken(data.Y, rows), cost=self.problem.cost, weights=weights)
        return [
            activity(slopes_of(sigma, trace.Z[l], trace.F[l]), largest_slope(sigma), trace.A[l], grads.delta[l])
            for l, sigma in network.activation.items()
        ]

    def totals(self, theta: tuple[Array, ...], data: Data, rows: Array, place: Place, pace: Pace) -> Totals:
        """Return the sums over some rows (n_batch,) of a minibatch, with dropout.

        If the devices cannot share the rows evenly, the first one is repeated with weight 0.
        """
        n_rows, dtype = rows.shape[0], data.Y.dtype
        n_more = 0 if self.mesh is None else -n_rows % self.mesh.size
        weights = None if data.weights is None else _taken(data.weights, rows)
        shares = None
        if n_more:
            shares = (jnp.arange(n_rows + n_more) < n_rows).astype(dtype)  # (n_batch,)
            rows = jnp.concatenate([rows, jnp.broadcast_to(rows[:1], (n_more,))])
            weights = shares if weights is None else jnp.concatenate([weights, jnp.zeros(n_more, dtype)])
        X, Y, weights = (self._shared(each) for each in (self._dense(data, rows), _taken(data.Y, rows), weights))
        network = self._network(theta)
        trace = forward(network, X, masks=self._masks(place, len(rows), pace))
        grads = backward(network, trace, Y, cost=self.problem.cost, weights=weights, n_samples=1)
        metric = None
        if self.problem.metric is not None:
            scores = self.problem.metric.per_sample(trace.A[-1], Y).astype(dtype)  # (n_batch,)
            metric = jnp.sum(scores if shares is None else jnp.where(shares > 0, scores, 0.0))
        return Totals(grads.cost, metric, tuple(grads.of(slot) for slot in self._slots))

    def finished(
        self, theta: tuple[Array, ...], gradient: tuple[Array, ...], n_rows: Any
    ) -> tuple[tuple[Array, ...], Array]:
        """Return the gradient of a step and its norm before clipping, as `Engine.finished` does."""
        problem = self.problem
        parts: list[Array] = []
        for slot, total, part in zip(self._slots, gradient, theta, strict=True):
            grad = total / n_rows
            if problem.penalty and slot.decays:
                grad = grad + problem.penalty.gradient(part, 1.0)
            parts.append(jnp.zeros_like(grad) if slot.frozen else grad)
        squares = [  # in float32, 1e20 squared is infinite
            jnp.sum(jnp.square(grad.astype(jnp.float64)))
            for slot, grad in zip(self._slots, parts, strict=True)
            if not slot.frozen
        ]
        norm = jnp.sqrt(sum(squares, start=jnp.zeros((), jnp.float64)))
        if problem.clip is not None:
            factor = jnp.where(norm > problem.clip, problem.clip / norm, 1.0)
            parts = [grad * factor.astype(grad.dtype) for grad in parts]
        return tuple(parts), norm

    def frozen_sum(self, gradient: tuple[Array, ...]) -> Array | None:
        """Return the sum of the gradient of frozen parameters, which is not finite if one of its numbers is not.

        None if there are no such parameters.
        """
        frozen = [
            jnp.sum(grad.astype(jnp.float64)) for slot, grad in zip(self._slots, gradient, strict=True) if slot.frozen
        ]
        return sum(frozen[1:], start=frozen[0]) if frozen else None

    def moved(
        self, theta: tuple[Array, ...], memory: Memory, gradient: tuple[Array, ...], pace: Pace
    ) -> tuple[tuple[Array, ...], Memory]:
        """Return parameters and solver memory after a step along a gradient."""
        solver, parts, memories = self.problem.solver, [], []
        for k, (slot, part, grad) in enumerate(zip(self._slots, theta, gradient, strict=True)):
            parameters: dict[str, Any] = dict(solver.parameters)
            if "weight_decay" in parameters:
                parameters["weight_decay"] = parameters["weight_decay"] * pace.decay * float(slot.decays)
            eta = pace.eta * (0.0 if slot.frozen else slot.factor)
            # a count of steps must act like a Python number, which does not turn float32 into float64
            before = self._memory_kind.unflatten(leaf[k] if isinstance(leaf, tuple) else leaf * 1.0 for leaf in memory)
            moved, after = solver.take_step(part, grad, before, eta=eta, parameters=parameters)
            parts.append(part if slot.frozen else moved)
            memories.append(jax.tree.leaves(after))
        # numbers are the same for all slots
        return tuple(parts), tuple(
            tuple(leaves) if isinstance(leaf, tuple) else leaves[0].astype(jnp.int64)
            for leaf, leaves in zip(memory, zip(*memories, strict=True), strict=True)
        )

    def penalty(self, theta: Array) -> Array:
        """Return the penalty on the parameters."""
        penalty = self.problem.penalty
        if not penalty:
            return jnp.zeros((), theta.dtype)
        return penalty.term(theta, self.problem.network.layout.decays(theta))

    @property
    def _memory_kind(self) -> Any:
        return jax.tree.structure(self.problem.solver.start(np.zeros(1), 0.0))

    @property
    def _slots(self) -> tuple[Slot, ...]:
        return self.problem.network.layout.slots

    def _network(self, theta: tuple[Array, ...]) -> Any:
        return Parts(self.problem.network, theta)

    def _masks(self, place: Place, n_rows: int, pace: Pace) -> ByLayer[Array | None] | None:
        if not any(self.problem.dropout):
            return None
        rows = jnp.arange(n_rows, dtype=jnp.uint32) + place.first  # (n_batch,)
        masks: list[Array | None] = []
        for layer, rate in enumerate((*self.problem.dropout, 0.0), start=1):
            words = place.seed, place.step, jnp.asarray([layer], jnp.uint32)
            threshold, kept = pace.thresholds[layer - 1], pace.kept[layer - 1]
            n_units = self.problem.network.sizes[layer]
            masks.append(mask_of_words(*words, rows, n_units, threshold, kept) if rate else None)
        return ByLayer(masks, name="masks")

    def _dense(self, data: Data, rows: Array) -> Array:
        """Return rows of X, (n_batch, n_inputs)."""
        if data.entries is None:
            return _taken(data.X, rows)
        values, columns, starts = data.entries
        place = _taken(starts, rows)[:, None] + jnp.arange(self.width)  # (n_batch, width)
        is_own = place < _taken(starts, rows + 1)[:, None]
        place = jnp.where(is_own, place, 0)
        n_inputs = self.problem.network.n_inputs
        at = jnp.where(is_own, _taken(columns, place), n_inputs)  # out of bounds: dropped
        X = jnp.zeros((len(rows), n_inputs), values.dtype)
        return X.at[jnp.arange(len(rows))[:, None], at].add(_taken(values, place), mode="drop")

    def _shared(self, values: Array | None) -> Array | None:
        """Let each device compute its part of the rows; sums over rows become sums over devices."""
        if values is None or self.mesh is None:
            return values
        return jax.lax.with_sharding_constraint(values, NamedSharding(self.mesh, PartitionSpec(ROWS)))


def _taken(values: Array, rows: Array) -> Array:
    """Return some rows, whose numbers have been checked."""
    return values.at[rows].get(mode="promise_in_bounds")
