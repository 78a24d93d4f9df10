"""Every row in exactly one part, and each way of dealing keeps its promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.split import split
from glassnet.errors import DataError, ParameterError, ShapeError

fractions = st.sampled_from([(0.6, 0.2, 0.2), (0.8, 0, 0.2), (0.7, 0.3, 0), (1, 0, 0), (0.34, 0.33, 0.33)])
labels = st.lists(st.integers(0, 3), min_size=1, max_size=60)


def parts_of(parts):
    return [parts.train, parts.validation, parts.test]


def assert_partition(parts, n):
    assert sorted(np.concatenate(parts_of(parts)).tolist()) == list(range(n))


@given(st.integers(1, 80), fractions, st.integers(0, 5))
def test_random_parts_are_disjoint_and_cover(n, fractions, seed):
    parts = split(n, fractions=fractions, seed=seed)
    assert_partition(parts, n)
    again = split(n, fractions=fractions, seed=seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts_of(parts), parts_of(again), strict=True))
    for part, share in zip(parts_of(parts), fractions, strict=True):
        assert abs(len(part) - share * n) <= 2
        assert len(part) > 0 or share == 0 or n < 3


@given(labels, fractions, st.integers(0, 5))
def test_stratified_parts_hold_each_class_in_its_share(y, fractions, seed):
    y = np.asarray(y)
    parts = split(y, fractions=fractions, seed=seed)
    assert_partition(parts, len(y))
    for label in np.unique(y):
        size = int((y == label).sum())
        assert (y[parts.train] == label).any()
        for part, share in zip(parts_of(parts), fractions, strict=True):
            assert abs(int((y[part] == label).sum()) - share * size) < 2


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), fractions)
def test_no_group_is_in_two_parts(groups, fractions):
    groups = np.asarray(groups)
    if len(np.unique(groups)) < np.count_nonzero(fractions):
        with pytest.raises(DataError, match=r"groups has \d different value\(s\), but \d parts need at least one each"):
            split(len(groups), groups=groups, fractions=fractions)
        return
    parts = split(len(groups), groups=groups, fractions=fractions)
    assert_partition(parts, len(groups))
    members = [set(groups[part].tolist()) for part in parts_of(parts)]
    assert sum(map(len, members)) == len(set(groups.tolist()))
    assert all(bool(member) == (share > 0) for member, share in zip(members, fractions, strict=True))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), fractions)
def test_the_latest_rows_are_the_test(time, fractions):
    time = np.asarray(time)
    parts = split(len(time), time=time, fractions=fractions)
    assert_partition(parts, len(time))
    before = -1
    for part in parts_of(parts):
        if len(part):
            assert time[part].min() >= before
            before = time[part].max()


def test_rows_of_one_moment_stay_together():
    time = np.repeat(np.asarray(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[D]"), [5, 3, 2])
    parts = split(10, time=time)
    assert [len(part) for part in parts_of(parts)] == [5, 3, 2]
    assert parts.how == "By time, the latest rows to test: 5 rows to train, 3 to validation, 2 to test."


def test_other_labels_than_the_target_and_none():
    y = np.asarray(["a", "b"] * 20, dtype=object)
    assert split(y).how.startswith("Stratified by 2 classes: 24 rows to train, 8 to validation, 8 to test")
    assert split(y, stratify=False).how.startswith("At random")
    assert split(np.arange(40) / 2).how.startswith("At random")
    assert split(40, stratify=y).how.startswith("Stratified by 2 classes")
    assert split(40, groups=np.arange(40) // 4).how.startswith("By 10 groups, none in two parts")


def test_another_seed_is_another_split():
    assert not np.array_equal(split(100, seed=0).test, split(100, seed=1).test)
    assert np.array_equal(split(100, seed=0).test, split(100, seed=np.random.default_rng(0)).test)


REFUSED = [
    (0, {}, DataError, "0 rows cannot be split"),
    (5, {"fractions": (0.5, 0.4, 0.2)}, ParameterError, "three shares for train, validation and test that add up to 1"),
    (5, {"fractions": (0, 0.5, 0.5)}, ParameterError, "the first above 0"),
    (
        2,
        {"groups": [1, 2], "time": [1, 2]},
        ParameterError,
        "groups and time were given, but a split follows one of them",
    ),
    (3, {"groups": [1, 2]}, ShapeError, r"groups has shape \(2,\), but one value for each of the 3 rows was expected"),
    (
        2,
        {"time": [1.0, np.nan]},
        DataError,
        r"time is missing in row 1 \(counted from 0\), but every row needs a value",
    ),
]


@pytest.mark.parametrize("rows, options, error, sentence", REFUSED)
def test_what_cannot_be_split_is_told(rows, options, error, sentence):
    with pytest.raises(error, match=sentence):
        split(rows, **options)
