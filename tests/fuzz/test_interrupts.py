"""Ctrl-C in real processes, a few moments of many: `python -m fuzz interrupts` tries 100 of them, against the clock."""

import os

import pytest
from fuzz.interrupts import SCENARIOS, Timed, run

GENEROUS = 60.0  # how soon they end is measured by `make fuzz`, on a machine that does nothing else


@pytest.mark.skipif(os.name != "posix", reason="sends signals to process groups")
def test_a_few_moments():
    """One of each kind of work: it ends in the documented way, and leaves no half of a file, thread or process."""
    tally = run(len(SCENARIOS), seed=3, seconds=GENEROUS, n_rows=100_000)

    assert tally.failures == []
    assert tally.n_cases == len(SCENARIOS)


def test_the_tally_tells_the_times():
    tally = Timed("interrupts", 0, times=[0.3, 0.1, 0.2])
    assert "from signal to end: median 0.20 s, nine tenths within 0.30 s, longest 0.30 s" in str(tally)
