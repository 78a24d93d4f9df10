"""The records of Ray Train that an address stands for."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.clustering.addresses import Address, RayAddress
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs

if TYPE_CHECKING:
    from ray.train.v2.api.config import RunConfig, ScalingConfig

SETTINGS = {"RAY_TRAIN_V2_ENABLED": "1", "RAY_USAGE_STATS_ENABLED": "0"}
RETRIES = 3
KNOWN = ("workers", "retries", "cpus", "gpus")


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


def configs_of(address: RayAddress, checkpoint: Path) -> "tuple[ScalingConfig, RunConfig]":
    """Return how many workers an address asks for, and how often Ray starts them again.

    Records that the address has are returned as they are.

    Parameters
    ----------
    address : RayAddress
        With ``workers=2..8``; ``retries=3`` is the number of failures after which Ray gives up; ``cpus=4`` and
        ``gpus=1`` are reserved for each worker.
    checkpoint : Path
        The folder of the checkpoints, on storage that all hosts share. Its name is that of Ray's run.
    """
    from ray.train.v2.api.config import FailureConfig, RunConfig, ScalingConfig

    given = dict(address.parameters)
    retries, cpus, gpus = (_count(given, *each) for each in (("retries", RETRIES), ("cpus", 1), ("gpus", 0)))
    if given:
        raise ParameterError(f"ray:// has the parameter {min(given)!r}, but it takes {', '.join(KNOWN)}.")
    least, most = address.workers
    scaling = address.scaling_config or ScalingConfig(
        num_workers=most if least == most else (least, most),
        use_gpu=gpus > 0,
        resources_per_worker={"CPU": cpus} | ({"GPU": gpus} if gpus else {}),
        placement_strategy="SPREAD",  # one process per host, if there is a choice
    )
    run = address.run_config or RunConfig(
        name=checkpoint.name,
        storage_path=str(checkpoint.parent),
        failure_config=FailureConfig(max_failures=retries),
    )
    return scaling, run


def with_records(
    address: Address, checkpoint: Path | None, scaling_config: Any, run_config: Any
) -> tuple[RayAddress, Path | None]:
    """Return an address of Ray with records of Ray Train, and the folder of the checkpoints.

    Another driver whose records name the same storage and the same run finds the checkpoints there.
    """
    if not isinstance(address, RayAddress):
        raise ParameterError(
            "scaling_config and run_config are records of Ray Train; use them with cluster='ray://auto'."
        )
    library()
    from ray.train.v2.api.config import RunConfig, ScalingConfig

    for name, given, kind in (("scaling_config", scaling_config, ScalingConfig), ("run_config", run_config, RunConfig)):
        if not isinstance(given, kind | None):
            raise ParameterError(
                f"{name} is a {type(given).__module__}.{type(given).__name__}; use a ray.train.{kind.__name__}."
            )
    if run_config is not None:
        if checkpoint is not None:
            raise ParameterError(
                f"checkpoint={str(checkpoint)!r} and run_config both name a folder for checkpoints; give one of them."
            )
        checkpoint = folder_of(run_config)
    return replace(address, scaling_config=scaling_config, run_config=run_config), checkpoint


def folder_of(run_config: "RunConfig") -> Path:
    """Return the folder of the checkpoints of a run."""
    storage = str(run_config.storage_path)
    if "://" in storage:
        raise ParameterError(
            f"RunConfig(storage_path={storage!r}) must be a folder that all hosts share, such as an NFS mount: "
            f"checkpoints are written as files."
        )
    return Path(storage).expanduser() / str(run_config.name)


def _count(given: dict[str, str], name: str, default: int) -> int:
    text = given.pop(name, str(default))
    if not re.fullmatch(r"\d{1,5}", text) or (name == "cpus" and int(text) == 0):
        raise ParameterError(f"ray:// has {name}={text}, which must be a whole number, such as {name}={default or 1}.")
    return int(text)
