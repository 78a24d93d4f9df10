"""How many threads take the steps of a run: those that have turned out to be the faster ones on this machine, now."""

import math

from glassnet.engines.cpu.threads import HAS_THREADS
from glassnet.engines.registry import n_cores

WORTH_TRYING = 1e6  # multiplications and additions of a step: smaller ones are over before the threads have met
WORTH_IT = 3e6  # from here on the first call has all threads
LEAST_SECONDS = 0.002  # a shorter call is for the most part the start of its threads
TRIAL_SECONDS = 0.005
CALLS_BETWEEN = 32  # the others are tried again after so many calls
WORTH_ALL = 1e8  # from here on one thread is tried only where they have become slow
SLOWER = 1.5  # or as soon as those at work take so many times as long as they did: something else has begun to run


class Crew:
    """Chooses for each call of the engine between one thread and all; no result depends on it.

    Beside another busy process, threads that wait for each other lose what they win on an idle machine, and nothing
    but a trial shows which of the two it is.

    Parameters
    ----------
    work : float
        Multiplications and additions of a step.
    n_jobs : int or None
        How many threads the user wants; None leaves it to the crew.
    """

    def __init__(self, work: float, n_jobs: int | None) -> None:
        most = n_cores() if n_jobs is None else n_jobs
        if not HAS_THREADS or (n_jobs is None and work < WORTH_TRYING):
            most = 1
        self._now, self._other = most, 1 if n_jobs is None else most
        if n_jobs is None and work < WORTH_IT:
            self._now, self._other = self._other, self._now
        # seconds for a step, lately at best; one thread is not expected to be faster where there is much to do
        self._least: dict[int, float] = {1: math.inf} if n_jobs is None and work >= WORTH_ALL else {}
        self._calls = 0

    @property
    def n_threads(self) -> int:
        """How many threads take the next steps."""
        return self._now

    def steps_to_try(self) -> float:
        """Return how many steps are enough to see how fast those are that have not been tried."""
        if self._now in self._least or self._other not in self._least:
            return math.inf
        return TRIAL_SECONDS / self._least[self._other]

    def see(self, seconds: float, n_steps: int) -> None:
        """Learn how long the steps took, and choose for the next ones."""
        if self._now == self._other or seconds < LEAST_SECONDS:
            return
        took = seconds / n_steps
        was = self._least.get(self._now, took)
        self._least[self._now] = min(was, took)
        self._calls += 1
        if took > SLOWER * was or self._calls % CALLS_BETWEEN == 0:
            self._least = {self._now: took}  # what was known is out of date
        if self._least.get(self._other, 0.0) < self._least[self._now]:
            self._now, self._other = self._other, self._now
