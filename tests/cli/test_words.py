"""The command line speaks of what its user has typed: options, never parameters of Python."""

import warnings

import pytest

from glassnet.cli.console import note, one_line_warnings
from glassnet.cli.vocabulary import in_options, options_of

SENTENCES = [
    ("max_iter=0 must be a whole number.", "--epochs 0 must be a whole number."),
    ("regression needs numbers; try task='classification'.", "regression needs numbers; try --task classification."),
    ("column 'id' is left out; keep=['id'] keeps it.", "column 'id' is left out; --keep id keeps it."),
    ("try keep=['my id', 'year'].", "try --keep 'my id' --keep year."),
    ("hidden_layer_sizes=(8, 0) has 0.", "--hidden 8,0 has 0."),
    (
        "early_stopping=True holds out none; use early_stopping=False, or pass eval_set=(X, y).",
        "--early-stopping holds out none; use --no-early-stopping.",
    ),
    (
        "are tuned on rows held out; use early_stopping=True, pass eval_set=(X, y), or give a number.",
        "are tuned on rows held out; use --early-stopping, or give a number.",
    ),
    ("none are held out; pass eval_set=(X, y).", "none are held out."),
    ("learning_rate='quick' is not known.", "--schedule quick is not known."),
    ("learning_rate_init=-1.0 must be positive.", "--learning-rate -1.0 must be positive."),
    ("expected a file saved by model.save(...).", "expected a file saved by glassnet train."),
    ("class_weight={'a': 1} is odd.", "--class-weight {'a': 1} is odd."),
    # what the user gave stands in quotes and stays
    ("there is no column 'max_iter=0'.", "there is no column 'max_iter=0'."),
    ('there is no column "it\'s task=1".', 'there is no column "it\'s task=1".'),
    ("the model's task='regression' holds.", "the model's --task regression holds."),
    ("a[alpha=3] stays.", "a[alpha=3] stays."),
    ("no file matches target=1/task=2/x.csv.", "no file matches target=1/task=2/x.csv."),
    ("such as try gn.load(path, activations={...}).", "such as open it in Python: gn.load(path, activations={...})."),
]


@pytest.mark.parametrize(("sentence", "told"), SENTENCES)
def test_sentences_of_training(sentence, told):
    with options_of("train"):
        assert in_options(sentence) == told


def test_the_same_name_is_another_option_elsewhere():
    """`learning_rate` is a schedule to the estimators, and the number to `explain`."""
    with options_of("explain"):
        assert in_options("learning_rate=-1.0 must be positive.") == "--learning-rate -1.0 must be positive."
        assert in_options("none was given; pass target=...") == "none was given; pass --target COLUMN."
        assert in_options("none was given: pass target=... to explain.") == (
            "none was given: pass --target COLUMN to explain."
        )
    assert in_options("learning_rate=-1.0 must be positive.") == "learning_rate=-1.0 must be positive."


def test_the_doctor_sets_what_has_no_option():
    with options_of("doctor"):
        assert in_options("Another start (init='he_normal'), clip=1.0, or max_iter=400.") == (
            "Another start (--set init=he_normal), --set clip=1.0, or --epochs 400."
        )
        assert in_options("pass more as validation=(X, y).") == "pass more as --validation FILE, beside a model."
        assert in_options("or early_stopping=True with a large max_iter.") == "or --early-stopping with many --epochs."
        assert in_options("A smaller init=... is enough.") == "A smaller --set init=... is enough."
        assert in_options("Judge by the last rows (validation=...).") == "Judge by the last rows (--validation)."


def test_notes_and_warnings_are_told_in_the_same_words(capsys):
    with options_of("train"), one_line_warnings():
        note("use task='regression'.")
        warnings.warn("column 'id' is left out; keep=['id'] keeps it.", UserWarning, stacklevel=1)

    printed = capsys.readouterr()
    assert printed.out == "Note: use --task regression.\n"
    assert printed.err == "Warning: column 'id' is left out; --keep id keeps it.\n"


CASES = [
    ("--time-limit -1", "--time-limit -1.0 must be a positive number."),
    ("--epochs 0", "--epochs 0 must be a whole number from 1 upwards."),
    ("--l1 -1", "--l1 -1.0 must be a number from 0 upwards; 0 switches the penalty off."),
    ("--schedule quick", "coslog4, adaptive, invscaling."),
    ("--schedule quick", "--schedule quick is not known. Choose from: constant"),
    ("--preset plain --early-stopping --test-size 0.99", "--early-stopping holds out 0.1 of 3 rows, which is none; "),
    ("--task regression", "try --task classification."),
]


@pytest.mark.parametrize(("options", "phrase"), CASES)
def test_train_names_its_options(run, folder, one_sentence, options, phrase):
    outcome = run("train", "penguins.csv", "--target", "species", *options.split())
    assert phrase in one_sentence(outcome.err)


@pytest.mark.parametrize(
    ("command", "phrase"),
    [
        ("explain {} --notation roman", "--notation roman is not known. Choose from: names"),
        ("explain {} --learning-rate 0", "--learning-rate 0.0 must be a positive number"),
        ("explain {} --solver lbfgs", "--solver lbfgs has no single step"),
        ("explain {} --weight b1 --no-target", "none was given; pass --target COLUMN."),
        ("draw {} --most 1", "--most 1 leaves no room for neurons"),
        ("draw {} --theme blue", "--theme blue is not one of"),
    ],
)
def test_the_commands_of_one_row_name_their_options(run, penguins_model, one_sentence, command, phrase):
    outcome = run(*command.format("penguins.glassnet penguins.csv").split())
    assert phrase in one_sentence(outcome.err)


def test_a_target_that_may_be_a_quantity(run, folder):
    outcome = run("train", "penguins.csv", "--target", "year", "--epochs", "1", "--hidden", "2")
    assert "If they are a quantity, use --task regression." in " ".join(outcome.out.split())
    told = run("train", "penguins.csv", "--target", "year", "--epochs", "1", "--hidden", "2", "--json")
    assert any("use --task regression." in notice for notice in told.json["notices"])


def test_why_the_training_cost_is_above_the_validation_cost(run, folder):
    """Dropout and smoothed labels act on the training rows alone, and `train` says so."""
    options = ["--dropout", "0.5", "--early-stopping", "--epochs", "30", "--hidden", "16"]
    outcome = run("train", "penguins.csv", "--target", "species", *options)

    told = " ".join(outcome.out.split())
    assert "The training cost (" in told
    assert "dropout leaves out 50% of the hidden units at each step and labels are smoothed by 0.1, which" in told


def test_a_large_workbook_is_announced(run, penguins_model, monkeypatch):
    from glassnet.cli.commands import explain

    explained = ("explain", "penguins.glassnet", "penguins.csv", "--output", "row.xlsx", "--force")
    assert "Note" not in run(*explained).err
    assert explain.LARGE_WORKBOOK == 2_000_000
    monkeypatch.setattr(explain, "LARGE_WORKBOOK", 10_000)
    outcome = run(*explained)

    assert outcome.err.startswith("Note: the workbook will have about 0 MB and takes a while to write; --no-target")
    assert outcome.err.splitlines()[-1] == "row 0 written to row.xlsx"
    assert outcome.code == 0
