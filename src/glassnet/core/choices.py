"""How a named choice is written: ``"relu"``, ``("leaky_relu", {"slope": 0.1})`` or the record itself."""

from collections.abc import Container, Mapping
from dataclasses import replace
from difflib import get_close_matches
from numbers import Real
from typing import Any, TypeVar

from glassnet.errors import ParameterError
from glassnet.typing import Spec

R = TypeVar("R")


def choose(
    spec: Spec, table: Mapping[str, R], *, kind: str, record: type[R], aliases: Mapping[str, str] | None = None
) -> R:
    """Return the record of `table` that `spec` names, with its parameters put in.

    Raises
    ------
    ParameterError
        If the name is not in the table, or a parameter is not one of its own.

    Examples
    --------
    >>> from glassnet.core.catalog.activation import ACTIVATIONS, Activation
    >>> choose("relu", ACTIVATIONS, kind="activation", record=Activation).formula
    'max(0, z)'
    """
    if isinstance(spec, record):
        return spec
    name, parameters = _name_and_parameters(spec, kind)
    name = (aliases or {}).get(name, name)
    if name not in table:
        near = get_close_matches(name, table, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"{kind} {name!r} is not known.{hint} Choose from: {', '.join(table)}.")
    entry: Any = table[name]
    own = dict(entry.parameters)
    for key, value in parameters.items():
        if key not in own:
            expected = f"it takes: {', '.join(own)}" if own else "it takes none"
            raise ParameterError(f"{kind} {name!r} has no parameter {key!r}; {expected}.")
        own[key] = finite_number(value, f"{kind} {name!r}: {key}") if not isinstance(own[key], str) else value
    chosen: R = replace(entry, parameters=own)
    return chosen


def _name_and_parameters(spec: Any, kind: str) -> tuple[str, dict[str, Any]]:
    if isinstance(spec, str):
        return spec, {}
    if isinstance(spec, (tuple, list)) and len(spec) == 2 and isinstance(spec[0], str) and isinstance(spec[1], dict):
        return spec[0], spec[1]
    raise ParameterError(
        f"{kind}={spec!r} cannot be read; write a name such as 'relu', or a name with its parameters: "
        f"('leaky_relu', {{'slope': 0.1}})."
    )


def spec_of(name: str, parameters: Mapping[str, Any]) -> str | tuple[str, dict[str, Any]]:
    """Return what `choose` reads: the name, with the parameters where there are any.

    >>> spec_of("relu", {}), spec_of("leaky_relu", {"slope": 0.1})
    ('relu', ('leaky_relu', {'slope': 0.1}))
    """
    return (name, dict(parameters)) if parameters else name


def refuse_taken(name: str, taken: Container[str], *, kind: str) -> None:
    """Refuse a record of a user's own functions under a name of glassnet's.

    >>> refuse_taken("swoosh", {"relu"}, kind="activation")
    """
    if name in taken:
        raise ParameterError(
            f"{kind} {name!r} has functions of its own, but that name belongs to glassnet; "
            f"give it another one, such as 'my_{name}'."
        )


def finite_number(value: Any, what: str) -> float:
    """Return a parameter that is a finite number; `what` opens the error of any other."""
    number = float(value) if not isinstance(value, bool) and isinstance(value, Real) else float("nan")
    if not abs(number) < float("inf"):
        raise ParameterError(f"{what} = {value!r} must be a finite number.")
    return value if type(value) is int else number
