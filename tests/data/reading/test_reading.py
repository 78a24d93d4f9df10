"""Text that is numbers or dates: how it may be written, what is doubtful, and what stays text."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.reading.tabular import table_from
from glassnet.data.type_inference import promote, read_column
from glassnet.errors import ColumnError, DataError, ShapeError

NAN = np.nan

NUMBERS = [
    (["12%", "7.5 %", "-3%"], [0.12, 0.075, -0.03], "1234.56 [%]"),
    (["5‰", "12‰"], [0.005, 0.012], "1234.56 [‰]"),
    (["$1,000.50", "$3", "-$2.25", "$-1"], [1000.5, 3.0, -2.25, -1.0], "1,234.56 [$]"),
    (["$5", "0", "NA"], [5.0, 0.0, NAN], "1234.56 [$]"),
    (["1.000,50 €", "3 €"], [1000.5, 3.0], "1.234,56 [€]"),
    (["£12", "£7"], [12.0, 7.0], "1234.56 [£]"),
    (["US$ 1,500", "US$ 20"], [1500.0, 20.0], "1,234.56 [US$]"),
    (["20 EUR", "3 EUR"], [20.0, 3.0], "1234.56 [EUR]"),
    (["(1,000)", "2,500", "7"], [-1000.0, 2500.0, 7.0], "1,234.56"),
    (["($1,000.50)", "$3"], [-1000.5, 3.0], "1,234.56 [$]"),
    (["1,5", "2", "0,25", "-1,5e3"], [1.5, 2.0, 0.25, -1500.0], "1.234,56"),
    (["1.234,56", "7,1"], [1234.56, 7.1], "1.234,56"),
    (["1.234.567", "12"], [1234567.0, 12.0], "1.234,56"),
    (["1 234,56", "1\u202f000", "2\u00a0500,5"], [1234.56, 1000.0, 2500.5], "1 234,56"),
    (["1 234.56", "7"], [1234.56, 7.0], "1 234.56"),
    (["1'234.50", "1\u2019000"], [1234.5, 1000.0], "1'234.56"),
    (["12,34,567", "1,234"], [1234567.0, 1234.0], "1,234.56"),
    (["\u22125", "7"], [-5.0, 7.0], "1234.56"),
    (["0,500", "1,234"], [0.5, 1.234], "1.234,56"),
    (["12:30", "00:00:30.5"], [45000.0, 30.5], "12:30:45"),
]


@pytest.mark.parametrize("words, expected, notation", NUMBERS)
def test_numbers_are_read_and_their_notation_is_known(words, expected, notation):
    values, reading = read_column("a", words)
    np.testing.assert_allclose(values, expected, rtol=1e-15)
    assert reading.notation == notation
    assert not reading.is_doubtful
    np.testing.assert_array_equal(read_column("a", words, notation=notation)[0], values)


DATES = [
    (["31.12.2020", "01.02.2020"], ["2020-12-31", "2020-02-01"], "31.12.2020"),
    (["1.2.2020 08:30", "NA"], ["2020-02-01T08:30", None], "31.12.2020"),
    (["12/31/2020", "1/2/2020"], ["2020-12-31", "2020-01-02"], "12/31/2020"),
    (["31/12/2020", "1/2/2020"], ["2020-12-31", "2020-02-01"], "31/12/2020"),
    (["12/31/20", "1/2/99 1:05 PM"], ["2020-12-31", "1999-01-02T13:05"], "12/31/20"),
    (["2020/12/31 23:00", "2020/1/2"], ["2020-12-31T23:00", "2020-01-02"], "2020/12/31"),
    (["31 Dec 2020", "1 February 2021"], ["2020-12-31", "2021-02-01"], "31 Dec 2020"),
    (["Jan 1 2000", "Sept 30, 2001"], ["2000-01-01", "2001-09-30"], "Dec 31 2020"),
    (["2020-12-31T10:00:00+05:30", "2020-12-31 10:00Z"], ["2020-12-31T04:30", "2020-12-31T10:00"], "2020-12-31"),
    (["2020-05", "1999-12"], ["2020-05-01", "1999-12-01"], "2020-12"),
]


@pytest.mark.parametrize("words, expected, notation", DATES)
def test_dates_are_read_and_their_notation_is_known(words, expected, notation):
    values, reading = read_column("a", words)
    np.testing.assert_array_equal(values, np.asarray(expected, dtype="datetime64[us]"))
    assert reading.notation == notation
    assert not reading.is_doubtful
    np.testing.assert_array_equal(read_column("a", words, notation=notation)[0], values)


DOUBTFUL = [
    (["1,234", "5,678"], [1234.0, 5678.0], "'1,234' is 1234, but could also mean 1.234: the values do not decide"),
    (["1,234", "5000"], [1.234, 5000.0], "'1,234' is 1.234, but could also mean 1234: the values do not decide"),
    (["1.234", "5.678"], [1.234, 5.678], "'1.234' is 1.234, but could also mean 1234: the values do not decide"),
    (["01/02/2020"], ["2020-01-02"], "2020-01-02, the month first, but could also mean 2020-02-01"),
    (["01-02-2020"], ["2020-02-01"], "the day first, but could also mean"),
    (["1/2/03"], ["2003-01-02"], "the month first, but could also mean"),
]


@pytest.mark.parametrize("words, expected, sentence", DOUBTFUL)
def test_what_could_mean_something_else_is_told(words, expected, sentence):
    values, reading = read_column("a", words)
    assert values.tolist() == np.asarray(expected, dtype=values.dtype).tolist()
    assert reading.is_doubtful
    assert sentence in reading.notice


@pytest.mark.parametrize(
    "words",
    [
        ["1.2.3", "3.11.5"],
        ["$5", "€5"],
        ["12%", "0.12"],
        ["2009-10", "2010-11"],
        ["31/12/2020", "12/31/2020"],
        ["1,5", "1.5,0"],
        ["1,23,4"],
        ["12 km", "5 km"],
        ["5-", "3"],
        ["$", "$5"],
        ["--5", "3"],
        ["(-5)", "3"],
        ["25:00", "12:30"],
        ["30.02.2020", "01.01.2020"],
        ["0000-01-01", "2020-01-01"],
        ["Foo 1 2020", "Jan 1 2020"],
        ["1" * 500 + ",5", "1,5"],
    ],
)
def test_what_is_not_certain_stays_text(words):
    assert read_column("a", words)[0].tolist() == words


def test_numbers_beside_text_of_one_notation_stay_numbers():
    """Spreadsheets mix both: the cell that is a number is one, whatever notation the text has."""
    assert promote("a", [1234.5, "1.234,5", None, "7,25"]).tolist()[:2] == [1234.5, 1234.5]
    assert promote("a", ["x", 3.0, None]).tolist() == ["x", "3", None]


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=1))
def test_amounts_written_in_german_come_back(amounts):
    """The oracle is Python's own formatting, with point and comma exchanged."""
    words = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    np.testing.assert_array_equal(promote("a", words), amounts)


@given(st.lists(st.dates(date(1, 1, 1), date(9999, 12, 31)), min_size=1))
def test_dates_written_with_points_come_back(days):
    words = [f"{day.day:02}.{day.month:02}.{day.year:04}" for day in days]
    assert [moment.date() for moment in promote("a", words).tolist()] == days


LONG = 2**53 + 1


@pytest.mark.parametrize(
    "hold",
    [
        lambda ids: {"id": ids},
        lambda ids: {"id": [str(k) for k in ids]},
        lambda ids: pd.DataFrame({"id": ids}),
        lambda ids: pd.DataFrame({"id": pd.array(ids, dtype="Int64")}),
        lambda ids: pl.DataFrame({"id": ids}),
        lambda ids: pa.table({"id": pa.array(ids, pa.uint64())}),
        lambda ids: {"id": np.asarray(ids, np.int64)},
        lambda ids: {"id": [Decimal(k) for k in ids]},
        lambda ids: {"id": [Decimal(f"{k}.00") for k in ids]},
        lambda ids: pl.DataFrame({"id": pl.Series(ids).cast(pl.Decimal(38, 0))}),
        lambda ids: pa.table({"id": pa.array([Decimal(k) for k in ids], pa.decimal128(38, 0))}),
    ],
    ids=[
        "ints",
        "text",
        "pandas",
        "nullable",
        "polars",
        "arrow",
        "numpy",
        "decimals",
        "decimals with places",
        "polars decimals",
        "arrow decimals",
    ],
)
def test_long_ids_keep_their_identity(hold):
    """Ids that come again are categories, where a float would take the two for one; others are rounded, and told."""
    again = table_from(hold([LONG, LONG - 1, LONG, LONG - 1]))
    schema = infer_schema(again)
    assert schema["id"].levels == (str(LONG - 1), str(LONG))
    assert "so they are categories" in schema.notices[0]
    A0 = Encoder.fit(again, schema).transform(
        check_columns(table_from(hold([LONG]), notations=schema.notations), schema)
    )
    assert A0.tolist() == [[1.0]]

    once = infer_schema(table_from(hold([LONG, 5, 7])))
    assert once["id"].kind == "numeric"
    assert once.doubts == (
        "column 'id' has whole numbers beyond 2**53 (9007199254740992), which are rounded to the nearest float. "
        "If they are ids, convert them to text.",
    )


TOO_LARGE = [
    [10**400, 1],
    [-(10**5000), 1],
    ["1e400", "1"],
    ["1" + "0" * 400, "1"],
    [Decimal("1e500"), 1],
    [Decimal("1e999999999"), 1],  # as an int it would fill the memory
    [Fraction(10**400), 1],
    np.asarray(["1e4000", "1"]).astype(np.longdouble),
]


@pytest.mark.parametrize("values", TOO_LARGE, ids=range(len(TOO_LARGE)))
def test_numbers_beyond_floats_are_told_by_row(values):
    with pytest.raises(
        DataError, match=r"column 'a' is infinite, or too large for a float, in row 0 \(counted from 0\)"
    ):
        infer_schema(table_from({"a": values, "b": [1, 2]}))


BEYOND = [
    np.asarray(["2020-01-01", "20000-01-01"], "M8[D]"),
    [np.datetime64("2020"), np.datetime64("-5000")],
    [datetime(2020, 1, 1), datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14)))],
    pd.Series(np.asarray(["2020-01-01", "12000-01-01"], "M8[s]")),
    pl.Series([18000, 5_000_000]).cast(pl.Int32).cast(pl.Date),
]


@pytest.mark.parametrize("values", BEYOND, ids=range(len(BEYOND)))
def test_dates_beyond_the_calendar_are_told_by_row(values):
    for X in (
        {"a": values, "b": [1, 2]},
        pl.DataFrame({"a": values, "b": [1, 2]}) if isinstance(values, pl.Series) else None,
    ):
        if X is not None:
            with pytest.raises(DataError, match=r"column 'a' has a date before the year 1 or after 9999 in row 1 \("):
                infer_schema(table_from(X))


def test_dates_at_the_ends_of_the_calendar_are_read():
    values = [date(1, 1, 1), date(9999, 12, 31), datetime(2020, 1, 1, tzinfo=UTC)]
    assert infer_schema(table_from({"a": values}))["a"].maximum == "9999-12-31T00:00:00.000000"


class Odd:
    """No text to it."""


REFUSED = [
    ({"a": [1 + 2j, 1]}, ColumnError, r"column 'a' has the complex number \(1\+2j\) in row 0 \(counted from 0\)"),
    ({"a": [1, Odd()]}, ColumnError, r"column 'a' has an object of the type Odd in row 1 \(counted from 0\)"),
    ({"a": [1, print]}, ColumnError, "column 'a' has an object of the type builtin_function_or_method in row 1"),
    ({"a": [1, {2}]}, ColumnError, r"column 'a' has a nested value \(set\) in it in row 1"),
    ({"a": [1, range(10**11)]}, ColumnError, r"column 'a' has a nested value \(range\) in it in row 1"),
    ({"a": ["x", "\ud800"]}, ColumnError, r"column 'a': the text '\\ud800' has half of a character in it"),
    ({"\ud800": [1, 2]}, ColumnError, r"the column name '\\ud800' has half of a character in it"),
    ({None: [1, 2]}, ColumnError, r"the column at place 0 \(counted from 0\) has no name \(None\)"),
    ({1: [1], "1": [2]}, ColumnError, "the column name '1' occurs 2 times"),
    ({"a": range(10**11)}, DataError, r"column 'a' is range\(0, 100000000000\), a range of more than 10,000,000"),
    ({"a": "text"}, DataError, "column 'a' is a str, but a list or an array of one value per row was expected"),
    ({"a": (k for k in range(3))}, DataError, "column 'a' is a generator, but a list or an array"),
    ({"a": 5}, DataError, "column 'a' is a int, but a list or an array"),
    ({"a": np.zeros((2, 2))}, ShapeError, r"column 'a' has shape \(2, 2\), but one value per row was expected"),
    ([range(10**11)], ShapeError, r"row 0 of X \(counted from 0\) is a range, but a row is a list of values"),
    ([[1, 2], {3, 4}], ShapeError, r"row 1 of X \(counted from 0\) is a set, but a row is a list of values"),
    (
        {"a": np.asarray([1, 2], "m8[Y]")},
        ColumnError,
        "column 'a' has durations in Y, which is no fixed number of seconds",
    ),
    (pa.table([[1], [2]], names=["a", "a"]), ColumnError, "the column name 'a' occurs 2 times"),
]


@pytest.mark.parametrize("X, error, sentence", REFUSED, ids=[case[2][:40] for case in REFUSED])
def test_what_is_no_value_is_told(X, error, sentence):
    with pytest.raises(error, match=sentence):
        table_from(X)


def test_a_table_read_by_other_rules_is_refused():
    """The same words would mean other values: "1,234" in German and in English."""
    schema = infer_schema(table_from({"a": ["1,5", "2,25"]}))
    english = table_from({"a": ["1,234", "12"]})

    assert check_columns(table_from({"a": ["1,234"]}, notations=schema.notations), schema)["a"].tolist() == [1.234]
    with pytest.raises(ColumnError, match=r"was written like 1.234,56 .* but was read as 1,234.56 here; try reading"):
        check_columns(english, schema)


def test_rows_are_those_of_the_users_table():
    """After rows were taken away or dealt out, a message names the row of the whole table."""
    table = table_from({"x": [1.0, 2.0, np.inf, 4.0], "y": ["a", None, "b", "b"]})
    with pytest.raises(DataError, match=r"column 'x' is infinite.* in row 2 \(counted from 0\)"):
        infer_schema(table, target="y")
    schema = infer_schema(table_from({"x": [1.0, 2.0], "y": ["a", "b"]}), target="y")
    part = table_from({"x": ["1", "2", "heavy"], "y": ["a", "a", "b"]}).take(np.asarray([2, 0]))
    with pytest.raises(ColumnError, match=r"has 'heavy' in row 2 \(counted from 0\)"):
        check_columns(part, schema)
