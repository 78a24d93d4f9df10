import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.engines import seeding
from glassnet.engines.seeding import ShuffleStream


def orders(n_samples, n_epochs, seed=0, shuffle=True):
    drawn = ShuffleStream(n_samples, np.random.default_rng(seed), shuffle=shuffle)
    return [drawn.take(1)[0] for _ in range(n_epochs)]


@given(st.integers(1, 30), st.integers(1, 12))
def test_each_epoch_meets_every_row_once(n_samples, n_epochs):
    for order in orders(n_samples, n_epochs):
        np.testing.assert_array_equal(np.sort(order), np.arange(n_samples))


@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 200))
def test_a_longer_run_begins_with_the_orders_of_a_shorter_one(short, more, block):
    """Wherever the blocks end."""
    size, seeding.FIRST_NUMBERS = seeding.FIRST_NUMBERS, block
    try:
        np.testing.assert_array_equal(orders(7, short), orders(7, short + more)[:short])
    finally:
        seeding.FIRST_NUMBERS = size


def test_orders_differ_between_epochs_and_seeds():
    first, second = orders(50, 2)

    assert not np.array_equal(first, second)
    assert not np.array_equal(first, orders(50, 1, seed=1)[0])


def test_every_row_may_come_first():
    """10 rows, 4000 epochs: each leads about 400 times (5 standard deviations are 95)."""
    counts = np.bincount([order[0] for order in orders(10, 4000)], minlength=10)

    assert abs(counts - 400).max() < 95


def test_without_shuffling_rows_keep_their_order():
    assert [order.tolist() for order in orders(3, 2, shuffle=False)] == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize("n_samples", [seeding.FIRST_NUMBERS - 1, seeding.FIRST_NUMBERS + 1])
def test_a_large_table_is_drawn_epoch_by_epoch(n_samples):
    both = orders(n_samples, 2)

    assert len(both) == 2
    assert not np.array_equal(*both)


@given(st.integers(1, 9), st.lists(st.integers(1, 5), max_size=8), st.integers(1, 60), st.booleans())
def test_a_stream_goes_on_from_its_mark(n_samples, taken, block, shuffle):
    """Whatever was taken before, wherever the blocks end; and taking a mark changes nothing."""
    size, seeding.FIRST_NUMBERS = seeding.FIRST_NUMBERS, block
    try:
        marked = ShuffleStream(n_samples, np.random.default_rng(3), shuffle=shuffle)
        n_epochs = sum(len(marked.take(n)) for n in taken)
        mark = marked.position()
        resumed = ShuffleStream.resume(n_samples, mark, shuffle=shuffle)
        again = ShuffleStream.resume(n_samples, mark, shuffle=shuffle)
        following = [stream.take(1)[0] for _ in range(6) for stream in (marked, resumed)]
        unmarked = orders(n_samples, n_epochs + 6, seed=3, shuffle=shuffle)[n_epochs:]

        np.testing.assert_array_equal(following[::2], unmarked)
        np.testing.assert_array_equal(following[1::2], unmarked)
        np.testing.assert_array_equal([again.take(1)[0] for _ in range(6)], unmarked)
    finally:
        seeding.FIRST_NUMBERS = size


@pytest.mark.parametrize("make", [np.random.MT19937, np.random.Philox])
def test_marks_know_any_generator(make):
    marked = ShuffleStream(5, np.random.Generator(make(7)), shuffle=True)
    marked.take(2)
    resumed = ShuffleStream.resume(5, marked.position(), shuffle=True)

    np.testing.assert_array_equal(resumed.take(3), marked.take(3))
