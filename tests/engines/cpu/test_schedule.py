"""Who computes what: every parameter is summed and moved once, by one thread, and the threads have alike much to do."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.cpu import memory_layout
from glassnet.engines.cpu.kernels.buffers import (
    DECAY,
    ITEM_BLOCKS_AT,
    ITEM_BLOCKS_END,
    ITEM_OWNER,
    ITEM_PARTS_AT,
    ITEM_PARTS_END,
    OWNER,
    PART_AT,
    PART_END,
    PART_GRAD,
    PARTS_AT,
    PARTS_END,
    RATE,
)
from glassnet.engines.cpu.memory_layout import layout_of
from glassnet.engines.cpu.schedule import TOGETHER, schedule_of

NETWORKS = {
    "small": gn.Network.create([4, 16, 3], seed=0),
    "of one neuron": gn.Network.create([1, 1], seed=0),
    "with a front": gn.Network.create(
        [3, 40, 2], numeric_embedding="pbld", input_scaling=True, embedded=[0, 2], seed=0
    ),
    "large": gn.Network.create([200, 300, 70, 5], seed=0),
}
ALL = [(name, n_threads, whole) for name in NETWORKS for n_threads in (1, 2, 5) for whole in (False, True)]


def make(name, n_threads, whole):
    network = NETWORKS[name]
    return network, *schedule_of(network, layout_of(network, 32, trains=True), n_threads, whole=whole)


def numbers_of(parts):
    """The places in theta, and where their gradients are."""
    places = [np.arange(part[PART_AT], part[PART_END]) for part in parts]
    grads = [np.arange(part[PART_END] - part[PART_AT]) + part[PART_GRAD] for part in parts]
    return np.concatenate(places), np.concatenate(grads)


@pytest.mark.parametrize(("name", "n_threads", "whole"), ALL)
def test_every_parameter_is_summed_once_and_moved_once(name, n_threads, whole):
    network, schedule, _ = make(name, n_threads, whole)
    for parts in (schedule.parts, schedule.item_parts):
        np.testing.assert_array_equal(np.sort(numbers_of(parts)[0]), np.arange(network.n_params))
    assert sorted(schedule.order) == list(range(len(schedule.blocks)))


@pytest.mark.parametrize(("name", "n_threads", "whole"), ALL)
def test_an_item_moves_what_its_thread_has_summed(name, n_threads, whole):
    """The same numbers of theta, whose gradients are where they were summed, and that no other block has written to."""
    _, schedule, length = make(name, n_threads, whole)
    taken = {}
    for item in schedule.items:
        blocks = schedule.blocks[schedule.order[item[ITEM_BLOCKS_AT] : item[ITEM_BLOCKS_END]]]
        assert set(blocks[:, OWNER]) == {item[ITEM_OWNER]}
        parts = np.concatenate([schedule.parts[block[PARTS_AT] : block[PARTS_END]] for block in blocks])
        summed = dict(zip(*numbers_of(parts)))
        moved = dict(zip(*numbers_of(schedule.item_parts[item[ITEM_PARTS_AT] : item[ITEM_PARTS_END]])))
        assert summed == moved
        assert len(set(moved.values())) == len(moved)
        taken.setdefault(item[ITEM_OWNER], []).append(set(moved.values()))
    of_threads = [set.union(*some) for some in taken.values()]
    assert sum(map(len, of_threads)) == len(set.union(*of_threads))  # threads do not write to each other's
    assert max(set.union(*of_threads)) < length
    if whole:
        written = [place for some in taken.values() for places in some for place in places]
        assert sorted(written) == list(range(length))
        np.testing.assert_array_equal(schedule.parts[:, PART_GRAD], schedule.parts[:, PART_AT])  # in the order of theta


def test_the_heaviest_thread_has_little_more_than_its_share():
    network, schedule, _ = make("large", 5, False)
    load = np.zeros(5)
    for block in schedule.blocks:
        parts = schedule.parts[block[PARTS_AT] : block[PARTS_END]]
        load[block[OWNER]] += (parts[:, PART_END] - parts[:, PART_AT]).sum()

    assert load.max() < 1.2 * network.n_params / 5


@pytest.mark.parametrize(("name", "is_small"), [("small", True), ("large", False)])
def test_small_gradients_are_one_item_of_each_thread(name, is_small):
    network, schedule, _ = make(name, 2, False)
    assert (network.theta.nbytes <= TOGETHER) == is_small
    assert len(schedule.items) == (2 if is_small else len(schedule.blocks))


def test_weights_of_neighboring_blocks_move_in_one_go():
    """[4, 16, 3] on one thread: W[1], b[1], W[2] and b[2] lie behind each other, but penalties spare the biases."""
    _, schedule, _ = make("small", 1, False)

    assert schedule.item_parts.tolist() == [[0, 64, 0], [64, 80, 64], [80, 128, 80], [128, 131, 128]]
    assert schedule.item_rates[:, RATE].tolist() == [1, 1, 1, 1]
    assert schedule.item_rates[:, DECAY].tolist() == [1, 0, 1, 0]


def test_networks_of_one_structure_share_what_kernels_only_read():
    networks = [gn.Network.create([4, 6, 2], seed=seed) for seed in (0, 1)]
    layouts = [layout_of(network, 32, trains=True) for network in networks]
    first, second = (schedule_of(*each, 1, whole=False)[0] for each in zip(networks, layouts, strict=True))

    assert layouts[0] is layouts[1]
    assert first.blocks is second.blocks
    assert first.squares is not second.squares
    assert first.n_bad is not second.n_bad


@pytest.mark.parametrize(
    "other",
    [
        {"sizes": [4, 7, 2]},
        {"hidden": ("leaky_relu", {"slope": 0.5})},
        {"hidden": "relu"},
        {"learned_slope": True},
        {"bias": False},
        {"input_scaling": True},
        {"dtype": "float32"},
    ],
)
def test_networks_of_other_structures_do_not(other):
    usual = {"sizes": [4, 6, 2], "hidden": ("leaky_relu", {"slope": 0.25})}
    first, second = (gn.Network.create(**given, seed=0) for given in (usual, usual | other))
    layouts = [layout_of(network, 32, trains=True) for network in (first, second)]

    assert layouts[0] is not layouts[1]
    assert layouts[0] is not layout_of(first, 16, trains=True)
    assert layouts[0] is not layout_of(first, 32, trains=False)
    if "slope" in str(other.get("hidden")):
        assert [each.params[1] for each in layouts] == [0.25, 0.5]


def test_frozen_layers_have_a_schedule_of_their_own():
    network = gn.Network.create([4, 6, 2], seed=0)
    frozen = network.freeze(1)
    rates = [
        schedule_of(each, layout_of(each, 32, trains=True), 1, whole=False)[0].item_rates[:, RATE]
        for each in (network, frozen)
    ]

    assert rates[0].tolist() == [1.0] * len(rates[0])
    assert 0.0 in rates[1].tolist()


def test_what_is_remembered_has_an_end(monkeypatch):
    memo = memory_layout.Memo()
    monkeypatch.setattr(memory_layout, "MOST_KNOWN", 3)
    assert [memo.get(key, lambda key=key: [key]) for key in range(7)] == [[key] for key in range(7)]
    assert memo.get(6, lambda: 1 / 0) == [6]
    assert memo.get(0, lambda: "again") == "again"
