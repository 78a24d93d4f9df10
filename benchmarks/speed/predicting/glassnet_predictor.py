"""glassnet: `clf.predictor()` for rows, `clf.predict_proba` for tables."""

from pathlib import Path
from typing import Any

import glassnet as gn
from benchmarks.speed.predicting.base import Predictor
from benchmarks.speed.task import Task


class GlassnetPredictor(Predictor):
    """The defaults."""

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Only one."""
        return [{}]

    def prepare(self, model: Path, task: Task) -> None:
        """Load the model file."""
        self._clf = gn.load(model)
        self._predictor = self._clf.predictor()

    def one(self, n_calls: int) -> None:
        """Ask the predictor."""
        predict_proba, row = self._predictor.predict_proba, self.row
        for _ in range(n_calls):
            predict_proba(row)

    def batch(self) -> None:
        """Ask the estimator."""
        self.answer = self._clf.predict_proba(self.X)
