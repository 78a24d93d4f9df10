"""The cost model: its terms beside a ring that is played through, its fit beside coefficients that are known."""

import numpy as np
import pytest
from benchmarks.scaling.model import (
    BYTES,
    NETWORKS,
    CostModel,
    Step,
    allreduce_terms,
    computing_terms,
    fitted,
    n_params,
    relative_errors,
)
from benchmarks.scaling.switch import Cables, Link

LINK = Link("1 ms, 1 MB/s", 1e-3, 1e6)


def all_reduce_played(n_hosts, n_bytes, link):
    """Seconds of an exchange of pieces and a ring of the sums, message by message through the switch's cables.

    A host sends a message as soon as it has what is in it; nobody announces anything and nothing is computed.
    """
    piece, cables = n_bytes // n_hosts, Cables(link)
    summed = [0.0] * n_hosts
    for distance in range(1, n_hosts):
        for host in range(n_hosts):
            target = (host + distance) % n_hosts
            summed[target] = max(summed[target], cables.arrival(0.0, host, target, piece))
    has = summed
    for _ in range(n_hosts - 1):
        has = [max(has[k], cables.arrival(has[k - 1], k - 1 if k else n_hosts - 1, k, piece)) for k in range(n_hosts)]
    return max(has)


@pytest.mark.parametrize("n_hosts", [2, 3, 4, 8])
def test_the_terms_are_those_of_an_all_reduce_played_message_by_message(n_hosts):
    """Without processor time: one delay for the exchange, one for each message of the ring, and all bytes once by rate."""
    step = Step(n_hosts, 1, n_hosts * 1000, LINK)
    without_processors = CostModel((0, 0, 0), (0, 0, 0, 1, 1, 0, 1))

    assert without_processors.allreduce(step) == pytest.approx(all_reduce_played(n_hosts, BYTES * step.n_params, LINK))


def test_one_host_sums_nothing():
    assert not any(allreduce_terms(Step(1, 64, 1000, LINK)))


def test_a_tree_sends_as_many_bytes_in_fewer_messages():
    """Of 1,024 hosts: 10 messages in a row instead of 1,023."""
    step = Step(1024, 64, 1 << 20, LINK)
    ring, tree = allreduce_terms(step), allreduce_terms(step, tree=True)

    assert (ring[2], ring[4]) == (1023, 1023 * LINK.delay)
    assert (tree[2], tree[4]) == (10, 10 * LINK.delay)
    assert [tree[k] for k in (0, 1, 3, 5, 6)] == [ring[k] for k in (0, 1, 3, 5, 6)]


def test_a_long_piece_waits_for_a_reply():
    """14,600 bytes are sent at once, RFC 6928; 4 hosts exchange quarters."""
    short, long = (allreduce_terms(Step(4, 64, 4 * n_bytes // BYTES, LINK)) for n_bytes in (14_600, 14_604))

    assert (short[5], long[5]) == (0.0, LINK.delay)


def test_processes_that_share_a_core_compute_longer():
    """Four processes on two cores take twice as long, and their messages travel as before."""
    step = Step(4, 64, 1000, LINK)
    shared = step._replace(sharing=2.0)

    assert computing_terms(shared) == [2 * term for term in computing_terms(step)]
    assert allreduce_terms(shared)[3:] == allreduce_terms(step)[3:]
    assert allreduce_terms(shared)[:3] == [2 * term for term in allreduce_terms(step)[:3]]


def test_the_fit_finds_the_coefficients_that_made_the_times():
    rng = np.random.default_rng(0)
    truth = (1e-4, 2e-9, 1e-4, 2.0, 2.0, 4.0, 1.1)
    steps = [
        Step(n_hosts, 0, n, Link("", delay, rate))
        for n_hosts in (2, 4, 8)
        for n in (1000, 50_000, 2_000_000)
        for delay in (0.0, 1e-3, 1e-2)
        for rate in (0.0, 1.25e8)
    ]
    terms = [allreduce_terms(step) for step in steps]
    seconds = np.asarray(terms) @ truth

    assert fitted(terms, seconds) == pytest.approx(truth, rel=1e-6)
    noisy = fitted(terms, seconds * rng.uniform(0.95, 1.05, len(seconds)))
    assert relative_errors(np.asarray(terms) @ noisy, seconds).max() < 0.05


def test_no_coefficient_is_negative():
    """A straight line through falling times would predict negative ones further on."""
    assert fitted([[1, 1], [1, 2], [1, 3]], [3.0, 2.0, 1.0])[1] == 0.0


def test_input_counts_only_where_it_takes_longer_than_the_step():
    model = CostModel((0.0, 1e-9, 0.0), (0.0,) * 7, reading=1e-8)
    step = Step(1, 100, 1000, Link("none"))  # computes 100 µs

    assert model.seconds(step, n_columns=50) == pytest.approx(100e-6)
    assert model.seconds(step, n_columns=500) == pytest.approx(500e-6)


def test_efficiency_is_the_share_of_one_hosts_pace():
    """A step that computes 1 ms and sums for 1 ms trains at half of the pace."""
    model = CostModel((1e-3, 0.0, 0.0), (1e-3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))

    assert model.efficiency(Step(8, 64, 1000, LINK)) == pytest.approx(0.5)
    assert model.efficiency(Step(1, 64, 1000, LINK)) == 1.0


def test_the_networks_have_the_sizes_that_the_page_tells():
    """Counted by the library."""
    import glassnet as gn

    for sizes in NETWORKS.values():
        assert n_params(sizes) == gn.Network.create(sizes, seed=0).theta.size
