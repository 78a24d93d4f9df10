"""A page as self-contained HTML: no scripts, fonts or external files."""

from html import escape

from glassnet.core.expressions.dialects.mathml import MathML
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression
from glassnet.explanation.formats.calculations import Equation
from glassnet.explanation.formats.markup.html_style import STYLE
from glassnet.explanation.formats.page.document import Block, Document, Equations, Grid, Heading, Prose

FORMULAS = MathML(escape)


def to_html(document: Document, *, fragment: bool) -> str:
    """Return a page as an HTML document, or as one element for a notebook or another page."""
    title = escape(document.title)
    body = f"<h1>{title}</h1>\n{_body(document.blocks)}"
    style = f"<style>{STYLE}</style>"
    if fragment:
        return f'<div class="glassnet">{style}\n{body}</div>'
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n<title>{title}</title>\n{style}\n</head>\n'
        f'<body class="glassnet">\n{body}\n</body>\n</html>\n'
    )


def _body(blocks: tuple[Block, ...]) -> str:
    """Sections below their headings; the parts of a section are collapsible."""
    lines: list[str] = []
    is_open = False
    for block in blocks:
        if isinstance(block, Heading):
            if is_open:
                lines.append("</details>")
            is_open = block.level > 1
            text = escape(block.text)
            lines.append(f'<details open class="{block.kind}"><summary>{text}</summary>' if is_open
                         else f"<h2>{text}</h2>")  # fmt: skip
        else:
            lines.append(_block(block))
    return "\n".join([*lines, "</details>"] if is_open else lines)


def _block(block: Prose | Equations | Grid) -> str:
    if isinstance(block, Prose):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Equations):
        rows = "\n".join(f"<b>{escape(row.label)}</b>{_equation(row)}" for row in block.rows)
        return f'<div class="equations">\n{rows}\n</div>'
    return _grid(block)


def _equation(row: Equation) -> str:
    """The members, joined by colored equals signs, with the result in bold."""
    members = [_number(member) or FORMULAS.line(member) for member in row.members]
    members[-1] = f"<strong>{members[-1]}</strong>"
    return f'<span class="math">{" <i>=</i> ".join(members)}</span>'


def _grid(block: Grid) -> str:
    head = "".join(f"<th{_class(block, k)}>{_cell(head)}</th>" for k, head in enumerate(block.heads))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{_class(block, k)}>{_cell(cell)}</td>" for k, cell in enumerate(row)) + "</tr>"
        for row in block.rows
    )
    heads = f"<thead><tr>{head}</tr></thead>" if any(block.heads) else ""
    return f'<div class="scroll"><table>{heads}<tbody>\n{rows}\n</tbody></table></div>'


def _class(block: Grid, k: int) -> str:
    return "" if k in block.words else ' class="number"'


def _number(formula: Expression) -> str:
    """Return a formula that is a single number as plain text; "" for any other formula."""
    return escape(written(formula)) if isinstance(formula, Value) else ""


def _cell(cell: str | Expression) -> str:
    return escape(cell) if isinstance(cell, str) else _number(cell) or FORMULAS.element(cell)
