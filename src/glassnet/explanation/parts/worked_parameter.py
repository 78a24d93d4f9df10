"""One parameter that is no weight, opened: its gradient as the product of its factors."""

from dataclasses import dataclass
from typing import TypeAlias

from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.numbers import factor, number

Factors: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WorkedParameter:
    """A parameter of the front, or a learned slope.

    Attributes
    ----------
    name : str
        In words: "age: scale", "age wave 2: mix 5", "hidden1.3: slope".
    entry : str
        Where it is: "mix[0][1, 2, 5]".
    value, gradient : float
    factors : tuple of (str, float)
        The chain rule, factor by factor, in letters and numbers.
    place : int
        In theta.
    """

    name: str
    entry: str
    value: float
    gradient: float
    factors: Factors
    place: int

    def in_words(self) -> str:
        """Return the gradient's factors with their letters and numbers: "delta 0.5 · u 2"."""
        return " · ".join(f"{letter} {factor(value)}" for letter, value in self.factors)


def update_rows(parameters: tuple[WorkedParameter, ...], update: Update) -> list[tuple[str | float, ...]]:
    """Return (parameter, learning rate, gradient, old, step, new) of each."""
    rows: list[tuple[str | float, ...]] = []
    for each in parameters:
        step = update.at_place(each.place)
        numbers = (step["eta"], step["g"], step["old"], step["new"] - step["old"], step["new"])
        rows.append((each.name, *numbers))
    return rows


def update_table(parameters: tuple[WorkedParameter, ...], update: Update) -> list[str]:
    """Return the rows in columns below their heads."""
    shown = [tuple(each if isinstance(each, str) else number(each) for each in row)
             for row in update_rows(parameters, update)]  # fmt: skip
    rows = [("parameter", "η", "gradient", "old", "step", "new"), *shown]
    wide = [max(len(row[k]) for row in rows) for k in range(6)]
    return ["    " + "  ".join(cell.ljust(w) for cell, w in zip(row, wide)).rstrip() for row in rows]
