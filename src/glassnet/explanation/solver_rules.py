"""The steps of every solver as lines of arithmetic: a letter, its formula, and its value for all parameters.

A formula is a template. ``{g}`` is the letter in symbols and the number, in parentheses where it is negative, with
numbers put in; ``{g:lead}`` opens a sum or a function and needs no parentheses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.explanation.numbers import factor, number

LETTERS = {
    "eta": "η", "mu": "μ", "rho": "ρ", "beta1": "β1", "beta2": "β2", "epsilon": "ε", "weight_decay": "λ",
}  # fmt: skip
MEMORY = {"velocity": "u_old", "squares": "s_old", "m": "m_old", "v": "v_old", "sizes": "size_old", "last": "g_old"}
"""What the fields of a solver's memory are called in its arithmetic, before the step."""


@dataclass(frozen=True)
class Rule:
    """One line of a step: ``letter = formula``."""

    letter: str
    formula: str
    value: Callable[[Any], Any]

    def in_symbols(self) -> str:
        """Return the formula in letters."""
        return self.formula.format_map(_Symbols())

    def with_numbers(self, values: Mapping[str, float]) -> str:
        """Return the formula with numbers put in."""
        return self.formula.format_map({name: _Number(value) for name, value in values.items()})


class _Symbol(str):
    def __format__(self, spec: str) -> str:
        return str(self)


class _Symbols(dict[str, _Symbol]):
    def __missing__(self, name: str) -> _Symbol:
        return _Symbol(LETTERS.get(name, name))


class _Number(float):
    def __format__(self, spec: str) -> str:
        return (number if spec == "lead" else factor)(float(self))


def _turn(q: Any) -> Any:
    """Grow where the gradient keeps its sign, shrink where it turned, else 1."""
    sign = np.sign(q["g"] * q["g_old"])
    return np.where(sign > 0, q["grow"], np.where(sign < 0, q["shrink"], 1.0))


_U = Rule("u", "{mu}·{u_old} - {eta}·{g}", lambda q: q["mu"] * q["u_old"] - q["eta"] * q["g"])
_M = Rule("m", "{beta1}·{m_old} + (1 - {beta1})·{g}", lambda q: q["beta1"] * q["m_old"] + (1.0 - q["beta1"]) * q["g"])
_V = Rule(
    "v", "{beta2}·{v_old} + (1 - {beta2})·{g}^2", lambda q: q["beta2"] * q["v_old"] + (1.0 - q["beta2"]) * q["g"] ** 2
)
_M_HAT = Rule("m_hat", "{m:lead} / (1 - {beta1}^{t})", lambda q: q["m"] / (1.0 - q["beta1"] ** q["t"]))
_V_HAT = Rule("v_hat", "{v:lead} / (1 - {beta2}^{t})", lambda q: q["v"] / (1.0 - q["beta2"] ** q["t"]))
_NADAM = Rule(
    "m_hat",
    "{beta1}·{m} / (1 - {beta1}^({t} + 1)) + (1 - {beta1})·{g} / (1 - {beta1}^{t})",
    lambda q: (
        q["beta1"] * q["m"] / (1.0 - q["beta1"] ** (q["t"] + 1)) + (1.0 - q["beta1"]) * q["g"]
        / (1.0 - q["beta1"] ** q["t"])
    ),
)  # fmt: skip
_ADAM = Rule(
    "new",
    "{old:lead} - {eta}·{m_hat} / (sqrt({v_hat:lead}) + {epsilon})",
    lambda q: q["old"] - q["eta"] * q["m_hat"] / (np.sqrt(q["v_hat"]) + q["epsilon"]),
)
_ADAMW = Rule(
    "new",
    "{old:lead} - {eta}·{weight_decay}·{old} - {eta}·{m_hat} / (sqrt({v_hat:lead}) + {epsilon})",
    lambda q: (
        q["old"] - q["eta"] * q["weight_decay"] * q["old"] - q["eta"] * q["m_hat"]
        / (np.sqrt(q["v_hat"]) + q["epsilon"])
    ),
)  # fmt: skip
_SCALED = Rule(
    "new",
    "{old:lead} - {eta}·{g} / (sqrt({s:lead}) + {epsilon})",
    lambda q: q["old"] - q["eta"] * q["g"] / (np.sqrt(q["s"]) + q["epsilon"]),
)
_GD = Rule("new", "{old:lead} - {eta}·{g}", lambda q: q["old"] - q["eta"] * q["g"])

RULES: dict[str, tuple[Rule, ...]] = {
    "gd": (_GD,),
    "sgd": (_GD,),
    "momentum": (_U, Rule("new", "{old:lead} + {u}", lambda q: q["old"] + q["u"])),
    "nesterov": (
        _U,
        Rule("new", "{old:lead} + {mu}·{u} - {eta}·{g}", lambda q: q["old"] + q["mu"] * q["u"] - q["eta"] * q["g"]),
    ),
    "adagrad": (Rule("s", "{s_old:lead} + {g}^2", lambda q: q["s_old"] + q["g"] ** 2), _SCALED),
    "rmsprop": (
        Rule(
            "s", "{rho}·{s_old} + (1 - {rho})·{g}^2", lambda q: q["rho"] * q["s_old"] + (1.0 - q["rho"]) * q["g"] ** 2
        ),
        _SCALED,
    ),
    "adam": (_M, _V, _M_HAT, _V_HAT, _ADAM),
    "adamw": (_M, _V, _M_HAT, _V_HAT, _ADAMW),
    "nadam": (_M, _V, _NADAM, _V_HAT, _ADAM),
    "rprop": (
        Rule("turn", "{grow} if {g}·{g_old} > 0, {shrink} if < 0, else 1", _turn),
        Rule(
            "size",
            "clip({size_old:lead}·{turn}, {smallest}, {largest})",
            lambda q: np.clip(q["size_old"] * q["turn"], q["smallest"], q["largest"]),
        ),
        Rule(
            "new",
            "{old:lead} - sign({g:lead})·{size}, as it is where the sign turned",
            lambda q: q["old"] - np.where(q["turn"] < 1, 0.0, np.sign(q["g"])) * q["size"],
        ),
    ),
}
