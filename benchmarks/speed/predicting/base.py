"""What every predictor can do."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.task import Task


class Predictor(ABC):
    """A library that holds a trained network and gives the probabilities of its classes."""

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Return the ways to run it that are tried."""
        return [{"threads": threads} for threads in sorted({1, cores})]

    def __init__(self, model: Path, task: Path, n_rows: int, **variant: Any) -> None:
        """Take a .glassnet file, the same weights as a task, and so many rows (the task's, over and over)."""
        loaded = Task.load(task)
        times = -(-n_rows // len(loaded.X))
        self.X = np.tile(loaded.X, (times, 1))[:n_rows]
        self.row = self.X[0].copy()
        self.answer: Any = None
        self.prepare(model, loaded, **variant)

    @abstractmethod
    def prepare(self, model: Path, task: Task, **variant: Any) -> None:
        """Build the library's own model."""

    @abstractmethod
    def one(self, n_calls: int) -> None:
        """Predict one row so many times, from a row as NumPy array to probabilities as NumPy array."""

    @abstractmethod
    def batch(self) -> None:
        """Predict all rows at once; keep the probabilities in `answer`."""

    def probabilities(self) -> np.ndarray:
        """Return the first few probabilities of the batch, to compare."""
        return np.array(self.answer[:1000])
