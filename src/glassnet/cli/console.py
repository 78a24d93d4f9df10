"""Terminal output: text and tables on stdout; progress, warnings and errors on stderr.

Commands print only through this module. Text from files may contain terminal control characters; the functions here
escape them. Only machine-readable output to a file or a pipe is not escaped.
"""

import io
import json
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from glassnet.cli.vocabulary import in_options
from glassnet.errors import readable
from glassnet.escaping import visible, visible_json, visible_lines
from glassnet.files import strict

WIDEST = 110  # longer lines are hard to read, however wide the terminal is


def out() -> Console:
    """Return a console on stdout: as wide as the terminal, or unlimited without a terminal."""
    console = Console(highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    if console.width > WIDEST:
        console.width = WIDEST
    return console


def err() -> Console:
    """Return a console on stderr."""
    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=not sys.stderr.isatty())


def heading(text: str) -> None:
    """Print the title of a section, with space above it."""
    out().print(f"\n[bold cyan]{escape(visible(text))}[/]")


def say(text: str, *, style: str | None = None) -> None:
    """Print a paragraph."""
    out().print(visible_lines(text), markup=False, style=style)


def echo(text: str) -> None:
    """Print lines without wrapping them."""
    typer.echo(visible_lines(text))


class Emitter:
    """Prints machine-readable output such as CSV: unchanged in UTF-8, but escaped on a terminal."""

    def __init__(self) -> None:
        self._is_seen = sys.stdout.isatty()
        if not self._is_seen and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")

    def write(self, text: str) -> None:
        """Write some text; typer's echo would strip escape sequences from the data."""
        sys.stdout.write(visible_lines(text) if self._is_seen else text)


def emit(text: str) -> None:
    """Print machine-readable output at once."""
    Emitter().write(text)
    sys.stdout.flush()


def report(sentence: str) -> None:
    """Print a status message on stderr; do nothing if stderr is closed."""
    with suppress(OSError):
        err().print(_in_a_sentence(sentence), markup=False)


def report_notes(notices: Sequence[str]) -> None:
    """Print notices on stderr; stdout or a file gets the result."""
    for notice in notices:
        report(f"Note: {in_options(notice)}")


def note(text: str) -> None:
    """Print a notice as an item of a bulleted list."""
    text = _in_a_sentence(in_options(text))
    if not sys.stdout.isatty():
        typer.echo(f"Note: {text}")
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_row("[yellow]•[/]", escape(text))
    out().print(grid)


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    first: str = "",
    spaced: bool = False,
) -> None:
    """Print a table as aligned text; on a terminal, with a line below the heads and long cells wrapped.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequences of str
    right : sequence of int
        Indices of right-aligned columns.
    first : str
        Style of the first column.
    spaced : bool
        Whether rows with wrapped cells are separated by a blank line.
    """
    heads, rows = [visible(head) for head in heads], [[visible(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        typer.echo(aligned([heads, *rows], right))
        return
    leading = 1 if spaced and out().width < WIDEST else 0
    drawn = Table(box=_box(), padding=(0, 1, 0, 0), header_style="bold", border_style="dim", leading=leading)
    for k, head in enumerate(heads):
        style = first if k == 0 else None
        drawn.add_column(escape(head), justify="right" if k in right else "left", style=style, overflow="fold")
    for row in rows:
        drawn.add_row(*map(escape, row))
    out().print(drawn)


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows as lines of text with aligned columns.

    >>> print(aligned([("a", "n"), ("b", "10")], right=[1]))
    a   n
    b  10
    """
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(w) if k in right else cell.ljust(w) for k, (cell, w) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    )


def _box() -> Any:
    from rich.box import SIMPLE_HEAD

    return SIMPLE_HEAD


def emit_json(value: Any) -> None:
    """Print strict JSON on stdout: numbers that are not finite are text, as in explanations."""
    emit(visible_json(json.dumps(strict(value), indent=2, ensure_ascii=False, allow_nan=False)) + "\n")


def complain(sentence: str) -> None:
    """Print an error on stderr, as one paragraph."""
    _print_labeled("[bold red]Error:[/]", sentence)


def caution(sentence: str) -> None:
    """Print a warning on stderr, as one paragraph."""
    _print_labeled("[bold yellow]Warning:[/]", sentence)


def _print_labeled(label: str, sentence: str) -> None:
    one_line = " ".join(re.split("[ \n]+", sentence.strip()))
    with suppress(OSError):  # if stderr is a full disk or a closed pipe, only the exit code reports the error
        err().print(f"{label} {escape(_in_a_sentence(one_line))}")


def _in_a_sentence(text: str) -> str:
    """Return text as a sentence shows it: nothing acts or hides, and words are of a length that can be read."""
    return visible(readable(text))


@contextmanager
def one_line_warnings() -> Iterator[None]:
    """Show the warnings meant for users as one line each on stderr; hide all others."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = lambda message, *_: caution(in_options(str(message)))
        yield


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner during the work; silent if stderr is not a terminal."""
    console = err()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield
