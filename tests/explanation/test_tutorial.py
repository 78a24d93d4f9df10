"""The tutorial's own network and numbers; digits beyond the tutorial's are worked without its rounding on the way."""

import pytest

import glassnet as gn


@pytest.fixture
def explanation(tutorial):
    return gn.explain(tutorial, (1, 0, 1), 0, cost="half_squared_error", learning_rate=0.5)


def test_numbers(explanation):
    assert explanation.forward[1].z.tolist() == pytest.approx([1.0, 0.9, 0.9])
    assert explanation.forward[1].a.tolist() == pytest.approx([0.731058578630, 0.710949502625, 0.710949502625])
    assert explanation.forward[2].neuron("output1").z == pytest.approx(1.214646877, abs=1e-9)
    assert explanation.prediction.outputs["output1"] == pytest.approx(0.771120128, abs=1e-9)
    assert explanation.cost.total == pytest.approx(0.297313126, abs=1e-9)
    weight = explanation.backward[2].weight("hidden1.1", "output1")
    assert weight.dE_da * weight.da_dz * weight.dz_dw == pytest.approx(weight.gradient, rel=1e-14)
    assert weight.gradient == pytest.approx(0.0994956, abs=1e-7)
    assert explanation.update.W[2][0, 0] == pytest.approx(0.250252201, abs=1e-9)
    assert explanation.update.cost_after < explanation.update.cost_before == explanation.cost.total


def test_the_most_active_upstream_neuron_gets_the_most_blame(explanation):
    assert explanation.backward[2].most_blamed == "hidden1.1"
    gradients = explanation.backward[2].dW[0].tolist()
    assert max(gradients) == gradients[0]


@pytest.mark.parametrize(
    "line",
    [
        "hidden1.1  z = 0.9·1 + 0.8·0 + 0.1·1 = 1",
        "a = 1 / (1 + exp(-0.9)) = 0.71095",
        "output1  z = 0.3·0.731059 + 0.5·0.71095 + 0.9·0.71095 = 1.21465",
        "output1  1/2 · (0 - 0.77112)^2 = 0.297313",
        "∂E/∂a = 0.77112 - 0 = 0.77112",
        "∂a/∂z = 0.77112 · (1 - 0.77112) = 0.176494",
        "delta = 0.77112 · 0.176494 = 0.136098",
        "hidden1.1 -> output1    0.77112 · 0.176494 · 0.731059 = 0.0994956",
        "hidden1.1 -> output1  0.3 - 0.5 · 0.0994956  = 0.250252",
        "hidden1.3  ∂E/∂a = 0.9·0.136098 = 0.122488",
        "cost of this row: 0.297313 before, 0.281918 after",
    ],
)
def test_text(explanation, line):
    assert line in explanation.to_text()


def test_text_fits_a_terminal(explanation):
    lines = explanation.to_text(width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line[:1].isupper() and line.split()[0].isupper()] == [
        "INPUTS", "FORWARD", "COST", "BACKWARD", "UPDATE",
    ]  # fmt: skip


def test_without_a_target_forward_only(tutorial):
    explanation = gn.explain(tutorial, [1, 0, 1])
    assert (explanation.cost, explanation.backward, explanation.update) == (None, None, None)
    text = str(explanation)
    assert "No target given: forward only." in text
    assert "BACKWARD" not in text
    record = explanation.to_dict()
    assert record["cost"] is record["backward"] is record["update"] is record["target"] is None
    assert record["forward"][1]["a"] == gn.forward(tutorial, [1, 0, 1]).A[-1][0].tolist()


def test_the_step_is_the_library_s_own(tutorial, explanation):
    grads = gn.backward(tutorial, gn.forward(tutorial, [[1, 0, 1]]), [[0]], cost="half_squared_error")
    after = gn.descend(tutorial, grads, learning_rate=0.5)
    assert explanation.update.network.theta.tolist() == after.theta.tolist()


def test_frozen_weights_stay(tutorial):
    explanation = gn.explain(tutorial.freeze(1), (1, 0, 1), 0, cost="half_squared_error")
    assert explanation.update.rates[1]["W"] == 0
    assert explanation.update.W[1].tolist() == tutorial.W[1].tolist()
    assert "x1 -> hidden1.1       0.9 - 0   · 0.00802755 = 0.9" in str(explanation)
