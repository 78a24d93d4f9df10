"""scikit-learn: `MLPClassifier.predict_proba`."""

from pathlib import Path

from benchmarks.speed.contenders.scikit_learn import ScikitLearn
from benchmarks.speed.predicting.base import Predictor
from benchmarks.speed.task import Task


class ScikitLearnPredictor(Predictor):
    """With the weights put in place."""

    def prepare(self, model: Path, task: Task, threads: int) -> None:
        """Fit for a moment, then put the weights in place."""
        contender = ScikitLearn(task, threads)
        contender.start()
        self._mlp = contender.estimator

    def one(self, n_calls: int) -> None:
        """It wants a table of one row."""
        predict_proba, rows = self._mlp.predict_proba, self.row[None, :]
        for _ in range(n_calls):
            predict_proba(rows)

    def batch(self) -> None:
        """All rows."""
        self.answer = self._mlp.predict_proba(self.X)
