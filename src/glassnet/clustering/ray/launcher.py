"""`launch`: calls a function on the processes that Ray starts, and starts again after one was lost."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.clustering.addresses import JaxAddress, RayAddress, parse_address
from glassnet.clustering.comm import Comm
from glassnet.clustering.jax_comm import JaxComm
from glassnet.clustering.jax_runtime import stdout_kept_clean
from glassnet.clustering.ray.configs import configs_of, library
from glassnet.errors import ClusterError, GlassnetError, ParameterError, first_line

if TYPE_CHECKING:
    from ray.train.v2.api.config import RunConfig, ScalingConfig

T = TypeVar("T")

LOCAL = "local"


def launch(address: RayAddress, work: Callable[[Comm], T], *, heartbeat: float, folder: Path | None) -> T:
    """Call ``work(comm)`` on each process that Ray starts, again after one was lost, and return rank 0's result.

    Ray starts as many processes as the cluster has room for, within the range of the address. The work, which Ray
    pickles, has to find its last checkpoint by itself. A process that is connected to Ray stays so.

    See `glassnet.clustering.joining.work_together`. Ray keeps its records of the run in the folder, too.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or processes were lost more often than allowed.
    GlassnetError
        What rank 0 raises; it is not tried again.
    """
    if folder is None:
        raise ParameterError(
            f"cluster='ray://{address.place}' needs a folder for checkpoints that all hosts share: Ray starts lost "
            f"workers again, and they continue from there. Name one by checkpoint='/shared/run1'."
        )
    library()
    scaling_config, run_config = configs_of(address, folder.absolute())
    with _connected(address.place, scaling_config):
        from ray.train import TrainingFailedError
        from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

        from glassnet.clustering.ray.backend import AddressConfig

        # of the second version of Ray Train, which its annotations do not know
        records: dict[str, Any] = {"scaling_config": scaling_config, "run_config": run_config}
        task = {"work": work, "heartbeat": heartbeat, "folder": os.getcwd()}
        trainer = DataParallelTrainer(_on_worker, train_loop_config=task, backend_config=AddressConfig(), **records)
        try:
            result: Any = trainer.fit()
        except TrainingFailedError as error:
            raise ClusterError(_why(error, run_config)) from None
    if isinstance(result.return_value, GlassnetError):
        raise result.return_value
    returned: T = result.return_value
    return returned


@contextmanager
def _connected(place: str, scaling_config: "ScalingConfig") -> Iterator[None]:
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
                "num_cpus": max(int(scaling_config.total_resources.get("CPU", 0)), os.cpu_count() or 1),
                "runtime_env": {"worker_process_setup_hook": _silence_cleaner},
            }
        try:
            ray.init(**settings)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ClusterError(
                f"the Ray cluster at {place!r} cannot be reached: {first_line(error)}. Start one by `ray start "
                f"--head`, or use 'ray://local?workers={scaling_config.max_workers}', which starts one on this machine "
                f"meanwhile."
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

    with suppress(OSError):  # names of files are those of the driver, unless this host has no such folder
        os.chdir(config["folder"])
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
