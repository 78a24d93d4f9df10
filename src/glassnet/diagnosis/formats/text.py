"""Findings as text: what was found, where, the evidence, what it means, and what to do next."""

from textwrap import wrap

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.measured import precision_in_words
from glassnet.drawing.small.blocks import in_blocks
from glassnet.escaping import visible

WIDTH = 88
INDENT = 2
SIGNS = {"error": "✕", "warning": "!", "note": "i"}


def heading(each: Finding) -> str:
    """Return the line above a finding, whose sign and word tell the level without color."""
    return visible(f"{SIGNS[each.level]} {each.level}: {each.rule} ({each.where})")


def finding_lines(each: Finding, width: int, *, blocks: bool) -> list[str]:
    """Return a finding as lines of text; `blocks` says whether the reader has block characters."""
    lines = paragraph(heading(each), width, indent=0, hanging=INDENT)
    lines += paragraph(each.evidence, width)
    if blocks and each.plot is not None:
        lines += [" " * INDENT + visible(line) for line in in_blocks(each.plot, width - INDENT)]
    lines += paragraph(each.meaning, width)
    lines += paragraph(f"Next: {each.next}", width)
    return lines + paragraph(trust_in(each), width)


def trust_in(each: Finding) -> str:
    """Return how often the rule was right, and where it comes from."""
    source = f"Source: {each.source}." if each.source else ""
    return " ".join(part for part in (precision_in_words(each.precision), source) if part)


def paragraph(text: str, width: int, *, indent: int = INDENT, hanging: int | None = None) -> list[str]:
    """Return a text as lines; `hanging` indents those after the first one."""
    after = " " * (indent if hanging is None else hanging)
    return wrap(
        visible(text), width, initial_indent=" " * indent, subsequent_indent=after, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
