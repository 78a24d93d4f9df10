"""What cleanlab's Datalab finds in the data sets of a folder; runs in a Python of its own.

    python by_cleanlab.py FOLDER OUTPUT

Datalab gets the labels of the training rows, the features as standardized numbers, and the out-of-fold predictions that
the doctor got. Copies across the split are looked for in both parts together, as its documentation advises.
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab import Datalab


def main(folder: Path, output: Path) -> None:
    """Write a JSON line for each data set."""
    warnings.simplefilter("ignore")
    with output.open("w") as file:
        for path in sorted(each.parent for each in folder.glob("*/about.json")):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                findings = looked_at(path)
            file.write(json.dumps({"case": path.name, "findings": findings}) + "\n")
            file.flush()


def looked_at(path: Path) -> dict:
    """Return the findings by kind of fault; kinds without a check are left out."""
    about = json.loads((path / "about.json").read_text())
    y = pd.read_csv(path / "train.csv")["target"].to_numpy()
    features = np.load(path / "features.npz")["features"]
    n = about["n_train"]
    predictions = np.load(path / "predictions.npy") if (path / "predictions.npy").exists() else None
    task = "regression" if about["is_regression"] else "classification"
    given = {"features": features[:n]} | ({"pred_probs": predictions} if predictions is not None else {})
    lab = Datalab(data={"target": y}, label_name="target", task=task, verbosity=0)
    lab.find_issues(**given)
    both = Datalab(data={"row": np.arange(len(features))}, verbosity=0)
    both.find_issues(features=features, issue_types={"near_duplicate": {}})
    copied = across(both, n)
    findings = {
        "copies across the split": {"found": bool(copied), "rows": copied, "where": []},
        "near copies across the split": {"found": bool(copied), "rows": copied, "where": []},
        "rows in an order": told(lab, "non_iid"),
    }
    if predictions is not None:
        findings["wrong labels"] = told(lab, "label")
    if task == "classification":
        findings["a rare class"] = told(lab, "class_imbalance")
    return findings


def told(lab: Datalab, issue: str) -> dict:
    """Return the rows with an issue; there is a finding if its report would count any."""
    if f"is_{issue}_issue" not in lab.issues.columns:
        return {"found": False, "rows": [], "where": []}
    rows = np.flatnonzero(lab.issues[f"is_{issue}_issue"].to_numpy()).tolist()
    return {"found": bool(rows), "rows": rows, "where": []}


def across(both: Datalab, n: int) -> list[int]:
    """Return the new rows that are near duplicates of a training row."""
    if "is_near_duplicate_issue" not in both.issues.columns:
        return []
    issues = both.get_issues("near_duplicate")
    sets = issues["near_duplicate_sets"].tolist()
    is_issue = issues["is_near_duplicate_issue"].tolist()
    return [row - n for row in range(n, len(sets)) if is_issue[row] and any(other < n for other in sets[row])]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
