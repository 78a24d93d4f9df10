"""The fitted attributes that an estimator shares with scikit-learn's MLP."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from glassnet.core.network import Network
from glassnet.errors import ParameterError, ShapeError
from glassnet.escaping import shown
from glassnet.estimators.fitting.member import Member
from glassnet.training.history import History
from glassnet.typing import Array


class MlpAttributes:
    """Attributes under the names of scikit-learn's MLP; for an ensemble they are those of the first network."""

    members_: tuple[Member, ...]
    preset: str

    def __getattr__(self, name: str) -> Any:
        """Raise the error about an attribute that is missing: a fitted one, if the estimator is not fitted yet."""
        if name.endswith("_") and not name.endswith("__") and "members_" not in vars(self):
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet, so it has no {name}; call fit(X, y) first."
            )
        return object.__getattribute__(self, name)  # raises it again, in its own words

    @property
    def network_(self) -> Network:
        """The trained network, or the first of an ensemble."""
        return self.members_[0].network

    @property
    def history_(self) -> History:
        """One record per epoch, and the reason for stopping; for an ensemble of the first network."""
        return self.members_[0].history

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, (n_in, n_out): the transpose of ``network_.W[l]``.

        The list and its entries can be assigned, and predictions then use the new weights.
        """
        return _LayerArrays(self, "coefs_", _weights)

    @coefs_.setter
    def coefs_(self, arrays: Iterable[Any]) -> None:
        self._assign("coefs_", arrays, _weights)

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, (n_out,); they can be assigned like `coefs_`."""
        return _LayerArrays(self, "intercepts_", _biases)

    @intercepts_.setter
    def intercepts_(self, arrays: Iterable[Any]) -> None:
        self._assign("intercepts_", arrays, _biases)

    @property
    def loss_curve_(self) -> list[float]:
        """Cost plus penalty of each epoch."""
        return [epoch.objective for epoch in self.history_]

    @property
    def loss_(self) -> float:
        """Cost plus penalty of the last epoch."""
        return self.loss_curve_[-1] if len(self.history_) else float("nan")

    @property
    def best_loss_(self) -> float | None:
        """Minimum of cost plus penalty over the epochs; with ``preset="plain"`` None if there is a validation set."""
        if self.preset == "plain" and self.validation_scores_ is not None:
            return None
        return min(self.loss_curve_, default=float("nan"))

    @property
    def validation_scores_(self) -> list[float] | None:
        """Accuracy or R² on the validation set after each epoch, the last one NaN after a divergence; None without one.

        R² pools several targets, as `history_` does.
        """
        scores = [epoch.validation_metric for epoch in self.history_]
        known = [score for score in scores if score is not None]
        if not known:
            return None
        return [*known, float("nan")] if self.history_.stopped == "diverged" else known

    @property
    def best_validation_score_(self) -> float | None:
        """Maximum of `validation_scores_`; None without a validation set."""
        scores = self.validation_scores_
        return None if scores is None else max((score for score in scores if score == score), default=float("nan"))

    @property
    def n_iter_(self) -> int:
        """Number of epochs of the last `fit` or `partial_fit`; ``len(history_)`` counts earlier ones as well."""
        return len(self.history_) - self.members_[0].n_earlier

    @property
    def t_(self) -> int:
        """Number of rows trained on, counted once per epoch, over all calls of `fit` that went on from each other."""
        return self.members_[0].n_seen

    @property
    def n_layers_(self) -> int:
        """Number of layers including the input layer, as in scikit-learn."""
        return len(self.network_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Number of output neurons."""
        return self.network_.sizes[-1]

    @property
    def out_activation_(self) -> str:
        """Name of the output layer's activation."""
        return self.network_.activation[-1].name

    def _assign(self, name: str, given: Iterable[Any], parts: Callable[[Network], list[Array]]) -> None:
        """Replace the network by one with the given `parts`; what belongs to the old parameters is dropped."""
        check_is_fitted(self, "network_")
        if len(self.members_) > 1:
            raise ParameterError(
                f"{name} of the mean of {len(self.members_)} networks cannot be assigned; try one = model.member(0), "
                f"and one.{name} = ..."
            )
        network = self.network_.with_theta(self.network_.theta.copy())
        arrays, places = _real_arrays(name, given), parts(network)
        expected, found = [part.shape for part in places], [array.shape for array in arrays]
        if expected != found:
            raise ShapeError(f"{name} has the shapes {expected}, but was assigned {found}; keep the structure.")
        with np.errstate(over="ignore", invalid="ignore"):
            for place, array in zip(places, arrays, strict=True):
                place[...] = array
        if not np.isfinite(network.theta).all():
            raise ParameterError(f"{name} was assigned numbers that are not finite in {network.theta.dtype}.")
        self.members_ = (replace(self.members_[0], network=network, calibration=None, state=None, trained=None),)


class _LayerArrays(list[Array]):
    """A list with one array per layer that passes an assigned array on to its model, until that is trained again.

    Copies are plain lists.
    """

    def __init__(self, model: MlpAttributes, name: str, parts: Callable[[Network], list[Array]]) -> None:
        super().__init__(parts(model.network_))
        self._model, self._name, self._parts, self._history = model, name, parts, model.history_

    def __setitem__(self, index: Any, value: Any) -> None:
        if self._model.history_ is self._history:  # assigned parameters do not end it, as a training does
            arrays = self._parts(self._model.network_)
            arrays[index] = value
            setattr(self._model, self._name, arrays)
        super().__setitem__(index, value)

    def __reduce__(self) -> Any:
        return list, (list(self),)


def _real_arrays(name: str, given: Iterable[Any]) -> list[Array]:
    try:
        arrays = [np.asarray(array) for array in given]
    except (TypeError, ValueError):  # not a list, or rows of different lengths
        arrays = None
    if arrays is None or any(array.dtype.kind not in "biuf" for array in arrays):
        raise ParameterError(f"{name} was assigned {shown(given)}; expected a list of one array of numbers per layer.")
    return arrays


def _weights(network: Network) -> list[Array]:
    return [W.T for W in network.W]


def _biases(network: Network) -> list[Array]:
    return [b for b in network.b if b is not None]
