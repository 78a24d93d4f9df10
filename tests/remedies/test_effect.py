"""The interval of an effect: against SciPy, by hand, and against what it promises, in simulated experiments."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from glassnet.remedies.effect import LogRatio, effects_of, log_ratio


def test_without_noise_of_seeds_it_is_the_t_test_of_the_rows():
    """With equal losses in each seed, the error of the mean of e over the rows is that of SciPy's t-test."""
    rng = np.random.default_rng(0)
    base = np.tile(rng.gamma(2.0, size=40), (3, 1))
    new = np.tile(rng.gamma(2.0, 0.7, size=40), (3, 1))
    found = log_ratio(new, base)
    expected = ttest_1samp(new[0] / new[0].mean() - base[0] / base[0].mean() + found.value, 0.0)
    assert found.value == pytest.approx(np.log(new[0].mean() / base[0].mean()), abs=1e-12)
    assert found.error == pytest.approx(found.value / expected.statistic, rel=1e-9)
    assert found.freedom == pytest.approx(39)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_without_noise_of_rows_it_is_the_t_test_of_the_seeds():
    base = np.full((4, 30), 2.0)
    new = np.full((4, 30), 1.0) * np.asarray([0.8, 1.0, 1.1, 1.1])[:, None]
    found = log_ratio(new, base)
    # e of each seed is -0.2, 0, 0.1, 0.1: its variance is 0.06 / 3, and that of the mean a fourth of it
    assert found.error == pytest.approx(np.sqrt(0.06 / 3 / 4))
    assert found.freedom == pytest.approx(3)


def _experiments(n: int, *, of_rows: float, of_seeds: float, of_both: float, n_seeds: int = 5, n_rows: int = 60):
    """Yield losses of two settings that are equally good, with noise of rows, seeds and both."""
    rng = np.random.default_rng(1)
    for _ in range(n):
        easy = rng.gamma(2.0, size=n_rows)
        for_seeds = 1 + of_seeds * rng.normal(size=(2, n_seeds, 1))
        for_rows = 1 + of_rows * rng.uniform(-1, 1, size=(2, 1, n_rows))
        for_both = 1 + of_both * rng.uniform(-1, 1, size=(2, n_seeds, n_rows))
        yield np.abs(easy * for_seeds * for_rows * for_both)


@pytest.mark.parametrize(
    "noise",
    [
        dict(of_rows=0.8, of_seeds=0.0, of_both=0.0),
        dict(of_rows=0.0, of_seeds=0.2, of_both=0.1),
        dict(of_rows=0.5, of_seeds=0.1, of_both=0.5),
        dict(of_rows=0.0, of_seeds=0.0, of_both=0.9),
    ],
    ids=["rows", "seeds", "both", "each apart"],
)
def test_the_interval_holds_at_least_as_often_as_it_says(noise):
    """Of 600 comparisons of equals, 5% are expected to be missed; four standard errors more are 8.6%."""
    missed = [not (each := log_ratio(new, base).effect(0.05, is_sure=True)).low <= 0 <= each.high
              for new, base in _experiments(600, **noise)]  # fmt: skip
    assert np.mean(missed) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 600)


def test_rows_alone_would_promise_too_much():
    """What the interval is for: where seeds differ, the usual t-test of the rows is wrong far more often than 5%."""
    experiments = list(_experiments(200, of_rows=0.1, of_seeds=0.2, of_both=0.0))
    by_rows = [ttest_1samp((new - base).mean(axis=0), 0.0).pvalue < 0.05 for new, base in experiments]
    found = [log_ratio(new, base).p_value < 0.05 for new, base in experiments]
    assert np.mean(by_rows) > 0.5
    assert np.mean(found) < 0.1


def test_holm_by_hand():
    """p-values 0.001, 0.02, 0.04 beside 0.05 / 3, 0.05 / 2, 0.05 / 1: all are sure; with 0.06 as the second, one is."""
    freedom = 1e9  # so that t is the normal distribution, whose quantiles are known
    z = {0.001: 3.2905, 0.02: 2.3263, 0.04: 2.0537, 0.06: 1.8808}

    def sure(*p_values: float) -> list[bool]:
        return [each.is_sure for each in effects_of([LogRatio(-z[p], 1.0, freedom) for p in p_values])]

    assert sure(0.04, 0.001, 0.02) == [True, True, True]
    assert sure(0.04, 0.001, 0.06) == [False, True, False]


def test_the_interval_of_a_sure_effect_excludes_0():
    effects = effects_of([LogRatio(-0.5, 0.15, 8.0), LogRatio(-0.3, 0.2, 8.0), LogRatio(0.9, 0.1, 8.0)])
    assert [each.helps for each in effects] == [True, False, False]
    assert [each.harms for each in effects] == [False, False, True]
    assert all(each.is_sure == (each.high < 0 or each.low > 0) for each in effects)


def test_no_change_at_all_is_no_effect():
    base = np.random.default_rng(0).gamma(2.0, size=(3, 20))
    [effect] = effects_of([log_ratio(base, base)])
    assert (effect.change, effect.low, effect.high, effect.p_value, effect.helps) == (0.0, 0.0, 0.0, 1.0, False)
