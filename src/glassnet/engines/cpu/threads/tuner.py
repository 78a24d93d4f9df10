"""How many threads take the steps of a run: the thread count that won the latest timing trial; and for predictions."""

import math
from itertools import pairwise

from glassnet.engines.cores import n_cores, n_to_start
from glassnet.engines.cpu.threads.barrier import HAS_THREADS

WORTH_TRYING = 1e6  # multiplications and additions of a step: smaller ones are over before the threads have met
WORTH_IT = 3e6  # from here on all threads are tried first
IN_A_SECOND = 1e11  # about so many can be expected

WARM_UP_SECONDS = 0.001  # that are not judged: threads start, caches fill
TRIAL_SECONDS = 0.004
LEAST_SECONDS = 0.002  # a shorter time says little
CALL_SECONDS = 0.1  # more steps are taken in several calls, between which an interrupt is seen
SURE = 10  # times the expected seconds, before any are known: no machine takes much longer
GROWTH = 4  # those that won a trial are given so many times as long, and at each call again, up to a whole one
PAUSE = 50  # the others are tried again after so many times as long as a trial takes,
SHORT_PAUSE = 15  # or so many, at first, where one thread was faster: what held the threads up may be over soon
SLOWER = 1.5  # or as soon as those at work take so many times as long as they did: something else has begun to run
WORK_FOR_THREADS = 1e7  # multiplications and additions of a prediction that each further thread needs to pay off


def work_of_step(sizes: tuple[int, ...], n_batch: int) -> float:
    """Return how many multiplications and additions a step takes: forward, back, and for the gradient."""
    return 6.0 * n_batch * sum(n_in * n_out for n_in, n_out in pairwise(sizes))


def n_threads_for(sizes: tuple[int, ...], n_batch: int, n_jobs: int | None) -> int:
    """Return how many threads a prediction is worth; `n_jobs` overrides."""
    if n_jobs is not None or not HAS_THREADS:
        return n_to_start(n_jobs) if HAS_THREADS and n_jobs else 1
    return min(n_cores(), 1 + int(work_of_step(sizes, n_batch) // WORK_FOR_THREADS))


class ThreadTuner:
    """Chooses for each call of the engine between one thread and all; no result depends on it.

    Beside another busy process, threads that wait for each other lose what they win on an idle machine, and nothing
    but a trial shows which of the two it is.

    Parameters
    ----------
    work : float
        Multiplications and additions of a step.
    n_jobs : int or None
        How many threads the user wants; None leaves it to the tuner.
    """

    def __init__(self, work: float, n_jobs: int | None) -> None:
        most = n_cores() if n_jobs is None else n_to_start(n_jobs)
        if not HAS_THREADS or (n_jobs is None and work < WORTH_TRYING):
            most = 1
        self._now, self._other = (most, most) if n_jobs is not None else (1, most) if work < WORTH_IT else (most, 1)
        self._expected = work / IN_A_SECOND
        self._took: dict[int, float] = {}  # seconds for a step, lately at best
        self._seconds, self._steps = 0.0, 0  # not yet judged
        self._since = 0.0  # seconds since the others were tried
        self._trusted = TRIAL_SECONDS  # seconds that those at work are given before they are judged again
        self._warm = 0  # so many threads have been at work
        self._pause, self._short_pause = PAUSE, SHORT_PAUSE

    @property
    def n_threads(self) -> int:
        """How many threads take the next steps."""
        return self._now

    def n_steps(self, left: int) -> int:
        """Return how many of the steps that are left they take, before something may be learned from it."""
        if self._now == self._other:
            took = self._took.get(self._now, SURE * self._expected)
            return max(1, min(left, int(CALL_SECONDS / took)))
        if len(self._took) == 2:
            return max(1, min(left, int(self._trusted / self._took[self._now])))
        expected = min(2 * self._expected, self._took.get(self._other, math.inf))
        seconds = TRIAL_SECONDS if self._now <= self._warm else WARM_UP_SECONDS
        return max(1, min(left, int(seconds / expected)))

    def see(self, seconds: float, n_steps: int) -> None:
        """Learn how long the steps took, and choose for the next ones."""
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
        # a trial may have fallen between two turns of another process: at first, later times count more than the best
        self._took[self._now] = took if self._trusted < CALL_SECONDS else min(was, took)
        self._trusted = GROWTH * TRIAL_SECONDS if is_trial else min(GROWTH * self._trusted, CALL_SECONDS)
        if took > SLOWER * was or self._since > self._pause * max(TRIAL_SECONDS, took):
            self._took = {self._now: took}  # what was known is out of date
            self._since = 0.0
        elif took > TRIAL_SECONDS and self._other not in self._took:
            return  # steps as long as this are worth all threads; a trial can wait
        if self._took.get(self._other, 0.0) < self._took[self._now]:
            self._now, self._other = self._other, self._now
        if is_trial:
            self._since = 0.0
            self._pause = self._short_pause if self._now == 1 else PAUSE
            self._short_pause = min(2 * self._pause, PAUSE)
