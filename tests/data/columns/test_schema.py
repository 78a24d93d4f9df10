"""What a schema says of a table, what it leaves out, what it refuses, and how new data is held against it."""

import json
from dataclasses import astuple
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets

from glassnet.data.columns.column import Column
from glassnet.data.columns.column_exclusion import LeftOut
from glassnet.data.columns.labels import labeled_rows, target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.columns.task_inference import infer_task
from glassnet.data.reading.sources import read
from glassnet.data.reading.tabular import table_from
from glassnet.data.records import Label, value_of
from glassnet.data.typed_values import to_json
from glassnet.errors import ColumnError, DataError, ParameterError, ShapeError

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"
N = 40
X = {"x": [k * 0.5 + k % 3 for k in range(N)], "y": ["a", "b"] * (N // 2)}


def schema_of(columns, **options):
    return infer_schema(table_from(columns), **options)


def reasons(schema):
    return {item.name: item.reason for item in schema.left_out}


def test_penguins():
    """As the data set's documentation says: 344 rows, 2 without measurements, 11 without sex."""
    schema = infer_schema(read(PENGUINS).table, target="species")

    assert schema.task == "multiclass"
    assert schema.target.levels == ("Adelie", "Chinstrap", "Gentoo")
    assert (schema["body_mass_g"].minimum, schema["body_mass_g"].maximum) == (2700.0, 6300.0)
    assert schema["bill_length_mm"].missing == 2 / 344
    assert schema["sex"].missing == 11 / 344
    assert schema.left_out == ()
    assert (
        schema.describe().splitlines()[1]
        == "species            categorical       0%  Adelie, Chinstrap, Gentoo  (target)"
    )


def test_text_ids_constants_and_empty_columns_are_left_out_with_a_notice():
    more = {
        "code": [f"K{k}" for k in range(N)],
        "country": ["NO"] * N,
        "empty": [None] * N,
        "measured": [k**3 for k in range(N)],
    }
    schema = schema_of(X | more, target="y")

    expected = {"code": "id", "country": "constant", "empty": "empty"}
    assert reasons(schema) == expected
    assert schema.names == ("x", "measured")
    assert "column 'country' is NO in every row and is left out." in schema.notices
    assert "column 'code' is text that differs in every row like an id and is left out." in schema.notices
    assert "column 'empty' has no value in any row and is left out." in schema.notices


@pytest.mark.parametrize("start", [0, 1900])
@pytest.mark.parametrize("rows", [10, 120, 300, 4000])
@pytest.mark.parametrize("name", ["year", "week", "id", "PassengerId", "Unnamed: 0", "row", ""])
def test_a_running_number_stays_whatever_its_name(name, rows, start):
    """A year or a week runs from row to row as an id does; the values alone do not tell, so nothing is lost."""
    schema = schema_of({name: list(range(start, start + rows)), "y": ["a", "b"] * (rows // 2)}, target="y")
    assert schema.names == (name,)
    assert schema.left_out == ()


def test_keep_and_drop_override():
    schema = schema_of(X | {"id": [f"K{k}" for k in range(N)]}, target="y", keep=["id"], drop=["x"])
    assert schema.names == ("id",)
    assert reasons(schema) == {"x": "asked"}


def test_an_id_that_is_all_there_is_stays():
    assert schema_of({"id": [f"K{k}" for k in range(N)], "y": X["y"]}, target="y").names == ("id",)


def test_nothing_is_left_out_of_a_plain_array():
    schema = infer_schema(table_from(np.column_stack([np.arange(N), np.ones(N)])))
    assert schema.names == ("x0", "x1")


@pytest.mark.parametrize(
    "load", [datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_diabetes]
)
def test_no_measurement_of_a_real_table_is_taken_for_an_id(load):
    frame = load(as_frame=True).frame
    schema = infer_schema(table_from(frame), target="target")
    assert schema.left_out == ()
    assert schema.task == {"load_diabetes": "regression", "load_breast_cancer": "binary"}.get(
        load.__name__, "multiclass"
    )


def test_rare_levels_are_taken_together():
    ticket = [f"T{k // 3}" for k in range(24)] + [f"S{k}" for k in range(N - 24)]
    schema = schema_of(X | {"ticket": ticket}, target="y")
    assert schema["ticket"].levels == tuple(f"T{k}" for k in range(8))
    assert schema["ticket"].n_distinct == 24

    many = schema_of({"c": [f"{k % 150:03}x" for k in range(450)]})
    assert len(many["c"].levels) == 100
    assert many.notices[-1].startswith("column 'c' has 150 levels; the 100 most frequent are used")


REFUSED = [
    (X, {"target": "z"}, ColumnError, "the target 'z' is not among the columns; the columns are x, y."),
    ({"species": [1, 2]}, {"target": "specis"}, ColumnError, r"did you mean 'species'\?"),
    (X, {"keep": ["z"]}, ColumnError, "there is no column 'z' to keep or drop"),
    (
        {"x": [1, 2], "y": [3, 3]},
        {"target": "y"},
        DataError,
        "target 'y' is 3 in every row, so there is nothing to learn",
    ),
    (
        X | {"n": [f"n{k}" for k in range(N)]},
        {"target": "n"},
        DataError,
        "target 'n' has a different text in every row",
    ),
    (X | {"t": [None] * N}, {"target": "t"}, DataError, "target 't' has no value in any row"),
    (
        X | {"t": [1.0, np.inf] * 20},
        {"target": "t"},
        DataError,
        "target 't' is infinite, or too large for a float, in row 1",
    ),
    (X | {"t": ["2024-01-01", "2024-01-02"] * 20}, {"target": "t"}, DataError, "target 't' is a date, but"),
    (X, {"target": "y", "task": "regression"}, DataError, "target 'y' has the text 'a', but regression needs numbers"),
    (X, {"target": "y", "task": "guess"}, ParameterError, "task is 'guess', but expected one of classification"),
    (X | {"z": X["y"]}, {"target": ["y", "z"]}, DataError, "target 'y' has the text 'a', but regression"),
    (
        X | {"z": X["x"]},
        {"target": ["x", "z"], "task": "classification"},
        DataError,
        r"several targets \(x, z\) are learned",
    ),
    (
        {"x": [1], "y": ["a"]},
        {"target": "y"},
        DataError,
        "the table has 1 row with a target, but at least two are needed",
    ),
    ({"x": []}, {}, DataError, "the table has no rows"),
    (
        X | {"v": [1.0, 2.0, -np.inf, 4.0] * 10},
        {"target": "y"},
        DataError,
        "column 'v' is infinite, or too large for a float, in row 2",
    ),
    ({"c": ["NO"] * N, "y": X["y"]}, {"target": "y"}, DataError, r"no input column is left .* 'c' \(constant\)"),
    (
        {"review": [f"the room was clean and the staff kind, day {k}" for k in range(N)], "y": X["y"]},
        {"target": "y"},
        DataError,
        r"no input column is left to learn from; left out: 'review' \(free text\). Try keeping one",
    ),
]


@pytest.mark.parametrize("columns, options, error, sentence", REFUSED, ids=[case[3][:40] for case in REFUSED])
def test_what_cannot_be_learned_from_is_told(columns, options, error, sentence):
    with pytest.raises(error, match=sentence):
        schema_of(columns, **options)


def test_free_text_is_left_out_with_a_notice():
    """One column that a network cannot read does not end everything."""
    text = [f"the room was clean and the staff kind, day {k}" for k in range(N)]
    schema = schema_of(X | {"review": text}, target="y")

    assert reasons(schema) == {"review": "free text"}
    assert schema.notices[-1] == (
        "column 'review' is free text, which this kind of network cannot use, and is left out."
    )


def test_kept_free_text_is_a_category():
    text = [f"the room was clean and the staff kind, day {k}" for k in range(N)]
    assert schema_of(X | {"review": text}, target="y", keep=["review"])["review"].kind == "categorical"


def test_rows_without_a_target_are_left_out_with_a_notice():
    table = table_from({"x": [1, 2, 3, 4], "y": ["a", None, "b", "?"]})
    schema = infer_schema(table, target="y")
    assert schema.n_rows == 2
    assert schema.notices[0] == "2 rows without a value of 'y' are left out; the first is row 1 (counted from 0)."
    assert target_values(labeled_rows(table, "y"), schema).tolist() == ["a", "b"]


def test_an_array_must_not_lack_targets():
    with pytest.raises(DataError, match=r"the target is missing in row 1 \(counted from 0\), but every row needs one"):
        infer_schema(table_from([[1.0, 2.0], [1.0, np.nan]]), target="x1")


def test_target_values_keep_their_type():
    for values, expected in (
        ([0, 1, 1, 0], int),
        ([0.5, 1.5, 0.5, 0.5], float),
        ([True, False] * 2, bool),
        (["a", "b"] * 2, str),
    ):
        table = table_from({"x": [1, 2, 3, 4], "y": values})
        labels = target_values(table, infer_schema(table, target="y"))
        assert {type(label) for label in labels.tolist()} == {expected}
        assert labels.tolist() == values
    several = table_from({"x": [1, 2], "y": [0.5, 2], "z": [3, 4]})
    assert target_values(several, infer_schema(several, target=["y", "z"])).shape == (2, 2)
    with pytest.raises(DataError, match="the schema has no target"):
        target_values(several, infer_schema(several))
    trained = infer_schema(several, target="y")
    with pytest.raises(DataError, match="target 'y' has the value 'abc', but was a number in training"):
        target_values(table_from({"y": ["abc"]}), trained)


TASKS = [
    ([0, 1, 1, 0], None, "binary"),
    ([1.0, 2.0] * 3, None, "binary"),
    ([0.5, 1.0] * 3, None, "regression"),
    ([0, 1, 2], None, "regression"),
    ([0, 1, 2] * 20, None, "multiclass"),
    (list(range(21)) * 30, None, "regression"),
    ([0, 1, 2], "classification", "multiclass"),
    ([0, 1, 1], "regression", "regression"),
    ([True, False], None, "binary"),
    (np.asarray(["a", "b", "c"]), None, "multiclass"),
]


@pytest.mark.parametrize("values, asked, expected", TASKS)
def test_task_rule(values, asked, expected):
    assert infer_task(np.asarray(values), asked)[0] == expected


def test_the_task_is_told_in_words():
    assert infer_task(np.asarray([0, 1]), name="y")[1] == (
        "target 'y' has 2 distinct whole numbers: classification. If they are a quantity, use task='regression'."
    )
    assert infer_task(np.asarray([0, 1]), "regression")[1] == "target 'y' is a quantity as requested: regression."
    assert (
        infer_task(np.asarray([0, 1]), "classification")[1] == "target 'y' has 2 classes as requested: classification."
    )


levels = st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)  # none is missing


@given(levels)
def test_typed_values_round_trip(value):
    back = value_of(msgspec.json.decode(json.dumps(to_json(value), allow_nan=False), type=Label))
    assert back == value
    assert type(back) is type(value)


def test_typed_values_refuse_what_json_cannot_keep():
    with pytest.raises(DataError, match=r"\(1, 2\) is a tuple, but labels and levels are text"):
        to_json((1, 2))
    with pytest.raises(msgspec.ValidationError, match="Invalid value 'set'"):
        msgspec.convert(["set", 1], Label)


columns = st.builds(
    Column,
    name=st.text(max_size=5),
    kind=st.sampled_from(["numeric", "boolean", "categorical", "datetime"]),
    missing=st.floats(0, 1),
    n_distinct=st.integers(0, 9),
    minimum=st.none() | st.floats(allow_nan=False) | st.text(max_size=3),
    levels=st.lists(levels, max_size=4).map(tuple),
)
schemas = st.builds(
    Schema,
    columns=st.lists(columns, max_size=3).map(tuple),
    target=st.none() | columns | st.lists(columns, min_size=1, max_size=2).map(tuple),
    task=st.sampled_from([None, "binary", "regression"]),
    left_out=st.lists(st.builds(LeftOut, st.text(max_size=3), st.just("id"), st.text(max_size=3)), max_size=2).map(
        tuple
    ),
    missing_markers=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    n_rows=st.integers(0, 9),
    notices=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    is_array=st.booleans(),
)


@given(schemas)
def test_schema_round_trips_through_strict_json(schema):
    back = Schema.from_dict(json.loads(json.dumps(schema.to_dict(), allow_nan=False)))
    assert back == schema
    assert repr(astuple(back)) == repr(astuple(schema))  # equality alone holds 1, 1.0 and True to be the same


TRAINED = schema_of(
    {
        "age": [12, 80, 30],
        "smoker": ["true", "false", "true"],
        "code": ["01", "2", "A"],
        "day": ["2024-01-01", "2024-02-01", "2024-03-01"],
    }
)
ROW = {"age": [30], "smoker": ["true"], "code": ["A"], "day": ["2024-01-05"]}


def test_new_data_is_ordered_and_extras_are_ignored():
    checked = check_columns(table_from({"name": ["Ann"], **dict(reversed(ROW.items()))}), TRAINED)
    assert checked.names == TRAINED.names


def test_a_batch_that_looks_like_another_type_is_brought_back():
    table = check_columns(table_from({"age": ["NA"], "smoker": [1], "code": ["01"], "day": [None]}), TRAINED)
    assert np.isnan(table["age"][0])
    assert table["smoker"].tolist() == [True]
    assert table["code"].tolist() == ["01"]
    assert np.isnat(table["day"][0])
    assert check_columns(table_from(ROW | {"age": [True], "code": ["7"], "smoker": [None]}), TRAINED)[
        "code"
    ].tolist() == ["7"]


MISFITS = [
    ({"age": ["abc"]}, "column 'age' was numeric with 12 to 80 when the model was trained, but has 'abc' in row 0"),
    ({"smoker": ["maybe"]}, "column 'smoker' was True or False when the model was trained, but has 'maybe' in row 0"),
    ({"smoker": [2]}, "column 'smoker' was True or False when the model was trained, but has 2 in row 0"),
    (
        {"day": [5]},
        "column 'day' was a date with 2024-01-01 to 2024-03-01 when the model was trained, but has 5 in row 0",
    ),
    ({"age": ["2024-01-01"]}, "column 'age' was numeric with 12 to 80"),
]


@pytest.mark.parametrize("change, sentence", MISFITS)
def test_wrong_types_are_told(change, sentence):
    with pytest.raises(ColumnError, match=sentence):
        check_columns(table_from(ROW | change), TRAINED)


def test_the_first_misfit_is_the_one_that_is_named():
    rows = {name: values * 4 for name, values in ROW.items()} | {"age": ["30", "NA", "abc", "x"]}
    with pytest.raises(ColumnError, match="has 'abc' in row 2"):
        check_columns(table_from(rows), TRAINED)


def test_missing_columns_are_named():
    without = {name: values for name, values in ROW.items() if name != "age"}
    with pytest.raises(ColumnError, match=r"column 'age' is missing, .* did you rename it to 'Age_'\?"):
        check_columns(table_from(without | {"Age_": [1]}), TRAINED)
    with pytest.raises(ColumnError, match=r"column 'age' \(and 2 more\) is missing, .* the table has smoker"):
        check_columns(table_from({"smoker": [True]}), TRAINED)


def test_a_missing_column_is_no_renamed_other_one():
    schema = infer_schema(table_from({"bill_length": [1, 2], "bill_depth": [3, 5], "bill": [0, 1]}), target="bill")
    with pytest.raises(ColumnError, match=r"column 'bill_length' is missing, .*; the table has bill_depth, bill\."):
        check_columns(table_from({"bill_depth": [3], "bill": [1]}), schema)


@pytest.mark.parametrize("option", ["keep", "drop"])
def test_the_target_is_no_input_to_keep_or_drop(option):
    with pytest.raises(ColumnError, match="column 'y' is the target, so it is no input to keep or drop; try another"):
        infer_schema(table_from({"x": [1, 2], "y": [3, 5]}), target="y", **{option: ["y"]})


def test_arrays_are_matched_by_position():
    schema = infer_schema(table_from({"a": [1, 2], "b": [3, 5]}))
    assert check_columns(table_from([[1, 2]]), schema).names == ("a", "b")
    with pytest.raises(ShapeError, match="X has 3 columns, but the model was trained on 2: a, b; try"):
        check_columns(table_from([[1, 2, 3]]), schema)
    with pytest.raises(DataError, match="column 'b' is infinite, or too large for a float, in row 0"):
        check_columns(table_from([[1, np.inf]]), schema)


def test_unknown_names_in_a_schema():
    with pytest.raises(ColumnError, match=r"the schema has no column 'aeg'; did you mean 'age'\?"):
        TRAINED["aeg"]


def test_the_table_of_columns_is_aligned_where_names_hold_escapes():
    lines = infer_schema(table_from({"m\x1b[31m": [1, 2], "x": [3, 5]})).describe().splitlines()
    assert lines[1:3] == [r"m\x1b[31m  numeric       0%  1 to 2", "x          numeric       0%  3 to 5"]
