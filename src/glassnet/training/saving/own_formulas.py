"""Custom activations and costs stored as formulas, which core's bounded parser reads."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import ACTIVATIONS, Activation
from glassnet.core.catalog.costs import Cost
from glassnet.data.agreement import shortened
from glassnet.errors import ModelFileError, ParameterError
from glassnet.training.saving.formula_records import ActivationRecord, CostRecord, Ends


def plain_activation(sigma: Activation) -> dict[str, Any]:
    """Return an activation as JSON: its name, and its formula if it has one.

    Raises
    ------
    ParameterError
        If it is a custom one without a formula, under the name of a built-in one.
    """
    if sigma.source is None and not sigma.is_builtin:
        refuse_builtin_name("activation", sigma, ACTIVATIONS)
    own = {} if sigma.source is None else {"formula": sigma.source, "range": _ends(sigma.range)}
    return {"activation": sigma.name, "parameters": dict(sigma.parameters), **own}


def plain_cost(cost: Cost) -> dict[str, Any]:
    """Return a custom cost as JSON.

    Raises
    ------
    ParameterError
        If it is defined by functions, which cannot be stored.
    """
    if cost.source is None:
        raise ParameterError(
            f"this model cannot be written to a file: its cost {cost.name!r} is defined by functions; try "
            f"gn.Cost.from_formula, or pickle."
        )
    ends = {"outputs": _ends(cost.outputs), "targets": _ends(cost.targets)}
    return {"cost": cost.name, "parameters": dict(cost.parameters), "formula": cost.source, **ends}


def refuse_builtin_name(kind: str, own: Activation | Cost, table: Mapping[str, Any]) -> None:
    """Refuse to store functions by a name that is read as a built-in one."""
    if own.name in table:
        raise ParameterError(
            f"your own {kind} {own.name!r} cannot be written to a file, which has only the name of functions, and this "
            f"name belongs to glassnet; give it another one, or define it with gn.{kind.capitalize()}.from_formula."
        )


def named_only(sigmas: Iterable[Activation]) -> dict[str, Activation]:
    """Return by name the activations of which files store no more than the name.

    Raises
    ------
    ParameterError
        If two of them share their name.
    """
    found: dict[str, Activation] = {}
    for sigma in sigmas:
        if sigma.is_builtin or sigma.source is not None:
            continue
        known = found.setdefault(sigma.name, sigma)
        if (known.function, known.derivative) != (sigma.function, sigma.derivative):
            raise ParameterError(
                f"two of your own activations are called {sigma.name!r}, and a file has only the name of functions; "
                f"give one of them another name."
            )
    return found


def activation_from(record: ActivationRecord) -> Activation:
    """Return the activation from a record with a formula."""
    try:
        assert record.formula is not None
        ends = _interval(record.range)
        return Activation.from_formula(record.activation, record.formula, parameters=record.parameters, range=ends)
    except ParameterError as error:
        raise ModelFileError(f"the file has an invalid formula: {error}") from None


def activation_of(record: ActivationRecord, own: Mapping[str, Activation]) -> Activation:
    """Return the activation that a file names.

    Raises
    ------
    ModelFileError
        If it is not known, or has other parameters here.
    """
    if record.formula is not None:
        return activation_from(record)
    sigma = ACTIVATIONS.get(record.activation) or own.get(record.activation)
    if sigma is None:
        raise ModelFileError(
            f"the file's activation {shortened(record.activation)} is not known; use a copy of the file."
        )
    if set(record.parameters) != set(sigma.parameters):
        raise ModelFileError(
            f"the file's activation {sigma.name!r} has the parameters {shortened(sorted(record.parameters))}, "
            f"but here it has {sorted(sigma.parameters)}; use the version that the model was saved with."
        )
    return replace(sigma, parameters=record.parameters)


def cost_from(record: CostRecord) -> Cost:
    """Return the cost from a record."""
    try:
        return Cost.from_formula(
            record.cost,
            record.formula,
            parameters=record.parameters,
            outputs=_interval(record.outputs),
            targets=_interval(record.targets),
        )
    except ParameterError as error:
        raise ModelFileError(f"the file has an invalid formula: {error}") from None


def _ends(interval: tuple[float, float]) -> list[float | None]:
    """Return the ends of an interval as strict JSON, with None for infinity."""
    return [float(end) if np.isfinite(end) else None for end in interval]


def _interval(ends: Ends | None) -> tuple[float, float]:
    low, high = ends or (None, None)
    return (-np.inf if low is None else low, np.inf if high is None else high)
