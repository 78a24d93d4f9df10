"""scikit-learn's callbacks (from 1.9 on), as listeners of the runs of a fit.

In scikit-learn's words, a fit is a task. Its subtasks are the epochs, or for several trainings the networks, whose
subtasks are the epochs. Without callbacks nothing here runs.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any, Self

from glassnet.core.network import Network
from glassnet.estimators.fitting.member import Member
from glassnet.training.history import Epoch, History
from glassnet.training.loop.listeners import Callback, HeardRun, Hearing, RunListener
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9
    CallbackSupportMixin, with_callbacks = type("NoCallbacks", (), {}), None

Callbacks: Any = CallbackSupportMixin
"""Adds `set_callbacks` to an estimator; with scikit-learn before 1.9 it adds nothing."""


class FitTasks:
    """The tasks of one fit, as a context that tells the callbacks of an estimator and tears them down at the end.

    Parameters
    ----------
    estimator : GlassClassifier or GlassRegressor
        With the recipe and the encoders of the fit.
    X, y, sample_weight
        The arguments of `fit`.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any) -> None:
        self._estimator = estimator
        self._about = {
            "estimator": estimator,
            "X": X,
            "y": y,
            "metadata": None if sample_weight is None else {"sample_weight": sample_weight},
        }
        self._root: Any = None
        self._open: list[_RunTask] = []
        self._n_begun, self._lock = 0, Lock()

    def __enter__(self) -> Self:
        if getattr(self._estimator, "_skl_callbacks", None):
            try:
                self._begin_fit()
            except BaseException:
                _tear_down(self._estimator)
                raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._root is not None:
            _tear_down(self._estimator)

    def _begin_fit(self) -> None:
        recipe = self._estimator.recipe_
        n_trainings = recipe["n_networks"] * (2 if recipe["refit"] else 1)
        self._n_epochs, self._is_single = recipe["max_iter"], n_trainings == 1
        self._root = self._estimator._init_callback_context(
            max_subtasks=self._n_epochs if self._is_single else n_trainings, sequential_subtasks=self._is_single
        )
        self._root.call_on_fit_task_begin(**self._about)

    def added(self, runs: Sequence[RunArguments], name: str) -> Sequence[RunArguments]:
        """Return the runs with listeners that tell the callbacks of each epoch; `name` is that of their tasks."""
        if self._root is None:
            return runs
        self._open = [_RunTask(self, self._context(name)) for _ in range(len(runs))]
        return _Heard(runs, self._open)

    def close(self, results: Sequence[TrainingResult | None]) -> bool:
        """End the tasks of the runs; return whether Ctrl-C came meanwhile, after which the other tasks are ended, too.

        What was trained must not be lost by a callback that is interrupted here, or that interrupts.
        """
        if self._root is None:
            return False
        ends: list[Callable[[], object]] = []
        for task, result in zip(self._open, results, strict=True):
            ends.append(task.close)
            if not self._is_single:
                trained = None if result is None else (result.network, result.history)
                ends.append(partial(self.end, task.context, trained))
        self._open = []
        return sum(map(_is_interrupted, ends)) > 0

    def end_fit(self) -> bool:
        """End the task of the fit, whose estimator is fitted now; return whether Ctrl-C came meanwhile."""
        if self._root is None:
            return False
        return _is_interrupted(lambda: self._root.call_on_fit_task_end(**self._about, reconstruction_attributes={}))

    def begin(self, context: Any) -> Any:
        """Begin the task of an epoch within another task, and return its context."""
        with self._lock:
            return context.subcontext(task_name="epoch").call_on_fit_task_begin(**self._about)

    def end(self, context: Any, trained: tuple[Network, History] | None) -> bool:
        """End a task, with the network that it trained; return whether a callback asks to stop."""

        def fitted() -> dict[str, Any]:
            assert trained is not None
            network, history = trained
            return {"members_": (Member(network.with_theta(network.theta.copy()), history),)}

        with self._lock:  # the networks of an ensemble train in threads
            if trained is None:
                return bool(context.call_on_fit_task_end(estimator=self._estimator))
            return bool(context.call_on_fit_task_end(**self._about, reconstruction_attributes=fitted))

    @property
    def n_epochs(self) -> int:
        """Maximum number of epochs of each run."""
        return int(self._n_epochs)

    def _context(self, name: str) -> Any:
        if self._is_single:
            return self._root
        context = self._root.subcontext(task_name=name, task_id=self._n_begun, max_subtasks=self._n_epochs)
        self._n_begun += 1
        return context.call_on_fit_task_begin(**self._about)


class _RunTask(RunListener):
    """The task of one run: a listener that ends the task of each epoch and begins that of the next one."""

    def __init__(self, tasks: FitTasks, context: Any) -> None:
        self._tasks, self.context = tasks, context
        self._hearing = Hearing(None)
        self._last: tuple[Epoch, Network] | None = None
        self._epoch: Any = None

    def before(self, callback: Callback | None) -> "_RunTask":
        """Return the task as a listener that also calls the run's own callback, as often as that wants."""
        self._hearing = Hearing(callback)
        self._epoch = self._tasks.begin(self.context)
        return self

    def begin(self, run: HeardRun) -> None:
        """Let the run's own callback begin."""
        self._hearing.begin(run)

    def hear(self, run: HeardRun, epoch: Epoch, network: Network) -> bool:
        """End the task of this epoch."""
        self._last = epoch, network
        stops = self._hearing.is_due and self._hearing.tells(epoch, network)
        history = History((epoch,), "callback", f"epoch {epoch.epoch} has ended", epoch.epoch)
        ended, self._epoch = self._epoch, None
        stops = self._tasks.end(ended, (network, history)) or stops
        if not stops and epoch.epoch < self._tasks.n_epochs:
            self._epoch = self._tasks.begin(self.context)
        return stops

    def end(self, run: HeardRun) -> None:
        """Let the run's own callback end."""
        if self._last is not None and self._hearing.has_missed_the_end(self._last[0].epoch):
            self._hearing.tells(*self._last)
        self._hearing.end()

    def close(self) -> None:
        """End the task of an epoch that was not run, after an early end."""
        if self._epoch is not None:
            self._tasks.end(self._epoch, None)


class _Heard(Sequence[RunArguments]):
    """Runs with the listeners of their tasks; a run is made when it is asked for."""

    def __init__(self, runs: Sequence[RunArguments], tasks: Sequence[_RunTask]) -> None:
        self._runs, self._tasks = runs, tasks

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, k: Any) -> Any:
        run = self._runs[k]
        return run.with_settings(callback=self._tasks[k].before(run.settings.callback))


def _is_interrupted(end: Callable[[], object]) -> bool:
    """Call a function, and return whether Ctrl-C ended it."""
    try:
        end()
    except KeyboardInterrupt:
        return True
    return False


def _tear_down(estimator: Any) -> None:
    """Tear down the callbacks that were set up: scikit-learn's decorator does so after the method that it decorates."""
    with_callbacks(lambda _: None)(estimator)
