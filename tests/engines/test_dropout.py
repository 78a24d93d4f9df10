"""Dropout masks: a pure function of (seed, step, layer, row, unit), unbiased, and equal in every engine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.records import ByLayer
from glassnet.engines.base import Factors
from glassnet.engines.seeding import dropout_mask


def murmur_finalizer(h):
    """MurmurHash3's fmix32 over a golden-ratio increment, in Python's whole numbers."""
    h = (h + 0x9E3779B9) % 2**32
    h = (h ^ (h >> 16)) * 0x85EBCA6B % 2**32
    h = (h ^ (h >> 13)) * 0xC2B2AE35 % 2**32
    return h ^ (h >> 16)


@given(st.integers(0, 2**40), st.integers(0, 2**33), st.integers(1, 9), st.floats(0.01, 0.99))
def test_it_is_the_documented_hash(seed, step, layer, rate):
    """Worked one unit at a time in Python's integers, which do not wrap."""
    mask = dropout_mask(seed, step, layer, 3, 4, rate)
    key = murmur_finalizer(murmur_finalizer(murmur_finalizer(seed % 2**32) ^ (step % 2**32)) ^ layer)
    for row in range(3):
        for unit in range(4):
            kept = murmur_finalizer(murmur_finalizer(key ^ row) ^ unit) >= int(rate * 2**32)
            assert mask[row, unit] == (1 / (1 - rate) if kept else 0)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_it_is_unbiased(rate):
    """The mean factor is 1, within 5 standard errors, over all units, and the share left out is the rate."""
    mask = dropout_mask(3, 7, 1, 2000, 100, rate)
    error = np.sqrt(rate / (1 - rate) / mask.size)

    assert abs(mask.mean() - 1) < 5 * error
    assert abs((mask == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / mask.size)


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_and_units_do_not_follow_each_other(axis):
    """Neighbors agree as often as independent draws would: half of the time at rate 1/2."""
    kept = dropout_mask(0, 0, 1, 500, 500, 0.5) > 0
    agree = (np.diff(kept.astype(int), axis=axis) == 0).mean()

    assert abs(agree - 0.5) < 5 * 0.5 / np.sqrt(kept.size)


@pytest.mark.parametrize("other", [{"seed": 2}, {"step": 6}, {"layer": 2}])
def test_each_seed_step_and_layer_has_its_own(other):
    place = {"seed": 1, "step": 5, "layer": 1}
    mask, changed = (dropout_mask(**at, n_rows=100, n_units=100, rate=0.5) for at in (place, place | other))

    assert abs((mask == changed).mean() - 0.5) < 0.05


def test_a_smaller_minibatch_has_the_first_rows():
    np.testing.assert_array_equal(dropout_mask(1, 2, 1, 3, 2, 0.5), dropout_mask(1, 2, 1, 10, 8, 0.5)[:3, :2])


def test_an_engine_uses_these_masks(make_engine, make_network, samples):
    """Two steps with dropout by hand; a rate of 0 leaves a layer whole."""
    network, (X, Y) = make_network((3, 5, 4, 2)), samples
    engine = make_engine(network, X, Y, dropout=(0.0, 0.5), seed=21)
    state, _ = engine.run(engine.start(0.2), np.arange(20)[None, :], np.asarray([0.2, 0.2]), 10)

    for step, rows in enumerate((slice(0, 10), slice(10, 20))):
        masks = ByLayer([None, dropout_mask(21, step, 2, 10, 4, 0.5), None], name="masks")
        trace = gn.forward(network, X[rows], masks=masks)
        network = gn.descend(
            network, gn.backward(network, trace, Y[rows], cost="half_squared_error"), learning_rate=0.2
        )

    np.testing.assert_allclose(state.theta, network.theta, rtol=1e-12)


def test_the_share_left_out_may_change_from_step_to_step(make_engine, make_network, samples):
    """Rates 1/2, 1/4 and 0 by hand: each step's own threshold, and its own 1/(1 - rate) for what is kept."""
    network, (X, Y) = make_network((3, 5, 4, 2)), samples
    engine = make_engine(network, X, Y, dropout=(0.5, 0.25), seed=21)
    factors = Factors(dropout=np.asarray([1.0, 0.5, 0.0]))
    state, _ = engine.run(engine.start(0.2), np.arange(20)[None, :], np.full(3, 0.2), 7, factors)

    for step, (first, second) in enumerate([(0.5, 0.25), (0.25, 0.125), (0.0, 0.0)]):
        rows = slice(7 * step, 7 * step + 7)
        n = len(X[rows])
        masks = [dropout_mask(21, step, 1, n, 5, first), dropout_mask(21, step, 2, n, 4, second), None]
        trace = gn.forward(network, X[rows], masks=ByLayer(masks, name="masks"))
        network = gn.descend(
            network, gn.backward(network, trace, Y[rows], cost="half_squared_error"), learning_rate=0.2
        )

    np.testing.assert_allclose(state.theta, network.theta, rtol=1e-12)


def test_single_precision_stays_single(make_engine, make_network, samples):
    engine = make_engine(make_network(dtype="float32"), *samples, dropout=(0.3,))
    state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.full(2, 0.1), 10)

    assert state.theta.dtype == np.float32
