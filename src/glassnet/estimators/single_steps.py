"""`partial_fit` exists only for solvers that take single steps, as in scikit-learn."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from glassnet.core.catalog.solvers import resolve_solver
from glassnet.errors import MethodError, ParameterError

F = TypeVar("F", bound=Callable[..., Any])


def single_steps_only(method: F) -> F:
    """Decorate a method that does not exist for ``solver="lbfgs"``: `hasattr` is False, and a call says why."""
    return cast(F, _SingleSteps(method))


class _SingleSteps:
    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, estimator: Any, owner: type | None = None) -> Any:
        if estimator is None:
            return self._method
        if _searches_lines(estimator.solver):
            raise MethodError(
                f"{self._method.__name__} does not support solver 'lbfgs', only single steps; use 'adam' or 'sgd'."
            )
        return self._method.__get__(estimator, owner)


def _searches_lines(solver: Any) -> bool:
    try:
        return solver not in ("auto", "sgd") and resolve_solver(solver).builtin_name == "lbfgs"
    except ParameterError:  # the method itself will say what is wrong
        return False
