"""Checks that an estimator is fitted, and that it has a single network."""

from typing import Any

from glassnet.errors import ParameterError
from glassnet.estimators.base import GlassEstimator

EXPECTED = "a Network, GlassClassifier or GlassRegressor was expected; for the result of gn.train try result.network"


def check_fitted(model: Any, expected: str = EXPECTED) -> None:
    """Raise if `model` is not a fitted estimator; `expected` describes the accepted objects."""
    if not isinstance(model, GlassEstimator):
        raise ParameterError(f"model is a {type(model).__name__}, but {expected}.")
    if not hasattr(model, "network_"):
        raise ParameterError(f"this {type(model).__name__} is not fitted yet; call fit(X, y) first.")


def check_single(model: Any) -> None:
    """Raise for an ensemble, whose predictions are not the arithmetic of a single network."""
    if len(model.members_) > 1:
        raise ParameterError(
            f"this {type(model).__name__} is the mean of {len(model.members_)} networks, but only one can be opened; "
            f"try model.member(0), a {type(model).__name__} with the first network."
        )
