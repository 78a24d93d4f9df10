"""Chooses the number of epochs per call of the engine."""

from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.plan import Plan
from glassnet.training.samples import StreamedData

SECONDS_PER_CALL = 0.1

# For the first call, whose speed is unknown: it should take only some milliseconds.
FIRST_STEPS, FIRST_PRODUCTS = 64, 10**8
FIRST_COMPILED_STEPS = 4096  # a step of machine code whose products are so few takes some microseconds


class EpochBatcher:
    """Chooses the number of epochs per call of the engine, about as many as fit into `SECONDS_PER_CALL`.

    Few epochs per call let Ctrl-C and time limits act at once; many save overhead, as a call costs as much as several
    epochs of a small table. With work after each epoch (validation, a callback), it is one.
    """

    def __init__(self, plan: Plan, *, every_epoch: bool, is_compiled: bool = False) -> None:
        self._plan = plan
        self._one = every_epoch or plan.validation is not None
        # an iteration of L-BFGS is several passes, and streamed rows are read from a file
        is_fast = is_compiled and plan.problem.solver.has_step and not isinstance(plan.data, StreamedData)
        n_steps = FIRST_COMPILED_STEPS if is_fast else FIRST_STEPS
        self._fits = 1 if plan.time_limit is not None else _first_epochs(plan, n_steps)
        self._seconds = 0.0

    def n_epochs(self, done: int, early_stopping: EarlyStopping, seconds: float) -> int:
        """Return the number of epochs of the next call, after `done` epochs."""
        self._seconds = seconds
        if self._one:
            return 1
        n = min(self._fits, self._plan.epochs - done)
        if self._plan.snapshots:  # up to the next snapshot
            n = min(n, self._plan.snapshots - done % self._plan.snapshots)
        if self._plan.patience is not None:  # no more than could still be needed until early stopping
            n = min(n, max(1, self._plan.patience - early_stopping.waited))
        return n

    def see(self, n_epochs: int, seconds: float) -> None:
        """Record the duration of a call."""
        limit = SECONDS_PER_CALL if self._plan.time_limit is None else min(SECONDS_PER_CALL, self._plan.time_limit / 20)
        took = max(seconds - self._seconds, 1e-6) / max(n_epochs, 1)
        self._fits = max(1, int(limit / took))


def _first_epochs(plan: Plan, n_steps: int) -> int:
    products_per_epoch = plan.data.n_samples * plan.problem.network.n_params
    return max(1, min(n_steps // plan.steps_per_epoch, FIRST_PRODUCTS // products_per_epoch))
