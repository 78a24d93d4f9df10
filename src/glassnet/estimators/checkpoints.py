"""The trainings of a fit, made one by one, and their checkpoints: a folder with one file for each."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from glassnet.errors import ParameterError
from glassnet.training.train import RunArguments

T = TypeVar("T")

SUFFIX = ".ckpt"


class Lazy(Sequence[T]):
    """A sequence whose items are made each time they are asked for, and not kept.

    >>> list(Lazy(3, lambda k: k * k))
    [0, 1, 4]
    """

    def __init__(self, n: int, make: Callable[[int], T]) -> None:
        self._n, self._make = n, make

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, k: Any) -> Any:
        return self._make(range(self._n)[k])

    def __iter__(self) -> Iterator[T]:
        return map(self._make, range(self._n))


@dataclass(frozen=True)
class FitCheckpoints:
    """Where the trainings of a fit write their checkpoints, if anywhere.

    As a context it removes a folder that was made for them and holds none in the end, because the fit was refused.

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.settings.train_settings import TrainSettings
    >>> settings = TrainSettings(cost="absolute_error")
    >>> run = RunArguments(network=gn.Network.create([1, 1]), X=[[0.0]], Y=[[0.0]], settings=settings)
    >>> FitCheckpoints(Path("run"), 30.0).added([run], "network")[0].checkpoint.name
    'network-1.ckpt'
    >>> FitCheckpoints(None, 30.0).added([run], "network")[0] is run
    True
    """

    folder: Path | None
    every: float
    is_new: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder is not None and self.is_new:
            with suppress(OSError):  # it holds checkpoints
                self.folder.rmdir()

    def added(self, runs: Sequence[RunArguments], name: str) -> Sequence[RunArguments]:
        """Return the runs, each with a checkpoint of its own."""
        folder = self.folder
        if folder is None:
            return runs
        return Lazy(
            len(runs),
            lambda k: replace(runs[k], checkpoint=folder / f"{name}-{k + 1}{SUFFIX}", checkpoint_every=self.every),
        )


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
    is_new = not place.exists()
    place.mkdir(exist_ok=True)
    return FitCheckpoints(place, every, is_new)
