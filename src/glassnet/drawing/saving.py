"""Converts a picture to the bytes of a file; vl-convert makes PNG and PDF, offline."""

from pathlib import Path
from typing import Any, Protocol

from glassnet.drawing.theme import fixed
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs

ENDINGS = (".svg", ".png", ".pdf", ".html")
PIXELS = 2.0  # PNG pixels per unit of the picture: sharp on today's screens and in print


class Drawn(Protocol):
    """Protocol of a picture that can be saved."""

    def render(self, theme: str) -> str:
        """Return SVG."""

    def page(self, theme: str) -> str:
        """Return HTML."""


def kind_of(path: Path) -> str:
    """Return the file suffix in lower case.

    >>> kind_of(Path("net.SVG"))
    '.svg'
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(f"{path} ends in {ending or 'nothing'!r}; pictures are written as {', '.join(ENDINGS)}.")
    return ending


def contents(picture: Drawn, kind: str, theme: str) -> bytes:
    """Return the content of a picture's file."""
    if kind == ".svg":
        return picture.render(theme).encode()
    if kind == ".html":
        return picture.page(theme).encode()
    library = converter(f"{kind[1:].upper()} pictures")
    svg = picture.render(fixed(theme).name)
    made: bytes = library.svg_to_png(svg, scale=PIXELS) if kind == ".png" else library.svg_to_pdf(svg)
    return made


def converter(what: str) -> Any:
    """Return vl-convert, or raise an error with the install command."""
    try:
        import vl_convert
    except ImportError:
        raise missing("vl-convert-python", what) from None
    return vl_convert


def missing(package: str, what: str) -> MissingExtraError:
    """Return the error with the install command of a missing package."""
    return MissingExtraError(needs(what, package, "charts"))
