"""A page as plain data, from which Markdown, LaTeX and HTML are made: headings, prose, equations and tables.

Formulas are texts such as ``0.3·0.5 + 1 = 1.15``. Names of people's columns stand in them between marks, so that a
format can set them upright and escape them: ``w1·⟦age⟧``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from glassnet.escaping import visible

OPEN, CLOSE = "⟦", "⟧"


@dataclass(frozen=True)
class Heading:
    """A section (level 1) or a part of it (level 2); `kind` is "input", "hidden", "output" or empty."""

    text: str
    level: int = 1
    kind: str = ""


@dataclass(frozen=True)
class Prose:
    """A paragraph of words."""

    text: str


@dataclass(frozen=True)
class Equation:
    """Equal things in a row: ("z", "0.9·1 + 0.1·1", "1"); `label` says whose they are."""

    members: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Equations:
    """Equations below each other."""

    rows: tuple[Equation, ...]


@dataclass(frozen=True)
class Grid:
    """A table. The columns named in `words` hold words, the others formulas and numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)


Block = Heading | Prose | Equations | Grid


@dataclass(frozen=True)
class Document:
    """A title and what follows."""

    title: str
    blocks: tuple[Block, ...]


def marked(name: str) -> str:
    """Return a name as it stands in a formula.

    >>> marked("age")
    '⟦age⟧'
    """
    return f"{OPEN}{name.replace(OPEN, '[').replace(CLOSE, ']')}{CLOSE}"


def unmarked(formula: str) -> str:
    """Return a formula as plain text.

    >>> unmarked("w1·⟦age⟧")
    'w1·age'
    """
    return formula.replace(OPEN, "").replace(CLOSE, "")


def equation(label: str, *members: str) -> Equation:
    """Return an equation without members that only repeat the one before them, such as a formula that is a number."""
    kept = [member for i, member in enumerate(members) if i == 0 or member.strip("()") != members[i - 1].strip("()")]
    return Equation(tuple(kept), label)


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = (0,)) -> Grid:
    """Return a table of sequences."""
    return Grid(tuple(heads), tuple(tuple(row) for row in rows), tuple(words))


def shown(part: Any) -> Any:
    r"""Return a page, or a part of one, without characters that HTML, Markdown and TeX cannot hold or that hide.

    >>> print(shown(Prose("mass\x00")).text)
    mass\x00
    """
    if isinstance(part, str):
        return visible(part)
    if isinstance(part, tuple):
        return tuple(map(shown, part))
    if isinstance(part, int):
        return part
    return type(part)(**{field.name: shown(getattr(part, field.name)) for field in fields(part)})
