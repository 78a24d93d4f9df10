"""`train_many`: many independent networks side by side, one per core."""

import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Event
from typing import Any, TypeAlias, cast

from glassnet.engines.cores import n_cores, n_to_start
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.settings.kinds import WHOLE
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.interrupting import ending_with, raise_if_stopped
from glassnet.training.result import TrainingResult
from glassnet.training.samples import Shared
from glassnet.training.train import RunArguments, train

Arguments: TypeAlias = RunArguments | Mapping[str, Any]
"""Arguments of `glassnet.train`, as a record or by name."""

_NAMES = {*RunArguments.__dataclass_fields__, *TrainSettings.__dataclass_fields__} - {"settings"}


def train_many(
    runs: Sequence[Arguments | Callable[[], Arguments]],
    *,
    n_jobs: int | None = None,
    progress: bool | Callable[[int, int], Any] = False,
) -> list[TrainingResult]:
    """Train many networks in parallel: folds, restarts, members of an ensemble, candidates of a search.

    Each run uses one core and gives the same numbers as `train` alone: results do not depend on `n_jobs`. The largest
    runs start first, so that cores are rarely idle at the end.

    Parameters
    ----------
    runs : sequence of dict or callable
        For each run the arguments of `glassnet.train`: ``{"network": ..., "X": ..., "Y": ..., "cost": ...}``. Or a
        function without arguments that returns them, called when the run's turn comes: if each run has data of its
        own, only those of the current runs are in memory, and the results do not refer to them.
    n_jobs : int, optional
        Number of parallel runs; by default one per core.
    progress : bool or callable
        Whether to show the number of finished runs on the terminal; or a function that is called with it, and with the
        number of all runs.

    Returns
    -------
    list of TrainingResult
        One result per run, in the same order.

    Raises
    ------
    ParameterError
        If a run's arguments are invalid; the message names the run. The other runs stop, too.
    TrainingInterrupted
        On Ctrl-C, which stops all runs: ``result`` lists the results so far, with None for each run without a finished
        epoch. Without any result, a plain KeyboardInterrupt.

    Notes
    -----
    Arrays that several runs are given must not change until all of them have ended: they are checked once.

    For comparison: scikit-learn searches with processes (joblib), each of which loads the data again.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> runs = [
    ...     dict(network=gn.Network.create([2, 1], seed=seed), X=X, Y=Y, cost="binary_cross_entropy", epochs=5)
    ...     for seed in range(3)
    ... ]
    >>> [len(result.history) for result in gn.train_many(runs)]
    [5, 5, 5]
    """
    workers = n_cores() if n_jobs is None else n_to_start(WHOLE.check("n_jobs", n_jobs))
    for k, run in enumerate(runs):
        if not callable(run):
            _check(run, f"run {k}: ")
    shared = _shared(runs)
    left = deque(sorted(range(len(runs)), key=lambda k: -_work(runs[k])))
    results: list[TrainingResult | None] = [None] * len(runs)
    told: SimpleQueue[bool] = SimpleQueue()  # for each run whether it ended well
    stop = Event()

    def work_off() -> None:
        while not stop.is_set():
            try:
                k = left.popleft()
            except IndexError:
                return
            try:
                results[k] = _run(k, runs[k], stop, shared.pop(k, None))
            except BaseException as error:
                if isinstance(error, TrainingInterrupted):
                    results[k] = error.result
                told.put(False)
                raise
            told.put(True)

    workers = min(workers, len(runs))  # each takes the next run itself: to hand out all would hold up the first ones
    pool = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="glassnet-run")
    try:
        under_way = [pool.submit(work_off) for _ in range(workers)]
        if progress:
            tell = progress if callable(progress) else _show
            for n_done in range(1, len(runs) + 1):
                if not told.get():
                    break
                tell(n_done, len(runs))
        # woken once, at the end or by an error: each time, this thread would hold up one that trains
        for future in wait(under_way, return_when=FIRST_EXCEPTION).done:
            future.result()
        return cast(list[TrainingResult], results)
    except KeyboardInterrupt:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        raise _interrupted(results) from None
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _check(run: Any, which: str = "") -> None:
    if isinstance(run, RunArguments):
        return
    expected = "each run is a dict of the arguments of glassnet.train"
    if not isinstance(run, Mapping):
        raise ParameterError(f"{which}it is of the type {type(run).__name__}, but {expected}.")
    missing = [name for name in ("network", "X", "Y", "cost") if name not in run]
    if missing:
        raise ParameterError(f"{which}it has no {missing[0]!r}, but {expected}.")


def _shared(runs: Sequence[Arguments | Callable[[], Arguments]]) -> dict[int, Shared]:
    """Return what runs on the same X share; rows of one run alone need not outlive it."""
    on: dict[int, list[int]] = {}
    for k, run in enumerate(runs):
        if not callable(run):
            on.setdefault(id(run.X if isinstance(run, RunArguments) else run["X"]), []).append(k)
    return {k: shared for each in on.values() if len(each) > 1 for shared in [Shared()] for k in each}


def _run(k: int, run: Arguments | Callable[[], Arguments], stop: Event, shared: Shared | None) -> TrainingResult:
    try:
        with ending_with(stop):
            if not callable(run):
                return _trained(run, shared)
            raise_if_stopped()
            made = run()
            _check(made)
            return _trained(made).without_data()
    except ParameterError as error:
        raise ParameterError(f"run {k}: {error}") from error
    except TrainingInterrupted as end:
        raise TrainingInterrupted(str(end), end.result.without_data() if callable(run) else end.result) from None


def _trained(run: Arguments, shared: Shared | None = None) -> TrainingResult:
    """Train on one core, unless the run has a number of threads of its own."""
    if not isinstance(run, RunArguments):
        if not run.keys() <= _NAMES:
            return train(**run)  # which refuses the unknown name
        run = RunArguments.among({"n_jobs": 1, **run})
    return (run if run.settings.n_jobs is not None else run.with_settings(n_jobs=1)).trained(shared)


def _interrupted(results: list[TrainingResult | None]) -> KeyboardInterrupt:
    """Return the error that ends all runs, with the results so far."""
    begun = [result for result in results if result is not None]
    if not begun:
        return KeyboardInterrupt()
    n_whole = sum(result.history.stopped != "interrupted" for result in begun)
    return TrainingInterrupted(
        f"interrupted: {n_whole} of {len(results)} networks are trained, {len(begun) - n_whole} in part", results
    )


def _work(run: Arguments | Callable[[], Arguments]) -> float:
    """Return the estimated work of a run, relative to the others; runs to be made start in their order."""
    if callable(run):
        return 0.0
    if isinstance(run, RunArguments):
        return float(run.network.n_params * len(run.Y) * run.settings.epochs)
    return float(run["network"].n_params * len(run["Y"]) * run.get("epochs", 100))


def _show(n_done: int, n_all: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{n_done} of {n_all} networks trained" + ("\n" if n_done == n_all else ""))
        sys.stderr.flush()
