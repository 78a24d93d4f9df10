"""The peer of the sweep: it begins when all of its processes are ready, and not without one of them."""

from threading import Barrier

import pytest

from benchmarks import sweeping


def test_a_process_that_never_gets_ready_is_an_error():
    with pytest.raises(
        SystemExit, match=r"^a process of the peer has failed, or was not ready within 0\.01 seconds\.$"
    ):
        sweeping.wait_for_all(Barrier(2), 0.01)


def test_a_process_that_has_failed_is_an_error_at_once():
    begun = Barrier(2)
    with pytest.raises(ValueError, match="only 1 member"):  # rows that cannot be split by class
        sweeping.work(begun, [[0.0], [1.0]], [0, 1], 1.0, 0, 0)
    assert begun.broken
    with pytest.raises(SystemExit, match="has failed"):
        sweeping.wait_for_all(begun)


def test_all_begin_together():
    sweeping.wait_for_all(Barrier(1))
