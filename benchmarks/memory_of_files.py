"""Peak memory of the commands on a CSV file: `make memory OPTIONS="--csv --rows 5000000"`.

The table has ten columns: eight numbers, a category of four levels and the target of two classes. Each command runs in
a process of its own, whose peak the system reports. Its limit for `train` is twice the table in float32 and 300 MB;
for `predict` and `evaluate`, the peak must not grow with the rows.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MB = 1e6
N_COLUMNS = 10
ROWS_AT_A_TIME = 50_000
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h", "region", "churn")


def make_csv(path: Path, n_rows: int) -> None:
    """Write a table of `n_rows` rows, some at a time."""
    import numpy as np

    rng = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(NAMES) + "\n")
        for start in range(0, n_rows, ROWS_AT_A_TIME):
            n = min(ROWS_AT_A_TIME, n_rows - start)
            X = rng.standard_normal((n, N_COLUMNS - 2))
            region = np.asarray(["north", "south", "east", "west"])[rng.integers(0, 4, n)]
            score = X[:, 0] + X[:, 1] * X[:, 2] + (region == "west") + rng.standard_normal(n)
            churn = np.where(score > 0.5, "yes", "no")
            lines = zip(X.tolist(), region.tolist(), churn.tolist(), strict=True)
            file.writelines(f"{','.join(f'{x:.6f}' for x in row)},{word},{label}\n" for row, word, label in lines)


def peak_of_command(words: Sequence[str]) -> float:
    """Run a command of glassnet and return its peak memory in bytes."""
    process = subprocess.Popen([sys.executable, "-m", "glassnet", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"glassnet {' '.join(words)} ended with {process.returncode}")
    return float(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def report_files(n_rows: int, show: Callable[[str], Any] = print) -> None:
    """Measure train, predict and evaluate on a file of `n_rows` rows and on one of a fifth of them."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = str(folder / "model.glassnet")
        for n in (n_rows // 5, n_rows):
            data = folder / f"{n}.csv"
            make_csv(data, n)
            allowed = 2 * n * N_COLUMNS * 4 + 300 * MB
            show(f"{n:,} rows x {N_COLUMNS} columns, {n * N_COLUMNS * 4 / MB:.0f} MB in float32")
            options = ["--target", "churn", "--hidden", "16", "--epochs", "2", "--output", model, "--force"]
            peak = peak_of_command(["train", str(data), *options])
            show(f"  train     {peak / MB:6.0f} MB; twice float32 and 300 MB: {allowed / MB:.0f} MB")
            peak = peak_of_command(["predict", model, str(data), "--output", str(folder / "out.csv"), "--force"])
            show(f"  predict   {peak / MB:6.0f} MB")
            show(f"  evaluate  {peak_of_command(['evaluate', model, str(data)]) / MB:6.0f} MB")
