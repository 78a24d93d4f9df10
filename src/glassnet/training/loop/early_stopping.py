"""Early stopping: ends a run when the monitored number stops improving."""

import numpy as np

from glassnet.training.history import Epochs
from glassnet.training.plan import Plan
from glassnet.typing import Array


class EarlyStopping:
    """Stores the best parameters so far and counts the epochs without improvement."""

    def __init__(self, plan: Plan, theta: Array) -> None:
        self._plan = plan
        self._best: float = np.inf
        self._target: float = np.inf
        self.keeps_best = plan.monitor is not None and plan.monitor != "cost"
        self.theta, self.epoch = theta, 0
        self.waited = 0

    def see(self, epochs: Epochs, since: int, theta: Array) -> None:
        """Process the epochs after the first `since`; `theta` holds the parameters after the last one."""
        if self._plan.monitor is None:
            self.theta, self.epoch = theta, len(epochs)
            return
        for epoch, value in enumerate(epochs.values(self._quantity, since), start=since + 1):
            self._see(epoch, -value if self._plan.monitor == "validation_metric" else value, theta)

    @property
    def _quantity(self) -> str:
        return "objective" if self._plan.monitor == "cost" else str(self._plan.monitor)

    def _see(self, epoch: int, value: float, theta: Array) -> None:
        if value <= self._best or not self.keeps_best:  # of equally good epochs, keep the last one
            self.theta, self.epoch = theta, epoch
        self.waited = 0 if value < self._target else self.waited + 1
        self._best = min(self._best, value)  # in this order, NaN is ignored
        self._target = min(self._target, value - self._plan.tolerance) if self.waited == 0 else self._target

    @property
    def has_waited_enough(self) -> bool:
        """Whether `patience` epochs have passed without improvement."""
        return self._plan.patience is not None and self.waited >= self._plan.patience
