"""How many threads take the steps, on a simulated machine whose speed is known at any time."""

import pytest

from glassnet.engines.cpu.threads import tuner as tuner_module
from glassnet.engines.cpu.threads.tuner import (
    CALL_SECONDS,
    IN_A_SECOND,
    LONG_PAUSE,
    MOST_KNOWN,
    PART_SECONDS,
    SHARE,
    TRIAL_SECONDS,
    WARM_UP_SECONDS,
    WORTH_IT,
    WORTH_TRYING,
    ThreadTuner,
    n_threads_for,
    tuner_of,
)

WORK = 2 * WORTH_IT
CALL_SHARE = 0.01  # of a part of a run, for the hand-over to the helpers


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch):
    monkeypatch.setattr(tuner_module, "n_cores", lambda: 4)
    monkeypatch.setattr(tuner_module, "HAS_THREADS", True)
    monkeypatch.setattr(tuner_module, "_known", {})


def idle(n_threads, at):
    """Return the seconds of a step when no other process needs the cores."""
    return 400e-6 if n_threads > 1 else 700e-6


def busy(n_threads, at):
    """Return the seconds of a step beside another process."""
    return 1100e-6 if n_threads > 1 else 720e-6


class Machine:
    """A clock that training moves."""

    def __init__(self, seconds_of_step, hand_over=CALL_SHARE * PART_SECONDS):
        self.now, self.seconds_of_step, self.hand_over = 0.0, seconds_of_step, hand_over
        self.taken = []  # (begin, threads, steps) of each part

    def run(self, tuner, seconds):
        """Take steps for some seconds; return how long the same steps would have taken at the best choice always."""
        end, best = self.now + seconds, 0.0
        while self.now < end:
            n_threads, n_steps, begin = tuner.n_threads, tuner.n_steps(10**9), self.now
            self.taken.append((begin, n_threads, n_steps))
            self.now += self.hand_over if n_threads > 1 else 0.0
            for _ in range(n_steps):
                best += min(self.seconds_of_step(n, self.now) for n in (1, 4))
                self.now += self.seconds_of_step(n_threads, self.now)
            tuner.see(n_threads, self.now - begin, n_steps)
        return best

    def loss(self, tuner, seconds):
        """Return the share of the time that wrong choices, looks and hand-overs cost."""
        begin = self.now
        best = self.run(tuner, seconds)
        return (self.now - begin) / best - 1

    def seconds_of(self, n_threads, since):
        """Return how long so many threads were chosen since a time."""
        ends = [*(begin for begin, *_ in self.taken[1:]), self.now]
        return sum(end - begin for (begin, n, _), end in zip(self.taken, ends) if n == n_threads and begin >= since)


def test_small_steps_are_left_to_one_thread():
    machine = Machine(idle)
    machine.run(ThreadTuner(WORTH_TRYING / 2, None), 0.5)

    assert {n_threads for _, n_threads, _ in machine.taken} == {1}


@pytest.mark.parametrize("work", [2 * WORTH_IT, 2 * WORTH_TRYING])
@pytest.mark.parametrize(("speed", "right"), [(idle, 4), (busy, 1)])
def test_a_short_run_loses_little_and_a_long_one_next_to_nothing(work, speed, right):
    tuner, machine = ThreadTuner(work, None), Machine(speed)

    assert machine.loss(tuner, 0.28) < 0.05
    assert machine.taken[-1][1] == right
    assert machine.loss(tuner, 2.0) < CALL_SHARE + SHARE + 0.005


def test_a_disturbance_at_the_start_is_soon_seen_to_be_over():
    """The threads of another process look for work for some milliseconds after it has done its own."""
    machine = Machine(lambda n, at: busy(n, at) if at < 0.006 else idle(n, at))
    machine.run(ThreadTuner(WORK, None), 0.28)

    assert machine.taken[-1][1] == 4
    assert machine.seconds_of(1, since=0.006) <= 0.05 * 0.28 + PART_SECONDS


def test_what_a_run_learned_is_known_to_the_next():
    tuner = tuner_of("a kind", WORK, None)
    Machine(idle).run(tuner, 0.28)
    again = Machine(idle)
    loss = again.loss(tuner_of("a kind", WORK, None), 0.28)

    assert {n_threads for _, n_threads, _ in again.taken} == {4}
    assert loss < CALL_SHARE + 0.001
    assert tuner_of("another kind", WORK, None) is not tuner


def test_one_thread_is_left_even_if_all_of_them_never_had_the_machine_for_themselves():
    machine = Machine(lambda n, at: busy(n, at) if at < 0.5 else idle(n, at))
    machine.run(ThreadTuner(WORK, None), 0.7)

    assert machine.taken[-1][1] == 4
    assert machine.seconds_of(1, since=0.5) < 0.1


def test_a_neighbor_that_comes_and_goes_is_noticed_within_a_few_parts():
    machine = Machine(lambda n, at: busy(n, at) if at % 2 < 1 else idle(n, at))
    tuner = ThreadTuner(WORK, None)
    machine.run(tuner, 4.0)

    for begin in (1.0, 3.0):
        assert machine.seconds_of(1, since=begin) - machine.seconds_of(1, since=begin + 1) < 0.1
    assert machine.seconds_of(4, since=2.0) - machine.seconds_of(4, since=3.0) < 0.1


def test_looks_that_lose_cost_less_than_a_hundredth():
    machine = Machine(busy, hand_over=0.0)
    tuner = ThreadTuner(WORK, None)
    machine.run(tuner, 0.5)  # until the allowance is spent

    assert machine.loss(tuner, 10.0) < 0.01
    assert machine.seconds_of(4, since=0.5) > 0.0


def test_all_threads_are_soon_tried_again_after_a_neighbor_that_kept_them_apart():
    """Each step then takes twenty times as long, so that a look that expects such steps would seem to cost a lot."""

    def seconds(n_threads, at):
        if n_threads == 1:
            return 190e-6
        return 2e-3 if 0.1 < at % 1 < 0.14 else 110e-6

    machine = Machine(seconds)
    machine.run(ThreadTuner(WORK, None), 3.0)

    for second in range(3):
        gone = second + 0.14
        assert machine.seconds_of(1, since=gone) - machine.seconds_of(1, since=second + 1) < 0.1


def test_a_core_that_wakes_slowly_is_still_worth_it():
    """A look at all threads begins with 0.45 ms in which nothing is done, four times as long as a step."""

    def seconds(n_threads, at):
        return 190e-6 if n_threads == 1 else 500e-6 if at < 0.05 else 112e-6

    machine = Machine(seconds, hand_over=0.45e-3)
    machine.run(ThreadTuner(WORK, None), 1.0)

    assert machine.taken[-1][1] == 4
    assert machine.seconds_of(1, since=0.05) < 0.1


@pytest.mark.parametrize("step", [100e-6, 400e-6, 1.5e-3])
def test_rare_hiccups_of_the_machine_change_little(step):
    """Every 97 ms, what runs on all threads waits for one of them for 5 ms; a step of one thread takes 1.7 times."""

    def seconds(n_threads, at):
        if n_threads == 1:
            return 1.7 * step
        return step + (5e-3 if at % 0.097 < step else 0.0)

    for begin in (0.0, 0.013, 0.031):
        machine, tuner = Machine(seconds), ThreadTuner(WORK, None)
        machine.now = begin
        machine.run(tuner, 3.0)
        assert machine.seconds_of(1, since=begin) < 0.05 * 3.0


def test_a_lucky_look_is_soon_seen_through():
    """Steps of four threads take a third longer than one thread's, except in the first look."""
    lucky = Machine(lambda n, at: 80e-6 if n == 1 else 60e-6 if at < 0.006 else 107e-6)

    assert lucky.loss(ThreadTuner(WORK, None), 0.3) < 0.05
    assert lucky.taken[-1][1] == 1


def test_best_times_that_are_outdated_are_measured_again():
    """One thread was slow when it was timed, as the processor was."""
    machine = Machine(lambda n, at: 400e-6 if n > 1 else 700e-6 if at < 0.1 else 300e-6)
    machine.run(ThreadTuner(WORK, None), 0.1 + 2 * LONG_PAUSE)

    assert machine.taken[-1][1] == 1


def test_calls_too_short_to_tell_are_taken_together():
    tuner = ThreadTuner(WORK, None)
    tuner.see(4, 0.0003, 10)  # the first call starts the threads
    for _ in range(int(TRIAL_SECONDS / 2 / 0.0003)):
        tuner.see(4, 0.0003, 10)
        assert tuner.n_threads == 4
    tuner.see(4, 0.0003, 10)
    assert tuner.n_threads == 1


def test_one_step_that_was_held_up_decides_nothing():
    """Steps that come one by one, as those of L-BFGS: every 40 ms, one of them takes three times as long."""
    tuner, now, slow = ThreadTuner(WORK, None), 0.0, 0
    while now < 2.0:
        n_threads, held_up = tuner.n_threads, now % 0.04 < 540e-6
        seconds = 1050e-6 if n_threads == 1 else 1700e-6 if held_up else 540e-6
        now += seconds
        slow += n_threads == 1
        tuner.see(n_threads, seconds, 1)

    assert slow * (1050e-6 - 540e-6) < 0.02 * now


def test_what_another_run_did_meanwhile_does_not_count():
    tuner = ThreadTuner(WORK, None)
    tuner.see(4, 0.001, 10)
    tuner.see(1, 1.0, 1)
    tuner.see(4, 1.0, 0)

    assert (tuner.n_threads, tuner.n_steps(10**9)) == (4, int(TRIAL_SECONDS / 0.0001))


def test_a_trial_takes_few_steps():
    tuner = ThreadTuner(IN_A_SECOND * 1e-4, None)  # one thread should need 0.1 ms for a step
    assert tuner.n_steps(1000) == int(WARM_UP_SECONDS / 2e-4)
    tuner.see(4, 0.002, 4)
    assert tuner.n_steps(1000) == int(TRIAL_SECONDS / 5e-4)
    assert tuner.n_steps(7) == 7
    assert ThreadTuner(1e12, None).n_steps(5) == 1


def test_long_steps_go_on_for_a_while_before_the_others_are_tried():
    machine = Machine(lambda n, at: 0.06 if n > 1 else 0.1)
    tuner = ThreadTuner(IN_A_SECOND * 0.1, None)

    assert machine.loss(tuner, 30.0) < 0.01
    assert {n_threads for _, n_threads, _ in machine.taken[:20]} == {4}
    assert {n_threads for _, n_threads, _ in machine.taken} == {1, 4}
    assert machine.taken[-1][1] == 4


def test_long_steps_that_take_far_too_long_are_not_paid_for_first():
    """Two threads that a busy neighbor keeps apart need 20 ms for what one does in 2."""
    machine = Machine(lambda n, at: 20e-3 if n > 1 else 2e-3)
    machine.run(ThreadTuner(0.0006 * IN_A_SECOND, None), 0.3)

    assert machine.seconds_of(4, since=0.0) < 0.1
    assert machine.taken[-1][1] == 1


def test_what_the_user_wants_is_not_put_on_trial():
    machine = Machine(busy)
    machine.run(ThreadTuner(1e9, 1), 1.0)
    machine.run(tuner_of("a kind", 1e9, 1), 1.0)
    assert {n_threads for _, n_threads, _ in machine.taken} == {1}
    assert machine.taken[-1][2] == int(CALL_SECONDS / 720e-6)

    asked = Machine(busy)
    asked.run(ThreadTuner(WORK, 3), 1.0)
    assert {n_threads for _, n_threads, _ in asked.taken} == {3}


def test_only_the_latest_kinds_are_remembered():
    first = tuner_of(0, WORK, None)
    for kind in range(1, MOST_KNOWN):
        tuner_of(kind, WORK, None)
    assert tuner_of(0, WORK, None) is first
    second = tuner_of(1, WORK, None)
    tuner_of(MOST_KNOWN, WORK, None)
    tuner_of(MOST_KNOWN + 1, WORK, None)

    assert tuner_of(1, WORK, None) is second
    assert tuner_of(0, WORK, None) is first
    assert len(tuner_module._known) == MOST_KNOWN


def test_without_threads_there_is_one(monkeypatch):
    monkeypatch.setattr(tuner_module, "HAS_THREADS", False)
    machine = Machine(idle)
    machine.run(ThreadTuner(1e9, None), 1.0)

    assert {n_threads for _, n_threads, _ in machine.taken} == {1}


def test_small_predictions_stay_on_one_thread_and_n_jobs_overrides():
    assert n_threads_for((30, 16, 3), 32, None) == 1
    assert n_threads_for((784, 1024, 1024, 10), 512, None) == 4
    assert n_threads_for((30, 16, 3), 32, 3) == 3
