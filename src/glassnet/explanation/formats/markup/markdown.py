"""A page as Markdown: tables, and formulas in code blocks, where asterisks and underscores have no meaning."""

import re

from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Expression
from glassnet.explanation.formats.page.document import Block, Document, Equations, Grid, Heading, Prose

_SPECIAL = re.compile(r"([\\`*_\[\]<|~$])")
_AT_START = re.compile(r"^(?:(?=[-+>#])|(\d+)(?=[.)] ))")  # start of a list, a quotation or a heading


def to_markdown(document: Document) -> str:
    r"""Return a page as CommonMark with tables, as GitHub and notebooks read it.

    >>> print(to_markdown(Document("A_b", (Prose("5 * 3"),))))
    # A\_b
    <BLANKLINE>
    5 \* 3
    <BLANKLINE>
    """
    parts = [f"# {escape(document.title)}", *(_block(block) for block in document.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return a text escaped for Markdown, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _paragraph(text: str) -> str:
    return _AT_START.sub(r"\1\\", escape(text))


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_paragraph(block.text)}"
    if isinstance(block, Prose):
        return _paragraph(block.text)
    if isinstance(block, Equations):
        return _equations(block)
    return _grid(block)


def _equations(block: Equations) -> str:
    """Each label above its equations, one line each."""
    lines = []
    for row in block.rows:
        if row.label:
            lines.append(f"{_plain(row.label)}:")
        lines.append(f"    {' = '.join(_plain(written(member)) for member in row.members)}")
    return "\n".join(["```text", *lines, "```"]) if lines else ""


def _plain(text: str) -> str:
    return " ".join(text.replace("```", "'''").split())


def _grid(block: Grid) -> str:
    heads = [_cell(head) for head in block.heads]
    rules = ["---" if k in block.words else "---:" for k in range(len(heads))]
    rows = [[_cell(cell) for cell in row] for row in block.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, rules, *rows])


def _cell(cell: str | Expression) -> str:
    return escape(cell if isinstance(cell, str) else written(cell)) or " "
