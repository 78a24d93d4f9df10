"""`glassnet sweep` as a user runs it."""

import json

import pytest

import glassnet as gn

SPACE = "hidden_layer_sizes = [[4], [8]]\nmax_iter = 9\nlearning_rate_init = {low = 0.003, high = 0.1, log = true}\n"


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"{k % 17},{k % 5},{'high' if k % 17 + k % 5 > 10 else 'low'}" for k in range(200)]
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,side", *lines]) + "\n")
    (tmp_path / "space.toml").write_text(SPACE)
    return ["rows.csv", "--target", "side", "--space", "space.toml", "--trials", "4", "--batch", "4", "--folds", "1"]


def test_it_prints_tests_and_saves(run, rows, tmp_path):
    result = run("sweep", *rows, "--plots", "plots", "--pruner", "none")

    assert result.code == 0, result.err
    assert "4 candidates: 4 trained to the end, 0 stopped early. Scored on held-out rows." in result.out
    assert "What changed the score: " in result.out
    assert "Test on 40 rows held out from training" in result.out
    assert "always 'low'" in result.out
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert names == [
        "plots/candidates.svg", "plots/importance.svg", "rows.csv", "rows.glassnet", "rows.sweep.db", "space.toml"
    ]  # fmt: skip
    model = gn.load("rows.glassnet")
    assert model.target_name_ == "side"
    assert model.report_["test"]["n_rows"] == 40


def test_the_same_command_goes_on(run, rows):
    first = json.loads(run("sweep", *rows, "--json").out)
    again = json.loads(run("sweep", *rows, "--json").out)

    assert (first["sweep"]["n_resumed"], again["sweep"]["n_resumed"]) == (0, 4)
    assert again["sweep"]["trials"] == first["sweep"]["trials"]
    assert again["test"] == first["test"]
    assert first["split"]["train"] == 160
    assert first["model"] == "rows.glassnet"
    assert "4 of them were in rows.sweep.db already." in run("sweep", *rows).out


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--trials", "0"], 2, "--trials 0 must be a whole number from 1 upwards"),
        (["--score", "r2"], 2, "--score r2 is not one of 'log_loss', 'accuracy', the scores for classes"),
        (["--set", "alpha=-1"], 2, "alpha=-1"),
        (["--cluster", "mpi"], 2, "--cluster mpi is not for a sweep; use ray://auto, or leave it out."),
        (["--space", "none.toml"], 1, "there is no file 'none.toml'; a space is a TOML file, or leave it out."),
        (["--storage", "rows.csv"], 2, "'rows.csv' is also read by this command"),
        (["--storage", "space.toml"], 1, "'space.toml' is not the file of a sweep: file is not a database; use"),
    ],
)
def test_wrong_use_is_one_sentence(run, rows, options, code, sentence):
    result = run("sweep", *rows, *options)

    assert result.code == code
    assert sentence in " ".join(result.err.split())
    assert "Traceback" not in result.err


def test_ctrl_c_says_how_to_go_on(run, rows, monkeypatch):
    """Ctrl-C comes while the second batch is under way."""
    from glassnet.sweeping.search import Search

    tell = Search._tell

    def interrupting(self, n_done):
        tell(self, n_done)
        if len(self.finished) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_tell", interrupting)
    result = run("sweep", *rows, "--trials", "8")

    assert result.code == 1
    assert "4 candidates: " in result.out
    assert (
        "interrupted after 4 candidates of the sweep; they are kept in rows.sweep.db, and the same command goes on."
    ) in " ".join(result.err.split())
    monkeypatch.undo()
