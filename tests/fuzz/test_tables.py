"""A short run of the attack with malformed tables; `make fuzz` is the long one."""

from pathlib import Path

import pytest
from fuzz.tables import run

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")


def test_malformed_tables_end_in_a_sentence_or_in_finite_numbers():
    tally = run(200, seed=11)

    assert tally.failures == []
    assert set(tally.outcomes) == {"refused", "encoded", "fitted"}
