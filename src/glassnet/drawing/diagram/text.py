"""A line of text with its position, so that overlaps are detected before drawing."""

from dataclasses import dataclass

from glassnet.drawing.words import text_width

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

ASCENT, DESCENT = 0.8, 0.24  # relative to the font size


@dataclass(frozen=True)
class Text:
    """A line of text.

    Attributes
    ----------
    x, y : float
        Position of the anchor; y is the baseline.
    words : str
    size : float
    anchor : {"start", "middle", "end"}
    role : str
        The field of `Theme` with its color.
    bold : bool
    full : str
        The full text if `words` is shortened.
    """

    x: float
    y: float
    words: str
    size: float
    anchor: str = "middle"
    role: str = "ink"
    bold: bool = False
    full: str = ""

    @property
    def box(self) -> Box:
        """Upper bound of the covered area."""
        width = text_width(self.words, self.size, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return (left, self.y - ASCENT * self.size, left + width, self.y + DESCENT * self.size)


def overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes share more than an edge.

    >>> overlap((0, 0, 2, 2), (1, 1, 3, 3)), overlap((0, 0, 2, 2), (2, 0, 3, 2))
    (True, False)
    """
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
