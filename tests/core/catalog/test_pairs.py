"""Which cost fits which output activation, which targets a cost can mean, and the sentences that refuse the rest."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS, Cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.errors import ParameterError

# Written down by hand from what each cost means, not from the ranges that the code looks at.
REGRESSION = {"error", "absolute_error", "half_squared_error", "squared_error", "huber", "pinball"}
FURTHER = {
    "sigmoid": {"binary_cross_entropy", "poisson"},
    "softmax": {"cross_entropy", "poisson"},
    "softplus": {"poisson"},
}


def fits(output, cost):
    return output != "step" and (cost in REGRESSION or cost in FURTHER.get(output, ()))


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_every_pair_is_taken_or_refused(output, cost):
    X, Y = np.ones((2, 3)), np.asarray([[1.0, 0.0], [0.0, 1.0]])
    network = gn.Network.create([3, 2], output=output, seed=0)
    trace = gn.forward(network, X)

    if fits(output, cost):
        assert np.isfinite(gn.backward(network, trace, Y, cost=cost).grad).all()
    else:
        with pytest.raises(ParameterError, match=r"output activation .*(use|try) '"):
            gn.backward(network, trace, Y, cost=cost)


@pytest.mark.parametrize(
    ("output", "cost", "message"),
    [
        (
            "step",
            "squared_error",
            r"^output activation 'step' cannot be trained by gradients: its derivative is 0 everywhere; try "
            r"'sigmoid'\.$",
        ),
        (
            "relu",
            "cross_entropy",
            r"^cost 'cross_entropy' needs outputs that sum to 1, but the output activation is 'relu'; use 'softmax', "
            r"or 'binary_cross_entropy' on 'sigmoid'\.$",
        ),
        ("sigmoid", "cross_entropy", r"needs outputs that sum to 1, but the output activation is 'sigmoid'"),
        (
            "relu",
            "binary_cross_entropy",
            r"^cost 'binary_cross_entropy' does not fit the output activation 'relu' with range \[0, inf\); it needs "
            r"one independent output in \(0, 1\) per target: try 'sigmoid'\.$",
        ),
        (
            "softmax",
            "binary_cross_entropy",
            r"'softmax' with range \(0, 1\); it needs one independent output .*'sigmoid'",
        ),
        ("hard_sigmoid", "binary_cross_entropy", r"'hard_sigmoid' with range \[0, 1\]; .* try 'sigmoid'"),
        ("tanh", "binary_cross_entropy", r"'tanh' with range \(-1, 1\); .* try 'sigmoid'"),
        ("relu", "poisson", r"'relu' with range \[0, inf\); it needs .* \(0, inf\) per target: try 'softplus'\.$"),
        ("identity", "poisson", r"'identity' with range \(-inf, inf\); .* try 'softplus'"),
    ],
)
def test_the_sentence_names_the_pair_and_the_remedy(output, cost, message):
    with pytest.raises(ParameterError, match=message):
        check_pair(ACTIVATIONS[output], COSTS[cost], 2)


@pytest.mark.parametrize("cost", ["cross_entropy", "squared_error"])
def test_softmax_with_one_output_is_refused(cost):
    message = (
        r"^output activation 'softmax' with a single output is always 1; use 'sigmoid' with 'binary_cross_entropy'"
    )

    with pytest.raises(ParameterError, match=message):
        check_pair(ACTIVATIONS["softmax"], COSTS[cost], 1)


@pytest.mark.parametrize(("outputs", "remedy"), [((0, 1), "sigmoid"), ((0, np.inf), "softplus")])
def test_a_cost_of_ones_own_is_refused_in_words_too(outputs, remedy):
    own = Cost("own", lambda A, Y: A - Y, lambda A, Y: A, outputs=outputs)

    with pytest.raises(
        ParameterError, match=rf"cost 'own' does not fit the output activation 'tanh' .* try '{remedy}'"
    ):
        check_pair(ACTIVATIONS["tanh"], own, 1)


@pytest.mark.parametrize(
    ("cost", "Y", "message"),
    [
        ("squared_error", [[np.nan]], r"^Y has values that are not finite numbers; leave those rows out"),
        ("squared_error", [[np.inf]], r"Y has values that are not finite"),
        ("binary_cross_entropy", [[1.0, 2.0]], r"^cost 'binary_cross_entropy' needs targets in \[0, 1\], but Y has 2"),
        ("binary_cross_entropy", [[-1.0, 2.0]], r"but Y has -1\.$"),
        ("poisson", [[-0.5]], r"^cost 'poisson' needs targets in \[0, inf\], but Y has -0\.5\.$"),
        (
            "cross_entropy",
            [[1.0, 1.0]],
            r"^cost 'cross_entropy' needs targets whose rows sum to 1, one column per class \(one-hot\)\.$",
        ),
        ("cross_entropy", [[0.0, 0.0]], r"needs targets whose rows sum to 1"),
    ],
)  # fmt: skip
def test_targets_that_the_cost_cannot_mean_are_refused(cost, Y, message):
    with pytest.raises(ParameterError, match=message):
        check_targets(COSTS[cost], np.asarray(Y))


@pytest.mark.parametrize(
    ("cost", "Y"),
    [
        ("cross_entropy", [[0.3, 0.7], [1.0, 0.0]]),
        ("binary_cross_entropy", [[0.3, 1.0]]),
        ("poisson", [[0.0, 1e6]]),
        ("absolute_error", [[-1e30, 1e30]]),
    ],
)
def test_targets_that_it_can_mean_are_taken(cost, Y):
    check_targets(COSTS[cost], np.asarray(Y))
