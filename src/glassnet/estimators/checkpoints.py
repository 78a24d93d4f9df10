"""The checkpoints of a fit: a folder with one file for each training."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.errors import ParameterError

SUFFIX = ".ckpt"


@dataclass(frozen=True)
class FitCheckpoints:
    """Where the trainings of a fit write their checkpoints, if anywhere.

    Examples
    --------
    >>> FitCheckpoints(Path("run"), 30.0).added([{"epochs": 5}], "network")[0]["checkpoint"].name
    'network-1.ckpt'
    >>> FitCheckpoints(None, 30.0).added([{"epochs": 5}], "network")
    [{'epochs': 5}]
    """

    folder: Path | None
    every: float

    def added(self, runs: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
        """Return the runs, each with a checkpoint of its own."""
        if self.folder is None:
            return list(runs)
        return [
            {**run, "checkpoint": self.folder / f"{name}-{k}{SUFFIX}", "checkpoint_every": self.every}
            for k, run in enumerate(runs, start=1)
        ]


def checkpoints_in(folder: str | os.PathLike[str] | None, every: float, random_state: Any) -> FitCheckpoints:
    """Return the checkpoints of a fit, and make their folder.

    Raises
    ------
    ParameterError
        If the fit could not be continued, as every call draws another seed.
    NotADirectoryError
        If there is a file in the folder's place.
    """
    if folder is None:
        return FitCheckpoints(None, every)
    if random_state is None:
        raise ParameterError(
            "checkpoint needs random_state=0 or another number: without one, each call of fit draws other initial "
            "parameters, and could not continue what another has begun."
        )
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(f"{str(place)!r} is a file; name a folder, in which each network has a checkpoint.")
    if not place.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(place.parent)!r}; make it first, or save elsewhere.")
    place.mkdir(exist_ok=True)
    return FitCheckpoints(place, every)
