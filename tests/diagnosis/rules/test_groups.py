"""Groups that a network does worse on, classes out of balance, and single rows that outweigh all others."""

import numpy as np
import pandas as pd
import pytest
from tests.diagnosis.findings import found

import glassnet as gn
from glassnet.diagnosis.from_model import subject_of

RNG = np.random.default_rng(0)
N = 400
FRAME = pd.DataFrame({
    "a": RNG.normal(size=N), "b": RNG.normal(size=N), "city": RNG.choice(["Bonn", "Graz", "Lyon", "Oslo"], size=N)
})  # fmt: skip
LINE = (FRAME["a"] - 2 * FRAME["b"]).to_numpy()
MIXED = np.where(FRAME["city"] == "Lyon", RNG.permutation(LINE), LINE)


@pytest.fixture(scope="module")
def line():
    return gn.GlassRegressor((8,), max_iter=60, random_state=0).fit(FRAME, LINE)


class TestWorseGroup:
    def test_a_level_with_other_targets(self, line):
        (each,) = found(gn.diagnose(line, FRAME, MIXED), "worse-group")
        assert (each.level, each.where) == ("warning", "column 'city', value 'Lyon'")
        losses = (line.predict(FRAME) - MIXED) ** 2
        inside = (FRAME["city"] == "Lyon").to_numpy()
        assert each.value == pytest.approx(losses[inside].mean() / losses[~inside].mean(), rel=1e-4)
        assert set(each.rows) == set(np.flatnonzero(inside).tolist())

    def test_a_range_of_numbers_in_new_rows(self, line):
        high = FRAME["b"] > FRAME["b"].quantile(0.75)
        wrong = np.where(high, RNG.permutation(LINE), LINE)
        (each,) = found(
            gn.diagnose(line, FRAME[:200], LINE[:200], validation=(FRAME[200:], wrong[200:])), "worse-group"
        )
        assert each.where.startswith("column 'b', above 0.")
        assert "new rows of this group" in each.evidence

    def test_rows_without_a_value(self):
        frame = FRAME.assign(a=FRAME["a"].mask(np.arange(N) % 5 == 0))
        y = np.where(frame["a"].isna(), RNG.permutation(LINE), LINE)
        reg = gn.GlassRegressor((8,), max_iter=60, random_state=0).fit(frame, LINE)
        (each,) = found(gn.diagnose(reg, frame, y), "worse-group")
        assert each.where == "column 'a', no value"

    def test_groups_that_are_all_alike(self, line):
        assert not found(gn.diagnose(line, FRAME, LINE + RNG.normal(size=N)), "worse-group")


class TestImbalance:
    @pytest.mark.parametrize("n_rare, is_found", [(10, True), (60, False)])
    def test_a_rare_class(self, n_rare, is_found):
        y = np.where(np.arange(N) < n_rare, "seldom", "often")
        clf = gn.GlassClassifier((4,), preset="plain", max_iter=2, random_state=0).fit(FRAME[["a", "b"]], y)
        each = found(gn.diagnose(clf, FRAME[["a", "b"]], y), "imbalance")
        assert [one.where for one in each] == ["class 'seldom'"] * is_found
        if is_found:
            assert each[0].value == pytest.approx(10 / 390)
            assert each[0].plot.series[0].values == (390.0, 10.0)

    def test_several(self):
        y = np.repeat([0, 1, 2], [380, 12, 8])
        net = gn.Network.create([2, 4, 3], hidden="tanh", output="softmax", seed=0)
        diagnosis = gn.diagnose(net, FRAME[["a", "b"]].to_numpy(), np.eye(3)[y], cost="cross_entropy")
        (each,) = found(diagnosis, "imbalance")
        assert each.where == "classes 1 and 2"


class TestDominantRow:
    X = FRAME[["a", "b"]].to_numpy()

    def of(self, X, Y, net=None):
        net = gn.Network.from_weights([([[1.0, -2.0]], [0.0])], output="identity") if net is None else net
        return found(gn.diagnose(net, X, Y, cost="half_squared_error"), "dominant-row")

    def test_a_target_beside_all_others(self):
        y = LINE.copy()
        y[17] = 1e4
        (each,) = self.of(self.X, y[:, None])
        assert (each.where, each.rows) == ("row 17 (counted from 0)", (17,))
        assert each.value > 0.99

    def test_a_loss_beside_all_others(self):
        y = LINE + 0.01 * RNG.normal(size=N)
        y[30] += 4.0
        losses = (LINE - y) ** 2
        assert losses[30] / losses.sum() > 0.9
        assert losses[30] < 0.05 * ((y - y.mean()) ** 2).sum()  # though too small to matter
        assert not self.of(self.X, y[:, None])

    def test_a_typing_error_in_a_column(self):
        X = self.X.copy()
        X[9, 1] = 1e3
        share = (X[9, 1] - X[:, 1].mean()) ** 2 / ((X[:, 1] - X[:, 1].mean()) ** 2).sum()
        net = gn.Network.from_weights([([[1.0, 0.0]], [0.0])], output="identity")
        (each,) = self.of(X, X[:, :1] + RNG.normal(size=(N, 1)), net)
        assert (each.level, each.rows, each.value) == ("note", (9,), pytest.approx(share))
        assert "of the variance of input 'x2'." in each.evidence

    def test_no_row(self):
        assert not self.of(self.X, (LINE + RNG.normal(size=N))[:, None])

    def test_gradient_norms_are_those_of_each_row_alone(self):
        net = gn.Network.create([2, 5, 3, 2], hidden="tanh", output="identity", seed=0)
        rows, Y = self.X[:9], RNG.normal(size=(9, 2))
        subject = subject_of(net, rows, Y, None, "half_squared_error", None)
        alone = [
            np.linalg.norm(
                gn.backward(net, gn.forward(net, rows[[i]]), Y[[i]], cost="half_squared_error").grad
            )
            for i in range(9)
        ]  # fmt: skip
        np.testing.assert_allclose(subject.gradient_norms, alone, rtol=1e-10)
