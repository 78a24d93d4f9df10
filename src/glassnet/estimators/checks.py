"""What an estimator must be before it is opened: fitted, and one network."""

from typing import Any

from glassnet.errors import ParameterError
from glassnet.estimators.base import GlassEstimator

EXPECTED = "a Network, GlassClassifier or GlassRegressor was expected; for the result of gn.train try result.network"


def check_fitted(model: Any, expected: str = EXPECTED) -> None:
    """Refuse what is no fitted estimator; `expected` says what the caller takes."""
    if not isinstance(model, GlassEstimator):
        raise ParameterError(f"model is a {type(model).__name__}, but {expected}.")
    if not hasattr(model, "network_"):
        raise ParameterError(f"this {type(model).__name__} has not learned anything yet; call fit(X, y) first.")


def check_single(model: Any) -> None:
    """Refuse an ensemble: the arithmetic of one of its networks is not that of its predictions."""
    if len(model.members_) > 1:
        raise ParameterError(
            f"this {type(model).__name__} is the mean of {len(model.members_)} networks, but one network is opened at "
            f"a time; try model.member(0), a {type(model).__name__} of the first alone."
        )
