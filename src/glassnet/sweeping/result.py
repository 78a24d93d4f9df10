"""`SweepResult`: what a sweep has found."""

from dataclasses import dataclass, replace
from typing import Any

from glassnet.drawing.charts.sweep_chart import importance_chart, parallel_chart
from glassnet.sweeping.importance import importances
from glassnet.sweeping.report import as_text
from glassnet.sweeping.scores import words
from glassnet.sweeping.space import Space
from glassnet.sweeping.trial import Trial, Trials, ranked
from glassnet.wording import counted


@dataclass(frozen=True, eq=False)
class SweepResult:
    """The result of a sweep.

    Attributes
    ----------
    best : Trial
        The best one of those that were trained to their end.
    trials : sequence of Trial
        All, in the order of their numbers; ``trials.columns()`` is a table.
    model : GlassClassifier, GlassRegressor or None
        The best parameters, fitted to all rows; None with ``refit=False``, and after Ctrl-C.
    score : str
        Name of the score that was optimized.
    how : str
        On which rows the candidates were scored, as a sentence.
    space : Space
        What was chosen from.
    seconds : float
        Of this call.
    n_resumed : int
        Number of trials that the file had when the call began.
    stopped : str
        Why no more candidates were tried, as a sentence.
    storage : str or None
        The file.
    larger_is_better : bool
        Whether a larger score is better.
    """

    best: Trial
    trials: Trials
    model: Any
    score: str
    how: str
    space: Space
    seconds: float
    n_resumed: int
    stopped: str
    storage: str | None
    larger_is_better: bool

    def ranked(self) -> list[Trial]:
        """Return the trials that were trained to their end, the best first."""
        return ranked(self.trials, larger_is_better=self.larger_is_better)

    def _scored(self) -> list[Trial]:
        """Return the completed trials, the best first, then those that were stopped early, likewise."""
        early = [replace(trial, state="complete") for trial in self.trials if trial.state == "dropped"]
        return self.ranked() + ranked(early, larger_is_better=self.larger_is_better)

    def importances(self) -> dict[str, float]:
        """Return how much each choice has changed the score, as shares of 1, the largest first.

        By functional ANOVA (Hutter et al. 2014), from optuna, over the last score of each trial, also of those that
        were stopped early. Empty if there are fewer than four.
        """
        return importances(self._scored(), self.space, larger_is_better=self.larger_is_better)

    def to_text(self) -> str:
        """Return a report: how many candidates, the best ones, and what mattered."""
        return as_text(
            self.trials,
            self.ranked(),
            self.score,
            self.space,
            self.importances(),
            sentences=[self.how, self.stopped],
        )

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        best = "none" if self.best.score is None else f"{self.best.score:.4g}"
        return f"SweepResult: {counted(len(self.trials), 'trial')}, best {words(self.score)} {best}"

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, without the model."""
        return {
            "score": self.score,
            "how": self.how,
            "stopped": self.stopped,
            "best": self.best.to_dict(),
            "importances": self.importances(),
            "space": self.space.to_dict(),
            "n_trials": len(self.trials),
            "n_resumed": self.n_resumed,
            "seconds": self.seconds,
            "storage": self.storage,
            "trials": [trial.to_dict() for trial in self.trials],
        }

    def importance_chart(self, *, theme: str = "auto") -> Any:
        """Draw how much each choice has changed the score."""
        return importance_chart(self.importances(), words(self.score), theme=theme)

    def parallel_chart(self, *, theme: str = "auto") -> Any:
        """Draw every trial as a line over its choices, with the best third in color."""
        lines = [(trial.choices, trial.score) for trial in self._scored() if trial.score is not None]
        return parallel_chart(lines, words(self.score), larger_is_better=self.larger_is_better, theme=theme)
