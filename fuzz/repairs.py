"""Repairs to a changed description, so that it gets past the lengths that no longer fit, and further into glassnet."""

import random
from typing import Any

import numpy as np

from glassnet.core.front import Front
from glassnet.core.layout import Layout
from glassnet.data.agreement import n_outputs
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.records import TargetRecord, decoded

MOST_PARAMETERS = 200_000


def repair(description: Any) -> None:
    """Make widths and names follow the encoder and the target, where these can still be read."""
    try:
        _columns(description)
        network = description["network"]
        n_inputs = Encoder.from_dict(description["encoder"]).n_inputs
        if network["front"]:
            network["front"]["n_inputs"] = n_inputs
            network["sizes"][0] = _front(network).n_outputs
        else:
            network["sizes"][0] = n_inputs
        network["sizes"][-1] = n_outputs(decoded(description["target_encoder"], TargetRecord))
    except Exception:  # it is past repair, which is fine
        return


def _columns(description: Any) -> None:
    steps, schema = description["encoder"]["steps"], description["schema"]
    if schema is None or schema["is_array"]:
        description["n_features_in"] = len(steps)
    if schema is None:
        return
    for step, column in zip(steps, schema["columns"], strict=False):
        column["name"] = step["name"]
        if step["type"] == "levels":
            column["levels"], column["n_distinct"] = step["levels"], max(column["n_distinct"], len(step["levels"]))


def fitting_parameters(description: Any, theta: Any, rng: random.Random) -> Any:
    """Return as many parameters as the changed network needs, or those that it had."""
    try:
        network = description["network"]
        sizes = [int(size) for size in network["sizes"]]
        if max(sizes) > MOST_PARAMETERS or len(sizes) > 1000:
            return theta
        layout = Layout.dense(sizes, network["has_bias"], _front(network), network["has_slope"])
        n = layout.n_params * len(description["members"])
    except Exception:
        return theta
    draw = np.random.default_rng(rng.getrandbits(32))
    return draw.normal(size=n).astype(theta.dtype) if 0 < n < MOST_PARAMETERS else theta


def _front(network: Any) -> Any:
    record = network["front"]
    return record and Front(int(record["n_inputs"]), tuple(record["embedded"]), record["has_scaling"])
