"""`LaneSteps`: the steps that several processes take together, each from the rows of its lanes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from glassnet.clustering.comm import Comm
from glassnet.clustering.lanes.dealing import deal_of, pieces_of
from glassnet.clustering.lanes.ranges import Ranges
from glassnet.clustering.lanes.rows import Groups, Lane
from glassnet.clustering.leaving import Stopped
from glassnet.engines.base import CONSTANT, Divergence, Engine, Factors, Records, State, Sums, find_nonfinite
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import ClusterError
from glassnet.training.plan import Plan
from glassnet.typing import Array

COST, METRIC, ROWS, STOP, LATE = range(5)


class Tally(NamedTuple):
    """What the steps of an epoch add up to."""

    cost: float = 0.0
    metric: float = 0.0
    norm: float = 0.0


@dataclass(frozen=True, eq=False)
class Partway:
    """A run within an epoch.

    Attributes
    ----------
    state : State
        After the epoch's first `step` steps.
    step : int
    tally : Tally
    seed : int
        Of the epoch.
    began : array (n_params,)
        The parameters at the beginning of the epoch, by which it is known.
    """

    state: State
    step: int
    tally: Tally
    seed: int
    began: Array


class Interrupts:
    """What one process knows that concerns all: whether it was asked to end, or time is over; by default nothing."""

    def wants_stop(self) -> bool:
        """Whether this process was asked to end."""
        return False

    def is_late(self) -> bool:
        """Whether this process finds that the time limit is over."""
        return False

    @property
    def why_late(self) -> str:
        """The reason for a run that is late."""
        return "the time limit was reached"

    def left_off(self, seed: int, theta: Array) -> Partway | None:
        """Return where the run was left within the epoch with this seed, if it was."""
        return None

    def after_step(self, partway: Callable[[], Partway], *, stopping: bool) -> None:
        """Save where the run is, if it is due."""


class LaneSteps:
    """Takes steps from the sums of all lanes, which all processes share through one all-reduce per step.

    The sums of the lanes are added in one order, so that every number of the run has the same bits for any number of
    processes. An epoch's order is its seed.

    Parameters
    ----------
    plan : Plan
    groups : Groups
    make_engine : callable
        ``make_engine(problem, X, Y, weights)`` gives the engine for some rows.
    comm : Comm
    n_lanes : int
    interrupts : Interrupts, optional
    """

    def __init__(
        self,
        plan: Plan,
        groups: Groups,
        make_engine: Callable[..., Engine],
        comm: Comm,
        n_lanes: int,
        interrupts: Interrupts | None = None,
    ) -> None:
        problem = plan.problem
        self._plan, self._groups, self._comm, self._interrupts = plan, groups, comm, interrupts or Interrupts()
        sizes, dtype = problem.network.sizes, problem.network.theta.dtype
        weights = np.ones(1) if groups.weighted else None
        none = np.zeros((1, problem.network.n_inputs), dtype), np.zeros((1, sizes[-1]), dtype), weights
        self._engine = make_engine(problem, *none)  # takes the steps; the gradients come from those of the lanes
        self._reference = ReferenceEngine(problem, *none)  # measures gradients, which takes a fraction of a step
        self.name, self.start, self.evaluate = self._engine.name, self._engine.start, self._engine.evaluate
        self._pieces, self._n_lanes = pieces_of(groups.sizes, n_lanes), n_lanes
        self._ranges = Ranges(n_lanes, comm.world)
        self._own, self._additions = self._ranges.of(comm.rank), self._ranges.own_additions(comm.rank)
        self._handed_over = self._ranges.handed_over(comm.rank)
        self._decays = problem.network.layout.decays(problem.network.theta)

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take the steps of the epochs with these seeds (n_epochs, 1)."""
        records, n_steps = Records([], [], [], []), len(eta) // max(len(order), 1)
        with np.errstate(all="ignore"):  # numbers that are not finite are found and reported
            for epoch, seed in enumerate(order[:, 0].tolist()):
                steps = slice(epoch * n_steps, (epoch + 1) * n_steps)
                state, found, late = self._epoch(state, seed, eta[steps], batch_size, factors.of(steps))
                if isinstance(found, Divergence):
                    return state, records._replace(divergence=found)
                n_rows = self._plan.data.n_samples
                records.cost.append(found.cost / n_rows)
                records.metric.append(found.metric / n_rows)
                records.gradient_norm.append(found.norm / n_steps)
                records.penalty.append(self._plan.problem.penalty.value(state.theta, self._decays))
                if late:
                    return state, records._replace(end=("time", self._interrupts.why_late))
        return state, records

    def _epoch(
        self, state: State, seed: int, eta: Array, batch_size: int, factors: Factors
    ) -> tuple[State, Tally | Divergence, bool]:
        """Return the state after an epoch, what its steps add up to or their divergence, and whether time is over."""
        began, tally, first, late = state.theta, Tally(), 0, False
        left_off = self._interrupts.left_off(seed, began)
        if left_off is not None and left_off.step <= len(eta) and left_off.state.step == state.step + left_off.step:
            state, tally, first = left_off.state, left_off.tally, left_off.step
        drawn = seed if self._plan.shuffle else None
        deal = deal_of(self._pieces, self._n_lanes, batch_size, drawn)
        taken = deal.taken(first)
        lanes = {k: Lane(deal.lanes[k], self._groups, self._engine, drawn, int(taken[k])) for k in self._own}
        for step in range(first, len(eta)):
            following = deal.taken(step + 1)
            # Python floats, because NumPy scalars would turn a float32 run into float64
            rate, here = float(eta[step]), Factors(*map(float, factors.of(step)))
            sums, stop, is_late = self._sums(state, lanes, following - taken, here)
            taken, late = following, late or is_late
            gradient, norm = self._reference.finished(state, sums)
            where = self._divergence(state, sums, gradient)
            if where is None:
                after = self._engine.apply(state, sums, rate, here)
                where = self._divergence_of_step(state, after)
            if where is not None:
                return state, where, late
            state = after
            tally = Tally(tally.cost + sums.cost, tally.metric + sums.metric, tally.norm + norm)
            self._interrupts.after_step(partial(Partway, state, step + 1, tally, seed, began), stopping=stop)
            if stop:
                raise Stopped(f"training was asked to stop, and has stopped after step {state.step}.")
        return state, tally, late

    def _sums(self, state: State, lanes: dict[int, Lane], n_rows: Array, factors: Factors) -> tuple[Sums, bool, bool]:
        """Return the sums over the minibatch, whether to stop after its step, and whether time is over."""
        places = np.cumsum(n_rows) - n_rows  # of each lane's rows in the minibatch, on which dropout masks depend
        found: dict[int, Sums] = {}
        for lane, reader in lanes.items():
            sums = reader.sums(state, int(n_rows[lane]), factors, int(places[lane]))
            found[lane] = self._no_sums(state) if sums is None else sums
        for i, j in self._additions:
            found[i] = found[i] + found.pop(j)
        gradient = np.zeros((self._ranges.n_parts, len(state.theta)), state.theta.dtype)
        numbers = np.zeros((self._ranges.n_parts, 5))
        for part, lane in enumerate(self._handed_over):
            sums = found[lane]
            gradient[part] = sums.gradient
            numbers[part, [COST, METRIC, ROWS]] = sums.cost, sums.metric, sums.n_rows
        numbers[0, STOP], numbers[0, LATE] = self._interrupts.wants_stop(), self._interrupts.is_late()
        total, scalars = self._comm.allreduce(gradient, numbers, additions=self._ranges.shared_additions)
        if scalars[ROWS] != n_rows.sum():
            raise ClusterError(
                f"the processes have read {int(scalars[ROWS])} rows for step {state.step + 1} instead of "
                f"{int(n_rows.sum())}; the files have changed, or are not the same for all. Start anew."
            )
        sums = Sums(float(scalars[COST]), float(scalars[METRIC]), int(scalars[ROWS]), total)
        return sums, bool(scalars[STOP]), bool(scalars[LATE])

    def _no_sums(self, state: State) -> Sums:
        return Sums(0.0, 0.0, 0, np.zeros_like(state.theta))

    def _divergence(self, state: State, sums: Sums, gradient: Array) -> Divergence | None:
        """Return the first number of the sums that is not finite, in the order of the layout; None if all are."""
        if not np.isfinite(sums.gradient).all():
            return self._located(state.step, sums.gradient, "d")
        if not np.isfinite(sums.cost):
            return Divergence(state.step, self._plan.problem.network.n_layers, 0, "cost")
        return None if np.isfinite(gradient).all() else self._located(state.step, gradient, "d")

    def _divergence_of_step(self, state: State, after: State) -> Divergence | None:
        return None if np.isfinite(after.theta).all() else self._located(state.step, after.theta, "")

    def _located(self, step: int, flat: Array, prefix: str) -> Divergence:
        layout = self._plan.problem.network.layout
        found = ((slot, find_nonfinite(values.T)) for slot, values in layout.unpack(flat))
        return next(
            Divergence(step, slot.layer, unit, f"{prefix}{slot.name}") for slot, unit in found if unit is not None
        )
