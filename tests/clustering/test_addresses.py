"""Addresses of clusters, and the sentences for texts that are none."""

import re

import pytest

from glassnet.clustering.addresses import JaxAddress, LocalAddress, MpiAddress, RayAddress, parse_address
from glassnet.clustering.joining import join, work_together
from glassnet.errors import ClusterError, ParameterError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("local", LocalAddress()),
        ("mpi", MpiAddress()),
        ("mpi?world=4", MpiAddress(4)),
        ("jax://auto", JaxAddress()),
        ("jax://auto?detect=mpi4py&world=8", JaxAddress(world=8, detect="mpi4py")),
        ("jax://10.0.0.1:1234?rank=0&world=1", JaxAddress("10.0.0.1", 1234, 0, 1)),
        ("jax://[fd00::1]:1234?rank=3&world=4", JaxAddress("fd00::1", 1234, 3, 4)),
        ("jax://node-7:1234?world=2&rank=1", JaxAddress("node-7", 1234, 1, 2)),
        ("ray://auto?workers=2..8", RayAddress("auto", (2, 8))),
        ("ray://10.0.0.1:6379?workers=3&retries=5", RayAddress("10.0.0.1:6379", (3, 3), {"retries": "5"})),
    ],
)
def test_addresses(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cluster='' is not known. Choose from: local, 'jax://10.0.0.1:1234?rank=0&world=4', jax://auto, mpi"),
        ("dask://10.0.0.1:8786", "cluster='dask://10.0.0.1:8786' is not known"),
        ("local://10.0.0.1", "is not known"),
        ("mpi://auto", "is not known"),
        ("jax://[::1", "is not an address. Choose from"),
        ("local?world=2", "has the parameter 'world', but it takes none"),
        ("mpi?rank=2", "has the parameter 'rank', but it takes world"),
        ("mpi?world=0", "world='0' must be a whole number from 1 upwards"),
        ("mpi?world=2&world=3", "gives a parameter twice"),
        ("mpi#2", "has '#2', which means nothing here"),
        ("jax://10.0.0.1?rank=0&world=2", "must name the host of rank 0 and a free port there"),
        ("jax://:1234?rank=0&world=2", "must name the host of rank 0 and a free port there"),
        ("jax://10.0.0.1:99999?rank=0&world=2", "must name the host of rank 0 and a free port there"),
        ("jax://user@10.0.0.1:1234?rank=0&world=2", "must name the host of rank 0 and a free port there"),
        ("jax://10.0.0.1:1234", "must say which process this is and how many there are"),
        ("jax://10.0.0.1:1234?rank=0", "Quote it: & has a meaning in shells"),
        ("jax://10.0.0.1:1234?rank=2&world=2", "rank=2 must be from 0 to 1, as there are 2"),
        ("jax://10.0.0.1:1234?rank=-1&world=2", "rank='-1' must be a whole number from 0 upwards"),
        ("jax://10.0.0.1:1234?rank=a&world=2", "rank='a' must be a whole number from 0 upwards"),
        ("jax://auto?rank=1", "has the parameter 'rank', but it takes world, detect"),
        ("ray://", "must name a cluster of Ray, as in 'ray://auto?workers=2..8'"),
        ("ray://auto?workers=8..2", "workers=8..2 must be a number, such as 4, or a range such as 2..8"),
        ("ray://auto?workers=many", "workers=many must be a number"),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(text, says):
    with pytest.raises(ParameterError, match=re.escape(says)):
        parse_address(text)


def test_what_is_no_text_is_refused():
    with pytest.raises(ParameterError, match=r"cluster=7 must be a text, such as local"):
        parse_address(7)


def test_ray_is_launched_and_not_joined():
    with pytest.raises(ClusterError, match="are started by Ray; launch the training instead"):
        join(RayAddress("auto", (1, 1)))


@pytest.mark.parametrize("heartbeat", [0, -1, float("nan"), "20"])
def test_a_heartbeat_is_a_positive_number(heartbeat):
    with pytest.raises(ParameterError, match="heartbeat"):
        join(LocalAddress(), heartbeat=heartbeat)


def test_one_process_works_alone():
    assert work_together(LocalAddress(), lambda comm: (comm.rank, comm.world)) == (0, 1)
