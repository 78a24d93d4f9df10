"""Conversion of parameters and numbers to strict JSON, and back."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Raw

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.solvers import Solver
from glassnet.core.front import FRONTS
from glassnet.errors import ParameterError
from glassnet.estimators.files.parameters import Marked, Parameters, TupleOf, Weights
from glassnet.training.saving.formula_records import ActivationRecord, CostRecord
from glassnet.training.saving.own_formulas import activation_of, cost_from, plain_activation, plain_cost


def plain(value: Any) -> Any:
    """Return a parameter as JSON for `restored`: records by name, tuples and dictionaries marked.

    >>> plain((64, 32)), plain({0: 1.0})
    ({'tuple': [64, 32]}, {'dict': [[0, 1.0]]})
    """
    if isinstance(value, Activation):
        return plain_activation(value)
    if isinstance(value, Cost) and not value.is_builtin:
        return plain_cost(value)
    if isinstance(value, Solver) and not value.is_builtin:
        raise ParameterError(
            f"this model cannot be written to a file: its solver {value.name!r} is defined by functions; fit it with "
            f"one of gn.solvers(), or use pickle."
        )
    if isinstance(value, (Cost, Solver)):
        return plain(value.spec)
    if isinstance(value, tuple):
        return {"tuple": [plain(item) for item in value]}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    return value


def restored_parameters(record: Parameters, own: Mapping[str, Activation]) -> dict[str, Any]:
    """Return the parameters present in a file, by name, without those of a machine."""
    given = {name: getattr(record, name) for name in record.__struct_fields__}
    front = given.pop("front")
    if front is not UNSET:
        given |= _settings_of(front)
    return {
        name: restored(value, own) for name, value in given.items() if value is not UNSET and not isinstance(value, Raw)
    }


def _settings_of(front: str | None) -> Mapping[str, Any]:
    """Return the two settings for `front`, their combination in older files."""
    if front is None:
        return {"numeric_embedding": None, "input_scaling": False}
    return FRONTS.get(front, {"numeric_embedding": front, "input_scaling": front})  # "auto" stands for both


def restored(value: Any, own: Mapping[str, Activation]) -> Any:
    """Return the parameter from the data of `plain`, decoded; `own` are the custom activations.

    >>> restored(TupleOf([64, 32]), {})
    (64, 32)
    """
    if isinstance(value, list):
        return [restored(item, own) for item in value]
    if isinstance(value, TupleOf):
        return tuple(value.tuple)
    if isinstance(value, Weights):
        return dict(value.dict)
    if not isinstance(value, Marked):
        return value
    if value.tuple is not UNSET:
        return tuple(restored(item, own) for item in value.tuple)
    if value.dict is not UNSET:
        return dict(value.dict)
    if value.cost is not UNSET:
        return cost_from(CostRecord(**value.given()))
    return activation_of(ActivationRecord(**value.given()), own)


def finite(value: Any) -> Any:
    """Return plain data with non-finite numbers as text, because strict JSON lacks them.

    >>> finite([1.0, float("nan")])
    [1.0, {'float': 'nan'}]
    """
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(float(value))}
    return value


def unfinite(value: Any) -> Any:
    """Return the plain data from the output of `finite`, given as JSON or as records.

    >>> unfinite([1.0, {"float": "nan"}])
    [1.0, nan]
    """
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, list):
        return [unfinite(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"float"} and value["float"] in ("nan", "inf", "-inf"):
        return float(value["float"])
    return {key: unfinite(item) for key, item in value.items()}
