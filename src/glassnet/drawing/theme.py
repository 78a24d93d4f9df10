"""The theme of all pictures, in light and dark: colors by purpose.

Positive and negative have the blue and vermilion of Okabe & Ito 2008, which are distinguishable with all common color
deficiencies; in a diagram, dashes mark negative values as well.
"""

import re
from dataclasses import dataclass, fields

from glassnet.errors import ParameterError

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Paint:
    """Fill and edge color of a shape."""

    fill: str
    stroke: str


@dataclass(frozen=True)
class Theme:
    """Colors by their purpose, as #rrggbb.

    Attributes
    ----------
    surface, ink, muted, grid : str
        Background; text; secondary text; grid lines.
    inputs, outputs : Paint
        Orange and green, as in the textbooks.
    hidden : tuple of Paint
        One per hidden layer, repeated cyclically.
    positive, negative, zero : str
        Connections and other signed quantities.
    blame : str
        Blame flowing back.
    series : tuple of str
        Lines and points of charts, in this order.
    ramp : tuple of str
        Shades for quantities, from the background to the strongest contrast; the same number in every theme.
    turn : float
        Share of `ramp` above which text in the background color is more legible than ink.
    """

    name: str
    surface: str
    ink: str
    muted: str
    grid: str
    inputs: Paint
    outputs: Paint
    hidden: tuple[Paint, ...]
    positive: str
    negative: str
    zero: str
    blame: str
    series: tuple[str, ...]
    ramp: tuple[str, ...]
    turn: float

    def of_layer(self, layer: int, n_layers: int) -> Paint:
        """Return the paint of layer 0..L."""
        if layer == 0:
            return self.inputs
        return self.outputs if layer == n_layers else self.hidden[(layer - 1) % len(self.hidden)]

    @property
    def colors(self) -> tuple[str, ...]:
        """All colors, in the same order in every theme."""
        named = [f.name for f in fields(self) if f.name not in ("name", "turn")]
        return tuple(color for name in named for color in _flat(getattr(self, name)))


def _flat(value: str | Paint | tuple[str | Paint, ...]) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    parts = (value.fill, value.stroke) if isinstance(value, Paint) else value
    return tuple(color for part in parts for color in _flat(part))


def shades(*stops: str) -> tuple[str, ...]:
    """Return SHADES colors from the first stop over the others to the last, evenly spaced.

    >>> shades("#000000", "#ffffff")[::11]
    ('#000000', '#ffffff')
    """
    made = []
    for k in range(SHADES):
        at = k / (SHADES - 1) * (len(stops) - 1)
        left = min(int(at), len(stops) - 2)
        pairs = zip(_channels(stops[left]), _channels(stops[left + 1]), strict=True)
        made.append("#" + "".join(f"{round(a + (at - left) * (b - a)):02x}" for a, b in pairs))
    return tuple(made)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


SHADES = 12

# Each color of LIGHT has one purpose only: `adapting` maps it to its dark counterpart.
LIGHT = Theme(
    name="light",
    surface="#ffffff",
    ink="#1b2330",
    muted="#5a6473",
    grid="#dde2e9",
    inputs=Paint("#ffc37a", "#b45f06"),
    outputs=Paint("#a5dcae", "#1f7a38"),
    hidden=(
        Paint("#d7cdf4", "#6a4fb3"),
        Paint("#b4def2", "#23738f"),
        Paint("#f6c9dc", "#ab3a70"),
        Paint("#efe39a", "#7d6a00"),
    ),
    positive="#1c62ad",
    negative="#c9480f",
    zero="#98a1ad",
    blame="#97208c",
    series=("#0f6cbf", "#d1540a", "#178040", "#8a4fc4", "#a8720c", "#c02f76", "#0b8585", "#6b7583"),
    ramp=shades("#f2f6fb", "#86b6e4", "#0e3f77"),
    turn=8 / 12,
)

DARK = Theme(
    name="dark",
    surface="#14181f",
    ink="#e9eef5",
    muted="#a3afbd",
    grid="#323b48",
    inputs=Paint("#68410c", "#f4a83d"),
    outputs=Paint("#1a5230", "#62cb82"),
    hidden=(
        Paint("#43376f", "#ad9af2"),
        Paint("#1b4a5e", "#62bfe0"),
        Paint("#61284a", "#ef93be"),
        Paint("#534812", "#dcc552"),
    ),
    positive="#6db3f7",
    negative="#ff8c5a",
    zero="#6d7886",
    blame="#e98ae2",
    series=("#63aef5", "#ff9356", "#5fca80", "#c39af0", "#e0b04a", "#f387b4", "#45c5c5", "#a9b4c1"),
    ramp=shades("#1a2129", "#2f6ba8", "#bfe0ff"),
    turn=7 / 12,
)

THEMES = {"light": LIGHT, "dark": DARK}
CHOICES = ("light", "dark", "auto")


def check_theme(name: str) -> str:
    """Return the name of a theme, or raise a ParameterError that lists the themes.

    >>> check_theme("auto")
    'auto'
    """
    if name not in CHOICES:
        raise ParameterError(f"theme={name!r} is not one of the themes; choose from: {', '.join(CHOICES)}.")
    return name


def fixed(name: str) -> Theme:
    """Return the theme of a static picture, where "auto" means light."""
    return THEMES.get(check_theme(name), LIGHT)


def adapting(svg: str, scope: str) -> str:
    """Return the style that turns a light SVG dark if the reader prefers that.

    Parameters
    ----------
    svg : str
        A picture in the colors of LIGHT.
    scope : str
        The class of its root element, so that other pictures on the same page stay as they are.

    Examples
    --------
    >>> adapting('<rect fill="#ffffff"/>', "auto")
    '<style>@media (prefers-color-scheme:dark){.auto [fill="#ffffff"]{fill:#14181f}}</style>'
    """
    dark = dict(zip(LIGHT.colors, DARK.colors, strict=True))
    used = sorted(set(re.findall(r'\b(fill|stroke|stop-color)="(#[0-9a-f]{6})"', svg)))
    rules = [f'.{scope} [{what}="{color}"]{{{what}:{dark[color]}}}' for what, color in used if color in dark]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


def variables() -> str:
    """Return a style sheet that names the colors of both themes, such as ``--ink`` and ``--hidden-1-fill``.

    >>> variables().splitlines()[0][:39]
    ':root { --surface: #ffffff; --ink: #1b2'
    """
    light, dark = (" ".join(f"{name}: {color};" for name, color in _named(theme)) for theme in (LIGHT, DARK))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _named(theme: Theme) -> list[tuple[str, str]]:
    plain = ("surface", "ink", "muted", "grid", "positive", "negative", "zero", "blame")
    paints = {"inputs": theme.inputs, "outputs": theme.outputs}
    paints |= {f"hidden-{place}": paint for place, paint in enumerate(theme.hidden, start=1)}
    return [
        *((f"--{name}", getattr(theme, name)) for name in plain),
        *((f"--{name}-{part}", getattr(paint, part)) for name, paint in paints.items() for part in ("fill", "stroke")),
        *((f"--series-{place}", color) for place, color in enumerate(theme.series, start=1)),
    ]
