"""thinc: its layers, its fused Adam, the minibatches as views."""

import numpy as np
from thinc.api import Adam, Mish, Relu, Sigmoid, Softmax, chain
from thinc.model import Model

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON_BEFORE_CORRECTION, Layers, Settings, Task

HIDDEN = {"relu": Relu, "sigmoid": Sigmoid, "mish": Mish}


class Thinc(Contender):
    """`begin_update`, the error at the softmax, `backprop`, `finish_update`."""

    @classmethod
    def refuses(cls, settings: Settings) -> str | None:
        """It has no dense tanh layer."""
        if settings.hidden not in HIDDEN:
            return f"has no {settings.hidden} layer"
        return None if settings.solver == "adam" else "is shown on the Adam cases only"

    def __init__(self, task: Task, threads: int) -> None:
        self._task = task
        self._minibatches = [(task.X[rows], task.Y[rows]) for rows in task.minibatches]
        self.start()

    def start(self) -> None:
        """Make model and optimizer anew."""
        s = self._task.settings
        dense = [HIDDEN[s.hidden](n_out, n_in) for n_in, n_out in zip(s.sizes, s.sizes[1:-1])]
        self._parts: list[Model] = [*dense, Softmax(s.sizes[-1], s.sizes[-2])]
        self._model = chain(*self._parts)
        self._model.initialize()
        for part, (W, b) in zip(self._parts, self._task.layers):
            part.set_param("W", W.copy())
            part.set_param("b", b.copy())
        self._optimizer = Adam(
            s.learning_rate,
            beta1=BETA_1,
            beta2=BETA_2,
            eps=EPSILON_BEFORE_CORRECTION,
            L2=0.0,
            grad_clip=0.0,
            use_averages=False,
        )

    def run(self) -> None:
        """Train."""
        model, optimizer = self._model, self._optimizer
        for _ in range(self._task.settings.epochs):
            for X, Y in self._minibatches:
                A, backprop = model.begin_update(X)
                backprop((A - Y) / np.float32(len(X)))
                model.finish_update(optimizer)

    def layers(self) -> Layers:
        """Return the parameters of the layers."""
        return [(part.get_param("W").copy(), part.get_param("b").copy()) for part in self._parts]
