from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.layout import Layout
from glassnet.errors import LayerIndexError, ShapeError


@st.composite
def layouts(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    flags = st.lists(st.booleans(), min_size=len(sizes) - 1, max_size=len(sizes) - 1)
    return sizes, draw(flags), None, draw(flags)


@given(layouts())
def test_pack_and_unpack_are_each_others_inverse(case):
    sizes, has_bias, _, has_slope = case
    layout = Layout.dense(*case)
    theta = np.random.default_rng(0).normal(size=layout.n_params)
    values = {(slot.layer, slot.name): part for slot, part in layout.unpack(theta)}

    np.testing.assert_array_equal(layout.pack(values), theta)
    assert {key: part.shape for key, part in values.items() if key[1] == "W"} == {
        (layer, "W"): (n_out, n_in) for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1)
    }
    assert [(layer, "b") in values for layer in range(1, len(sizes))] == has_bias
    assert [(layer, "slope") in values for layer in range(1, len(sizes))] == has_slope


@given(layouts())
def test_every_number_has_a_place_and_a_name(case):
    """The slots cover theta without gap or overlap, and the name of a number leads back to it."""
    layout = Layout.dense(*case)
    theta = np.arange(layout.n_params)
    scope = {"W": {}, "b": {}, "slope": {}}
    for slot, part in layout.unpack(theta):
        scope[slot.name][slot.layer] = part

    assert [eval(layout.name_of(index), scope) for index in theta] == theta.tolist()


def test_the_order_is_the_documented_one():
    """W[1] row by row, b[1], W[2], b[2]."""
    layout = Layout.dense([2, 2, 1])
    values = {(1, "W"): [[1, 2], [3, 4]], (1, "b"): [5, 6], (2, "W"): [[7, 8]], (2, "b"): [9]}

    assert layout.pack({key: np.asarray(value) for key, value in values.items()}).tolist() == list(range(1, 10))


def test_parts_are_views_for_numpy():
    layout = Layout.dense([2, 1])
    theta = np.zeros(3)
    layout.view(theta, 1, "W")[0, 1] = 5.0

    assert theta.tolist() == [0.0, 5.0, 0.0]


def test_an_absent_bias_has_no_part():
    assert Layout.dense([2, 1], [False]).view(np.zeros(2), 1, "b") is None


def test_only_weights_decay():
    assert Layout.dense([2, 1, 1]).decays(np.zeros(5, dtype=np.float32)).tolist() == [1, 1, 0, 1, 0]
    assert Layout.dense([2, 1]).decays(np.zeros(3, dtype=np.float32)).dtype == np.float32


def test_a_wrong_shape_is_refused():
    layout = Layout.dense([2, 1])
    message = r"^W\[1\] has shape \(2, 1\); this network needs \(1, 2\)\.$"

    with pytest.raises(ShapeError, match=message):
        layout.pack({(1, "W"): np.ones((2, 1)), (1, "b"): np.ones(1)})


@pytest.mark.parametrize("index", [3, -1])
def test_a_number_beyond_the_end_is_refused(index):
    with pytest.raises(LayerIndexError, match=rf"^parameter {index} does not exist: theta has 3 numbers\.$"):
        Layout.dense([2, 1]).name_of(index)
