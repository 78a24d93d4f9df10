"""The request for an explanation."""

from dataclasses import dataclass, replace
from typing import Any

from glassnet.explanation.subject.step import snapshot_words
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.typing import Spec


@dataclass(frozen=True)
class Request:
    """The options of `explain`; None means the model's own setting."""

    cost: Spec | None = None
    solver: Spec | None = None
    learning_rate: float | None = None
    state: Any = None
    notation: str = "names"
    words: str = ""  # the origin of the step's settings

    def at_snapshot(self) -> "Request":
        """Return the request with a snapshot replaced by the solver, learning rate and memory of its next step."""
        snapshot = self.state
        if not isinstance(snapshot, StepSnapshot):
            return self
        own_solver, own_rate = self.solver is None, self.learning_rate is None
        if own_solver and not snapshot.solver.has_step:
            return replace(
                self,
                state=None,
                solver="gd",
                learning_rate=snapshot.learning_rate if own_rate else self.learning_rate,
                words=f"The run's solver {snapshot.solver.name!r} is user-defined without known formulas. ",
            )
        return replace(
            self,
            state=snapshot.state,
            solver=snapshot.solver if own_solver else self.solver,
            learning_rate=snapshot.learning_rate if own_rate else self.learning_rate,
            words=snapshot_words(snapshot, own_solver=own_solver, own_rate=own_rate),
        )
