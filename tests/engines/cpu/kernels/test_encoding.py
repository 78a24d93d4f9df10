"""Numbers that are encoded on the way to the network: the encoder's own bits."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import Scale
from glassnet.data.reading.tabular import table_from
from glassnet.engines.base import NeedsSlowPath
from glassnet.engines.cpu.forward import NUMBERS_TO_CONVERT, Forward

N_COLUMNS = 7
N_ROWS = 2 * NUMBERS_TO_CONVERT // N_COLUMNS + 5  # more than are encoded at a time, in two threads too


def table(dtype, *, gaps=False):
    """Some numbers, with one that overflows when it is scaled where there is room for it."""
    numbers = 100 * np.random.default_rng(0).normal(size=(N_ROWS, N_COLUMNS))
    X = np.abs(numbers).clip(max=255).astype(dtype) if dtype == "uint8" else numbers.astype(dtype)
    if dtype == "float64":
        X[5, 2] = 1.7e308
    if gaps:
        X[::3, 1] = np.nan
        X[7::40000, 4] = np.nan
    return X


def forward_of(encoder, n_jobs=None):
    """A small network on the encoder's inputs."""
    network = gn.Network.create([encoder.n_inputs, 3, 2], hidden="tanh", output="softmax", seed=0)
    return Forward(network, n_jobs), network.theta


@pytest.mark.parametrize("scaling", ["robust", "none"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", ">f8"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_numbers_of_any_type_become_the_encoders_inputs(scaling, dtype, n_jobs):
    X = table(dtype)
    named = table_from(X.astype(np.float64))
    encoder = Encoder.fit(named, infer_schema(named), scaling=scaling)
    forward, theta = forward_of(encoder, n_jobs)
    expected = forward(theta, encoder.transform(named))

    for given in (X, np.asfortranarray(X)):
        for found, wanted in zip(forward(theta, given, encoder.as_arrays), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("scaling", ["robust", "none"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_missing_numbers_become_medians_and_flags(scaling, dtype):
    X = table(dtype, gaps=True)
    named = table_from(X.astype(np.float64))
    encoder = Encoder.fit(named, infer_schema(named), scaling=scaling)
    forward, theta = forward_of(encoder)

    assert encoder.n_inputs == N_COLUMNS + 2
    Z, A = forward(theta, X, encoder.as_arrays)
    expected = forward(theta, encoder.transform(named))
    np.testing.assert_array_equal(Z, expected[0])
    np.testing.assert_array_equal(A, expected[1])


def test_a_gap_without_a_flag_is_filled_and_one_that_is_refused_is_odd():
    """Columns of both kinds: the ones that go a vector at a time, and the others."""
    X = np.asarray([[1.0, 2.0], [np.nan, 4.0]])
    filling = Encoder((NumberStep("a", Scale(0.5, 2.0, True)), NumberStep("b", Scale())))
    refusing = Encoder((NumberStep("a", Scale(), refuses_missing=True), NumberStep("b", Scale(), refuses_missing=True)))
    forward, theta = forward_of(filling)

    np.testing.assert_array_equal(
        forward(theta, X, filling.as_arrays)[0], forward(theta, filling.transform(table_from(X, names=("a", "b"))))[0]
    )
    with pytest.raises(NeedsSlowPath):
        forward(theta, X, refusing.as_arrays)


@pytest.mark.parametrize("row", [0, 700, 1999])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_infinite_number_is_odd_in_whichever_thread(row, n_jobs):
    encoder = Encoder.identity(2)
    forward, theta = forward_of(encoder, n_jobs)
    X = np.ones((2000, 2))
    X[row, 1] = -np.inf

    with pytest.raises(NeedsSlowPath):
        forward(theta, X, encoder.as_arrays)
    assert np.isfinite(forward(theta, np.ones((2000, 2)), encoder.as_arrays)[0]).all()  # and nothing is left of it
