"""The options of `glassnet train` are those of the table of settings, with its verdicts."""

import inspect
from typing import get_args

import pytest

from glassnet.cli.commands.train import train
from glassnet.cli.vocabulary import TRAIN
from glassnet.settings.table import OF_ESTIMATORS, OPTIONS

DECLARED = inspect.signature(train, eval_str=True).parameters


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_is_declared_as_the_table_says(name):
    option, declared = OPTIONS[name], DECLARED[OPTIONS[name].argument]
    told = get_args(declared.annotation)[1]

    assert (told.default, *told.param_decls) == (option.name,)  # typer sorts them later
    assert (told.metavar or "", told.help, told.rich_help_panel) == (option.metavar, option.help, option.panel)
    assert declared.default in (None, OF_ESTIMATORS[name].default) or name == "random_state"
    assert TRAIN[name].split("/")[0] == option.name.split("/")[0]


def test_a_parameter_without_an_option_is_not_advised():
    assert {name for name in OF_ESTIMATORS if TRAIN[name] is None} == set(OF_ESTIMATORS) - set(OPTIONS)


NUMBERS = [name for name in OPTIONS if OPTIONS[name].metavar in ("NUMBER", "SHARE", "SECONDS")]


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e400", "0.5"])
@pytest.mark.parametrize("name", NUMBERS)
def test_the_same_verdict_as_in_python(run, folder, one_sentence, name, value):
    option, sentence = OPTIONS[name], None
    try:
        OF_ESTIMATORS[name].check(float(value))
    except ValueError as error:
        sentence = str(error).partition(" must ")[2]
    outcome = run("train", "penguins.csv", "--target", "species", "--hidden", "2", "--epochs", "1", option.name, value)

    assert (outcome.code == 0) == (sentence is None), outcome.err
    if sentence is not None:
        assert one_sentence(outcome.err) == f"Error: {option.name} {float(value)} must {sentence}"


def test_advice_of_a_warning_names_the_option(run, folder):
    outcome = run("train", "penguins.csv", "--target", "species", "--hidden", "2", "--epochs", "1", "--preset", "plain")

    assert outcome.code == 0
    assert "not converged: 1 epoch done; try more --epochs, or scaled inputs" in " ".join(outcome.err.split())
