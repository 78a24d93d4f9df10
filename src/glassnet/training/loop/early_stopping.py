"""Early stopping: ends a run when the monitored number stops improving."""

import numpy as np

from glassnet.training.history import Epochs
from glassnet.training.plan import Plan
from glassnet.training.run_state import Watched
from glassnet.typing import Array


class EarlyStopping:
    """Stores the best parameters so far and counts the epochs without improvement."""

    def __init__(self, plan: Plan, theta: Array) -> None:
        self._plan = plan
        self.keeps_best = plan.monitor is not None and plan.monitor != "cost"
        self.memory = Watched(theta, 0, np.inf, np.inf, 0)

    def see(self, epochs: Epochs, since: int, theta: Array) -> None:
        """Process the epochs after the first `since`; `theta` holds the parameters after the last one."""
        if self._plan.monitor is None:
            self.memory = Watched(theta, len(epochs), np.inf, np.inf, 0)
            return
        for epoch, value in enumerate(epochs.values(self._quantity, since), start=since + 1):
            self._see(epoch, -value if self._plan.monitor == "validation_metric" else value, theta)

    @property
    def _quantity(self) -> str:
        return "objective" if self._plan.monitor == "cost" else str(self._plan.monitor)

    def _see(self, epoch: int, value: float, theta: Array) -> None:
        kept, kept_epoch, best, target, waited = self.memory
        if value <= best or not self.keeps_best:  # of equally good epochs, keep the last one
            kept, kept_epoch = theta, epoch
        waited = 0 if value < target else waited + 1
        target = min(target, value - self._plan.tolerance) if waited == 0 else target
        # with the value second in min(), NaN is ignored
        self.memory = Watched(kept, kept_epoch, min(best, value), target, waited)

    def wait_again(self) -> None:
        """Restart counting, after a change of the learning rate."""
        self.memory = self.memory._replace(waited=0)

    @property
    def theta(self) -> Array:
        """The best parameters so far."""
        return self.memory.theta

    @property
    def epoch(self) -> int:
        """The epoch of the best parameters."""
        return self.memory.epoch

    @property
    def waited(self) -> int:
        """The number of epochs without improvement."""
        return self.memory.waited

    @property
    def has_waited_enough(self) -> bool:
        """Whether `patience` epochs have passed without improvement."""
        return self._plan.patience is not None and self.waited >= self._plan.patience
