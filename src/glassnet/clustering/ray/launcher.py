"""`launch`: calls a function on the processes that Ray starts, and starts again after one was lost."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.clustering.addresses import JaxAddress, RayAddress, parse_address
from glassnet.clustering.comm import Comm
from glassnet.clustering.jax_comm import JaxComm
from glassnet.clustering.jax_runtime import stdout_kept_clean
from glassnet.clustering.ray.configs import configs_of
from glassnet.errors import ClusterError, GlassnetError, MissingExtraError, ParameterError, first_line
from glassnet.installing import needs

if TYPE_CHECKING:
    from ray.train.v2.api.config import RunConfig, ScalingConfig

T = TypeVar("T")

LOCAL = "local"
SETTINGS = {"RAY_TRAIN_V2_ENABLED": "1", "RAY_USAGE_STATS_ENABLED": "0"}


def launch(address: RayAddress, work: Callable[[Comm], T], *, heartbeat: float, folder: Path | None) -> T:
    """Call ``work(comm)`` on each process that Ray starts, again after one was lost, and return rank 0's result.

    See `glassnet.clustering.joining.work_together`. Ray keeps its records of the run in the folder, too.
    """
    if folder is None:
        raise ParameterError(
            f"cluster='ray://{address.place}' needs a folder for checkpoints that all hosts share: Ray starts lost "
            f"workers again, and they continue from there. Name one by checkpoint='/shared/run1'."
        )
    library()
    scaling, run = configs_of(address, folder)
    return launch_with(work, scaling_config=scaling, run_config=run, place=address.place, heartbeat=heartbeat)


def launch_with(
    work: Callable[[Comm], T],
    *,
    scaling_config: "ScalingConfig",
    run_config: "RunConfig",
    place: str = "auto",
    heartbeat: float = 20.0,
) -> T:
    """Call ``work(comm)`` on each worker of a run that records of Ray Train describe, and return rank 0's result.

    If a worker is lost, Ray starts all of them again: as often as ``run_config.failure_config`` allows, and as many as
    the cluster has room for within ``scaling_config.num_workers``. The work has to find its last checkpoint by itself.

    Parameters
    ----------
    work : callable
        Ray pickles it.
    scaling_config, run_config
        Records of Ray Train.
    place : str
        Address of the cluster: "auto" for the one around this process, "HOST:PORT", or "local" to start one on this
        machine meanwhile. A process that is connected to Ray stays so.
    heartbeat : float
        Seconds after which a silent worker counts as lost.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or workers were lost more often than allowed.
    GlassnetError
        What rank 0 raises; it is not tried again.
    """
    with _connected(place, scaling_config.max_workers):
        from ray.train import TrainingFailedError
        from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

        from glassnet.clustering.ray.backend import AddressConfig

        # of the second version of Ray Train, which its annotations do not know
        records: dict[str, Any] = {"scaling_config": scaling_config, "run_config": run_config}
        task = {"work": work, "heartbeat": heartbeat}
        trainer = DataParallelTrainer(_on_worker, train_loop_config=task, backend_config=AddressConfig(), **records)
        try:
            result: Any = trainer.fit()
        except TrainingFailedError as error:
            raise ClusterError(_why(error, run_config)) from None
    if isinstance(result.return_value, GlassnetError):
        raise result.return_value
    returned: T = result.return_value
    return returned


def library() -> Any:
    """Return Ray, with the settings that have to precede its import."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.train
    except ImportError:
        raise MissingExtraError(f"{needs('cluster=ray://', 'ray', 'ray')}.") from None
    return ray


@contextmanager
def _connected(place: str, n_workers: int) -> Iterator[None]:
    """Connect this process to a Ray cluster meanwhile, unless it is connected already.

    What workers print comes to this process's stderr: its stdout may be read by a program.
    """
    ray = library()
    with stdout_kept_clean():
        if ray.is_initialized():
            yield
            return
        settings: dict[str, Any] = {"address": place, "logging_level": "WARNING"}
        if place == LOCAL:
            settings |= {
                "include_dashboard": False,
                "num_cpus": max(n_workers, os.cpu_count() or 1),
                "runtime_env": {"worker_process_setup_hook": _silence_cleaner},
            }
        try:
            ray.init(**settings)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ClusterError(
                f"the Ray cluster at {place!r} cannot be reached: {first_line(error)}. Start one by `ray start "
                f"--head`, or use 'ray://local?workers={n_workers}', which starts one on this machine meanwhile."
            ) from None
        try:
            yield
        finally:
            ray.shutdown()


def _silence_cleaner() -> None:
    """Keep Ray Train from warning once a second that there is no dashboard to ask; what it looks for ends with Ray."""
    logging.getLogger("ray.train.v2._internal.execution.controller.placement_group_cleaner").setLevel(logging.ERROR)


def _on_worker(config: dict[str, Any]) -> Any:
    """Join the other workers, and do the work; an error of the user's is an answer, which Ray does not try again."""
    from glassnet.clustering.ray.backend import PLACE

    address = parse_address(os.environ[PLACE])
    assert isinstance(address, JaxAddress)
    comm = JaxComm(address, config["heartbeat"])
    try:
        returned = config["work"](comm)
    except GlassnetError as error:
        returned = error
    comm.close()
    return returned


def _why(error: Any, run_config: "RunConfig") -> str:
    most = run_config.failure_config.max_failures if run_config.failure_config else 0
    failures = getattr(error, "worker_failures", {})
    last = "; ".join(f"rank {rank}: {first_line(failure)}" for rank, failure in sorted(failures.items()))
    return (
        f"the training failed on Ray more often than max_failures={most} allows. At last: {last or first_line(error)}. "
        f"The same command continues from the last checkpoint."
    )
