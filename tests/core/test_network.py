import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import LayerIndexError, ParameterError, ShapeError


def test_sizes_and_shapes():
    network = gn.Network.create(np.asarray([4, 3, 2]), hidden="relu", output="softmax", seed=0)

    assert network.sizes == (4, 3, 2)
    assert [W.shape for W in network.W] == [(3, 4), (2, 3)]
    assert [b.shape for b in network.b] == [(3,), (2,)]
    assert (network.n_layers, network.n_params) == (2, 23)
    assert repr(network) == "Network 4-3-2: relu, softmax; 23 parameters, float64"


def test_a_seed_makes_the_draw_repeatable():
    one, same, other = (gn.Network.create([3, 2], seed=seed) for seed in (5, 5, 6))

    np.testing.assert_array_equal(one.theta, same.theta)
    assert not np.array_equal(one.theta, other.theta)


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(5)
    first, second = gn.Network.create([3, 2], seed=rng), gn.Network.create([3, 2], seed=rng)

    np.testing.assert_array_equal(first.theta, gn.Network.create([3, 2], seed=5).theta)
    assert not np.array_equal(first.theta, second.theta)


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    gn.Network.create([3, 2], seed=None)

    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_without_biases():
    network = gn.Network.create([3, 2, 1], bias=False, seed=0)

    assert list(network.b) == [None, None]
    assert network.n_params == 8


def test_given_weights_are_copied():
    W, b = np.asarray([[1.0, 2.0]]), np.asarray([3.0])
    network = gn.Network.from_weights([(W, b)], output="identity")
    W[:], b[:] = 0.0, 0.0

    assert network.theta.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")])
def test_precision(dtype):
    network = gn.Network.create([3, 2], dtype=dtype, seed=0)

    assert network.theta.dtype == np.dtype(dtype)
    assert network.astype("float32").theta.dtype == np.float32
    assert repr(network).endswith(np.dtype(dtype).name)


def test_precisions_share_the_draw():
    wide, narrow = (gn.Network.create([3, 2], dtype=dtype, seed=0) for dtype in ("float64", "float32"))

    np.testing.assert_array_equal(narrow.theta, wide.theta.astype(np.float32))


@pytest.mark.parametrize("dtype", ["float16", "int64", "double precision", "pi", int, bool, 3.5])
def test_other_precisions_are_refused(dtype):
    with pytest.raises(ParameterError, match=r"^dtype=.* is not a precision; use 'float32' or 'float64'\.$"):
        gn.Network.create([3, 2], dtype=dtype)


def test_frozen_layers_are_marked():
    network = gn.Network.create([2, 2, 1], seed=0)

    assert network.layout.is_uniform
    assert network.freeze(1).layout.rates(network.theta).tolist() == [0] * 6 + [1] * 3
    assert network.freeze(2, ["b"]).layout.rates(network.theta).tolist() == [1] * 8 + [0]
    assert not network.freeze(1).layout.is_uniform
    assert network.layout.is_uniform  # the network itself stays as it is


@pytest.mark.parametrize("layer", [0, 3, -1])
def test_only_layers_that_exist_can_be_frozen(layer):
    message = rf"^layer {layer} cannot be frozen: this network has the layers 1 to 2\.$"

    with pytest.raises(LayerIndexError, match=message):
        gn.Network.create([2, 2, 1], seed=0).freeze(layer)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([3], r"^sizes=\[3\] has no output layer; write inputs and outputs at least: \[3, 1\]\.$"),
        ([], r"^sizes=\[\] has no output layer"),
        ([3, 0, 1], r"^sizes=\[3, 0, 1\] has 0; each layer needs a whole number from 1 upwards\.$"),
        ([3, -2], r"has -2; each layer needs a whole number"),
        ([3, 2.5], r"has 2\.5; each layer needs a whole number"),
        ([3, True], r"has True; each layer needs a whole number"),
        ([3, "4"], r"has '4'; each layer needs a whole number"),
    ],
)
def test_sizes_that_make_no_network_are_refused(sizes, message):
    with pytest.raises(ParameterError, match=message):
        gn.Network.create(sizes)


@pytest.mark.parametrize("hidden", [["relu"], ["relu", "tanh", "tanh"], []])
def test_one_activation_for_each_hidden_layer(hidden):
    told = rf" names {len(hidden)} activations, but there are 2 hidden layers; "
    message = told + r"give one for each, or a single one for all\.$"

    with pytest.raises(ParameterError, match=message):
        gn.Network.create([3, 2, 2, 1], hidden=hidden)


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ParameterError, r"^from_weights needs at least one layer: \[\(W, b\), \.\.\.\]\.$"),
        ([([1.0, 2.0], None)], ShapeError, r"^W\[1\] has 1 dimensions; expected a matrix \(n_out, n_in\)\.$"),
        (
            [(np.ones((3, 2)), None), (np.ones((3, 1)), None)],
            ShapeError,
            r"^W\[2\] has 1 columns, but layer 1 has 3 neurons; expected W of shape \(n_out, n_in\): a table listed by "
            r"input is the transpose, try W\.T, or by='input'\.$",
        ),
        ([(np.ones((3, 2)), [1.0])], ShapeError, r"^b\[1\] has shape \(1,\); this network needs \(3,\)\.$"),
        ([(np.ones((3, 2)), np.ones((3, 1)))], ShapeError, r"^b\[1\] has shape \(3, 1\); this network needs \(3,\)\.$"),
        ([(np.ones((3, 0)), None)], ParameterError, r"^sizes=\[0, 3\] has 0; each layer needs a whole number"),
    ],
)
def test_weights_that_do_not_fit_are_refused(layers, error, message):
    with pytest.raises(error, match=message):
        gn.Network.from_weights(layers)


@pytest.mark.parametrize(
    "layers",
    [
        [np.ones((3, 2)), np.ones((1, 3))],
        [np.ones((2, 2)), np.ones((1, 2))],  # two rows unpack like a pair
        [[[0.5, -0.5], [0.1, 0.2]]],
        (np.ones((3, 2)), None),
    ],
    ids=["arrays", "two rows", "lists", "a pair without a list"],
)
def test_a_bare_matrix_is_no_layer(layers):
    with pytest.raises(
        ShapeError,
        match=r"^layer 1 is a single matrix, but a pair \(W, b\) was expected; write \[\(W, b\), \.\.\.\], and \(W, None\) for "
        r"a layer without biases\.$",
    ):
        gn.Network.from_weights(layers)


@pytest.mark.parametrize("entry", [3, np.ones(2), (np.ones((1, 2)), None, None), "W"])
def test_a_layer_that_is_no_pair(entry):
    with pytest.raises(
        ShapeError, match=rf"^layer 1 is of type {type(entry).__name__}, but a pair \(W, b\) was expected"
    ):
        gn.Network.from_weights([entry])


def test_weights_listed_by_input():
    """A table with a row for each input is the transpose; scikit-learn's coefs_ are such tables."""
    W1, W2, b = np.arange(6.0).reshape(3, 2), np.arange(3.0).reshape(1, 3), [1.0, 2.0, 3.0]
    usual = gn.Network.from_weights([(W1, b), (W2, None)])
    listed = gn.Network.from_weights(zip([W1.T, W2.T], [b, None], strict=True), by="input")

    assert listed.sizes == usual.sizes == (2, 3, 1)
    np.testing.assert_array_equal(listed.theta, usual.theta)
    with pytest.raises(ParameterError, match=r"by='row' is not known. Choose from: neuron, input."):
        gn.Network.from_weights([(W1, b)], by="row")
    with pytest.raises(ShapeError, match=r"^W\[2\] has 1 rows, but layer 1 has 2 neurons; .* try by='neuron'\.$"):
        gn.Network.from_weights([(W1, [1.0, 2.0]), (W2, None)], by="input")
    with pytest.raises(ShapeError, match=r"try W\.T, or by='input'\.$"):
        gn.Network.from_weights([(W1, b), (W2.T, None)])
