"""One weight: the factors of the chain rule by name, and its step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.core.catalog.losses import COMBINED_DELTA
from glassnet.core.catalog.optimizers import Rule
from glassnet.core.expressions.dialect import SUM
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.signs import Partial, Value
from glassnet.core.expressions.tree import Expression, Letter, replaced
from glassnet.core.records import ByLayer
from glassnet.core.slope import DF_DZ, SLOPE_BACKWARD
from glassnet.errors import ParameterError
from glassnet.escaping import visible
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.parts.update import Update
from glassnet.explanation.subject.notation import Notation, Place
from glassnet.explanation.words.formulas import (
    cost_derivative_formula,
    cost_derivative_with_numbers,
    derivative_formula,
    derivative_with_numbers,
    of_f,
    slope_backward_with_numbers,
)
from glassnet.explanation.words.letters import ONWARD, remaining, total
from glassnet.explanation.words.numbers import factor, minuend, number
from glassnet.files import strict


@dataclass(frozen=True, eq=False)
class WorkedWeight:
    """The arithmetic of one weight: ``∂E/∂w = ∂E/∂a · ∂a/∂z · ∂z/∂w``, and the solver's step.

    Attributes
    ----------
    symbol, words : str
        Its names, such as "w10" and "hidden1.1 -> output1".
    place : Place
        Its layer and position in ``W[layer]``.
    value : float
        The weight.
    dE_da, da_dz : float or None
        The first two factors of the chain rule; None if they exist only as a product.
    delta : float
        Their product, the error signal of the neuron it leads into.
    dz_dw : float
        The incoming value; 1 for a bias.
    gradient : float
        ``∂E/∂w``.
    step : dict of str to float
        The value of every letter of the solver's step for this weight.
    """

    symbol: str
    words: str
    place: Place
    value: float
    dE_da: float | None
    da_dz: float | None
    delta: float
    dz_dw: float
    gradient: float
    step: Mapping[str, float]
    layer: BackwardLayer
    rules: tuple[Rule, ...]
    incoming: str

    @property
    def new(self) -> float:
        """The weight after the step."""
        return self.step["new"]

    def lines(self) -> list[tuple[str, ...]]:
        """Return the arithmetic as chains of equal members: ("∂z/∂w10", "hidden1.1", "0.731059")."""
        symbol = self._letter()
        name, z = self._neuron()
        dE_dw, dz_dw = f"∂E/∂{symbol}", f"∂{z}/∂{symbol}"
        lines: list[tuple[str, ...]] = [(self._title(), number(self.value))]
        last = (dz_dw, self.incoming, number(self.dz_dw)) if self.place.k is not None else (dz_dw, "1")
        if self.dE_da is None or self.da_dz is None:
            dE_dz = f"∂E/∂{z}"
            lines += [(dE_dw, f"{dE_dz} · {dz_dw}"), self._delta(dE_dz), last]
            factors = [number(self.delta), factor(self.dz_dw)]
        else:
            lines.append((dE_dw, f"∂E/∂{name} · ∂{name}/∂{z} · {dz_dw}"))
            lines += [self._arrived(f"∂E/∂{name}"), *self._derivative(name, z), last]
            factors = [number(self.dE_da), factor(self.da_dz), factor(self.dz_dw)]
        lines.append((dE_dw, " · ".join(factors), number(self.gradient)))
        for rule in self.rules:
            letter = f"new {symbol}" if rule.letter == "new" else rule.letter
            lines.append((letter, rule.in_symbols(), rule.with_numbers(self.step), number(self.step[rule.letter])))
        return [_without_repeats(line) for line in lines]

    def to_text(self) -> str:
        """Return the arithmetic in lines."""
        return "\n".join(visible(" = ".join(line)) for line in self.lines())

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as strict JSON in full precision."""
        record: dict[str, Any] = strict(
            {
                "weight": self.symbol, "words": self.words, "layer": self.place.layer, "j": self.place.j,
                "k": self.place.k, "value": self.value, "dE_da": self.dE_da, "da_dz": self.da_dz,
                "delta": self.delta, "dz_dw": self.dz_dw, "gradient": self.gradient, "step": dict(self.step),
            }
        )  # fmt: skip
        return record

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"WorkedWeight {visible(self._title())} = {number(self.value)}: gradient {number(self.gradient)}"

    def _neuron(self) -> tuple[str, str]:
        """Return the names of the neuron's a and z: by its name, or a9 and z9 with numbered neurons."""
        notation = self.layer.notation
        if notation.kind != "from_to":
            return self.layer.names[self.place.j], "z"
        a = notation.incoming(self.place.layer, self.place.j)
        return a, f"z{a[1:]}"

    def _letter(self) -> str:
        """Return a short name of the weight for formulas."""
        if self.symbol != self.words:
            return self.symbol
        return "b" if self.place.k is None else "w"

    def _title(self) -> str:
        return self.words if self.symbol == self.words else f"{self.symbol} ({self.words})"

    def _arrived(self, head: str) -> tuple[str, ...]:
        """Return ``∂E/∂a``: the cost's derivative, or the sum over the outgoing connections."""
        layer, j = self.layer, self.place.j
        if layer.cost is not None and layer.target is not None:
            words = written(cost_derivative_with_numbers(layer.cost, float(layer.a[j]), float(layer.target[j])))
            return (head, written(cost_derivative_formula(layer.cost)), words, number(self.dE_da or 0.0))
        return (head, *downstream(layer, j), number(self.dE_da or 0.0))

    def _derivative(self, name: str, z: str) -> list[tuple[str, ...]]:
        """Return ``∂a/∂z``; with a learned slope, first the derivative of the activation function."""
        layer, j, slope = self.layer, self.place.j, self.layer.slope
        assert layer.df_dz is not None
        df_dz = float(layer.df_dz[j])
        words = written(derivative_with_numbers(layer.activation, float(layer.z[j]), float(layer.f[j])))
        formula, end = derivative_formula(layer.activation), (words, number(df_dz))
        if slope is None:
            return [(f"∂{name}/∂{z}", written(formula), *end)]
        with_numbers = written(slope_backward_with_numbers(float(slope[j]), df_dz))
        by_z = written(replaced(SLOPE_BACKWARD, DF_DZ, Partial(Letter("f"), Letter(z))))
        return [
            (f"∂f/∂{z}", written(of_f(formula, layer.activation)), *end),
            (f"∂{name}/∂{z}", by_z, with_numbers, number(self.da_dz or 0.0)),
        ]

    def _delta(self, head: str) -> tuple[str, ...]:
        layer, j = self.layer, self.place.j
        if layer.is_combined and layer.target is not None:
            words = f"{minuend(float(layer.a[j]), self.delta)} - {factor(float(layer.target[j]))}"
            return (head, written(COMBINED_DELTA), words, number(self.delta))
        return (head, number(self.delta))


def worked_weight(
    notation: Notation, backward: ByLayer[BackwardLayer] | None, step: Update | None, address: str
) -> WorkedWeight:
    """Return the arithmetic of the weight with this address."""
    if backward is None or step is None:
        raise ParameterError("a weight's gradient and step need a target, but none was given; pass target=...")
    place = notation.place(address)
    l, j, k = place.layer, place.j, place.k
    layer = backward[l]
    values = step.at(l, j, k)
    dE_da, da_dz = (None if of is None else float(of[j]) for of in (layer.dE_da, layer.da_dz))
    return WorkedWeight(
        symbol=notation.weight(l, j, k),
        words=notation.words(l, j, k),
        place=place,
        value=values["old"],
        dE_da=dE_da,
        da_dz=da_dz,
        delta=float(layer.delta[j]),
        dz_dw=1.0 if k is None else float(layer.a_in[k]),
        gradient=float(layer.delta[j] if k is None else layer.dW[j, k]),
        step=values,
        layer=layer,
        rules=step.rules,
        incoming="1" if k is None else _incoming(notation, l, k),
    )


def _incoming(notation: Notation, l: int, k: int) -> str:
    name = notation.incoming(l - 1, k)
    return f"a of {name}" if notation.kind == "names" else name


def downstream(layer: BackwardLayer, j: int, shown: int = 6) -> tuple[str, str]:
    """Return a hidden neuron's ``∂E/∂a`` in symbols and as the sum over its outgoing connections."""
    neuron = layer.at(j)
    largest, rest = neuron.largest(shown)
    terms = neuron.terms if len(largest) == len(neuron.terms) else largest
    summands: list[Expression] = [Value(term.weight) * Value(term.value) for term in terms]
    if len(terms) < len(neuron.terms):
        summands.append(remaining(rest, len(neuron.terms) - len(terms)))
    return written(ONWARD), written(total(summands), SUM)


def _without_repeats(line: tuple[str, ...]) -> tuple[str, ...]:
    """Drop members that repeat the previous one, such as a formula that is a number."""
    kept = [member for i, member in enumerate(line) if i == 0 or member.strip("()") != line[i - 1].strip("()")]
    return tuple(kept)
