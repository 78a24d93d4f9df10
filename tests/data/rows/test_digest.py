"""One pass over the rows of a source finds what the whole table in memory says."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading.tabular import table_from
from glassnet.data.rows import digest, sketches
from glassnet.data.rows.digest import digest_of
from glassnet.data.rows.in_memory import TableSource
from glassnet.data.rows.parts import TEST, TRAIN, VALIDATION, Deal
from glassnet.data.rows.sketches import DistinctCount
from glassnet.errors import ColumnError, DataError

N = 6000
ALL = Deal((1.0, 0.0, 0.0), seed=3)


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    words = np.asarray([f"w{k}" for k in range(300)])
    rare = np.asarray(["usual"] * N, object)
    rare[4711] = "rare"
    flag = rng.normal(size=N)
    flag[N - 1] = np.nan
    constant = np.full(N, 2.0)
    constant[N - 7] = 3.0
    sentences = [f"the room {k % 40} was clean and the staff of the house kind" for k in range(N)]
    return {
        "number": rng.normal(size=N),
        "flag": flag,
        "nearly constant": constant,
        "constant": np.full(N, 5.0),
        "empty": [None] * N,
        "id": [f"K{k}" for k in range(N)],
        "nearly id": [f"K{max(k, 1)}" for k in range(N)],
        "sentences": sentences,
        "free": [f"{k} {sentence}" for k, sentence in enumerate(sentences)],
        "word": words[rng.integers(0, 300, N)].astype(object),
        "rare": rare,
        "truth": rng.random(N) > 0.5,
        "day": np.datetime64("2020-01-01") + rng.integers(0, 900, N).astype("timedelta64[D]"),
        "y": np.where(rng.random(N) < 0.01, None, np.asarray(["a", "b", "c"])[rng.integers(0, 3, N)]),
    }


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(digest, "MOST_SAMPLED", 500)


@pytest.mark.parametrize("target", ["y", "number", "word", "truth"])
def test_schema_is_that_of_the_table(columns, target, small_sample):
    """From a sample of a twelfth of the rows: kinds, levels, ranges, shares, exclusions and notices of all rows."""
    table = table_from(columns)
    found = digest_of(TableSource(table, 700), target, ALL)
    assert not found.is_whole

    expected, schema = infer_schema(table, target=target), found.schema()
    for column, other in zip(schema.columns, expected.columns, strict=True):
        assert column == other
    assert schema.notices == expected.notices
    assert schema == expected


def test_whole_digest_is_the_table(columns):
    """With few rows nothing is sampled, and even the order of the rows is that of the table."""
    table = table_from(columns)
    found = digest_of(TableSource(table, 700), "y", ALL)

    assert found.is_whole
    assert found.schema(keep=["id"], drop=["number"]) == infer_schema(table, target="y", keep=["id"], drop=["number"])


def test_infinite_number_is_found_outside_the_sample(columns, small_sample):
    """A single number that cannot be used is named by its row."""
    number = columns["number"].copy()
    number[4321] = np.inf
    found = digest_of(TableSource(table_from({"number": number, "y": columns["y"]}), 700), "y", ALL)

    with pytest.raises(DataError, match=r"column 'number' is infinite, or too large for a float, in row 4321"):
        found.schema()


def test_target_and_columns_must_be_there(columns):
    source = TableSource(table_from({"x": [1, 2], "y": [None, None]}))
    with pytest.raises(ColumnError, match="the target 'z' is not among the columns"):
        digest_of(source, "z", ALL)
    with pytest.raises(DataError, match="target 'y' has no value in any row"):
        digest_of(source, "y", ALL)
    with pytest.raises(ColumnError, match="there is no column 'w' to keep or drop"):
        replace(digest_of(source, "x", ALL), n_unlabeled=0).schema(drop=["w"])


def test_parts_are_dealt_by_rows(columns):
    """Each labeled row is in one part, with its own values, whatever was read before."""
    table = table_from(columns)
    found = digest_of(TableSource(table, 700), "y", Deal((0.5, 0.2, 0.3), seed=1))
    parts = [found.part(part) for part in (TRAIN, VALIDATION, TEST)]
    rows = [np.concatenate([piece.rows for k in range(9) for piece in part.pieces(k)]) for part in parts]
    labeled = [k for k, label in enumerate(columns["y"]) if label is not None]

    assert np.sort(np.concatenate(rows)).tolist() == labeled
    for part, numbers, share in zip(parts, rows, (0.5, 0.2, 0.3), strict=True):
        assert part.n_rows == len(numbers) == sum(part.group_sizes)
        assert abs(part.n_rows / len(labeled) - share) < 0.02
        assert part.group(3)["word"].tolist() == table.take(part.group(3).rows)["word"].tolist()
        chosen = part.select(["word"]).take([5, 1])
        assert chosen["word"].tolist() == table.take(numbers[[5, 1]])["word"].tolist()


def test_sample_is_of_training_rows_alone(columns, small_sample):
    """Quantiles never see a validation row; their ranks are as near as stated."""
    table = table_from({"x": np.arange(200_000.0), "y": np.tile(["a", "b"], 100_000)})
    found = digest_of(TableSource(table, 9000), "y", Deal((0.5, 0.5, 0.0), seed=1))
    training = np.concatenate([piece.rows for k in range(23) for piece in found.part(TRAIN).pieces(k)])
    sample = found.sample()

    assert set(sample.rows.tolist()) <= set(training.tolist())
    assert 200 < sample.n_rows < 300
    ranks = np.searchsorted(np.sort(training), np.percentile(sample["x"], [25, 50, 75])) / len(training)
    np.testing.assert_allclose(ranks, [0.25, 0.5, 0.75], atol=4 * 0.5 / np.sqrt(sample.n_rows))
    assert found.witnesses()["x"].max() == training.max()
    assert found.target_counts == {"a": (training % 2 == 0).sum(), "b": (training % 2 == 1).sum()}


def test_moments_of_a_numeric_target(columns):
    """Mean and standard deviation over the groups are those of all training rows."""
    y = np.random.default_rng(0).normal(1e6, 2.0, size=5000)
    found = digest_of(TableSource(table_from({"x": y, "y": y}), 700), "y", ALL)

    np.testing.assert_allclose(found.target_moments, (y.mean(), y.std()), rtol=1e-12)


@pytest.mark.parametrize("n", [100, 16_000, 300_000])
def test_distinct_values_are_counted(n):
    """Exactly up to 16,384; beyond, within five of the stated standard errors."""
    count = DistinctCount()
    for start in range(0, n, 7000):
        count.see(np.arange(start, min(n, start + 7000)) * 0.5)
    assert not count.has_repeated
    assert count.n == n or (n > sketches.MOST_HASHES and abs(count.n - n) < 5 * 0.008 * n)
    count.see(np.arange(n) * 0.5)
    assert count.has_repeated


@pytest.mark.parametrize("shares", [(1.0, 0.0, 0.0), (0.6, 0.2, 0.2), (0.7, 0.3, 0.0), (0.5, 0.0, 0.5)])
def test_rows_are_dealt_by_their_random_number(shares):
    """Below the first share to training, from there to the sum of two shares to validation, the rest to the test."""
    drawn = np.random.default_rng([3, 5]).random(500)
    limits = [shares[0], shares[0] + shares[1]]
    expected = [sum(number >= limit for limit in limits) for number in drawn.tolist()]

    assert Deal(shares, 3).parts_of(5, 500).tolist() == expected
