"""kill -9 in real processes, a few of many: `python -m fuzz sweeps` kills each sweep twenty times."""

import os

import pytest

from fuzz import sweeps


@pytest.mark.skipif(os.name != "posix", reason="forks, and sends signals")
def test_a_few_moments():
    tally = sweeps.run(1, seed=2, few=True)

    assert tally.failures == []
    assert tally.n_cases == 1
