"""`Fault`: a kind of fault, and what the makers of faults share."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.losses import fresh_losses

PLAIN: dict[str, Any] = dict(preset="plain", hidden_layer_sizes=(32,), activation="relu", max_iter=60)
HARM = 1.2  # times the cost on fresh rows from which on damage is a fault

Maker = Callable[[Rows, int, Any], Case | None]


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes
    ----------
    name : str
    rules : tuple of str
        Any of them is a hit.
    where : str
        Text that the place of the finding must have; empty if there is no place. `Case.broken` says more.
    level : "error", "warning" or "note"
        How bad it is.
    make : callable
        ``make(rows, seed, strength)`` gives the broken case, or None if the table does not allow the fault, or is not
        harmed by it.
    strengths : tuple
    also : tuple of str
        Rules whose findings are consequences of the fault, though they do not name it.
    """

    name: str
    rules: tuple[str, ...]
    where: str
    level: Literal["error", "warning", "note"]
    make: Maker
    strengths: tuple[Any, ...]
    also: tuple[str, ...] = ()


def plain(rows: Rows, seed: int, **settings: Any) -> Case:
    """Return a small network of scaled numbers without preset."""
    return fitted(numeric(rows), seed, **{**PLAIN, **settings})


def with_weights(
    case: Case, change: Callable[[list[np.ndarray], list[np.ndarray]], None], must_harm: bool = False
) -> Case | None:
    """Return the case with other weights: `change` edits the lists of weights (n_out, n_in) and biases in place."""
    model, network = copy(case.model), case.model.network_
    theta = np.array(network.theta)
    W = [network.layout.view(theta, l, "W") for l in range(1, network.n_layers + 1)]
    b = [network.layout.view(theta, l, "b") for l in range(1, network.n_layers + 1)]
    change(W, b)
    model.members_ = (replace(model.members_[0], network=network.with_theta(theta)),)
    found = replace(case, model=model, refit=None)  # a fit of the same settings would not have the damage
    return None if must_harm and not is_harmed(found, case) else found


def is_harmed(case: Case, healthy: Case) -> bool:
    """Return whether a case is much worse on the fresh rows than a healthy one, or gives no numbers."""
    return not fresh_losses(case).mean() < HARM * fresh_losses(healthy).mean()
