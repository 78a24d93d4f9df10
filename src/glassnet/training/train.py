"""`train`: trains one network."""

from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import Engine, State
from glassnet.engines.registry import resolve_engine
from glassnet.engines.seeding import ShuffleStream
from glassnet.errors import TrainingInterrupted
from glassnet.training.lbfgs import LbfgsRun
from glassnet.training.loop.listeners import Callback
from glassnet.training.plan import Plan, check_state, make_plan
from glassnet.training.replay.recording import Recording, bare, fingerprint_of
from glassnet.training.result import TrainingResult
from glassnet.training.run import Run
from glassnet.training.settings import positive_whole
from glassnet.typing import Array, Spec


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
    dropout_schedule, decay_schedule : str or tuple
        Schedules of `dropout` and of the ``weight_decay`` of solver "adamw": all of the above except "adaptive".
        ``"flat_cosine"`` keeps them constant for the first half of the run and then lowers them to 0.
    l1, l2 : float
        Strengths of the penalty ``l1 · sum|w| + l2/2 · sum w²``.
    dropout : float or list of float
        Dropout rate of the hidden layers; with `dropout_schedule`, at the first step.
    clip : float, optional
        Maximum norm of the gradient.
    weights : array of shape (n_samples,), optional
        Sample weights; scaled to mean 1.
    validation : (X, Y) or (X, Y, weights), optional
        Validation set; the parameters of its best epoch are returned.
    monitor : {"validation_cost", "validation_metric", "cost"}, optional
        Monitored quantity; by default the validation cost, if there is a validation set.
    patience : int, optional
        Stop after this many epochs without improvement by more than `tolerance`.
    tolerance : float
        Smallest improvement that counts; for ``"lbfgs"``, the gradient at convergence.
    shuffle : bool
        Whether to shuffle the samples in each epoch.
    snapshots : int
        Interval, in epochs, at which parameters are stored in ``history.snapshots``; 0 stores none.
    kept_states : int
        Maximum number of evenly spaced states stored to speed up `TrainingResult.at`; with 0 it replays from the
        start.
    time_limit : float, optional
        Seconds after which training stops at the end of an epoch; compilation does not count. An epoch that would
        exceed the limit by far is not started. To repeat the run, pass the same `epochs`, no limit, and
        ``callback=lambda epoch, network: epoch.epoch >= n`` with ``n = len(history)``.
    metric : {"auto", "accuracy", "r2"} or None
        Metric reported with the cost.
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True. A
        `glassnet.training.loop.listeners.Listener` is called less often.
    engine : {"auto", "cpu", "reference"}
        "cpu" is compiled; "reference" is readable, defines the correct result and also supports user-defined
        activations. "auto" uses the compiled engine if possible.
    n_jobs : int, optional
        Number of threads; by default as many as speed up a step of this size. Results do not depend on it.
    seed : int or numpy.random.Generator
        Seed of sample order and dropout.
    state : State, optional
        Continue from the state of an earlier result instead of the network's parameters.

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
    TrainingInterrupted
        On Ctrl-C after at least one epoch: a KeyboardInterrupt with the TrainingResult so far in ``result``, including
        the best network. Before that, a plain KeyboardInterrupt.

    Notes
    -----
    A non-finite number ends the run; ``history.divergence`` gives its epoch, step, layer and unit.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", solver="rprop", epochs=60)
    >>> gn.forward(result.network, X).A[-1].round().ravel()
    array([0., 1., 1., 0.])
    """
    training = _begin(
        network, X, Y, cost=cost, solver=solver, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
        schedule=schedule, dropout_schedule=dropout_schedule, decay_schedule=decay_schedule, l1=l1, l2=l2,
        dropout=dropout, clip=clip, weights=weights, validation=validation, monitor=monitor, patience=patience,
        tolerance=tolerance, shuffle=shuffle, snapshots=snapshots, kept_states=kept_states, time_limit=time_limit,
        metric=metric, callback=callback, engine=engine, n_jobs=n_jobs, seed=seed, state=state,
    )  # fmt: skip
    training.run.advance()
    return training.result_or_interrupt()


def start_run(network: Network, X: Array, Y: Array, **settings: Any) -> Run | LbfgsRun:
    """Return a run before its first step, to be advanced in parts.

    Parameters
    ----------
    network, X, Y, **settings
        The arguments of `train`.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> run = start_run(gn.Network.create([2, 1], seed=0), X, Y, cost="binary_cross_entropy", epochs=9)
    >>> run.advance(epochs=4).progress().last.epoch, run.finished
    (4, False)
    """
    parameters = signature(train).parameters.values()
    defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
    return _begin(network, X, Y, **{**defaults, **settings}).run


@dataclass(frozen=True, eq=False)
class _Training:
    """A run, and what its result refers to."""

    run: Run | LbfgsRun
    plan: Plan
    engine: str
    n_jobs: int | None
    given: tuple[Any, Any, Any]  # X, Y and weights
    fingerprint: str

    def result_or_interrupt(self) -> TrainingResult:
        """Return the result, or raise it if Ctrl-C ended the run."""
        outcome = self.run.result()
        history, recording = outcome.history, None
        if isinstance(self.run, Run):
            kept, factors = outcome.kept, outcome.factors
            recording = Recording(
                bare(self.plan), self.engine, self.n_jobs, self.fingerprint, history, kept, factors, self.given
            )
        network = self.plan.problem.network.with_theta(outcome.theta)
        result = TrainingResult(network, history, outcome.state, recording)
        if history.stopped != "interrupted":
            return result
        if len(history) == 0:
            raise KeyboardInterrupt
        raise TrainingInterrupted(history.stop_reason, result)


def _begin(
    network: Network,
    X: Array,
    Y: Array,
    *,
    weights: Any,
    callback: Callback | None,
    engine: str,
    n_jobs: int | None,
    seed: Any,
    state: State | None,
    **settings: Any,
) -> _Training:
    """Check the arguments of `train` and return the run before its first step."""
    rng = np.random.default_rng(seed)
    plan = make_plan(network, X, Y, weights=weights, seed=int(rng.integers(1 << 32)), **settings)
    if n_jobs is not None:
        positive_whole("n_jobs", n_jobs)
    make_engine = resolve_engine(engine, network, plan.problem.cost)
    runner = make_engine(plan.problem, plan.data.X, plan.data.Y, plan.data.weights, n_jobs=n_jobs)
    if state is not None:
        check_state(state, runner.start(plan.learning_rate), plan.problem.solver.name)
    if plan.time_limit is not None:
        _compile_first(plan, runner)
    run: Run | LbfgsRun
    if plan.problem.solver.name == "lbfgs":
        run, print_of_data = LbfgsRun(plan, runner, start=state, callback=callback), ""
    else:
        print_of_data = fingerprint_of(plan.data)  # before the run, as a callback may change the arrays
        stream = ShuffleStream(plan.data.n_samples, rng, shuffle=plan.shuffle)
        run = Run(plan, runner, stream, start=state, callback=callback)
    return _Training(run, plan, runner.name, n_jobs, (X, Y, weights), print_of_data)


def _compile_first(plan: Plan, runner: Engine) -> None:
    """Take a step and discard it, so that compilation does not count toward the time limit."""
    with np.errstate(all="ignore"):
        if plan.problem.solver.name != "lbfgs":
            runner.run(runner.start(plan.learning_rate), np.zeros((1, 1), np.int64), plan.rates(0)[:1], 1)
        runner.evaluate(plan.problem.network.theta, plan.data.X[:1], plan.data.Y[:1])
