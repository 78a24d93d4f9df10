import math

import numpy as np
import pytest

from glassnet.core.catalog.schedules import SCHEDULES, resolve_schedule
from glassnet.errors import ParameterError


def factors(spec, t=(0.0,), epoch=None):
    t = np.asarray(t, dtype=float)
    return resolve_schedule(spec)(t, 100 * t if epoch is None else np.asarray(epoch, dtype=float)).tolist()


@pytest.mark.parametrize(
    ("spec", "epochs", "expected"),
    [
        ("constant", [0, 7.5, 99], [1, 1, 1]),
        ("step", [0, 9.99, 10, 25, 30], [1, 1, 1 / 2, 1 / 4, 1 / 8]),
        (("step", {"factor": 0.1, "every": 3}), [0, 2.5, 3, 6], [1, 1, 0.1, 0.01]),
        ("inverse", [0, 10, 90], [1, 1 / 2, 1 / 10]),
        (("inverse", {"decay": 1, "power": 0.5}), [0, 3, 24], [1, 1 / 2, 1 / 5]),
        ("exponential", [0, 1, 2], [1, 0.95, 0.9025]),
        (("exponential", {"rate": 0.25}), [0, 0.5, 1], [1, 0.5, 0.25]),
    ],
    ids=str,
)
def test_schedules_that_count_epochs(spec, epochs, expected):
    np.testing.assert_allclose(factors(spec, np.zeros(len(epochs)), epochs), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("spec", "t", "expected"),
    [
        # cosines of 0, 60, 90, 120 degrees
        ("cosine", [0, 1 / 3, 1 / 2, 2 / 3], [1, 3 / 4, 1 / 2, 1 / 4]),
        (("cosine", {"final": 0.2}), [0, 1 / 2, 1], [1, 0.6, 0.2]),
        # cosines of 0, 60, 90, 120, 180 degrees, from the middle on
        ("flat_cosine", [0, 0.3, 1 / 2, 2 / 3, 3 / 4, 5 / 6, 1], [1, 1, 1, 3 / 4, 1 / 2, 1 / 4, 0]),
        ("warm_up", [0, 0.025, 0.05, 0.1, 0.5, 0.99], [0, 1 / 4, 1 / 2, 1, 1, 1]),
        (("warm_up", {"share": 0.5, "then": "cosine"}), [0, 0.25, 0.5, 0.75, 1], [0, 1 / 2, 1, 1 / 2, 0]),
        (("warm_up", {"share": 0.5, "then": "inverse"}), [0.25, 0.9], [1 / 2, 1 / 10]),
    ],
    ids=str,
)
def test_schedules_that_look_at_the_share_done(spec, t, expected):
    np.testing.assert_allclose(factors(spec, t), expected, rtol=1e-13, atol=1e-15)


def test_coslog4_has_four_cycles():
    """Zeros where 1 + 15 t is 1, 2, 4, 8, 16; tops halfway between, in logarithms (Holzmüller et al. 2024)."""
    zeros = [(2**k - 1) / 15 for k in range(5)]
    tops = [(2 ** (k + 0.5) - 1) / 15 for k in range(4)]

    np.testing.assert_allclose(factors("coslog4", zeros), 0, atol=1e-14)
    np.testing.assert_allclose(factors("coslog4", tops), 1, rtol=1e-14)


def test_coslog4_in_its_own_words():
    for t in np.linspace(0, 1, 33):
        expected = 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))
        assert factors("coslog4", [t])[0] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_factor_is_a_share_of_the_learning_rate(name):
    """Between 0 and 1 for all steps of a run, one per step, and no warning on the way."""
    t = np.arange(1000) / 1000
    values = np.asarray(factors(name, t))

    assert values.shape == t.shape
    assert (values >= 0).all()
    assert (values <= 1).all()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (("warm_up", {"share": 0}), r"^schedule 'warm_up': share = 0 must lie between 0 and 1; try 0\.1\.$"),
        (("warm_up", {"share": 1.0}), r"share = 1\.0 must lie between 0 and 1"),
        (
            ("warm_up", {"then": "sine"}),
            r"^schedule 'warm_up': then = 'sine' is not known\. Choose from: constant, step, inverse, exponential, "
            r"cosine, flat_cosine, coslog4\.$",
        ),
        (("warm_up", {"then": "warm_up"}), r"then = 'warm_up' is not known"),
        (("warm_up", {"then": ("cosine", {"final": 0.1})}), r"then = \('cosine', \{'final': 0\.1\}\) is not known"),
        (("step", {"every": 0}), r"^schedule 'step': every = 0 must be a positive number of epochs\.$"),
        (("step", {"factor": -1}), r"^schedule 'step': factor = -1 must not be negative\.$"),
        (("exponential", {"rate": -0.5}), r"schedule 'exponential': rate = -0\.5 must not be negative"),
        (("inverse", {"decay": -0.5}), r"schedule 'inverse': decay = -0\.5 must not be negative"),
        (("inverse", {"power": -1}), r"schedule 'inverse': power = -1 must not be negative"),
        (("cosine", {"final": -0.1}), r"schedule 'cosine': final = -0\.1 must not be negative"),
    ],
    ids=str,
)
def test_what_makes_no_schedule_is_refused(spec, message):
    with pytest.raises(ParameterError, match=message):
        resolve_schedule(spec)


def test_messages_name_the_argument_that_was_given():
    for spec in ("sine", ("step", {"every": 0}), ("cosine", {"final": -1}), ("warm_up", {"share": 2})):
        with pytest.raises(ParameterError, match=r"^decay_schedule '"):
            resolve_schedule(spec, "decay_schedule")
