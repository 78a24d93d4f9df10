"""Text in pictures: never wider than promised, numbers right in their last digit."""

from hypothesis import given
from hypothesis import strategies as st

from glassnet.drawing.svg import tag
from glassnet.drawing.words import compact, short, shortened, text_width

NUMBERS = st.floats(-1e300, 1e300)


@given(st.text(max_size=60), st.floats(20, 300))
def test_shortened_text_fits(text, width):
    """Down to one letter and the three dots, 24 wide at most."""
    short_text = shortened(text, width, 12)

    assert text_width(short_text, 12) <= max(width, 2 * 1.05 * 12)
    assert short_text == text or "…" in short_text


def value_of(text):
    return float(text.replace("−", "-"))


def test_a_long_text_is_shortened_as_a_short_one():
    """A column's name may have hundreds of thousands of letters; what is left is what fits."""
    for letters in ("a", "語", "e\u0301", " b"):
        long = letters * (300_000 // len(letters))
        told = shortened(long, 80, 12)
        assert text_width(told, 12) <= 80
        assert 3 < len(told) < 40
        assert told == shortened(long[:120] + long[-120:], 80, 12)


@given(NUMBERS)
def test_short_numbers_are_right_to_half_a_digit(value):
    digits = 3 if value == 0 or 1e-3 <= abs(value) < 9999.5 else 2
    assert abs(value_of(short(value)) - value) <= 0.501 * 10.0 ** (1 - digits) * abs(value)
    assert len(short(value)) <= 9


@given(st.floats(-9999, 9999))
def test_compact_numbers_are_right_to_half_a_digit(value):
    assert abs(value_of(compact(value)) - value) <= 0.00501 * max(1, abs(value)) + 1e-12


def test_bounds_of_widths():
    """DejaVu Sans at 100 units: measured in a browser with getComputedTextLength."""
    measured = {"bill_length_mm": 760.4, "0.771": 286.3, "−0.0141": 433.7, "hidden layer 1": 721.1}
    for text, width in measured.items():
        assert width <= text_width(text, 100) <= 1.2 * width


def test_attributes_are_escaped():
    assert tag("a", "x", class_="b", aria_label='"<&>') == '<a class="b" aria-label="&quot;&lt;&amp;&gt;">x</a>'
