"""The page's arithmetic, run by node, against `gn.explain`: what it computes from the recorded numbers itself."""

import re
import struct

import msgspec
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS, resolve_cost
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.explanation.words.numbers import number
from glassnet.studio.messages import FrameHeader
from glassnet.studio.recording.numbers import frame
from glassnet.studio.recording.sources import Row

ROW = 1
X = np.asarray([[0.3, -1.2], [1.4, 0.5], [-0.7, 0.9], [0.2, 0.1]])

READ = """
import { Numbers } from "#page/frames.js";
import { letters, derivative, step, incoming, onward } from "#page/working.js";
import { evaluate } from "#page/expressions.js";
const numbers = new Numbers(input.recording);
const moment = numbers.at(input.frame, 0);
"""

FORMULAS = """
const values = letters(moment, 1, 0);
const layer = input.recording.layers[0];
const slope = derivative(moment, 1, 0);
console.log(JSON.stringify({
  a: layer.function.tree === null ? null : evaluate(layer.function.tree, values),
  da_dz: slope === null ? null : slope.da_dz,
  softmax: layer.mixes ? Math.exp(values.z - values.m) / values.s : null,
  z: incoming(moment, 1, 0).reduce((total, term) => total + term.product, moment.weight({ layer: 1, j: 0, k: null })),
  dE_da: onward(moment, 1, 0).reduce((total, term) => total + term.product, 0),
}));
"""


def run_of(network, cost, targets, **settings):
    settings = {"solver": "sgd", "learning_rate": 0.01, "epochs": 3, "batch_size": 2, **settings}
    return gn.train(network, X, np.asarray(targets)[:, None], cost=cost, **settings)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation(node, name):
    """Also with parameters, and at z on both sides of a kink: the two inputs are of different signs."""
    network = gn.Network.create([2, 3, 1], hidden=name, output="identity", seed=2)
    result = run_of(network, "half_squared_error", [0.5, -0.5, 1.0, 2.0])
    told = gn.explain(result.at(epoch=2).network, X[ROW], [-0.5], cost="half_squared_error")
    recording = gn.playback(result, rows=[ROW])
    found = node(READ + FORMULAS, {"recording": recording.record, "frame": 2})
    ahead, back = told.forward[1].at(0), told.backward[1].at(0)

    assert found["z"] == pytest.approx(ahead.z, rel=1e-12)
    assert found["dE_da"] == pytest.approx(back.dE_da, rel=1e-12)
    assert (found["softmax"] if name == "softmax" else found["a"]) == pytest.approx(ahead.a, rel=1e-12)
    assert found["da_dz"] == (None if back.da_dz is None else pytest.approx(back.da_dz, rel=1e-12))


def test_a_learned_slope(node):
    """In the networks of estimators: f and its derivative are mixed with the identity."""
    model = gn.GlassRegressor((5,), max_iter=4, random_state=0, activation="relu", learned_slope=True)
    rng = np.random.default_rng(0)
    table = rng.normal(size=(60, 2))
    model.fit(table, table[:, 0] ** 2)
    assert model.network_.slope[1] is not None
    recording = gn.playback(model, table, table[:, 0] ** 2, rows=[7])
    network = model.replay(table, table[:, 0] ** 2).at(epoch=recording.epochs[-1]).network
    told = gn.explain(network, recording.record["rows"][0]["X"], recording.record["rows"][0]["Y"], cost=model.cost_)
    found = node(
        READ + "const found = derivative(moment, 1, 2);\n"
        "console.log(JSON.stringify({ f: found.values.f, a: found.values.a, da_dz: found.da_dz }))",
        {"recording": recording.record, "frame": len(recording.epochs) - 1},
    )
    ahead, back = told.forward[1].at(2), told.backward[1].at(2)

    assert found == pytest.approx({"f": ahead.f, "a": ahead.a, "da_dz": back.da_dz}, rel=1e-6)


OUTPUTS = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "poisson": "softplus"}
COST = """
const { cost, rows } = input.recording;
const values = { ...cost.parameters, o: moment.a(2, 0), t: rows[0].Y[0] };
console.log(JSON.stringify({
  loss: evaluate(cost.loss.tree, values), slope: evaluate(cost.derivative.tree, values),
  recorded: [moment.loss(0), moment.dE_da(2, 0), moment.cost], delta: moment.delta(2, 0),
  combined: cost.combined && evaluate(cost.combined.tree, values),
}));
"""


@pytest.mark.parametrize("name", COSTS)
def test_every_cost(node, name):
    """Its formula and its derivative have the recorded values, also where training computes both from z."""
    n_out = 2 if name == "cross_entropy" else 1
    network = gn.Network.create([2, 3, n_out], hidden="tanh", output=OUTPUTS.get(name, "identity"), seed=2)
    targets = np.asarray([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])[:, :n_out]
    result = gn.train(network, X, targets, cost=name, solver="sgd", learning_rate=0.01, epochs=3, batch_size=2)
    told = gn.explain(result.at(epoch=3).network, X[ROW], targets[ROW], cost=name)
    found = node(READ + COST, {"recording": gn.playback(result, rows=[ROW]).record, "frame": 3})
    slope = float(COSTS[name].prime(told.forward[2].a[None, :], targets[ROW : ROW + 1])[0, 0])

    assert [found["loss"], found["slope"]] == pytest.approx(found["recorded"][:2], rel=1e-9)
    assert found["recorded"][1:] == pytest.approx([slope, told.cost.total], rel=1e-12)
    assert found["delta"] == pytest.approx(told.backward[2].delta[0], rel=1e-12)
    assert (found["combined"] is None) == (not told.backward[2].is_combined)
    assert found["combined"] is None or found["combined"] == pytest.approx(found["delta"], rel=1e-9)


STEP = """
const found = input.connections.map((connection) => step(moment, connection));
console.log(JSON.stringify(found.map(({ gradient, after, lines }) => ({ gradient, after, values: lines.map(({ value }) => value) }))));
"""
WEIGHTS = {
    "x2 -> hidden1.3": {"layer": 1, "j": 2, "k": 1},
    "hidden1.2 -> output1": {"layer": 2, "j": 0, "k": 1},
    "bias -> hidden1.1": {"layer": 1, "j": 0, "k": None},
}


@pytest.mark.parametrize("name", [name for name, solver in SOLVERS.items() if solver.has_step])
def test_every_solver(node, name):
    network = gn.Network.create([2, 3, 1], hidden="tanh", output="identity", seed=2)
    result = run_of(network, "half_squared_error", [0.5, -0.5, 1.0, 2.0], solver=name, batch_size=None)
    moment = result.at(epoch=2)
    step = {"solver": moment.solver, "learning_rate": moment.learning_rate, "cost": "half_squared_error"}
    told = [gn.explain(moment.network, X[ROW], [-0.5], **step).weight(weight) for weight in WEIGHTS]
    recording = gn.playback(result, rows=[ROW])
    found = node(READ + STEP, {"recording": recording.record, "frame": 2, "connections": [*WEIGHTS.values()]})

    for here, there in zip(found, told, strict=True):
        assert here["gradient"] == pytest.approx(there.gradient, rel=1e-12)
        assert here["values"] == pytest.approx([there.step[rule.letter] for rule in there.rules], rel=1e-12)
        assert here["after"] == pytest.approx(there.new, rel=1e-12)


LIVE = """
import { frameOf, liveMoment } from "#page/live-moment.js";
const frame = frameOf(Uint8Array.from(input.frame).buffer);
const moment = liveMoment(input.record, frame, input.record.rows[0]);
const [l, j] = frame.header.beside ?? [1, input.record.scene.layers[1].drawn[0]];
console.log(JSON.stringify({
  words: [moment.frame.epoch, moment.prediction, j, moment.knows(1, input.other)],
  numbers: [
    ...[0, 1, null].map((k) => moment.weight({ layer: l, j, k })),
    moment.z(l, j), moment.a(l, j), moment.dE_da(l, j), moment.delta(l, j), moment.cost,
  ],
}));
"""


@pytest.mark.parametrize("n_bytes", [8, 4])
@pytest.mark.parametrize("is_beside", [False, True])
def test_a_live_moment(node, n_bytes, is_beside):
    """A binary frame of a network of which not all neurons are drawn, also with the one that is open beside them."""
    network = gn.Network.create([2, 15, 1], hidden="tanh", output="identity", seed=2)
    result = run_of(network, "half_squared_error", [0.5, -0.5, 1.0, 2.0])
    record = gn.playback(result, rows=[ROW], most=5).record
    drawn = [layer["drawn"] for layer in record["scene"]["layers"]]
    first, other = [j for j in range(15) if j not in drawn[1]][:2]
    kept = [drawn[0], [*drawn[1], first], drawn[2]] if is_beside else drawn
    at = result.at(epoch=2)
    row = Row(ROW, (), X[ROW], np.asarray([-0.5]), "")
    values, _ = frame(at.network, kept, [row], resolve_cost("half_squared_error"))
    header = FrameHeader(
        1, ROW, 2, 0, 0.01, {}, (("0.25",),), n_bytes, False, 0, {}, beside=(1, first) if is_beside else None
    )
    head = msgspec.json.encode(header)
    numbers = values.astype(f"<f{n_bytes}").tobytes()
    told = gn.explain(at.network, X[ROW], [-0.5], cost="half_squared_error")
    sent = list((struct.pack("<I", len(head)) + head).ljust(-(-(4 + len(head)) // 8) * 8) + numbers)
    found = node(LIVE, {"record": record, "frame": sent, "other": other})
    index = first if is_beside else drawn[1][0]
    ahead, back = told.forward[1].at(index), told.backward[1].at(index)
    weights = [*at.network.W[1][index], at.network.b[1][index]]
    expected = [*weights, ahead.z, ahead.a, back.dE_da, back.delta, told.cost.total]

    assert found["words"] == [2, ["0.25"], index, False]
    assert found["numbers"] == (expected if n_bytes == 8 else pytest.approx(expected, rel=1e-6))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (["constructor", 1], "there is no operation constructor"),
        ("toString", "the letter toString has no value"),
        (None, "not the arithmetic of one neuron"),
    ],
)
def test_only_known_formulas_are_evaluated(node, tree, message):
    script = (
        'import { evaluate } from "#page/expressions.js";\n'
        "try { console.log(JSON.stringify(evaluate(input, {}))); } catch (error) { console.log(JSON.stringify(error.message)); }"
    )
    assert message in node(script, tree)


NUMBERS = [
    0.0,
    1.0,
    -0.5,
    0.7711201284,
    123456.7,
    1234567.0,
    1e-5,
    -1.5e-7,
    0.00012345678,
    99999.96,
    1e300,
    1 / 3,
    2.5e-4,
]


def test_numbers_have_the_digits_of_explain(node):
    """With the minus of typesetters, and without the zeros and the plus of Python's exponents."""
    script = 'import { number } from "#page/numbers.js";\nconsole.log(JSON.stringify(input.map(number)));'
    expected = [
        re.sub(r"e([+-])0*", lambda sign: f"e{sign[1].strip('+')}", number(x)).replace("-", "−") for x in NUMBERS
    ]

    assert node(script, NUMBERS) == expected


def test_numbers_in_pictures_are_those_of_the_drawing(node):
    from glassnet.drawing.words import compact, short

    script = 'import { compact, short } from "#page/numbers.js";\nconsole.log(JSON.stringify([input.map(compact), input.map(short)]));'
    values = [
        0.0,
        1.0,
        -2.0,
        0.0788,
        -12.345,
        0.00042,
        0.771,
        99.96,
        -0.5,
        3e-10,
        250.4,
        0.005,
        1234.6,
        98765.0,
        -1e30,
        9999.7,
    ]

    assert node(script, values) == [[compact(x) for x in values], [short(x) for x in values]]


def test_a_store_tells_once_for_all_changes(node):
    script = """
import { createStore } from "#page/store.js";
const waiting = [], told = [];
const store = createStore({ frame: 0, row: 0 }, (draw) => waiting.push(draw));
store.subscribe((state) => told.push(state));
store.set({ frame: 1 });
store.set({ row: 2 });
const before = store.state;
waiting.splice(0).forEach((draw) => draw());
store.set({ frame: 3 });
console.log(JSON.stringify({ told, before, waiting: waiting.length }));
"""
    found = node(script, None)

    assert found["told"] == [{"frame": 0, "row": 0}, {"frame": 1, "row": 2}]
    assert found["before"] == {"frame": 1, "row": 2}
    assert found["waiting"] == 1
