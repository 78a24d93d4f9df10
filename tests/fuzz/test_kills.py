"""kill -9 in real processes, a few of many: `python -m fuzz kills` tries 200 runs."""

import os

import pytest
from fuzz.kills import run


@pytest.mark.skipif(os.name != "posix", reason="forks, and sends signals")
def test_a_few_moments():
    tally = run(6, seed=3)

    assert tally.failures == []
    assert tally.n_cases == 6
