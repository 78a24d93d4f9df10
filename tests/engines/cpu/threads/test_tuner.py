"""How many threads take the steps: whichever number took less time, tried now and then."""

from itertools import pairwise

import pytest

from glassnet.engines.cpu.threads import tuner as tuner_module
from glassnet.engines.cpu.threads.tuner import (
    CALL_SECONDS,
    GROWTH,
    IN_A_SECOND,
    PAUSE,
    SHORT_PAUSE,
    TRIAL_SECONDS,
    WARM_UP_SECONDS,
    WORTH_IT,
    WORTH_TRYING,
    ThreadTuner,
    n_threads_for,
)


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch):
    monkeypatch.setattr(tuner_module, "n_cores", lambda: 4)
    monkeypatch.setattr(tuner_module, "HAS_THREADS", True)


def after(tuner, *seconds_of_a_step):
    """Let the crew see calls of a hundred steps; return how many threads took each, and how many come next."""
    taken = []
    for seconds in seconds_of_a_step:
        taken.append(tuner.n_threads)
        tuner.see(100 * seconds[tuner.n_threads], 100)
    return [*taken, tuner.n_threads]


IDLE, BUSY, COLD = {1: 80e-6, 4: 60e-6}, {1: 80e-6, 4: 150e-6}, {1: 9e-3, 4: 9e-3}


def test_small_steps_are_left_to_one_thread():
    assert after(ThreadTuner(WORTH_TRYING / 2, None), BUSY, IDLE, IDLE) == [1, 1, 1, 1]


def test_the_faster_ones_stay_after_a_trial_of_both():
    assert after(ThreadTuner(2 * WORTH_IT, None), COLD, IDLE, IDLE, IDLE, IDLE) == [4, 4, 1, 4, 4, 4]
    assert after(ThreadTuner(2 * WORTH_IT, None), COLD, BUSY, BUSY, BUSY, BUSY) == [4, 4, 1, 1, 1, 1]
    assert after(ThreadTuner(2 * WORTH_TRYING, None), COLD, BUSY, COLD, BUSY, BUSY) == [1, 1, 4, 4, 1, 1]


def test_another_process_that_begins_and_ends_is_noticed():
    tuner = ThreadTuner(2 * WORTH_IT, None)
    assert after(tuner, COLD, IDLE, IDLE, IDLE) == [4, 4, 1, 4, 4]
    assert after(tuner, BUSY, BUSY, BUSY) == [4, 1, 1, 1]
    assert after(tuner, *[IDLE] * 2 * PAUSE)[-1] == 4


def test_one_thread_is_left_soon_and_then_less_and_less_often():
    tuner = ThreadTuner(2 * WORTH_IT, None)
    taken = after(tuner, COLD, *[BUSY] * 4 * PAUSE)
    trials = [at for at, n_threads in enumerate(taken) if n_threads == 4][2:]  # behind the first

    alone = 0.008 * (trials[0] - 3)  # seconds of one thread after its own trial, 8 ms a call
    assert TRIAL_SECONDS * SHORT_PAUSE < alone <= TRIAL_SECONDS * SHORT_PAUSE + 0.008
    waited = [later - earlier for earlier, later in pairwise(trials)]
    assert sorted(waited) == waited
    assert waited[-1] * 0.008 >= TRIAL_SECONDS * PAUSE


def test_calls_too_short_to_tell_are_taken_together():
    tuner = ThreadTuner(2 * WORTH_IT, None)
    tuner.see(0.0006, 10)
    for _ in range(3):
        tuner.see(0.0006, 10)
        assert tuner.n_threads == 4
    tuner.see(0.0006, 10)
    assert tuner.n_threads == 1


def test_a_trial_takes_few_steps():
    tuner = ThreadTuner(IN_A_SECOND * 1e-4, None)  # one thread should need 0.1 ms for a step
    assert tuner.n_steps(1000) == WARM_UP_SECONDS / 2e-4
    tuner.see(0.5, 1)
    assert tuner.n_steps(1000) == TRIAL_SECONDS / 2e-4
    tuner.see(0.05, 1000)
    assert tuner.n_steps(1000) == TRIAL_SECONDS / 5e-5
    assert tuner.n_steps(7) == 7
    assert ThreadTuner(1e12, None).n_steps(5) == 1


def test_those_who_won_a_trial_are_given_more_time_from_call_to_call():
    tuner = ThreadTuner(2 * WORTH_IT, None)
    after(tuner, COLD, IDLE, IDLE)
    given = []
    for _ in range(5):
        given.append(tuner.n_steps(10_000))
        after(tuner, IDLE)

    expected = [TRIAL_SECONDS * GROWTH, TRIAL_SECONDS * GROWTH**2, CALL_SECONDS, CALL_SECONDS, CALL_SECONDS]
    assert given == [int(seconds / IDLE[4]) for seconds in expected]


def test_a_lucky_trial_is_soon_seen_through():
    """Steps of four threads took a third longer than one thread's, but for those of the trial."""
    tuner = ThreadTuner(2 * WORTH_IT, None)
    lucky, later = {1: 80e-6, 4: 60e-6}, {1: 80e-6, 4: 85e-6}

    assert after(tuner, COLD, lucky, lucky, later, later) == [4, 4, 1, 4, 1, 1]


def test_long_steps_go_on_for_a_while_before_the_others_are_tried():
    tuner = ThreadTuner(IN_A_SECOND * 0.1, None)
    taken = []
    for _ in range(PAUSE + 4):
        taken.append(tuner.n_threads)
        tuner.see({4: 0.06, 1: 0.1}[tuner.n_threads], 1)

    assert taken.count(1) == 1
    assert taken[PAUSE // 2] == taken[-1] == 4


def test_what_the_user_wants_is_not_put_on_trial():
    tuner = ThreadTuner(1e9, 1)
    assert (after(tuner, BUSY, IDLE), tuner.n_steps(9)) == ([1, 1, 1], 9)
    assert after(ThreadTuner(1.0, 3), {3: 1.0}, {3: 9.0}) == [3, 3, 3]


def test_without_threads_there_is_one(monkeypatch):
    monkeypatch.setattr(tuner_module, "HAS_THREADS", False)
    assert after(ThreadTuner(1e9, None), IDLE, BUSY) == [1, 1, 1]


def test_small_predictions_stay_on_one_thread_and_n_jobs_overrides():
    assert n_threads_for((30, 16, 3), 32, None) == 1
    assert n_threads_for((784, 1024, 1024, 10), 512, None) == 4
    assert n_threads_for((30, 16, 3), 32, 3) == 3
