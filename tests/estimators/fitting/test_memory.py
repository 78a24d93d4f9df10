"""What a fit holds of a large table beside the user's own copy, and that its numbers do not depend on that."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import DataError, ReplayError

N_ROWS, N_COLUMNS = 100_000, 20
SLACK = 12 * 8  # bytes per row: the target, its encoding, the order, one column while it is read


def plain(**others):
    settings = {"preset": "plain", "max_iter": 2, "batch_size": 500, "tol": 0, "random_state": 0, **others}
    return gn.GlassRegressor((3,), **settings)


def peak_of_fit(model, X, y):
    """Return the most bytes that a fit holds beside what is there already."""
    model.fit(X[:64], y[:64])  # loads what is loaded once
    gc.collect()
    tracemalloc.start()
    try:
        model.fit(X, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("given", "dtype", "per_cell"),
    [
        ("float64", "float64", 0),
        ("float32", "float32", 0),
        ("float64", "float32", 4),
        ("float32", "float64", 8),
        ("int32", "float32", 4),
    ],
)
def test_a_plain_fit_copies_an_array_only_into_another_precision(given, dtype, per_cell):
    X = np.random.default_rng(0).integers(-9, 9, (N_ROWS, N_COLUMNS)).astype(given)

    peak = peak_of_fit(plain(dtype=dtype), X, np.zeros(N_ROWS))

    assert peak <= per_cell * X.size + SLACK * N_ROWS


@pytest.mark.parametrize("form", ["array", "frame"])
@pytest.mark.parametrize("given", ["float64", "float32", "int64"])
def test_the_default_preset_holds_one_copy_in_its_precision(given, form):
    import pandas as pd

    X = np.random.default_rng(0).integers(-9, 9, (N_ROWS, N_COLUMNS)).astype(given)
    X = pd.DataFrame(X) if form == "frame" else X

    peak = peak_of_fit(gn.GlassRegressor((3,), max_iter=2, batch_size=500, random_state=0), X, np.zeros(N_ROWS))

    assert peak <= 4 * X.size + SLACK * N_ROWS


def same_numbers(X):
    """Yield an array's numbers in the forms that an engine cannot read in place, and in those that it can."""
    raw = np.zeros(X.nbytes + 1, np.uint8)
    unaligned = raw[1:].view(X.dtype).reshape(X.shape)
    unaligned[:] = X
    fixed = X.copy()
    fixed.flags.writeable = False
    yield from (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], np.repeat(X, 2, axis=1)[:, ::2], unaligned, fixed)
    yield from (X.astype(X.dtype.newbyteorder(">")), X[::-1].copy()[::-1], X.tolist())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("batch_size", [7, 500])
@pytest.mark.parametrize("n_networks", [1, 2])
def test_no_form_of_an_array_changes_the_numbers(numbers, n_networks, batch_size):
    X = numbers[0]
    y = X[:, 0] - X[:, 2]

    def theta(X):
        model = plain(n_networks=n_networks, batch_size=batch_size).fit(X, y)
        return [member.network.theta.tolist() for member in model.members_]

    assert all(theta(form) == theta(X) for form in same_numbers(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_model_keeps_neither_the_array_nor_a_view(numbers):
    X = numbers[0].copy()
    model = plain().fit(X, X[:, 0])
    gone = weakref.ref(X)
    del X
    gc.collect()

    assert gone() is None
    assert model.n_features_in_ == 3


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_a_missing_number_is_named_with_its_row(numbers, fit):
    X = numbers[0].copy()
    X[41, 1] = np.nan

    with pytest.raises(DataError, match=r"column 'x1' has a missing value in row 41 \(counted from 0\)"):
        getattr(plain(), fit)(X, X[:, 0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_array_that_is_changed_in_training_is_recognized_afterwards(numbers, dtype):
    """The fingerprint is that of the array before the run, and a replay compares every epoch with the history."""
    X = numbers[0].copy()
    before, y = X.copy(), X[:, 0].copy()

    def change(epoch, network):
        X[:] = 0.0

    model = plain(dtype=dtype, callback=change).fit(X, y)

    with pytest.raises(ReplayError, match="X and y differ from the data of the last training"):
        model.replay(X, y)
    run = model.replay(before, y)
    if dtype == "float32":  # a copy was trained on
        np.testing.assert_array_equal(run.at(epoch=2).network.theta, model.network_.theta)
    else:
        with pytest.raises(ReplayError, match="epoch 2"):
            run.at(epoch=2)
