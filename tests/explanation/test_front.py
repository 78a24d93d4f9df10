"""How A[0] came from the encoded row, its blame and its steps: every number of the front opens."""

import json
import math

import numpy as np
import openpyxl
import pytest

import glassnet as gn
from glassnet.core.front import FRONTS

ROW, TARGET = [0.5, -1.25, 2.0], [1.0, -0.5]


def network_with(front, output="identity"):
    network = gn.Network.create(
        [3, 4, 2], hidden="tanh", output=output, **FRONTS[front], embedded=None if front == "scaling" else [2, 0]
    )
    return network.with_theta(np.random.default_rng(0).normal(0.2, 0.6, network.n_params))


def explained(front, **options):
    return gn.explain(network_with(front), ROW, TARGET, cost="half_squared_error", **options)


def cost_at(network, theta):
    """The cost by plain forward propagation, for differences between two of them."""
    outputs = gn.forward(network.with_theta(theta), [ROW]).A[-1][0]
    return sum((o - t) ** 2 / 2 for o, t in zip(outputs.tolist(), TARGET, strict=True))


@pytest.mark.parametrize("front", FRONTS)
def test_every_number_of_a0_is_the_sum_that_it_says(front):
    explanation = explained(front)
    for value, a in zip(explanation.front.values, explanation.forward[1].a_in, strict=True):
        u = value.x
        if value.terms:
            cosines = [t.mix * math.cos(2 * math.pi * t.frequency * value.x + t.phase) for t in value.terms]
            u = value.shift + math.fsum(cosines)
        assert value.u == pytest.approx(u, rel=1e-12)
        assert a == pytest.approx(u * (1.0 if value.scale is None else value.scale), rel=1e-12)
    assert [value.x for value in explanation.front.values[:3]] == ROW


@pytest.mark.parametrize("front", FRONTS)
def test_every_gradient_is_the_product_that_it_says_and_what_a_shock_measures(front):
    network, part = network_with(front), explained(front).front
    for each in part.parameters():
        product = math.prod(value for _, value in each.factors)
        shock = np.zeros(network.n_params)
        shock[each.place] = 1e-6
        measured = (cost_at(network, network.theta + shock) - cost_at(network, network.theta - shock)) / 2e-6
        assert each.gradient == pytest.approx(product, rel=1e-10, abs=1e-15)
        assert each.gradient == pytest.approx(measured, rel=1e-5, abs=1e-8)
        assert network.layout.name_of(each.place) == each.entry


def test_the_blame_of_a_number_is_the_sum_of_its_shares():
    part = explained("pbld+scaling").front
    for j in range(len(part.values)):
        shown, rest = part.shares(j, 2)
        assert len(shown) == 2
        assert math.fsum([*(w * delta for w, delta in shown), rest]) == pytest.approx(float(part.delta[j]), rel=1e-12)


def test_a_parameter_by_its_name():
    part = explained("pbld+scaling").front

    assert part.parameter("x2: scale").entry == "scale[0][1]"
    assert part.parameter("x1 wave 2: mix 5").entry == "mix[0][1, 1, 4]"
    assert part.parameter("x3: phase 16").entry == "phase[0][0, 15]"
    assert part.parameter("shift[0][1, 2]").name == "x1 wave 3: shift"
    with pytest.raises(gn.GlassnetError, match="there is no 'x9: scale' in the front; one of its parameters is 'x1: s"):
        part.parameter("x9: scale")


def test_the_text_of_a_scale_by_hand():
    """x = 2, s = 3, w = 0.5, t = 1: a = 6, z = 3, delta of a = 0.5 · 2 = 1, ds = 1 · 2; with 6 · 0.1: 3 - 0.6 · 2."""
    network = gn.Network.create([1, 1], input_scaling=True, output="identity", bias=False)
    network = network.with_theta(np.asarray([3.0, 0.5]))
    text = gn.explain(network, [2.0], 1.0, cost="half_squared_error", learning_rate=0.1).to_text()

    for line in (
        "Network 1-1: identity; 2 parameters; front: scaling of 1 inputs",
        "    x1  a = 3·2 = 6",
        "    output1  z = 0.5·6 = 3",
        "    x1  delta = 0.5·2 = 1",
        "    x1: scale  delta 1 · u 2 = 2",
        "    x1: scale  0.6  2         3    -1.2  1.8",
    ):
        assert line in text.splitlines(), line


@pytest.mark.parametrize("solver", ["gd", "adam"])
@pytest.mark.parametrize("front", FRONTS)
def test_the_new_values_are_those_of_one_step(front, solver):
    """Against one step of training on this row alone."""
    explanation = explained(front, solver=solver, learning_rate=0.01)
    network = network_with(front)
    common = {"cost": "half_squared_error", "solver": solver, "learning_rate": 0.01, "epochs": 1}
    after = gn.train(network, [ROW], [TARGET], engine="reference", **common).network

    np.testing.assert_allclose(explanation.update.network.theta, after.theta, rtol=1e-12)
    rows = explanation.to_dict()["front"]["parameters"]
    np.testing.assert_allclose([row["new"] for row in rows], after.theta[: len(rows)], rtol=1e-12)
    assert rows[0]["learning_rate"] == pytest.approx(0.06 if "scaling" in front else 0.001)


@pytest.mark.parametrize("front", FRONTS)
def test_all_texts_and_plain_data_have_it(front):
    explanation = explained(front)
    record = json.loads(explanation.to_json())["front"]
    largest = explanation.front.largest(1)[0]

    assert record["kind"] == front
    assert record["values"][0]["name"] == "x1"
    assert [row["entry"] for row in record["parameters"]] == [each.entry for each in explanation.front.parameters()]
    assert explanation.to_dict(max_weights=1)["front"]["parameters"] is None
    for text in (explanation.to_text(), explanation.to_markdown(), explanation.to_latex(), explanation.to_html()):
        assert largest.name in text
        assert f"{largest.gradient:.6g}" in text
    assert (r"\cos(2\,\pi" in explanation.to_latex()) == (front != "scaling")


def test_what_is_not_shown_is_counted():
    text = explained("pbld").to_text(terms=2, neurons=4)

    assert "and 5 more in the same way" in text
    assert "the last number of a wave's sum is that of its 14 other terms" in text
    assert "and 162 more with smaller gradients" in text  # 2 · 83 - 4


def test_without_a_target_only_the_way_forward():
    explanation = gn.explain(network_with("pbld+scaling"), ROW)

    assert explanation.front.delta is None
    assert "FRONT" in explanation.to_text()
    assert "scale  delta" not in explanation.to_text()
    assert explanation.to_dict()["front"]["parameters"] is None
    with pytest.raises(gn.GlassnetError, match="the gradients of the front's parameters need a target; pass target="):
        explanation.front.parameter("x1: scale")
    assert gn.explain(network_with("scaling").fold(), ROW).front is None


def test_a_workbook_has_a_sheet_of_it_without_a_target_too(tmp_path):
    """With one, spreadsheets recalculate it: see test_workbook."""
    gn.explain(network_with("pbld+scaling"), ROW).to_xlsx(tmp_path / "row.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "row.xlsx")["Front"]

    assert [cell.value for cell in sheet[4]][:4] == ["number of A[0]", "x", "u", "a"]
    assert sheet["B5"].value == "='Inputs'!$D$5"


def test_log_odds_are_those_of_the_inputs():
    """One unit more of x1 adds scale · weight to z; a wave adds no fixed amount."""
    scaled = gn.Network.create([2, 1], input_scaling=True).with_theta(np.asarray([2.0, 3.0, 0.5, -1.0, 0.1]))
    rows = gn.explain(scaled, [1.0, 2.0]).log_odds

    assert [row.per_unit for row in rows] == [1.0, -3.0]
    assert gn.explain(gn.Network.create([2, 1], numeric_embedding="pbld"), [1.0, 2.0]).log_odds == ()


def test_an_estimator_with_names_and_a_diagram():
    X = {"age": np.linspace(20, 60, 40), "ward": ["A", "B"] * 20}
    model = gn.GlassRegressor((3,), numeric_embedding="pbld", input_scaling=True, max_iter=3, random_state=0).fit(
        X, np.linspace(0, 1, 40)
    )
    explanation = gn.explain(model, {"age": 30.0, "ward": "B"}, 0.5)

    assert [value.name for value in explanation.front.values][-3:] == ["age wave 1", "age wave 2", "age wave 3"]
    assert "age wave 1: shift" in explanation.to_text(neurons=40)
    assert "age wave 3 -> hidden1.2" in explanation.weight("age wave 3 -> hidden1.2").to_text()
    assert "age wave 1" in gn.draw(explanation).svg
    assert "age wave 1" in gn.draw(model).svg


def test_blame_of_a_column_counts_its_waves():
    """signal: the gradient at the column itself; outward: what it and its waves carry."""
    network = network_with("pbld+scaling")
    X = np.random.default_rng(1).normal(size=(9, 3))
    Y = np.random.default_rng(2).normal(size=(9, 2))
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error", inputs=True)
    carried = np.abs(gn.forward(network, X).A[0]).T @ np.abs(grads.delta[1]).sum(axis=1) / 9
    found = {each.column: each for each in gn.blame(network, X, Y, cost="half_squared_error").columns}

    assert found["x3"].blame == pytest.approx(carried[[2, 3, 4, 5]].sum())
    assert found["x2"].blame == pytest.approx(carried[1])
    assert found["x1"].pull == pytest.approx(np.abs(grads.dX[:, 0]).mean())


@pytest.mark.parametrize("front", ["pbld", "pbld+scaling"])
def test_waves_are_explained_in_words(front, tmp_path):
    """The fastest cosine's cycle is 1 / |frequency|, searched here in the parameters themselves."""
    explanation = explained(front)
    frequencies = explanation.network.front_values["frequency"]  # (2, 16), of x3 and x1
    e, h = np.unravel_index(np.abs(frequencies).argmax(), frequencies.shape)
    words = explanation.front.in_words()
    cycle = (
        f"The fastest cosine here is one of {('x3', 'x1')[e]}, with a cycle over {1 / abs(frequencies[e, h]):.6g} of x."
    )

    assert words.startswith("A wave is a learned curve over one number x, a sum of 16 cosines: frequency is the number")
    assert words.endswith(cycle)
    assert words in " ".join(explanation.to_text().split())
    assert cycle in explanation.to_markdown()
    assert cycle in explanation.to_html()
    assert cycle.split(",")[0] in explanation.to_latex()
    assert explanation.to_dict()["front"]["in_words"] == words
    explanation.to_xlsx(tmp_path / "e.xlsx")
    assert openpyxl.load_workbook(tmp_path / "e.xlsx")["Front"]["A3"].value == words


def test_a_front_without_waves_needs_no_words():
    assert explained("scaling").front.in_words() == ""
    assert "wave" not in explained("scaling").to_text()
