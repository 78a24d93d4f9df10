"""Whether a contender did the same work. No ratio is printed before this says yes.

The yardstick is glassnet's reference engine in float64, core on NumPy. After ten steps the parameters must agree with
it to 1e-4, and the cost at the end of the whole run must be within 2 percent of its cost.

"Agree" means the root mean square over each layer's weights, and over each layer's biases. The worst of them counts,
so that the few biases of a large network weigh as much as its many weights. Single weights may be further away: Adam's
first steps go by the sign of the gradient, so a weight whose gradient is nearly zero takes a full step in a direction
that float32's rounding, or the place of epsilon, decides; and where a ReLU bends, such a difference switches a neuron
on or off for a row, which moves all of its weights, and those of the layers below by a millionth. Which contender
meets such a neuron is chance: in case XL, four steps from six starts, PyTorch was between 3e-8 and 3e-6 away and
glassnet between 6e-8 and 6e-6, each the nearer one three times. The largest deviation is reported as well.
"""

from dataclasses import dataclass

import numpy as np

import glassnet as gn
from benchmarks.task import Layers, Task, layers_of

TOLERANCE = 1e-4
COST_TOLERANCE = 0.02
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Yardstick:
    """What a task's run must come to: the parameters after ten steps, and the cost at the end."""

    probe: Layers
    cost: float


@dataclass(frozen=True)
class Agreement:
    """How far a contender is from the yardstick."""

    deviation: float  # root mean square after ten steps, of the worst array
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


def deviations(layers: Layers, expected: Layers) -> list[np.ndarray]:
    """Return how far each array of parameters is from what it should be, in float64."""
    pairs = [(ours, theirs) for one, other in zip(layers, expected) for ours, theirs in zip(one, other)]
    return [np.abs(ours.astype(np.float64) - theirs) for ours, theirs in pairs]


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
    return Yardstick(reference_run(task.probe()), final_cost(task, reference_run(task)))


def compare(task: Task, yardstick: Yardstick, probe: Layers, final: Layers) -> Agreement:
    """Compare a contender's weights after the probe and at the end with the yardstick."""
    arrays = deviations(probe, yardstick.probe)
    cost = final_cost(task, final)
    return Agreement(
        deviation=float(np.max([np.sqrt(np.mean(np.square(array))) for array in arrays])),
        largest_deviation=float(np.max([array.max() for array in arrays])),
        cost=cost,
        cost_deviation=abs(cost - yardstick.cost) / abs(yardstick.cost),
    )
