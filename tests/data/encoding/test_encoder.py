"""From a table to inputs and back, for dense, textual and sparse data."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, csr_array, csr_matrix

from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding import encoder as encoder_module
from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import Scale
from glassnet.data.reading.sources import read
from glassnet.data.reading.tabular import table_from
from glassnet.data.table import Columns, Table
from glassnet.errors import ColumnError, DataError, ParameterError, ShapeError

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"
COLUMNS = {
    "mass": [1.0, 2.0, 3.0, 4.0, None, 1000.0],
    "sex": ["m", "f", "f", None, "m", "f"],
    "island": ["B", "D", "T", "B", "D", "T"],
    "smoker": [True, False, True, True, False, False],
    "day": ["2024-01-01", "2024-02-03", "2024-03-05", "2024-01-01", "2025-06-01", "2024-01-02"],
}
TABLE = table_from(COLUMNS)
SCHEMA = infer_schema(TABLE)


def test_input_names_and_a_row_by_hand():
    """The row (3, f, T, True): median 3, quartiles 2 and 4, so the factor is 1/2 and the scaled value 0."""
    encoder = Encoder.fit(TABLE.drop(["day"]), infer_schema(TABLE.drop(["day"])))
    names = ("mass", "mass is missing", "sex=m", "sex is missing", "island=B", "island=D", "island=T", "smoker")
    assert encoder.input_names == names
    np.testing.assert_array_equal(encoder.transform(TABLE)[2], [0, 0, 0, 0, 0, 0, 1, 1])
    z = (1000.0 - 3.0) / 2.0
    np.testing.assert_allclose(encoder.transform(TABLE)[5, 0], z / (1 + z * z / 9) ** 0.5, rtol=1e-15)


SCALES = [
    ([0.0, 1.0, 2.0, 3.0, 4.0], 2.0, 0.5),
    ([5.0, 5.0, 5.0, 5.0, 9.0], 5.0, 0.5),
    ([7.0, 7.0], 7.0, 0.0),
    ([np.nan], 0.0, 0.0),
    ([0.0, 1e-320], 5e-321, 0.0),
]


@pytest.mark.parametrize("values, center, factor", SCALES)
def test_robust_scale(values, center, factor):
    scale = Scale.robust(np.asarray(values))
    assert (scale.center, scale.factor) == (center, factor)


def test_scaling_none_leaves_numbers_as_they_are():
    encoder = Encoder.fit(TABLE.select(["mass"]), infer_schema(TABLE.select(["mass"])), scaling="none")
    np.testing.assert_array_equal(encoder.transform(TABLE), [[1, 0], [2, 0], [3, 0], [4, 0], [3, 1], [1000, 0]])


def test_a_missing_value_without_a_flag_is_the_median():
    train = table_from({"mass": [1.0, 2.0, 4.0], "sex": ["f", "m", "x"]})
    encoder = Encoder.fit(train, infer_schema(train))
    got = encoder.transform(check_columns(table_from({"mass": [None], "sex": [None]}), infer_schema(train)))
    np.testing.assert_array_equal(got, [[0.0, 0.0, 0.0, 0.0]])


def test_only_the_training_part_is_looked_at():
    """Levels, flags, medians and parts of dates come from the training rows, whatever the whole table holds."""
    encoder = Encoder.fit(TABLE.take(np.asarray([0, 3])), SCHEMA)
    assert encoder.input_names == ("mass", "sex=m", "sex is missing", "island=B", "smoker", "day: elapsed days")
    np.testing.assert_array_equal(encoder.transform(TABLE)[1, 1:4], [0, 0, 0])


def test_rare_and_unseen_levels_count_as_other():
    ticket = [f"T{k // 3}" for k in range(24)] + [f"S{k}" for k in range(16)]
    table = table_from({"ticket": ticket, "x": [k % 7 / 2 for k in range(40)]})
    encoder = Encoder.fit(table, infer_schema(table))
    assert encoder.input_names[8] == "ticket=(other)"
    assert encoder.transform(table)[35, :9].tolist() == [0.0] * 8 + [1.0]
    assert encoder.transform(table_from({"ticket": ["new"], "x": [0]}))[0, :9].tolist() == [0.0] * 8 + [1.0]
    assert encoder.inverse(encoder.transform(table))["ticket"].tolist() == ticket[:24] + ["(other)"] * 16


def test_dates_become_elapsed_days_and_the_parts_that_vary():
    days = table_from({"day": ["2024-01-01", "2024-01-02", "2024-02-01"]})
    encoder = Encoder.fit(days, infer_schema(days), scaling="none")
    assert encoder.input_names == ("day: elapsed days", "day: month", "day: day of week")
    # January 1, 2024 was a Monday, February 1 a Thursday.
    np.testing.assert_array_equal(encoder.transform(days), [[0, 1, 1], [1, 1, 2], [31, 2, 4]])


def test_penguins_come_back():
    table = read(PENGUINS).table
    schema = infer_schema(table, target="species")
    encoder = Encoder.fit(table, schema)
    inputs = check_columns(table, schema)

    back = encoder.inverse(encoder.transform(inputs))

    for name in schema.names:
        if schema[name].kind == "numeric":
            np.testing.assert_allclose(back[name], inputs[name], rtol=1e-12)
        else:
            assert back[name].tolist() == inputs[name].tolist()


def test_mixed_columns_come_back():
    encoder = Encoder.fit(TABLE, SCHEMA)
    back = encoder.inverse(encoder.transform(TABLE))
    np.testing.assert_allclose(back["mass"], TABLE["mass"], rtol=1e-9)
    assert back["sex"].tolist() == COLUMNS["sex"]
    assert back["island"].tolist() == COLUMNS["island"]
    assert back["smoker"].tolist() == COLUMNS["smoker"]
    assert np.abs(back["day"] - TABLE["day"]).max() < np.timedelta64(1, "ms")


numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


@given(numbers)
def test_numbers_come_back_within_their_range(values):
    x = np.asarray(values)
    scale = Scale.robust(x)
    assume(scale.factor > 0 and np.abs((x - scale.center) * scale.factor).max() < 1e3)
    np.testing.assert_allclose(scale.inverse(scale.apply(x)), x, rtol=1e-9, atol=1e-9 / scale.factor)


@given(numbers)
def test_scaled_numbers_keep_their_order_and_stay_within_three(values):
    x = np.sort(np.asarray(values))
    z = Scale.robust(x).apply(x)
    assert np.abs(z).max() <= 3.0
    assert (np.diff(z) >= -1e-15).all()


rows = st.lists(
    st.tuples(st.none() | st.floats(-1e9, 1e9), st.sampled_from(["m", "f", "x", None]), st.sampled_from(["B", "Q"])),
    min_size=1,
)


@settings(max_examples=50)
@given(rows, st.data())
def test_a_rows_inputs_do_not_depend_on_its_batch(rows, data):
    """Bit by bit."""
    encoder = Encoder.fit(TABLE.drop(["day", "smoker"]), infer_schema(TABLE.drop(["day", "smoker"])))
    mass, sex, island = zip(*rows, strict=True)
    sexes = np.asarray([*sex, None], dtype=object)[:-1]
    table = table_from({"mass": np.asarray(mass, dtype=float), "sex": ["m"] * len(rows), "island": list(island)})
    table = type(table)(table.names, (table["mass"], sexes, table["island"]))
    i = data.draw(st.integers(0, len(rows) - 1))

    together, alone = encoder.transform(table), encoder.transform(table.take(np.asarray([i])))

    assert together[i].tobytes() == alone[0].tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stored", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("scaling", ["none", "robust"])
def test_inputs_do_not_depend_on_how_columns_are_held(monkeypatch, dtype, stored, scaling):
    """Parts of some rows, of columns in another precision, of rows out of order: the bits of each value alone."""
    monkeypatch.setattr(encoder_module, "ROWS_AT_A_TIME", 7)
    monkeypatch.setattr(encoder_module, "LEAST_AT_A_TIME", 5)
    rng = np.random.default_rng(0)
    numbers = [rng.integers(-400, 400, 40).astype(stored) for _ in range(3)]
    if np.dtype(stored).kind == "f":
        numbers = [column / np.asarray(3, stored) for column in numbers]
        numbers[1][4] = np.nan
    words = np.asarray(["m", "f"] * 20, object)
    names = ("a", "b", "c", "sex")
    table = Table(names, Columns((*numbers, words)))
    encoder = Encoder.fit(table, infer_schema(table), scaling=scaling)
    rows = rng.permutation(40)[:23]
    expected = np.empty((40, encoder.n_inputs), np.float64)
    at = 0
    for step in encoder.steps:
        width = len(step.input_names)
        expected[:, at : at + width] = step.encode(table[step.name])
        at += width

    assert encoder.transform(table, dtype=dtype).tobytes() == expected.astype(dtype).tobytes()
    assert encoder.transform(table.part(rows), dtype=dtype).tobytes() == expected[rows].astype(dtype).tobytes()


def test_a_missing_value_in_a_later_part_is_found(monkeypatch):
    monkeypatch.setattr(encoder_module, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(encoder_module, "LEAST_AT_A_TIME", 1)
    table = Table(("x0",), Columns((np.asarray([1, 2, 3, np.nan], np.float32),)))
    with pytest.raises(DataError, match=r"column 'x0' has a missing value in row 3 \(counted from 0\), but the plain"):
        Encoder.identity(1).transform(table)


def test_the_encoder_survives_strict_json():
    for encoder in (Encoder.fit(TABLE, SCHEMA), Encoder.identity(2), Encoder.fit_sparse(csr_array([[0.0, 2.0]]))):
        assert Encoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False))) == encoder


def test_identity_passes_numbers_untouched():
    X = np.asarray([[1.0, -5e9], [0.1, 3.0]])
    assert Encoder.identity(2).transform(X).tolist() == X.tolist()
    assert Encoder.identity(2).transform(csr_matrix(X)).toarray().tolist() == X.tolist()
    with_boolean = table_from({"x": [1.5, 2.5], "b": [True, False]})
    encoder = Encoder.identity(infer_schema(with_boolean))
    assert encoder.transform(with_boolean).tolist() == [[1.5, 1.0], [2.5, 0.0]]


def test_sparse_keeps_its_zeros():
    X = csc_array(np.asarray([[0.0, -2.0, 0.0], [4.0, 1.0, 0.0]]))
    encoder = Encoder.fit_sparse(X)
    encoded = encoder.transform(X)
    assert encoded.format == "csr"
    assert encoded.nnz == 3
    clip = lambda z: z / (1 + (z / 3) ** 2) ** 0.5  # noqa: E731
    np.testing.assert_allclose(encoded.toarray(), [[0, clip(-1), 0], [clip(1), clip(0.5), 0]], rtol=1e-15)
    assert encoder.transform(X.toarray()).tobytes() == encoded.toarray().tobytes()
    assert X.toarray()[1, 0] == 4.0


def test_an_encoder_of_dense_data_takes_sparse_rows():
    X = np.asarray([[0.0, 1.0], [2.0, 5.0], [1.0, 7.0]])
    encoder = Encoder.fit(table_from(X), infer_schema(table_from(X)))
    assert encoder.transform(csr_array(X)).tolist() == encoder.transform(X).tolist()


def test_explain_row_shows_the_arithmetic():
    encoder = Encoder.fit(TABLE, SCHEMA)
    first, missing = encoder.explain_row(TABLE, 1), encoder.explain_row(TABLE, 4)
    assert first[0].steps == ("(2 - 3) * 0.5 = -0.5", "-0.5 / sqrt(1 + (-0.5/3)^2) = -0.493197")
    assert first[1].steps == ("f is level 1 of 2 (0: the first of two levels)",)
    assert first[2].values == (0.0, 1.0, 0.0)
    assert missing[0].steps[0] == "missing: the median 3 stands in"
    assert first[4].steps[0].startswith("elapsed days: (33 - ")
    assert json.dumps([record.to_dict() for record in (*first, *missing)], allow_nan=False)
    unseen = table_from({**{name: values[:1] for name, values in COLUMNS.items()}, "island": ["Q"], "sex": [None]})
    words = encoder.explain_row(check_columns(unseen, SCHEMA))
    assert words[1].steps == ("missing: all zeros, and its flag is 1",)
    assert words[2].steps == ("Q has no separate input: all zeros",)


def test_what_an_encoder_refuses():
    encoder = Encoder.fit(TABLE, SCHEMA)
    with pytest.raises(ParameterError, match="scaling is 'minmax', but expected 'robust' or 'none'"):
        Encoder.fit(TABLE, SCHEMA, scaling="minmax")
    with pytest.raises(ColumnError, match="column 'sex' is categorical, but the plain encoding passes numbers"):
        Encoder.identity(SCHEMA)
    with pytest.raises(DataError, match=r"column 'x1' has a missing value in row 0 .*, but the plain encoding"):
        Encoder.identity(2).transform(np.asarray([[1.0, np.nan]]))
    with pytest.raises(ColumnError, match="column 'mass' has values such as 'heavy', which its encoding does not take"):
        encoder.transform(table_from({**COLUMNS, "mass": ["heavy"] * 6}))
    with pytest.raises(ShapeError, match=r"the inputs have shape \(1, 2\), but \(n_rows, 12\) was expected"):
        encoder.inverse(np.zeros((1, 2)))
    with pytest.raises(ShapeError, match="X has 3 columns, but the encoder was fitted on 2"):
        Encoder.identity(2).transform(np.zeros((1, 3)))
    with pytest.raises(ShapeError, match=r"X has shape \(2,\), but rows and columns were expected"):
        Encoder.identity(2).transform(np.zeros(2))
    with pytest.raises(DataError, match=r"column 'x1' is inf in row 1 .*, but a sparse matrix needs finite numbers"):
        Encoder.fit_sparse(csr_array([[1.0, 0.0], [0.0, np.inf]]))


def test_outliers_beyond_all_measure_stay_at_the_brim():
    """A square that overflows must not turn the largest number into 0; back it comes as a finite number."""
    scale = Scale.robust(np.asarray([0.0, 0.0, 0.0, -1.0, -6.8e-251]))
    assert scale.apply(np.asarray([-1.0])).tolist() == [-3.0]
    assert np.isfinite(scale.inverse(np.asarray([-3.0, 5.0]))).all()


def test_a_constant_column_comes_back_as_its_constant():
    table = table_from({"x": [7.0, 7.0, 7.0], "y": ["a", "b", "c"]})
    encoder = Encoder.fit(table, infer_schema(table, keep=["x"]))
    assert encoder.transform(table)[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert encoder.inverse(encoder.transform(table))["x"].tolist() == [7.0, 7.0, 7.0]


def test_inputs_that_are_all_zero_are_no_level():
    encoder = Encoder.fit(TABLE.select(["island"]), infer_schema(TABLE.select(["island"])))
    assert encoder.inverse(np.asarray([[0.0, 0.0, 0.0], [0.2, 0.7, 0.1]]))["island"].tolist() == [None, "D"]


def test_a_missing_date_has_its_flag():
    days = table_from({"day": ["2024-01-01", None, "2024-01-03"]})
    encoder = Encoder.fit(days, infer_schema(days))
    assert encoder.transform(days)[:, -1].tolist() == [0.0, 1.0, 0.0]
    assert np.isnat(encoder.inverse(encoder.transform(days))["day"]).tolist() == [False, True, False]
    assert encoder.explain_row(days, 1)[0].steps == ("missing: the median of each part stands in",)


def test_steps_as_arrays():
    """Two levels share an input, three and unknown ones have one each; dates are not among what compiled code takes."""
    steps, scales = Encoder(
        (
            NumberStep("mass", Scale(3700.0, 0.01, True), has_flag=True),
            NumberStep("age", Scale(), refuses_missing=True),
            LevelsStep("sex", ("female", "male"), has_flag=True),
            LevelsStep("island", ("Biscoe", "Dream"), has_other=True),
        )
    ).as_arrays

    assert steps.tolist() == [[0, 1, 0, 1, 0], [0, 1, 0, 0, 1], [1, 1, 1, 1, 0], [1, 3, 0, 0, 0]]
    assert scales[:, :2].T.tolist() == [[3700.0, 0.01, 1.0], [0.0, 1.0, 0.0]]


def test_only_numbers_go_as_they_are():
    assert not Encoder.fit(TABLE, SCHEMA).takes_numbers
    numbers = table_from({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 4.0]})
    assert Encoder.fit(numbers, infer_schema(numbers)).takes_numbers
    days = table_from({"day": ["2024-01-01", "2024-02-03"]})
    assert Encoder.fit(days, infer_schema(days)).as_arrays is None


@pytest.mark.parametrize("fit", [Scale.robust, Scale.median_only])
def test_the_middle_of_numbers_whose_sum_is_too_large(fit):
    """A missing value takes the median's place: infinity would stand there."""
    assert fit(np.asarray([1.7e308, 1.7e308, np.nan])).center == 1.7e308
    assert fit(np.asarray([-1.7e308, 1.7e308])).center == 0.0
