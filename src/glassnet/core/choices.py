"""Named choices: ``"relu"``, ``("leaky_relu", {"slope": 0.1})`` or the record itself."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from numbers import Real
from typing import Any, TypeVar, cast

from glassnet.errors import ParameterError
from glassnet.escaping import shown
from glassnet.typing import Spec

R = TypeVar("R")


def choose(
    spec: Spec,
    table: Mapping[str, R],
    *,
    kind: str,
    record: type[R],
    aliases: Mapping[str, str] | None = None,
    also: Sequence[str] = (),
) -> R:
    """Return the record of `table` that `spec` names, with its parameters set.

    `also` are names that the caller understands itself, for the message about an unknown one.

    Raises
    ------
    ParameterError
        If the name is not in the table, or has no such parameter.

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
        names = [*table, *also]
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"{kind} {name!r} is not known.{hint} Choose from: {', '.join(names)}.")
    entry: Any = table[name]
    if not parameters:
        return table[name]
    own = dict(entry.parameters)
    for key, value in parameters.items():
        if key not in own:
            expected = f"it takes: {', '.join(own)}" if own else "it takes none"
            raise ParameterError(f"{kind} {name!r} has no parameter {key!r}; {expected}.")
        own[key] = finite_number(value, f"{kind} {name!r}: {key}") if not isinstance(own[key], str) else value
    if own == entry.parameters:
        return table[name]
    chosen: R = replace(entry, parameters=own)
    return chosen


def _name_and_parameters(spec: Any, kind: str) -> tuple[str, dict[str, Any]]:
    if isinstance(spec, str):
        return spec, {}
    if isinstance(spec, (tuple, list)) and len(spec) == 2 and isinstance(spec[0], str) and isinstance(spec[1], dict):
        return spec[0], spec[1]
    raise ParameterError(
        f"{kind}={shown(spec)} cannot be read; write a name such as 'relu', or a name with its parameters: "
        f"('leaky_relu', {{'slope': 0.1}})."
    )


def spec_of(name: str, parameters: Mapping[str, Any]) -> str | tuple[str, dict[str, Any]]:
    """Return the specification that `choose` reads: the name, with its parameters if any.

    >>> spec_of("relu", {}), spec_of("leaky_relu", {"slope": 0.1})
    ('relu', ('leaky_relu', {'slope': 0.1}))
    """
    return (name, dict(parameters)) if parameters else name


def without_inherited(entry: R, table: Mapping[str, R], claims: Mapping[str, Sequence[str]]) -> R:
    """Return a user-defined record without the formulas of a built-in one that its functions do not compute.

    ``dataclasses.replace(built_in, loss=...)`` keeps the formulas of the old loss, which explanations would show.

    Parameters
    ----------
    entry, table
        The record, and the built-in ones.
    claims : dict
        For each field with a function, the fields with its formulas; the first tells whether they are inherited.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from glassnet.core.catalog.solvers import SOLVERS
    >>> mine = replace(SOLVERS["sgd"], step=lambda theta, grad, state, eta: (theta - 2 * eta * grad, state))
    >>> without_inherited(mine, SOLVERS, {"step": ("rules",)}).rules
    ()
    """
    default = {each.name: each.default for each in fields(cast(Any, entry))}
    stale = [
        name
        for function, formulas in claims.items()
        for known in table.values()
        if getattr(known, formulas[0]) is getattr(entry, formulas[0])
        and getattr(known, function) is not getattr(entry, function)
        for name in formulas
    ]
    return cast(R, replace(cast(Any, entry), **{name: default[name] for name in stale})) if stale else entry


def finite_number(value: Any, what: str) -> float:
    """Return a parameter as a finite number; `what` names it in the error message."""
    number = float(value) if not isinstance(value, bool) and isinstance(value, (int, float, Real)) else float("nan")
    if not abs(number) < float("inf"):
        raise ParameterError(f"{what} = {value!r} must be a finite number.")
    return value if type(value) is int else number
