"""PyTorch: the module in inference mode."""

from pathlib import Path

import torch

from benchmarks.speed.contenders.pytorch import sequential
from benchmarks.speed.predicting.base import Predictor
from benchmarks.speed.task import Task


class PyTorchPredictor(Predictor):
    """Linear layers, activations and softmax."""

    def prepare(self, model: Path, task: Task, threads: int) -> None:
        """Build the module."""
        torch.set_num_threads(threads)
        self._module = torch.nn.Sequential(*sequential(task), torch.nn.Softmax(dim=1)).eval()

    def one(self, n_calls: int) -> None:
        """A row in, probabilities out, both NumPy's."""
        module, row = self._module, self.row
        with torch.inference_mode():
            for _ in range(n_calls):
                module(torch.from_numpy(row[None, :])).numpy()

    def batch(self) -> None:
        """All rows."""
        with torch.inference_mode():
            self.answer = self._module(torch.from_numpy(self.X)).numpy()
