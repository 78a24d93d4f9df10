"""Findings as HTML without scripts: a page of its own, or an element for a notebook."""

from collections.abc import Sequence
from html import escape

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.formats.text import SIGNS, trust_in
from glassnet.drawing.small.render import small_svg
from glassnet.escaping import visible
from glassnet.explanation.formats.markup.html_style import STYLE

TITLE = "What the doctor found"
LEVELS_IN_WORDS = (
    "An error means that the network cannot learn so, or that its scores are wrong. A warning means that it is worse "
    "than it could be, or that its scores mislead. A note is good to know."
)
MOST_ROWS = 2_000  # that are written out
FEWEST_ROWS = 7  # fewer are all named in the heading

_OWN = """
.glassnet .finding{border:1px solid var(--gn-line);border-left:5px solid var(--gn-dim);border-radius:8px;
padding:.6rem 1rem .7rem;margin:1rem 0;display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 1.5rem}
.glassnet .finding.error{border-left-color:#c9480f}
.glassnet .finding.warning{border-left-color:#a8720c}
.glassnet .finding h2{grid-column:1/-1;margin:.1rem 0;padding:0;border:0;font-size:1.05rem}
.glassnet .finding .level{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:0 .6rem;
margin-right:.5rem;font-size:.8rem;font-weight:600;vertical-align:.1em}
.glassnet .finding .where{grid-column:1/-1;margin:.1rem 0 .3rem}
.glassnet .finding figure{margin:.3rem 0;max-width:380px;grid-row:3;grid-column:2}
.glassnet .finding .words{grid-row:3;grid-column:1}
.glassnet .finding .words p{color:var(--gn-ink);overflow-wrap:anywhere}
.glassnet .finding .words .next{background:var(--gn-soft);border-radius:6px;padding:.4rem .7rem}
.glassnet .finding .words small{color:var(--gn-dim)}
.glassnet .finding summary{font-size:.9rem;font-weight:400}
@media (max-width:46rem){.glassnet .finding{display:block}}
"""


def to_html(
    headline: str, findings: Sequence[Finding], notes: Sequence[str], *, fragment: bool, further: str = ""
) -> str:
    """Return findings as an HTML document, or as one element for a notebook or another page; `further` is more HTML."""
    cards = "\n".join(map(_card, findings))
    after = "".join(f"\n<p>{escape(visible(note))}</p>" for note in notes)
    levels = f"<p>{LEVELS_IN_WORDS}</p>" if findings else ""
    body = f"<h1>{TITLE}</h1>\n<p>{escape(headline)}</p>{levels}\n{cards}{further}{after}"
    style = f"<style>{STYLE}{_OWN}</style>"
    if fragment:
        return f'<div class="glassnet">{style}\n{body}</div>'
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n<title>{TITLE}</title>\n{style}\n</head>\n'
        f'<body class="glassnet">\n{body}\n</body>\n</html>\n'
    )


def _card(each: Finding) -> str:
    texts = [visible(text) for text in (each.where, each.evidence, each.meaning, each.next)]
    where, evidence, meaning, after = map(escape, texts)
    trust = visible(trust_in(each))
    parts = [
        f'<article class="finding {each.level}">',
        f'<h2><span class="level">{SIGNS[each.level]} {each.level}</span>{escape(title_of(each.rule))}</h2>',
        f'<p class="where">{where}</p>',
        f'<div class="words"><p>{evidence}</p><p>{meaning}</p><p class="next"><b>Next:</b> {after}</p>',
        _rows(each.rows),
        f"<p><small>{escape(trust)}</small></p>" if trust else "",
        "</div>",
        f"<figure>{small_svg(each.plot)}</figure>" if each.plot is not None else "",
        "</article>",
    ]
    return "\n".join(part for part in parts if part)


def title_of(rule: str) -> str:
    """Return the name of a rule as a title.

    >>> title_of("dead-units")
    'Dead units'
    """
    return rule.replace("-", " ").capitalize()


def _rows(rows: Sequence[int]) -> str:
    """The numbers of all rows, folded."""
    if len(rows) < FEWEST_ROWS:
        return ""
    shown = ", ".join(map(str, rows[:MOST_ROWS]))
    more = f" and {len(rows) - MOST_ROWS:,} more" if len(rows) > MOST_ROWS else ""
    return f"<details><summary>All {len(rows):,} rows, counted from 0</summary><p>{shown}{more}</p></details>"
