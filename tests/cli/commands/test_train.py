"""`glassnet train`: what it prints, what it writes, and what it may overwrite."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import glassnet as gn

SMALL = ("--hidden", "4", "--epochs", "3")
TRAIN = ("train", "penguins.csv", "--target", "species", *SMALL)


def test_it_tells_columns_split_network_curve_result_and_what_to_type_next(run, folder):
    outcome = run(*TRAIN)

    assert outcome.code == 0
    for phrase in (
        "Columns of penguins.csv",
        "species            categorical       0%  Adelie, Chinstrap, Gentoo  (target)",
        "target 'species' has 3 levels: classification.",
        "Stratified by 3 classes: 275 rows to train, 0 to validation, 69 to test.",
        "Training will take less than 0.1 s: 4 units, 3 epochs of 275 rows in minibatches of 16.",
        "hidden 1        4  silu",
        "output          3  softmax",
        "training cost",
        "Stopped: all 3 epochs done (3 epochs",
        "Test on 69 rows held out from training",
        "accuracy  log loss",
        "linear model",
        "always 'Adelie'",
        "saved as penguins.glassnet",
        "glassnet explain penguins.glassnet penguins.csv --row 0",
    ):
        assert phrase in outcome.out
    assert outcome.err == ""


def test_what_it_says_to_type_next_can_be_typed(run, folder):
    printed = run(*TRAIN).out
    commands = [line.split()[1:] for line in printed.splitlines() if line.startswith("  glassnet ")]

    assert [command[0] for command in commands] == ["evaluate", "explain", "predict"]
    assert [run(*command).code for command in commands] == [0, 0, 0]


def test_json_says_the_same_to_machines(run, folder):
    record = run(*TRAIN, "--json").json

    assert record["schema"]["task"] == "multiclass"
    assert (record["split"]["train"], record["split"]["test"]) == (275, 69)
    assert record["network"]["sizes"] == [14, 4, 3]
    assert len(record["history"]["epochs"]) == 3
    assert record["test"]["n_rows"] == 69
    assert [baseline["name"] for baseline in record["test"]["baselines"]] == ["always 'Adelie'", "linear model"]
    assert record["model"] == "penguins.glassnet"


def test_result_is_that_of_the_rows_it_never_saw(run, folder):
    """The split is made again here, and the saved model's accuracy on it counted by hand."""
    import pandas as pd

    from glassnet.data.split import split

    record = run(*TRAIN, "--seed", "3", "--json").json
    table = pd.read_csv("penguins.csv")
    held_out = table.iloc[split(table["species"].to_numpy(dtype=object), fractions=(0.8, 0, 0.2), seed=3).test]
    right = (gn.load("penguins.glassnet").predict(held_out) == held_out["species"].to_numpy()).mean()

    assert record["test"]["model"]["accuracy"] == pytest.approx(right)
    share = (held_out["species"] == "Adelie").mean()
    assert record["test"]["baselines"][0]["accuracy"] == pytest.approx(share)


def test_nothing_of_the_test_part_reaches_the_scales(run, folder):
    """A value a million times too large in every test row leaves the model as it is."""
    from glassnet.data.split import split

    lines = (folder / "penguins.csv").read_text().splitlines()
    species = np.asarray([line.split(",")[0] for line in lines[1:]], dtype=object)
    for i in split(species, fractions=(0.8, 0, 0.2), seed=0).test:
        cells = lines[i + 1].split(",")
        cells[5] = "9e9"
        lines[i + 1] = ",".join(cells)
    (folder / "spoiled.csv").write_text("\n".join(lines) + "\n")
    for name in ("penguins", "spoiled"):
        assert run("train", f"{name}.csv", "--target", "species", *SMALL).code == 0
    one, other = (gn.load(f"{name}.glassnet") for name in ("penguins", "spoiled"))

    np.testing.assert_array_equal(one.network_.theta, other.network_.theta)
    assert one.encoder_.to_dict() == other.encoder_.to_dict()


def test_the_same_seed_gives_the_same_bits(run, folder):
    thetas = []
    for seed in ("7", "7", "8"):
        run(*TRAIN, "--seed", seed)
        thetas.append(gn.load("penguins.glassnet").network_.theta)

    np.testing.assert_array_equal(thetas[0], thetas[1])
    assert not np.array_equal(thetas[0], thetas[2])


def test_options_reach_the_network(run, folder):
    outcome = run(
        *("train", "penguins.csv", "--target", "species", "--hidden", "5,4", "--activation", "tanh", "--epochs", "2"),
        *(
            "--solver",
            "sgd",
            "--learning-rate",
            "0.01",
            "--schedule",
            "constant",
            "--batch-size",
            "16",
            "--alpha",
            "0.5",
        ),
        *("--l1", "0.1", "--dropout", "0.2", "--class-weight", "balanced", "--drop", "year", "--test-size", "0.25"),
    )
    model = gn.load("penguins.glassnet")

    assert outcome.code == 0
    assert model.network_.sizes[1:] == (5, 4, 3)
    assert [sigma.name for sigma in model.network_.activation] == ["tanh", "tanh", "softmax"]
    chosen = ("solver", "learning_rate_init", "learning_rate", "batch_size", "alpha", "l1", "dropout", "class_weight")
    assert [model.recipe_[name] for name in chosen] == ["sgd", 0.01, "constant", 16, 0.5, 0.1, 0.2, "balanced"]
    assert "year" not in model.schema_.names
    assert "86 to test" in outcome.out


def test_without_a_test_set_the_model_is_that_of_a_fit(run, folder):
    """The same bits as in Python, with the validation set, the layers and the epoch to stop at chosen."""
    import pandas as pd

    outcome = run(
        *("train", "penguins.csv", "--target", "body_mass_g", "--test-size", "0", "--loss", "huber", "--seed", "3"),
        *("--hidden", "5,4", "--activation", "tanh,relu", "--epochs", "40", "--stop-after", "9", "--early-stopping"),
        *("--validation-fraction", "0.25", "--patience", "7", "--set", "dtype=float64", "--set", "beta_2=0.99"),
        *("--set", "numeric_embedding=None"),
    )
    frame = pd.read_csv("penguins.csv").dropna(subset=["body_mass_g"])
    settings = dict(activation=["tanh", "relu"], loss="huber", max_iter=40, early_stopping=True, random_state=3)
    settings |= dict(validation_fraction=0.25, n_iter_no_change=7, dtype="float64", beta_2=0.99, numeric_embedding=None)
    model = gn.GlassRegressor((5, 4), **settings)
    model.callback = lambda epoch, network: epoch.epoch >= 9
    model.fit(frame.drop(columns="body_mass_g"), frame["body_mass_g"])
    made = gn.load("penguins.glassnet")

    assert outcome.code == 0
    assert "No test set: all rows; the fit holds 25% of them out to choose the best epoch." in outcome.out
    assert "Not tested: no rows were held out (--test-size 0)" in " ".join(outcome.out.split())
    assert made.n_iter_ <= 9
    np.testing.assert_array_equal(made.network_.theta, model.network_.theta)
    assert run("evaluate", "penguins.glassnet", "penguins.csv").code == 0


def test_early_stopping_shows_both_curves(run, folder):
    outcome = run(*TRAIN, "--early-stopping")

    assert "27 to validation" in outcome.out
    assert "validation cost" in outcome.out
    assert gn.load("penguins.glassnet").history_.epochs[0].validation_cost is not None


def test_groups_stay_together_and_are_no_input(run, folder):
    record = run(*TRAIN, "--group", "island", "--test-size", "0.3", "--json").json

    assert record["split"]["how"].startswith("By 3 groups, none in two parts")
    assert "island" not in gn.load("penguins.glassnet").schema_.names


def test_time_puts_the_latest_rows_to_the_test(run, folder):
    record = run(*TRAIN, "--time", "year", "--keep", "year", "--json").json

    assert record["split"]["how"].startswith("By time")
    assert "year" in gn.load("penguins.glassnet").schema_.names


def test_own_missing_markers_are_remembered(run, folder):
    (folder / "odd.csv").write_text(
        "x,y\n" + "".join(f"{'none' if i % 5 == 0 else i / 7},{'ab'[i % 2]}\n" for i in range(40))
    )
    assert run("train", "odd.csv", "-t", "y", "--missing", "none", *SMALL).code == 0
    (folder / "new.csv").write_text("x\nnone\n1.5\n")

    assert run("predict", "odd.glassnet", "new.csv").code == 0


def test_a_query_can_be_trained_on(run, folder):
    query = "SELECT * FROM 'penguins.csv' WHERE island <> 'Dream'"
    outcome = run("train", query, "--target", "species", *SMALL)

    assert outcome.code == 0
    assert "the query has no ORDER BY" in outcome.out
    assert (folder / "species.glassnet").is_file()


def test_several_files_and_patterns(run, folder):
    lines = (folder / "penguins.csv").read_text().splitlines(keepends=True)
    (folder / "part1.csv").write_text("".join(lines[:200]))
    (folder / "part2.csv").write_text("".join(lines[:1] + lines[200:]))

    for data in (["part1.csv", "part2.csv"], ["part*.csv"]):
        record = run("train", *data, "--target", "species", *SMALL, "--json").json
        assert record["schema"]["n_rows"] == 344


def test_a_model_is_replaced_and_other_files_only_by_force(run, folder):
    assert run(*TRAIN).code == 0
    assert run(*TRAIN).code == 0
    (folder / "notes.txt").write_text("mine")

    assert run(*TRAIN, "--output", "notes.txt").code == 1
    assert (folder / "notes.txt").read_text() == "mine"
    assert run(*TRAIN, "--output", "notes.txt", "--force").code == 0
    assert gn.load("notes.txt").target_name_ == "species"


def test_divergence_is_a_warning_of_one_line(run, folder):
    outcome = run(*TRAIN, "--activation", "relu", "--solver", "sgd", "--learning-rate", "1e30")

    warnings = [line for line in outcome.err.splitlines() if line.startswith("Warning: training diverged")]
    assert len(warnings) == 1
    assert "  glassnet doctor penguins.glassnet penguins.csv\n" in outcome.out
    assert "Traceback" not in outcome.err


def test_in_plain_a_divergence_in_the_first_epoch_is_an_error(run, folder):
    outcome = run(*TRAIN, "--preset", "plain", "--solver", "sgd", "--learning-rate", "1e305")

    assert outcome.code == 1
    assert "Solver produced non-finite parameter weights." in outcome.err
    assert "Traceback" not in outcome.err


INTERRUPTED = """
import os, signal, sys
from glassnet.cli import main, progress
shown = progress._words
def words(epoch):
    if epoch.epoch == 4:
        os.kill(os.getpid(), signal.SIGINT)
    return shown(epoch)
progress._words = words
progress.SECONDS = "epoch"  # of each one
sys.exit(main(sys.argv[1:]))
"""


def test_ctrl_c_keeps_the_network_so_far_and_says_so(folder):
    command = [sys.executable, "-c", INTERRUPTED, "train", "penguins.csv", "-t", "species", "--epochs", "5000"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert "interrupted after 4 epochs; the best network so far is kept" in done.stderr
    assert len(gn.load("penguins.glassnet").history_) == 4


def test_ctrl_c_before_training_leaves_nothing(run, folder, monkeypatch, one_sentence):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("glassnet.cli.commands.train.read_data", interrupted)
    outcome = run(*TRAIN)

    assert (outcome.code, outcome.out) == (1, "")
    assert "interrupted; no file is half-written" in one_sentence(outcome.err)
    assert [path.name for path in folder.iterdir()] == ["penguins.csv"]


def test_ctrl_c_during_the_linear_model_keeps_the_network(run, folder, monkeypatch):
    from glassnet.estimators.judging import baselines

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(baselines, "LogisticRegression", interrupted)
    record = run(*TRAIN, "--json").json

    assert [baseline["name"] for baseline in record["test"]["baselines"]] == ["always 'Adelie'"]
    assert gn.load("penguins.glassnet").report_["test"]["n_rows"] == 69


def test_a_terminal_sees_a_progress_bar(folder):
    """Run in a pseudo-terminal: the bar is drawn there, and gone in the end."""
    import pty

    parent, child = pty.openpty()
    command = [sys.executable, "-m", "glassnet", "train", "penguins.csv", "-t", "species", "--epochs", "60"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=child, env=environment)
    os.close(child)
    drawn = b""
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                drawn += os.read(parent, 4096)
            except OSError:  # the other end is closed
                break
    finally:
        os.close(parent)
        if process.poll() is None and time.monotonic() >= deadline:
            process.send_signal(signal.SIGKILL)
    assert process.wait(30) == 0
    assert b"training" in drawn
    assert b"cost" in drawn


def test_an_ensemble_from_the_command_line(run, folder):
    """It is told, saved and predicted with; explained as a mean, and one network of it opens at a time."""
    outcome = run(*TRAIN, "--networks", "2", "--epochs", "3", "--no-early-stopping")

    assert outcome.code == 0
    assert outcome.out.count("2 such networks") == 1
    assert outcome.out.splitlines()[-2].endswith("--row 0")
    assert len(gn.load("penguins.glassnet").members_) == 2
    row = ("penguins.glassnet", "penguins.csv", "--row", "0")
    assert run("explain", *row).out.startswith("Mean of 2 networks 14-4-3: silu, softmax")
    for refused in (run("draw", *row), run("explain", *row, "--weight", "w1")):
        assert refused.code == 2
        assert "is the mean of 2 networks, but this command takes one; try --member 0" in refused.err
    assert "--member 2 does not exist: this model has 2 networks" in run("explain", *row, "--member", "2").err
    opened = [run("explain", *row, "--member", str(k)) for k in (0, 1)]
    assert [each.code for each in opened] == [0, 0]
    assert opened[0].out != opened[1].out
    assert run("draw", *row, "--member", "1").out.startswith("<svg")


# Checkpoints.


def test_a_training_that_is_interrupted_goes_on(run, folder):
    whole = run(*TRAIN, "-o", "whole.glassnet", "--networks", "2")
    assert run(*TRAIN, "--networks", "2", "--checkpoint", "run", "--resume").code == 0  # there is nothing yet to resume
    for name in ("network-1", "network-2"):
        assert (folder / "run" / f"{name}.ckpt").exists()
    again = run(*TRAIN, "--networks", "2", "--checkpoint", "run", "--resume", "-o", "again.glassnet")

    assert again.out.replace("again", "whole") == whole.out  # with the plan, although no epoch was left
    for one, other in zip(gn.load("again.glassnet").members_, gn.load("whole.glassnet").members_, strict=True):
        np.testing.assert_array_equal(one.network.theta, other.network.theta)


def test_checkpoints_are_not_continued_unasked(run, folder):
    assert run(*TRAIN, "--checkpoint", "run").code == 0
    refused = run(*TRAIN, "--checkpoint", "run")

    assert refused.code != 0
    assert "'run' has checkpoints already; add --resume to continue their training" in refused.err


def test_the_checkpoint_of_another_training(run, folder):
    assert run(*TRAIN, "--checkpoint", "run").code == 0
    refused = run("train", "penguins.csv", "-t", "species", "--hidden", "4", "--epochs", "4", "--checkpoint", "run",
                  "--resume")  # fmt: skip

    assert refused.code != 0
    assert "network-1.ckpt' is the checkpoint of another run: it has --epochs 3, not 4" in refused.err


def test_resume_alone(run, folder):
    refused = run(*TRAIN, "--resume")

    assert refused.code != 0
    assert "--resume needs --checkpoint DIR, the directory in which the training was saved" in refused.err


def test_a_checkpoint_is_not_replaced_as_a_model(run, folder):
    assert run(*TRAIN, "--checkpoint", "run").code == 0
    refused = run(*TRAIN, "-o", "run/network-1.ckpt")

    assert refused.code != 0
    assert "is there already and is no glassnet model" in refused.err
