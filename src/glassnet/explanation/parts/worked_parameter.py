"""One parameter of the front, or a slope: its gradient as a product of factors."""

from dataclasses import dataclass
from typing import TypeAlias

from glassnet.explanation.words.numbers import factor

Factors: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WorkedParameter:
    """A parameter of the front, or a learned slope.

    Attributes
    ----------
    name : str
        In words: "age: scale", "age wave 2: mix 5", "hidden1.3: slope".
    entry : str
        Array entry: "mix[0][1, 2, 5]".
    value, gradient : float
    factors : tuple of (str, float)
        The factors of the chain rule, in letters and numbers.
    place : int
        Position in theta.
    """

    name: str
    entry: str
    value: float
    gradient: float
    factors: Factors
    place: int

    def in_words(self) -> str:
        """Return the factors of the gradient in letters and numbers: "delta 0.5 · u 2"."""
        return " · ".join(f"{letter} {factor(value)}" for letter, value in self.factors)
