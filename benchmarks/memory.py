"""Peak memory of fitting a table: `make memory`.

Each fit runs in a process of its own, which reports the most memory it ever held. The table is made by another process
and read from a file, because making it takes more memory than holding it. Two further processes are subtracted: one
that only reads the table, and, for the bytes per cell, one that fits a small table, which loads the same libraries and
the same machine code.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.memory_of_files import report_files

SMALL = 2000  # rows: enough for the default preset to hold out a validation set
MIB = 2**20

FITS = {
    "plain": {"preset": "plain"},
    "plain float32": {"preset": "plain", "dtype": "float32"},
    "default": {},
    "refit": {"refit": True},
    "4 networks": {"n_networks": 4},
}
RUNS = {"float64": ("float64", 1), "float32": ("float32", 1), "4 networks": ("float32", 4)}  # precision and number
ESTIMATORS = ("GlassRegressor", "GlassClassifier")
FORMS = ("array", "float32", "frame")


class Job(NamedTuple):
    """What is measured: an estimator or "train", the form of its table, and how it trains; "" only reads the table."""

    what: str
    form: str
    case: str


def jobs() -> Iterator[Job]:
    """Yield every job in the order of the table."""
    for what in ESTIMATORS:
        yield from (Job(what, form, case) for form in FORMS for case in FITS)
    yield from (Job("train", form, case) for form in ("array", "float32") for case in RUNS)


def make_table(folder: Path, n_rows: int, n_columns: int, what: str, form: str) -> None:
    """Write X and y; a frame has its numbers column by column."""
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_columns))
    y = X[:, 0] + rng.standard_normal(n_rows)
    if what == "GlassClassifier":
        y = np.asarray(["no", "yes"])[(y > 0).astype(np.int64)]
    if form == "float32":
        X = X.astype(np.float32)
    np.save(folder / "X.npy", np.asfortranarray(X) if form == "frame" else X)
    np.save(folder / "y.npy", y)


def read_table(folder: Path, form: str) -> tuple[Any, Any]:
    """Return X, as an array or as a pandas frame, and y."""
    import numpy as np

    X, y = np.load(folder / "X.npy"), np.load(folder / "y.npy")
    if form == "frame":
        import pandas as pd

        X = pd.DataFrame(X, columns=[f"column {k}" for k in range(X.shape[1])], copy=False)
    return X, y


def fit(X: Any, y: Any, what: str, case: str) -> None:
    """Train a small network for two epochs; its size hardly matters beside the table's."""
    import glassnet as gn

    if what != "train":
        getattr(gn, what)((16,), max_iter=2, random_state=0, **FITS[case]).fit(X, y)
        return
    dtype, n = RUNS[case]
    networks = [gn.Network.create([X.shape[1], 16, 1], output="identity", dtype=dtype, seed=k) for k in range(n)]
    settings = {"X": X, "Y": y, "cost": "half_squared_error", "epochs": 2, "batch_size": 256}
    if n == 1:
        gn.train(networks[0], **settings)
    else:
        gn.train_many([{"network": network, **settings} for network in networks])


def peak() -> int:
    """Return the most bytes of memory that this process ever held."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_of(folder: Path, job: Job) -> int:
    """Return the peak of a fresh process that reads a table and, unless its case is empty, fits it."""
    return int(_run("--measure", str(folder), *job))


def _run(*words: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.memory", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def report(n_rows: int, n_columns: int, chosen: str = "", show: Callable[[str], Any] = print) -> None:
    """Measure every job whose line contains `chosen`, and show its line."""
    n_cells = n_rows * n_columns
    show(f"{n_rows:,} rows x {n_columns} columns, {8 * n_cells / MIB:.0f} MiB of the user's own in float64\n")
    show(f"{'':16}{'':14}{'':8}{'MiB beyond the data':>20}{'bytes per cell':>16}")
    tables: tuple[str, str] | None = None
    with TemporaryDirectory() as name:
        folders = {n: Path(name, str(n)) for n in (n_rows, SMALL)}
        before: dict[int, int] = {}
        for job in jobs():
            line = f"{job.what:16}{job.case:14}{job.form:8}"
            if chosen not in line:
                continue
            if tables != (job.what, job.form):
                tables = job.what, job.form
                for n, folder in folders.items():
                    folder.mkdir(exist_ok=True)
                    _run("--make", str(folder), str(n), str(n_columns), job.what, job.form)
                    before[n] = peak_of(folder, job._replace(case=""))
            whole, libraries = (peak_of(folder, job) - before[n] for n, folder in folders.items())
            per_cell = (whole - libraries) / (n_cells - SMALL * n_columns)
            show(f"{line}{whole / MIB:>20.0f}{per_cell:>16.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--only", default="", metavar="TEXT", help="measure the lines that contain this text")
    parser.add_argument("--csv", action="store_true", help="measure the commands on a CSV file instead")
    parser.add_argument("--make", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        folder, n_rows, n_columns, what, form = given.make
        make_table(Path(folder), int(n_rows), int(n_columns), what, form)
    elif given.measure:
        folder, what, form, case = given.measure
        X, y = read_table(Path(folder), form)
        if case:
            fit(X, y, what, case)
        print(peak())
    elif given.csv:
        report_files(given.rows)
    else:
        report(given.rows, given.columns, given.only)


if __name__ == "__main__":
    main()
