"""Estimates the training time on this machine by timing a few steps."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from glassnet.errors import TrainingInterrupted
from glassnet.training.train import RunArguments
from glassnet.training.train_many import train_many

SECONDS_TO_MEASURE = 0.05  # long enough for the clock, short compared with the training to estimate
FIRST_ROWS = 256  # of full-batch solvers
FIRST_EPOCHS = 2  # of the first trial
REPEATS = 3  # the fastest counts, as other programs may slow some down
GROWTH = 8  # at most, from one trial to the next: the first may include compilation

# Only the time of an epoch is measured, so early stopping, callbacks and snapshots are off.
PLAIN: Mapping[str, Any] = {
    "schedule": "constant",
    "dropout_schedule": "constant",
    "decay_schedule": "constant",
    "patience": None,
    "tolerance": 0.0,
    "snapshots": 0,
    "kept_states": 0,
    "time_limit": None,
    "callback": None,
}


def seconds_per_epoch(run: RunArguments, *, at_a_time: int = 1) -> float:
    """Return the seconds per epoch, measured by short training on some of the rows.

    The number of rows, then of epochs, grows until a trial takes `SECONDS_TO_MEASURE`; validation rows are sampled at
    the same rate. The first trial includes compilation and does not count. For L-BFGS the estimate is rough, as its
    iterations differ in length.

    Parameters
    ----------
    run : RunArguments
        It is not changed, and no random numbers are drawn from a given generator.
    at_a_time : int
        Number of such runs that share the machine.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the timed networks are discarded.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = np.zeros((1000, 2)), np.zeros((1000, 1))
    >>> from glassnet.settings.train_settings import TrainSettings
    >>> settings = TrainSettings(cost="binary_cross_entropy", epochs=10**9, time_limit=1e-9)
    >>> run = RunArguments(network=gn.Network.create([2, 3, 1], seed=0), X=X, Y=Y, settings=settings)
    >>> 0 < seconds_per_epoch(run) < 1
    True
    """
    n_rows = int(run.X.shape[0])
    size = min(n_rows, run.settings.batch_size or FIRST_ROWS)
    some, epochs = size, 1 + FIRST_EPOCHS
    _measured(run, some, epochs, at_a_time)
    while True:
        seconds, done = _measured(run, some, epochs, at_a_time)
        if seconds >= SECONDS_TO_MEASURE or (some == n_rows and done < epochs - 1):
            again = [_measured(run, some, epochs, at_a_time) for _ in range(REPEATS - 1)]
            return min(took / n for took, n in [(seconds, done), *again]) * n_rows / some
        factor = min(GROWTH, SECONDS_TO_MEASURE / max(seconds, 1e-6) + 1.0)
        if some < n_rows:
            some = min(n_rows, size * (int(some * factor / size) + 1))  # whole minibatches: a part takes a step, too
        else:
            epochs = int(epochs * factor) + 1


def _measured(run: RunArguments, n_rows: int, epochs: int, at_a_time: int) -> tuple[float, int]:
    """Return the time of the epochs after the first, and their number, since a run may converge.

    The first epoch includes one-time work, such as the initial line search of L-BFGS.
    """
    short = run.first(n_rows).with_settings(**PLAIN, epochs=epochs, seed=0)
    started = perf_counter()
    try:
        results = [short.trained()] if at_a_time == 1 else train_many([short] * at_a_time, n_jobs=at_a_time)
    except TrainingInterrupted:
        raise KeyboardInterrupt from None
    seconds = max((result.history["seconds"] for result in results), key=lambda each: each.max(initial=0.0))
    return (float(seconds[-1] - seconds[0]), len(seconds) - 1) if len(seconds) > 1 else (perf_counter() - started, 1)
