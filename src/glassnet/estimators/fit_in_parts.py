"""Fits whose training others take over: `begin_fit`, to be advanced in parts, and `fit_by`, as a whole."""

import os
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.estimate import Estimate, estimate_of
from glassnet.estimators.fitting.interrupted import on_the_side
from glassnet.estimators.fitting.preparation import Extras, Prepared, hold_out, prepare
from glassnet.estimators.words import TRAINING
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments, Training
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class FitInParts:
    """A fit between its first step and its last.

    It refers to the arrays that it was given, not to copies. They must not change before its last step, and stay in
    memory as long as it does.

    Attributes
    ----------
    model : GlassClassifier or GlassRegressor
        With the recipe and the encoders of the fit, but without trained networks; see `fitted`.
    training : Training
        Its ``run`` is to be advanced.
    held_out : array of bool, (n_rows,)
        The rows that the fit holds out itself.
    ready : Prepared
    """

    model: Any
    training: Training
    held_out: Array
    ready: Prepared

    @property
    def estimate(self) -> Estimate:
        """The estimated cost of the whole fit, measured now."""
        return estimate_of(self.model.recipe_, self.ready.runs)

    def encoded(self) -> tuple[Array, Array]:
        """Return all rows as the network gets them, (n_rows, n_inputs), and their unsmoothed Y (n_rows, n_out)."""
        samples = self.ready.rows.encoded(None, np.float64)
        return samples.A0, self.model.target_encoder_.transform(samples.y)

    def fitted(self, at: tuple[Network, int] | None = None) -> Any:
        """Return a copy of the estimator, fitted with the training so far.

        It can predict, be saved and be explained, and has the same bits as that of a `fit` that ended here.

        Parameters
        ----------
        at : (Network, int), optional
            A network of the training, or one that was changed by hand, and the number of epochs until then. By default
            the network that `fit` keeps: that of the best epoch, if there are validation rows.
        """
        result, model = self.training.result().without_data(), copy(self.model)
        if at is not None:
            network, n_epochs = at
            epochs = result.history.epochs[:n_epochs]
            history = replace(result.history, epochs=epochs, best_epoch=n_epochs)
            result = replace(result, network=network, history=history)
        model._keep([result], self.ready)
        if at is not None:  # it is not what the run has led to, so neither its memory nor its replay belong to it
            (member,) = model.members_
            model.members_ = (replace(member, state=None, trained=None),)
        return model


def begin_fit(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    eval_set: Any = None,
    target_name: str | None = None,
    **settings: Any,
) -> FitInParts:
    """Begin to fit an estimator, which stays as it is.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
        Of a single network, without `refit`.
    X, y, sample_weight, eval_set
        As in the estimator's `fit`.
    target_name : str, optional
        Name of the target's column.
    **settings
        Arguments of `glassnet.train` that do not change its numbers, such as `kept_states`.

    Returns
    -------
    FitInParts
        ``.training.run.advance(...)`` takes steps, and ``.fitted()`` returns the model of the moment.

    Raises
    ------
    ParameterError
        If the fit trains several times.
    GlassnetError
        If a parameter or the data are invalid, as in `fit`.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> fit = begin_fit(gn.GlassClassifier((4,), max_iter=9, random_state=0), X, y)
    >>> fit.training.run.advance(epochs=5).finished, fit.fitted().n_iter_
    (False, 5)
    >>> whole = gn.GlassClassifier((4,), max_iter=9, random_state=0).fit(X, y)
    >>> fit.training.run.advance().finished, bool((fit.fitted().network_.theta == whole.network_.theta).all())
    (True, True)
    """
    with on_the_side(copy(model)) as draft:
        ready = prepare(draft, X, y, sample_weight, eval_set, again=False, extras=Extras(target_name=target_name))
        recipe = draft.recipe_
        if recipe.n_networks != 1 or recipe.refit:
            what = "refit=True" if recipe.refit else f"n_networks={recipe.n_networks}"
            raise ParameterError(
                f"{what} trains several times, but a fit in parts is one training; use n_networks=1 and refit=False, "
                f"or fit."
            )
        with TRAINING.rewriting():
            training = ready.runs[0].with_settings(**settings).begun()
        held_out = np.zeros(len(ready.rows), dtype=bool)
        part_seed, holds_out = ready.parts[0]
        if holds_out:
            held_out[hold_out(draft, ready.rows.y, part_seed, has_eval_set=False)] = True
    return FitInParts(draft, training, held_out, ready)


def fit_by(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    train: Callable[[RunArguments], TrainingResult],
    eval_set: Any = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 30.0,
) -> Any:
    """Fit an estimator, let a function train each network, and return the estimator.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
    X, y, sample_weight, eval_set, checkpoint, checkpoint_every
        As in the estimator's `fit`.
    train : callable
        Called with each run, whose checkpoint is a file.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> clf = gn.GlassClassifier((4,), max_iter=9, random_state=0)
    >>> fit_by(clf, X, y, train=lambda run: run.with_settings(epochs=3).trained()).n_iter_
    3
    """
    return model._fit_with(Extras(train=train), X, y, sample_weight, eval_set, checkpoint, checkpoint_every)
