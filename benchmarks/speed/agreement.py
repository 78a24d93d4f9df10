"""Whether a contender did the same work. No ratio is printed before this says yes.

The yardstick is glassnet's reference engine in float64, core on NumPy. After ten steps the parameters must agree with
it to 1e-4, and the cost at the end of the whole run must be within 2 percent of its cost.

"Agree" means 99 in 100 parameters (all of them in networks with fewer than 100). The rest has a reason: Adam's first
steps go by the sign of the gradient, so a weight whose gradient is nearly zero takes a full step in a direction that
float32's rounding decides; and where a ReLU bends, rounding decides whether a neuron is on. Case XL computes ten
million ReLUs in ten steps, and a few weights in ten thousand go their own way there in PyTorch and in glassnet alike.
The largest deviation is reported as well.
"""

from dataclasses import dataclass

import numpy as np

import glassnet as gn
from benchmarks.speed.task import Layers, Task, layers_of

TOLERANCE = 1e-4
COST_TOLERANCE = 0.02
SHARE = 0.99
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Yardstick:
    """What a task's run must come to: the parameters after ten steps, and the cost at the end."""

    probe: np.ndarray
    cost: float


@dataclass(frozen=True)
class Agreement:
    """How far a contender is from the yardstick."""

    deviation: float  # of 99 in 100 parameters after ten steps
    largest_deviation: float
    cost: float
    cost_deviation: float  # relative

    @property
    def problem(self) -> str | None:
        """Why this is not the same work; None if it is. A deviation that is no number is a problem."""
        if not self.deviation <= TOLERANCE:
            return f"parameters deviate by {self.deviation:.2g} after ten steps"
        if not self.cost_deviation <= COST_TOLERANCE:
            return f"the final cost deviates by {self.cost_deviation:.1%}"
        return None


def flat(layers: Layers) -> np.ndarray:
    """Return all parameters in one float64 vector."""
    return np.concatenate([np.ravel(values) for pair in layers for values in pair]).astype(np.float64)


def final_cost(task: Task, layers: Layers) -> float:
    """Return the mean cost over all rows, computed in float64 by core."""
    s = task.settings
    network = gn.Network.from_weights(
        [(W.astype(np.float64), b.astype(np.float64)) for W, b in layers], hidden=s.hidden, output=s.output
    )
    total = 0.0
    for start in range(0, len(task.X), ROWS_AT_ONCE):
        X, Y = (rows[start : start + ROWS_AT_ONCE].astype(np.float64) for rows in (task.X, task.Y))
        total += len(X) * float(gn.cost(s.cost, gn.forward(network, X).A[-1], Y))
    return total / len(task.X)


def reference_run(task: Task) -> Layers:
    """Train by the reference engine in float64."""
    arguments = task.arguments
    exact = dict(
        network=arguments["network"].astype("float64"), X=task.X.astype(np.float64), Y=task.Y.astype(np.float64)
    )
    return layers_of(gn.train(**arguments | exact, engine="reference").network)


def yardstick(task: Task) -> Yardstick:
    """Make the yardstick of a task."""
    return Yardstick(flat(reference_run(task.probe())), final_cost(task, reference_run(task)))


def compare(task: Task, yardstick: Yardstick, probe: Layers, final: Layers) -> Agreement:
    """Compare a contender's weights after the probe and at the end with the yardstick."""
    deviations = np.abs(flat(probe) - yardstick.probe)
    cost = final_cost(task, final)
    return Agreement(
        deviation=float(np.quantile(deviations, SHARE, method="higher")),
        largest_deviation=float(deviations.max()),
        cost=cost,
        cost_deviation=abs(cost - yardstick.cost) / abs(yardstick.cost),
    )
