"""Dropout masks: a pure function of (seed, step, layer, row, unit), unbiased, the same in every array library."""

import array_api_strict
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.masks import dropout_mask


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


@given(st.integers(0, 40), st.integers(0, 40))
def test_rows_may_begin_anywhere_in_the_minibatch(first, n_rows):
    whole = dropout_mask(1, 2, 1, 80, 5, 0.5)

    part = dropout_mask(1, 2, 1, n_rows, 5, 0.5, first=first)

    np.testing.assert_array_equal(part, whole[first : first + n_rows])


@pytest.mark.parametrize("xp", [array_api_strict, jnp], ids=["array_api_strict", "jax"])
@given(st.integers(0, 2**40), st.integers(0, 2**33), st.floats(0.01, 0.99), st.integers(0, 9))
def test_every_array_library_draws_the_same(xp, seed, step, rate, first):
    """Bit by bit, in the library and the precision of the array that is to be masked."""
    like = xp.zeros((3, 4), dtype=xp.float32)
    expected = dropout_mask(seed, step, 2, 3, 4, rate, first=first)

    mask = dropout_mask(seed, step, 2, 3, 4, rate, first=first, like=like)

    assert isinstance(mask, type(like))
    assert mask.dtype == xp.float32
    np.testing.assert_array_equal(np.asarray(mask), expected.astype("float32"))
