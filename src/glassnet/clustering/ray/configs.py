"""The records of Ray Train that an address stands for."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.clustering.addresses import RayAddress
from glassnet.errors import ParameterError

if TYPE_CHECKING:
    from ray.train.v2.api.config import RunConfig, ScalingConfig

RETRIES = 3
KNOWN = ("workers", "retries", "cpus", "gpus")


def configs_of(address: RayAddress, checkpoint: Path) -> "tuple[ScalingConfig, RunConfig]":
    """Return how many workers an address asks for, and how often Ray starts them again.

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
    scaling = ScalingConfig(
        num_workers=most if least == most else (least, most),
        use_gpu=gpus > 0,
        resources_per_worker={"CPU": cpus} | ({"GPU": gpus} if gpus else {}),
        placement_strategy="SPREAD",  # one process per host, if there is a choice
    )
    run = RunConfig(
        name=checkpoint.name,
        storage_path=str(checkpoint.parent),
        failure_config=FailureConfig(max_failures=retries),
    )
    return scaling, run


def folder_of(run_config: "RunConfig") -> Path:
    """Return the folder of the checkpoints of a run.

    Another driver that names the same storage and the same run finds them there.
    """
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
