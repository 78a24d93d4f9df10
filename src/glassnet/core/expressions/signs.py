"""What stands beside formulas where arithmetic is written out: numbers put in, names, partial derivatives, words."""

from dataclasses import dataclass

from glassnet.core.expressions.tree import Expression, Letter


@dataclass(frozen=True, slots=True)
class Value(Expression):
    """A number put in for a letter; `shown` is how it is written where six digits are not right."""

    value: float
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """What people call a quantity, such as a column's name; it is set upright and escaped."""

    name: str


@dataclass(frozen=True, slots=True)
class Partial(Expression):
    """A partial derivative as one sign: ``∂E/∂a``."""

    above: "Letter | Name"
    below: "Letter | Name"


@dataclass(frozen=True, slots=True)
class Applied(Expression):
    """A function of which only the name is known, on its argument."""

    function: str
    argument: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The argument."""
        return (self.argument,)

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same function of another argument."""
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
