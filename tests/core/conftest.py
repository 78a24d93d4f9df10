"""The oracle of core: the same network neuron by neuron, in Python's floats and `math`, without a single array."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

import glassnet as gn


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


# name: (function of z, its slope at z), as the textbooks write them
FUNCTIONS = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(0.0, z), lambda z: float(z > 0)),
    "softplus": (lambda z: math.log(1 + math.exp(z)), sigmoid),
}

# name: (loss of output o and target t, its slope by o)
LOSSES = {
    "half_squared_error": (lambda o, t: (t - o) ** 2 / 2, lambda o, t: o - t),
    "squared_error": (lambda o, t: (t - o) ** 2, lambda o, t: 2 * (o - t)),
    "binary_cross_entropy": (
        lambda o, t: -t * math.log(o) - (1 - t) * math.log(1 - o),
        lambda o, t: -t / o + (1 - t) / (1 - o),
    ),
}


@dataclass
class ByHand:
    """All numbers of one forward and backward pass, as lists of lists: Z[l][i][j], A[l][i][j], delta[l][i][j]."""

    Z: list
    A: list
    delta: list
    dW: list
    db: list
    cost: float


def work_by_hand(W, b, names, X, Y, cost, weights=None, masks=None):
    """Propagate forward and backward with three nested loops per layer; layer l stands at index l of every list."""
    L, n = len(W) - 1, len(X)
    share = weights if weights is not None else [1.0] * n
    factor = masks if masks is not None else [None] * (L + 1)
    Z, A = [None], [X]
    for layer in range(1, L + 1):
        function, _ = FUNCTIONS[names[layer]]
        z_rows, a_rows = [], []
        for i in range(n):
            z_row, a_row = [], []
            for j in range(len(W[layer])):
                z = b[layer][j] if b[layer] is not None else 0.0
                for k in range(len(W[layer][j])):
                    z += W[layer][j][k] * A[layer - 1][i][k]
                z_row.append(z)
                a_row.append(function(z) * (factor[layer][i][j] if factor[layer] else 1.0))
            z_rows.append(z_row)
            a_rows.append(a_row)
        Z.append(z_rows)
        A.append(a_rows)

    loss, slope_of_loss = LOSSES[cost]
    total = 0.0
    for i in range(n):
        for j in range(len(W[L])):
            total += share[i] * loss(A[L][i][j], Y[i][j]) / n

    delta = [None] * (L + 1)
    for layer in range(L, -1, -1):
        rows = []
        for i in range(n):
            row = []
            for j in range(len(A[layer][i])):
                if layer == L:
                    blame = share[i] * slope_of_loss(A[L][i][j], Y[i][j])
                else:
                    blame = 0.0
                    for j_above in range(len(W[layer + 1])):
                        blame += delta[layer + 1][i][j_above] * W[layer + 1][j_above][j]
                if layer > 0:
                    blame *= FUNCTIONS[names[layer]][1](Z[layer][i][j])
                    blame *= factor[layer][i][j] if factor[layer] else 1.0
                row.append(blame)
            rows.append(row)
        delta[layer] = rows

    dW, db = [None], [None]
    for layer in range(1, L + 1):
        rows, column = [], []
        for j in range(len(W[layer])):
            row = []
            for k in range(len(W[layer][j])):
                g = 0.0
                for i in range(n):
                    g += delta[layer][i][j] * A[layer - 1][i][k] / n
                row.append(g)
            rows.append(row)
            column.append(sum(delta[layer][i][j] for i in range(n)) / n)
        dW.append(rows)
        db.append(column if b[layer] is not None else None)
    return ByHand(Z, A, delta, dW, db, total)


@pytest.fixture(scope="session")
def by_hand():
    """`by_hand(network, X, Y, cost=...)`: the same pass as `forward` and `backward`, neuron by neuron."""

    def work(network, X, Y, *, cost, weights=None, masks=None):
        W = [None, *(w.tolist() for w in network.W)]
        b = [None, *(None if b is None else b.tolist() for b in network.b)]
        names = [None, *(sigma.name for sigma in network.activation)]
        lists = None if masks is None else [None, *(None if m is None else m.tolist() for m in masks)]
        return work_by_hand(W, b, names, np.asarray(X).tolist(), np.asarray(Y).tolist(), cost, weights, lists)

    return work


def random_network(sizes, *, hidden="tanh", output="identity", seed=0, spread=0.7):
    network = gn.Network.create(sizes, hidden=hidden, output=output, seed=0)
    return network.with_theta(np.random.default_rng(seed).normal(0.0, spread, network.n_params))


@pytest.fixture(scope="session")
def make_network():
    """`make_network(sizes, hidden=, output=, seed=)`: a network whose weights and biases are all drawn, none is 0."""
    return random_network


def targets_for(cost, n, n_out, seed=1):
    rng = np.random.default_rng(seed)
    if cost == "cross_entropy":
        return np.eye(n_out)[rng.integers(0, n_out, n)]
    if cost == "binary_cross_entropy":
        return rng.integers(0, 2, (n, n_out)).astype(float)
    if cost == "poisson":
        return rng.integers(0, 5, (n, n_out)).astype(float)
    return rng.normal(0.3, 2.0, (n, n_out))


@pytest.fixture(scope="session")
def make_targets():
    """`make_targets(cost, n, n_out, seed=)`: targets that this cost can mean."""
    return targets_for
