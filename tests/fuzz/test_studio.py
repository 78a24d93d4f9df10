"""Messages of a hostile page, a few of many: `python -m fuzz studio` sends 10,000 of them."""

from pathlib import Path

import pytest
from fuzz.studio import run

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only")


@pytest.fixture(autouse=True)
def web():
    for name in ("starlette", "uvicorn", "websockets"):
        pytest.importorskip(name, reason=f"{name} is not installed; run: pip install -e '.[dev]'")


def test_a_few_messages():
    tally = run(60, seed=5)

    assert tally.failures == []
    assert tally.n_cases == 60
    assert {"done", "refused"} <= set(tally.outcomes)
