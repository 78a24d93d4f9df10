"""Products in tiles against exact arithmetic, at every height, width and edge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.engines.cpu.compiling.decorators import entry
from glassnet.engines.cpu.kernels.simd.matmul import TERMS, multiply, pack, pack_transposed, rows_in_panel, sum_columns
from glassnet.engines.cpu.kernels.simd.vectors import PANEL_BYTES, TALL, columns_of, few_of, lanes_of, place_of, rows_of
from glassnet.engines.cpu.memory_layout import rounded_up


@entry
def product_with_transposed(A, W, b, C, n, n_in, n_out, panels):
    """C = b + A @ W.T, as forward propagation takes it; C has two columns more than it needs."""
    side = lanes_of(A)
    panel = 2 * side
    pack_transposed(W, 0, n_in, 0, n_out, panels, 0)
    B = (place_of(panels, 0), rows_in_panel(n_in, side) * panel, panel)
    multiply((place_of(C, 0), n_out + 2), (place_of(A, 0), n_in, 1), B, (place_of(b, 0), panel), n, n_out, n_in)


@entry
def product_of_transposed(D, A, nothing, C, n, n_in, n_out, panels):
    """C = D.T @ A, as the gradient of weights takes it."""
    panel = 2 * lanes_of(A)
    pack((A, 0, n_in), n_in, 0, n, n, panels, 0)
    B = (place_of(panels, 0), n * panel, panel)
    multiply((place_of(C, 0), n_in), (place_of(D, 0), 1, n_out), B, (place_of(nothing, 0), 0), n_out, n_in, n)


@entry
def turn_few(A, a_row, B, b_row, to_columns):
    """Write the first few columns of A as rows of B, or the first few rows as columns; return how many are few."""
    if to_columns:
        columns_of(A, 0, a_row, B, 0, b_row)
    else:
        rows_of(A, 0, a_row, B, 0, b_row)
    return few_of(A)


@entry
def sums_of_columns(A, n, row, C, n_columns):
    sum_columns(A, 1, row, n, C, 1, n_columns)


def whole_numbers(rng, *shape):
    """Products and sums of small whole numbers are exact in any format and order."""
    return rng.integers(-8, 9, size=shape)


def panels_for(n_rows, n_columns, dtype):
    panel = PANEL_BYTES // np.dtype(dtype).itemsize
    return np.zeros((-(-n_columns // panel) * rounded_up(n_rows, panel // 2) + 1) * panel, dtype)


def padded(W, dtype):
    """Squares of weights are read beyond their end."""
    return np.concatenate([W.ravel(), np.full(PANEL_BYTES * W.shape[1], 99)]).astype(dtype)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 2 * TALL + 3),
    n_in=st.integers(1, 3 * TERMS),
    n_out=st.integers(1, 70),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 99),
)
def test_forward_product_is_exact_on_whole_numbers(n, n_in, n_out, dtype, seed):
    rng = np.random.default_rng(seed)
    A, W, b = whole_numbers(rng, n, n_in), whole_numbers(rng, n_out, n_in), whole_numbers(rng, n_out)
    C = np.full((n, n_out + 2), 77, dtype)
    start = np.concatenate([b, np.zeros(PANEL_BYTES)]).astype(dtype)
    product_with_transposed(
        A.astype(dtype).ravel(),
        padded(W, dtype),
        start,
        C.ravel(),
        n,
        n_in,
        n_out,
        panels_for(n_in, n_out, dtype),
    )

    np.testing.assert_array_equal(C[:, :n_out], A @ W.T + b)
    np.testing.assert_array_equal(C[:, n_out:], 77)  # nothing is written beside it


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 3 * TERMS),
    n_in=st.integers(1, 70),
    n_out=st.integers(1, 2 * TALL + 3),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 99),
)
def test_gradient_product_is_exact_on_whole_numbers(n, n_in, n_out, dtype, seed):
    rng = np.random.default_rng(seed)
    D, A = whole_numbers(rng, n, n_out), whole_numbers(rng, n, n_in)
    C = np.zeros((n_out, n_in), dtype)
    product_of_transposed(
        D.astype(dtype).ravel(), A.astype(dtype).ravel(), np.zeros(PANEL_BYTES, dtype), C.ravel(), n, n_in, n_out,
        panels_for(n, n_in, dtype),
    )  # fmt: skip

    np.testing.assert_array_equal(C, D.T @ A)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_out", [1, 3, 7, 15, 37])  # tiles of all widths
def test_a_row_has_the_same_bits_at_every_height(n_out, dtype):
    """One row of a product of many equals the product of that row alone, whichever tile it fell into."""
    rng = np.random.default_rng(0)
    n, n_in = 2 * TALL + 7, 50
    A, W = rng.normal(size=(n, n_in)).astype(dtype), rng.normal(size=(n_out, n_in)).astype(dtype)
    b = np.zeros(n_out + PANEL_BYTES, dtype)

    def product(rows):
        C = np.zeros((len(rows), n_out + 2), dtype)
        product_with_transposed(
            rows.ravel(), padded(W, dtype), b, C.ravel(), len(rows), n_in, n_out, panels_for(n_in, n_out, dtype)
        )
        return C[:, :n_out]

    whole = product(A)
    for i in range(n):
        np.testing.assert_array_equal(product(A[i : i + 1].copy())[0], whole[i])
    np.testing.assert_allclose(whole, A @ W.T, rtol=1e-4 if dtype == "float32" else 1e-11, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_few_columns_and_rows_are_turned_alone(dtype):
    side = PANEL_BYTES // 2 // np.dtype(dtype).itemsize
    A = np.arange(side * (side + 1), dtype=dtype).reshape(side, side + 1)  # rows with a number more than a vector has
    B = np.full((side, side + 1), 77, dtype)
    few = turn_few(A.ravel(), side + 1, B.ravel(), side + 1, True)
    assert 2 <= few <= 4
    np.testing.assert_array_equal(B[:few, :side], A[:, :few].T)
    assert (B[few:] == 77).all()

    B[:] = 77
    turn_few(A.ravel(), side + 1, B.ravel(), side + 1, False)
    np.testing.assert_array_equal(B[:, :few], A[:few, :side].T)
    assert (B[:, few:] == 77).all()


def test_a_number_that_is_none_stays_in_its_row():
    A, W = np.ones((20, 3)), np.ones((5, 3))
    A[7, 1], A[9, 2] = np.nan, np.inf
    C = np.zeros((20, 7))
    panels = panels_for(3, 5, "float64")
    product_with_transposed(A.ravel(), padded(W, "float64"), np.zeros(PANEL_BYTES), C.ravel(), 20, 3, 5, panels)

    assert np.isnan(C[7, :5]).all()
    assert np.isposinf(C[9, :5]).all()
    assert np.isfinite(np.delete(C, [7, 9], axis=0)).all()


def test_a_long_sum_loses_little():
    """Against exact sums, a product of 4,096 terms in float32 errs a quarter as much as terms summed one by one."""
    rng = np.random.default_rng(1)
    n, n_in, n_out = 16, 4096, 32
    A, W = rng.normal(size=(n, n_in)).astype("float32"), rng.normal(size=(n_out, n_in)).astype("float32")
    C = np.zeros((n, n_out + 2), "float32")
    product_with_transposed(
        A.ravel(), padded(W, "float32"), np.zeros(PANEL_BYTES, "float32"), C.ravel(), n, n_in, n_out,
        panels_for(n_in, n_out, "float32"),
    )  # fmt: skip
    exact = A.astype("float64") @ W.T.astype("float64")
    one_by_one = np.cumsum(A[:, None, :] * W, axis=2, dtype="float32")[:, :, -1]

    assert np.std(C[:, :n_out] - exact) < np.std(one_by_one - exact) / 4


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), m=st.integers(1, 70), dtype=st.sampled_from(["float32", "float64"]))
def test_sums_of_columns_are_exact_on_whole_numbers(n, m, dtype):
    """Neither numbers beside the columns nor rows beyond the last one, which are none here, come into the sums."""
    D = whole_numbers(np.random.default_rng(0), n, m)
    A = np.full((n + 4, m + 2), np.nan, dtype)
    A[:n, 1 : m + 1] = D
    C = np.full(m + 2, 77, dtype)
    sums_of_columns(A.ravel(), n, m + 2, C, m)

    np.testing.assert_array_equal(C[1 : m + 1], D.sum(axis=0))
    np.testing.assert_array_equal(C[[0, m + 1]], 77)
