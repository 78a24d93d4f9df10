"""Backpropagation against shocks over the whole matrix: activations × costs × penalties × numbers of outputs."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS

PENALTIES = {
    "none": gn.Penalty(),
    "l1": gn.Penalty(l1=0.03),
    "l2": gn.Penalty(l2=0.2),
    "both": gn.Penalty(l1=0.03, l2=0.2),
}
REGRESSION = ("error", "absolute_error", "half_squared_error", "squared_error", "huber", "pinball")
FURTHER = {
    "sigmoid": ("binary_cross_entropy", "poisson"),
    "softmax": ("cross_entropy", "poisson"),
    "softplus": ("poisson",),
}
TRAINABLE = [name for name in ACTIVATIONS if name != "step"]
PAIRS = [(output, cost) for output in TRAINABLE for cost in (*REGRESSION, *FURTHER.get(output, ()))]
NEW = [("pinball", {"quantile": 0.9}), ("huber", {"delta": 0.3})]

EXACT, DIFFERENCES = ("complex_step", 1e-12), ("central_differences", 1e-7)


def check(make_network, make_targets, cost, n_out, *, hidden="tanh", output="identity", penalty="none", how=EXACT):
    """Check one case; hidden kinks are met by differences only, and there a few parameters may be left out."""
    method, tolerance = how
    if (output, cost) == ("softmax", "error"):
        tolerance = 1e-7  # all derivatives are 0, and errors are measured against 1e-8: 1e-15 in absolute terms
    name = cost if isinstance(cost, str) else cost[0]
    network = make_network([3, 4, n_out], hidden=hidden, output=output, seed=7)
    X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets(name, 5, n_out)
    found = gn.check_gradients(network, X, Y, cost=cost, penalty=PENALTIES[penalty], method=method)

    assert found.max_relative_error < tolerance, f"{n_out} outputs, penalty {penalty}\n{found}"
    assert len(found.shocks) + len(found.at_kinks) == network.n_params
    assert len(found.shocks) > 0.5 * network.n_params


def outputs_for(output):
    return (2, 5) if output == "softmax" else (1, 2, 5)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize(("output", "cost"), [*PAIRS, *(("identity", cost) for cost in NEW)], ids=str)
def test_outputs_and_costs_by_complex_step(output, cost, penalty, make_network, make_targets):
    for n_out in outputs_for(output):
        check(make_network, make_targets, cost, n_out, output=output, penalty=penalty)


@pytest.mark.parametrize(("output", "cost"), [*PAIRS, *(("identity", cost) for cost in NEW)], ids=str)
def test_outputs_and_costs_by_differences(output, cost, make_network, make_targets):
    for n_out in outputs_for(output):
        check(make_network, make_targets, cost, n_out, output=output, penalty="both", how=DIFFERENCES)


@pytest.mark.parametrize("how", [EXACT, DIFFERENCES], ids=["complex step", "differences"])
@pytest.mark.parametrize(
    ("output", "cost"),
    [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")],
)
@pytest.mark.parametrize("hidden", TRAINABLE)
def test_hidden_activations(hidden, output, cost, how, make_network, make_targets):
    for n_out in outputs_for(output):
        check(make_network, make_targets, cost, n_out, hidden=hidden, output=output, how=how)


def test_deep_and_mixed(make_network, make_targets):
    """Every hidden activation in one network of 13 layers, weighted samples, elastic net."""
    sizes = [3, *[4] * (len(TRAINABLE) - 1), 2]
    network = make_network(sizes, hidden=TRAINABLE[:-1], output="softmax", seed=3)
    X, Y = np.random.default_rng(1).normal(size=(5, 3)), make_targets("cross_entropy", 5, 2)
    weights = np.asarray([0.0, 1.0, 2.0, 0.5, 1.5])
    found = gn.check_gradients(network, X, Y, cost="cross_entropy", penalty=PENALTIES["both"], weights=weights)

    assert found.method == "complex step"
    assert found.max_relative_error < 1e-12, str(found)
