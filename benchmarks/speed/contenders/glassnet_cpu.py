"""glassnet's compiled engine, through its public door. It chooses the number of its threads itself."""

from typing import Any

import glassnet as gn
from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.options import usable_cores
from benchmarks.speed.task import Layers, Task, layers_of
from glassnet.training.loop.listeners import Listener


class Glassnet(Contender):
    """`gn.train(..., engine="cpu")`, history and all."""

    engine = "cpu"
    n_jobs: int | None = None
    callback: Listener | None = None

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Only one: the defaults."""
        return [{}]

    def __init__(self, task: Task) -> None:
        self._arguments = task.arguments
        self._network = task.network

    def start(self) -> None:
        """Nothing to do: `gn.train` leaves the network that it was given as it is."""

    def run(self) -> None:
        """Train."""
        self._network = gn.train(
            **self._arguments, engine=self.engine, n_jobs=self.n_jobs, callback=self.callback
        ).network

    def layers(self) -> Layers:
        """Return the trained weights."""
        return layers_of(self._network)

    @staticmethod
    def train_many(tasks: list[Task], cores: int) -> list[Layers]:
        """Train many networks side by side."""
        results = gn.train_many([task.arguments | {"engine": "cpu"} for task in tasks], n_jobs=cores)
        return [layers_of(result.network) for result in results]


class OneThread(Glassnet):
    """The same on one thread."""

    n_jobs = 1


class AllThreads(Glassnet):
    """The same with a thread on each core, always."""

    n_jobs = usable_cores()


class Watched(Glassnet):
    """The same with a listener that asks for the state of the run every 50 ms."""

    callback = Listener(lambda epoch, network: None, every=0.05)
