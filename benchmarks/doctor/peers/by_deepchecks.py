"""What deepchecks finds in the data sets of a folder; runs in a Python of its own.

    python -m benchmarks.doctor.peers.by_deepchecks FOLDER OUTPUT

Its suites for data integrity and for training and test data run with their default conditions; a finding is a
condition that does not pass. Outliers are not looked for: this check has no condition and takes most of the time. The
check of class imbalance, which is in neither suite, runs as well. Its condition warns where the ratio of the classes is
*at least* the threshold, against its own description, so that the ratio is compared here.
"""

import logging
import re
import sys
from pathlib import Path

import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import ClassImbalance, OutlierSampleDetection
from deepchecks.tabular.suites import data_integrity, train_test_validation

from benchmarks.doctor.peers.lines import Findings, about, finding, look_at_each

LEAKS = ("Feature Label Correlation", "Feature Label Correlation Change")
STRONG = "Predictive Power Score is less than"  # the conditions about leaks; another one compares the two parts
LEAST_RATIO = 0.1  # of the rarest class to the most frequent one, its default
CHECKS = {
    "copies across the split": ("Train Test Samples Mix",),
    "near copies across the split": ("Train Test Samples Mix",),
    "a column made from the target": LEAKS,
    "an identifier": ("Identifier Label Correlation", *LEAKS),
    "new rows that are shifted": ("Feature Drift", "Multivariate Drift"),
}
"""For wrong labels and rows in an order there is no check."""


def looked_at(path: Path) -> Findings:
    """Return the findings by kind of fault."""
    case = about(path)
    train, new = (dataset(path / f"{part}.csv", case) for part in ("train", "new"))
    integrity = data_integrity()
    for index in [index for index, check in integrity.checks.items() if isinstance(check, OutlierSampleDetection)]:
        integrity.remove(index)
    results = [
        *integrity.run(train).results,
        *train_test_validation().run(train_dataset=train, test_dataset=new).results,
    ]
    failed = {each.get_header(): each for each in results if fails(each)}
    findings = {}
    for kind, names in CHECKS.items():
        ours = [failed[name] for name in names if name in failed]
        words = [words for each in ours for words in failing(each) if each.get_header() not in LEAKS or STRONG in words]
        rows = mixed(ours[0]) if ours and kind.endswith("across the split") else []
        findings[kind] = finding(bool(words), rows, words)
    if not case["is_regression"]:
        shares = ClassImbalance().run(train).value.values()
        findings["a rare class"] = finding(min(shares) < LEAST_RATIO * max(shares))
    return findings


def dataset(path: Path, case: dict) -> Dataset:
    """Return a part, with the kinds of its columns declared."""
    texts = case["texts"]
    frame = pd.read_csv(path, dtype=dict.fromkeys(texts, "object"), float_precision="round_trip")
    kind = "regression" if case["is_regression"] else ("binary" if frame["target"].nunique() == 2 else "multiclass")
    return Dataset(frame, label="target", cat_features=texts, label_type=kind)


def fails(result) -> bool:
    """Return whether a condition of a check does not pass."""
    return bool(getattr(result, "conditions_results", None)) and not result.passed_conditions()


def failing(result) -> list[str]:
    """Return the conditions that do not pass, with what they say."""
    return [f"{each.name}: {each.details}" for each in result.conditions_results if not each.is_pass()]


def mixed(result) -> list[int]:
    """Return the new rows that the check names as also in the training data; of many copies of a row it names some."""
    named = [re.search(r"Test indices: ([0-9, ]+)", str(text)) for text in result.value["data"].index]
    return sorted({int(row) for found in named if found for row in found[1].split(",") if row.strip()})


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    look_at_each(Path(sys.argv[1]), Path(sys.argv[2]), looked_at)
