"""The theme's promises: text can be read, signs are told apart by everyone, light turns dark color by color."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.drawing.theme import DARK, LIGHT, adapting

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def channels(color):
    return np.asarray([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255


def linear(color):
    """SRGB to linear light, IEC 61966-2-1."""
    c = channels(color)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.1, relative luminance."""
    a, b = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (b + 0.05) / (a + 0.05)


@THEMES
def test_text_can_be_read(theme):
    for paint in (theme.inputs, theme.outputs, *theme.hidden):
        assert contrast(theme.ink, paint.fill) >= 4.5
        assert contrast(paint.stroke, theme.surface) >= 3
        assert contrast(paint.stroke, paint.fill) >= 2.5  # the small curve inside
    for text in (theme.ink, theme.muted, theme.positive, theme.negative, theme.blame):
        assert contrast(text, theme.surface) >= 4.5
    for line in theme.series:
        assert contrast(line, theme.surface) >= 3


@THEMES
def test_numbers_on_shades_can_be_read(theme):
    """From `turn` on they have the color of the ground, before it that of ink: the better one of the two."""
    for k, shade in enumerate(theme.ramp):
        text, other = (theme.surface, theme.ink) if k / len(theme.ramp) >= theme.turn else (theme.ink, theme.surface)
        assert contrast(text, shade) >= max(4.0, contrast(other, shade))


# Machado, Oliveira & Fernandes 2009, severity 1, on linear light.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(light):
    """CIE L*a*b* of linear sRGB, for daylight."""
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = np.asarray(matrix) @ light / [0.95047, 1.0, 1.08883]
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return np.asarray([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@THEMES
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_signs_differ_for_people_who_see_fewer_colors(theme, deficiency):
    """A difference of 2.3 is just noticeable; 25 is far apart."""
    seen = [
        lab(np.clip(np.asarray(DEFICIENCIES[deficiency]) @ linear(color), 0, 1))
        for color in (theme.positive, theme.negative)
    ]

    assert np.linalg.norm(seen[0] - seen[1]) > 25


def test_each_color_of_light_has_one_purpose():
    assert len(set(LIGHT.colors)) == len(LIGHT.colors) == len(DARK.colors)


def test_a_picture_that_adapts_exchanges_every_color():
    """Replaced one by one by its own style sheet's rules, the adapting picture is the dark one."""
    net = gn.Network.create([3, 14, 4, 2], seed=0)
    row, target = [1.0, 0.5, -1.0], [0.0, 1.0]
    auto, dark, light = (
        gn.draw(net, row, target, cost="half_squared_error", theme=theme).svg for theme in ("auto", "dark", "light")
    )
    exchange = dict(zip(LIGHT.colors, DARK.colors, strict=True))
    turned = light
    for color in LIGHT.colors:
        turned = turned.replace(f'"{color}"', f'"#>{exchange[color][1:]}"')

    assert turned.replace("#>", "#") == dark
    for color in LIGHT.colors:
        if f'fill="{color}"' in light:
            assert f'[fill="{color}"]{{fill:{exchange[color]}}}' in auto
        if f'stroke="{color}"' in light:
            assert f'[stroke="{color}"]{{stroke:{exchange[color]}}}' in auto


def test_style_of_a_picture_stays_its_own():
    style = adapting('<rect fill="#ffffff" stroke="#123456"/>', "mine")

    assert style.count(".mine ") == 1
    assert "#123456" not in style
