from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.errors import ParameterError

THETA, DECAYS = np.asarray([3.0, -4.0, 0.0, 100.0]), np.asarray([1.0, 1.0, 1.0, 0.0])


def test_values_in_fractions():
    """l1 (3 + 4) + l2/2 (9 + 16); the last parameter is a bias and does not count."""
    l1, l2 = F(1, 4), F(1, 8)
    penalty = gn.Penalty(l1=float(l1), l2=float(l2))

    assert penalty.value(THETA, DECAYS) == float(l1 * 7 + l2 / 2 * 25)
    assert penalty.gradient(THETA, DECAYS).tolist() == [float(l1 + 3 * l2), float(-l1 - 4 * l2), 0.0, 0.0]


@given(st.floats(0, 10), st.floats(0, 10), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5))
def test_it_is_never_negative_and_falls_with_the_weights(l1, l2, theta):
    penalty, theta = gn.Penalty(l1=l1, l2=l2), np.asarray(theta)
    ones = np.ones_like(theta)

    assert penalty.value(theta, ones) >= penalty.value(0.5 * theta, ones) >= 0


@given(st.floats(0, 10), st.floats(0, 10))
def test_elastic_net_is_the_sum_of_both(l1, l2):
    both = gn.Penalty(l1=l1, l2=l2).value(THETA, DECAYS)

    assert both == pytest.approx(gn.Penalty(l1=l1).value(THETA, DECAYS) + gn.Penalty(l2=l2).value(THETA, DECAYS))


def test_it_says_whether_it_acts():
    assert not gn.Penalty()
    assert gn.Penalty(l1=1e-9)
    assert gn.Penalty(l2=1e-9)


@pytest.mark.parametrize("name", ["l1", "l2"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_strength_below_0_or_without_end_is_refused(name, value):
    message = rf"^penalty {name}={value} must be a number from 0 upwards; 0 switches it off\.$"

    with pytest.raises(ParameterError, match=message):
        gn.Penalty(**{name: value})
