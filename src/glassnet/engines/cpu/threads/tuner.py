"""The number of threads of a run, chosen by timing trials, and of predictions."""

import math
from itertools import pairwise

from glassnet.engines.cores import n_cores, n_to_start
from glassnet.engines.cpu.threads.barrier import HAS_THREADS

WORTH_TRYING = 1e6  # multiplications and additions of a step: smaller steps end before the threads have met
WORTH_IT = 3e6  # from here on, all threads are tried first
IN_A_SECOND = 1e11  # expected, approximately

WARM_UP_SECONDS = 0.001  # not timed: threads start, caches fill
TRIAL_SECONDS = 0.004
LEAST_SECONDS = 0.002  # shorter times are unreliable
CALL_SECONDS = 0.1  # more steps are split into several calls, between which interrupts are noticed
SURE = 10  # times the expected seconds, before any are measured: no machine takes much longer
GROWTH = 4  # factor of the seconds of each further call after a won trial, up to a whole call
PAUSE = 50  # the alternative is tried again after this many times the seconds of a trial,
SHORT_PAUSE = 15  # or this many, at first, if one thread was faster: the disturbance may end soon
SLOWER = 1.5  # or once steps take this many times as long as before: another process has started
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
    """Chooses between one thread and all threads for each call of the engine; results do not depend on it.

    Threads that wait for each other are faster on an idle machine and slower beside another busy process; only a trial
    shows which is the case.

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
        self._now, self._other = (most, most) if n_jobs is not None else (1, most) if work < WORTH_IT else (most, 1)
        self._expected = work / IN_A_SECOND
        self._took: dict[int, float] = {}  # seconds per step, the best of late
        self._seconds, self._steps = 0.0, 0  # not yet evaluated
        self._since = 0.0  # seconds since the alternative was tried
        self._trusted = TRIAL_SECONDS  # seconds until the current choice is evaluated again
        self._warm = 0  # largest number of threads that have run
        self._pause, self._short_pause = PAUSE, SHORT_PAUSE

    @property
    def n_threads(self) -> int:
        """Number of threads for the next steps."""
        return self._now

    def n_steps(self, left: int) -> int:
        """Return the number of steps until the next evaluation, at most `left`."""
        if self._now == self._other:
            took = self._took.get(self._now, SURE * self._expected)
            return max(1, min(left, int(CALL_SECONDS / took)))
        if len(self._took) == 2:
            return max(1, min(left, int(self._trusted / self._took[self._now])))
        expected = min(2 * self._expected, self._took.get(self._other, math.inf))
        seconds = TRIAL_SECONDS if self._now <= self._warm else WARM_UP_SECONDS
        return max(1, min(left, int(seconds / expected)))

    def see(self, seconds: float, n_steps: int) -> None:
        """Record the time of some steps, and choose the threads for the next ones."""
        if self._now > self._warm:
            self._warm = self._now
            return
        if self._now == self._other and n_steps:
            self._took[self._now] = seconds / n_steps
        self._seconds, self._steps = self._seconds + seconds, self._steps + n_steps
        if self._now == self._other or self._seconds < LEAST_SECONDS or self._steps == 0:
            return
        took, self._since = self._seconds / self._steps, self._since + self._seconds
        self._seconds, self._steps = 0.0, 0
        is_trial = self._now not in self._took and self._other in self._took
        was = self._took.get(self._now, took)
        # a trial may fall between two time slices of another process: at first, later times replace the best
        self._took[self._now] = took if self._trusted < CALL_SECONDS else min(was, took)
        self._trusted = GROWTH * TRIAL_SECONDS if is_trial else min(GROWTH * self._trusted, CALL_SECONDS)
        if took > SLOWER * was or self._since > self._pause * max(TRIAL_SECONDS, took):
            self._took = {self._now: took}  # earlier measurements are outdated
            self._since = 0.0
        elif took > TRIAL_SECONDS and self._other not in self._took:
            return  # such long steps justify all threads; a trial can wait
        if self._took.get(self._other, 0.0) < self._took[self._now]:
            self._now, self._other = self._other, self._now
        if is_trial:
            self._since = 0.0
            self._pause = self._short_pause if self._now == 1 else PAUSE
            self._short_pause = min(2 * self._pause, PAUSE)
