"""Small plots: their numbers, as SVG and as block characters."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from glassnet.drawing.small.blocks import in_blocks
from glassnet.drawing.small.plot import MOST_BARS, MOST_POINTS, bars, histogram, lines, reliability
from glassnet.drawing.small.render import small_svg
from glassnet.drawing.theme import LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def drawn(plot):
    return ET.fromstring(small_svg(plot))


def bar_widths(plot):
    return [float(each.get("width")) for each in drawn(plot).iter(f"{SVG}rect") if each.get("stroke")]


def heights(path):
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path.get("d"))]


def test_bars_are_as_long_as_their_values():
    one, two, four = bar_widths(bars([1.0, 2.0, 4.0], "abc", x="column", y="spread"))
    assert (two / one, four / one) == pytest.approx((2, 4), rel=0.01)


def test_a_logarithmic_bar_grows_by_the_same_for_each_decade():
    widths = bar_widths(bars([1.0, 10.0, 100.0, 1000.0], "abcd", x="column", y="spread"))
    assert np.diff(widths) == pytest.approx([np.diff(widths)[0]] * 3, rel=0.01)


def test_marked_bars_differ_in_more_than_color():
    svg = drawn(bars([1.0, 2.0], "ab", x="x", y="y", marked=[1]))
    rects = list(svg.iter(f"{SVG}rect"))[1:]
    assert [each.get("fill") == LIGHT.surface for each in rects] == [True, False]
    bold = [each.text for each in svg.iter(f"{SVG}text") if each.get("font-weight") == "bold"]
    assert bold == ["b"]


def test_of_many_bars_the_marked_ones_stay():
    plot = bars(np.arange(500.0), range(500), x="input", y="spread", marked=[123, 499])
    assert len(plot.labels) == len(plot.series[0].values) == MOST_BARS
    assert [plot.labels[place] for place in plot.marked] == ["123", "499"]
    assert plot.labels[0] == "0"


def test_long_lines_are_thinned_and_keep_their_ends():
    plot = lines({"cost": np.arange(5000.0)}, x="epoch", y="cost")
    assert len(plot.at) == len(plot.series[0].values) == MOST_POINTS
    assert (plot.at[0], plot.at[-1], plot.series[0].values[-1]) == (1.0, 5000.0, 4999.0)


def test_a_line_falls_as_its_values_do_and_breaks_where_there_is_none():
    plot = lines({"cost": [4.0, 3.0, float("nan"), 1.0, 0.0]}, x="epoch", y="cost")
    assert plot.series[0].values[2] is None
    (path,) = drawn(plot).iter(f"{SVG}path")
    assert path.get("d").count("M") == 2
    y = heights(path)
    assert np.diff(y) == pytest.approx([(y[-1] - y[0]) / 4, (y[-1] - y[0]) / 2, (y[-1] - y[0]) / 4], abs=0.2)


def test_a_histogram_counts_each_sample_in_the_same_bins():
    rng = np.random.default_rng(0)
    old, new = rng.normal(size=300), np.r_[rng.normal(size=50), np.nan, np.inf]
    plot = histogram({"training": old, "new rows": new}, x="age")
    assert [sum(each.values) for each in plot.series] == [300, 50]
    assert (plot.at[0], plot.at[-1]) == (min(old.min(), new[:50].min()), max(old.max(), new[:50].max()))


def test_a_single_far_row_is_seen():
    plot = histogram({"training": np.zeros(10_000), "new rows": np.r_[np.zeros(9_999), 50.0]}, x="age")
    outline = [each for each in drawn(plot).iter(f"{SVG}rect") if each.get("stroke") == LIGHT.series[1]]
    assert min(float(each.get("height")) for each in outline) >= 2


def test_perfect_reliability_lies_on_the_dashed_line():
    svg = drawn(reliability([0.1, 0.5, 0.9], [0.1, 0.5, 0.9]))
    (dashed,) = (each for each in svg.iter(f"{SVG}line") if each.get("stroke-dasharray"))
    x1, y1, x2, y2 = (float(dashed.get(name)) for name in ("x1", "y1", "x2", "y2"))
    for circle in svg.iter(f"{SVG}circle"):
        share = (float(circle.get("cx")) - x1) / (x2 - x1)
        assert float(circle.get("cy")) == pytest.approx(y1 + share * (y2 - y1), abs=0.1)


@pytest.mark.parametrize(
    "plot, words",
    [
        (bars([0.5, float("nan")], ["<b>", "c"], x="column", y="share", threshold=0.9),
         "share by column: <b> 0.5, c none; the limit is 0.9"),
        (lines({"cost": [3.0, 1.0, 2.0]}, x="epoch", y="cost"), "cost by epoch: from 3 to 2, between 1 and 3"),
        (histogram({"rows": np.asarray([1.0, 3.0])}, x="age"), "rows by age: 2 from 1 to 3"),
        (reliability([0.9], [0.7]), "share that came true by probability: 0.9 came true in 0.7"),
    ],
    ids=["bars", "lines", "histogram", "reliability"],
)  # fmt: skip
def test_a_plot_says_in_words_what_it_shows(plot, words):
    assert drawn(plot).find(f"{SVG}desc").text == words


@pytest.mark.parametrize(
    "plot, expected",
    [
        (bars([0.0, 1.0], "ab", x="layer", y="share"), []),
        (reliability([0.9], [0.7]), []),
        (bars([0.0, 7.0, 0.0, 3.5, 7.0], "abcde", x="column", y="spread"),
         ["spread, 0 to 7:  ▁█▁▅█  (one block for each column)"]),
        (histogram({"rows": np.r_[np.zeros(8), 20.0]}, x="age"), [f"age of rows, 0 to 20:  █{' ' * 18}▂"]),
        (lines({"cost": [8.0, 4.0, 1.0], "validation cost": [8.0, 8.0, float("nan")]}, x="epoch", y="cost"),
         ["cost, epoch 1 to 3:  █▄▁  8 → 1", "validation cost, epoch 1 to 3:  ▁▁   8 → NaN"]),
    ],
    ids=["few bars", "reliability", "bars", "histogram", "lines"],
)  # fmt: skip
def test_a_plot_in_block_characters(plot, expected):
    assert in_blocks(plot, 80) == expected


def test_blocks_keep_to_the_width():
    plot = lines({"cost": np.linspace(9, 1, 400)}, x="epoch", y="cost")
    assert [len(line) <= 40 for line in in_blocks(plot, 40)] == [True]
    assert in_blocks(plot, 20) == []
