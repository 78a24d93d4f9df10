"""Each worker of Ray is told its rank and the size of the group, which Ray's own JAX backend leaves out on CPUs."""

import os

import pytest

from glassnet.clustering.addresses import JaxAddress, parse_address

ray = pytest.importorskip("ray")
pytest.importorskip("ray.train")


class Group:
    """Workers that run in this process, one after the other, each with an environment of its own."""

    def __init__(self, world, host):
        self.environments, self._host = [{} for _ in range(world)], host

    def __len__(self):
        return len(self.environments)

    def execute_single(self, rank, function):
        return self._host, 1234 + rank

    def execute_single_async(self, rank, function, *given):
        before = dict(os.environ)
        function(*given)
        self.environments[rank] = {name: text for name, text in os.environ.items() if before.get(name) != text}


@pytest.fixture
def told(monkeypatch):
    """`told(group)`: the environment that the backend gives each worker."""
    from glassnet.clustering.ray.backend import AddressConfig

    monkeypatch.setattr(ray, "get", lambda references: references)
    monkeypatch.setenv("GLASSNET_CLUSTER", "")

    def start(group):
        config = AddressConfig()
        config.backend_cls().on_start(group, config)
        return group.environments

    return start


@pytest.mark.parametrize("host", ["10.0.0.1", "fd00::1"])
def test_each_worker_is_told_its_rank_and_the_size_of_the_group(told, host):
    addresses = [parse_address(each["GLASSNET_CLUSTER"]) for each in told(Group(3, host))]

    assert addresses == [JaxAddress(host, 1234, rank, 3) for rank in range(3)]


def test_rays_own_backend_connects_nothing_on_cpus():
    """The reason for one of our own; None has no workers, so any call of them would fail."""
    from ray.train.v2.jax import JaxConfig

    config = JaxConfig()

    assert config.backend_cls().on_start(None, config) is None
