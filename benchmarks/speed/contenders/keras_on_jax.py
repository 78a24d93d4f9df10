"""Keras 3 on its JAX backend, which is its faster one on CPUs: `model.fit`, jitted, several steps per call."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON_BEFORE_CORRECTION, Layers, Settings, Task

STEPS_PER_CALL = 16
# Where a table is a whole number of minibatches, repeating it makes longer epochs of the same steps in the same order.
STEPS_PER_EPOCH = 200


class KerasOnJax(Contender):
    """`model.fit(shuffle=False)` with `jit_compile` and `steps_per_execution`."""

    @classmethod
    def refuses(cls, settings: Settings) -> str | None:
        """Only what it has ready-made."""
        return None if settings.solver == "adam" else "is shown on the Adam cases only"

    def __init__(self, task: Task, threads: int) -> None:
        s = task.settings
        self._task = task
        self._X, self._y, self._epochs = self._long_epochs()
        layers = [keras.layers.Dense(size, activation=s.hidden) for size in s.sizes[1:-1]]
        self._model = keras.Sequential([keras.Input((s.sizes[0],)), *layers, keras.layers.Dense(s.sizes[-1])])
        self._optimizer = keras.optimizers.Adam(
            s.learning_rate, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON_BEFORE_CORRECTION
        )
        self._model.compile(
            optimizer=self._optimizer,
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=True,
            steps_per_execution=min(STEPS_PER_CALL, -(-len(self._X) // s.batch_size)),
        )
        self._optimizer.build(self._model.trainable_variables)
        self._fresh = [np.array(variable) for variable in self._optimizer.variables]
        self.start()

    def _long_epochs(self) -> tuple[np.ndarray, np.ndarray, int]:
        s, n_steps = self._task.settings, len(self._task.minibatches)
        X, y = self._task.X, self._task.labels
        if len(X) % s.batch_size:
            return X, y, s.epochs
        times = max(
            k for k in range(1, s.epochs + 1) if s.epochs % k == 0 and (k == 1 or k * n_steps <= STEPS_PER_EPOCH)
        )
        return np.tile(X, (times, 1)), np.tile(y, times), s.epochs // times

    def start(self) -> None:
        """Put the start weights in place and clear the optimizer."""
        self._model.set_weights([array for W, b in self._task.layers for array in (W.T, b)])
        for variable, value in zip(self._optimizer.variables, self._fresh):
            variable.assign(value)

    def run(self) -> None:
        """Train."""
        size = self._task.settings.batch_size
        self._model.fit(self._X, self._y, batch_size=size, epochs=self._epochs, shuffle=False, verbose=0)

    def layers(self) -> Layers:
        """Return the weights, transposed to (n_out, n_in)."""
        arrays = [np.array(array) for array in self._model.get_weights()]
        return [(W.T.copy(), b) for W, b in zip(arrays[::2], arrays[1::2])]
