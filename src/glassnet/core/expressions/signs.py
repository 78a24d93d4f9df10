"""Nodes for worked-out arithmetic: substituted numbers, names, partial derivatives, words."""

from dataclasses import dataclass

from glassnet.core.expressions.tree import Expression, Letter


@dataclass(frozen=True, slots=True)
class Value(Expression):
    """A number substituted for a letter; `shown` is its text if six digits are unsuitable."""

    value: float
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """The name of a quantity, such as a column; it is set upright and escaped."""

    name: str


@dataclass(frozen=True, slots=True)
class Partial(Expression):
    """A partial derivative as one sign: ``∂E/∂a``."""

    above: "Letter | Name"
    below: "Letter | Name"


@dataclass(frozen=True, slots=True)
class Applied(Expression):
    """A function known only by name, with its argument."""

    function: str
    argument: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The argument."""
        return (self.argument,)

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same function with another argument."""
        return Applied(self.function, parts[0])


@dataclass(frozen=True, slots=True)
class Phrase(Expression):
    """Words around a formula: ("sum of", w·delta, "onward")."""

    pieces: tuple["str | Expression", ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The formulas between the words."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Expression))

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same words around other formulas."""
        rest = iter(parts)
        return Phrase(tuple(next(rest) if isinstance(piece, Expression) else piece for piece in self.pieces))


def phrase(*pieces: "str | Expression") -> Phrase:
    """Return words around a formula."""
    return Phrase(pieces)
