"""Frames, arrays and lists with values that are hardly any, and objects that are no tables."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.odd_texts import HEADS, word, words


class Color(Enum):
    """An enumeration, as a cell."""

    RED = 1
    BLUE = "blue"


class Nothing:
    """An object without any text to it, as a cell."""


VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**53, 2**53 + 1, 2**64, 10**400, -(10**400), 10**5000, 1.5, -0.0, float("nan"),
    float("inf"), 1e308, 5e-324, Decimal("1.5"), Decimal("1e500"), Decimal("NaN"), Decimal("sNaN"), Fraction(1, 3),
    Fraction(10**400), 1 + 2j, complex("nan"), b"x", bytearray(b"x"), [1], (1, 2), {"a": 1}, {1}, frozenset(),
    range(10**11), np.arange(3), np.float16(1), np.float32("inf"), np.longdouble("1e4000"), np.int8(1),
    np.uint64(2**64 - 1), np.complex64(1), np.bool_(True), np.str_("x"), np.bytes_(b"x"), np.datetime64("NaT"),
    np.datetime64("2020-01-01"), np.datetime64("20000-01-01"), np.datetime64("-5000-01-01", "Y"),
    np.datetime64(2**62, "s"), np.timedelta64(5, "D"), np.timedelta64("NaT"), np.timedelta64(1, "Y"), np.void(b"xy"),
    date.min, date.max, datetime.min, datetime.max, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), datetime(2020, 1, 1, tzinfo=UTC), time(1, 2),
    timedelta.max, timedelta.min, timedelta(1), uuid.UUID(int=5), Path("x"), Color.RED, Color.BLUE, Nothing(), Nothing,
    print, type, ..., NotImplemented, slice(1), memoryview(b"x"), "\ud800", "x\udfffy",
)  # fmt: skip

DTYPES = ("f2", "f4", "f8", "g", "i1", "i8", "u8", "F", "D", "?", "M8[Y]", "M8[s]", "M8[ns]", "M8[as]", "m8[s]",
          "m8[us]", "S3", "U5", "O", "V3", "T", "m8[Y]", "M8")  # fmt: skip


def _cells(draw: random.Random, n: int) -> list[Any]:
    """Return a column: words, numbers, or values of one or several odd kinds."""
    kind = draw.random()
    if kind < 0.4:
        return list(words(draw, n))
    if kind < 0.7:
        return [draw.choice([k, k / 7, None, float("nan")]) for k in range(n)]
    pool = [draw.choice(VALUES) for _ in range(draw.choice([1, 1, 2, 4]))]
    if kind < 0.8:
        pool += [None, float("nan")]
    if kind < 0.85:
        pool += [word(draw), 5]
    return [draw.choice(pool) for _ in range(n)]


def _size(draw: random.Random) -> tuple[int, int]:
    return draw.choice([0, 1, 2, 12, 12, 12, 40, 40]), draw.choice([0, 1, 2, 2, 2, 4])


def _objects(draw: random.Random) -> Any:
    n, width = _size(draw)
    array = np.empty((n, width), dtype=object)
    for k in range(width):
        for i, value in enumerate(_cells(draw, n)):
            array[i, k] = value
    return array


def _array(draw: random.Random) -> Any:
    n, width = _size(draw)
    dtype = np.dtype(draw.choice(DTYPES))
    shape = draw.choice([(n, width), (n, width), (n, width), (n,), (), (n, width, 2)])
    if dtype.kind in "TO":
        text = draw.choice([word(draw).replace("\x00", ""), "5"])
        if dtype.kind == "T":  # NumPy keeps these texts as UTF-8, which has no lone surrogates
            text = text.encode(errors="replace").decode()
        return np.full(shape, text, dtype=dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    content = draw.randbytes(size) if draw.random() < 0.5 else bytes(size)
    if dtype.kind == "U":  # not every four bytes are a letter
        return np.full(shape, draw.choice(["5", "ab", "\ud800", "12%"]), dtype=dtype)
    if dtype.kind == "b":
        content = bytes(byte & 1 for byte in content)
    array = np.frombuffer(content, dtype=dtype).reshape(shape) if size else np.zeros(shape, dtype=dtype)
    return (
        np.ma.masked_array(array, np.zeros(shape, bool) if draw.random() < 0.5 else True)
        if draw.random() < 0.1
        else array
    )


def _lists(draw: random.Random) -> Any:
    n, width = _size(draw)
    columns = [_cells(draw, n) for _ in range(width)]
    rows: list[Any] = [[column[i] for column in columns] for i in range(n)]
    if rows and draw.random() < 0.2:
        rows[draw.randrange(n)] = draw.choice(
            [[], None, 5, "ab", range(10**11), (x for x in "ab"), {"a": 1}, [[1]], {1}]
        )
    return tuple(rows) if draw.random() < 0.2 else rows


def _mapping(draw: random.Random) -> Any:
    n, width = _size(draw)
    names: tuple[Any, ...] = (*HEADS, None, float("nan"), 1, "1", b"x", (1, 2), "\ud800")
    columns = {draw.choice(names): _cells(draw, n) for _ in range(width)}
    if columns and draw.random() < 0.2:
        name = draw.choice(list(columns))
        columns[name] = draw.choice(
            [5, "ab", None, range(10**11), iter([1]), {1, 2}, {"a": 1}, np.zeros((n, 2)), b"ab"]
        )
    return columns


def _pandas(draw: random.Random) -> Any:
    import pandas as pd

    n, width = _size(draw)
    whole = [draw.choice([k, -k, 2**63 - 1 - k]) for k in range(n)]
    makers: tuple[Callable[[], Any], ...] = (
        lambda: pd.Series(_cells(draw, n), dtype=object),
        lambda: pd.Series(words_without_surrogates(draw, n)).astype("category"),
        lambda: pd.array([draw.choice([k, None]) for k in whole], dtype="Int64"),
        lambda: pd.array([draw.choice([2**64 - 1, 5, None]) for _ in range(n)], dtype="UInt64"),
        lambda: pd.array([draw.choice([True, False, None]) for _ in range(n)], dtype="boolean"),
        lambda: pd.Series(np.asarray([draw.randrange(-(10**11), 10**12) for _ in range(n)], "M8[s]")),
        lambda: pd.Series(pd.date_range("2020-01-01", periods=n, tz="Europe/Berlin")),
        lambda: pd.Series(pd.period_range("2020-01", periods=n, freq="M")),
        lambda: pd.Series(pd.interval_range(0, n)) if n else pd.Series([]),
        lambda: pd.Series(pd.arrays.SparseArray([float(k % 2) for k in range(n)])),
        lambda: pd.Series([1j] * n),
        lambda: pd.Series(pd.to_timedelta(whole, unit="ns")),
        lambda: pd.Categorical([draw.choice([1, 2, None]) for _ in range(n)]),
        lambda: pd.Series(whole),
        lambda: pd.Series([draw.choice([1.5, np.inf, np.nan]) for _ in range(n)], dtype="float32"),
    )
    frame = (
        pd.concat([pd.Series(draw.choice(makers)()).reset_index(drop=True) for _ in range(width)], axis=1)
        if width
        else pd.DataFrame(index=range(n))
    )
    names: list[Any] = [draw.choice((*HEADS, None, np.nan, 1, (1, 2))) for _ in range(width)]
    frame.columns = names if draw.random() < 0.2 else [f"c{k}" for k in range(width)]
    if draw.random() < 0.03 and width:
        frame.columns = pd.MultiIndex.from_tuples([("a", k) for k in range(width)])
    return frame if draw.random() < 0.95 or not width else frame.iloc[:, 0]


def _polars(draw: random.Random) -> Any:
    import polars as pl

    n, width = _size(draw)
    makers: tuple[Callable[[], Any], ...] = (
        lambda: pl.Series(words_without_surrogates(draw, n)),
        lambda: pl.Series(words_without_surrogates(draw, n), dtype=pl.Categorical),
        lambda: pl.Series([[1]] * n),
        lambda: pl.Series([{"a": 1}] * n),
        lambda: pl.Series([b"x"] * n),
        lambda: pl.Series([Nothing()] * n, dtype=pl.Object),
        lambda: pl.Series([Decimal("1.25")] * n),
        lambda: pl.Series([draw.randrange(-(2**31), 2**31) for _ in range(n)], dtype=pl.Int32).cast(pl.Date),
        lambda: pl.Series([draw.randrange(-(2**62), 2**62) for _ in range(n)], dtype=pl.Int64).cast(pl.Datetime("ms")),
        lambda: pl.Series([draw.randrange(-(2**62), 2**62) for _ in range(n)], dtype=pl.Int64).cast(pl.Duration("ms")),
        lambda: pl.Series([time(1, 2)] * n),
        lambda: pl.Series([None] * n),
        lambda: pl.Series([draw.choice([2**64 - 1, 5, None]) for _ in range(n)], dtype=pl.UInt64),
        lambda: pl.Series([draw.choice([2**63 - 1, 5, None]) for _ in range(n)], dtype=pl.Int64),
        lambda: pl.Series([draw.choice([1.5, float("inf"), None]) for _ in range(n)], dtype=pl.Float32),
        lambda: pl.Series([draw.choice([2**100, 5]) for _ in range(n)], dtype=pl.Int128),
        lambda: pl.Series([datetime(2020, 1, 1)] * n, dtype=pl.Datetime("us", "Asia/Tokyo")),
    )
    frame = pl.DataFrame({f"c{k}": draw.choice(makers)() for k in range(width)})
    return frame.to_arrow() if draw.random() < 0.3 and not {pl.Object, pl.Int128} & set(frame.dtypes) else frame


def words_without_surrogates(draw: random.Random, n: int) -> list[str]:
    """Return words that a library written in Rust takes."""
    return [text.encode(errors="replace").decode() for text in words(draw, n)]


def _arrow(draw: random.Random) -> Any:
    import pyarrow as pa

    n, width = _size(draw)
    makers: tuple[Callable[[], Any], ...] = (
        lambda: pa.array(words_without_surrogates(draw, n)).dictionary_encode(),
        lambda: pa.array([Decimal("1.5")] * n, pa.decimal256(60, 2)),
        lambda: pa.array([draw.randrange(-(2**62), 2**62) for _ in range(n)], pa.timestamp("s")),
        lambda: pa.array([draw.randrange(-(2**31), 2**31) for _ in range(n)], pa.date32()),
        lambda: pa.array([None] * n, pa.null()),
        lambda: pa.array([np.float16(1)] * n, pa.float16()),
        lambda: pa.array([b"x"] * n, pa.large_binary()),
        lambda: pa.array([[(1, 2)]] * n, pa.map_(pa.int64(), pa.int64())),
        lambda: pa.array([draw.choice([2**63 - 1, None]) for _ in range(n)]),
        lambda: pa.array([5] * n, pa.duration("ns")),
        lambda: pa.array([5] * n, pa.time64("ns")),
        lambda: pa.array([True, None] * (n // 2) + [True] * (n % 2)),
        lambda: pa.array(words_without_surrogates(draw, n), pa.string_view()),
    )
    names = [draw.choice(["a", "b", "", "c"]) + str(k) * draw.randrange(2) for k in range(width)]
    return pa.table([draw.choice(makers)() for _ in range(width)], names=names)


def _no_table(draw: random.Random) -> Any:
    return draw.choice([
        lambda: range(10**11), lambda: (x for x in "ab"), lambda: "a string", lambda: {1, 2}, lambda: None, lambda: 5,
        lambda: b"x", lambda: object(), lambda: [range(10**11)], lambda: ["a", "b"], lambda: [1, 2], lambda: [{"a": 1}],
        lambda: [[]], list, dict, lambda: [[[1]]], lambda: map(str, [1]), lambda: np.float64(1),
        lambda: {"a": 1}.keys(), lambda: datetime.now(UTC), lambda: [[1, 2], [3]], lambda: np.matrix([[1, 2], [3, 4]]),
        lambda: {"a": range(10**11)}, lambda: [["a"], ["\ud800"]], lambda: memoryview(b"abc"), lambda: print,
    ])()  # fmt: skip


FRAMES: tuple[Callable[[random.Random], Any], ...] = (
    _objects, _objects, _array, _lists, _lists, _mapping, _mapping, _pandas, _pandas, _polars, _arrow, _no_table,
)  # fmt: skip
