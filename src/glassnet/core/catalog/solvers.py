"""The record of one solver and the table of all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.core.catalog import optimizers as f
from glassnet.core.choices import choose, spec_of
from glassnet.core.expressions.dialects.text import text
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec


@dataclass(frozen=True)
class Solver:
    """A solver: how it starts and steps, its parameters, and the learning rate it likes.

    `rules` are the lines of the step's arithmetic, from which every explanation is written; none for one of your own.
    """

    name: str
    init: Callable[[Array, float], Any]
    step: Callable[..., tuple[Array, Any]]
    learning_rate: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    full_batch: bool = False  # whether it needs the gradient of all rows
    rules: tuple[f.Rule, ...] = ()
    when_to_use: str = ""

    @property
    def has_step(self) -> bool:
        """Whether a step is arithmetic that can be shown: not that of "lbfgs", nor of a solver without rules."""
        return bool(self.rules) and self.step is not _no_step

    @property
    def formula(self) -> str:
        """The lines of a step in one text."""
        return "; ".join(f"{rule.letter} = {text(rule.formula)}" for rule in self.rules)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with the parameters where there are any: what a file stores."""
        return spec_of(self.name, self.parameters)


def _no_step(*_: Any, **__: Any) -> tuple[Array, Any]:
    raise ParameterError("solver 'lbfgs' has no single step: it searches along a line; see glassnet.train.")


_ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

SOLVERS: dict[str, Solver] = {
    entry.name: entry
    for entry in (
        Solver("gd", f.gd_init, f.gd_step, 0.1, {}, True, f.GD, "all rows at every step, as by hand"),
        Solver("sgd", f.gd_init, f.gd_step, 0.1, {}, False, f.GD, "minibatches, nothing else"),
        Solver("momentum", f.momentum_init, f.momentum_step, 0.05, {"mu": 0.9}, False, f.MOMENTUM,
               "sgd that rolls through ravines"),
        Solver("nesterov", f.momentum_init, f.nesterov_step, 0.05, {"mu": 0.9}, False, f.NESTEROV,
               "momentum that looks ahead"),
        Solver("adagrad", f.squares_init, f.adagrad_step, 0.05, {"epsilon": 1e-10}, False, f.ADAGRAD,
               "rare features, sparse inputs"),
        Solver("rmsprop", f.squares_init, f.rmsprop_step, 0.001, {"rho": 0.9, "epsilon": 1e-8}, False, f.RMSPROP,
               "adagrad that forgets"),
        Solver("adam", f.adam_init, f.adam_step, 0.001, _ADAM, False, f.ADAM, "the usual first choice"),
        Solver("adamw", f.adam_init, f.adamw_step, 0.001, {**_ADAM, "weight_decay": 0.01}, False, f.ADAMW,
               "adam with decay that it does not rescale"),
        Solver("nadam", f.adam_init, f.nadam_step, 0.001, _ADAM, False, f.NADAM, "adam that looks ahead"),
        Solver("rprop", f.rprop_init, f.rprop_step, 0.01,
               {"shrink": 0.5, "grow": 1.2, "smallest": 1e-6, "largest": 50.0}, True, f.RPROP,
               "small data, all rows at once, no learning rate to tune"),
        Solver("lbfgs", f.gd_init, _no_step, 1.0, {"history": 10}, True, f.LBFGS,
               "small data, smooth costs; H comes from the last steps, eta from a line search"),
    )
}  # fmt: skip


def resolve_solver(spec: Spec) -> Solver:
    """Return the solver that `spec` names.

    Examples
    --------
    >>> resolve_solver(("momentum", {"mu": 0.5})).parameters["mu"]
    0.5
    """
    entry = choose(spec, SOLVERS, kind="solver", record=Solver)
    for name in ("mu", "rho", "beta1", "beta2"):
        if name in entry.parameters and not 0 <= entry.parameters[name] < 1:
            raise ParameterError(
                f"solver {entry.name!r}: {name} = {entry.parameters[name]} must lie in [0, 1); 0.9 is usual."
            )
    if not entry.parameters.get("epsilon", 1.0) > 0:
        raise ParameterError(f"solver {entry.name!r}: epsilon must be positive; 1e-8 is usual.")
    if entry.parameters.get("weight_decay", 0.0) < 0:
        raise ParameterError(f"solver {entry.name!r}: weight_decay must be a number from 0 upwards; 0.01 is usual.")
    history = entry.parameters.get("history", 1)
    if not isinstance(history, int) or history < 1:
        raise ParameterError(f"solver {entry.name!r}: history = {history} must be a whole number from 1; 10 is usual.")
    if "grow" in entry.parameters:
        _check_rprop(**entry.parameters)
    return entry


def _check_rprop(*, shrink: float, grow: float, smallest: float, largest: float) -> None:
    if not (0 < shrink < 1 < grow and 0 < smallest <= largest):
        raise ParameterError(
            f"solver 'rprop' needs 0 < shrink < 1 < grow and 0 < smallest <= largest, but has shrink = {shrink}, "
            f"grow = {grow}, smallest = {smallest}, largest = {largest}; 0.5, 1.2, 1e-6 and 50 are usual."
        )


def solvers() -> Listing:
    """Return the table of all solvers: formula of one step, default learning rate, parameters and when to use each.

    Returns
    -------
    Listing
        One row per solver; prints itself.

    Examples
    --------
    >>> import glassnet as gn
    >>> gn.solvers()["momentum"]["formula"]
    'u = mu u_old - eta g; new = old + u'
    """
    return Listing(
        tuple(
            {
                "name": entry.name,
                "formula": _short(entry),
                "learning_rate": "by line search" if entry.name == "lbfgs" else f"{entry.learning_rate:g}",
                "parameters": ", ".join(f"{key}={value:g}" for key, value in entry.parameters.items()),
                "when_to_use": entry.when_to_use,
            }
            for entry in SOLVERS.values()
        )
    )


def _short(entry: Solver) -> str:
    """Return a solver's formula, or in which lines it differs from one above it in the table."""
    for other in SOLVERS.values():
        if other is entry:
            break
        own = [rule for rule in entry.rules if rule not in other.rules]
        if len(other.rules) == len(entry.rules) > 3 > len(own):
            return f"{other.name}, but {'; '.join(f'{rule.letter} = {text(rule.formula)}' for rule in own)}"
    return entry.formula
