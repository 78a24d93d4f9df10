"""What cleanlab's Datalab finds in the data sets of a folder; runs in a Python of its own.

    python -m benchmarks.doctor.peers.by_cleanlab FOLDER OUTPUT

Datalab gets the labels of the training rows, the features as standardized numbers, and the out-of-fold predictions that
the doctor got. Copies across the split are looked for in both parts together, as its documentation advises. Near
duplicates at a distance of no more than a rounding error are exact copies.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.doctor.peers.lines import Findings, about, finding, look_at_each

EXACT = 1e-9  # distance of rows that are the same but for rounding


def looked_at(path: Path) -> Findings:
    """Return the findings by kind of fault; kinds without a check are left out."""
    from cleanlab import Datalab

    case = about(path)
    y = pd.read_csv(path / "train.csv")["target"].to_numpy()
    features = np.load(path / "features.npz")["features"]
    n = case["n_train"]
    predictions = np.load(path / "predictions.npy") if (path / "predictions.npy").exists() else None
    task = "regression" if case["is_regression"] else "classification"
    given = {"features": features[:n]} | ({"pred_probs": predictions} if predictions is not None else {})
    lab = Datalab(data={"target": y}, label_name="target", task=task, verbosity=0)
    lab.find_issues(**given)
    both = Datalab(data={"row": np.arange(len(features))}, verbosity=0)
    both.find_issues(features=features, issue_types={"near_duplicate": {}})
    near = across(both, n)
    copied = exact(both, near, n)
    findings = {
        "copies across the split": finding(bool(copied), copied),
        "near copies across the split": finding(bool(near), near),
        "rows in an order": told(lab, "non_iid"),
    }
    if predictions is not None:
        findings["wrong labels"] = told(lab, "label")
    if task == "classification":
        findings["a rare class"] = told(lab, "class_imbalance")
    return findings


def told(lab: Any, issue: str) -> dict[str, Any]:
    """Return the rows with an issue; there is a finding if its report would count any."""
    if f"is_{issue}_issue" not in lab.issues.columns:
        return finding(False)
    rows = np.flatnonzero(lab.issues[f"is_{issue}_issue"].to_numpy()).tolist()
    return finding(bool(rows), rows)


def across(both: Any, n: int) -> list[int]:
    """Return the new rows that are near duplicates of a training row."""
    if "is_near_duplicate_issue" not in both.issues.columns:
        return []
    issues = both.get_issues("near_duplicate")
    sets = issues["near_duplicate_sets"].tolist()
    is_issue = issues["is_near_duplicate_issue"].tolist()
    return [row - n for row in range(n, len(sets)) if is_issue[row] and any(other < n for other in sets[row])]


def exact(both: Any, near: list[int], n: int) -> list[int]:
    """Return those of the near duplicates that lie on a training row but for rounding, by Datalab's own distances."""
    if not near:
        return []
    graph = both.get_info("statistics")["weighted_knn_graph"].tocoo()
    is_same = graph.data <= EXACT
    pairs = np.stack([graph.row[is_same], graph.col[is_same]])
    of_both_parts = pairs[:, (pairs < n).sum(axis=0) == 1]  # each row knows its ten nearest ones only
    return sorted(set(near) & set((of_both_parts.max(axis=0) - n).tolist()))


if __name__ == "__main__":
    look_at_each(Path(sys.argv[1]), Path(sys.argv[2]), looked_at)
