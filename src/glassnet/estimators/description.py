"""A fitted estimator as plain data for a file, and back."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from glassnet.core.activation import Activation
from glassnet.core.costs import Cost
from glassnet.core.front import Front
from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.core.solvers import Solver
from glassnet.data.encoder import Encoder
from glassnet.data.schema import Schema
from glassnet.data.targets import TargetEncoder
from glassnet.errors import ModelFileError, ParameterError
from glassnet.estimators.calibration import Calibration
from glassnet.estimators.member import Member
from glassnet.estimators.recipe import PLAIN
from glassnet.training.history import History
from glassnet.typing import Array

NOT_STORED = ("callback", "random_state")  # they belong to the session, not to the model


def describe_model(model: Any, library: str) -> dict[str, Any]:
    """Return everything a fitted estimator is but its parameters `theta`; `library` is the version that wrote it."""
    network: Network = model.network_
    chosen = model.activation if isinstance(model.activation, list | tuple) else [model.activation]
    used = [sigma for sigma in (*network.activation, *chosen) if isinstance(sigma, Activation)]
    own = sorted({sigma.name for sigma in used if not sigma.is_builtin and sigma.source is None})
    return {
        "library": library,
        "estimator": type(model).__name__,
        "parameters": {k: _plain(v) for k, v in model.get_params(deep=False).items() if k not in NOT_STORED},
        "own_activations": own,
        "network": {
            "sizes": list(network.sizes),
            "activations": [_plain(sigma) for sigma in network.activation],
            "has_bias": [b is not None for b in network.b],
            "has_slope": [s is not None for s in network.slope],
            "front": None if network.front is None else asdict(network.front),
        },
        "schema": None if model.schema_ is None else model.schema_.to_dict(),
        "encoder": model.encoder_.to_dict(),
        "target_encoder": model.target_encoder_.to_dict(),
        "target_name": getattr(model, "target_name_", None),
        "recipe": {k: _plain(v) for k, v in model.recipe_.items() if k not in NOT_STORED},
        "members": [_describe_member(member) for member in model.members_],
        "report": _finite(getattr(model, "report_", None)),
        "n_features_in": model.n_features_in_,
        "feature_names_in": [str(name) for name in getattr(model, "feature_names_in_", ())] or None,
        "data_fingerprint": model.data_fingerprint_,
    }


def restore_model(description: Mapping[str, Any], theta: Array, activations: Mapping[str, Activation]) -> Any:
    """Return the fitted estimator that `describe_model` described."""
    model = _class_of(description["estimator"])(
        **{k: _back(v, activations) for k, v in description["parameters"].items()}
    )
    schema = description["schema"]
    model.schema_ = None if schema is None else Schema.from_dict(schema)
    model.encoder_ = Encoder.from_dict(description["encoder"])
    model.target_encoder_ = TargetEncoder.from_dict(description["target_encoder"])
    parameters = model.get_params(deep=False)
    model.recipe_ = {
        **parameters,  # also those that a file from before them does not have: off, as in the plain preset
        **{name: value for name, value in PLAIN.items() if name in parameters},
        **{k: _back(v, activations) for k, v in description["recipe"].items()},
    }
    model.members_ = _members(description, theta, activations, model.recipe_)
    model.n_features_in_ = description["n_features_in"]
    model.data_fingerprint_ = description["data_fingerprint"]
    if description["feature_names_in"] is not None:
        model.feature_names_in_ = np.asarray(description["feature_names_in"], dtype=object)
    if description["target_name"] is not None:
        model.target_name_ = description["target_name"]
    if description["report"] is not None:
        model.report_ = _unfinite(description["report"])
    model._seed = 0  # of partial_fit: it goes on from the weights, with a new solver's memory
    _check_widths(model)
    return model


def _describe_member(member: Member) -> dict[str, Any]:
    calibration = member.calibration
    return {
        "history": _finite(member.history.to_dict()),
        "calibration": None if calibration is None else _finite(calibration.to_dict()),
    }


def _members(
    description: Mapping[str, Any], theta: Array, activations: Mapping[str, Activation], recipe: Mapping[str, Any]
) -> tuple[Member, ...]:
    """Return the networks with their histories; `theta` holds their parameters one after the other."""
    records = description.get("members") or [{"history": description["history"]}]  # files from before ensembles
    members = []
    for record, part in zip(records, _parts(theta, len(records)), strict=True):
        calibration = record.get("calibration")
        members.append(
            Member(
                _network(description["network"], part, activations).with_rates(
                    recipe["rates"], biases=recipe["bias_rate"]
                ),
                History.from_dict(_unfinite(record["history"])),
                None if calibration is None else Calibration.from_dict(_unfinite(calibration)),
            )
        )
    return tuple(members)


def _parts(theta: Array, n_parts: int) -> list[Array]:
    if theta.shape[0] % n_parts:
        raise ModelFileError(
            f"the file has {theta.shape[0]} parameters for {n_parts} networks alike; use a copy of the file."
        )
    return np.split(theta, n_parts)


def _class_of(name: str) -> Any:
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.regressor import GlassRegressor

    classes: dict[str, Any] = {"GlassClassifier": GlassClassifier, "GlassRegressor": GlassRegressor}
    if name not in classes:
        raise ModelFileError(f"the file holds a {name!r}; expected one of: {', '.join(classes)}.")
    return classes[name]


def _network(record: Mapping[str, Any], theta: Array, activations: Mapping[str, Activation]) -> Network:
    sizes = tuple(int(size) for size in record["sizes"])
    has_slope = record.get("has_slope", [False] * (len(sizes) - 1))  # files from before slopes have none
    if not len(record["has_bias"]) == len(has_slope) == len(record["activations"]) == len(sizes) - 1 or has_slope[-1]:
        raise ModelFileError("the file's layers do not fit each other; use a copy of the file.")
    front = _front(record.get("front"))  # files from before fronts have none
    if front is not None and front.n_outputs != sizes[0]:
        raise ModelFileError(
            f"the file's front makes {front.n_outputs} numbers, but its network takes {sizes[0]}; "
            f"use a copy of the file."
        )
    layout = Layout.dense(sizes, record["has_bias"], front, has_slope)
    if layout.n_params != theta.shape[0]:
        raise ModelFileError(
            f"the file has {theta.shape[0]} parameters, but its network {'-'.join(map(str, sizes))} needs "
            f"{layout.n_params}; use a copy of the file."
        )
    sigmas: ByLayer[Activation] = ByLayer(
        [_back(sigma, activations) for sigma in record["activations"]], name="activation"
    )
    return Network(sizes, sigmas, theta, layout, front)


def _front(record: Mapping[str, Any] | None) -> Front | None:
    if record is None:
        return None
    front = Front(int(record["n_inputs"]), tuple(int(k) for k in record["embedded"]), bool(record["has_scaling"]))
    if not all(0 <= k < front.n_inputs for k in front.embedded):
        raise ModelFileError(
            f"the file's front embeds columns {list(front.embedded)} of {front.n_inputs}; use a copy of the file."
        )
    return front


def _check_widths(model: Any) -> None:
    given = (model.encoder_.n_inputs, model.target_encoder_.n_out)
    if given != (model.network_.n_inputs, model.network_.sizes[-1]):
        raise ModelFileError("the file's encoders do not fit its network; use a copy of the file.")


def _plain(value: Any) -> Any:
    """Return a parameter as JSON that `_back` understands: records by name, tuples and NumPy numbers marked."""
    if isinstance(value, Activation):
        own = {} if value.source is None else {"formula": value.source, "range": _ends(value.range)}
        return {"activation": value.name, "parameters": dict(value.parameters), **own}
    if isinstance(value, Cost) and not value.is_builtin:
        return _plain_cost(value)
    if isinstance(value, (Cost, Solver)):
        return _plain(value.spec)
    if isinstance(value, tuple):
        return {"tuple": [_plain(item) for item in value]}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[_plain(key), _plain(item)] for key, item in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    return value


def _plain_cost(cost: Cost) -> dict[str, Any]:
    if cost.source is None:
        raise ParameterError(
            f"this model cannot be written to a file: its cost {cost.name!r} is made of functions of your own; try "
            f"gn.Cost.from_formula, or pickle."
        )
    ends = {"outputs": _ends(cost.outputs), "targets": _ends(cost.targets)}
    return {"cost": cost.name, "parameters": dict(cost.parameters), "formula": cost.source, **ends}


def _ends(interval: tuple[float, float]) -> list[float | None]:
    """Return the ends of an interval as strict JSON: None where there is none."""
    return [float(end) if np.isfinite(end) else None for end in interval]


def _interval(ends: Any) -> tuple[float, float]:
    low, high = ends
    return (-np.inf if low is None else low, np.inf if high is None else high)


def _from_formula(value: Mapping[str, Any]) -> Activation | Cost:
    """Return the activation or the cost that a file holds as a formula."""
    try:
        if "cost" in value:
            return Cost.from_formula(
                value["cost"], value["formula"], parameters=value["parameters"],
                outputs=_interval(value["outputs"]), targets=_interval(value["targets"]),
            )  # fmt: skip
        return Activation.from_formula(
            value["activation"], value["formula"], parameters=value["parameters"], range=_interval(value["range"])
        )
    except ParameterError as error:
        raise ModelFileError(f"the file holds a formula that cannot be used: {error}") from None


def _back(value: Any, activations: Mapping[str, Activation]) -> Any:
    if isinstance(value, list):
        return [_back(item, activations) for item in value]
    if not isinstance(value, dict):
        return value
    if "tuple" in value:
        return tuple(_back(item, activations) for item in value["tuple"])
    if "dict" in value:
        return {_back(key, activations): _back(item, activations) for key, item in value["dict"]}
    if "formula" in value:
        return _from_formula(value)
    sigma = activations[value["activation"]]
    if set(value["parameters"]) != set(sigma.parameters):
        raise ModelFileError(
            f"the file's activation {sigma.name!r} has the parameters {sorted(value['parameters'])}, "
            f"but here it has {sorted(sigma.parameters)}; use the version that the model was saved with."
        )
    return replace(sigma, parameters=value["parameters"])


def _finite(value: Any) -> Any:
    """Return plain data with numbers that are not finite as text, since strict JSON has no such numbers."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def _unfinite(value: Any) -> Any:
    if isinstance(value, list):
        return [_unfinite(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"float"}:
        return float(value["float"])
    return {key: _unfinite(item) for key, item in value.items()}
