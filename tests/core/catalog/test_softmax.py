from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from glassnet.core.catalog.activation import ACTIVATIONS

softmax = ACTIVATIONS["softmax"]
matrices = arrays(
    st.sampled_from([np.float32, np.float64]),
    array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-10000, 10000, width=32),
)


@given(matrices)
def test_rows_sum_to_1(Z):
    A = softmax(Z)

    assert A.dtype == Z.dtype
    assert (A >= 0).all()
    np.testing.assert_allclose(A.sum(axis=1), 1.0, rtol=4 * np.finfo(Z.dtype).eps)


@given(matrices)
def test_the_larger_z_has_the_larger_share(Z):
    A = softmax(Z)
    order = np.argsort(Z, axis=1)

    assert (np.diff(np.take_along_axis(A, order, axis=1), axis=1) >= 0).all()


@given(arrays(np.float64, (3, 4), elements=st.integers(-50, 50).map(float)), st.integers(-1000, 1000))
def test_a_common_shift_changes_nothing(Z, shift):
    """Whole numbers, so that the shift itself is exact."""
    np.testing.assert_array_equal(softmax(Z + shift), softmax(Z))


def test_shares_in_fractions():
    """exp(log 1), exp(log 2), exp(log 5) are 1, 2 and 5 of 8."""
    A = softmax(np.log([[1.0, 2.0, 5.0]]))

    np.testing.assert_allclose(A, [[float(Fraction(k, 8)) for k in (1, 2, 5)]], rtol=4e-16)


@given(arrays(np.float64, (2, 3), elements=st.floats(-5, 5)), arrays(np.float64, (2, 3), elements=st.floats(-5, 5)))
def test_blame_goes_through_the_whole_matrix(Z, dA):
    """The pullback is dA times the full Jacobian, built here entry by entry from its definition."""
    A = softmax(Z)
    expected = np.zeros_like(Z)
    for i in range(2):
        for j in range(3):
            for k in range(3):
                expected[i, j] += dA[i, k] * A[i, k] * ((1.0 if j == k else 0.0) - A[i, j])

    np.testing.assert_allclose(softmax.pullback(Z, A, dA), expected, atol=1e-14)


@pytest.mark.parametrize("z", [1e4, -1e4])
def test_far_out_it_is_one_hot(z):
    A = softmax(np.asarray([[z, 0.0]], dtype=np.float32))

    assert A.tolist() == ([[1.0, 0.0]] if z > 0 else [[0.0, 1.0]])
