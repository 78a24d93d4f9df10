"""`FitsBeside`: many settings fitted to the same rows, each as its `fit` would, with the table encoded once."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.estimators.fitting.last_training import Trained
from glassnet.estimators.fitting.preparation import draw_seed, hold_out, new_network, training_part, with_rates
from glassnet.estimators.fitting.samples import Samples
from glassnet.estimators.judging.candidates import CandidateRows
from glassnet.estimators.words import TRAINING
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments


class FitsBeside(CandidateRows):
    """Candidates that are trained on all rows, and scored elsewhere.

    A candidate becomes the estimator of ``fit(X, y)``: with early stopping it holds out some of the rows itself. The
    runs are for `glassnet.train_many`.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> fits = FitsBeside(gn.GlassClassifier((4,), max_iter=9), X, y)
    >>> beside = [fits.begun_alone({"learning_rate_init": rate}, seed=0) for rate in (0.01, 0.1)]
    >>> results = gn.train_many([each.run for each in beside])
    >>> models = [each.fitted(result) for each, result in zip(beside, results)]
    >>> bool((models[1].predict(X) == models[1].fit(X, y).predict(X)).all())
    True
    """

    @TRAINING.rewriting()
    def begun_alone(self, parameters: Mapping[str, Any], *, seed: int) -> "FitBeside":
        """Return a candidate before its first step.

        Raises
        ------
        ParameterError
            If the parameters are invalid, or do not fit each other.
        """
        draft = self.model_with(parameters, seed=seed)
        draft.recipe_ = self._recipe_of(draft, self.n_rows)
        held = hold_out(draft, self._target, draw_seed(draft), has_eval_set=False)
        part = self._part_without(held)
        draft, encoded, rows, arguments = self._ready(parameters, part, seed=seed, n_rows=self.n_rows)
        network: Any = new_network(draft, arguments["settings"].seed, rows)  # type: ignore[arg-type]
        run = RunArguments(network=with_rates(draft, network), **arguments)
        return FitBeside(draft, run, encoded.exact if len(held) else None)

    def _part_without(self, held: Any) -> int:
        """Return the number of the part that trains on all rows but these."""
        training = training_part(held, self.n_rows)
        for k, (_, known) in enumerate(self._parts):
            if np.array_equal(known, held):
                return k
        self._parts.append((np.arange(self.n_rows) if training is None else training, held))
        return len(self._parts) - 1


@dataclass(frozen=True, eq=False)
class FitBeside:
    """A candidate before its training.

    Attributes
    ----------
    model : GlassClassifier or GlassRegressor
        With the recipe and the encoders, but without a trained network.
    run : RunArguments
    held : Samples or None
        The rows that it holds out itself, in float64.
    """

    model: Any
    run: RunArguments
    held: Samples | None

    def fitted(self, result: TrainingResult) -> Any:
        """Return the fitted estimator, as `fit` leaves it after this training."""
        model, trained = copy(self.model), Trained(None, int(self.run.settings.seed), self.held is not None)
        model.members_ = (model._member(result, self.held, None, trained, len(self.run.Y)),)
        model._decide(model.members_, [self.held])
        return model
