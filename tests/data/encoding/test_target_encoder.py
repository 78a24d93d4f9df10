"""Classes and quantities become Y and come back in the type the user gave."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import DataError, ShapeError


def test_two_classes_are_one_column():
    encoder = TargetEncoder.fit(np.asarray([2, 1, 2]))
    assert (encoder.task, encoder.n_out, encoder.names) == ("binary", 1, ("1", "2"))
    assert encoder.transform(np.asarray([2, 1])).tolist() == [[1.0], [0.0]]
    assert encoder.inverse(np.asarray([[0.5], [0.49]])).tolist() == [2, 1]


def test_more_classes_are_one_column_each():
    encoder = TargetEncoder.fit(["b", "a", "c"])
    assert (encoder.task, encoder.n_out) == ("multiclass", 3)
    assert encoder.transform(["c", "a"]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert encoder.inverse(np.asarray([[0.1, 0.7, 0.2]])).tolist() == ["b"]


def test_quantities_are_standardized():
    """Mean 2, population variance 2/3."""
    encoder = TargetEncoder.fit([1.0, 2.0, 3.0])
    np.testing.assert_allclose(encoder.transform([3.0]), [[1.5**0.5]])
    np.testing.assert_allclose(encoder.inverse([[0.0]]), [2.0])
    assert TargetEncoder.fit([1.5, 2.5], standardize=False).transform([1.5]).tolist() == [[1.5]]
    assert TargetEncoder.fit([4, 4, 4], "regression").transform([4, 5]).tolist() == [[0.0], [1.0]]


def test_several_targets_keep_their_shape():
    y = np.asarray([[1.0, 10.0], [3.0, 30.0]])
    encoder = TargetEncoder.fit(y, names=("a", "b"))
    assert (encoder.task, encoder.n_out, encoder.names) == ("regression", 2, ("a", "b"))
    np.testing.assert_allclose(encoder.inverse(encoder.transform(y)), y)
    assert TargetEncoder.fit(y).names == ("y0", "y1")
    assert TargetEncoder.fit([0.5, 1.5]).names == ("y",)


LABELS = [
    np.asarray([1, 2, 3]),
    np.asarray([1.0, 2.0]),
    np.asarray([True, False]),
    np.asarray(["1", "2", "x"]),
    np.asarray(["1", "é"], dtype=object),
    np.asarray([1, "1", 1.5], dtype=object),
    np.asarray([0, 1], dtype=np.int32),
]


@pytest.mark.parametrize("y", LABELS, ids=lambda y: f"{y.dtype}{len(y)}")
def test_labels_keep_their_type_through_json(y):
    encoder = TargetEncoder.fit(y, "classification")
    back = TargetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False)))
    outputs = back.inverse(back.transform(y))
    assert outputs.dtype == y.dtype
    assert list(map(repr, outputs.tolist())) == list(map(repr, y.tolist()))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_quantities_come_back(values):
    encoder = TargetEncoder.fit(values, "regression")
    encoder = TargetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False)))
    np.testing.assert_allclose(encoder.inverse(encoder.transform(values)), values, rtol=1e-9, atol=1e-9)


REFUSED = [
    (["a", "a"], None, DataError, r"y has one class only \('a'\), but a classifier needs two to tell apart"),
    (["a", None, "b"], None, DataError, r"y is missing in row 1 \(counted from 0\), but every row needs a class"),
    (
        [1.0, np.nan, 2.0],
        "classification",
        DataError,
        r"y is missing in row 1 \(counted from 0\), but every row needs a class",
    ),
    (
        [0.5, np.inf],
        None,
        DataError,
        r"y is missing \(NaN\) or infinite in row 1 \(counted from 0\), but every row needs a finite",
    ),
    ([["a", "b"]], None, DataError, "y has the value 'a', but regression needs numbers"),
    ([[1], [0]], "classification", ShapeError, r"y has shape \(2, 1\), but classes must be one column; try y.ravel"),
    (
        [[1, 0], [2, 1]],
        "classification",
        DataError,
        r"y has the value 2 in row 1 \(counted from 0\), but several columns of y are",
    ),
    (
        [["1", "0"]],
        "classification",
        DataError,
        r"y has the value '1' in row 0 \(counted from 0\), but several columns of y are",
    ),
    (5.0, None, ShapeError, r"y has shape \(\), but one value per row was expected"),
]


@pytest.mark.parametrize("y, task, error, sentence", REFUSED)
def test_what_is_no_target_is_told(y, task, error, sentence):
    with pytest.raises(error, match=sentence):
        TargetEncoder.fit(y, task)


def test_what_does_not_fit_the_training_is_told():
    encoder = TargetEncoder.fit(["a", "b"])
    with pytest.raises(
        DataError,
        match=r"y has the class 'z' in row 1 \(counted from 0\), which training did not have; it had 'a', 'b'",
    ):
        encoder.transform(["a", "z"])
    whole = TargetEncoder.fit([7, 3, 5], "classification")
    with pytest.raises(
        DataError,
        match=r"y has the class 4 in row 9 \(counted from 0\), which training did not have; it had 3, 5, 7",
    ):
        whole.transform(np.asarray([3, 4, 8]), np.asarray([8, 9, 10]))
    with pytest.raises(ShapeError, match=r"the outputs have shape \(1, 2\), but \(n_rows, 1\) was expected"):
        encoder.inverse(np.zeros((1, 2)))
    with pytest.raises(ShapeError, match=r"y has shape \(1, 2\), but classes must be one column"):
        encoder.transform([["a", "b"]])
    with pytest.raises(ShapeError, match="y has 3 columns, but 2 labels were fitted; try one column for each"):
        TargetEncoder.fit([[0, 1], [1, 1]], "classification").transform([[0, 1, 1]])


def test_labels_have_thresholds_of_their_own_and_come_back():
    """By hand: 0.4 reaches 0.3 but not 0.5, and 0.5 reaches 0.5."""
    encoder = TargetEncoder("multilabel", np.arange(2), target_names=("rain", "wind"), threshold=(0.3, 0.5))
    encoder = TargetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict(), allow_nan=False)))

    assert encoder.inverse(np.asarray([[0.4, 0.4], [0.2, 0.5]])).tolist() == [[1, 0], [0, 1]]
    assert encoder.names == ("rain", "wind")
    assert encoder.transform([[True, False]]).tolist() == [[1.0, 0.0]]
    with pytest.raises(ShapeError, match="y has 2 columns, but 1 were fitted"):
        TargetEncoder.fit([0.5, 1.5]).transform([[1.0, 2.0]])
