"""The number of threads of a run, chosen by timing, and of predictions."""

from collections.abc import Hashable
from itertools import pairwise

from glassnet.engines.cores import n_cores, n_to_start
from glassnet.engines.cpu.threads.barrier import HAS_THREADS

WORTH_TRYING = 1e6  # multiplications and additions of a step: smaller steps end before the threads have met
WORTH_IT = 3e6  # from here on, all threads are tried first
IN_A_SECOND = 1e11  # expected, approximately

WARM_UP_SECONDS = 0.001  # not timed: threads start, caches fill
TRIAL_SECONDS = 0.004  # of a number of threads that was never timed, and of one that has just won
LOOK_SECONDS = 0.002  # of one that was timed before: to wake a core that sleeps takes up to half a millisecond of them
LOST_SECONDS = 0.001  # that the first step of a look takes longer than at home: it ends
LEAST_SECONDS = 0.0008  # shorter times are unreliable
PART_SECONDS = 0.01  # a wrong choice is noticed after one such part of a call
CALL_SECONDS = 0.1  # of a call with a fixed number of threads; between calls, interrupts are noticed
SURE = 5  # times the expected seconds, before any are measured: no machine takes much longer

SHARE = 0.009  # of the time of a run that looks at the alternative may cost,
ALLOWANCE = 0.004  # after these seconds
PAUSE = 0.01  # seconds between two looks that may win,
LONG_PAUSE = 1.0  # and between others: the best times may be outdated
DOUBT = 5.0  # times the cost of a look that lost, until half as much is expected of the next: a neighbor may have gone
MOST_KNOWN = 64  # kinds of steps that are remembered

WORK_FOR_THREADS = 1e7  # multiplications and additions of a prediction that justify each further thread


def work_of_step(sizes: tuple[int, ...], n_batch: int) -> float:
    """Return the multiplications and additions of a step: forward, backward, and for the gradient."""
    return 6.0 * n_batch * sum(n_in * n_out for n_in, n_out in pairwise(sizes))


def n_threads_for(sizes: tuple[int, ...], n_batch: int, n_jobs: int | None) -> int:
    """Return the number of threads for a prediction; `n_jobs` overrides it."""
    if n_jobs is not None or not HAS_THREADS:
        return n_to_start(n_jobs) if HAS_THREADS and n_jobs else 1
    return min(n_cores(), 1 + int(work_of_step(sizes, n_batch) // WORK_FOR_THREADS))


class ThreadTuner:
    """Chooses between one thread and all threads for each part of a run; results do not depend on it.

    Threads that wait for each other are faster on an idle machine and slower beside another busy process; only a look
    at the alternative shows which is the case. Looks that lose cost time, so each one waits until the run has been long
    enough to pay for it.

    Parameters
    ----------
    work : float
        Multiplications and additions of a step.
    n_jobs : int or None
        Number of threads; None leaves the choice to the tuner.
    """

    def __init__(self, work: float, n_jobs: int | None) -> None:
        most = n_cores() if n_jobs is None else n_to_start(n_jobs)
        if not HAS_THREADS or (n_jobs is None and work < WORTH_TRYING):
            most = 1
        self._home, self._other = (most, most) if n_jobs is not None else (1, most) if work < WORTH_IT else (most, 1)
        self._expected = 2 * work / IN_A_SECOND  # seconds per step
        self._longest = SURE * self._expected  # that a step takes on one thread, unless another process needs the core
        self._took: dict[int, float] = {}  # seconds per step, when last timed
        self._best: dict[int, float] = {}  # ... and at their best
        self._looks = False  # whether the next steps are a look at the alternative,
        self._is_cold = False  # of which the first is not judged: its arrays are in no cache
        self._seconds, self._steps = 0.0, 0  # not yet evaluated
        self._part = TRIAL_SECONDS  # seconds until the choice is evaluated again
        self._since = 0.0  # seconds since the alternative was looked at
        self._lost = 0.0  # seconds that the latest look has cost; 0 if it won
        self._credit = ALLOWANCE  # seconds that looks may cost
        self._warm = 0  # largest number of threads that have run

    @property
    def chooses(self) -> bool:
        """Whether there is a choice, for which it needs to see how long steps take."""
        return self._home != self._other

    @property
    def n_threads(self) -> int:
        """Number of threads for the next steps."""
        return self._other if self._looks else self._home

    def n_steps(self, left: int) -> int:
        """Return the number of steps until the next evaluation, at most `left`."""
        now = self.n_threads
        if self._home == self._other:
            seconds, took = CALL_SECONDS, self._took.get(now, self._longest)
        elif self._is_cold:
            return 1
        elif now > self._warm:
            seconds, took = WARM_UP_SECONDS, self._expected
        elif now not in self._took:
            seconds, took = TRIAL_SECONDS, min([self._expected, *self._took.values()])
        elif self._looks:
            seconds, took = LOOK_SECONDS, self._best[now]
        else:
            seconds, took = self._part, self._took[now]
        return max(1, min(left, int(seconds / took)))

    def see(self, n_threads: int, seconds: float, n_steps: int) -> None:
        """Record the time of some steps on so many threads, and choose the threads for the next ones."""
        if n_threads != self.n_threads or n_steps == 0:  # another run of such steps, on another thread, has decided
            return
        if n_threads > self._warm:
            self._warm = n_threads
            self._expected = seconds / n_steps  # rather too long, as the threads had to start
            return
        if self._is_cold:
            self._is_cold = False
            at_home = n_steps * self._took[self._home]
            self._lost = max(0.0, seconds - at_home)
            if self._lost > max(LOST_SECONDS, at_home):  # no cache is as slow as a thread that has no core
                self._judge(0.0, 0)
            return
        self._seconds, self._steps = self._seconds + seconds, self._steps + n_steps
        if self._home == self._other:
            self._took[n_threads] = seconds / n_steps
        elif self._seconds >= (LEAST_SECONDS if self._looks else max(LEAST_SECONDS, self._part / 2)):
            # a part at home may come step by step, of which one that was held up says nothing about the others
            self._evaluate(n_threads, self._seconds, self._steps)
            self._seconds, self._steps = 0.0, 0

    def _evaluate(self, now: int, seconds: float, n_steps: int) -> None:
        took = seconds / n_steps
        # the best first: a run on another thread expects it of all numbers of threads that were timed
        self._best[now] = min(took, self._best.get(now, took))
        self._took[now] = took
        if self._looks:
            self._judge(seconds, n_steps)
        else:
            self._part = PART_SECONDS
            self._since += seconds
            self._credit = min(self._credit + SHARE * seconds, max(ALLOWANCE, 2 * self._cost_of_look()))
        self._looks = self._is_cold = self._should_look()

    def _judge(self, seconds: float, n_steps: int) -> None:
        """Keep the winner of a look."""
        at_home = self._took[self._home]
        self._looks, self._since = False, 0.0
        self._lost += max(0.0, seconds - n_steps * at_home)
        self._credit -= self._lost
        if seconds < n_steps * at_home:
            self._home, self._other = self._other, self._home
            self._part, self._lost = TRIAL_SECONDS, 0.0

    def _should_look(self) -> bool:
        if self._cost_of_look() > self._credit:
            return False
        if self._other not in self._took and self._lost == 0:
            return True
        return self._since >= (PAUSE if self._may_win() else LONG_PAUSE)

    def _may_win(self) -> bool:
        """Whether the other number of threads may be faster now."""
        # the best time of one thread is soon known; that of all threads only once no other process has needed the cores
        return self._other > 1 or self._best.get(self._other, 0.0) < self._took[self._home]

    def _cost_of_look(self) -> float:
        """Return the seconds that a look is expected to cost."""
        expected = self._lost or self._as_last_timed()
        if expected == 0 or not self._may_win() or (self._lost == 0 and self._other not in self._took):
            return expected
        return float(expected * 0.5 ** (self._since / (DOUBT * expected)))

    def _as_last_timed(self) -> float:
        """Return the seconds that a look costs if steps take as long as when they were last timed."""
        at_home = self._took[self._home]
        if self._other not in self._took:
            # they may take twice as long, unless the threads at home wait for each other or for a core
            return max(TRIAL_SECONDS / 2, at_home) if at_home < self._longest else 0.0
        more = max(0.0, self._took[self._other] - at_home)
        ends_at_once = more > max(LOST_SECONDS, at_home)
        return more if ends_at_once else more * max(1.0, LOOK_SECONDS / self._best[self._other])


_known: dict[Hashable, ThreadTuner] = {}


def tuner_of(kind: Hashable, work: float, n_jobs: int | None) -> ThreadTuner:
    """Return the tuner for steps of a kind, with what it learned in earlier runs of this process."""
    if n_jobs is not None or work < WORTH_TRYING:  # nothing to learn
        return ThreadTuner(work, n_jobs)
    key = kind, n_cores()
    tuner = _known.get(key, ThreadTuner(work, None))
    _known.pop(key, tuner)
    _known[key] = tuner  # as the last that will be forgotten
    for oldest in [*_known][:-MOST_KNOWN]:
        _known.pop(oldest, tuner)  # a run on another thread may have removed it
    return tuner
