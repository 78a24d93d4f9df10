"""Faults that are injected beside deepchecks and cleanlab, and how their findings are counted."""

import json

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.peers import comparison
from benchmarks.doctor.peers.files import about, cases_in, read_part, write_case
from benchmarks.doctor.peers.injected import CLEAN, KINDS, injected


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


def finding(found, rows=(), where=()):
    return {"found": found, "rows": list(rows), "where": list(where)}


def test_findings_are_counted(tmp_path):
    """By hand: of two broken sets one is found, and one of four clean ones gives an alarm, or half of one in two."""
    kind = "copies across the split"
    known = [(kind, [1, 2]), (kind, [3]), *[(CLEAN, [])] * 4]
    told = [finding(True, [1, 9]), finding(False), finding(True, [5]), *[finding(False)] * 3]
    for k, (name, rows) in enumerate(known):
        folder = tmp_path / f"{k:03d}"
        folder.mkdir()
        may_judge = [kind] if name == CLEAN else []
        (folder / "about.json").write_text(json.dumps({"kind": name, "rows": rows, "may_judge": may_judge}))
    lines = [json.dumps({"case": f"{k:03d}", "findings": {kind: each}}) for k, each in enumerate(told)]
    (tmp_path / "tool.jsonl").write_text("\n".join(lines))
    count = comparison.counted(tmp_path, tmp_path / "tool.jsonl", kind)

    assert (count.recall, count.precision) == (0.5, pytest.approx(1 / 1.5))
    assert (count.rows_right, count.rows_told, count.rows_broken) == (1, 2, 3)
    assert comparison.counted(tmp_path, tmp_path / "tool.jsonl", "wrong labels") is None


def test_a_column_must_be_named(tmp_path):
    kind = "an identifier"
    for k, where in enumerate((["column 'broken'"], ["column 'a'"])):
        folder = tmp_path / f"{k:03d}"
        folder.mkdir()
        (folder / "about.json").write_text(json.dumps({"kind": kind, "rows": [], "may_judge": []}))
        with (tmp_path / "tool.jsonl").open("a") as file:
            file.write(json.dumps({"case": folder.name, "findings": {kind: finding(True, (), where)}}) + "\n")

    assert comparison.counted(tmp_path, tmp_path / "tool.jsonl", kind).recall == 0.5
