"""The operation that gave the first number that is not finite, where it can be worked out by hand."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.base import Problem
from glassnet.engines.reference import ReferenceEngine
from glassnet.training.history import History

X = np.asarray([[1.0, 2.0], [3.0, 4.0]])


def two_layers(W1, W2, hidden="relu", dtype="float64"):
    layers = [(np.asarray(W1, dtype), np.zeros(len(W1), dtype)), (np.asarray([W2], dtype), np.zeros(1, dtype))]
    return gn.Network.from_weights(layers, hidden=hidden, output="identity")


def one_layer(w, output="identity", dtype="float64"):
    return gn.Network.from_weights([(np.asarray([[w]], dtype), np.zeros(1, dtype))], output=output)


STEEP = gn.Activation.from_formula("steep", "exp(3 z) - z")
CLIFF = gn.Activation("cliff", lambda Z: np.where(Z < 50, Z, np.inf), lambda Z, A: np.ones_like(Z))


@pytest.mark.parametrize(
    "network, X, Y, options, row, operation",
    [
        (two_layers([[1, 1], [np.inf, 1]], [1, 1]), X, [0, 0], {}, 0, "W[1][1, 0] · A[0] = inf · 1 is inf"),
        (two_layers([[1e140, 0]], [1e160]), X, [0, 0], {}, 0, "(t - o)^2 is inf for t = 0, o = 1e+300"),
        (two_layers([[1e160, 0]], [1e160]), X, [0, 0], {}, 0, "W[2][0, 0] · A[1] = 1e+160 · 1e+160 is inf"),
        # 1e38 + 2e38 + 3e38 + ... ends beyond 3.4e38, though no term does
        (two_layers([[1, 1]] * 3, [1e38] * 3, dtype="float32"), X[:1], [0], {}, 0,
         "the sum over 3 terms is inf; the largest is W[2][0, 0] · A[1] = 1e+38 · 3"),
        (two_layers([[1, 1]], [1], STEEP), 100 * X, [0, 0], {}, 0, "exp(3 z) is inf for z = 300"),
        (two_layers([[1, 1]], [1], CLIFF), 10 * X, [0, 0], {}, 1, "activation 'cliff' is inf for z = 70"),
        (one_layer(-1.0, "softplus"), [[800.0]], [3], {"cost": "poisson"}, 0, "t log(o) is -inf for t = 3, o = 0"),
        (one_layer(1.0), [[1.0], [np.nan]], [0, 0], {}, 1, "the value is nan in float64"),
        (one_layer(1.0, dtype="float32"), [[1e200]], [0], {}, 0, "the value is inf in float32"),
        (two_layers([[1, 0], [1e-30, 0]], [1, 1e30], dtype="float32"), X[:1], [-1e10], {}, 0,
         "W[2][0, 1] · delta[2] = 1e+30 · 1e+10 is inf"),
        # delta = 1e10 and the input 1e300: their product is beyond float64, in the second row
        (one_layer(0.0), [[1.0], [1e300]], [0, -1e10], {}, 1, "delta[1] · A[0] is inf for 1e+10 · 1e+300"),
        (one_layer(0.0, dtype="float32"), [[3e38], [3e38]], [1, 1], {"cost": "absolute_error"}, None,
         "the sum of delta[1] · A[0] over the rows is -inf"),
        (one_layer(0.0, dtype="float32"), [[0.0], [0.0]], [1e-3, 1e-3], {"cost": "absolute_error", "weights": [3e38, 3e38]},
         None, "the sum of delta[1] over the rows is -inf"),
        (one_layer(2.0), [[10.0]], [-28], {"eta": 1e308}, None,
         "the step of solver 'gd' turns W[1][0, 0] = 2 with the gradient 480 and the learning rate 1e+308 into -inf"),
    ],
    ids=["infinite weight", "square", "product", "sum", "formula", "own activation", "logarithm", "gap", "precision",
         "error signal", "gradient", "sum of gradients", "gradient of a bias", "step"],
)  # fmt: skip
def test_the_operation_is_named(network, X, Y, options, row, operation):
    given = dict(options)
    cost, weights, eta = given.pop("cost", "half_squared_error"), given.pop("weights", None), given.pop("eta", 0.1)
    problem = Problem(network, resolve_cost(cost), resolve_solver("gd"))
    Y = np.asarray(Y, dtype=float)[:, None]
    engine = ReferenceEngine(problem, np.asarray(X), Y, None if weights is None else np.asarray(weights))
    _, records = engine.run(engine.start(eta), np.arange(len(Y))[None], np.asarray([eta]), len(Y))
    assert (records.divergence.row, records.divergence.operation) == (row, operation)
    assert str(records.divergence).endswith(f"{'' if row is None else f', training row {row}'}, where {operation}")


def test_the_row_is_that_of_the_data_and_not_of_the_minibatch():
    X = np.zeros((40, 1))
    X[23] = 1e200
    result = gn.train(one_layer(1e200), X, np.zeros(40), cost="half_squared_error", batch_size=8, epochs=1)
    assert (result.history.divergence.row, result.history.stopped) == (23, "diverged")


def test_the_place_survives_a_file():
    X = np.zeros((40, 1))
    X[23] = 1e200
    history = gn.train(one_layer(1e200), X, np.zeros(40), cost="half_squared_error", epochs=1).history
    assert History.from_dict(history.to_dict()).divergence.operation == history.divergence.operation != ""
