"""Text in pictures: upper bounds of widths, shortening, and numbers with three digits."""

import unicodedata
from itertools import accumulate

# Widths in em of DejaVu Sans, the widest of the possible fonts: text that fits in it fits in all.
_EM = {
    0.32: "'ijl IJ,.|:;/\\",
    0.42: "f-()[]t!r·",
    0.54: '"*_`sz?c',
    0.66: "LFkvxyPTYaoe ESbdghnpqu$0123456789{}Kδση₁₂→∂",
    0.79: "AVBRXZCUHNDG&OQ",
    0.84: "w#+<=>^~−×",
    1.0: "M%mW@…⋮",
}
_WIDTHS = {letter: em for em, letters in _EM.items() for letter in letters}
_BOLD = 1.12  # width of a bold face relative to the regular one
_SLACK = 1e-3  # em; more than the rounding differences of summed widths


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return an upper bound of a text's width, in the unit of its font size.

    >>> round(text_width("0.77", 10), 1), text_width("語", 10)
    (23.0, 10.5)
    """
    return sum(map(_em, text)) * size * (_BOLD if bold else 1.0)


def _em(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0.0
    wide = unicodedata.east_asian_width(letter) in "WFA" or not letter.isalnum()
    return 1.05 if wide else 0.86


def shortened(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return the text, shortened in the middle if it is wider than `width`.

    >>> shortened("flipper_length_mm", 80, 12)
    'flippe…_mm'
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    widths = list(accumulate(map(_em, text), initial=0.0))  # of each prefix, so that long texts stay fast
    ends = list(accumulate(range(1, len(text) + 1), lambda end, n: end if text[n - 1].isspace() else n, initial=0))
    most = width / (size * (_BOLD if bold else 1.0)) + _SLACK
    for kept in range(len(text) - 1, 1, -1):
        tail = kept // 3
        end = ends[kept - tail]
        if widths[end] + _em("…") + widths[-1] - widths[len(text) - tail] > most:
            continue
        short = f"{text[:end]}…{text[len(text) - tail :]}"
        if text_width(short, size, bold=bold) <= width:
            return short
    return text[:1] + "…"


def short(value: float) -> str:
    """Return a number in three significant digits, with the sign that typesetters use.

    >>> short(0.7711201), short(-12.345), short(0.0), short(-0.00001234), short(98765.0)
    ('0.771', '−12.3', '0', '−1.2e−5', '9.9e4')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return {float("inf"): "∞", float("-inf"): "−∞"}.get(value, "NaN")
    if value == 0:
        return "0"
    if 0.00095 <= abs(value) < 9999.5:
        text = f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}"
    else:
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def compact(value: float) -> str:
    """Return a number for a small place: two decimals below 10, fewer above.

    >>> compact(0.0788), compact(-12.345), compact(0.00042), compact(1.0)
    ('0.08', '−12.3', '4e−4', '1')
    """
    size = abs(value)
    if not size < 1e4:
        return short(value)
    if value == int(value):
        return f"{value:.0f}".replace("-", "−") if value else "0"
    if size < 0.00495:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{value:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}".replace("-", "−")
