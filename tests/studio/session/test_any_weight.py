"""Weights of any size set by hand: everything on the page answers with numbers, or in words."""

import json
from contextlib import suppress

import pytest

from glassnet.errors import GlassnetError
from glassnet.studio import messages as m
from glassnet.studio.understanding.views import VIEWS

HUGE, TINY = 1.7e308, 5e-324


@pytest.mark.parametrize(
    ("target", "weights"),
    [("species", (-HUGE, HUGE)), ("species", (TINY,)), ("body_mass_g", (HUGE,)), ("body_mass_g", (1e200, 1e300))],
)
def test_everything_answers(page, target, weights):
    """Once, a histogram of such weights failed, and the factorization of their path never ended."""
    tab = page()
    tab.ask(m.OpenExample, "penguins")
    tab.ask(m.Choose, target)
    tab.play(until=3)
    asked = [
        *((m.ShowView, name, {}) for name in (*VIEWS, "overview")),
        (m.ShowNeuron, 1, 0),
        (m.ShowNeuron, 2, 0),
        (m.Look, 1),
        (m.WhatIf, {}),
        (m.Step,),
        (m.Restore,),
    ]
    shown = set()
    for layer in (1, 2):
        with suppress(GlassnetError):
            for k, weight in enumerate(weights):
                tab.ask(m.SetWeight, layer, 0, k, weight)
        for command, *arguments in asked:
            begin = len(tab.told)
            with suppress(GlassnetError):
                tab.ask(command, *arguments)
            for view in (each for each in tab.told[begin:] if isinstance(each, m.View)):
                json.dumps(view.data, allow_nan=False)
                shown.add(view.view)
    assert {"overview", "weights", "blame"} <= shown
