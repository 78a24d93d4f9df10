"""Evaluation of formulas on arrays of any library."""

from collections.abc import Callable, Mapping
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression, Let, Letter, Number, Operation, Over, Same
from glassnet.typing import Array

NAN, INF = float("nan"), float("inf")


def evaluate(expression: Expression, values: Mapping[str, Any], indices: Mapping[str, int] | None = None) -> Any:
    """Return the value of a formula, given arrays or numbers for its letters.

    A letter with an index runs over the last axis of its array; `indices` selects one element of it.

    >>> from glassnet.core.expressions.tree import letters, where
    >>> z, slope = letters("z slope")
    >>> import numpy as np
    >>> evaluate(where(z > 0, z, slope * z), {"z": np.asarray([-2.0, 3.0]), "slope": 0.5})
    array([-1.,  3.])
    """
    arrays = [value for value in values.values() if hasattr(value, "dtype")]
    return _Evaluation(namespace(*arrays), arrays, values, indices or {}).of(expression)


class _Evaluation:
    def __init__(self, xp: Any, arrays: list[Array], values: Mapping[str, Any], indices: Mapping[str, int]) -> None:
        self.xp, self.arrays, self.values, self.indices = xp, arrays, dict(values), dict(indices)
        floats = [x for x in arrays if xp.isdtype(x.dtype, ("real floating", "complex floating"))]
        self.dtype = floats[0].dtype if floats else xp.float64

    def of(self, expression: Expression) -> Any:
        if isinstance(expression, (Number, Value)):
            return expression.value
        if isinstance(expression, Letter):
            return self._letter(expression)
        if isinstance(expression, Operation):
            return self._operation(expression)
        if isinstance(expression, Let):
            inner = _Evaluation(self.xp, self.arrays, self.values, self.indices)
            for letter, meaning in expression.meanings:
                inner.values[letter.name] = inner.of(meaning)
            return inner.of(expression.body)
        if isinstance(expression, Over):
            return self._over(expression)
        if isinstance(expression, Same):
            return 1.0 if self.indices[expression.first] == self.indices[expression.second] else 0.0
        raise TypeError(f"{type(expression).__name__} has no value")

    def _letter(self, letter: Letter) -> Any:
        value = self.values[letter.name]
        at = self.indices.get(letter.index)
        return value if at is None or not hasattr(value, "shape") else value[..., at : at + 1]

    def _over(self, expression: Over) -> Any:
        """Reduce over the last axis, which is kept, so that the result broadcasts with its operands."""
        body = self.of(expression.body)
        return (self.xp.sum if expression.kind == "sum" else self.xp.max)(body, axis=-1, keepdims=True)

    def _operation(self, expression: Operation) -> Any:
        operands = [self.of(operand) for operand in expression.operands]
        if expression.name in _ARITHMETIC:
            return _arithmetic(_ARITHMETIC[expression.name], operands)
        return _ON_ARRAYS[expression.name](self.xp, *(self._array(value) for value in operands))

    def _array(self, value: Any) -> Array:
        return value if hasattr(value, "dtype") else self.xp.asarray(value, dtype=self.dtype)


def _add(*terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _arithmetic(function: Callable[..., Any], operands: list[Any]) -> Any:
    """Let plain numbers overflow and divide by 0 like arrays, instead of raising."""
    if any(hasattr(value, "dtype") for value in operands):
        return function(*operands)
    try:
        value = function(*operands)
    except ZeroDivisionError:
        return NAN if function is not _power and not operands[0] else INF
    except OverflowError:
        return INF
    return NAN if isinstance(value, complex) else value


def _power(base: Any, exponent: Any) -> Any:
    return base**exponent


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": _power,
    "negative": lambda x: -x,
}


def _real(xp: Any, x: Array) -> Array:
    return xp.real(x) if xp.isdtype(x.dtype, "complex floating") else x


def _is_complex(xp: Any, *arrays: Array) -> bool:
    return any(xp.isdtype(x.dtype, "complex floating") for x in arrays)


def _abs(xp: Any, x: Array) -> Array:
    return xp.where(_real(xp, x) >= 0, x, -x) if _is_complex(xp, x) else xp.abs(x)


def _sign(xp: Any, x: Array) -> Array:
    return xp.astype(xp.sign(_real(xp, x)), x.dtype)


def _max(xp: Any, x: Array, y: Array) -> Array:
    return xp.where(_real(xp, x) >= _real(xp, y), x, y) if _is_complex(xp, x, y) else xp.maximum(x, y)


def _min(xp: Any, x: Array, y: Array) -> Array:
    return xp.where(_real(xp, x) <= _real(xp, y), x, y) if _is_complex(xp, x, y) else xp.minimum(x, y)


def _sigmoid(xp: Any, x: Array) -> Array:
    e = xp.exp(-_abs(xp, x))
    return xp.where(_real(xp, x) >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def _softplus(xp: Any, x: Array) -> Array:
    return xp.where(_real(xp, x) > 0, x, xp.zeros_like(x)) + xp.log1p(xp.exp(-_abs(xp, x)))


def _xlogy(xp: Any, x: Array, y: Array) -> Array:
    """x log(y), and 0 for x = 0 and any y."""
    absent = _real(xp, x) == 0
    return xp.where(absent, 0.0 * x, x * xp.log(xp.where(absent, xp.ones_like(x * y), y)))


_ON_ARRAYS: dict[str, Callable[..., Array]] = {
    **{name: (lambda xp, x, name=name: getattr(xp, name)(x))
       for name in ("exp", "log", "log1p", "expm1", "sqrt", "tanh", "sin", "cos", "atan")},
    "abs": _abs,
    "sign": _sign,
    "max": _max,
    "min": _min,
    "clip": lambda xp, x, low, high: _min(xp, _max(xp, x, low), high),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "xlogy": _xlogy,
    "where": lambda xp, condition, x, y: xp.where(condition, x, y),
    "less": lambda xp, x, y: _real(xp, x) < _real(xp, y),
    "less_equal": lambda xp, x, y: _real(xp, x) <= _real(xp, y),
    "greater": lambda xp, x, y: _real(xp, x) > _real(xp, y),
    "greater_equal": lambda xp, x, y: _real(xp, x) >= _real(xp, y),
}  # fmt: skip
