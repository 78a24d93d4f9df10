"""`Chart`: the result of every chart function."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glassnet.drawing.charts.style import style
from glassnet.drawing.picture import Picture
from glassnet.drawing.saving import converter, missing
from glassnet.drawing.svg import AUTO, words
from glassnet.drawing.theme import Theme, adapting, check_theme, fixed
from glassnet.escaping import placeholders

# Prevents seams between adjacent cells at any zoom.
_CRISP = "<style>.glassnet-chart .mark-rect path{shape-rendering:crispEdges}</style>"


@dataclass(frozen=True, eq=False, repr=False)
class Chart(Picture):
    """A chart of a record: shown in a notebook, saved as SVG, PNG, PDF or HTML.

    Attributes
    ----------
    title, description : str
        Description of the chart in words.
    theme : {"light", "dark", "auto"}
    record : object
        The plotted numbers.

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
        """Return the chart as an altair object for further changes."""
        colors = fixed(theme or self.theme)
        built = self.build(_altair(), colors)
        return built.properties(description=self.description).configure(**style(colors))

    def render(self, theme: str) -> str:
        """Return the chart as SVG in one of the themes."""
        check_theme(theme)
        svg = own_ids(converter("charts").vegalite_to_svg(_without_unseen(self.altair(theme).to_dict())))
        start = svg.index(">") + 1
        labels = f"<title>{words(self.title)}</title><desc>{words(self.description)}</desc>"
        adapts = adapting(svg, AUTO) if theme == "auto" else ""
        return f"{opening(svg[:start], self.title, adapts=theme == 'auto')}{labels}{_CRISP}{adapts}{svg[start:]}\n"


def opening(root: str, title: str, *, adapts: bool) -> str:
    """Return vega's opening tag with an image role, a label, and the page as its maximum width.

    >>> opening('<svg class="marks" width="9">', "A chart", adapts=False)
    '<svg class="glassnet-chart" width="9" role="img" aria-label="A chart" style="max-width:100%;height:auto">'
    """
    named = root.replace('class="marks"', f'class="glassnet-chart{" " + AUTO if adapts else ""}"')
    return f'{named[:-1]} role="img" aria-label="{words(title)}" style="max-width:100%;height:auto">'


def own_ids(svg: str) -> str:
    """Return vega's SVG with unique ids: vega numbers the ids of all pictures in the same way.

    >>> one, same = (
    ...     own_ids('<clipPath id="clip7"/><g clip-path="url(#clip7)"/>'),
    ...     own_ids('<clipPath id="clip9"/><g clip-path="url(#clip9)"/>'),
    ... )
    >>> one == same, "clip7" in one
    (True, False)
    """
    ids = {name: f"{k}" for k, name in enumerate(re.findall(r'\bid="(\w+)"', svg))}
    numbered = re.sub(r'(\bid="|url\(#)(\w+)', lambda found: f"{found[1]}gn--{ids.get(found[2], found[2])}", svg)
    digest = hashlib.sha256(numbered.encode()).hexdigest()[:10]
    return numbered.replace("gn--", f"gn-{digest}-")


def _without_unseen(part: Any) -> Any:
    """Return a chart's specification without characters that are invalid in SVG, which vega does not escape."""
    if isinstance(part, dict):
        return {name: _without_unseen(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_without_unseen(value) for value in part]
    return placeholders(part) if isinstance(part, str) else part


def _altair() -> Any:
    """Import altair lazily and return it."""
    try:
        import altair
    except ImportError:
        raise missing("altair", "charts") from None
    return altair
