"""The shown step: the solver, its learning rate and its memory."""

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
    """A solver before one step on one row.

    Attributes
    ----------
    solver : Solver
        The formula.
    learning_rate : float
        eta.
    memory : NamedTuple
        The solver's state before the step, in float64.
    words : str
        The kind of step, and how training differs.
    """

    solver: Solver
    learning_rate: float
    memory: Any
    words: str


def make_step(network: Network, solver: Spec, learning_rate: float | None, state: Any, elsewhere: str) -> Step:
    """Return the step of a solver on a float64 network, with or without memory."""
    entry = resolve_solver(solver)
    if not entry.has_step:
        if entry.builtin_name == "lbfgs":
            raise ParameterError("solver='lbfgs' has no single step, as it uses a line search; try 'gd' or 'adam'.")
        known = ", ".join(name for name, each in SOLVERS.items() if each.has_step)
        raise ParameterError(f"solver={entry.name!r} is user-defined without known formulas; try one of: {known}.")
    eta = entry.learning_rate if learning_rate is None else learning_rate
    stands_still = eta == 0 and state is not None  # a schedule may start or end at 0
    if isinstance(eta, bool) or not (stands_still or 0 < eta < float("inf")):
        raise ParameterError(f"learning_rate={eta!r} must be a positive number, such as 0.1.")
    fresh = entry.start(network.theta, eta)
    if not hasattr(fresh, "_fields"):
        raise ParameterError(
            f"solver={entry.name!r} has formulas, but its memory is a {type(fresh).__name__}; expected a NamedTuple "
            f"whose fields are letters of the formulas. Try solver='gd'."
        )
    memory = fresh if state is None else _in_float64(_memory_in(state), fresh, entry.name)
    return Step(entry, float(eta), memory, f"{_sentence(entry, memory, fresh)} {elsewhere}")


def snapshot_words(snapshot: StepSnapshot, *, own_solver: bool, own_rate: bool) -> str:
    """Return which settings come from a snapshot of a run, and which part of its step the explanation omits."""
    decays = own_solver and "weight_decay" in snapshot.solver.parameters
    memory = snapshot.state.solver
    has_memory = isinstance(memory, tuple) and len(memory) > 0
    parts = {"memory": has_memory, "learning rate": own_rate, "weight decay": decays}
    taken = [name for name, is_taken in parts.items() if is_taken]
    if not taken:
        return ""
    *most, last = taken
    what = f"{', '.join(most)} and {last} are those" if most else f"{last} is that"
    words = f"The {what} of the run after step {snapshot.step:,}"
    if any(snapshot.dropout):
        rates = " and ".join(map(number, dict.fromkeys(snapshot.dropout)))
        words += f", whose next step leaves out a share of {rates} of the hidden units, unlike here"
    return f"{words}. "


def _sentence(entry: Solver, memory: Any, fresh: Any) -> str:
    if not fresh:  # a solver without memory
        return "One step of plain gradient descent on this row alone: new = old - learning rate · gradient."
    start = "the first, its memory still empty" if memory is fresh else "from the memory of its earlier steps"
    return f"One step of {entry.name} on this row alone, {start}."


def _memory_in(state: Any) -> Any:
    """Return the solver's memory from a training result or state; any other value is taken as the memory."""
    if isinstance(state, TrainingResult):
        state = state.state
    return state.solver if isinstance(state, State) else state


def _in_float64(memory: Any, fresh: Any, name: str) -> Any:
    if type(memory) is not type(fresh):
        raise ParameterError(
            f"state is a {type(memory).__name__}, but the memory of solver {name!r} is a {type(fresh).__name__}; pass "
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
    """Return a memory by the letters of its formulas; the number of steps, t, includes the next one.

    >>> from glassnet.core.catalog.optimizers import VelocityState
    >>> memory_letters(VelocityState(np.zeros(2)))
    {'u_old': array([0., 0.])}
    """
    named = dict(zip(memory._fields, memory))
    steps = {"t": named.pop("t") + 1} if "t" in named else {}
    return {**steps, **{f"{MEMORY_LETTERS.get(field, field)}_old": value for field, value in named.items()}}
