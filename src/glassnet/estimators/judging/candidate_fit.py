"""`CandidateFit`: the training of one candidate of a search, which can be scored at any epoch."""

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.estimators.fitting.member import Member
from glassnet.estimators.fitting.samples import Samples
from glassnet.estimators.fitting.temperature import best_temperature, with_temperature
from glassnet.estimators.judging.scoring import SMALLEST
from glassnet.estimators.predicting.outputs import outputs
from glassnet.training.train import Training
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class CandidateFit:
    """The training of one candidate on one part, which can be scored at any epoch.

    Attributes
    ----------
    model : GlassClassifier or GlassRegressor
        With the recipe and the encoders, but without trained networks.
    training : Training
    scored : Samples
        The rows to score on, in float64.
    """

    model: Any
    training: Training
    scored: Samples

    @property
    def of_epochs(self) -> int:
        """The number of epochs, unless the training stops before."""
        return int(self.model.recipe_.max_iter)

    @property
    def n_epochs(self) -> int:
        """Number of epochs so far."""
        return self.training.run.progress().n_epochs

    @property
    def finished(self) -> bool:
        """Whether the training has stopped."""
        return self.training.run.finished

    def advanced(self, epoch: int) -> "CandidateFit":
        """Train until the end of an epoch, and return the candidate itself."""
        run = self.training.run
        if epoch >= self.of_epochs:
            run.advance()
        else:
            run.advance(epochs=max(0, epoch - self.n_epochs))
        return self

    @property
    def diverged(self) -> bool:
        """Whether a number was not finite."""
        return self.training.run.result().history.stopped == "diverged"

    def scores(self) -> dict[str, float]:
        """Return the scores of the model that `fit` would keep if the training ended now, on the rows to score on.

        Accuracy and log loss for classes, where each label of several counts as a prediction; RMSE, MAE and R² for
        quantities, R² as a mean over their columns. NaN if the training diverged.
        """
        outcome, held = self.training.run.result(), self.scored
        network = self.training.plan.problem.network.with_theta(outcome.theta)
        if self.diverged:
            return dict.fromkeys(("accuracy", "log_loss") if self._is_classification else ("rmse", "mae", "r2"), np.nan)
        if self._is_classification and self.model.recipe_.temperature_scaling:
            network = self._with_temperature(network)
        _, A = outputs(network, held.A0, n_jobs=1)  # (n_rows, n_out)
        if not self._is_classification:
            return _of_quantities(held.y, self.model.target_encoder_.inverse(A))
        model = copy(self.model)
        model._decide((Member(network, outcome.history),), [held])
        return _of_classes(held.y, A, model.target_encoder_)  # with its threshold

    @property
    def _is_classification(self) -> bool:
        return hasattr(self.model, "predict_proba")

    def _with_temperature(self, network: Network) -> Network:
        Z, _ = outputs(network, self.scored.A0, n_jobs=1)
        Y = self.model.target_encoder_.transform(self.scored.y)
        if self.model._is_multilabel:
            Y, Z = Y.reshape(-1, 1), Z.reshape(-1, 1)
        labels = Y[:, 0].astype(np.int64) if Y.shape[1] == 1 else Y.argmax(axis=1)
        return with_temperature(network, best_temperature(Z, labels))


def _of_classes(y: Array, A: Array, encoder: TargetEncoder) -> dict[str, float]:
    Y = encoder.transform(y)
    # (n_rows, n_out): the probability of what is so
    p = np.where(Y == 1, A, 1.0 - A) if encoder.task != "multiclass" else (A * Y).sum(axis=1, keepdims=True)
    return {
        "accuracy": float(np.mean(encoder.inverse(A) == y)),
        "log_loss": float(-np.log(np.clip(p, SMALLEST, 1.0)).mean()),
    }


def _of_quantities(y: Array, predicted: Array) -> dict[str, float]:
    errors = np.asarray(predicted, dtype=np.float64) - np.asarray(y, dtype=np.float64)
    spread = ((y - np.mean(y, axis=0)) ** 2).sum(axis=0)
    with np.errstate(all="ignore"):
        r2 = 1.0 - (errors**2).sum(axis=0) / spread
    return {
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "mae": float(np.mean(np.abs(errors))),
        "r2": float(np.mean(r2)) if np.all(spread > 0) else float("nan"),
    }
