"""A page as plain data: headings, prose, equations and tables, the source of Markdown, LaTeX and HTML.

Formulas are trees (`glassnet.core.expressions`), so that each format writes them in its own way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression
from glassnet.escaping import visible
from glassnet.explanation.formats.calculations import Equation


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
class Equations:
    """A list of equations."""

    rows: tuple[Equation, ...]


@dataclass(frozen=True)
class Grid:
    """A table. A cell is a formula or a text; the columns in `words` are set as text."""

    heads: tuple[str | Expression, ...]
    rows: tuple[tuple[str | Expression, ...], ...]
    words: tuple[int, ...] = (0,)


Block = Heading | Prose | Equations | Grid


@dataclass(frozen=True)
class Document:
    """A title and blocks."""

    title: str
    blocks: tuple[Block, ...]


def grid(
    heads: Sequence[str | Expression], rows: Sequence[Sequence[str | float | Expression]], words: Sequence[int] = (0,)
) -> Grid:
    """Return a table of sequences."""
    cells = tuple(tuple(Value(float(cell)) if isinstance(cell, float | int) else cell for cell in row) for row in rows)
    return Grid(tuple(heads), cells, tuple(words))


def shown(part: Any) -> Any:
    r"""Return a page, or a part of one, without invisible characters and those invalid in HTML, Markdown or TeX.

    >>> print(shown(Prose("mass\x00")).text)
    mass\x00
    """
    if isinstance(part, str):
        return visible(part)
    if isinstance(part, tuple):
        return tuple(map(shown, part))
    if isinstance(part, int | float):
        return part
    return type(part)(**{field.name: shown(getattr(part, field.name)) for field in fields(part)})
