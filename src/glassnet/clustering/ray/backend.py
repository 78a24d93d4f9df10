"""The `Backend` of Ray Train that tells each worker where its peers are.

Ray's own JaxTrainer connects nothing on CPUs: its workers would each train alone, and say nothing about it.
"""

import os
from dataclasses import dataclass
from typing import Any

import ray
from ray.train._internal.utils import get_address_and_port
from ray.train.backend import Backend, BackendConfig

PLACE = "GLASSNET_CLUSTER"
"""Environment variable of a worker: the address that it joins."""


class AddressBackend(Backend):
    """Gives every worker of a group the address of rank 0, its own rank, and the size of the group."""

    def on_start(self, worker_group: Any, backend_config: BackendConfig) -> None:
        """Write the address into the environment of each worker, also when a group was started again."""
        host, port = worker_group.execute_single(0, get_address_and_port)
        host, world = f"[{host}]" if ":" in host else host, len(worker_group)
        addresses = [f"jax://{host}:{port}?rank={rank}&world={world}" for rank in range(world)]
        told = [worker_group.execute_single_async(rank, _tell, each) for rank, each in enumerate(addresses)]
        ray.get(told)


@dataclass
class AddressConfig(BackendConfig):
    """What Ray's DataParallelTrainer takes to choose the backend."""

    @property
    def backend_cls(self) -> type[AddressBackend]:
        """The backend."""
        return AddressBackend


def _tell(address: str) -> None:
    os.environ[PLACE] = address
