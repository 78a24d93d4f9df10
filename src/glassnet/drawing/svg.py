"""SVG as text: elements with escaped attributes and short numbers."""

from html import escape

from glassnet.drawing.theme import adapting
from glassnet.escaping import placeholders

AUTO = "glassnet-auto"


def tag(name: str, *children: str, **attributes: str | float | None) -> str:
    """Return an element; `_` in the name of an attribute stands for `-`, and None leaves it out.

    >>> tag("line", x1=0, y1=0.123, stroke_width=None)
    '<line x1="0" y1="0.12"/>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def _value(value: str | float) -> str:
    return words(value) if isinstance(value, str) else coordinate(value)


def words(text: str) -> str:
    r"""Return text escaped for XML.

    >>> words("a<b & c\x00")
    'a&lt;b &amp; c�'
    """
    return escape(placeholders(text))


def coordinate(value: float) -> str:
    """Return a number with two decimals at most.

    >>> coordinate(12.0), coordinate(-0.001), coordinate(0.125)
    ('12', '0', '0.12')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def document(
    width: float, height: float, *body: str, title: str, description: str, font: str, adapts: bool = False
) -> str:
    """Return a whole SVG file that also says in words what it shows.

    Parameters
    ----------
    width, height : float
        Of the view box, which begins at 0, 0.
    *body : str
        Elements.
    title, description : str
        For readers who do not see it.
    font : str
        Family of all text.
    adapts : bool
        Whether it turns dark where its reader prefers that; then it must come in the light theme.
    """
    content = "\n".join(body)
    return (
        tag(
            "svg",
            "\n" + tag("title", words(title)),
            "\n" + tag("desc", words(description)),
            "\n" + adapting(content, AUTO) if adapts else "",
            f"\n{content}\n",
            xmlns="http://www.w3.org/2000/svg",
            class_=AUTO if adapts else None,
            role="img",
            aria_label=title,
            viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
            width=width,
            height=height,
            style="max-width:100%;height:auto",
            font_family=font,
        )
        + "\n"
    )
