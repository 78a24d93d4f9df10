"""`Solver` and the table of all solvers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.core.catalog import optimizers as f
from glassnet.core.choices import choose, spec_of, without_inherited
from glassnet.core.expressions.dialects.text import text
from glassnet.core.own_functions import as_expected, call_own, copy_of, refuse_nameless
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

INIT = "init(theta, eta) -> state"
STEP = "step(theta, grad, state, *, eta, **parameters) -> (theta, state)"


@dataclass(frozen=True)
class Solver:
    """A solver: its initial state and step, its parameters, and its default learning rate.

    `rules` are the formulas of a step, used by explanations; empty for user-defined solvers.
    """

    name: str
    init: Callable[[Array, float], Any]
    step: Callable[..., tuple[Array, Any]]
    learning_rate: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    full_batch: bool = False  # whether it requires the gradient of all rows
    rules: tuple[f.Rule, ...] = ()
    when_to_use: str = ""

    def __post_init__(self) -> None:
        refuse_nameless("solver", self.name)

    @property
    def builtin_name(self) -> str:
        """The name if it is built in, else "": a user-defined one may bear any name."""
        own = SOLVERS.get(self.name)
        if own is self:
            return self.name
        if own is None or own.init is not self.init or own.step is not self.step:
            return ""
        return self.name if own.parameters.keys() == self.parameters.keys() else ""

    @property
    def is_builtin(self) -> bool:
        """Whether it is built in, with any values of its parameters, so that its name is enough to restore it."""
        return bool(self.builtin_name)

    @property
    def has_step(self) -> bool:
        """Whether a step can be shown as arithmetic: not for "lbfgs" and solvers without rules."""
        return bool(self.rules) and self.step is not _no_step

    @property
    def formula(self) -> str:
        """The formulas of a step as one text."""
        return "; ".join(f"{rule.letter} = {text(rule.formula)}" for rule in self.rules)

    def start(self, theta: Array, eta: float) -> Any:
        """Return the solver's state before the first step, at which the learning rate is `eta`."""
        if self.is_builtin:
            return self.init(theta, eta)
        return call_own(self.init, (theta,), eta, parameters={}, what=f"solver {self.name!r}", expected=INIT)

    def take_step(
        self, theta: Array, grad: Array, state: Any, *, eta: Array | float, parameters: Mapping[str, Any]
    ) -> tuple[Array, Any]:
        """Return the parameters and the state after one step; `parameters` are those of this step."""
        if self.is_builtin:
            return self.step(theta, grad, state, eta=eta, **parameters)
        what = f"solver {self.name!r}"
        settings = {**parameters, "eta": eta}
        after = call_own(self.step, (theta, grad), copy_of(state), parameters=settings, what=what, expected=STEP)
        if not isinstance(after, tuple) or len(after) != 2:
            raise ParameterError(
                f"{what} does not return a pair: its step gives a {type(after).__name__}. Expected {STEP}."
            )
        return as_expected(after[0], theta, what=what, part="step"), after[1]

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with its parameters if any, as stored in files."""
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
        Solver("lbfgs", f.gd_init, _no_step, 1.0, {"history": 20, "max_fun": 15_000}, True, f.LBFGS,
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
    if SOLVERS.get(entry.name) is entry:
        return entry
    if not entry.is_builtin:
        return without_inherited(entry, SOLVERS, {"step": ("rules",)})
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
        raise ParameterError(f"solver {entry.name!r}: history = {history} must be a whole number from 1; 20 is usual.")
    max_fun = entry.parameters.get("max_fun", 1)
    if not isinstance(max_fun, int) or max_fun < 1:
        raise ParameterError(
            f"solver {entry.name!r}: max_fun = {max_fun} must be a whole number from 1; 15000 is usual."
        )
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
    """Return a solver's formula, or only its differences from a solver above it in the table."""
    for other in SOLVERS.values():
        if other is entry:
            break
        own = [rule for rule in entry.rules if rule not in other.rules]
        if len(other.rules) == len(entry.rules) > 3 > len(own):
            return f"{other.name}, but {'; '.join(f'{rule.letter} = {text(rule.formula)}' for rule in own)}"
    return entry.formula
