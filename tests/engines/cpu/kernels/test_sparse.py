"""Sparse rows go through the engine as they are, and give what the same rows give when they are filled."""

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

import glassnet as gn
from glassnet.engines.cpu.memory_layout import layout_of


def run(X, **settings):
    n = X.shape[0]
    Y = np.eye(3)[np.random.default_rng(2).integers(0, 3, n)]
    network = gn.Network.create([X.shape[1], 40, 3], hidden="tanh", output="softmax", seed=1)
    return gn.train(network, X, Y, cost="cross_entropy", epochs=5, batch_size=32, **settings)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("n_columns", [60, 300])  # of more than 64 terms, filled rows add up the sums of pieces
def test_sparse_equals_filled(n_columns, n_jobs):
    X = random_array((100, n_columns), density=0.1, rng=np.random.default_rng(0), format="csr")
    sparse, filled = run(X, n_jobs=n_jobs, dropout=0.1), run(X.toarray(), n_jobs=n_jobs, dropout=0.1)

    np.testing.assert_allclose(sparse.network.theta, filled.network.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(sparse.history["cost"], filled.history["cost"], rtol=1e-10)


def test_sparse_equals_the_reference():
    X = random_array((70, 50), density=0.05, rng=np.random.default_rng(1), format="csr")

    np.testing.assert_allclose(run(X).network.theta, run(X, engine="reference").network.theta, rtol=1e-9, atol=1e-12)


def test_rows_and_columns_without_entries():
    X = csr_array(np.eye(8)[[0, 0, 5, 5, 0]] * [[1], [0], [2], [3], [0]])

    np.testing.assert_allclose(run(X).network.theta, run(X.toarray()).network.theta, rtol=1e-12, atol=1e-14)


def test_the_workspace_does_not_grow_with_the_columns_of_sparse_rows():
    network = gn.Network.create([100_000, 2, 1], seed=0)
    filled, sparse = (layout_of(network, 256, trains=True, sparse=sparse) for sparse in (False, True))

    assert sparse.lengths[0] < filled.lengths[0] / 10_000
