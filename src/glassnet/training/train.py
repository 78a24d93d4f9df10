"""`train`: trains one network."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.engines.base import State, Stepping
from glassnet.engines.registry import resolve_engine
from glassnet.engines.seeding import ShuffleStream
from glassnet.errors import TrainingInterrupted
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.lbfgs import LbfgsSteps, begun_anew
from glassnet.training.loop.listeners import Callback
from glassnet.training.plan import Plan, check_state, make_plan
from glassnet.training.replay.recording import Recording, bare, fingerprint_of
from glassnet.training.result import TrainingResult
from glassnet.training.run import Run
from glassnet.training.run_state import RunState
from glassnet.training.samples import Shared, StreamedData
from glassnet.training.streaming.steps import StreamedSteps
from glassnet.typing import Array, Spec

if TYPE_CHECKING:
    from glassnet.training.saving.checkpoint_file import CheckpointFile


def train(
    network: Network,
    X: Array,
    Y: Array,
    *,
    cost: Spec,
    solver: Spec = "adam",
    epochs: int = 100,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    schedule: Spec = "constant",
    dropout_schedule: Spec = "constant",
    decay_schedule: Spec = "constant",
    l1: float = 0.0,
    l2: float = 0.0,
    dropout: float | list[float] = 0.0,
    clip: float | None = None,
    weights: Array | None = None,
    validation: tuple[Array, ...] | None = None,
    monitor: str | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    shuffle: bool = True,
    snapshots: int = 0,
    kept_states: int = 0,
    time_limit: float | None = None,
    metric: str | None = "auto",
    callback: Callback | None = None,
    engine: str = "auto",
    n_jobs: int | None = None,
    seed: Any = 0,
    state: State | None = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_every: float = 30.0,
) -> TrainingResult:
    r"""Train a network by gradient descent on its cost.

    .. math:: \theta_{t+1} = \theta_t + step\!\left(\eta_t,\; \frac{\partial (C + P)}{\partial \theta}\right)

    Parameters
    ----------
    network : Network
        Initial weights and structure; not modified. Its precision is the precision of the run.
    X : array or sparse matrix of shape (n_samples, n_features)
        Inputs.
    Y : array of shape (n_samples, n_out) or (n_samples,)
        Targets, one-hot for classes.
    cost : str, tuple or Cost
        One of ``glassnet.costs()``.
    solver : str, tuple or Solver
        One of ``glassnet.solvers()``, such as ``"adam"`` or ``("momentum", {"mu": 0.8})``.
    epochs : int
        Passes over the samples; for ``"lbfgs"`` iterations.
    batch_size : int, optional
        Samples per step; 32 by default, all samples for full-batch solvers.
    learning_rate : float, optional
        eta; the solver's default if omitted.
    schedule : str or tuple
        Schedule of the learning rate: ``"constant"``, ``"step"``, ``"inverse"``, ``"exponential"``, ``"cosine"``,
        ``"flat_cosine"``, ``"warm_up"``, ``"coslog4"``, or ``"adaptive"``, which divides it by 5 after `patience`
        epochs without improvement.
    dropout_schedule : str or tuple
        Schedule of `dropout`: all of the above except "adaptive". ``"flat_cosine"`` keeps it constant for the first
        half of the run and then lowers it to 0.
    decay_schedule : str or tuple
        Schedule of the ``weight_decay`` of solver "adamw", as for `dropout_schedule`.
    l1 : float
        Strength of the penalty ``l1 · sum|w|``.
    l2 : float
        Strength of the penalty ``l2/2 · sum w²``.
    dropout : float or list of float
        Dropout rate of the hidden layers; with `dropout_schedule`, at the first step.
    clip : float, optional
        Maximum norm of the gradient.
    weights : array of shape (n_samples,), optional
        Sample weights; scaled to mean 1.
    validation : (X, Y) or (X, Y, weights), optional
        Validation set; the parameters of its best epoch are returned.
    monitor : {"cost", "validation_cost", "validation_metric"}, optional
        Monitored quantity; by default the validation cost, if there is a validation set.
    patience : int or inf, optional
        Stop after this many epochs without improvement by more than `tolerance`.
    tolerance : float
        Smallest improvement that counts; for ``"lbfgs"``, the gradient at convergence.
    shuffle : bool
        Whether to shuffle the samples in each epoch.
    snapshots : int
        Interval, in epochs, at which parameters are stored in ``history.snapshots``; 0 stores none.
    kept_states : int
        Maximum number of evenly spaced states stored to speed up `TrainingResult.at`; with 0 it replays from the start.
    time_limit : float, optional
        Seconds after which training stops at the end of an epoch; compilation does not count. An epoch that would
        exceed the limit by far is not started. To repeat the run, pass the same `epochs`, no limit, and
        ``callback=lambda epoch, network: epoch.epoch >= n`` with ``n = len(history)``.
    metric : {"auto", "accuracy", "r2"} or None
        Metric reported with the cost.
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True. A
        `glassnet.training.loop.listeners.Listener` is called less often.
    engine : {"auto", "cpu", "reference", "xla"}
        "cpu" is compiled; "reference" is readable, defines the correct result and also runs user-defined activations,
        costs and solvers; "xla" runs on GPU and TPU, by JAX. "auto" uses "xla" for large networks where JAX finds an
        accelerator, else "cpu" if possible.
    n_jobs : int, optional
        Number of threads; by default as many as speed up a step of this size. Results do not depend on it. With
        engine="xla" the number of devices that share each minibatch, which changes the order of sums.
    seed : int or numpy.random.Generator
        Seed of sample order and dropout.
    state : State, optional
        Continue from the state of an earlier result instead of the network's parameters. Sample order, schedules,
        early stopping and history start anew; `resume` continues a run itself.
    checkpoint : str or path, optional
        A file that the run writes its state to, so that it can be continued after it was killed: with `resume`, or
        with the same call of `train`. The result has the same bits as that of an uninterrupted run. A file that is
        there must be the checkpoint of the same run.
    checkpoint_every : float
        Seconds between two checkpoints; more if a checkpoint takes so long that it would be more than a hundredth of
        the training time. 0 writes one after every call of the engine, which takes a tenth of a second at most.

    Returns
    -------
    TrainingResult
        ``result.network``, ``result.history``, ``result.state``; ``result.at(epoch=3, step=10)`` opens the run there.

    Raises
    ------
    ParameterError
        If an argument is invalid; the message names the value and what was expected.
    ShapeError
        If X, Y, weights and network do not fit each other.
    CheckpointError
        If the checkpoint is damaged, in use, or of another run; the message names the differences.
    TrainingInterrupted
        On Ctrl-C after at least one epoch: a KeyboardInterrupt with the TrainingResult so far in ``result``, including
        the best network. Before that, a plain KeyboardInterrupt.

    Notes
    -----
    A non-finite number ends the run; ``history.divergence`` gives its epoch, step, layer and unit.

    X and Y must not change during the run, not even in a callback: an array in the network's precision is read in place
    if it is contiguous, row by row. Changed numbers are trained on as they are then; ``result.replay()`` recognizes the
    change and raises a ReplayError.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", solver="rprop", epochs=60)
    >>> gn.forward(result.network, X).A[-1].round().ravel()
    array([0., 1., 1., 0.])
    """
    return RunArguments.among(locals()).trained()


@dataclass(frozen=True, eq=False)
class RunArguments:
    """The arguments of `train` as a record: a network, data, settings, and where the run writes its state.

    Examples
    --------
    >>> import glassnet as gn
    >>> network, settings = gn.Network.create([2, 1], seed=0), TrainSettings(cost="binary_cross_entropy", epochs=9)
    >>> run = RunArguments(network=network, X=[[0, 0], [1, 1]], Y=[[0], [1]], settings=settings)
    >>> len(run.trained().history), len(run.with_settings(epochs=3).trained().history)
    (9, 3)
    """

    network: Network
    X: Array
    Y: Array
    settings: TrainSettings
    weights: Array | None = None
    validation: tuple[Array, ...] | None = None
    state: State | None = None
    checkpoint: str | PathLike[str] | None = None
    checkpoint_every: float = 30.0

    @classmethod
    def among(cls, arguments: Mapping[str, Any]) -> "RunArguments":
        """Return the record of a function's arguments."""
        own = {name: arguments[name] for name in cls.__dataclass_fields__ if name in arguments}
        return cls(**own, settings=TrainSettings.among(arguments))

    def first(self, n_rows: int) -> "RunArguments":
        """Return the same run on the first rows, with as large a share of the validation rows."""
        dtype = self.network.theta.dtype
        n_all, given = int(self.X.shape[0]), (self.X, self.Y, self.weights)
        X, Y, weights = _first(given, n_rows, dtype)
        held_out = self.validation
        if held_out is not None:
            n = -(-n_rows * int(held_out[0].shape[0]) // n_all)
            held_out = tuple(each for each in _first((*held_out, None)[:3], n, dtype) if each is not None)
        return replace(self, X=X, Y=Y, weights=weights, validation=held_out, checkpoint=None)

    def with_settings(self, **changed: Any) -> "RunArguments":
        """Return the same run with other settings."""
        return replace(self, settings=replace(self.settings, **changed))

    def begun(
        self, file: "CheckpointFile | None" = None, *, at: RunState | None = None, shared: Shared | None = None
    ) -> "Training":
        """Check the arguments, and return the training before its first step, or where the checkpoint left it.

        `at` is the state of the same run in another process, and `shared` what other runs know of the same data.
        """
        shared = shared or Shared()
        settings = self.settings.checked()
        rng = np.random.default_rng(settings.seed)
        plan = make_plan(
            self.network, self.X, self.Y, settings,
            weights=self.weights, validation=self.validation, seed=int(rng.integers(1 << 32)), shared=shared,
        )  # fmt: skip
        runner, state = engine_for(plan, settings), self.state
        if state is not None:
            check_state(state, runner.start(plan.learning_rate), plan.problem.solver)
            state = begun_anew(state)
        stream = ShuffleStream(plan.data.n_ordered, rng, shuffle=plan.shuffle)
        if file is not None:
            at = file.found(plan, runner, stream.position(), state)
        if at is not None:
            stream = ShuffleStream.resume(plan.data.n_ordered, at.position, shuffle=plan.shuffle)
        given = (self.X, self.Y, self.weights)
        return under_way(plan, runner, stream, settings, given=given, start=state, at=at, file=file, shared=shared)

    def trained(self, shared: Shared | None = None) -> TrainingResult:
        """Train as `train` does."""
        with nullcontext() if self.checkpoint is None else _opened(self.checkpoint, self.checkpoint_every) as file:
            training = self.begun(file, shared=shared)
            training.run.advance()
            return training.result_or_interrupt()


def _first(given: tuple[Any, ...], n_rows: int, dtype: Any) -> tuple[Any, ...]:
    """Return the first rows of X, Y and weights; weights that are all 0 there are left out."""
    X, Y, weights = given
    if isinstance(X, EncodedRows):
        X, Y, weights = X.loaded(dtype, n_rows)
    has_weights = weights is not None and weights[:n_rows].any()
    return X[:n_rows], Y[:n_rows], weights[:n_rows] if has_weights else None


def _opened(path: str | PathLike[str], every: float) -> "CheckpointFile":
    from glassnet.training.saving.checkpoint_file import CheckpointFile  # with what reads files strictly

    return CheckpointFile(path, every)


def start_run(
    network: Network,
    X: Array,
    Y: Array,
    *,
    weights: Array | None = None,
    validation: tuple[Array, ...] | None = None,
    state: State | None = None,
    **settings: Any,
) -> Run:
    """Return a run before its first step, to be advanced in parts.

    Parameters
    ----------
    network, X, Y, weights, validation, state, **settings
        The arguments of `train`, without those about checkpoints.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> run = start_run(gn.Network.create([2, 1], seed=0), X, Y, cost="binary_cross_entropy", epochs=9)
    >>> run.advance(epochs=4).progress().last.epoch, run.finished
    (4, False)
    """
    given = TrainSettings(**settings)
    return RunArguments(network, X, Y, given, weights, validation, state).begun().run


@dataclass(frozen=True, eq=False)
class Training:
    """A run, and what its result refers to."""

    run: Run
    plan: Plan
    engine: str
    n_jobs: int | None
    given: tuple[Any, Any, Any]  # X, Y and weights
    fingerprint: str

    def result(self) -> TrainingResult:
        """Return the result of the run, or of its epochs so far."""
        outcome = self.run.result()
        history, recording = outcome.history, None
        is_streamed = isinstance(self.plan.data, StreamedData)
        if self.plan.problem.solver.builtin_name != "lbfgs" and not is_streamed:
            kept, factors = outcome.kept, outcome.factors
            recording = Recording(
                bare(self.plan), self.engine, self.n_jobs, self.fingerprint, history, kept, factors, self.given
            )
        network = self.plan.problem.network.with_theta(outcome.theta)
        return TrainingResult(network, history, outcome.state, recording, is_streamed)

    def result_or_interrupt(self) -> TrainingResult:
        """Return the result, or raise it if Ctrl-C ended the run."""
        result = self.result()
        history = result.history
        if history.stopped != "interrupted":
            return result
        if len(history) == 0:
            raise KeyboardInterrupt
        raise TrainingInterrupted(history.stop_reason, result)


def engine_for(plan: Plan, settings: TrainSettings) -> Stepping:
    """Return what takes the steps of a plan, compiled if a clock is going to run."""
    make_engine = partial(resolve_engine(settings.engine, plan.problem, plan.data.X), n_jobs=settings.n_jobs)
    steps: Stepping
    if isinstance(plan.data, StreamedData):
        steps = StreamedSteps(plan, make_engine)
    else:
        engine = make_engine(plan.problem, plan.data.X, plan.data.Y, plan.data.weights)
        steps = LbfgsSteps(plan, engine) if plan.problem.solver.builtin_name == "lbfgs" else engine
    if plan.time_limit is not None:
        _compile_first(plan, steps)
    return steps


def under_way(
    plan: Plan,
    engine: Stepping,
    stream: ShuffleStream,
    settings: TrainSettings,
    *,
    given: tuple[Any, Any, Any],
    start: State | None,
    at: RunState | None,
    file: "CheckpointFile | None",
    shared: Shared,
) -> Training:
    """Return a run before its first step, or where it was left."""
    data = plan.data
    # before the run, as a callback may change the arrays
    print_of_data = shared.once((data,), "fingerprint", lambda: fingerprint_of(data))
    run = Run(plan, engine, stream, start=start, callback=settings.callback, at=at, saver=file)
    if file is not None and at is None:
        file.begin(run.state)
    return Training(run, plan, engine.name, settings.n_jobs, given, print_of_data)


def _compile_first(plan: Plan, runner: Stepping) -> None:
    """Take a step and discard it, so that compilation does not count toward the time limit."""
    with np.errstate(all="ignore"):
        first = plan.data.first(1, plan.problem.network.theta.dtype)
        n = 0 if isinstance(runner, LbfgsSteps) else 1  # it computes its first point, which is used again
        engine = runner.on_one_row if isinstance(runner, StreamedSteps) else runner
        engine.run(engine.start(plan.learning_rate), np.zeros((n, 1), np.int64), plan.rates(0)[:n], 1)
        engine.evaluate(plan.problem.network.theta, first.X, first.Y)
