"""What the doctor finds in the data sets of a folder."""

import warnings
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import glassnet as gn
from benchmarks.doctor.peers.files import read_part
from benchmarks.doctor.peers.lines import Findings, about, cases_in, finding, write_findings

EPOCHS = 30
RULES: dict[str, tuple[str, ...]] = {
    "wrong labels": ("wrong-labels",),
    "copies across the split": ("repeated-rows",),
    "near copies across the split": ("near-copies", "repeated-rows"),
    "a column made from the target": ("giveaway",),
    "an identifier": ("row-numbers", "identifiers"),
    "a rare class": ("forgotten-class", "imbalance"),
    "rows in an order": ("drifting-rows", "ordered-rows"),
    "new rows that are shifted": ("unlike-rows",),
}
"""The rules that name a fault, in broken data sets and in clean ones."""
NEEDS_PREDICTIONS = ("wrong labels", "a rare class", "rows in an order")  # and clean ones


def look(folder: Path, output: Path, jobs: int) -> None:
    """Write a JSON line for each data set, and the out-of-fold predictions that cleanlab is given as well."""
    with get_context("spawn").Pool(jobs) as pool:
        write_findings(output, pool.imap(looked_at, list(cases_in(folder))))


def looked_at(folder: Path) -> tuple[str, Findings]:
    """Return the name of a data set and the doctor's findings by kind of fault, and write the predictions."""
    warnings.simplefilter("ignore")
    case = about(folder)
    X, y = read_part(folder, "train")
    X_new, y_new = read_part(folder, "new")
    make = gn.GlassRegressor if case["is_regression"] else gn.GlassClassifier
    keep = list(X.columns)  # also those that look like identifiers, which it would leave out of its own accord
    model = make(max_iter=EPOCHS, random_state=0, keep=keep).fit(X, y)
    unseen = None
    if not case["is_regression"] and (case["may_judge"] or case["kind"] in NEEDS_PREDICTIONS):
        unseen = gn.out_of_fold(model, X, y)
        np.save(folder / "predictions.npy", unseen.predictions)
    diagnosis = gn.diagnose(model, X, y, validation=(X_new, y_new), out_of_fold=unseen)
    findings = {}
    for kind, rules in RULES.items():
        if not set(rules) & set(diagnosis.rules):
            continue
        ours = [each for each in diagnosis.findings if each.rule in rules]
        rows = sorted({row for each in ours for row in each.rows})
        findings[kind] = finding(bool(ours), rows, [f"{each.where} {each.evidence}" for each in ours])
    return folder.name, findings
