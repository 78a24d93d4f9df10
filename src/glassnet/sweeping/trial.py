"""`Trial`: one candidate of a sweep and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from glassnet.wording import counted


@dataclass(frozen=True)
class Trial:
    """One candidate of a sweep.

    Attributes
    ----------
    number : int
        From 0, in the order in which candidates were proposed.
    state : {"complete", "dropped", "failed"}
        Trained to its end; stopped early because it fell behind; could not be trained, or diverged.
    parameters : dict
        Of the estimator.
    score : float or None
        At its last epoch, as a mean over the folds; None if it failed.
    scores : dict of str to float
        All scores there.
    epochs : float
        Number of epochs, as a mean over the folds.
    seconds : float
        Training time, as a sum over the folds.
    why : str
        Why it failed.
    choices : dict
        What was chosen from the space, by optuna's names.
    """

    number: int
    state: str
    parameters: dict[str, Any]
    score: float | None
    scores: dict[str, float]
    epochs: float
    seconds: float
    why: str = ""
    choices: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as plain data."""
        return {
            "number": self.number,
            "state": self.state,
            "score": self.score,
            "scores": self.scores,
            "parameters": self.parameters,
            "epochs": self.epochs,
            "seconds": self.seconds,
            **({"why": self.why} if self.why else {}),
        }


class Trials(Sequence[Trial]):
    """The trials of a sweep in the order of their numbers; as columns, they are a table.

    Examples
    --------
    >>> trials = Trials([Trial(0, "complete", {"alpha": 0.1}, 0.5, {"log_loss": 0.5}, 20.0, 1.5)])
    >>> trials.columns()["alpha"], len(trials)
    ([0.1], 1)
    """

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._trials = tuple(trials)

    @overload
    def __getitem__(self, k: int) -> Trial: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Trial]: ...
    def __getitem__(self, k: int | slice) -> Trial | Sequence[Trial]:
        return self._trials[k]

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def __repr__(self) -> str:
        return f"{counted(len(self), 'trial')}; .columns() is a table for pandas.DataFrame or polars.DataFrame"

    def columns(self) -> dict[str, list[Any]]:
        """Return the trials as columns: ``pandas.DataFrame(result.trials.columns())``."""
        names = list(dict.fromkeys(name for trial in self for name in trial.parameters))
        scores = list(dict.fromkeys(name for trial in self for name in trial.scores))
        return {
            "number": [trial.number for trial in self],
            "state": [trial.state for trial in self],
            "score": [trial.score for trial in self],
            **{name: [trial.scores.get(name) for trial in self] for name in scores},
            **{name: [trial.parameters.get(name) for trial in self] for name in names},
            "epochs": [trial.epochs for trial in self],
            "seconds": [trial.seconds for trial in self],
        }


def ranked(trials: Sequence[Trial], *, larger_is_better: bool) -> list[Trial]:
    """Return the completed trials, the best first; of equally good ones, the earlier one first."""
    complete = [trial for trial in trials if trial.state == "complete" and trial.score is not None]
    return sorted(complete, key=lambda trial: ((-1 if larger_is_better else 1) * (trial.score or 0.0), trial.number))
