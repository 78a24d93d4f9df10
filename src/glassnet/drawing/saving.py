"""From a picture to the bytes of a file; PNG and PDF are made by vl-convert, offline."""

from pathlib import Path
from typing import Any, Protocol

from glassnet.drawing.theme import fixed
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs

ENDINGS = (".svg", ".png", ".pdf", ".html")
PIXELS = 2.0  # of a PNG, for each unit of the picture: sharp on today's screens and in print


class Drawn(Protocol):
    """What is needed of a picture here."""

    def render(self, theme: str) -> str:
        """Return SVG."""

    def page(self, theme: str) -> str:
        """Return HTML."""


def kind_of(path: Path) -> str:
    """Return the ending that says what is written, in lower case.

    >>> kind_of(Path("net.SVG"))
    '.svg'
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(f"{path} ends in {ending or 'nothing'!r}; pictures are written as {', '.join(ENDINGS)}.")
    return ending


def contents(picture: Drawn, kind: str, theme: str) -> bytes:
    """Return what the file of a picture holds."""
    if kind == ".svg":
        return picture.render(theme).encode()
    if kind == ".html":
        return picture.page(theme).encode()
    library = converter(f"{kind[1:].upper()} pictures")
    svg = picture.render(fixed(theme).name)
    made: bytes = library.svg_to_png(svg, scale=PIXELS) if kind == ".png" else library.svg_to_pdf(svg)
    return made


def converter(what: str) -> Any:
    """Return vl-convert, or say how to install it."""
    try:
        import vl_convert
    except ImportError:
        raise missing("vl-convert-python", what) from None
    return vl_convert


def missing(package: str, what: str) -> MissingExtraError:
    """Return the error that says how to install what is missing."""
    return MissingExtraError(needs(what, package, "charts"))
