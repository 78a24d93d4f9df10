"""Who does the jobs: threads of this process, or an executor that was handed in."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from threading import Event
from typing import Any, Protocol, TypeAlias

from glassnet.engines.cores import n_cores, n_to_start
from glassnet.errors import GlassnetError, ParameterError
from glassnet.estimators.judging.candidates import CandidateRows
from glassnet.sweeping.jobs import Done, Job, Shipped, do, do_elsewhere
from glassnet.training.interrupting import ending_with, raise_if_stopped

MOST_BREAKS = 5  # in a row without a finished task
TASKS_PER_WORKER = 2  # so that no worker waits long for the last one
USUAL_WORKERS = 4  # of an executor that does not say how many it has
HEARING = 0.5  # seconds: a Ctrl-C that comes just before a wait begins is heard only after it


Ends: TypeAlias = Callable[[], bool] | None


class Crew(Protocol):
    """Does jobs, in any order."""

    def do(
        self, rows: CandidateRows, jobs: Sequence[Job], tell: Callable[[Done], Any], ends: Ends = None
    ) -> list[Done | None]:
        """Do the jobs and return what came of each, in their order; `tell` hears of each as soon as it is done.

        As soon as `ends` returns True, no further job is begun; nothing, None, comes of those that are left.
        """


@contextmanager
def crew_of(executor: Any, n_jobs: int | None) -> Iterator[Crew]:
    """Yield the crew of an executor, of a function that makes one, or, for None, of threads."""
    if executor is None:
        with _Threads(n_cores() if n_jobs is None else n_to_start(n_jobs)) as threads:
            yield threads
    elif isinstance(executor, Executor) or callable(executor):
        made = executor if isinstance(executor, Executor) else executor()
        if not isinstance(made, Executor):
            raise ParameterError(
                f"executor made a {type(made).__name__}, but a concurrent.futures.Executor was expected."
            )
        crew = _Borrowed(made, None if made is executor else executor)
        try:
            yield crew
        finally:
            crew.end()
    else:
        raise ParameterError(
            f"executor is a {type(executor).__name__}, but a concurrent.futures.Executor, or a function that makes "
            f"one, was expected."
        )


class _Threads:
    """One thread per core; a candidate's training stays in memory between its rungs."""

    def __init__(self, n: int) -> None:
        self._pool, self._stop = ThreadPoolExecutor(n, thread_name_prefix="glassnet-sweep"), Event()

    def __enter__(self) -> "_Threads":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def do(
        self, rows: CandidateRows, jobs: Sequence[Job], tell: Callable[[Done], Any], ends: Ends = None
    ) -> list[Done | None]:
        under_way = {self._pool.submit(self._one, rows, job, ends): k for k, job in enumerate(jobs)}
        return _gathered(under_way, tell)

    def _one(self, rows: CandidateRows, job: Job, ends: Ends) -> Done | None:
        with ending_with(self._stop):
            raise_if_stopped()
            if ends is not None and ends():
                return None
            done = do(rows, job)
            raise_if_stopped()
            return done


def _gathered(under_way: dict[Future[Done | None], int], tell: Callable[[Done], Any]) -> list[Done | None]:
    found: dict[int, Done | None] = {}
    left = set(under_way)
    while left:
        ready, left = wait(left, timeout=HEARING, return_when=FIRST_COMPLETED)
        for future in ready:
            done = found[under_way[future]] = future.result()
            if done is not None:
                tell(done)
    return [found[k] for k in range(len(found))]


class _Borrowed:
    """An executor of anybody's. Tasks of a worker that was lost are submitted again."""

    def __init__(self, executor: Executor, again: Callable[[], Executor] | None = None) -> None:
        self._executor, self._again, self._is_ours = executor, again, again is not None
        self._shipped: tuple[int, Shipped] | None = None

    def end(self) -> None:
        """Shut down an executor that was made here."""
        if self._is_ours:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def do(
        self, rows: CandidateRows, jobs: Sequence[Job], tell: Callable[[Done], Any], ends: Ends = None
    ) -> list[Done | None]:
        for job in jobs:
            if job.at is None:
                rows.prepare_for(job.parameters, job.part, seed=job.seed)
        shipped = self._ship(rows)
        n_tasks = TASKS_PER_WORKER * int(getattr(self._executor, "_max_workers", None) or USUAL_WORKERS)
        tasks = [task for k in range(n_tasks) if (task := list(range(k, len(jobs), n_tasks)))]
        found: dict[int, Done] = {}
        breaks = 0
        while tasks:
            before = len(tasks)
            tasks = self._some(shipped, jobs, tasks, found, tell, ends)
            breaks = 0 if len(tasks) < before else breaks + 1
            if tasks and breaks >= MOST_BREAKS:
                raise GlassnetError(
                    f"the workers died {breaks} times in a row without finishing a task; is there enough memory for "
                    f"each? Try fewer workers."
                )
        return [found.get(k) for k in range(len(jobs))]

    def _some(
        self,
        shipped: Shipped,
        jobs: Sequence[Job],
        tasks: list[list[int]],
        found: dict[int, Done],
        tell: Callable[[Done], Any],
        ends: Ends,
    ) -> list[list[int]]:
        """Do the tasks, and return those that were lost."""
        lost: list[list[int]] = []
        under_way: dict[Future[list[Done]], list[int]] = {}
        for k, task in enumerate(tasks):
            try:
                under_way[self._executor.submit(do_elsewhere, shipped, [jobs[j] for j in task])] = task
            except BrokenExecutor:
                lost += tasks[k:]
                break
        left = set(under_way)
        while left:
            ready, left = wait(left, return_when=FIRST_COMPLETED)
            if ends is not None and ends():
                left = {future for future in left if not future.cancel()}
            for future in ready:
                try:
                    done = future.result()
                except BrokenExecutor:
                    lost.append(under_way[future])
                    continue
                for j, each in zip(under_way[future], done, strict=True):
                    found[j] = each
                    tell(each)
        if lost:
            self._renew()
        return lost

    def _renew(self) -> None:
        """Replace an executor that has lost a worker and takes no more tasks."""
        broken = self._executor
        if self._again is not None:
            self._executor = self._again()
        elif isinstance(broken, ProcessPoolExecutor):
            like: Any = broken
            self._executor = ProcessPoolExecutor(like._max_workers, mp_context=like._mp_context)
            self._is_ours = True
        else:
            raise GlassnetError(
                f"the {type(broken).__name__} has lost a worker and takes no more tasks; hand in a function that makes "
                f"one, and it is made again."
            )
        broken.shutdown(wait=False, cancel_futures=True)

    def _ship(self, rows: CandidateRows) -> Shipped:
        """Return the packed rows, packed again only if something was encoded since."""
        if self._shipped is None or self._shipped[0] != rows.n_encoded:
            self._shipped = rows.n_encoded, Shipped.of(rows)
        return self._shipped[1]
