"""How many threads take the steps: whichever number took less time, tried now and then."""

import math

import pytest

from glassnet.engines.cpu import crew as crew_module
from glassnet.engines.cpu.crew import CALLS_BETWEEN, WORTH_ALL, WORTH_IT, WORTH_TRYING, Crew


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch):
    monkeypatch.setattr(crew_module, "n_cores", lambda: 4)
    monkeypatch.setattr(crew_module, "HAS_THREADS", True)


def after(crew, *seconds_of_a_step):
    """Let the crew see calls of a thousand steps; return how many threads took each, and how many come next."""
    taken = []
    for seconds in seconds_of_a_step:
        taken.append(crew.n_threads)
        crew.see(1000 * (seconds[crew.n_threads] if isinstance(seconds, dict) else seconds), 1000)
    return [*taken, crew.n_threads]


IDLE, BUSY = {1: 80e-6, 4: 60e-6}, {1: 80e-6, 4: 150e-6}


def test_small_steps_are_left_to_one_thread():
    assert after(Crew(WORTH_TRYING / 2, None), BUSY, IDLE, IDLE) == [1, 1, 1, 1]


def test_the_faster_ones_stay_after_a_trial_of_both():
    assert after(Crew(2 * WORTH_IT, None), IDLE, IDLE, IDLE, IDLE) == [4, 1, 4, 4, 4]
    assert after(Crew(2 * WORTH_IT, None), BUSY, BUSY, BUSY, BUSY) == [4, 1, 1, 1, 1]
    assert after(Crew(2 * WORTH_TRYING, None), BUSY, BUSY, BUSY) == [1, 4, 1, 1]


def test_a_large_step_is_not_tried_on_one_thread_while_all_goes_well():
    assert after(Crew(WORTH_ALL, None), IDLE, IDLE, IDLE) == [4, 4, 4, 4]


def test_another_process_that_begins_and_ends_is_noticed():
    crew = Crew(WORTH_ALL, None)
    assert after(crew, IDLE, BUSY, BUSY, BUSY) == [4, 4, 1, 1, 1]
    taken = after(crew, *[IDLE] * (2 * CALLS_BETWEEN))
    assert taken[-1] == 4


def test_a_call_too_short_to_tell_is_passed_over():
    crew = Crew(2 * WORTH_IT, None)
    crew.see(1e-4, 1)
    assert crew.n_threads == 4


def test_a_trial_takes_few_steps():
    crew = Crew(2 * WORTH_IT, None)
    assert crew.steps_to_try() == math.inf
    crew.see(1.0, 1000)
    assert crew.steps_to_try() == pytest.approx(5)  # of 1 ms each
    crew.see(1.0, 1000)
    assert crew.steps_to_try() == math.inf


def test_what_the_user_wants_is_not_put_on_trial():
    assert after(Crew(WORTH_ALL, 1), BUSY, IDLE) == [1, 1, 1]
    assert after(Crew(1.0, 3), 1.0, 1.0) == [3, 3, 3]


def test_without_threads_there_is_one(monkeypatch):
    monkeypatch.setattr(crew_module, "HAS_THREADS", False)
    assert after(Crew(WORTH_ALL, None), 1.0, 1.0) == [1, 1, 1]
