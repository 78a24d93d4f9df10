"""The oracle of the explanations: one row worked in Python's floats, and a reader of numbers in text."""

import math
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

import glassnet as gn


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


FUNCTIONS = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2 if abs(z) < 300 else 0.0),
    "relu": (lambda z: max(0.0, z), lambda z: float(z > 0)),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * sigmoid(-z)),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "softplus": (lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))), sigmoid),
}

LOSSES = {
    "half_squared_error": (lambda o, t: (t - o) ** 2 / 2, lambda o, t: o - t),
    "squared_error": (lambda o, t: (t - o) ** 2, lambda o, t: 2 * (o - t)),
    "poisson": (lambda o, t: o - t * math.log(o), lambda o, t: 1 - t / o),
    "huber": (
        lambda o, t: (t - o) ** 2 / 2 if abs(t - o) <= 1 else abs(t - o) - 0.5,
        lambda o, t: min(1.0, max(-1.0, o - t)),
    ),
}


def by_hand(network, row, target, cost, eta):
    """Work one row through a network, loop by loop; layer l stands at index l."""
    W = [None, *(w.tolist() for w in network.W)]
    b = [None, *(None if v is None else v.tolist() for v in network.b)]
    names = [None, *(sigma.name for sigma in network.activation)]
    A, Z = [list(row)], [None]
    for l in range(1, len(W)):
        z = [
            math.fsum([w * a for w, a in zip(W[l][j], A[l - 1], strict=True)] + ([b[l][j]] if b[l] else []))
            for j in range(len(W[l]))
        ]
        Z.append(z)
        if names[l] == "softmax":
            e = [math.exp(x - max(z)) for x in z]
            A.append([x / math.fsum(e) for x in e])
        else:
            A.append([FUNCTIONS[names[l]][0](x) for x in z])
    L = len(W) - 1
    delta = [None] * (L + 1)
    dE_da = [None] * (L + 1)
    if cost == "cross_entropy":  # -log(exp(z) / sum), with the logarithm taken by hand
        total = math.log(math.fsum(math.exp(x - max(Z[L])) for x in Z[L]))
        losses = [t * (total - (x - max(Z[L]))) for x, t in zip(Z[L], target, strict=True)]
    elif cost == "binary_cross_entropy":  # -log(sigmoid(z)) = log(1 + exp(-z)), and -log(1 - sigmoid(z)) likewise
        losses = [FUNCTIONS["softplus"][0](-x if t else x) for x, t in zip(Z[L], target, strict=True)]
    if cost.endswith("entropy"):
        delta[L] = [o - t for o, t in zip(A[L], target, strict=True)]
    else:
        loss, slope = LOSSES[cost]
        losses = [loss(o, t) for o, t in zip(A[L], target, strict=True)]
        dE_da[L] = [slope(o, t) for o, t in zip(A[L], target, strict=True)]
        delta[L] = [d * FUNCTIONS[names[L]][1](z) for d, z in zip(dE_da[L], Z[L], strict=True)]
    for l in range(L - 1, 0, -1):
        dE_da[l] = [math.fsum(W[l + 1][j][k] * delta[l + 1][j] for j in range(len(W[l + 1]))) for k in range(len(W[l]))]
        delta[l] = [d * FUNCTIONS[names[l]][1](z) for d, z in zip(dE_da[l], Z[l], strict=True)]
    dW = [None, *([[d * a for a in A[l - 1]] for d in delta[l]] for l in range(1, L + 1))]
    new_W = [
        None,
        *(
            [[w - eta * g for w, g in zip(ws, gs, strict=True)] for ws, gs in zip(W[l], dW[l], strict=True)]
            for l in range(1, L + 1)
        ),
    ]
    new_b = [
        None,
        *(
            None if b[l] is None else [x - eta * d for x, d in zip(b[l], delta[l], strict=True)]
            for l in range(1, L + 1)
        ),
    ]
    return SimpleNamespace(
        W=W, b=b, A=A, Z=Z, losses=losses, total=math.fsum(losses), delta=delta, dE_da=dE_da, dW=dW, new_W=new_W,
        new_b=new_b,
    )  # fmt: skip


@pytest.fixture(scope="session")
def work():
    """`work(network, row, target, cost, eta)`: all numbers of one row, in plain Python."""
    return by_hand


@pytest.fixture(scope="session")
def is_rounded():
    """`is_rounded("0.77112", 0.7711201)`: the text is right to half a unit of its last digit."""

    def check(text, value):
        shown = Decimal(text)
        unit = Decimal(1).scaleb(shown.as_tuple().exponent)
        exact = Decimal(value)
        return abs(shown - exact) <= unit / 2 + abs(exact) * Decimal("1e-12") + Decimal(
            "1e-12"
        )  # float64's own rounding

    return check


@pytest.fixture(scope="session")
def tutorial():
    """The 3-3-1 network of the tutorial, whose tables list the weights by input."""
    W1 = np.asarray([(0.9, 0.3, 0.2), (0.8, 0.5, 0.4), (0.1, 0.6, 0.7)]).T
    return gn.Network.from_weights([(W1, None), ([[0.3, 0.5, 0.9]], None)], hidden="sigmoid", output="sigmoid")
