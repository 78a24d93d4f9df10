"""What an explanation is to show."""

from dataclasses import dataclass, replace
from typing import Any

from glassnet.explanation.subject.step import moment_words
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.typing import Spec


@dataclass(frozen=True)
class Request:
    """What the caller of `explain` wants shown; None stands for the model's own."""

    cost: Spec | None = None
    solver: Spec | None = None
    learning_rate: float | None = None
    state: Any = None
    notation: str = "names"
    words: str = ""  # where the settings of the step are from

    def at_moment(self) -> "Request":
        """Return the same with the step of a run in place of one of its moments: what its own next step is taken by."""
        moment = self.state
        if not isinstance(moment, StepSnapshot):
            return self
        own_solver, own_rate = self.solver is None, self.learning_rate is None
        return replace(
            self,
            state=moment.state,
            solver=moment.solver if own_solver else self.solver,
            learning_rate=moment.learning_rate if own_rate else self.learning_rate,
            words=moment_words(moment, own_solver=own_solver, own_rate=own_rate),
        )
