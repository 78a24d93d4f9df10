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
        "target": "F", "is_fixed": False,
        "columns": [{"name": name, "role": role} for name, role in
                    (("x", "input"), ("y", "input"), ("z", "left out"), ("F", "target"))],
    },
    "model": {"setup": SETUP, "record": {"sizes": [2, 4, 1]}}, "status": {"epoch": 12},
    "moment": {"row": {"index": 5}}, "panel": "train", "tab": "connection", "step": 0,
    "neuron": {"layer": 1, "index": 2}, "connection": {"layer": 1, "j": 3, "k": None}, "measure": "delta",
    "deltas": True,
}  # fmt: skip
READ = 'import { fragmentOf, wishOf, wishedSetup, wishedChoices } from "#page/address.js";\n'


def test_a_link_there_and_back(node):
    found = node(READ + "console.log(JSON.stringify(wishOf('#' + fragmentOf(input))));", STATE)

    assert found == {
        "source": {"kind": "example", "name": "boolean", "expression": "x & y | ~z"}, "target": "F",
        "columns": ["x", "y"], "setup": SETUP, "epoch": 12, "row": 5, "panel": "train",
        "chosen": {"tab": "connection", "connection": {"layer": 1, "j": 3, "k": None}, "measure": "delta",
                   "deltas": True},
    }  # fmt: skip


def test_a_file_is_named_and_never_a_path(node):
    state = STATE | {"source": {"kind": "file", "title": "../my data & more.csv", "file": {}}}
    found = node(READ + "console.log(JSON.stringify([fragmentOf(input), wishOf(fragmentOf(input)).source]));", state)

    assert found[0].startswith("file=..%2Fmy+data+%26+more.csv&target=F")
    assert found[1] == {"kind": "file", "title": "../my data & more.csv"}
    assert node(READ + "console.log(JSON.stringify(fragmentOf(input)));", STATE | {"source": None}) == ""


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
