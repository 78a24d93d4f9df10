"""The arithmetic of the accuracy report on hand-made results, its page, and the files that runs go on from."""

import math
import sys
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import ablation, comparison, diagram, folds, models, report, run, tables


def results_of(scores, measure="error", **others):
    """Return results from {(table, model): [score of fold 0, of fold 1, ...]}."""
    rows = [
        {"table": table, "model": model, "fold": fold, measure: value}
        for (table, model), values in scores.items()
        for fold, value in enumerate(values)
    ]
    empty = {
        "error": np.nan,
        "nrmse": np.nan,
        "log_loss": np.nan,
        "seconds": np.nan,
        "source": "run",
        "versions": "x 1",
    }
    return comparison.with_score(pd.DataFrame([{**empty, **row, **others} for row in rows]))


def test_score_is_the_error_or_the_nrmse():
    results = pd.concat([results_of({("a", "m"): [0.1]}), results_of({("b", "m"): [0.7]}, measure="nrmse")])

    assert list(results["score"]) == [0.1, 0.7]


def test_means_are_over_the_folds_that_all_have():
    results = results_of({("a", "m"): [0.1, 0.3, 0.8], ("a", "o"): [0.2, 0.4], ("b", "m"): [0.5]})
    means = comparison.by_table(results, "score", ["m", "o"])

    assert list(means.index) == ["a"]
    assert list(means.loc["a"]) == pytest.approx([0.2, 0.3])


def test_who_is_complete():
    results = results_of(
        {("a", "m"): [0.1, 0.3], ("b", "m"): [0.5], ("a", "o"): [0.2], ("b", "o"): [0.1], ("a", "p"): [0]}
    )

    assert comparison.complete(results, ["m", "o", "p"]) == ["m"]
    assert comparison.on_all_tables(results, ["m", "o", "p"]) == ["m", "o"]
    assert comparison.complete(results, ["stranger"]) == []


def test_mean_ranks_share_ties():
    """Ranks 1, 2, 3 on the first table; 2.5, 2.5, 1 on the second."""
    means = pd.DataFrame({"m": [0.1, 0.2], "o": [0.2, 0.2], "p": [0.3, 0.1]})

    assert comparison.mean_ranks(means).to_dict() == {"m": 1.75, "p": 2.0, "o": 2.25}


def test_geometric_means():
    """Ratios of 2 and 8 have the geometric mean 4; on the third table there is nothing to divide by."""
    means = pd.DataFrame({"m": [0.2, 0.8, 0.3], "o": [0.1, 0.1, 0.0]})

    assert comparison.geometric_means(means, "o").to_dict() == pytest.approx({"m": 4.0, "o": 1.0})


WORSE = {
    ("sure", "m"): [0.12, 0.14, 0.16],  # by 0.02, 0.04, 0.06: 0.04 ± 0.02 / √3
    ("sure", "o"): [0.10, 0.10, 0.10],
    ("noisy", "m"): [0.05, 0.25],  # by -0.05, 0.15: 0.05 ± 0.1
    ("noisy", "o"): [0.10, 0.10],
    ("little", "m"): [0.102, 0.104],  # by 0.002, 0.004: 3 % ± 1 %
    ("little", "o"): [0.10, 0.10],
    ("better", "m"): [0.05, 0.05],
    ("better", "o"): [0.10, 0.10],
    ("single", "m"): [0.20],
    ("single", "o"): [0.10],
}


def test_paired_differences_and_the_criterion():
    """Worse by 5 % and by two standard errors, both: the standard deviations of the differences by hand."""
    found = comparison.paired_differences(comparison.by_fold(results_of(WORSE), "score", ["m", "o"]), "m", "o")

    assert found["difference"].to_dict() == pytest.approx(
        {"sure": 0.04, "noisy": 0.05, "little": 0.003, "better": -0.05, "single": 0.1}
    )
    assert found.loc["sure", "standard_error"] == pytest.approx(0.02 / math.sqrt(3))
    assert found.loc["noisy", "standard_error"] == pytest.approx(0.1)
    assert math.isnan(found.loc["single", "standard_error"])
    assert list(found.index[found["is_violation"]]) == ["sure"]


@pytest.mark.parametrize(("standard_errors", "is_violation"), [(1.99, False), (2.01, True)])
def test_the_criterion_is_at_two_standard_errors(standard_errors, is_violation):
    """Differences of center ± 0.02 on two folds have a standard error of 0.02."""
    center = 0.02 * standard_errors
    scores = {("t", "m"): [0.1 + center - 0.02, 0.1 + center + 0.02], ("t", "o"): [0.1, 0.1]}
    found = comparison.paired_differences(comparison.by_fold(results_of(scores), "score", ["m", "o"]), "m", "o")

    assert list(found["is_violation"]) == [is_violation]


def test_improvements_bear_a_fold_without_errors():
    """From a mean of 0.1 to one of 0.05 is 50 %; the other table has nothing to improve."""
    scores = {("t", "m"): [0.1, 0.0], ("t", "o"): [0.2, 0.0], ("u", "m"): [0.1, 0.1], ("u", "o"): [0.0, 0.0]}
    groups = comparison.relative_improvements(comparison.by_fold(results_of(scores), "score", ["m", "o"]), "m", "o")

    assert list(groups) == ["t"]
    assert list(groups["t"]) == pytest.approx([1.0, 0.0])
    assert comparison.center(groups) == pytest.approx(0.5)


def test_log_ratios_have_the_log_ratio_of_the_means():
    """Means of 0.3 and 0.1; the first fold's share is 0.2 / 0.3 - 0 / 0.1 above it."""
    scores = {("t", "m"): [0.2, 0.4], ("t", "o"): [0.0, 0.2], ("u", "m"): [0.0], ("u", "o"): [0.1]}
    groups = comparison.log_ratios(comparison.by_fold(results_of(scores), "score", ["m", "o"]), "m", "o")

    assert list(groups) == ["t"]
    assert groups["t"].mean() == pytest.approx(math.log(3))
    assert groups["t"][0] == pytest.approx(math.log(3) + 2 / 3)


@pytest.mark.parametrize(
    ("groups", "interval"),
    [
        ([[0.3, 0.3, 0.3]], (0.3, 0.3)),
        # folds alone: 0, 0.1, 0.2 with probabilities 1/4, 1/2, 1/4
        ([[0.0, 0.2]], (0.0, 0.2)),
        # tables alone: 0, 0.5, 1 likewise
        ([[0.0, 0.0], [1.0, 1.0]], (0.0, 1.0)),
        # the share of five draws that meet the last table: P(0) = 0.33, P(<= 2) = 0.942, P(<= 3) = 0.993
        ([[0.0], [0.0], [0.0], [0.0], [1.0]], (0.0, 0.6)),
        # both: 1 needs the second table twice and its second fold four times, P = 1/64; P(>= 0.75) = 1/64 + 1/16
        ([[0.0], [0.0, 1.0]], (0.0, 0.75)),
    ],
)
def test_cluster_bootstrap(groups, interval):
    """Distributions small enough to count; the quantiles lie far enough from their steps for 10,000 draws."""
    assert comparison.cluster_bootstrap(dict(enumerate(groups))) == pytest.approx(interval)


def test_seconds_are_compared_on_shared_folds():
    """The slow one has folds 0 and 1 only: ratios of 10 / 1 and 30 / 2, their median 12.5."""
    scores = {("t", "slow"): [10.0, 30.0], ("t", "m"): [1.0, 2.0, 9.0], ("u", "never"): [1.0]}
    found = comparison.seconds_per_fit(results_of(scores, measure="seconds"), "slow")

    assert found["seconds"].to_dict() == {"m": 2.0, "never": 1.0, "slow": 20.0}
    assert (found.loc["m", "times_as_fast"], found.loc["m", "at_least"]) == (12.5, 10.0)
    assert found.loc["slow", "times_as_fast"] == 1.0
    assert math.isnan(found.loc["never", "times_as_fast"])


def test_friedman():
    """Ranks 1, 2, 3 on each of three tables: Q = 12 / (3 · 3 · 4) · (3² + 6² + 9²) - 3 · 3 · 4 = 6; p = exp(-3)."""
    means = pd.DataFrame({"m": [0.1, 0.1, 0.1], "o": [0.2, 0.3, 0.4], "p": [0.5, 0.6, 0.7]})

    assert diagram.friedman(means) == pytest.approx(math.exp(-3))
    assert diagram.friedman(means[["m", "o"]]) is None
    assert diagram.friedman(means.head(2)) is None


def test_picture(tmp_path):
    for package in ("matplotlib", "scikit_posthocs"):
        pytest.importorskip(package, reason="draws the picture of the ranks; an extra of the benchmark")
    means = pd.DataFrame({"m": [0.1, 0.1, 0.1], "o": [0.2, 0.3, 0.4], "p": [0.5, 0.6, 0.7]})
    for name in ("one.svg", "two.svg"):
        diagram.save(means, "Mean rank", tmp_path / name)

    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_picture_without_its_packages(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(
        SystemExit, match=r"The picture needs the package 'matplotlib', which is not installed\. Try: pip"
    ):
        diagram.save(pd.DataFrame(), "Mean rank", tmp_path / "no.svg")


@pytest.fixture
def written(tmp_path):
    """Return the report's text on two tables: glassnet is worse on the first and better on the second."""
    scores = {
        ("digits", "glassnet"): [0.12, 0.14, 0.16],
        ("digits", "sklearn_mlp"): [0.10, 0.10, 0.10],
        ("digits", "hist_gradient_boosting"): [0.28, 0.28, 0.28],
        ("digits", "glassnet-8"): [0.07, 0.07, 0.07],
        ("letter", "glassnet"): [0.10, 0.10, 0.10],
        ("letter", "sklearn_mlp"): [0.20, 0.20, 0.20],
        ("letter", "hist_gradient_boosting"): [0.05, 0.05, 0.05],
        ("letter", "glassnet-8"): [0.075, 0.075, 0.075],
        ("digits", "realmlp_td"): [0.30],
    }
    path = tmp_path / "results.csv"
    results = results_of(scores, seconds=2.0)
    results.loc[results["model"] == "realmlp_td", ["seconds", "source", "versions"]] = [30.0, "imported", np.nan]
    results.drop(columns="score").to_csv(path, index=False)
    return report.text_of(path, picture=tmp_path / "none.svg")


@pytest.mark.parametrize(
    "line",
    [
        # third on both; ratios 0.14 / 0.28 and 0.10 / 0.05, whose geometric mean is 1
        "| glassnet | 3.00 | 1.000 | 0.500 | 2.000 |",
        # ranks 1 and 2; 0.07 / 0.28 = 1 / 4 and 0.075 / 0.05 = 3 / 2: the root of 3 / 8
        "| glassnet-8 | 1.50 | 0.612 | 0.250 | 1.500 |",
        "2 tables, 6 folds that all have.",
        # 0.02 / √3 is 11.5 % of 0.10
        "| digits | 3 | 0.1400 | 0.1000 | +40.0 % | 11.5 % |",
        "| letter | 3 | 0.1000 | 0.2000 | -50.0 % | 0.0 % |",
        "Tables worse by more than 5 % and by more than two standard errors: **worse: digits**.",
        "| glassnet | 2.00 | 15× | 15× |",
        "| digits * | 0.1400 | 0.0700 | 0.2800 | 0.1000 |",
        "- glassnet: x 1",
        "Not ranked, for want of some tables: realmlp_td.",
        "1 of 25 rows were measured by another script, by the same protocol, without seconds and versions: realmlp_td.",
    ],
)
def test_report(written, line):
    assert line in written.splitlines()


def test_report_of_the_ensemble(written):
    """Halved on one table and a quarter less on the other: 37.5 %; alone, the second would be 25 %."""
    (line,) = [line for line in written.splitlines() if line.startswith("- error rate or nRMSE: ")]

    assert line.startswith("- error rate or nRMSE: +37.5 %, the mean over 2 tables; 95 % interval +25.0 % to +")


def test_report_of_an_ablation(tmp_path):
    """Doubled on a table that the recipe was chosen on; on two others 2 and 8 times, 4 in the geometric mean."""
    scores = {
        ("digits", "default"): [0.1, 0.1],
        ("digits", "relu"): [0.2, 0.2],
        ("letter", "default"): [0.1, 0.1],
        ("letter", "relu"): [0.2, 0.2],
        ("magic", "default"): [0.1, 0.1],
        ("magic", "relu"): [0.8, 0.8],
    }
    path = tmp_path / "ablation.csv"
    results_of(scores, parameters='{"activation": "relu"}').rename(columns={"model": "variant"}).to_csv(
        path, index=False
    )
    text = report.ablation_text(path)

    assert '| relu: `{"activation": "relu"}` | 2.000 (1) | 4.000 (2.000 to 8.000; 2) | – | – |' in text.splitlines()
    assert report.ablation_text(tmp_path / "none.csv") == report.NO_ABLATION


def test_page_is_what_the_results_say():
    report.check()


def test_page_that_is_not_up_to_date(tmp_path):
    page = tmp_path / "accuracy.md"
    marks = [*report.RESULTS_MARKS, *report.ABLATION_MARKS]
    page.write_text("before\n" + "\n".join(marks) + "\nafter\n")
    missing = tmp_path / "none.csv"
    with pytest.raises(SystemExit, match=r"is not what the results say: run python -m benchmarks\.accuracy\.report"):
        report.check(missing, missing, page, missing)
    report.write(missing, missing, page, missing)
    report.check(missing, missing, page, missing)
    text = page.read_text()
    places = [
        text.index(part) for part in ("before", marks[0], report.NO_RESULTS, marks[1], marks[2], marks[3], "after")
    ]

    assert all(first < second for first, second in pairwise(places))


def test_import(tmp_path):
    """Names change, what is there stays, and other models are told."""
    source, path = tmp_path / "other.csv", tmp_path / "results.csv"
    source.write_text(
        "dataset,task,model,fold,error,logloss,auc,r2,nrmse,nmae\n"
        "digits,multiclass,hgb,0,0.03,0.1,,,,\n"
        "digits,multiclass,hgb,1,0.04,0.2,,,,\n"
        "ames,regression,td,0,,,,0.9,0.31,0.2\n"
        "digits,multiclass,td_ce,0,0.5,0.5,,,,\n"
    )
    own = {"table": "digits", "model": "hist_gradient_boosting", "fold": 1, "error": 0.9, "source": "run"}
    folds.Rows(path, run.FIELDS, run.KEY).add(own)

    assert run.import_rows(source, path) == (2, ["td_ce"])
    assert run.import_rows(source, path) == (0, ["td_ce"])
    found = pd.read_csv(path)
    assert list(found["model"]) == ["hist_gradient_boosting", "hist_gradient_boosting", "realmlp_td"]
    assert list(found["source"]) == ["run", "imported", "imported"]
    assert list(found["error"])[:2] == [0.9, 0.03]
    assert (found.loc[1, "log_loss"], found.loc[2, "nrmse"]) == (0.1, 0.31)


def test_import_of_another_form(tmp_path):
    source = tmp_path / "other.csv"
    source.write_text("dataset,model\ndigits,hgb\n")

    with pytest.raises(
        SystemExit, match=r"other\.csv has no column 'fold'; --import reads a CSV with dataset, model, fold"
    ):
        run.import_rows(source, tmp_path / "results.csv")


def test_rows_of_another_form(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("table,fold\n")

    with pytest.raises(
        SystemExit, match=r"results\.csv has the columns table, fold; expected: table, model, fold, error"
    ):
        folds.Rows(path, run.FIELDS, run.KEY)


@pytest.fixture
def small_table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=60), "c": pd.Categorical(["a", "b", None] * 20)})
    return tables.Table("small", X, (X["x"].to_numpy() > 0).astype(int), is_regression=False)


def test_run_goes_on(tmp_path, monkeypatch, small_table, capsys):
    """What is there is not computed again; a model that fails does not end the run, and is tried again."""
    path = tmp_path / "results.csv"
    monkeypatch.setattr(run, "load", lambda name: small_table)
    broken = models.Model(lambda is_regression, seed: None, "matrix")
    monkeypatch.setitem(models.MODELS, "broken", broken)

    assert run.run(["linear", "broken"], ["small"], [0, 1], path) == 2
    before = path.read_text()
    assert run.run(["linear", "broken"], ["small"], [0, 1], path) == 2
    assert path.read_text() == before
    found = pd.read_csv(path)
    assert list(found["fold"]) == [0, 1]
    assert set(found["source"]) == {"run"}
    assert found["versions"].str.fullmatch(r"scikit-learn [\d.]+\w*").all()
    assert "failed: small, broken, fold 0" in capsys.readouterr().err


def test_run_again(tmp_path, monkeypatch, small_table):
    """Only what was asked for is measured anew; the other rows stay as they are, to the letter."""
    path = tmp_path / "results.csv"
    monkeypatch.setattr(run, "load", lambda name: small_table)
    rows = folds.Rows(path, run.FIELDS, run.KEY)
    for fold in (0, 1):
        rows.add({"table": "small", "model": "linear", "fold": fold, "error": "0.90"})
    run.run(["linear"], ["small"], [1], path, again=True)
    lines = path.read_text().splitlines()

    assert lines[1] == "small,linear,0,0.90,,,,,,,"
    assert len(lines) == 3
    assert lines[2].startswith("small,linear,1,0.")
    assert ",run,scikit-learn" in lines[2]


def test_ablation_meets_every_variant_before_the_next_fold(tmp_path, monkeypatch, small_table):
    path = tmp_path / "ablation.csv"
    monkeypatch.setattr(ablation, "load", lambda name: small_table)
    monkeypatch.setattr(ablation, "compile_kernels", lambda: None)
    monkeypatch.setattr(ablation, "one_fold", lambda *args: {"error": 0.1, "seconds": 0.0})
    variants = {"default": {}, "relu": {"activation": "relu"}, "free": {"clip_predictions": False}}
    ablation.run(variants, ["small"], [0, 1], path, minutes=-1)
    assert len(pd.read_csv(path)) == 0  # the time was over before the first fit
    ablation.run(variants, ["small"], [0, 1], path, minutes=5)
    found = pd.read_csv(path)

    # clip_predictions is for quantities only
    assert list(zip(found["fold"], found["variant"])) == [(0, "default"), (0, "relu"), (1, "default"), (1, "relu")]
    assert list(found["parameters"])[:2] == ["{}", '{"activation": "relu"}']


def test_all_tables_before_the_second_fold(small_table):
    other = tables.Table("other", small_table.X, small_table.y, is_regression=False)
    order = [(table.name, fold) for table, fold, _, _ in folds.cells([small_table, other], [0, 3])]

    assert order == [("small", 0), ("other", 0), ("small", 3), ("other", 3)]


def test_a_variant_that_has_changed(tmp_path):
    path = tmp_path / "ablation.csv"
    row = {
        "table": "digits",
        "variant": "narrow",
        "fold": 0,
        "parameters": '{"hidden_layer_sizes": [64]}',
        "error": 0.1,
    }
    folds.Rows(path, ablation.FIELDS, ablation.KEY).add(row)

    ablation.check_same({"narrow": {"hidden_layer_sizes": (64,)}, "relu": {"activation": "relu"}}, path)
    with pytest.raises(
        SystemExit, match=r"In ablation\.csv the variant 'narrow' is .*\[64\]}, not .*\[32\]}\. Give it another"
    ):
        ablation.check_same({"narrow": {"hidden_layer_sizes": (32,)}}, path)


def test_variants_of_the_default_list_exist():
    ablation.check_variants(ablation.VARIANTS)

    assert sorted(ablation.alternating()) == sorted(tables.LOADERS)


def test_a_variant_that_does_not_exist():
    with pytest.raises(
        SystemExit, match="The variant 'embedded' sets 'embeddings', which no estimator of this glassnet has"
    ):
        ablation.check_variants({"embedded": {"embeddings": 3}})


@pytest.mark.parametrize("text", ["relu", "relu=[1]", "={}", "relu={'activation'}"])
def test_a_variant_that_is_not_one(text):
    with pytest.raises(SystemExit, match=r"is not NAME=JSON with a JSON object\. Try: --add relu="):
        ablation.added([text])


def test_a_variant_of_ones_own():
    assert ablation.added(['w={"hidden_layer_sizes": [8]}']) == {"w": {"hidden_layer_sizes": [8]}}


def test_models_that_are_not_there(monkeypatch):
    with pytest.raises(SystemExit, match=r"There is no model 'oracle'\. Choose from: glassnet, glassnet-8, "):
        models.check_models(["oracle"])
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(
        SystemExit, match=r"The model 'realmlp_td' needs the package 'pytabkit', which is not installed\. Try"
    ):
        models.check_models(["realmlp_td"])


@pytest.mark.parametrize(
    ("text", "message"),
    [("0,7", "There is no fold '7'. Choose from: 0, 1, 2"), (" , ", "There is no fold ' , '. Choose from: 0, 1, 2")],
)
def test_what_is_not_among_the_choices(text, message):
    assert folds.chosen("2, 0", range(3), "fold") == [2, 0]
    with pytest.raises(SystemExit, match=message):
        folds.chosen(text, range(3), "fold")


TRAIN = pd.DataFrame(
    {"x": [1.0, 3.0, np.nan, 8.0], "c": pd.Categorical(["b", None, "a", "b"], categories=["a", "b", "z"])}
)
TEST = pd.DataFrame({"x": [np.nan, 4.0], "c": pd.Categorical(["z", None], categories=["a", "b", "z"])})


def test_what_models_are_given():
    """Median 3, mean 4; levels "<missing>", "a", "b" in the training part, and "z" is none of them."""
    filled = models.prepared("filled", TRAIN, TEST)
    codes = models.prepared("codes", TRAIN, TEST)
    matrix = models.prepared("matrix", TRAIN, TEST)

    assert models.prepared("frame", TRAIN, TEST) == (TRAIN, TEST)
    assert list(filled[0]["x"]) == [1, 3, 3, 8]
    assert list(filled[1]["x"]) == [3, 4]
    np.testing.assert_array_equal(codes[0], [[1, 1], [3, -1], [np.nan, 0], [8, 1]])
    np.testing.assert_array_equal(codes[1], [[np.nan, -1], [4, -1]])
    deviation = math.sqrt((9 + 1 + 0 + 16) / 4)
    np.testing.assert_allclose(matrix[0][:, 0], np.array([-3, -1, 0, 4]) / deviation)
    np.testing.assert_array_equal(matrix[0][:, 1:], [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(matrix[1], [[0, 0, 0, 0], [0, 1, 0, 0]])


def test_scores_of_classes():
    """One of three rows is wrong; its class has no probability, as training never saw it, and counts as 1e-7."""
    table = SimpleNamespace(is_regression=False, y=np.array([0, 1, 2]))
    model = SimpleNamespace(
        classes_=np.array([0, 1]),
        predict=lambda X: np.array([0, 1, 0]),
        predict_proba=lambda X: np.array([[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]]),
    )
    found = folds.scores(table, model, None, table.y)

    assert found == pytest.approx({"error": 1 / 3, "log_loss": -(math.log(0.5) + math.log(0.75) + math.log(1e-7)) / 3})


def test_scores_of_quantities():
    """Targets 0 and 4 have the deviation 2; misses of 1 and 3 a root mean square of √5 and a mean of 2."""
    table = SimpleNamespace(is_regression=True, y=np.array([0.0, 4.0]))
    model = SimpleNamespace(predict=lambda X: np.array([[1.0], [1.0]]))

    assert folds.scores(table, model, None, table.y) == pytest.approx({"nrmse": math.sqrt(5) / 2, "nmae": 1.0})
