"""What the step shown is taken by: the solver, its learning rate, and its memory of earlier steps."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.optimizers import MEMORY_LETTERS
from glassnet.core.catalog.solvers import SOLVERS, Solver, resolve_solver
from glassnet.core.network import Network
from glassnet.engines.base import State
from glassnet.errors import ParameterError, ShapeError
from glassnet.explanation.words.numbers import number
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.training.result import TrainingResult
from glassnet.typing import Spec


@dataclass(frozen=True, eq=False)
class Step:
    """A solver about to take one step on one row.

    Attributes
    ----------
    solver : Solver
        The formula.
    learning_rate : float
        eta.
    memory : NamedTuple
        The solver's state before the step, in float64.
    words : str
        What kind of step this is, and how training differs.
    """

    solver: Solver
    learning_rate: float
    memory: Any
    words: str


def make_step(network: Network, solver: Spec, learning_rate: float | None, state: Any, elsewhere: str) -> Step:
    """Return the step of a solver on a float64 network, from a memory or from none."""
    entry = resolve_solver(solver)
    if not entry.has_step:
        if entry.name == "lbfgs":
            raise ParameterError(
                "solver='lbfgs' has no single step to show: it searches along a line; try 'gd' or 'adam'."
            )
        known = ", ".join(name for name, each in SOLVERS.items() if each.has_step)
        raise ParameterError(
            f"solver={entry.name!r} is your own, and its arithmetic is not known here; try one of: {known}."
        )
    eta = entry.learning_rate if learning_rate is None else learning_rate
    stands_still = eta == 0 and state is not None  # a schedule may begin or end so
    if isinstance(eta, bool) or not (stands_still or 0 < eta < float("inf")):
        raise ParameterError(f"learning_rate={eta!r} must be a positive number, such as 0.1.")
    fresh = entry.init(network.theta, eta)
    memory = fresh if state is None else _in_float64(_memory_in(state), fresh, entry.name)
    return Step(entry, float(eta), memory, f"{_sentence(entry, memory, fresh)} {elsewhere}")


def moment_words(moment: StepSnapshot, *, own_solver: bool, own_rate: bool) -> str:
    """Say what of the step comes from a moment of a run, and what of the run's own step an explanation leaves out."""
    decays = own_solver and "weight_decay" in moment.solver.parameters
    parts = {"memory": bool(moment.state.solver), "learning rate": own_rate, "weight decay": decays}
    taken = [name for name, is_taken in parts.items() if is_taken]
    if not taken:
        return ""
    *most, last = taken
    what = f"{', '.join(most)} and {last} are those" if most else f"{last} is that"
    words = f"The {what} of the run after step {moment.step:,}"
    if any(moment.dropout):
        rates = " and ".join(map(number, dict.fromkeys(moment.dropout)))
        words += f", whose next step leaves out a share of {rates} of the hidden units, which is not done here"
    return f"{words}. "


def _sentence(entry: Solver, memory: Any, fresh: Any) -> str:
    if not fresh:  # a memory without fields
        return "One step of plain gradient descent on this row alone: new = old - learning rate · gradient."
    start = "the first, its memory still empty" if memory is fresh else "from the memory of its earlier steps"
    return f"One step of {entry.name} on this row alone, {start}."


def _memory_in(state: Any) -> Any:
    """Return the solver's memory in a training result or in its state; anything else may be a memory itself."""
    if isinstance(state, TrainingResult):
        state = state.state
    return state.solver if isinstance(state, State) else state


def _in_float64(memory: Any, fresh: Any, name: str) -> Any:
    if type(memory) is not type(fresh):
        raise ParameterError(
            f"state is a {type(memory).__name__}, but solver {name!r} remembers a {type(fresh).__name__}; pass "
            "the result of gn.train with the same solver, or leave state out."
        )
    values = []
    for field, value, own in zip(fresh._fields, memory, fresh):
        if np.shape(value) != np.shape(own):
            raise ShapeError(
                f"state has {np.size(value)} numbers as {field}, but this network has {np.size(own)} parameters; pass "
                "the state of a run of the same network."
            )
        values.append(value if isinstance(own, int) else np.asarray(value, dtype=np.float64))
    return type(fresh)(*values)


def memory_letters(memory: Any) -> dict[str, Any]:
    """Return a memory by the letters of its arithmetic; the number of steps taken, t, counts the one to come.

    >>> from glassnet.core.catalog.optimizers import VelocityState
    >>> memory_letters(VelocityState(np.zeros(2)))
    {'u_old': array([0., 0.])}
    """
    named = dict(zip(memory._fields, memory))
    steps = {"t": named.pop("t") + 1} if "t" in named else {}
    return {**steps, **{f"{MEMORY_LETTERS.get(field, field)}_old": value for field, value in named.items()}}
