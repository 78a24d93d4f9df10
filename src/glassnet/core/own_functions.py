"""Calls of users' functions, whose failures become sentences with the name of the function."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from glassnet.arrays import namespace
from glassnet.errors import ParameterError
from glassnet.escaping import brief
from glassnet.typing import Array

REAL = ("bool", "integral", "real floating")


def refuse_nameless(kind: str, name: Any) -> None:
    """Refuse a record whose name is no text, or an empty one, as messages and explanations show it.

    >>> refuse_nameless("cost", "")
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: the name of the cost is '', but must be a word, such as 'mine'.
    """
    if not isinstance(name, str) or not name.strip():
        raise ParameterError(f"the name of the {kind} is {name!r}, but must be a word, such as 'mine'.")


def call_own(
    function: Callable[..., Any],
    arrays: Sequence[Array],
    *others: Any,
    parameters: Mapping[str, Any],
    what: str,
    expected: str,
) -> Any:
    """Call a user's function with copies of the arrays, which it may then change in place, and other arguments.

    `what` names its record in messages, and `expected` says what the function must do.

    Raises
    ------
    ParameterError
        If the function raises.

    Examples
    --------
    >>> import numpy as np
    >>> call_own(lambda A: A[5], [np.zeros(2)], parameters={}, what="cost 'mine'", expected="loss(A, Y)")
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: cost 'mine' failed on an array of shape (2,): IndexError: index 5 is out of ...
    """
    copies = [namespace(each).asarray(each, copy=True) for each in arrays]
    try:
        return function(*copies, *others, **parameters)
    except Exception as failure:
        raise ParameterError(
            f"{what} failed on an array of shape {tuple(arrays[0].shape)}: {type(failure).__name__}: "
            f"{brief(str(failure), 200)}. Expected {expected}."
        ) from failure


def copy_of(state: Any) -> Any:
    """Return a copy of the state of a user's solver, which its step may change in place; itself if it has no copy.

    >>> state = {"steps": [1, 2]}
    >>> copy_of(state)["steps"] is state["steps"]
    False
    """
    try:
        return deepcopy(state)
    except Exception:  # such as a generator, which no run can go back in anyway
        return state


def as_expected(values: Any, like: Array, *, what: str, part: str) -> Array:
    """Return the values of a user's function as an array in the library and precision of `like`.

    `part` names the function within the record `what`.

    Raises
    ------
    ParameterError
        If they have another shape, or are no real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> as_expected([1, 2], np.zeros(2, np.float32), what="activation 'mine'", part="function").dtype
    dtype('float32')
    """
    xp, shape = namespace(like), tuple(like.shape)
    try:
        array = xp.asarray(values)
    except Exception as failure:
        raise ParameterError(
            f"{what} does not give an array: the {part} gives a {type(values).__name__}; expected real numbers of "
            f"shape {shape}."
        ) from failure
    if tuple(array.shape) != shape:
        found = tuple(array.shape) if hasattr(values, "shape") else "no array"
        raise ParameterError(f"{what} does not keep the shape of its input {shape}: the {part} gives {found}.")
    kinds = (*REAL, "complex floating") if xp.isdtype(like.dtype, "complex floating") else REAL
    if not xp.isdtype(array.dtype, kinds):
        raise ParameterError(f"{what} does not give real numbers: the {part} gives values of type {array.dtype}.")
    return xp.astype(array, like.dtype, copy=False)
