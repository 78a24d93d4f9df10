"""The same row gets the same prediction, bit by bit, whatever batch it comes in and wherever in it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import glassnet as gn
from glassnet.estimators.predicting.outputs import outputs

N_ROWS = 500

# Past 192 units the fast kernels of some processors treat rows at the end of a batch differently.
SHAPES = [(300, 200, 1), (784, 300, 10), (4, 268), (1, 1), (1, 7, 3), (1000, 1), (13, 100, 1), (64, 64, 64, 2)]


def assert_same_bits(network, A0, rows):
    """Outputs of some rows are those rows of the outputs of all."""
    Z, A = outputs(network, A0)
    Z_some, A_some = outputs(network, A0[rows])
    np.testing.assert_array_equal(Z_some, Z[rows])
    np.testing.assert_array_equal(A_some, A[rows])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_wide_and_narrow_networks(sizes, dtype):
    """Batches of 1 to 500 rows, in any order and with repeats, for every shape where kernels change their way."""
    rng = np.random.default_rng(0)
    network = gn.Network.create(
        sizes, hidden="silu", output="sigmoid" if sizes[-1] == 1 else "softmax", dtype=dtype, seed=1
    )
    A0 = rng.normal(size=(N_ROWS, sizes[0]))
    for n in (1, 2, 3, 31, 127, 128, 129, 300, N_ROWS):
        assert_same_bits(network, A0, rng.integers(0, N_ROWS, n))


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 260), min_size=2, max_size=4),
    hidden=st.sampled_from(["sigmoid", "tanh", "relu", "elu", "selu", "gelu", "silu", "mish", "softplus"]),
    scale=st.sampled_from([0.01, 1.0, 100.0]),
    dtype=st.sampled_from(["float32", "float64"]),
    rows=st.lists(st.integers(0, N_ROWS - 1), min_size=1, max_size=N_ROWS),
    seed=st.integers(0, 99),
)
def test_any_network(sizes, hidden, scale, dtype, rows, seed):
    """No shape, activation, magnitude or batch makes a difference."""
    network = gn.Network.create(
        sizes, hidden=hidden, output="identity" if sizes[-1] == 1 else "softmax", dtype=dtype, seed=seed
    )
    A0 = scale * np.random.default_rng(seed).normal(size=(N_ROWS, sizes[0]))
    assert_same_bits(network, A0, np.asarray(rows))


def test_one_row_is_what_forward_computes():
    """A prediction is the textbook's forward propagation of that row, up to the order of rounding."""
    network = gn.Network.create([300, 200, 3], hidden="silu", output="softmax", seed=0)
    A0 = np.random.default_rng(0).normal(size=(200, 300))
    trace = gn.forward(network, A0[150])

    np.testing.assert_allclose(outputs(network, A0)[1][150:151], trace.A[-1], rtol=1e-13)


@settings(max_examples=15)
@given(start=st.integers(0, 59), length=st.integers(1, 60))
def test_frames_arrays_and_sparse_matrices(bitwise_models, start, length):
    """`predict_proba` and `predict` of an estimator keep the promise for whatever holds the rows."""
    rows = np.arange(start, start + length) % 60
    for model, X, take in bitwise_models:
        np.testing.assert_array_equal(model.predict_proba(take(X, rows)), model.predict_proba(X)[rows])
        np.testing.assert_array_equal(model.predict(take(X, rows)), model.predict(X)[rows])


@pytest.fixture(scope="module")
def bitwise_models(numbers, mixed, small):
    """(fitted classifier, its inputs, how to take rows of them) for each way to hold a table."""
    X, y = numbers
    three = np.arange(60) % 3
    wide = {"hidden_layer_sizes": (200,)}
    csr = sparse.csr_array(np.where(X > 0, X, 0.0))
    return [
        (small("classifier", **wide).fit(X, y), X, lambda X, rows: X[rows]),
        (small("classifier", **wide, dtype="float64").fit(X, three), X, lambda X, rows: X[rows]),
        (small("classifier", **wide).fit(csr, y), csr, lambda X, rows: X[rows]),
        (small("classifier", **wide).fit(mixed, three), mixed, lambda X, rows: X.iloc[rows]),
    ]


def test_regression(numbers, small):
    """Also in the units of the target."""
    X, _ = numbers
    model = small("regressor", hidden_layer_sizes=(200,)).fit(X, 1000 + X[:, 0])
    frame = pd.DataFrame(X, columns=list("abc"))

    np.testing.assert_array_equal(np.concatenate([model.predict(X[k : k + 1]) for k in range(60)]), model.predict(X))
    np.testing.assert_array_equal(model.predict(frame), model.predict(X))
