"""Functions from users' formulas, as records that can be compared and pickled."""

from dataclasses import dataclass, field
from typing import Any

from glassnet.arrays import namespace, quietly
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.tree import Expression
from glassnet.typing import Array


@dataclass(frozen=True)
class FormulaFunction:
    """A function of arrays that evaluates a formula; `source` is the user's text, `letters` are its arguments.

    The formula is evaluated in its stable form, so that ``log(1 + exp(z))`` does not overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.core.expressions.tree import Letter
    >>> double = FormulaFunction("2 z", Letter("z") * 2, ("z",))
    >>> double(np.asarray([1.5]))
    array([3.])
    """

    source: str
    expression: Expression = field(repr=False)
    letters: tuple[str, ...] = field(repr=False)

    def __call__(self, *arrays: Array, **parameters: Any) -> Array:
        """Return the value at each element, in the shape and precision of the first array."""
        xp, first = namespace(*arrays), arrays[0]
        with quietly(xp):
            value = evaluate(self.expression, {**dict(zip(self.letters, arrays)), **parameters})
            is_whole = getattr(value, "shape", None) == first.shape
            return value if is_whole else xp.zeros_like(first) + value
