"""Saves a fitted model to a file, atomically."""

import json
import os
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import Activation
from glassnet.errors import DataError, ModelFileError, ParameterError
from glassnet.estimators.files.agreement import check_agreement
from glassnet.estimators.files.content import KIND
from glassnet.estimators.files.records import read_description
from glassnet.estimators.files.restoring import restore_model
from glassnet.estimators.files.values import finite, plain
from glassnet.estimators.fitting.member import Member
from glassnet.files import write_atomically
from glassnet.tensor_files import to_bytes
from glassnet.training.saving.own_formulas import named_only
from glassnet.typing import Array

NOT_STORED = ("callback", "random_state", "n_jobs", "verbose")  # specific to the session or machine


def save(model: Any, path: str | os.PathLike[str], *, library: str) -> None:
    """Save a fitted model to `path`, atomically; `library` is the version of glassnet.

    Raises
    ------
    ParameterError
        If the model has a part that cannot be stored or loaded again.
    OSError
        If the folder does not exist or is not writable.
    """
    from safetensors import SafetensorError

    theta = np.concatenate([member.network.theta for member in model.members_])
    text = strict_json(describe_model(model, library))
    try:
        content = to_bytes(KIND, text, {"theta": theta})
    except SafetensorError as error:
        raise ParameterError(
            f"this model cannot be written to a file: its description has {len(text):,} bytes ({error}); "
            f"try fewer columns, or pickle."
        ) from None
    _check_readable(model, text, theta)
    write_atomically(Path(path), content, example="model.glassnet")


def describe_model(model: Any, library: str) -> dict[str, Any]:
    """Return the description of a fitted estimator, without `theta`; `library` is the version of glassnet."""
    network = model.network_
    return {
        "library": library,
        "estimator": type(model).__name__,
        "parameters": {k: plain(v) for k, v in _parameters(model).items() if k not in NOT_STORED},
        "own_activations": sorted(own_activations(model)),
        "network": {
            "sizes": list(network.sizes),
            "activations": [plain(sigma) for sigma in network.activation],
            "has_bias": [b is not None for b in network.b],
            "has_slope": [s is not None for s in network.slope],
            "front": None if network.front is None else _front(network.front),
        },
        "schema": None if model.schema_ is None else model.schema_.to_dict(),
        "encoder": model.encoder_.to_dict(),
        "target_encoder": model.target_encoder_.to_dict(),
        "target_name": getattr(model, "target_name_", None),
        "recipe": {k: plain(v) for k, v in model.recipe_.items() if k not in NOT_STORED},
        "members": [_describe_member(member) for member in model.members_],
        "report": finite(getattr(model, "report_", None)),
        "n_features_in": model.n_features_in_,
        "feature_names_in": [str(name) for name in getattr(model, "feature_names_in_", ())] or None,
        "data_fingerprint": model.data_fingerprint_,
    }


def _parameters(model: Any) -> dict[str, Any]:
    given: dict[str, Any] = model.get_params(deep=False)
    endless = given["n_iter_no_change"] == inf  # strict JSON has no infinity, and None means the same
    return {**given, "n_iter_no_change": None} if endless else given


def own_activations(model: Any) -> dict[str, Activation]:
    """Return the custom activations of a model, without those stored as formulas."""
    chosen = model.activation if isinstance(model.activation, list | tuple) else [model.activation]
    return named_only(sigma for sigma in (*model.network_.activation, *chosen) if isinstance(sigma, Activation))


def strict_json(description: dict[str, Any]) -> str:
    """Return a description as strict JSON, without non-finite numbers.

    Raises
    ------
    ParameterError
        If a part of it is not representable in JSON.
    """
    try:
        return json.dumps(description, allow_nan=False, ensure_ascii=True)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"this model cannot be written to a file: {error}; try pickle for custom objects."
        ) from error


def _check_readable(model: Any, text: str, theta: Array) -> None:
    """Check the contents as `load` will, so that a problem shows on saving instead of on loading."""
    if not np.isfinite(theta).all():
        raise ParameterError(
            "this model cannot be written to a file: its training diverged, and some of its parameters are not finite "
            "numbers; fit it again with a smaller learning_rate_init."
        )
    try:
        own, description = own_activations(model), read_description(text)
        check_agreement(description, theta, own)
        restore_model(type(model), description, theta, own)
    except (DataError, ModelFileError) as error:  # invalid columns raise DataError
        raise ParameterError(
            f"this model cannot be written to a file, because it could not be read again ({error}); try set_params "
            f"with the parameters that it was fitted with, or pickle."
        ) from None


def _front(front: Any) -> dict[str, Any]:
    return {"n_inputs": front.n_inputs, "embedded": list(front.embedded), "has_scaling": front.has_scaling}


def _describe_member(member: Member) -> dict[str, Any]:
    calibration = member.calibration
    return {
        "history": finite(member.history.to_dict()),
        "calibration": None if calibration is None else finite(calibration.to_dict()),
        "n_earlier": member.n_earlier,
        "n_seen": member.n_seen,
    }
