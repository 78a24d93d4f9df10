"""A task: one network, its start weights, its rows in their order, and how to train. What every contender is given."""

import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

import glassnet as gn

BETA_1, BETA_2 = 0.9, 0.999
# Kingma & Ba, Algorithm 1, adds epsilon to the root of the bias-corrected second moment; so do PyTorch and optax.
EPSILON = 1e-8
PROBE_STEPS = 10
# The other form, of scikit-learn, Keras and thinc, adds it before the correction. Equal at the probe's last step:
EPSILON_BEFORE_CORRECTION = EPSILON * (1 - BETA_2**PROBE_STEPS) ** 0.5

Layers = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Settings:
    """Everything about a task that is no array."""

    name: str
    sizes: tuple[int, ...]
    hidden: str
    output: str
    cost: str
    solver: str
    learning_rate: float
    n_samples: int
    batch_size: int
    epochs: int


@dataclass(frozen=True, eq=False)
class Task:
    """Settings with arrays: X (n, n_in) and Y (n, n_out) in float32, and W (n_out, n_in), b (n_out,) of each layer."""

    settings: Settings
    X: np.ndarray
    Y: np.ndarray
    layers: Layers

    @cached_property
    def labels(self) -> np.ndarray:
        """The class of each row, for those who want it so, (n,)."""
        return self.Y.argmax(axis=1)

    @property
    def minibatches(self) -> list[slice]:
        """The rows of each step of an epoch; the last minibatch may be smaller."""
        size = self.settings.batch_size
        return [slice(start, min(start + size, len(self.X))) for start in range(0, len(self.X), size)]

    @property
    def n_steps(self) -> int:
        """Steps of the whole run."""
        return self.settings.epochs * len(self.minibatches)

    @property
    def network(self) -> gn.Network:
        """The network before the first step, in float32."""
        s = self.settings
        return gn.Network.from_weights(self.layers, hidden=s.hidden, output=s.output).astype("float32")

    @property
    def arguments(self) -> dict:
        """The task as `gn.train` takes it."""
        s = self.settings
        return dict(
            network=self.network,
            X=self.X,
            Y=self.Y,
            cost=s.cost,
            solver=("adam", {"beta1": BETA_1, "beta2": BETA_2, "epsilon": EPSILON}) if s.solver == "adam" else s.solver,
            learning_rate=s.learning_rate,
            batch_size=s.batch_size,
            epochs=s.epochs,
            shuffle=False,
            metric=None,
        )

    def probe(self) -> "Task":
        """Return the first ten steps as a task of its own: whole minibatches only, over and over if there are few."""
        size = self.settings.batch_size
        n_minibatches = max(k for k in (1, 2, 5, 10) if k <= max(1, len(self.X) // size))
        n_samples, epochs = n_minibatches * size, PROBE_STEPS // n_minibatches
        settings = replace(self.settings, n_samples=n_samples, epochs=epochs)
        return Task(settings, self.X[:n_samples], self.Y[:n_samples], self.layers)

    def save(self, path: Path) -> None:
        """Write the task to an .npz file."""
        weights = {f"W{l}": W for l, (W, _) in enumerate(self.layers)}
        biases = {f"b{l}": b for l, (_, b) in enumerate(self.layers)}
        np.savez(path, settings=json.dumps(asdict(self.settings)), X=self.X, Y=self.Y, **weights, **biases)

    @classmethod
    def load(cls, path: Path) -> "Task":
        """Read what `save` wrote."""
        with np.load(path) as file:
            words = json.loads(str(file["settings"]))
            layers = [(file[f"W{l}"], file[f"b{l}"]) for l in range(len(words["sizes"]) - 1)]
            return cls(Settings(**words | {"sizes": tuple(words["sizes"])}), file["X"], file["Y"], layers)


def layers_of(network: gn.Network) -> Layers:
    """Return the weights and biases of a network as plain arrays of their own."""
    return [(np.array(W), np.array(b)) for W, b in zip(network.W, network.b, strict=True)]
