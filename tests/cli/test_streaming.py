"""`predict` and `evaluate` on files of several parts: the bytes of the whole, in constant memory, after a kill too."""

import json
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, mean_absolute_error, r2_score

import glassnet as gn
from glassnet.data.reading import sources, text_files
from glassnet.data.rows import in_memory
from glassnet.data.spill import column_in_parts, columns_file
from glassnet.data.writing.tables import write_table
from glassnet.errors import ColumnError, ParameterError
from glassnet.estimators.fitting import preparation
from glassnet.estimators.streaming import new_rows, prediction_file

N = 500


def table(n: int = N, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, day = rng.normal(size=n).round(3), pd.date_range("2020-01-01", periods=n).astype(str)
    plan = rng.choice(["basic", "plus, extra", "max"], n)
    made = pd.DataFrame({"x": x, "plan": plan, "ok": rng.choice(["true", "false", ""], n), "day": day})
    made["note"] = [f"note {k} of \u00e9\n'{k}'" if k % 3 else "" for k in range(n)]
    made["price"] = [f"${k % 90},{k % 1000:03d}.50" for k in range(n)]
    made["empty"] = ""
    made["churn"] = np.where(x + (plan == "max") + rng.normal(size=n) > 0.5, "yes", "no")
    made["spent"] = (3 * x + rng.normal(size=n)).round(4)
    return made


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A classifier and a regressor that do not use all columns, trained by the command line's way."""
    folder = tmp_path_factory.mktemp("models")
    made, inputs = table(), ["x", "plan", "ok", "day"]
    made["ok"] = made["ok"].map({"true": True, "false": False})
    clf = gn.GlassClassifier((4,), max_iter=3, random_state=0).fit(made[inputs], made["churn"])
    reg = gn.GlassRegressor((4,), max_iter=3, random_state=0).fit(made[inputs], made["spent"])
    clf.target_name_, reg.target_name_ = "churn", "spent"
    clf.save(folder / "churn.glassnet")
    reg.save(folder / "spent.glassnet")
    return folder


@pytest.fixture
def cut(monkeypatch):
    """A function: from now on files of any size count as large, and parts have some rows."""

    def cut(n_rows: int = 64) -> None:
        for module in (sources, new_rows):
            monkeypatch.setattr(module, "LARGE", 0)
        monkeypatch.setattr(in_memory.TableSource.__init__, "__defaults__", (n_rows,))
        monkeypatch.setattr(text_files, "CELLS_AT_A_TIME", 1000)
        monkeypatch.setattr(column_in_parts, "MOST_LEVELS", 50)

    return cut


@pytest.fixture(params=[64, 500])
def in_parts(request, cut):
    cut(request.param)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = table(seed=1).astype({"x": object})
    made.loc[N - 1, ["x", "plan", "day"]] = ""  # gaps, an unknown level
    made.loc[N - 2, "plan"] = "=1+1"
    made.to_csv("data.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
@pytest.mark.parametrize("options", [["--with-inputs"], ["--with-inputs", "--spreadsheet-safe"], ["--resume"]])
def test_bytes_do_not_depend_on_the_parts(run, models, data, in_parts, monkeypatch, ending, options):
    """The whole file is written by `write_table`, which knows no parts, from predictions of the whole table."""
    if "--spreadsheet-safe" in options and ending != ".csv":
        pytest.skip("for CSV only")
    model = gn.load(models / "churn.glassnet")
    with monkeypatch.context() as patch:
        patch.setattr(sources, "LARGE", 1 << 30)
        schema = model.schema_
        whole = sources.read("data.csv", missing=schema.missing_markers, notations=schema.notations).table
    probabilities = model.predict_proba(whole)
    names, columns = ["row"], [np.arange(N)]
    if "--with-inputs" in options:
        names, columns = [*names, *whole.names], [*columns, *whole.columns]
    names += ["predicted churn", "P(churn=no)", "P(churn=yes)"]
    columns += [model.predict(whole), *probabilities.T]
    write_table(data / f"expected{ending}", ending, names, columns, "--spreadsheet-safe" in options)

    outcome = run("predict", models / "churn.glassnet", "data.csv", "--output", f"found{ending}", *options)

    assert outcome.code == 0, outcome.err
    assert (data / f"found{ending}").read_bytes() == (data / f"expected{ending}").read_bytes()
    assert {path.name for path in data.iterdir()} == {"data.csv", f"found{ending}", f"expected{ending}"}


@pytest.mark.parametrize("options", [[], ["--json"], ["--with-inputs", "--json"]])
def test_what_is_printed_does_not_depend_on_the_parts(run, models, data, cut, options):
    whole = run("predict", models / "spent.glassnet", "data.csv", *options)
    cut()

    assert run("predict", models / "spent.glassnet", "data.csv", *options).out == whole.out


def test_large_parquet_is_read_by_row_groups(run, models, data, monkeypatch):
    written = table(seed=2)
    written["ok"] = written["ok"].map({"true": True, "false": False})
    written.to_parquet("data.parquet", row_group_size=60)
    assert run("predict", models / "churn.glassnet", "data.parquet", "--output", "whole.csv", "--with-inputs").code == 0
    monkeypatch.setattr(new_rows, "LARGE", 0)
    monkeypatch.setattr(new_rows, "read", None)  # the reader of whole tables

    assert run("predict", models / "churn.glassnet", "data.parquet", "--output", "parts.csv", "--with-inputs").code == 0
    assert (data / "parts.csv").read_bytes() == (data / "whole.csv").read_bytes()


def test_an_odd_cell_in_the_last_part(run, models, data, cut):
    """The error names column, value and row as for a small file, and leaves nothing behind."""
    made = pd.read_csv("data.csv", dtype=str, keep_default_na=False)
    made.loc[N - 1, "x"] = "12 kg"
    made.to_csv("odd.csv", index=False)
    whole = run("predict", models / "churn.glassnet", "odd.csv", "--output", "out.csv")
    cut()
    found = run("predict", models / "churn.glassnet", "odd.csv", "--output", "out.csv")

    assert (found.code, found.err, found.out) == (whole.code, whole.err, whole.out)
    assert f"has '12 kg' in row {N - 1} (counted from 0)" in " ".join(found.err.split())
    assert {path.name for path in data.iterdir()} == {"data.csv", "odd.csv"}


def test_scores_of_classes(run, models, data, in_parts):
    """scikit-learn scores the predictions of the whole table, without the rows that have no target."""
    made = pd.read_csv("data.csv")
    made.loc[[3, 300], "churn"] = None
    made.to_csv("data.csv", index=False)
    found = run("evaluate", models / "churn.glassnet", "data.csv", "--json").json
    known, model = made[made["churn"].notna()], gn.load(models / "churn.glassnet")
    guesses, p = model.predict(known), model.predict_proba(known)
    share = (known["churn"] == "no").mean()

    assert (found["n_rows"], found["n_without_target"]) == (N - 2, 2)
    assert found["model"]["accuracy"] == accuracy_score(known["churn"], guesses)
    assert found["model"]["log_loss"] == pytest.approx(log_loss(known["churn"], p), rel=1e-12)
    assert found["confusion"]["counts"] == confusion_matrix(known["churn"], guesses).tolist()
    assert found["baseline"]["accuracy"] == max(share, 1 - share)
    constant = np.tile([share, 1 - share], (N - 2, 1))
    assert found["baseline"]["log_loss"] == pytest.approx(log_loss(known["churn"], constant), rel=1e-12)


def test_scores_of_quantities(run, models, data, in_parts):
    found = run("evaluate", models / "spent.glassnet", "data.csv", "--json").json
    made = pd.read_csv("data.csv")
    truth, guesses = made["spent"], gn.load(models / "spent.glassnet").predict(made)
    mean = np.full(N, truth.mean())

    assert found["model"]["rmse"] == pytest.approx(np.sqrt(np.mean((truth - guesses) ** 2)), rel=1e-12)
    assert found["model"]["mae"] == pytest.approx(mean_absolute_error(truth, guesses), rel=1e-12)
    assert found["model"]["r2"] == pytest.approx(r2_score(truth, guesses), rel=1e-12)
    assert found["baseline"]["mae"] == pytest.approx(mean_absolute_error(truth, mean), rel=1e-12)
    assert found["baseline"]["r2"] == pytest.approx(0.0, abs=1e-12)


def test_the_rows_of_training_are_recognized(run, data, in_parts):
    """As for a small file: the scores on the held-out rows are shown beside those on all."""
    made = run("train", "data.csv", "--target", "churn", "--epochs", "2", "--hidden", "3", "--output", "m.glassnet")
    assert made.code == 0, made.err
    found = run("evaluate", "m.glassnet", "data.csv", "--json").json
    pd.read_csv("data.csv").iloc[::-1].to_csv("other.csv", index=False)

    assert found["trained_on_these_rows"]["n_rows"] == 100
    assert run("evaluate", "m.glassnet", "other.csv", "--json").json["trained_on_these_rows"] is None


@pytest.mark.parametrize("more", [["--keep", "note"], ["--class-weight", "balanced", "--test-size", "0"]])
def test_training_is_the_same(run, data, cut, monkeypatch, more):
    """A model of a table in a file has the bytes of a model of the table in memory."""
    monkeypatch.setattr(preparation, "TARGETS_AT_A_TIME", 70)
    monkeypatch.setattr(columns_file, "ROWS_AT_A_TIME", 60)
    options = ["--target", "churn", "--epochs", "3", "--hidden", "3", *more]
    assert run("train", "data.csv", *options, "--output", "whole.glassnet").code == 0
    cut()

    assert run("train", "data.csv", *options, "--output", "parts.glassnet").code == 0
    found, expected = (gn.load(f"{name}.glassnet") for name in ("parts", "whole"))
    np.testing.assert_array_equal(found.network_.theta, expected.network_.theta)
    assert found.schema_ == expected.schema_
    assert found.data_fingerprint_ == expected.data_fingerprint_
    assert "test" in expected.report_ if "--test-size" not in more else not hasattr(expected, "report_")
    assert getattr(found, "report_", None) == getattr(expected, "report_", None)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import glassnet as gn
    from glassnet.estimators.streaming import prediction_file
    from glassnet.data.rows import in_memory
    in_memory.TableSource.__init__.__defaults__ = (50,)
    model, output, after, where = sys.argv[1:]
    wrote = [0]
    def die(*_):
        wrote[0] += 1
        if wrote[0] == int(after):
            os.kill(os.getpid(), signal.SIGKILL)
    class Killed(prediction_file.ResumablePredictions):
        def _note(self, writer, n_rows):
            if where == "before":
                die()
            super()._note(writer, n_rows)
            if where == "after":
                die()
    prediction_file.ResumablePredictions = Killed
    gn.predict_file(gn.load(model), "data.csv", output, with_inputs=True, resume=True)
"""


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_a_killed_run_is_continued(models, data, ending, monkeypatch):
    """SIGKILL comes thrice: before the progress is noted, after it, and after the last part; no output until the end."""
    model = gn.load(models / "churn.glassnet")
    gn.predict_file(model, "data.csv", f"whole{ending}", with_inputs=True)
    found = data / f"found{ending}"
    for after, where in ((3, "before"), (2, "after"), (6, "after")):
        words = [sys.executable, "-c", textwrap.dedent(KILLED), str(models / "churn.glassnet"), found.name]
        process = subprocess.run([*words, str(after), where], cwd=data, check=False)
        assert process.returncode == -signal.SIGKILL
        assert not found.exists()
    n_rows = json.loads((data / f"{found.name}.partial" / "progress.json").read_text())["n_rows"]
    monkeypatch.setattr(in_memory.TableSource.__init__, "__defaults__", (50,))

    assert n_rows == N
    assert gn.predict_file(model, "data.csv", found, with_inputs=True, resume=True) == N
    assert found.read_bytes() == (data / f"whole{ending}").read_bytes()
    assert not (data / f"{found.name}.partial").exists()


def killed(models, data, after: int) -> None:
    words = [sys.executable, "-c", textwrap.dedent(KILLED), str(models / "churn.glassnet"), "out.csv"]
    subprocess.run([*words, str(after), "after"], cwd=data, check=False)


def test_other_data_or_options_start_anew(run, models, data):
    killed(models, data, 2)
    made = pd.read_csv("data.csv", dtype=str, keep_default_na=False)
    made.loc[0, "x"] = "0.125"
    made.to_csv("data.csv", index=False)
    outcome = run("predict", models / "churn.glassnet", "data.csv", "--with-inputs", "--resume", "--output", "out.csv")
    run("predict", models / "churn.glassnet", "data.csv", "--with-inputs", "--output", "whole.csv")

    assert outcome.err.startswith("Note: out.csv.partial is by another model, of other data or with other options;")
    assert (data / "out.csv").read_bytes() == (data / "whole.csv").read_bytes()


def test_a_continued_run_says_so(run, models, data):
    killed(models, data, 2)
    outcome = run("predict", models / "churn.glassnet", "data.csv", "--with-inputs", "--resume", "--output", "out.csv")

    assert (
        outcome.err
        == "100 predictions found in out.csv.partial; continuing from there\n500 predictions written to out.csv\n"
    )


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"task": "x"}'])
def test_a_damaged_side_file_is_not_believed(run, models, data, content):
    killed(models, data, 2)
    (data / "out.csv.partial" / "progress.json").write_bytes(content)
    assert run("predict", models / "churn.glassnet", "data.csv", "--resume", "--output", "out.csv").code == 0
    assert run("predict", models / "churn.glassnet", "data.csv", "--output", "whole.csv").code == 0

    assert (data / "out.csv").read_bytes() == (data / "whole.csv").read_bytes()


def changed(path, change):
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("ending", "name", "change"),
    [
        (".csv", "rows.csv", lambda content: content[:-30]),
        (".csv", "rows.csv", lambda content: content[:60] + b"9" + content[61:]),
        (".json", "rows.json", lambda content: b""),
        (".parquet", "rows.parquet.1.parquet", lambda content: content[:-9]),
        (".csv", "progress.json", lambda content: content.replace(b'"n_rows": 100', b'"n_rows": 50')),
        (".csv", "progress.json", lambda content: content.replace(b'"n_rows": 100', b'"n_rows": "x"')),
        (".csv", "progress.json", lambda content: content.replace(b'"n_bytes": ', b'"n_bytes": 1000')),
        (
            ".json",
            "progress.json",
            lambda content: content.replace(b'"position": {', b'"position": [{').replace(b"}", b"}]", 1),
        ),
    ],
)
def test_predictions_that_were_cut_or_edited_are_not_continued(run, models, data, monkeypatch, ending, name, change):
    """What is continued has the bytes that were written; the output is that of a run from the start."""
    monkeypatch.setattr(in_memory.TableSource.__init__, "__defaults__", (50,))
    model, output = gn.load(models / "churn.glassnet"), f"out{ending}"
    partial = data / f"{output}.partial"
    noted = prediction_file.ResumablePredictions._note

    def stop(self, writer, n_rows):
        noted(self, writer, n_rows)
        if n_rows == 100:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prediction_file.ResumablePredictions, "_note", stop)
        with pytest.raises(KeyboardInterrupt):
            gn.predict_file(model, "data.csv", output, resume=True)
    before = (partial / name).read_bytes()
    changed(partial / name, change)
    assert (partial / name).read_bytes() != before
    outcome = run("predict", models / "churn.glassnet", "data.csv", "--resume", "--output", output)
    assert run("predict", models / "churn.glassnet", "data.csv", "--output", f"whole{ending}").code == 0

    assert outcome.code == 0
    assert outcome.err.startswith(f"Note: {output}.partial was cut or edited since it was written; starting anew.")
    assert (data / output).read_bytes() == (data / f"whole{ending}").read_bytes()


def test_files_of_others_are_not_removed(run, models, data, one_sentence):
    """A folder or file of the user's own in the place of the side folder is refused, and stays as it is."""
    (data / "out.csv.partial").mkdir()
    (data / "out.csv.partial" / "thesis.txt").write_text("ten years of work")
    (data / "b.csv.partial").write_text("mine")
    (data / "c.csv.partial").symlink_to(data)
    for name, reason in (
        ("out.csv", "has the file 'thesis.txt', which is not of a run"),
        ("b.csv", "is not a folder"),
        ("c.csv", "is not a folder"),
    ):
        outcome = run("predict", models / "churn.glassnet", "data.csv", "--resume", "--output", name)
        assert outcome.code == 2
        assert f"where predictions are kept until the end, {reason}; move it, or" in one_sentence(outcome.err)
    assert (data / "out.csv.partial" / "thesis.txt").read_text() == "ten years of work"
    assert (data / "b.csv.partial").read_text() == "mine"


def test_two_runs_do_not_write_the_same_file(models, data):
    from glassnet.locks import FileLock

    (data / "out.csv.partial").mkdir()
    with (
        FileLock(data / "out.csv.partial" / "lock"),
        pytest.raises(ParameterError, match=r"another run is writing .*out\.csv' right now; wait for its end"),
    ):
        gn.predict_file(gn.load(models / "churn.glassnet"), "data.csv", "out.csv", resume=True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["data.csv", "--resume"], "--resume needs --output FILE, beside which the predictions are kept."),
        (["-", "--resume", "-o", "out.csv"], "stdin cannot be read again by a later run; name a file"),
        (["SELECT * FROM 'data.csv'", "--resume", "-o", "out.csv"], "may return its rows in another order"),
    ],
)
def test_what_cannot_be_continued_is_refused(run, models, data, one_sentence, words, sentence):
    outcome = run("predict", models / "churn.glassnet", *words)

    assert outcome.code == 2
    assert sentence in one_sentence(outcome.err)


def test_options_of_python_are_checked(models, data):
    model = gn.load(models / "churn.glassnet")
    with pytest.raises(ParameterError, match="spreadsheet_safe applies to CSV only"):
        gn.predict_file(model, "data.csv", "out.json", spreadsheet_safe=True)
    (data / "none.csv").write_text("y\n1\n")
    with pytest.raises(ColumnError, match="column 'x'"):
        gn.predict_file(model, "none.csv", "out.csv")
    assert not (data / "out.csv").exists()
