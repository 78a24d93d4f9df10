"""The formulas of activations, costs and solvers as a spreadsheet writes them.

In the templates ``{z}``, ``{a}``, ``{t}`` ... stand for cells, ``{zs}`` and ``{es}`` for a layer's column of z and of
exp(z - max z); parameters are put in as numbers. Differences of large numbers are avoided as in `glassnet.core`.
"""

from collections.abc import Iterable, Mapping
from string import Formatter

from glassnet.core import activations as f
from glassnet.core.activation import Activation
from glassnet.core.costs import COSTS as CORE_COSTS
from glassnet.core.costs import Cost
from glassnet.errors import ParameterError
from glassnet.explanation.solver_rules import Rule

_SIGMOID = "IF({z}>=0,1/(1+EXP(-ABS({z}))),EXP(-ABS({z}))/(1+EXP(-ABS({z}))))"
# log(1 + x) for small x by its series, as a spreadsheet has no log1p
_LOG1P = "IF(EXP(-ABS({z}))<0.00001,EXP(-ABS({z}))-EXP(-ABS({z}))^2/2,LN(1+EXP(-ABS({z}))))"
_SOFTPLUS = f"(MAX({{z}},0)+{_LOG1P})"
_T = f"TANH({f.GELU_SLOPE!r}*({{z}}+{f.GELU_CUBIC!r}*{{z}}^3))"
_SELU = f.SELU_SCALE * f.SELU_ALPHA

ACTIVATIONS: Mapping[str, tuple[str, str]] = {
    "step": ("IF({z}>=0,1,0)", "0"),
    "identity": ("{z}", "1"),
    "sigmoid": (_SIGMOID, "{a}*(1-{a})"),
    "tanh": ("TANH({z})", "1-{a}*{a}"),
    "relu": ("MAX({z},0)", "IF({z}>0,1,0)"),
    "leaky_relu": ("IF({z}>0,{z},{slope}*{z})", "IF({z}>0,1,{slope})"),
    "elu": ("IF({z}>=0,{z},{alpha}*(EXP(-ABS({z}))-1))", "IF({z}>0,1,{a}+{alpha})"),
    "selu": (
        f"IF({{z}}>=0,{f.SELU_SCALE!r}*{{z}},{_SELU!r}*(EXP(-ABS({{z}}))-1))",
        f"IF({{z}}>0,{f.SELU_SCALE!r},{{a}}+{_SELU!r})",
    ),
    "gelu": (
        f"0.5*{{z}}*(1+{_T})",
        f"0.5*(1+{_T})+0.5*{{z}}*(1-{_T}^2)*{f.GELU_SLOPE!r}*(1+{3 * f.GELU_CUBIC!r}*{{z}}^2)",
    ),
    "silu": (f"{{z}}*{_SIGMOID}", f"{_SIGMOID}+{{a}}*(1-{_SIGMOID})"),
    "mish": (f"{{z}}*TANH({_SOFTPLUS})", f"TANH({_SOFTPLUS})+{{z}}*(1-TANH({_SOFTPLUS})^2)*{_SIGMOID}"),
    "softplus": (_SOFTPLUS, _SIGMOID),
    "softsign": ("{z}/(1+ABS({z}))", "1/(1+ABS({z}))^2"),
    "hard_sigmoid": ("MIN(MAX({z}/6+0.5,0),1)", "IF(ABS({z})<3,1/6,0)"),
    "softmax": ("{e}/SUM({es})", ""),
}

COSTS: Mapping[str, tuple[str, str]] = {
    "error": ("{t}-{a}", "-1"),
    "absolute_error": ("ABS({t}-{a})", "SIGN({a}-{t})"),
    "half_squared_error": ("0.5*({t}-{a})^2", "{a}-{t}"),
    "squared_error": ("({t}-{a})^2", "2*({a}-{t})"),
    "huber": (
        "IF(ABS({a}-{t})<={delta},0.5*({a}-{t})^2,{delta}*(ABS({a}-{t})-0.5*{delta}))",
        "MAX(MIN({a}-{t},{delta}),-{delta})",
    ),
    "binary_cross_entropy": (
        "IF({t}=0,0,-{t}*LN({a}))+IF({t}=1,0,-(1-{t})*LN(1-{a}))",
        "({a}-{t})/({a}*(1-{a}))",
    ),
    "cross_entropy": ("IF({t}=0,0,-{t}*LN({a}))", "-{t}/{a}"),
    "poisson": ("{a}-IF({t}=0,0,{t}*LN({a}))", "1-{t}/{a}"),
    "pinball": (
        "IF({t}>={a},{quantile}*({t}-{a}),(1-{quantile})*({a}-{t}))",
        "IF({t}={a},0,IF({t}>{a},-{quantile},1-{quantile}))",
    ),
}

COMBINED: Mapping[tuple[str, str], str] = {
    ("sigmoid", "binary_cross_entropy"): f"MAX({{z}},0)-{{t}}*{{z}}+{_LOG1P}",
    ("softmax", "cross_entropy"): "{t}*(LN(SUM({es}))-({z}-MAX({zs})))",
}
"""Losses computed from z, which stay exact where an output rounds to 0 or 1."""

_OWN_RULES: Mapping[str, str] = {
    "turn": "IF({g}*{g_old}>0,{grow},IF({g}*{g_old}<0,{shrink},1))",
    "size": "MIN(MAX({size_old}*{turn},{smallest}),{largest})",
    "rprop new": "{old}-IF({turn}<1,0,SIGN({g}))*{size}",
}


def activation_formula(sigma: Activation, cells: Mapping[str, str]) -> str:
    """Return the formula of an activation.

    >>> from glassnet.core.activation import ACTIVATIONS
    >>> activation_formula(ACTIVATIONS["leaky_relu"], {"z": "B4"})
    'IF(B4>0,B4,0.01*B4)'
    """
    return ACTIVATIONS[sigma.name][0].format_map({**_numbers(sigma.parameters), **cells})


def derivative_formula(sigma: Activation, cells: Mapping[str, str]) -> str:
    """Return the formula of an activation's derivative; softmax, which mixes its layer, has none of its own."""
    return ACTIVATIONS[sigma.name][1].format_map({**_numbers(sigma.parameters), **cells})


def loss_formula(sigma: Activation, cost: Cost, cells: Mapping[str, str]) -> str:
    """Return the formula of one output's loss."""
    template = COMBINED.get((sigma.name, cost.name)) or COSTS[cost.name][0]
    return template.format_map({**_numbers(cost.parameters), **cells})


def cost_derivative_formula(cost: Cost, cells: Mapping[str, str]) -> str:
    """Return the formula of ``∂loss/∂output``."""
    return COSTS[cost.name][1].format_map({**_numbers(cost.parameters), **cells})


def rule_template(solver: str, rule: Rule) -> str:
    """Return one line of a solver's step, with a field for the cell of each letter.

    >>> from glassnet.explanation.solver_rules import RULES
    >>> rule_template("gd", RULES["gd"][0])
    '{old}-{eta}*{g}'
    """
    own = _OWN_RULES.get(f"{solver} {rule.letter}") or _OWN_RULES.get(rule.letter)
    if own is not None:
        return own
    return rule.formula.replace(":lead", "").replace("·", "*").replace("sqrt", "SQRT").replace(" ", "")


def fields(template: str) -> list[str]:
    """Return the letters that a template has fields for.

    >>> fields("{old}-{eta}*{g}")
    ['old', 'eta', 'g']
    """
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))


def check_formulas(activations: Iterable[Activation], cost: Cost | None) -> None:
    """Refuse functions of the user's own, which a spreadsheet cannot compute."""
    for sigma in activations:
        if not sigma.is_builtin:
            raise ParameterError(
                f"activation {sigma.name!r} is your own, and a spreadsheet has no formula for it; try to_html()."
            )
    if cost is not None and (cost.name not in COSTS or cost.loss is not CORE_COSTS[cost.name].loss):
        raise ParameterError(f"cost {cost.name!r} is your own, and a spreadsheet has no formula for it; try to_html().")


def _numbers(parameters: Mapping[str, object]) -> dict[str, str]:
    return {name: repr(float(value)).upper() for name, value in parameters.items() if isinstance(value, int | float)}
