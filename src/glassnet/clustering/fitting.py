"""`fit_on_cluster`: fits an estimator on all processes of a cluster."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from glassnet.clustering.addresses import Address, parse_address
from glassnet.clustering.comm import Comm, agree
from glassnet.clustering.joining import HEARTBEAT, work_together
from glassnet.clustering.lanes.training import TrainTogether
from glassnet.clustering.leaving import stop_requests
from glassnet.clustering.ray.configs import with_records
from glassnet.errors import GlassnetError, ParameterError
from glassnet.estimators.fit_in_parts import fit_by
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments


@dataclass(frozen=True, eq=False)
class FitTogether:
    """Fits a model on the processes of a cluster: the work of each of them.

    Attributes
    ----------
    fit : callable
        ``fit(train=...)`` fits a model, lets `train` train each run, and returns the model. Ray pickles it.
    lanes, accumulate
        As in `fit_on_cluster`.
    """

    fit: Callable[..., Any]
    lanes: int | None = None
    accumulate: int = 1

    def __call__(self, comm: Comm) -> Any:
        """Return the fitted model."""
        with stop_requests() as stop:
            train = _Begun(TrainTogether(comm, self.lanes, self.accumulate, stop))
            try:
                return self.fit(train=train)
            except (GlassnetError, OSError) as error:
                if comm.world > 1 and not train.runs:  # the others wait for this process to begin
                    agree(comm, str(error))
                raise


@dataclass(eq=False)
class _Begun:
    """Trains, and remembers that it has begun."""

    train: TrainTogether
    runs: list[RunArguments] = field(default_factory=list)

    def __call__(self, run: RunArguments) -> TrainingResult:
        self.runs.append(run)
        return self.train(run)


def fit_on_cluster(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    cluster: str,
    eval_set: Any = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_every: float = 30.0,
    lanes: int | None = None,
    accumulate: int = 1,
    heartbeat: float = HEARTBEAT,
    scaling_config: Any = None,
    run_config: Any = None,
) -> Any:
    """Fit an estimator on several machines, each of which calls this function with the same arguments.

    The processes share the rows of each minibatch, and add up their gradients once per step. The result has the same
    bits for any number of processes, also if the number changes when a training is continued from its checkpoint.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
        With a number as `random_state`.
    X, y, sample_weight, eval_set
        As in `fit`.
    cluster : str
        ``"local"``, ``"jax://HOST:PORT?rank=R&world=N"``, ``"jax://auto"`` under Slurm, Open MPI and Kubernetes,
        ``"mpi"`` under mpiexec, or ``"ray://auto?workers=2..8"``.
    checkpoint : str or path, optional
        A folder that all machines share. The same call continues from there, on as many machines as there are then.
    checkpoint_every : float
        Seconds between two checkpoints.
    lanes : int, optional
        Number of parts into which each epoch deals the rows; at most as many processes share them. By default 16, or
        as many as in the checkpoint. Another number gives other minibatches.
    accumulate : int
        Number of minibatches per step, whose gradients are sent at once.
    heartbeat : float
        Seconds after which a silent process counts as lost.
    scaling_config, run_config : ray.train.ScalingConfig and ray.train.RunConfig, optional
        With ``cluster="ray://auto"``: the number of workers, how often Ray starts them again
        (``failure_config=FailureConfig(max_failures=3)``), and in place of `checkpoint` the storage and the name of the
        run. Another driver with the same storage and name continues the training. Ray starts the processes, so only one
        machine calls the function.

    Returns
    -------
    GlassClassifier or GlassRegressor
        The fitted estimator, on all processes.

    Raises
    ------
    ClusterError
        If the processes cannot train together.
    Stopped
        If one of them got SIGTERM or Ctrl-C: all save their state and stop after the same step.

    Notes
    -----
    A process that loses another one ends with exit code 75, or by SIGABRT if the other one is silent. Whatever has
    started the processes should then start all of them again.

    JAX does not authenticate processes: use a private network.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> clf = gn.GlassClassifier((4,), max_iter=9, random_state=0)
    >>> gn.fit_on_cluster(clf, X, y, cluster="local").predict([[0.2]]).tolist()
    ['no']
    """
    address: Address = parse_address(cluster)
    folder = None if checkpoint is None else Path(checkpoint)
    if scaling_config is not None or run_config is not None:
        address, folder = with_records(address, folder, scaling_config, run_config)
    if model.random_state is None:
        raise ParameterError(
            "random_state=None draws another seed on each process; use random_state=0 or another number."
        )
    fit = partial(
        fit_by, model, X, y, sample_weight,
        eval_set=eval_set, checkpoint=folder, checkpoint_every=checkpoint_every,
    )  # fmt: skip
    return work_together(address, FitTogether(fit, lanes, accumulate), heartbeat=heartbeat, folder=folder)
