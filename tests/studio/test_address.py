"""A link that restores what the live page shows: there and back, and whatever anyone writes into it."""

import pytest

SETUP = {
    "hidden": [{"size": 4, "activation": "tanh"}], "loss": "cross_entropy", "solver": "adam",
    "learning_rate_init": 0.01, "learning_rate": "constant", "batch_size": None, "max_iter": 100, "alpha": 0.0,
    "dropout": 0.0, "validation_fraction": 0.2, "n_iter_no_change": 10, "random_state": 0, "scaled": True,
}  # fmt: skip
STATE = {
    "source": {"kind": "example", "name": "boolean", "title": "F", "expression": "x & y | ~z"},
    "data": {
        "target": "F", "is_fixed": False, "chosen_task": "regression",
        "columns": [{"name": name, "role": role} for name, role in
                    (("x", "input"), ("y", "input"), ("z", "left out"), ("F", "target"))],
    },
    "model": {"setup": SETUP, "record": {"sizes": [2, 4, 1]}}, "status": {"epoch": 12},
    "moment": {"row": {"index": 5}}, "panel": "train", "pace": 20, "tab": "connection", "step": 0,
    "neuron": {"layer": 1, "index": 2}, "connection": {"layer": 1, "j": 3, "k": None}, "measure": "delta",
    "deltas": True,
}  # fmt: skip
READ = 'import { fragmentOf, wishOf, wishedSetup, wishedChoices } from "#page/address.js";\n'


def test_a_link_there_and_back(node):
    found = node(READ + "console.log(JSON.stringify(wishOf('#' + fragmentOf(input))));", STATE)

    assert found == {
        "source": {"kind": "example", "name": "boolean", "expression": "x & y | ~z"}, "target": "F",
        "columns": ["x", "y"], "task": "regression", "setup": SETUP, "epoch": 12, "row": 5, "panel": "train", "pace": 20,
        "chosen": {"tab": "connection", "connection": {"layer": 1, "j": 3, "k": None}, "measure": "delta",
                   "deltas": True},
    }  # fmt: skip


def test_a_file_is_named_and_never_a_path(node):
    state = STATE | {"source": {"kind": "file", "title": "../my data & more.csv", "file": {}}}
    found = node(READ + "console.log(JSON.stringify([fragmentOf(input), wishOf(fragmentOf(input)).source]));", state)

    assert found[0].startswith("file=..%2Fmy+data+%26+more.csv&target=F")
    assert found[1] == {"kind": "file", "title": "../my data & more.csv"}
    assert node(READ + "console.log(JSON.stringify(fragmentOf(input)));", STATE | {"source": None}) == ""
    begun = STATE | {"source": None, "data": STATE["data"] | {"title": "begun with.csv"}}
    assert node(READ + "console.log(JSON.stringify(wishOf(fragmentOf(input)).source));", begun) == {
        "kind": "file", "title": "begun with.csv",
    }  # fmt: skip


def test_a_link_follows_the_training(node):
    """Its status is told when it changes, and so is older than the frames."""
    running = {"status": {"epoch": 0, "state": "training"}, "reel": {"kept": [{"frame": {"epoch": 7, "step": 0}}]}}

    assert node(READ + "console.log(JSON.stringify(wishOf(fragmentOf(input)).epoch));", STATE | running) == 7


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", None),
        ("epoch=3&row=1", None),
        ("example=" + 9000 * "x", None),
        ("example=x&epoch=-1&row=1e3&step=0x10", {"epoch": 0, "row": None, "chosen": {}}),
        ("example=x&epoch=999999999999", {"epoch": 0}),
        ("example=x&panel=constructor&tab=__proto__&measure=<b>", {"panel": None, "chosen": {}}),
        ("example=x&neuron=1.2.3&connection=1.bias.2", {"chosen": {}}),
        ("example=x&connection=2.0.bias", {"chosen": {"connection": {"layer": 2, "j": 0, "k": None}}}),
        ("example=x&setup=[1]&columns={}", {"setup": {}, "columns": None}),
        ("example=x&setup={oops&columns=[1]", {"setup": {}, "columns": None}),
    ],
)
def test_what_is_no_state_is_left_out(node, fragment, expected):
    found = node(READ + "console.log(JSON.stringify(wishOf(input)));", fragment)

    assert found is None if expected is None else expected.items() <= found.items()


def test_a_setup_takes_only_values_of_its_kind(node):
    wished = {
        "hidden": [{"size": 8, "activation": "relu", "more": 1}], "solver": 3, "batch_size": 16, "max_iter": "many",
        "alpha": None, "scaled": False, "evil": 1, "n_iter_no_change": None, "learning_rate_init": {"a": 1},
    }  # fmt: skip
    script = READ + "console.log(JSON.stringify(wishedSetup(input[0], input[1])));"

    assert node(script, [SETUP, wished]) == SETUP | {
        "hidden": [{"size": 8, "activation": "relu"}], "batch_size": 16, "scaled": False, "alpha": None,
        "n_iter_no_change": None,
    }  # fmt: skip
    for hidden in ([{"size": 0, "activation": "relu"}], [None], "x", [{"size": 3}], [SETUP["hidden"][0]] * 33):
        assert node(script, [SETUP, {"hidden": hidden}]) == SETUP


def test_choices_that_the_network_does_not_have_are_left_out(node):
    script = READ + "console.log(JSON.stringify(input[0].map((chosen) => wishedChoices(chosen, input[1]))));"
    chosen = [
        {"neuron": {"layer": 1, "index": 3}, "tab": "neuron"}, {"neuron": {"layer": 1, "index": 4}},
        {"neuron": {"layer": 3, "index": 0}}, {"connection": {"layer": 1, "j": 3, "k": 1}},
        {"connection": {"layer": 1, "j": 3, "k": 2}}, {"connection": {"layer": 0, "j": 0, "k": None}}, {"step": 99},
    ]  # fmt: skip

    assert node(script, [chosen, [2, 4, 1]]) == [chosen[0], {}, {}, chosen[3], {}, {}, {"step": 6}]


RESUME = """
globalThis.location = { hash: input.hash };
globalThis.history = { replaceState: (_, __, hash) => (location.hash = hash) };
globalThis.window = { setTimeout: () => 1 };
const { keepAddress } = await import("#page/restoring.js");
const { createStore } = await import("#page/store.js");
const waiting = [], done = [];
const store = createStore({ ...input.state, hello: null, busy: {} }, (draw) => waiting.push(draw));
const act = (name) => (...given) => { done.push([name, ...given]); return Promise.resolve(true); };
const actions = Object.fromEntries(["openExample", "choose", "buildAs", "look", "play"].map((name) => [name, act(name)]));
keepAddress(store, actions);
async function draw(changes) {
  store.set(changes);
  waiting.splice(0).forEach((each) => each());
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
await draw({ hello: { session: "one", examples: [] } });
await draw({ hello: { session: "two", examples: [] }, data: null, model: null, moment: null });
const before = done.length;
await draw({ busy: { data: true }, data: input.state.data });
const during = done.length;
await draw({ busy: {}, source: input.source ?? input.state.source, model: input.state.model, moment: input.state.moment });
await draw({ status: { state: "paused", epoch: 12 } });
console.log(JSON.stringify({ before, during, done }));
"""


@pytest.mark.parametrize("is_other", [False, True])
def test_what_a_lost_session_showed_comes_back_with_its_data(node, is_other):
    """When they are opened again in the next session: setup, row and epoch. Other data are left alone."""
    small = {"model": {"setup": SETUP | {"max_iter": 50}, "record": {"sizes": [2, 4, 1]}}}
    state = STATE | small | {"status": {"state": "ready", "epoch": 0}}
    link = node(READ + "console.log(JSON.stringify(fragmentOf(input)));", STATE)
    other = {"kind": "example", "name": "penguins", "title": "Penguins", "expression": None}
    # A page that opens without a link, and learns its address only later.
    script = RESUME.replace("location = { hash: input.hash }", 'location = { hash: "" }').replace(
        'await draw({ hello: { session: "two"', 'location.hash = input.hash;\nawait draw({ hello: { session: "two"'
    )
    found = node(script, {"hash": f"#{link}", "state": state, "source": other if is_other else None})

    assert (found["before"], found["during"]) == (0, 0)
    assert found["done"] == (
        [] if is_other else [["choose", "F", ["x", "y"], "regression"], ["buildAs", SETUP], ["look", 5], ["play", 12]]
    )


AGAIN = """
globalThis.location = { hash: input.hash };
globalThis.history = { replaceState: () => undefined };
globalThis.window = { setTimeout: () => 1 };
const { keepAddress } = await import("#page/restoring.js");
const { createStore } = await import("#page/store.js");
const waiting = [];
const store = createStore({ ...input, hello: null, source: null, model: null, moment: null, panel: "data" }, (draw) => waiting.push(draw));
const refuse = new Proxy({}, { get: (_, name) => () => { throw new Error(`${String(name)} was called`); } });
keepAddress(store, refuse);
async function draw(changes) {
  store.set(changes);
  waiting.splice(0).forEach((each) => each());
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
const examples = [{ name: "boolean", title: "A Boolean function" }];
await draw({ hello: { session: "one", is_again: true, examples } });
await draw({ model: input.model, moment: input.moment });
const { source, panel, pace, tab, connection } = store.state;
console.log(JSON.stringify({ source, panel, pace, tab, connection }));
"""


def test_after_a_reload_only_what_the_page_knew_is_restored(node):
    """The session has the rest; nothing is opened, built or trained again."""
    link = node(READ + "console.log(JSON.stringify(fragmentOf(input)));", STATE)

    assert node(AGAIN, STATE | {"hash": f"#{link}"}) == {
        "source": {"kind": "example", "name": "boolean", "title": "A Boolean function", "expression": "x & y | ~z"},
        "panel": "train", "pace": 20, "tab": "connection", "connection": {"layer": 1, "j": 3, "k": None},
    }  # fmt: skip
