"""The suite of fixes: which cases there are, and how what came of them is counted."""

import numpy as np
import pytest

from benchmarks.doctor import fixing


def record(name, cure, effect=None, promised=None, **more):
    recommended = None if effect is None else "clip=1.0"
    return {"name": name, "fault": "dead units", "cures": [cure], "effect": effect, "promised": promised,
            "recommended": recommended, **more}  # fmt: skip


def test_each_name_is_that_of_a_fault():
    assert {each.name for each in fixing.FAULTS} == {*fixing.OF_WEIGHTS, *fixing.OF_SETTINGS}


def test_strengths_take_turns():
    strengths = {}
    for fault, _, strength in fixing.cases_of(["a", "b", "c"], 3):
        strengths.setdefault(fault, []).append(strength)
    for fault, taken in strengths.items():
        assert taken == [*fault.strengths, *fault.strengths][:3]


def test_the_interval_of_a_half_cost():
    base = np.random.default_rng(0).gamma(2.0, size=(5, 400))
    low, change, high = fixing.interval(base / 2, base)
    assert change == pytest.approx(-0.5)
    assert low == pytest.approx(-0.5)
    assert high == pytest.approx(-0.5)


def test_the_interval_of_chance_holds_0():
    rng = np.random.default_rng(0)
    low, _, high = fixing.interval(rng.gamma(2.0, size=(5, 400)), rng.gamma(2.0, size=(5, 400)))
    assert low < 0 < high


def test_what_is_counted():
    better, worse, unsure = [-0.3, -0.2, -0.1], [0.1, 0.2, 0.3], [-0.1, 0.0, 0.1]
    records = [
        record("mended", better, better, [-0.25, -0.2, -0.15]),
        record("not mended", better),
        record("harmed, and not fixable", unsure, worse, better),
        fixing.failed(fixing.FAULTS[0], "iris", 2.0, ValueError("no rows")),
    ]
    text = fixing.markdown(records)
    assert "1 of 3 fixable cases are mended (33%); 1 of 2 recommended fixes do harm." in text
    assert "gave in 1 of 2 cases" in text
    assert "iris ended with an error: ValueError: no rows" in text
