"""Where a run is stopped at: each place is compared with a plain search through all of its steps."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.breakpoints import dead_unit, gradient_beyond, rises, weight_beyond

BCE = "binary_cross_entropy"


@pytest.fixture(scope="module")
def dying():
    """Large steps kill rectifiers: 80 rows, 4 hidden units of 1, 40 epochs of 8 steps."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(80, 3))
    network = gn.Network.create([3, 6, 4, 1], hidden="relu", output="identity", seed=2)
    result = gn.train(network, X, X[:, :1] - 1, cost="half_squared_error", solver="sgd", learning_rate=0.25,
                      batch_size=10, epochs=40, kept_states=4)  # fmt: skip
    return X, result


def is_dead(network, X, layer, unit):
    """By hand: no row makes its weighted sum positive."""
    A = X
    for l in range(1, layer):
        A = np.maximum(A @ network.W[l].T + network.b[l], 0)
    return bool((A @ network.W[layer][unit] + network.b[layer][unit] <= 0).all())


def test_the_first_step_at_which_a_unit_is_dead(dying):
    """Each unit of both layers: some die on the way, some never."""
    X, result = dying
    run = result.replay()
    networks = [moment.network for moment in run.walk()]
    found = {}
    for layer, size in ((1, 6), (2, 4)):
        for unit in range(size):
            moment = run.first(dead_unit(layer, unit))
            dead = [step for step, network in enumerate(networks) if is_dead(network, X, layer, unit)]
            found[layer, unit] = None if moment is None else moment.step
            assert found[layer, unit] == (dead[0] if dead else None)

    assert None in found.values()
    assert any(step for step in found.values())


def test_a_dead_unit_is_opened(dying):
    """No blame reaches it: its rows of the gradient are 0 in that step and later on."""
    _, result = dying
    run = result.replay()
    moments = [run.first(dead_unit(layer, unit)) for layer, size in ((1, 6), (2, 4)) for unit in range(size)]
    places = [(layer, unit) for layer, size in ((1, 6), (2, 4)) for unit in range(size)]
    layer, unit, moment = next((*place, moment) for place, moment in zip(places, moments) if moment and moment.step)

    assert not moment.gradients.dW[layer][unit].any()
    assert not moment.gradients.delta[layer][:, unit].any()
    assert run.at(step=moment.step - 1).gradients.dW[layer][unit].any()


def test_a_unit_of_a_sparse_table(binary, start):
    from scipy.sparse import csr_matrix

    X, Y = binary
    network = start(hidden="relu")
    network.b[1][:] = -100.0
    run = gn.train(network, csr_matrix(X), Y, cost=BCE, epochs=1).replay()

    assert run.first(dead_unit(1, 3)).step == 0


def test_a_rectifier_that_leans_is_not_dead():
    """Both have z = -1 for every row: at slope 1 no blame passes, at 0.9 a tenth of it does, and a slope comes down."""
    layers = [([[0.0], [0.0]], [-1.0, -1.0]), ([[1.0, 1.0]], [0.0])]
    network = gn.Network.from_weights(layers, hidden="relu", output="identity", slopes=[[1.0, 0.9]])
    run = gn.train(network, [[1.0]], [[-1.0]], cost="half_squared_error", solver="gd", epochs=3).replay()

    assert run.first(dead_unit(1, 0)).step == 0
    assert run.first(dead_unit(1, 1)) is None
    assert run.at(step=1).network.slope[1][0] < 1


@pytest.mark.parametrize("bias, dead", [(0.0, False), (-1e4, True)])
def test_an_output_of_softmax_may_be_dead_too(bias, dead, curve):
    """With a bias far below the others its probability is 0 for every row, and so is p (1 - p)."""
    network = gn.Network.create([2, 3], output="softmax", seed=0)
    network.b[1][2] = bias
    run = gn.train(network, curve[0], np.eye(3)[np.arange(60) % 2], cost="cross_entropy", epochs=1).replay()

    assert (run.first(dead_unit(1, 2)) is not None) == dead
    assert run.first(dead_unit(1, 1)) is None


@pytest.mark.parametrize("layer", [None, 1, 2])
def test_the_first_weight_beyond_a_limit(layer, binary, start):
    run = gn.train(start(), *binary, cost=BCE, epochs=30, learning_rate=0.05).replay()
    largest = [max(np.abs(W).max() for l, W in moment.network.W.items() if layer in (None, l)) for moment in run.walk()]
    limit = np.sort(largest)[len(largest) // 2]
    expected = next(step for step, value in enumerate(largest) if value > limit)

    assert run.first(weight_beyond(limit, layer=layer)).step == expected > 0
    assert run.first(weight_beyond(1e9, layer=layer)) is None


def test_the_first_gradient_beyond_a_limit(binary, start):
    """Before clipping; one that is not finite is beyond every limit."""
    run = gn.train(start(), *binary, cost=BCE, epochs=5, clip=1e-3).replay()
    norms = [moment.gradient_norm for moment in run.walk()]
    limit = np.sort(norms)[-3]

    assert run.first(gradient_beyond(limit)).step == next(step for step, norm in enumerate(norms) if norm > limit)
    wild = gn.train(start((4, 3, 1), hidden="relu", output="identity"), *binary, cost="half_squared_error",
                    solver="sgd", learning_rate=1e30, epochs=3)  # fmt: skip
    assert wild.replay().first(gradient_beyond(1e300)).step <= wild.history.divergence.step


@pytest.mark.parametrize("quantity", ["validation_cost", "cost", "gradient_norm"])
@pytest.mark.parametrize("patience", [1, 2])
def test_the_first_epoch_at_which_a_number_has_risen(quantity, patience, binary, start):
    """Trained on a dozen rows far too long: the cost on the others falls, then rises."""
    X, Y = binary
    result = gn.train(start((4, 30, 1)), X[:12], Y[:12], cost=BCE, epochs=300, learning_rate=0.05, batch_size=4,
                      validation=(X[12:], Y[12:]), kept_states=5)  # fmt: skip
    values = result.history[quantity]
    factor = 3.0 if quantity == "validation_cost" else 1.5
    high = [k for k in range(1, 300) if values[k] >= factor * values[:k].min()]
    expected = next((k for k in high if all(j in high for j in range(k - patience + 1, k))), None)
    moment = result.replay().first(rises(factor, quantity, patience=patience))

    assert (None if moment is None else moment.epoch - 1) == expected
    if quantity == "validation_cost":
        assert expected
        cost = gn.cost(BCE, gn.forward(moment.network, X[12:]).A[-1], Y[12:])
        assert float(cost) == pytest.approx(values[expected], rel=1e-9)


def test_any_function_is_a_breakpoint(binary, start):
    run = gn.train(start(), *binary, cost=BCE, epochs=6, learning_rate=0.05).replay()
    costs = [moment.cost for moment in run.walk()]
    by_step = next(step for step, cost in enumerate(costs) if cost < 0.5)
    by_epoch = next(step for step in range(0, 25, 4) if costs[step] < 0.5)

    assert run.first(lambda moment: moment.cost < 0.5).step == by_step
    assert run.first(lambda moment: moment.cost < 0.5, every="epoch").step == by_epoch
    assert run.first(lambda moment: moment.cost < 0.5, start=by_step + 3).step >= by_step + 3
    assert run.first(lambda moment: moment.cost < 0) is None
