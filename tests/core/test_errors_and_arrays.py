import numpy as np
import pytest

from glassnet import errors
from glassnet.arrays import as_floats, generator, namespace


@pytest.mark.parametrize(
    ("error", "also"),
    [
        (errors.ParameterError, ValueError),
        (errors.ShapeError, ValueError),
        (errors.LayerIndexError, IndexError),
        (errors.ColumnError, ValueError),
        (errors.ColumnError, KeyError),
        (errors.DataError, ValueError),
        (errors.SourceError, errors.DataError),
        (errors.ExpressionError, errors.DataError),
        (errors.ModelFileError, ValueError),
        (errors.MissingExtraError, ImportError),
    ],
)
def test_each_error_is_also_what_others_would_catch(error, also):
    assert issubclass(error, also)
    assert issubclass(error, errors.GlassnetError)


def test_the_tree_in_the_docstring_is_complete():
    values = [value for value in vars(errors).values() if getattr(value, "__module__", "") == errors.__name__]
    classes = [value for value in values if isinstance(value, type)]

    assert len(classes) == 19
    assert [c.__name__ for c in classes if c.__name__ not in errors.__doc__] == []


def test_a_column_error_reads_as_a_sentence():
    """KeyError alone would print its message in quotes."""
    assert str(errors.ColumnError("Column 'x' is missing.")) == "Column 'x' is missing."
    assert str(errors.ColumnError()) == ""


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([1, 2], np.float64),
        (3, np.float64),
        (np.ones(2, dtype=np.float32), np.float32),
        (np.ones(2, dtype=np.int8), np.float64),
        (np.ones(2, dtype=bool), np.float64),
        (np.ones(2, dtype=complex), np.complex128),
    ],
)
def test_floats_stay_and_all_else_becomes_double(value, dtype):
    assert as_floats(value).dtype == dtype


def test_a_precision_may_be_asked_for():
    assert as_floats([1, 2], np.float32).dtype == np.float32


def test_floats_are_not_copied():
    array = np.ones(2)

    assert as_floats(array) is array


def test_numpy_where_no_library_is_named():
    assert namespace([1.0], 2) is np


def test_a_generator_is_taken_as_it_is():
    rng = np.random.default_rng(0)

    assert generator(rng) is rng
    assert generator(7).random() == np.random.default_rng(7).random()
