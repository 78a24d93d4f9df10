r"""A page as LaTeX: a complete document, or a fragment for inclusion in another one.

Formulas are set inline and not as displays, because TeX breaks long sums only inline.
"""

from glassnet.core.expressions.dialects.latex import Latex
from glassnet.core.expressions.tree import Expression
from glassnet.explanation.formats.calculations import Equation
from glassnet.explanation.formats.markup.tex import foreign, words_to_tex
from glassnet.explanation.formats.page.document import Block, Document, Equations, Grid, Heading, Prose

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper, margin=2.2cm]{geometry}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
\fi
\usepackage{amsmath}
\usepackage{array}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setcounter{secnumdepth}{0}
\raggedbottom
\emergencystretch=3em
"""
FORMULAS = Latex(words_to_tex)
NEEDS = r"% Needs \usepackage[T1]{fontenc}, textcomp, amsmath, array and longtable."


def to_latex(document: Document, *, fragment: bool) -> str:
    """Return a page as a LaTeX document, or only its body."""
    parts = [_block(block) for block in document.blocks]
    body = "\n\n".join(part for part in parts if part)
    if fragment:
        return f"{NEEDS}\n{body}\n"
    title = rf"{{\Large\bfseries {words_to_tex(document.title)}\par}}"
    lines = [PREAMBLE, *_declared(body), r"\begin{document}", title, body, r"\end{document}"]
    return "\n".join(lines) + "\n"


def _declared(body: str) -> list[str]:
    """Let pdfTeX show the code of a character that its fonts lack, instead of stopping with an error."""
    lines = [rf"  \DeclareUnicodeCharacter{{{ord(c):04X}}}{{\texttt{{[U+{ord(c):04X}]}}}}" for c in foreign(body)]
    return [r"\ifPDFTeX", *lines, r"\fi"] if lines else []


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return rf"\{'section' if block.level == 1 else 'subsection'}{{{words_to_tex(block.text)}}}"
    if isinstance(block, Prose):
        return words_to_tex(block.text)
    if isinstance(block, Equations):
        return "\n\n".join(_equation(row) for row in block.rows)
    return _grid(block)


def _equation(row: Equation) -> str:
    label = rf"\textbf{{{words_to_tex(row.label)}}}\par\nobreak" + "\n" if row.label else ""
    members = " = ".join(f"{{{FORMULAS.write(member)}}}" if i == 0 else FORMULAS.write(member)
                         for i, member in enumerate(row.members))  # fmt: skip
    return rf"{label}\hspace*{{1.5em}}\hangindent=3em\hangafter=1 ${members}$"


def _grid(block: Grid) -> str:
    """A table that may span pages; words wrap within their share of the width."""
    n_words = len(block.words)
    share = {1: 0.44, 2: 0.4, 4: 0.1}.get(n_words, 0.27) if len(block.heads) > n_words else 0.9 / max(1, n_words)
    shares = [share] * n_words
    if len(block.heads) == n_words == 2:
        shares = [0.16, 0.78]
    if len(block.heads) == n_words == 3:
        shares = [0.26, 0.18, 0.48]
    words = dict(zip(block.words, shares))
    columns = [
        rf">{{\raggedright\arraybackslash}}p{{{words[k]:g}\linewidth}}" if k in words else "r"
        for k in range(len(block.heads))
    ]
    rows = [" & ".join(map(_cell, row)) + r" \\" for row in block.rows]
    heads = [" & ".join(map(_head, block.heads)) + r" \\ \hline", r"\endhead"]
    opening = rf"\begin{{longtable}}[l]{{@{{}}{''.join(columns)}@{{}}}}"
    return "\n".join([opening, *(heads if any(block.heads) else []), *rows, r"\end{longtable}"])


def _head(head: str | Expression) -> str:
    return rf"\textbf{{{words_to_tex(head)}}}" if isinstance(head, str) else _cell(head)


def _cell(cell: str | Expression) -> str:
    return words_to_tex(cell) if isinstance(cell, str) else f"${FORMULAS.write(cell)}$"
