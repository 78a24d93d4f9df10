"""Every engine uses the dropout masks of `core.masks`."""

import numpy as np

import glassnet as gn
from glassnet.core.masks import dropout_mask
from glassnet.core.records import ByLayer
from glassnet.engines.base import Factors


def test_an_engine_uses_these_masks(make_engine, make_network, samples):
    """Two steps with dropout by hand; a rate of 0 leaves a layer whole."""
    network, (X, Y) = make_network((3, 5, 4, 2)), samples
    engine = make_engine(network, X, Y, dropout=(0.0, 0.5), seed=21)
    state, _ = engine.run(engine.start(0.2), np.arange(20)[None, :], np.asarray([0.2, 0.2]), 10)

    for step, rows in enumerate((slice(0, 10), slice(10, 20))):
        masks = ByLayer([None, dropout_mask(21, step, 2, 10, 4, 0.5), None], name="masks")
        trace = gn.forward(network, X[rows], masks=masks)
        network = gn.descend(
            network, gn.backward(network, trace, Y[rows], cost="half_squared_error"), learning_rate=0.2
        )

    np.testing.assert_allclose(state.theta, network.theta, rtol=1e-12)


def test_the_share_left_out_may_change_from_step_to_step(make_engine, make_network, samples):
    """Rates 1/2, 1/4 and 0 by hand: each step's own threshold, and its own 1/(1 - rate) for what is kept."""
    network, (X, Y) = make_network((3, 5, 4, 2)), samples
    engine = make_engine(network, X, Y, dropout=(0.5, 0.25), seed=21)
    factors = Factors(dropout=np.asarray([1.0, 0.5, 0.0]))
    state, _ = engine.run(engine.start(0.2), np.arange(20)[None, :], np.full(3, 0.2), 7, factors)

    for step, (first, second) in enumerate([(0.5, 0.25), (0.25, 0.125), (0.0, 0.0)]):
        rows = slice(7 * step, 7 * step + 7)
        n = len(X[rows])
        masks = [dropout_mask(21, step, 1, n, 5, first), dropout_mask(21, step, 2, n, 4, second), None]
        trace = gn.forward(network, X[rows], masks=ByLayer(masks, name="masks"))
        network = gn.descend(
            network, gn.backward(network, trace, Y[rows], cost="half_squared_error"), learning_rate=0.2
        )

    np.testing.assert_allclose(state.theta, network.theta, rtol=1e-12)


def test_single_precision_stays_single(make_engine, make_network, samples):
    engine = make_engine(make_network(dtype="float32"), *samples, dropout=(0.3,))
    state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.full(2, 0.1), 10)

    assert state.theta.dtype == np.float32
