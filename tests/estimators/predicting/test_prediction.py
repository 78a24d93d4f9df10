"""Many rows at once, by what is kept from call to call: always the weights as they are, and every row's own bits."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import glassnet as gn


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 6)).astype(np.float32)
    return gn.GlassClassifier((8,), preset="plain", max_iter=2, random_state=0).fit(X, X[:, 0] > X[:, 1]), X


def test_rows_of_another_precision_are_converted_as_numpy_does(fitted):
    """More rows than are converted at a time; float32 rows get float32 predictions, as in training."""
    model, X = fitted
    expected = model.predict_proba(X.astype(np.float64))

    assert expected.dtype == np.float64
    np.testing.assert_array_equal(model.predict_proba(X), expected.astype(np.float32), strict=True)


def test_what_encode_returns_is_not_the_caller_s_array(fitted):
    model, X = fitted
    given = X.astype(np.float64)
    encoded = model.encode(given)

    np.testing.assert_array_equal(encoded, given)
    assert not np.shares_memory(encoded, given)


def test_weights_changed_in_place_are_those_that_predict():
    """With all weights and biases at 0, two classes have a half each."""
    X = np.random.default_rng(1).normal(size=(60, 3))
    model = gn.GlassClassifier((4,), preset="plain", max_iter=2, random_state=0).fit(X, X[:, 0] > 0)
    assert (model.predict_proba(X) != 0.5).all()
    model.network_.theta[:] = 0

    assert (model.predict_proba(X) == 0.5).all()


def test_threads_of_the_caller_do_not_share_a_workspace(fitted):
    model, X = fitted
    parts = [X[k::8] for k in range(8)] * 4
    expected = [model.predict_proba(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for got, want in zip(pool.map(model.predict_proba, parts), expected, strict=True):
            np.testing.assert_array_equal(got, want)
