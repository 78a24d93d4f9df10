"""A sparse matrix whose index arrays were damaged after it was made ends in a sentence, before SciPy follows them."""

import numpy as np
import pytest
from scipy.sparse import bsr_array, coo_array, csc_array, csr_array, csr_matrix, dia_array, lil_array

import glassnet as gn
from glassnet.csr import check_sparse, checked_csr
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.fingerprint import fingerprint
from glassnet.errors import DataError, ShapeError

FULL = np.asarray([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0], [4.0, 5.0, 0.0], [0.0, 6.0, 0.0]])
Y = np.asarray([[1.0], [0.0], [1.0], [0.0]])


def damaged(make, **changes):
    """A matrix, with single numbers of its arrays changed: ``indices=(place, value)``, or an array replaced."""
    X = make(FULL)
    for name, change in changes.items():
        if isinstance(change, tuple):
            getattr(X, name)[change[0]] = change[1]
        else:
            setattr(X, name, change)
    return X


DAMAGE = {
    "a column beyond the last": (csr_array, {"indices": (2, 3)}, r"index 3 is out of bounds for size 3"),
    "a column far beyond": (csr_array, {"indices": (0, 2_000_000_000)}, r"index 2000000000 is out of bounds"),
    "a column below 0": (csr_array, {"indices": (1, -7)}, r"index -7 is out of bounds for size 3"),
    "rows that end beyond the values": (csr_array, {"indptr": (-1, 9)}, r"its indptr does not increase from 0 to 6"),
    "rows that run backwards": (csr_array, {"indptr": (1, 5)}, r"its indptr does not increase from 0 to 6"),
    "a row below 0": (csr_matrix, {"indptr": (0, -2)}, r"its indptr does not increase from 0 to 6"),
    "too few rows": (csr_array, {"indptr": np.asarray([0, 6])}, r"its indptr has 2 numbers, but 5 were expected"),
    "too few values": (csr_array, {"data": np.ones(2)}, r"it has 2 values, but 6 indices"),
    "indices that are no whole numbers": (csr_array, {"indices": np.ones(6)}, r"not one-dimensional integer"),
    "indices in a table": (csr_array, {"indices": np.ones((6, 1), int)}, r"are not one-dimensional integer arrays"),
    "differences that overflow": (
        csr_array, {"indptr": np.asarray([0, 2**63 - 1, -(2**63), 6, 6])}, r"its indptr does not increase from 0 to 6",
    ),
    "a row of columns": (csc_array, {"indices": (2, 4)}, r"index 4 is out of bounds for size 4"),
    "a place in a list": (coo_array, {"row": np.asarray([0, 0, 1, 2, 2, 99])}, r"index 99 is out of bounds for size 4"),
    "places that are missing": (coo_array, {"col": np.asarray([0, 2])}, r"it has 6 values, but a different number"),
    "a block": (lambda X: bsr_array(X, blocksize=(2, 1)), {"indices": (0, 3)}, r"index 3 is out of bounds for size 3"),
    "a diagonal": (dia_array, {"offsets": np.asarray([0])}, r"its numbers of offsets and diagonals differ"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_train_refuses_it(what, engine):
    make, changes, why = DAMAGE[what]
    with pytest.raises(DataError, match=rf"X is a sparse matrix whose index arrays are damaged: .*{why}"):
        gn.train(gn.Network.create([3, 1], seed=0), damaged(make, **changes), Y, cost="squared_error", engine=engine)


@pytest.mark.parametrize("what", DAMAGE)
def test_estimators_refuse_it(what):
    make, changes, why = DAMAGE[what]
    fitted = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(csr_array(FULL), Y[:, 0])
    for use in (lambda X: fitted.fit(X, Y[:, 0]), fitted.predict, fitted.predict_proba):
        with pytest.raises(DataError, match=why):
            use(damaged(make, **changes))


@pytest.mark.parametrize("what", DAMAGE)
def test_encoders_and_fingerprints_refuse_it(what):
    make, changes, why = DAMAGE[what]
    encoder = Encoder.fit_sparse(csr_array(FULL))
    for use in (Encoder.fit_sparse, encoder.transform, Encoder.identity(3).transform, fingerprint, checked_csr):
        with pytest.raises(DataError, match=why):
            use(damaged(make, **changes))


def test_labels_that_are_damaged_are_refused_too():
    labels = csr_array(np.asarray([[1, 0], [0, 1], [1, 1], [0, 1]]))
    labels.indices[0] = 5
    with pytest.raises(DataError, match=r"y is a sparse matrix .* index 5 is out of bounds for size 2"):
        gn.GlassClassifier((2,), max_iter=2).fit(FULL, labels)


@pytest.mark.parametrize("make", [csr_array, csc_array, coo_array, lil_array, dia_array, csr_matrix, bsr_array])
@pytest.mark.parametrize("shape", [(4, 3), (0, 3), (4, 0), (0, 0)])
def test_what_is_whole_passes_in_every_format(make, shape):
    whole = np.resize(FULL, shape)

    np.testing.assert_array_equal(checked_csr(make(whole)).toarray(), whole)


def test_vectors_are_checked_and_are_no_tables():
    vector = coo_array(np.asarray([0.0, 2.0, 3.0]))
    check_sparse(vector)
    with pytest.raises(ShapeError, match=r"X has the shape \(3,\), but rows and columns were expected"):
        checked_csr(vector)
    vector.coords[0][1] = 3
    with pytest.raises(DataError, match=r"index 3 is out of bounds for size 3"):
        check_sparse(vector)
