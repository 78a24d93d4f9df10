"""Values that never change, that stand for a gap, that repeat another column, and that name the row."""

import numpy as np
import pandas as pd
import pytest
from tests.diagnosis.findings import found

import glassnet as gn

RNG = np.random.default_rng(0)
N = 300
A, B = RNG.normal(50.0, 10.0, size=N), RNG.normal(size=N)
Y = A - 10 * B


def of(rule, **columns):
    frame = pd.DataFrame({"a": A, "b": B, **columns})
    reg = gn.GlassRegressor((4,), max_iter=2, random_state=0, keep=list(columns)).fit(frame, Y)
    return found(gn.diagnose(reg, frame, Y), rule)


def matrix(rule, *columns):
    rows = np.column_stack([A, B, *columns])
    net = gn.Network.create([rows.shape[1], 3, 1], hidden="tanh", output="identity", seed=0)
    return found(gn.diagnose(net, rows, Y[:, None], cost="half_squared_error"), rule)


class TestConstantInputs:
    def test_are_named(self):
        (each,) = matrix("constant-inputs", np.full(N, 7.0), B**2, np.zeros(N))
        assert (each.level, each.where) == ("note", "inputs 'x3' and 'x5'")
        assert each.value == pytest.approx(2 / 5)

    def test_none(self):
        assert not matrix("constant-inputs")


class TestSentinelValues:
    @pytest.mark.parametrize("value", [-999.0, 9999.0, -1000.0])
    def test_a_far_value_that_several_rows_have(self, value):
        (each,) = of("sentinel-values", age=np.where(np.arange(N) % 40 == 0, value, A))
        assert each.where == f"column 'age', value {value:g}"
        others = A[np.arange(N) % 40 != 0]
        nearest = others.min() - value if value < 0 else value - others.max()
        assert each.value == pytest.approx(nearest / np.ptp(others))
        assert each.evidence.startswith("8 rows have")

    def test_minus_1_beside_ages(self):
        ages = RNG.integers(18, 80, size=N).astype(float)
        (each,) = of("sentinel-values", age=np.where(np.arange(N) % 50 == 0, -1.0, ages))
        assert each.where == "column 'age', value -1"

    @pytest.mark.parametrize(
        "column",
        [np.where(np.arange(N) == 3, 1e6, A), np.exp(A / 5), np.where(np.arange(N) % 3 == 0, 0.0, A), np.arange(N) % 2.0 * 99, np.where(np.arange(N) % 40 == 0, 99.0, A)],
        ids=["one row", "a long tail", "zeros near the others", "two values", "a few nines not far away"],
    )  # fmt: skip
    def test_other_columns(self, column):
        assert not of("sentinel-values", other=column)


class TestCopiedInputs:
    def test_a_quantity_in_two_units(self):
        (each,) = of("copied-inputs", fahrenheit=1.8 * A + 32)
        assert (each.level, each.where) == ("note", "columns 'a' = 'fahrenheit'")
        assert each.value == pytest.approx(1.0)

    def test_words_that_stand_for_words(self):
        code = RNG.choice(["D", "F", "N"], size=N)
        names = np.asarray([{"D": "Germany", "F": "France", "N": "Norway"}[each] for each in code])
        (each,) = of("copied-inputs", code=code, country=names)
        assert each.where == "columns 'code' = 'country'"

    def test_columns_that_only_go_together(self):
        code = RNG.choice(["D", "F", "N"], size=N)
        region = np.where(code == "N", "north", "middle")
        assert not of("copied-inputs", noisy=A + RNG.normal(size=N), code=code, region=region)


class TestIdentifiers:
    def test_texts_that_name_the_row(self):
        names = np.asarray([f"P-{k}" for k in range(N)])
        names[:20] = names[20:40]
        (each,) = of("identifiers", name=names)
        assert each.where == "column 'name'"
        assert each.value == pytest.approx(280 / 300)

    def test_texts_that_rows_share(self):
        assert not of("identifiers", street=np.asarray([f"street {k % 150}" for k in range(N)]))
