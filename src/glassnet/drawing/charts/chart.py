"""The record that every function for a chart returns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glassnet.drawing.charts.style import style
from glassnet.drawing.picture import Picture
from glassnet.drawing.saving import converter, missing
from glassnet.drawing.svg import AUTO, words
from glassnet.drawing.theme import Theme, adapting, check_theme, fixed


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Picture):
    """A chart of a record: shown in a notebook, saved as SVG, PNG, PDF or HTML.

    Attributes
    ----------
    title, description : str
        What it shows, in words.
    theme : {"light", "dark", "auto"}
    record : object
        The numbers that are shown.

    Examples
    --------
    >>> from glassnet.drawing import activation_curves
    >>> chart = activation_curves(["tanh"])
    >>> chart.record[0].name, chart.svg[:4]
    ('tanh', '<svg')
    """

    record: Any
    build: Callable[[Any, Theme], Any] = field(repr=False)

    def altair(self, theme: str | None = None) -> Any:
        """Return the chart as an object of altair, to be changed further."""
        colors = fixed(theme or self.theme)
        built = self.build(_altair(), colors)
        return built.properties(description=self.description).configure(**style(colors))

    def render(self, theme: str) -> str:
        """Return the chart as SVG in one of the themes."""
        check_theme(theme)
        svg = converter("charts").vegalite_to_svg(self.altair(theme).to_dict())
        opening = tag_with_words(svg[: svg.index(">") + 1], self.title, adapts=theme == "auto")
        words_in = f"<title>{words(self.title)}</title><desc>{words(self.description)}</desc>"
        style_in = adapting(svg, AUTO) if theme == "auto" else ""
        return f"{opening}{words_in}{style_in}{svg[svg.index('>') + 1 :]}\n"


def tag_with_words(root: str, title: str, *, adapts: bool) -> str:
    """Return vega's opening tag as that of an image with a name, which is no wider than its page.

    >>> tag_with_words('<svg class="marks" width="9">', "A chart", adapts=True)
    '<svg class="marks glassnet-auto" width="9" role="img" aria-label="A chart" style="max-width:100%;height:auto">'
    """
    scoped = root.replace('class="marks"', f'class="marks {AUTO}"') if adapts else root
    return f'{scoped[:-1]} role="img" aria-label="{words(title)}" style="max-width:100%;height:auto">'


def _altair() -> Any:
    """Return altair, which is imported here and not before."""
    try:
        import altair
    except ImportError:
        raise missing("altair", "charts") from None
    return altair
