"""`train`: the door to the training floor."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import Engine, State
from glassnet.engines.registry import resolve_engine
from glassnet.errors import TrainingInterrupted
from glassnet.training.lbfgs import run_lbfgs
from glassnet.training.loop.listeners import Callback
from glassnet.training.plan import Plan, check_state, make_plan
from glassnet.training.replay.recording import Recording, bare, fingerprint_of
from glassnet.training.result import TrainingResult
from glassnet.training.run import run_epochs
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
        Start weights and structure; it stays as it is. Its precision is the precision of the run.
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
        Samples per step; 32 by default, all for the solvers that need them all.
    learning_rate : float, optional
        eta; the solver's own by default.
    schedule : str or tuple
        How the learning rate goes on: ``"constant"``, ``"step"``, ``"inverse"``, ``"exponential"``, ``"cosine"``,
        ``"flat_cosine"``, ``"warm_up"``, ``"coslog4"``, or ``"adaptive"``: a fifth of it whenever `patience` epochs
        brought nothing.
    dropout_schedule, decay_schedule : str or tuple
        How `dropout`, and the ``weight_decay`` of solver "adamw", go on: the same schedules but for "adaptive", such as
        ``"flat_cosine"``, which lets them be for half of the run and then fall to 0.
    l1, l2 : float
        Strengths of the penalty ``l1 · sum|w| + l2/2 · sum w²``.
    dropout : float or list of float
        Share of each hidden layer's units left out at every step; with `dropout_schedule` at the first one.
    clip : float, optional
        Largest norm of the gradient.
    weights : array of shape (n_samples,), optional
        How much each sample counts; scaled to mean 1.
    validation : (X, Y) or (X, Y, weights), optional
        Samples that are only watched; the best epoch on them is the one kept.
    monitor : {"validation_cost", "validation_metric", "cost"}, optional
        What is watched; the validation cost where there is one.
    patience : int, optional
        Stop after so many epochs without improvement by more than `tolerance`.
    tolerance : float
        Smallest improvement that counts; for ``"lbfgs"`` the gradient at which it has converged.
    shuffle : bool
        Whether each epoch meets the samples in a new order.
    snapshots : int
        Keep the parameters of every so many epochs in ``history.snapshots``; 0 keeps none.
    kept_states : int
        Keep at most so many states of the run, about evenly spaced, from which `TrainingResult.at` opens it the sooner;
        with 0 it goes through the run from the start.
    time_limit : float, optional
        Seconds after which training ends with an epoch, ``len(history)`` of them; compiling does not count. No epoch
        is begun that would go far beyond the limit. To repeat the run, pass the same `epochs`, no limit, and
        ``callback=lambda epoch, network: epoch.epoch >= n``.
    metric : {"auto", "accuracy", "r2"} or None
        Reported beside the cost.
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True.
    engine : {"auto", "cpu", "reference"}
        Who executes it: the compiled engine, or the readable one that defines what is correct and also takes an
        activation of your own. "auto" takes the compiled one wherever it can.
    n_jobs : int, optional
        Threads that compute; by default as many as pay for a step of this size. Results do not depend on it.
    seed : int or numpy.random.Generator
        Of sample order and dropout.
    state : State, optional
        Go on from an earlier result's state instead of from the network's parameters.

    Returns
    -------
    TrainingResult
        ``result.network``, ``result.history``, ``result.state``; ``result.at(epoch=3, step=10)`` opens the run there.

    Raises
    ------
    ParameterError
        If an argument cannot work; its message names the value and what was expected.
    ShapeError
        If X, Y, weights and network do not fit each other.
    TrainingInterrupted
        On Ctrl-C after at least one epoch: a KeyboardInterrupt whose ``result`` is the TrainingResult so far, with the
        best network. Before that, a plain KeyboardInterrupt.

    Notes
    -----
    A number that is not finite ends the run, and ``history.divergence`` names its epoch, step, layer and unit.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", solver="rprop", epochs=60)
    >>> gn.forward(result.network, X).A[-1].round().ravel()
    array([0., 1., 1., 0.])
    """
    rng = np.random.default_rng(seed)
    plan = make_plan(
        network,
        X,
        Y,
        cost=cost,
        solver=solver,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        schedule=schedule,
        dropout_schedule=dropout_schedule,
        decay_schedule=decay_schedule,
        l1=l1,
        l2=l2,
        dropout=dropout,
        clip=clip,
        weights=weights,
        validation=validation,
        monitor=monitor,
        patience=patience,
        tolerance=tolerance,
        shuffle=shuffle,
        snapshots=snapshots,
        kept_states=kept_states,
        time_limit=time_limit,
        metric=metric,
        seed=int(rng.integers(1 << 32)),
    )
    if n_jobs is not None:
        positive_whole("n_jobs", n_jobs)
    make_engine = resolve_engine(engine, network, plan.problem.cost)
    runner = make_engine(plan.problem, plan.data.X, plan.data.Y, plan.data.weights, n_jobs=n_jobs)
    if state is not None:
        check_state(state, runner.start(plan.learning_rate), plan.problem.solver.name)
    if plan.time_limit is not None:
        _compile_first(plan, runner)
    if plan.problem.solver.name == "lbfgs":
        theta, end, history = run_lbfgs(plan, runner, callback, state)
        return _whole_or_raised(TrainingResult(network.with_theta(theta), history, end))
    print_of_data = fingerprint_of(plan.data)  # before the run: a callback may change the arrays
    theta, end, history, keeper = run_epochs(plan, runner, rng, callback, state)
    recording = Recording(
        bare(plan), runner.name, n_jobs, print_of_data, history, keeper.kept, keeper.factors, (X, Y, weights)
    )
    return _whole_or_raised(TrainingResult(network.with_theta(theta), history, end, recording))


def _whole_or_raised(result: TrainingResult) -> TrainingResult:
    """Return a result, or raise it where Ctrl-C ended the run."""
    if result.history.stopped != "interrupted":
        return result
    if len(result.history) == 0:
        raise KeyboardInterrupt
    raise TrainingInterrupted(result.history.stop_reason, result)


def _compile_first(plan: Plan, runner: Engine) -> None:
    """Take a step that is forgotten, so that no compiler runs once the clock does: it would take most of the time."""
    with np.errstate(all="ignore"):
        if plan.problem.solver.name != "lbfgs":
            runner.run(runner.start(plan.learning_rate), np.zeros((1, 1), np.int64), plan.rates(0)[:1], 1)
        runner.evaluate(plan.problem.network.theta, plan.data.X[:1], plan.data.Y[:1])
