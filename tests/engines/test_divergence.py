"""The first number that is not finite, in cases where it is known which one that is."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.base import Divergence, find_nonfinite

ROWS = np.arange(4)[None, :]


def run(make_engine, network, X, Y, *, cost="half_squared_error", eta=0.1, batch_size=4, **options):
    engine = make_engine(network, np.asarray(X, dtype=float), np.asarray(Y, dtype=float), cost=cost, **options)
    order = np.arange(len(X))[None, :]
    return engine.run(engine.start(eta), order, np.full(-(-len(X) // batch_size), eta), batch_size)


def two_layers(W1, W2, *, b1=(0.0, 0.0, 0.0), hidden="relu", dtype="float64"):
    as_array = lambda value: np.asarray(value, dtype=dtype)  # noqa: E731
    return gn.Network.from_weights(
        [(as_array(W1), as_array(b1)), (as_array(W2), as_array([0.0]))], hidden=hidden, output="identity"
    )


X4 = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]
Y4 = [[0.0]] * 4
ONES = [[1.0, 1.0]] * 3


def test_an_infinite_weight_shows_in_its_neuron(make_engine):
    """W[1][2, 0] = inf makes the z of hidden unit 2 infinite."""
    network = two_layers([[1, 1], [1, 1], [np.inf, 1]], [[1.0, 1.0, 1.0]])
    state, records = run(make_engine, network, X4, Y4)

    assert records.divergence == Divergence(step=0, layer=1, unit=2, quantity="Z", row=0)
    assert state.theta is network.theta or np.array_equal(state.theta, network.theta)
    assert list(records.cost) == []


def test_a_weight_that_is_not_a_number_in_the_output_layer(make_engine):
    network = two_layers(ONES, [[1.0, np.nan, 1.0]])
    _, records = run(make_engine, network, X4, Y4)

    assert records.divergence == Divergence(0, 2, 0, "Z", row=0)


def test_an_input_that_is_not_a_number(make_engine):
    X = [[1.0, 2.0], [3.0, np.nan], [5.0, 6.0], [7.0, 8.0]]
    _, records = run(make_engine, two_layers(ONES, [[1.0, 1.0, 1.0]]), X, Y4)

    assert records.divergence == Divergence(0, 0, 1, "input", row=1)
    assert str(records.divergence).startswith("the first number that was not finite: input at input column 1,")


def test_an_activation_that_overflows_by_itself(make_engine):
    """leaky_relu with a steep slope below 0: z = -2e300 is finite, 1e10 times it is not."""
    steep = ("leaky_relu", {"slope": 1e10})
    network = two_layers([[1, 1], [-1e300, 0], [1, 1]], [[1.0, 1.0, 1.0]], hidden=steep)
    _, records = run(make_engine, network, X4, Y4)

    assert records.divergence == Divergence(0, 1, 1, "A", row=0)


def test_the_cost_overflows_before_the_error_signal(make_engine):
    """In float32 the output 1e20 is finite and so is the error, but not its square."""
    network = two_layers(ONES, [[1e20, 1.0, 1.0]], dtype="float32")
    _, records = run(make_engine, network, X4, Y4)

    assert records.divergence == Divergence(0, 2, 0, "cost", row=0)


def test_the_error_signal_overflows_on_its_way_back(make_engine):
    """Weights of 1e30 after a weight of 1e-30: forward all is small, delta[1] = 1e10 · 1e30 is not, in float32."""
    network = two_layers([[1, 1], [1e-30, 1e-30], [1, 1]], [[1.0, 1e30, 1.0]], dtype="float32")
    _, records = run(make_engine, network, X4, [[-1e10]] * 4, cost="absolute_error")
    assert records.divergence is None  # absolute error: delta[2] is 1, delta[1] is 1e30

    _, records = run(make_engine, network, X4, [[-1e10]] * 4)
    assert records.divergence == Divergence(0, 1, 1, "delta", row=0)


def test_a_sum_over_samples_overflows(make_engine):
    """In float32 the cost |t - o| and delta are finite, and delta times the input 3e38 over two rows is not."""
    network = gn.Network.from_weights([(np.zeros((2, 1), dtype=np.float32), None)], output="identity")
    _, records = run(make_engine, network, [[3e38], [3e38]], [[1.0, 1.0], [1.0, -1.0]], cost="absolute_error")

    assert records.divergence == Divergence(0, 1, 0, "dW")


def test_the_gradient_of_a_bias_overflows(make_engine):
    """Inputs 0, weight 3e38 on two rows: delta is finite, its sum is not, and dW = delta · 0 is."""
    network = gn.Network.from_weights([(np.zeros((1, 1), np.float32), np.zeros(1, np.float32))], output="identity")
    _, records = run(
        make_engine, network, [[0.0], [0.0]], [[1e-3], [1e-3]], cost="absolute_error", weights=[3e38, 3e38]
    )

    assert records.divergence == Divergence(0, 1, 0, "db")


def test_a_step_too_long_names_the_weight(make_engine):
    """Everything is finite until the update: 1 - 1e308 · 30 in float64."""
    network = gn.Network.from_weights([([[1.0, 0.0], [2.0, 0.0]], [0.0, 0.0])], output="identity")
    state, records = run(make_engine, network, [[10.0, 0.0]], [[10.0, -28.0]], eta=1e308)

    assert records.divergence == Divergence(0, 1, 1, "W")
    np.testing.assert_array_equal(state.theta, network.theta)


def test_a_step_too_long_for_single_precision(make_engine):
    """1e38 times the gradient 10 ends beyond float32, though not beyond the float64 that rates come in."""
    network = gn.Network.from_weights([(np.asarray([[0.0], [1.0]], np.float32), None)], output="identity")
    state, records = run(make_engine, network, [[10.0]], [[0.0, 0.0]], eta=1e38, cost="half_squared_error")

    assert records.divergence == Divergence(0, 1, 1, "W")
    np.testing.assert_array_equal(state.theta, network.theta)


def test_a_step_too_long_names_the_bias(make_engine):
    network = gn.Network.from_weights([([[1.0]], [0.0])], output="identity")
    _, records = run(make_engine, network, [[0.0]], [[-30.0]], eta=1e308)

    assert records.divergence == Divergence(0, 1, 0, "b")


def test_the_state_is_the_last_finite_one(make_engine):
    """The second of two minibatches holds the infinite input: the first one's step stays."""
    network = gn.Network.from_weights([([[1.0]], None)], output="identity")
    state, records = run(make_engine, network, [[1.0], [np.inf]], [[0.0], [0.0]], batch_size=1, eta=0.5)

    assert records.divergence == Divergence(1, 0, 0, "input", row=1)
    assert state.step == 1
    assert state.theta.tolist() == [0.5]


def test_gradients_whose_sum_overflows_are_no_divergence(make_engine):
    """Each is finite: only numbers that the mathematics asks for may stop a run."""
    network = gn.Network.from_weights([(np.zeros((2, 1), np.float32), None)], output="identity")
    _, records = run(make_engine, network, [[3e38]], [[1.0, 1.0]], cost="absolute_error", clip=1.0)

    assert records.divergence is None


def test_infinite_numbers_of_both_signs_do_not_hide_each_other(make_engine):
    network = two_layers([[np.inf, -np.inf], [1, 1], [1, 1]], [[1.0, 1.0, 1.0]])
    _, records = run(make_engine, network, X4, Y4)

    assert (records.divergence.layer, records.divergence.unit) == (1, 0)


@pytest.mark.parametrize("solver", ["gd", "adam", "rprop"])
def test_no_warning_is_printed(make_engine, solver):
    """What overflows is found and named; the test run turns every warning into an error."""
    network = two_layers(ONES, [[1e200, 1.0, 1.0]])

    assert run(make_engine, network, X4, Y4, solver=solver)[1].divergence.quantity == "cost"


def test_where_an_array_is_not_finite():
    assert find_nonfinite(np.ones((2, 3))) is None
    assert find_nonfinite(np.asarray([[1.0, 2.0], [3.0, np.nan]])) == 1
    assert find_nonfinite(np.asarray([1.0, 2.0, -np.inf])) == 2
    assert find_nonfinite(np.asarray([[1.0, np.inf], [np.nan, 1.0]])) == 1  # row by row


def test_it_reads_as_a_sentence():
    assert str(Divergence(step=7, layer=2, unit=3, quantity="Z", epoch=4)) == (
        "the first number that was not finite: Z at unit 3 of layer 2, in epoch 4, step 7"
    )
