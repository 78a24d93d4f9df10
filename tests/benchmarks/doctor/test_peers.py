"""Faults that are injected beside deepchecks and cleanlab, and how their findings are counted."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.peers import by_cleanlab, by_doctor, comparison
from benchmarks.doctor.peers.files import read_part, write_case
from benchmarks.doctor.peers.injected import CLEAN, KINDS, injected
from benchmarks.doctor.peers.lines import about, cases_in, finding, look_at_each, read_findings, write_findings
from scipy.sparse import csr_matrix

import glassnet as gn
from glassnet.diagnosis.rules import RULES


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(1500, 3)), columns=["a", "b", "c"]).assign(
        d=pd.Categorical(rng.choice(["x", "y"], 1500))
    )
    return list(injected(Table("made", X, (X["a"] > 0).to_numpy().astype(int), is_regression=False)))


def of_kind(cases, kind):
    return [case for case in cases if case.kind == kind]


def test_there_are_as_many_clean_data_sets_as_broken_ones(cases):
    assert {kind: len(of_kind(cases, kind)) for kind in (CLEAN, *KINDS)} == dict.fromkeys((CLEAN, *KINDS), 2)
    assert all(case.may_judge == tuple(KINDS) for case in of_kind(cases, CLEAN))


def test_the_broken_rows_are_those_that_differ(cases):
    clean, broken = of_kind(cases, CLEAN), of_kind(cases, "wrong labels")
    for one, other, n in zip(clean, broken, (60, 120), strict=True):
        assert np.flatnonzero(one.y != other.y).tolist() == list(other.rows)
        assert len(other.rows) == n


def test_copies_are_rows_of_training(cases):
    for case in of_kind(cases, "copies across the split"):
        known = {tuple(row) for row in case.X.itertuples(index=False)}
        is_known = [tuple(row) in known for row in case.X_new.itertuples(index=False)]
        assert np.flatnonzero(is_known).tolist() == list(case.rows)


def test_near_copies_lie_beside_rows_of_training(cases):
    for case, noise in zip(of_kind(cases, "near copies across the split"), (1e-3, 2e-2), strict=True):
        known, new = (frame[["a", "b", "c"]].to_numpy() for frame in (case.X, case.X_new))
        distance = np.sqrt(((new[:, None] - known[None]) ** 2).sum(axis=2)).min(axis=1)
        assert distance[list(case.rows)].max() < 6 * noise
        assert np.median(np.delete(distance, case.rows)) > 6 * noise


def test_files_give_the_same_rows_again(cases, tmp_path):
    case = of_kind(cases, "an identifier")[1]
    write_case(case, tmp_path / "000")
    X, y = read_part(tmp_path / "000", "train")
    np.testing.assert_array_equal(X[["a", "b", "c"]], case.X[["a", "b", "c"]])
    assert X["broken"].tolist() == case.X["broken"].tolist()
    assert y.tolist() == case.y.tolist()
    assert [path.name for path in cases_in(tmp_path)] == ["000"]
    assert about(tmp_path / "000")["column"] == "broken"


def put(folder, kind, cases):
    """Write data sets and what a tool says of them: kind, broken rows, kinds that may be judged, and its findings."""
    for k, (name, rows, may_judge, _) in enumerate(cases):
        (folder / f"{k:03d}").mkdir()
        known = {"kind": name, "rows": rows, "may_judge": may_judge}
        (folder / f"{k:03d}" / "about.json").write_text(json.dumps(known))
    write_findings(folder / "tool.jsonl", ((f"{k:03d}", findings) for k, (*_, findings) in enumerate(cases)))
    return comparison.counted(folder, folder / "tool.jsonl", kind)


def test_findings_are_counted(tmp_path):
    """By hand: of two broken sets one is found, and one of four clean ones gives an alarm, or half of one in two."""
    kind = "copies across the split"
    broken = [(kind, [1, 2], [], {kind: finding(True, [1, 9])}), (kind, [3], [], {kind: finding(False)})]
    clean = [(CLEAN, [], [kind], {kind: finding(k == 0, [5] if k == 0 else [])}) for k in range(4)]
    count = put(tmp_path, kind, [*broken, *clean])

    assert (count.recall, count.precision) == (0.5, pytest.approx(1 / 1.5))
    assert (count.rows_right, count.rows_told, count.rows_broken) == (1, 2, 3)
    assert comparison.counted(tmp_path, tmp_path / "tool.jsonl", "wrong labels") is None


def test_a_broken_data_set_that_a_tool_passed_over_counts_as_missed(tmp_path):
    kind = "wrong labels"
    count = put(tmp_path, kind, [(kind, [1], [], {kind: finding(True, [1])}), (kind, [2], [], {})])

    assert (count.recall, count.faults, count.rows_broken) == (0.5, 2, 2)


def test_a_finding_about_another_column_is_wrong_wherever_it_is(tmp_path):
    """By hand: of three broken sets one is found and one misnamed, the alarm in one of three clean ones: 1 of 3."""
    kind = "an identifier"
    words = (["column 'broken'"], ["column 'a'"], [])
    broken = [(kind, [], [], {kind: finding(bool(each), (), each)}) for each in words]
    clean = [(CLEAN, [], [kind], {kind: finding(k == 0, (), ["column 'a'"])}) for k in range(3)]
    count = put(tmp_path, kind, [*broken, *clean])

    assert (count.found, count.misplaced, count.alarms) == (1, 1, 1)
    assert (count.recall, count.precision) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_the_table_shows_who_is_ahead(tmp_path):
    label, order = "wrong labels", "rows in an order"
    told = {
        "doctor": [{label: finding(True, [1]), order: finding(False)}, {label: finding(False), order: finding(True)}],
        "deepchecks": [{}, {}],
        "cleanlab": [{label: finding(True, [1, 2]), order: finding(False)}] * 2,
    }
    put(tmp_path, label, [(label, [1, 2], [], {}), (order, [], [label], {})])
    outputs = {tool: tmp_path / f"{tool}.jsonl" for tool in told}
    for tool, found in told.items():
        write_findings(outputs[tool], zip(("000", "001"), found, strict=True))
    text = comparison.markdown(tmp_path, outputs, {tool: tool for tool in told})

    assert (
        "| wrong labels | 1 | precision 100%, recall 100% (0 of 1 clean ones) | no check "
        "| precision 50%, recall 100% (1 of 1 clean ones) |" in text
    )
    assert (
        "| rows in an order | 1 | precision 100%, recall 100% (0 of 0 clean ones) | no check | precision –, recall 0%"
        in text
    )
    assert "| wrong labels | 2 | precision 100%, recall 50% | no check | precision 100%, recall 100% |" in text
    assert "- **cleanlab is ahead in wrong labels**: recall of rows.\n" in text
    assert "in rows in an order" not in text


def test_each_tool_writes_a_line_for_each_data_set(tmp_path, capsys):
    for name in ("001", "000"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "about.json").write_text("{}")

    def looked_at(path):
        print("so many words")
        return {"wrong labels": finding(True, [len(path.name)])}

    look_at_each(tmp_path, tmp_path / "tool.jsonl", looked_at)

    same = {"wrong labels": {"found": True, "rows": [3], "where": []}}
    assert list(read_findings(tmp_path / "tool.jsonl").items()) == [("000", same), ("001", same)]
    assert capsys.readouterr().out == ""


def test_lines_need_the_standard_library_alone():
    """The Pythons of the peers have other versions of everything else."""
    root = Path(by_doctor.__file__).parents[3]
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.path.append(sys.argv[1]); "
               "import benchmarks.doctor.peers.lines; print(set(sys.modules) & {'numpy', 'glassnet'})", str(root)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("set()\n", 0), done.stderr


def test_exact_copies_are_those_at_no_distance():
    """Rows 0 to 2 are of training; the new rows 3, 4 and 5 lie on row 0, beside row 1, and on the new row 3."""
    pairs = {(3, 0): 0.0, (5, 3): 0.0, (4, 1): 1e-6, (1, 4): 1e-6, (2, 5): 1e-12}
    places = tuple(zip(*pairs, strict=True))
    graph = csr_matrix((list(pairs.values()), places), shape=(6, 6))
    lab = SimpleNamespace(get_info=lambda name: {"weighted_knn_graph": graph})

    assert by_cleanlab.exact(lab, [0, 1, 2], 3) == [0, 2]
    assert by_cleanlab.exact(lab, [1], 3) == []
    assert by_cleanlab.exact(lab, [], 3) == []


class TestDoctor:
    def test_rules_exist_and_answer_to_all_kinds(self):
        assert set(by_doctor.RULES) == set(KINDS)
        assert {rule.name for rule in RULES} >= {rule for rules in by_doctor.RULES.values() for rule in rules}

    @pytest.mark.parametrize("kind, n", [(CLEAN, 0), ("an identifier", 1)])
    def test_all_columns_are_kept_in_every_data_set(self, cases, tmp_path, monkeypatch, kind, n):
        """Nothing tells the doctor which column is broken, or that there is one."""
        case = of_kind(cases, kind)[n]
        write_case(case, tmp_path / "000")
        models = []

        def diagnose(model, X, y, **options):
            models.append(model)
            return SimpleNamespace(rules=tuple(rule.name for rule in RULES), findings=())

        monkeypatch.setattr(gn, "diagnose", diagnose)
        monkeypatch.setattr(by_doctor, "EPOCHS", 1)
        name, findings = by_doctor.looked_at(tmp_path / "000")

        assert (name, findings) == ("000", {each: finding(False) for each in KINDS})
        assert models[0].keep == list(case.X.columns)

    def test_copies_are_found_by_their_rows(self, cases, tmp_path, monkeypatch):
        case = of_kind(cases, "copies across the split")[1]
        write_case(case, tmp_path / "000")
        monkeypatch.setattr(by_doctor, "EPOCHS", 1)
        _, findings = by_doctor.looked_at(tmp_path / "000")

        assert findings["copies across the split"]["rows"] == list(case.rows)
        assert not findings["new rows that are shifted"]["found"]
        assert not (tmp_path / "000" / "predictions.npy").exists()
