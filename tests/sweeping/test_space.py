"""What a sweep may choose from: the grammar, and what is said about what it does not allow."""

import pytest

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.settings.table import OF_ESTIMATORS
from glassnet.sweeping.choosing.default_space import FIRST_LARGE, FIRST_SMALL, LARGE, SMALL, default_space
from glassnet.sweeping.choosing.proposing import distributions_of
from glassnet.sweeping.space import Choices, Range, Space

REFUSED = [
    ({"learning_rat": [1, 2]}, "space names no parameter 'learning_rat'; did you mean 'learning_rate'"),
    ({"random_state": [1, 2]}, "space names 'random_state', which is the same for all candidates; set it on"),
    ({"alpha": []}, "space gives 'alpha' no choices; write a list of choices such as"),
    ({"alpha": [0.0, 0.0]}, "space gives 'alpha' the choice 0.0 twice; leave one of them out."),
    ({"alpha": [-1.0, 1.0]}, "alpha=-1.0 must be a number from 0 upwards"),
    ({"alpha": {"low": 0.0}}, "the range of 'alpha' lacks 'low' or 'high'; write"),
    ({"alpha": {"low": 0.0, "high": 1.0, "size": 3}}, "the range of 'alpha' has 'size'; write"),
    ({"alpha": {"low": 1.0, "high": 1.0}}, "the range of 'alpha' goes from 1.0 to 1.0; its low end must be smaller."),
    ({"alpha": {"low": 0.0, "high": 1.0, "log": True}}, "begins at 0.0, which has no logarithm; begin above 0."),
    ({"alpha": {"low": 0.1, "high": 1.0, "log": 1}}, "has log=1; write true or false."),
    ({"alpha": {"low": 0.1, "high": 1.0, "log": True, "step": 0.1}}, "a step is above 0, and without log."),
    ({"alpha": {"low": "a", "high": 1.0}}, "has 'a', but its ends and its step are numbers."),
    ({"alpha": {"low": 0.0, "high": float("inf")}}, "has inf, but its ends"),
    ({"batch_size": {"low": 8, "high": 64, "step": 0.5}}, "is of whole numbers, but its step 0.5 is not."),
    ({"dropout": {"low": 0.0, "high": 1.5}}, "dropout=1.5 must"),
    ({"hidden_layer_sizes": {"layers": 2}}, "have 'layers'; give layers and width."),
    ({"hidden_layer_sizes": {"layers": [0, 1], "width": 8}}, "are [0, 1], but whole numbers from 1 were expected."),
    ({"alpha": 1.0}, "space leaves nothing to choose: each parameter has one value; give one of them a list"),
    (["alpha"], "space is of the type list, but a dict such as {'alpha': [0.0, 1.0]} or the path"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_is_refused_is_said_in_one_sentence(given, sentence):
    with pytest.raises(ParameterError) as error:
        Space.of(given)
    assert sentence in str(error.value)


def test_a_space_in_toml(tmp_path):
    file = tmp_path / "space.toml"
    file.write_text(
        "activation = ['relu', 'silu']\n"
        "max_iter = 20\n"
        "hidden_layer_sizes = [[64], [32, 16], []]\n"
        "batch_size = {low = 16, high = 64, step = 16}\n"
        "[alpha]\nlow = 1e-3\nhigh = 10\nlog = true\n"
    )

    space = Space.of(file)

    assert space.fixed == {"max_iter": 20}
    assert space.entries["alpha"] == Range(0.001, 10.0, log=True)
    assert space.entries["batch_size"] == Range(16, 64, step=16)
    assert space.entries["hidden_layer_sizes"] == Choices(([64], [32, 16], []))
    chosen = {"hidden_layer_sizes": "[32, 16]", "activation": "silu", "alpha": 0.5, "batch_size": 32}
    assert space.parameters(chosen) == {
        "max_iter": 20, "hidden_layer_sizes": [32, 16], "activation": "silu", "alpha": 0.5, "batch_size": 32
    }  # fmt: skip


def test_a_file_that_is_no_toml_or_not_there(tmp_path):
    (tmp_path / "space.toml").write_text("alpha = [1,")
    with pytest.raises(ParameterError, match=r"space.toml' is not TOML: .*; write lines such as activation"):
        Space.of(tmp_path / "space.toml")
    with pytest.raises(FileNotFoundError, match=r"there is no file .*none.toml'; a space is a TOML file, or leave it"):
        Space.of(tmp_path / "none.toml")


def test_one_list_of_sizes_is_one_value():
    assert Space.of({"hidden_layer_sizes": [64, 32], "alpha": [0.0, 1.0]}).fixed == {"hidden_layer_sizes": [64, 32]}


@pytest.mark.parametrize(("n_rows", "given", "first"), [(500, SMALL, FIRST_SMALL), (5000, LARGE, FIRST_LARGE)])
def test_the_first_candidate_lies_in_the_default_space(n_rows, given, first):
    space, chosen = default_space(gn.GlassClassifier().get_params(), n_rows, n_embedded=3, is_sparse=False)

    assert chosen == first
    for name, distribution in distributions_of(space).items():
        assert distribution._contains(distribution.to_internal_repr(chosen[name])), name
    for name, value in space.parameters(chosen).items():
        OF_ESTIMATORS[name].check(value)


def test_what_the_user_has_set_is_not_searched():
    model = gn.GlassRegressor(learning_rate_init=0.01, hidden_layer_sizes=(8,))

    space, _ = default_space(model.get_params(), 5000, n_embedded=0, is_sparse=True)

    gone = {"learning_rate_init", "hidden layers", "hidden width", "numeric_embedding", "label_smoothing"}
    assert not gone & set(space.entries)
    assert "rates" not in space.fixed
