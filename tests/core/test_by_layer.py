import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.records import ByLayer
from glassnet.errors import LayerIndexError


@given(st.lists(st.integers(), min_size=1, max_size=6), st.sampled_from([0, 1]))
def test_each_value_has_the_number_of_its_layer(values, first):
    """Keys run from `first` upwards and from -1 downwards; iteration, length and items cover exactly these."""
    each = ByLayer(values, name="V", first=first)
    n = len(values)

    assert [each[layer] for layer in range(first, first + n)] == values
    assert [each[-back] for back in range(1, n + 1)] == values[::-1]
    assert list(each) == values
    assert len(each) == n
    assert list(each.items()) == [(first + place, value) for place, value in enumerate(values)]


@given(st.integers(1, 6), st.integers(-20, 20))
def test_a_key_is_a_layer_or_an_error(n, key):
    each = ByLayer(range(n), name="V")

    if 1 <= key <= n:
        assert each[key] == key - 1
    elif -n <= key <= -1:
        assert each[key] == n + key
    else:
        with pytest.raises(LayerIndexError, match=r"V\[-?\d+\] does not exist"):
            each[key]


def test_layer_0_of_weights_is_explained():
    with pytest.raises(
        LayerIndexError,
        match=r"W\[0\] does not exist: layers count from 1; W\[1\] leads into the first hidden layer\.$",
    ):
        ByLayer(["a", "b"], name="W")[0]


@pytest.mark.parametrize("layer", [3, -3, 99])
def test_a_layer_beyond_the_last_is_explained(layer):
    message = rf"Z\[{layer}\] does not exist: this network has the layers 1 to 2; try Z\[-1\] for the output layer\.$"

    with pytest.raises(LayerIndexError, match=message):
        ByLayer(["a", "b"], name="Z")[layer]


def test_activations_begin_with_the_inputs():
    A = ByLayer(["x", "h", "o"], name="A", first=0)

    assert (A[0], A[2], A[-1], A[-3]) == ("x", "o", "o", "x")
    with pytest.raises(LayerIndexError, match="this network has the layers 0 to 2"):
        A[3]


def test_the_error_is_an_index_error_too():
    """So that what catches IndexError keeps working."""
    with pytest.raises(IndexError, match="does not exist"):
        ByLayer(["a"], name="W")[5]


def test_values_cannot_be_replaced():
    with pytest.raises(TypeError, match="does not support item assignment"):
        ByLayer(["a"], name="W")[1] = "b"


def test_equality_looks_at_values_and_layers():
    assert ByLayer([1, 2], name="W") == ByLayer([1, 2], name="V")
    assert ByLayer([1, 2], name="W") != ByLayer([1, 2], name="W", first=0)
    assert ByLayer([1, 2], name="W") != [1, 2]
    assert hash(ByLayer([1, 2], name="W")) == hash(ByLayer([1, 2], name="W"))


def test_it_prints_one_line_per_layer():
    assert repr(ByLayer([np.asarray([1.0]), None], name="b")) == "ByLayer(\n  b[1] = array([1.])\n  b[2] = None\n)"


def test_a_slice_is_not_a_layer():
    """One layer at a time; iteration gives them all."""
    with pytest.raises(LayerIndexError, match=r"^W\[slice\(1, None, None\)\] is not a layer: give one whole number"):
        ByLayer(["first"], name="W")[1:]
