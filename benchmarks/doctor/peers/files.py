"""Data sets as files that each tool reads in its own Python: CSV, JSON, and NumPy's arrays."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.doctor.peers.injected import Injected
from benchmarks.doctor.peers.lines import about

TARGET = "target"


def write_case(case: Injected, folder: Path) -> None:
    """Write a data set: train.csv and new.csv with the column "target", about.json, and features.npz of numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, X, y in (("train", case.X, case.y), ("new", case.X_new, case.y_new)):
        X.assign(**{TARGET: y}).to_csv(folder / f"{name}.csv", index=False)
    both = pd.concat([case.X, case.X_new], ignore_index=True)
    known = {
        "name": case.name,
        "kind": case.kind,
        "is_regression": case.is_regression,
        "texts": [name for name in both.columns if both[name].dtype.kind not in "fi"],
        "n_train": len(case.y),
        "rows": list(case.rows),
        "column": case.column,
        "may_judge": list(case.may_judge),
    }
    (folder / "about.json").write_text(json.dumps(known))
    np.savez(folder / "features.npz", features=_features(both))


def read_part(folder: Path, part: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the columns and the targets of "train" or "new"."""
    texts = about(folder)["texts"]
    frame = pd.read_csv(folder / f"{part}.csv", dtype=dict.fromkeys(texts, "category"))
    y = frame.pop(TARGET).to_numpy()
    return frame.astype({name: float for name in frame.columns if name not in texts}), y


def _features(both: pd.DataFrame) -> np.ndarray:
    """Return standardized numbers with gaps at the mean, and categories as columns of 0 and 1."""
    parts = []
    for name in both.columns:
        column = both[name]
        if column.dtype.kind in "fi":
            numbers = column.to_numpy(dtype=np.float64)
            spread = np.nanstd(numbers)
            parts.append(
                (np.nan_to_num(numbers, nan=np.nanmean(numbers)) - np.nanmean(numbers))[:, None] / (spread or 1.0)
            )
        elif column.nunique() <= len(both) / 2:  # not of texts that name the row
            parts.append(pd.get_dummies(column.astype(str)).to_numpy(dtype=np.float64))
    return np.hstack(parts)
