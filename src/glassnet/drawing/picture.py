"""Base class of all pictures: as text, in notebooks and as files."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path

from glassnet.drawing.saving import contents, kind_of
from glassnet.drawing.svg import words
from glassnet.drawing.theme import check_theme
from glassnet.errors import MissingExtraError
from glassnet.files import write_atomically


@dataclass(frozen=True, eq=False)
class Picture(ABC):
    """A picture with a description in words, for notebooks and files.

    Attributes
    ----------
    title, description : str
        Description in words, for screen readers and machines.
    theme : {"light", "dark", "auto"}
        "auto" follows the reader's preference in SVG and HTML; other formats are light.
    """

    title: str
    description: str
    theme: str

    @abstractmethod
    def render(self, theme: str) -> str:
        """Return the picture as SVG in one of the themes."""

    @property
    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        return self.render(self.theme)

    def page(self, theme: str) -> str:
        """Return the picture as a complete HTML page."""
        return _PAGE.format(title=words(self.title), scheme=_SCHEMES[theme], svg=self.render(theme))

    def save(self, path: str | PathLike[str], *, theme: str | None = None) -> None:
        """Write the picture to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            Its suffix selects the format: ``.svg``, ``.png``, ``.pdf`` or ``.html``.
        theme : {"light", "dark", "auto"}, optional
            Overrides the picture's theme.
        """
        place = Path(path)
        kind = kind_of(place)
        write_atomically(place, contents(self, kind, check_theme(theme or self.theme)), example="picture.svg")

    # Called by notebooks; without the extra it returns one line instead of a traceback.

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg
        except MissingExtraError:
            return None

    def _repr_html_(self) -> str:
        try:
            return f'<div style="max-width:100%;overflow-x:auto">{self.svg}</div>'
        except MissingExtraError as error:
            return f"<p>{escape(str(error))}</p>"

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.title}"


_SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{scheme}">
<title>{title}</title>
<style>body {{ margin: 0; min-height: 100vh; display: grid; place-items: center }}</style>
</head>
<body>
{svg}</body>
</html>
"""
