"""Lines for the terminal: sums that wrap, columns, and lists of neurons by their numbers."""

from collections.abc import Sequence
from textwrap import wrap

from glassnet.explanation.words.numbers import joined


def paragraph(text: str, width: int, indent: int = 0) -> list[str]:
    """Return a text in lines of at most `width` columns."""
    space = " " * indent
    return wrap(text, width, initial_indent=space, subsequent_indent=space, break_long_words=False)


def hanging(head: str, text: str, width: int) -> list[str]:
    """Return a text after its head, with a hanging indent.

    >>> hanging("note: ", "two words", 12)
    ['note: two', '      words']
    """
    if len(head) > width // 2:
        return [*([head.rstrip()] if head.strip() else []), *paragraph(text, width, 6)]
    lines = paragraph(text, width, len(head))
    return [head + lines[0].lstrip(), *lines[1:]] if lines else [head.rstrip()]


def summed(head: str, terms: Sequence[str], result: str | None, width: int) -> list[str]:
    """Return ``head term + term - term = result``, wrapped between terms and indented below the first one.

    Without a result, only the sum.

    >>> summed("z = ", ["0.5·1", "-0.25·2"], "0", 40)
    ['z = 0.5·1 - 0.25·2 = 0']
    """
    pieces = [joined(term, first=i == 0) for i, term in enumerate(terms)] or ["0"]
    if result is not None:
        pieces.append(f"= {result}")
    lines, line = [], head + pieces[0]
    for piece in pieces[1:]:
        if len(line) + 1 + len(piece) > width:
            lines.append(line)
            line = " " * len(head) + piece
        else:
            line += f" {piece}"
    return [*lines, line]


def columns(cells: Sequence[str], width: int, indent: int) -> list[str]:
    """Return cells arranged in columns, in reading order by line."""
    if not cells:
        return []
    each = max(map(len, cells)) + 3
    n = max(1, (width - indent + 3) // each)
    rows = [cells[i : i + n] for i in range(0, len(cells), n)]
    return [" " * indent + "".join(cell.ljust(each) for cell in row).rstrip() for row in rows]


def more(names: Sequence[str], left: Sequence[int], *, named: bool) -> str:
    """Return the number of omitted neurons, and their names if they are informative.

    >>> more(["cat", "dog", "owl"], [0, 2], named=True)
    '2 more (cat, owl)'
    """
    if not named:
        return f"{len(left):,} more"
    shown = [names[j] for j in sorted(left)[:8]] + (["..."] if len(left) > 8 else [])
    return f"{len(left):,} more ({', '.join(shown)})"
