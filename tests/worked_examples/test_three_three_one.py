"""The first tutorial's 3-3-1 network of sigmoids: input (1, 0, 1), target 0, no biases, learning rate 0.5.

    from input 1: 0.9 0.3 0.2      sums   1·0.9 + 0·0.8 + 1·0.1 = 1.0      0.3 + 0.6 = 0.9      0.2 + 0.7 = 0.9
    from input 2: 0.8 0.5 0.4      hidden sigmoid(1.0) = 0.731058578630   sigmoid(0.9) = 0.710949502625, twice
    from input 3: 0.1 0.6 0.7      output sum 0.3·0.731058578630 + (0.5 + 0.9)·0.710949502625 = 1.214646877

The decimals are the tutorial's where it does not round, else worked out with twelve digits.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.errors import ShapeError

BY_INPUT = np.array([[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]])
X, Y = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0]])


@pytest.fixture
def net():
    return gn.Network.from_weights([(BY_INPUT.T, None), ([[0.3, 0.5, 0.9]], None)], hidden="sigmoid", output="sigmoid")


@pytest.fixture
def grads(net):
    return gn.backward(net, gn.forward(net, X), Y, cost="half_squared_error")


def test_forward(net):
    trace = gn.forward(net, X)

    np.testing.assert_allclose(trace.Z[1], [[1.0, 0.9, 0.9]], rtol=1e-15)
    np.testing.assert_allclose(trace.A[1], [[0.731058578630, 0.710949502625, 0.710949502625]], atol=5e-13)
    np.testing.assert_allclose(trace.Z[2], [[1.214646877]], atol=5e-10)
    np.testing.assert_allclose(trace.A[2], [[0.771120128]], atol=5e-10)


def test_the_tutorials_numbers_come_from_rounding_the_hidden_activations(net):
    """0.3·0.73 + 0.5·0.71 + 0.9·0.71 = 0.219 + 0.355 + 0.639 = 1.213, and sigmoid(1.213) = 0.7708293340."""
    hidden = np.round(gn.forward(net, X).A[1], 2)
    upper = gn.Network.from_weights([(net.W[2], None)], output="sigmoid")
    trace = gn.forward(upper, hidden)

    np.testing.assert_allclose(trace.Z[1], [[1.213]], rtol=1e-14)
    np.testing.assert_allclose(trace.A[1], [[0.7708293340]], atol=5e-11)


@pytest.mark.parametrize(("output", "error"), [(0.771120128, 0.297313126), (0.77, 0.29645)])
def test_error(output, error):
    """1/2 (0 - output)²."""
    assert gn.cost("half_squared_error", [[output]], Y) == pytest.approx(error, abs=1e-9)


def test_error_of_the_network(net):
    assert gn.cost("half_squared_error", gn.forward(net, X).A[-1], Y) == pytest.approx(0.297313126, abs=5e-10)


def test_chain_rule_of_the_weight_from_hidden_1(net, grads):
    """dC/do · do/dz · dz/dw = (0.771120128 - 0) · (0.771120128 · 0.228879872) · 0.731058579 = 0.0994956."""
    error, slope, activation = 0.771120128, 0.176493876, 0.731058579

    assert slope == pytest.approx(0.771120128 * 0.228879872, abs=1e-9)
    assert error * slope == pytest.approx(float(grads.delta[2][0, 0]), abs=1e-9)
    assert error * slope * activation == pytest.approx(float(grads.dW[2][0, 0]), abs=1e-9)
    assert float(grads.dW[2][0, 0]) == pytest.approx(0.0994956, abs=5e-8)
    assert round(float(grads.dW[2][0, 0]), 1) == 0.1  # as the tutorial rounds it


def test_blame_of_the_hidden_neurons(grads):
    """delta[2] · weight · a (1 - a): 0.136097981 · 0.3 · 0.196611933; · 0.5 · 0.205500307; · 0.9 · 0.205500307."""
    np.testing.assert_allclose(grads.delta[1], [[0.008027546, 0.013984088, 0.025171359]], atol=1e-9)
    np.testing.assert_allclose(grads.dW[1], grads.delta[1].T @ [[1.0, 0.0, 1.0]], rtol=1e-15)


def test_new_weight(net, grads):
    """0.3 - 0.5 · 0.099495596 = 0.250252202; 0.25 with the gradient rounded to 0.1."""
    better = gn.descend(net, grads, learning_rate=0.5)

    assert float(better.W[2][0, 0]) == pytest.approx(0.250252201, abs=2e-9)
    assert 0.3 - 0.5 * round(float(grads.dW[2][0, 0]), 1) == pytest.approx(0.25)
    assert gn.cost("half_squared_error", gn.forward(better, X).A[-1], Y) < 0.297313126


def test_absent_biases_stay_absent(net, grads):
    assert [*net.b, *grads.db, *gn.descend(net, grads, learning_rate=0.5).b] == [None] * 6


def test_a_table_listed_by_input_is_refused_where_its_shape_gives_it_away():
    with pytest.raises(ShapeError, match=r"a table listed by input is the transpose, try W\.T"):
        gn.Network.from_weights([(BY_INPUT.T, None), ([[0.3], [0.5], [0.9]], None)])


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "softplus"]),
    seed=st.integers(0, 10_000),
)
def test_the_most_active_upstream_neuron_gets_the_most_blame(sizes, activation, seed):
    """Into each neuron, the weight from the most active neuron upstream has the largest gradient, for one sample."""
    rng = np.random.default_rng(seed)
    net = gn.Network.create(sizes, hidden=activation, output="sigmoid", seed=rng)
    x, y = rng.normal(size=(1, sizes[0])), rng.uniform(size=(1, sizes[-1]))
    trace = gn.forward(net, x)
    grads = gn.backward(net, trace, y, cost="half_squared_error")

    for l in range(1, net.n_layers + 1):
        activity = np.abs(trace.A[l - 1][0])
        k = np.argmax(activity)
        blame = np.abs(grads.dW[l])  # (n_out, n_in)
        np.testing.assert_array_equal(blame[:, k], blame.max(axis=1))
        np.testing.assert_allclose(blame, np.abs(grads.delta[l]).T * activity, rtol=1e-14)


@given(seed=st.integers(0, 10_000))
def test_a_silent_neuron_gets_no_blame(seed):
    rng = np.random.default_rng(seed)
    net = gn.Network.create([4, 3, 2], seed=rng)
    x = rng.normal(size=(1, 4))
    silent = rng.integers(4)
    x[0, silent] = 0.0
    grads = gn.backward(net, gn.forward(net, x), rng.uniform(size=(1, 2)), cost="half_squared_error")
    others = np.delete(grads.dW[1], silent, axis=1)
    assume(np.all(grads.delta[1] != 0))

    assert np.all(grads.dW[1][:, silent] == 0)
    assert np.all(others != 0)


def test_over_several_samples_blame_may_cancel():
    """o = w1 x1 + w2 x2 = 0 and targets 1, -1: the busy first input's gradients cancel, -1·3 + 1·3 = 0; -1·1 + 1·0."""
    net = gn.Network.from_weights([([[0.0, 0.0]], None)], output="identity")
    x, y = [[3.0, 1.0], [3.0, 0.0]], [[1.0], [-1.0]]
    grads = gn.backward(net, gn.forward(net, x), y, cost="half_squared_error")

    assert grads.dW[1].tolist() == [[0.0, -0.5]]
