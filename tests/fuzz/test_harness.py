"""The harness must notice what it exists to notice: each way to fail is tried once."""

from pathlib import Path

import pytest
from fuzz.child import run_numbers

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")


def test_every_way_to_fail_is_noticed_and_the_next_case_goes_on():
    tally = run_numbers("harness", "tests.fuzz.targets:behave", [0, 1, 2, 0, 3, 4, 5, 0], seed=7, seconds=0.2)

    assert tally.outcomes == {"fine with seed 7": 3}
    assert [case for case, _ in tally.failures] == [1, 2, 3, 4, 5]
    raw, killed, memory, hung, left = [reason for _, reason in tally.failures]
    assert raw.startswith("KeyError: 'lost' (targets.py:")
    assert killed == "killed by SIGSEGV"
    assert memory == "asked for more memory than it may have"
    assert hung == "hung: no answer within 2 s"
    assert left == "ended with exit code 3"
    assert "case 2: killed by SIGSEGV" in str(tally)
