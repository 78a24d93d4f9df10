"""Anything tabular becomes a Table of four column types."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.data.fingerprint import fingerprint
from glassnet.data.reading.tabular import table_from
from glassnet.data.spill.columns_file import ColumnsFile, Pieces, StoredNumbers, StoredTexts
from glassnet.data.table import Columns, Table
from glassnet.data.type_inference import promote
from glassnet.errors import ColumnError, DataError, ShapeError

NAN = np.nan
NOON = datetime(2024, 1, 1, 12)

PANDAS = [
    (pd.array([1, None], dtype="Int64"), [1.0, NAN]),
    (pd.array([1.5, None], dtype="Float64"), [1.5, NAN]),
    ([pd.NA, 1], [NAN, 1.0]),
    ([Decimal("1.5"), None], [1.5, NAN]),
    ([2**62, 1], [float(2**62), 1.0]),
    ([None, None], [NAN, NAN]),
    (pd.array([True, None], dtype="boolean"), [True, None]),
    (pd.Categorical(["x", None]), ["x", None]),
    (pd.Categorical([2, None]), ["2", None]),
    (pd.array(["q", "NA"], dtype="string"), ["q", None]),
    (["x", 3.0], ["x", "3"]),
    (pd.to_timedelta([1, None], unit="s"), [1.0, NAN]),
    (pd.to_datetime([NOON, None]), [NOON, None]),
    (pd.to_datetime([NOON, None]).tz_localize("Europe/Berlin"), [datetime(2024, 1, 1, 11), None]),
]


@pytest.mark.parametrize("values, expected", PANDAS)
def test_pandas_types(values, expected):
    got = table_from(pd.DataFrame({"a": values}))["a"]
    np.testing.assert_equal(got.tolist(), expected)


POLARS = [
    (pl.Series([1, None]), [1.0, NAN]),
    (pl.Series([2**63, None], dtype=pl.UInt64), [float(2**63), NAN]),
    (pl.Series([Decimal("1.25"), None]), [1.25, NAN]),
    (pl.Series(["x", None], dtype=pl.Categorical), ["x", None]),
    (pl.Series(["x", None], dtype=pl.Enum(["x", "y"])), ["x", None]),
    (pl.Series([date(2024, 1, 1), None]), [datetime(2024, 1, 1), None]),
    (pl.Series([NOON, None]), [NOON, None]),
    (pl.Series([timedelta(1), None]), [86400.0, NAN]),
    (pl.Series([time(1), None]), [3600.0, NAN]),
    (pl.Series([True, None]), [True, None]),
    (pl.Series([True, False]), [True, False]),
    (pl.Series([None, None]), [NAN, NAN]),
]


@pytest.mark.parametrize("values, expected", POLARS)
def test_polars_and_arrow_types(values, expected):
    frame = pl.DataFrame({"a": values})
    for way in (frame, frame.to_arrow()):
        np.testing.assert_equal(table_from(way)["a"].tolist(), expected)


WORDS = [
    (["1", " 2 ", "1e3", "-.5"], [1.0, 2.0, 1000.0, -0.5]),
    (["1_000", "2"], ["1_000", "2"]),
    (["١", "2"], ["١", "2"]),
    (["true", "FALSE", "NA"], [True, False, None]),
    (["yes", "no"], ["yes", "no"]),
    (["2024-01-31", "2024-02-01 10:30"], [datetime(2024, 1, 31), datetime(2024, 2, 1, 10, 30)]),
    (["2024-01-31T00:00:00+02:00"], [datetime(2024, 1, 30, 22)]),
    (["2024-02-30", "2024-02-01"], ["2024-02-30", "2024-02-01"]),
    (["", "N/A", "NaN", "null", "?", "-"], [NAN] * 6),
    (["Na", "Cl"], ["Na", "Cl"]),
]


@pytest.mark.parametrize("words, expected", WORDS)
def test_words_become_what_they_mean(words, expected):
    np.testing.assert_equal(promote("a", words).tolist(), expected)


def test_python_dates_with_zones_are_told_in_utc():
    zoned = datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert promote("a", [zoned, None]).tolist() == [datetime(2024, 1, 1), None]


def test_arrays_lists_and_names():
    assert table_from([[1, "a"], [None, "b"]]).columns[1].tolist() == ["a", "b"]
    assert table_from(np.eye(2)).is_array
    named = table_from(np.eye(2), names=["a", "b"])
    assert named.names == ("a", "b")
    assert not named.is_array
    assert table_from(named) is named


def test_the_callers_array_is_not_shared():
    X = np.asfortranarray(np.ones((2, 2)))
    table = table_from(X)
    X[0, 0] = 5.0
    assert table["x0"].tolist() == [1.0, 1.0]


def test_select_drop_take_head_row():
    table = table_from({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert table.select(["b"]).names == ("b",)
    assert table.drop(["b"]).names == ("a",)
    assert table.take(np.asarray([2, 0]))["b"].tolist() == ["z", "x"]
    assert table.head(2).n_rows == 2
    assert table.row(1) == {"a": 2.0, "b": "y"}
    assert "a" in table


def forms_of_a_table():
    """Tables of the numbers 0 to 9 and their texts, as they are held by a frame, an array, a part and a file."""
    x, words = np.arange(10.0), np.asarray([str(k) for k in range(10)], object)
    whole = Table(("x", "word"), (x, words))
    file = ColumnsFile()
    stored = StoredNumbers(file, Pieces([4, 6], [file.append(x[:4]), file.append(x[4:])]), np.float64)
    texts = StoredTexts(file, Pieces([10], [StoredTexts.write(file, words.tolist())]))
    return {
        "columns": whole,
        "precision": Table(("x", "word"), Columns((x.astype(np.float32), words))),
        "part": Table(("x", "word"), Columns((np.repeat(x, 2), np.repeat(words, 2)))).part(np.arange(0, 20, 2)),
        "file": Table(("x", "word"), Columns((stored, texts))),
        "part of a file": Table(("x", "word"), Columns((stored, texts))).part(np.arange(10)),
    }


@pytest.mark.parametrize("form", forms_of_a_table())
def test_rows_between(form):
    """Rows in between, and rows in between of these, whatever holds the columns; rows keep their numbers."""
    table = forms_of_a_table()[form]
    some = table.between(3, 9)
    few = some.between(2, 4)
    taken, part = few.take(np.asarray([1])), few.part(np.asarray([1, 0]))

    assert some.n_rows == 6
    assert some["x"].tolist() == [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    assert few["word"].tolist() == ["5", "6"]
    assert few["x"].dtype == np.float64
    assert (taken["x"].tolist(), taken["word"].tolist()) == ([6.0], ["6"])
    assert (part["x"].tolist(), part["word"].tolist()) == ([6.0, 5.0], ["6", "5"])
    assert table.between(9, 20).n_rows == 1
    assert table.between(10, 20)["x"].tolist() == []
    numbers = table.rows if table.rows is not None else np.arange(10)
    assert few.in_row(1) == f"in row {numbers[6]} (counted from 0)"


REFUSED = [
    (pl.DataFrame({"a": [[1], [2]]}), ColumnError, r"column 'a' is nested \(List\(Int64\)\)"),
    (pl.DataFrame({"a": [{"x": 1}]}), ColumnError, r"column 'a' is nested \(Struct"),
    (pa.table({"a": pa.array([b"x"])}), ColumnError, r"column 'a' is nested \(Binary\)"),
    (pd.DataFrame({"a": [[1], [2]]}), ColumnError, r"column 'a' has a nested value \(list\) in it"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), ColumnError, "the column name 'a' occurs 2 times"),
    (range(10**11), DataError, "range is not tabular; expected a DataFrame, a 2-D array"),
    (5, DataError, "int is not tabular; expected a DataFrame, a 2-D array"),
    (np.zeros(3), ShapeError, r"X has 1 dimension\(s\) and shape \(3,\), but rows and columns were expected"),
    (np.zeros((1, 1), dtype=complex), DataError, "X has complex numbers, but a network takes real ones"),
    (np.zeros(2, dtype=[("a", float)]), DataError, "X is a structured NumPy array"),
    (np.full((1, 1), b"x", dtype="V1"), ColumnError, r"column 'x0' has values of type \|V1, which are neither"),
    ([[1, 2], [3]], ShapeError, "the rows of X have different lengths"),
    ({"a": [1], "b": [1, 2]}, ShapeError, r"2 names came with columns of lengths \[1, 2\]"),
]


@pytest.mark.parametrize("X, error, sentence", REFUSED)
def test_what_is_no_table_is_told(X, error, sentence):
    with pytest.raises(error, match=sentence):
        table_from(X)


def test_names_that_do_not_fit():
    with pytest.raises(ShapeError, match="1 names were given for 2 columns"):
        table_from(np.eye(2), names=["a"])
    with pytest.raises(ColumnError, match=r"there is no column 'massy'; did you mean 'mass'?"):
        table_from({"mass": [1]})["massy"]


def test_fingerprint_tells_names_types_values_and_order_apart():
    table = table_from({"a": [1, 2], "b": ["x", None]})
    same = Table(("a", "b"), (np.asarray([1.0, 2.0]), np.asarray(["x", None], dtype=object)))
    others = [
        table.take(np.asarray([1, 0])),
        table.select(["b", "a"]),
        table_from({"a": [1, 2], "c": ["x", None]}),
        table_from({"a": [1, 2], "b": ["x", "None"]}),
        table_from({"a": ["1x", "2"], "b": ["x", None]}),
    ]
    assert fingerprint(table) == fingerprint(same)
    assert len({fingerprint(other) for other in (table, *others)}) == 6


def test_fingerprint_of_arrays_ignores_memory_layout_only():
    from scipy.sparse import coo_array, csr_array

    X = np.asarray([[1.0, NAN], [0.0, 4.0]])
    assert fingerprint(X) == fingerprint(np.asfortranarray(X))
    assert fingerprint(X) != fingerprint(X.astype(np.float32))
    assert fingerprint(csr_array(X)) == fingerprint(coo_array(X))
    assert fingerprint(np.asarray(["a"])) == fingerprint(np.asarray(["a"], dtype=object))
