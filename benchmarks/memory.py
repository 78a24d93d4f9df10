"""Peak memory of fitting a table: `make memory`.

Each fit runs in a process of its own, which reports the most memory it ever held. Two further processes are subtracted:
one that only makes the data, and, for the bytes per cell, one that fits a small table, which loads the same libraries
and the same machine code.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from typing import Any

SMALL = 2000  # rows: enough for the default preset to hold out a validation set
MIB = 2**20

CASES = {
    "plain": {"preset": "plain", "dtype": "float32"},
    "default": {},
    "refit": {"refit": True},
    "4 networks": {"n_networks": 4},
}
ESTIMATORS = ("GlassRegressor", "GlassClassifier")
FORMS = ("array", "frame")


def make_table(n_rows: int, n_columns: int, estimator: str, form: str) -> tuple[Any, Any]:
    """Return X in float64, as an array or as a pandas frame, and y."""
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_columns))
    y = X[:, 0] + rng.standard_normal(n_rows)
    if estimator == "GlassClassifier":
        y = np.asarray(["no", "yes"])[(y > 0).astype(np.int64)]
    if form == "frame":
        import pandas as pd

        X = pd.DataFrame(X, columns=[f"column {k}" for k in range(n_columns)])
    return X, y


def fit(X: Any, y: Any, estimator: str, case: str) -> None:
    """Fit a small network for two epochs; its size hardly matters beside the table's."""
    import glassnet as gn

    getattr(gn, estimator)((16,), max_iter=2, random_state=0, **CASES[case]).fit(X, y)


def peak() -> int:
    """Return the most bytes of memory that this process ever held."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_of(n_rows: int, n_columns: int, estimator: str, form: str, case: str) -> int:
    """Return the peak of a fresh process that makes a table and, unless `case` is empty, fits it."""
    words = [str(n_rows), str(n_columns), estimator, form, case]
    command = [sys.executable, "-m", "benchmarks.memory", "--measure", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def report(n_rows: int, n_columns: int, show: Callable[[str], Any] = print) -> None:
    """Measure every case and show a line for each."""
    n_cells = n_rows * n_columns
    show(f"{n_rows:,} rows x {n_columns} columns of float64, {8 * n_cells / MIB:.0f} MiB of the user's own\n")
    show(f"{'':16}{'':12}{'':8}{'MiB beyond the data':>20}{'bytes per cell':>16}")
    for estimator in ESTIMATORS:
        for form in FORMS:
            data = peak_of(n_rows, n_columns, estimator, form, "")
            for case in CASES:
                whole = peak_of(n_rows, n_columns, estimator, form, case) - data
                libraries = peak_of(SMALL, n_columns, estimator, form, case) - peak_of(
                    SMALL, n_columns, estimator, form, ""
                )
                per_cell = (whole - libraries) / (n_cells - SMALL * n_columns)
                show(f"{estimator:16}{case:12}{form:8}{whole / MIB:>20.0f}{per_cell:>16.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--measure", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure is None:
        report(given.rows, given.columns)
        return
    n_rows, n_columns, estimator, form, case = given.measure
    X, y = make_table(int(n_rows), int(n_columns), estimator, form)
    if case:
        fit(X, y, estimator, case)
    print(peak())


if __name__ == "__main__":
    main()
