"""Training on a table that is larger than the memory: `python -m benchmarks.large`.

Makes Parquet files of normal numbers with a label (6 million rows of 50 columns are 1.6 GB), and trains the same
network three times, each in a process of its own: glassnet on the files, held to 450 MB by the memory controller of its
control group; glassnet on the same rows in memory; and scikit-learn's `partial_fit` on pandas chunks of the files. The
rates are rows per second of whole epochs, without imports, compilation and the pass over the rows before the first
epoch, which is shown apart. The files are removed at the end.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

FILES, COLUMNS, ROWS_PER_GROUP = 12, 50, 1 << 16
HIDDEN, BATCH = (256, 128), 256
NETWORK = {"hidden_layer_sizes": HIDDEN, "activation": "relu", "batch_size": BATCH, "random_state": 0}
CONTROLLER = Path("/sys/fs/cgroup/memory")


def make_files(folder: Path, n_rows: int) -> None:
    """Write the files, one row group at a time."""
    import numpy as np
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    names = [f"x{k}" for k in range(COLUMNS)]
    schema = pa.schema([*((name, pa.float32()) for name in names), ("y", pa.int8())])
    rng = np.random.default_rng(0)
    w = rng.standard_normal(COLUMNS).astype(np.float32)
    for file in range(FILES):
        left = n_rows // FILES + (file < n_rows % FILES)
        with ParquetWriter(folder / f"part-{file:02}.parquet", schema) as writer:
            while left:
                n = min(left, ROWS_PER_GROUP)
                X = rng.standard_normal((n, COLUMNS), dtype=np.float32)
                y = (X @ w + X[:, 0] * X[:, 1] * 3 + rng.standard_normal(n, dtype=np.float32) > 0).astype(np.int8)
                writer.write_table(pa.table([*X.T.copy(), y], schema=schema), row_group_size=n)
                left -= n


def streamed(folder: Path, n_rows: int, epochs: int, memory: str) -> dict[str, Any]:
    """Fit to the files within some memory."""
    import glassnet as gn

    started = perf_counter()
    model = gn.GlassClassifier(**NETWORK, max_iter=epochs, early_stopping=False, preset="plain", n_iter_no_change=None)
    model.set_params(dtype="float32")
    model.fit(str(folder / "*.parquet"), target="y", memory=memory)
    return _result(model, n_rows, perf_counter() - started)


def in_memory(folder: Path, n_rows: int, epochs: int, memory: str) -> dict[str, Any]:
    """Fit to the same rows in memory, as an array in the network's precision."""
    import numpy as np
    from pyarrow.parquet import read_table

    import glassnet as gn

    X, y, done = np.empty((n_rows, COLUMNS), np.float32), np.empty(n_rows, np.int64), 0
    for path in sorted(folder.glob("*.parquet")):
        table = read_table(path)
        for k in range(COLUMNS):
            X[done : done + table.num_rows, k] = table.column(k).to_numpy()
        y[done : done + table.num_rows] = table.column("y").to_numpy()
        done += table.num_rows
    started = perf_counter()
    model = gn.GlassClassifier(**NETWORK, max_iter=epochs, early_stopping=False, preset="plain", n_iter_no_change=None)
    model.fit(X, y)
    return _result(model, n_rows, perf_counter() - started)


def _result(model: Any, n_rows: int, seconds: float) -> dict[str, Any]:
    times = model.history_["seconds"]
    epochs = [float(times[0]), *(float(b - a) for a, b in itertools.pairwise(times))]
    return {
        "rows per second": n_rows / min(epochs[1:] or epochs),
        "before the first epoch": seconds - float(times[-1]),
        "accuracy": model.history_.epochs[-1].metric,
    }


def scikit_learn(folder: Path, n_rows: int, epochs: int, memory: str) -> dict[str, Any]:
    """Train with `partial_fit` on pandas chunks of the first file; its rate does not depend on the number of files."""
    from pyarrow.parquet import ParquetFile
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(**NETWORK)
    started, done = perf_counter(), 0
    with ParquetFile(sorted(folder.glob("*.parquet"))[0]) as file:
        for batch in file.iter_batches(ROWS_PER_GROUP):
            chunk = batch.to_pandas()
            model.partial_fit(chunk.drop(columns="y"), chunk["y"], classes=[0, 1])
            done += len(chunk)
    return {"rows per second": done / (perf_counter() - started), "loss": float(model.loss_)}


WORK = {"in memory": in_memory, "streamed": streamed, "scikit-learn": scikit_learn}  # the first may compile the engine


class Held:
    """A control group that holds a process to some memory, or None where there is no such controller."""

    def __init__(self, limit: int) -> None:
        self.folder = CONTROLLER / f"glassnet-large-{os.getpid()}"
        self.limit = limit
        self.is_there = False

    def __enter__(self) -> "Held":
        try:
            self.folder.mkdir()
            (self.folder / "memory.limit_in_bytes").write_text(str(self.limit))
            self.is_there = True
        except OSError:
            print("No memory controller can be written here: the peak is measured, but not enforced.")
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_there:
            with suppress(OSError):  # a killed process is still in it
                self.folder.rmdir()

    def join(self) -> None:
        """Join the group, in the child process."""
        if self.is_there:
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))


def _run(name: str, folder: Path, n_rows: int, epochs: int, memory: str, held: Held | None = None) -> dict[str, Any]:
    words = [sys.executable, "-W", "ignore", "-m", "benchmarks.large", "--work", name, "--folder", str(folder)]
    words += ["--rows", str(n_rows), "--epochs", str(epochs), "--memory", memory]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, preexec_fn=None if held is None else held.join)
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}: killed for its memory, if that is -9.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(folder: Path, n_rows: int, epochs: int, memory: str, repeats: int) -> None:
    """Make the files, run everything in turn, and print the table."""
    from glassnet.data.rows.memory import bytes_of

    limit = bytes_of(memory)
    words = ["--make", "--folder", str(folder), "--rows", str(n_rows)]
    subprocess.run([sys.executable, "-m", "benchmarks.large", *words], check=True)
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    print(f"{n_rows:,} rows x {COLUMNS} columns in {FILES} files, {size / 1e9:.2f} GB; held to {limit / 1e6:,.0f} MB")
    print(f"network {COLUMNS}-{'-'.join(map(str, HIDDEN))}-1 in float32, minibatches of {BATCH}, {epochs} epochs\n")
    best: dict[str, dict[str, Any]] = {}
    with Held(limit) as held:
        for _ in range(repeats):
            for name in WORK:
                found = _run(name, folder, n_rows, epochs, memory, held if name == "streamed" else None)
                if name not in best or found["rows per second"] > best[name]["rows per second"]:
                    best[name] = found
    print(f"{'':14}{'rows per second':>16}{'peak MB':>9}{'s before':>10}  result")
    for name, found in best.items():
        before = found.get("before the first epoch")
        score = next((f"{key} {found[key]:.4f}" for key in ("accuracy", "loss") if key in found), "")
        print(
            f"{name:14}{found['rows per second']:>16,.0f}{found['peak'] / 1e6:>9,.0f}"
            f"{'' if before is None else f'{before:.1f}':>10}  {score}"
        )
    rate = best["streamed"]["rows per second"]
    print(f"\n{rate / best['in memory']['rows per second']:.0%} of the rate in memory, ", end="")
    print(f"{rate / best['scikit-learn']['rows per second']:.1f} times scikit-learn's partial_fit")


def peak() -> int:
    """Return the most bytes of memory that this process ever held."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6_000_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--memory", default="450MB")
    parser.add_argument("--repeats", type=int, default=1, help="the fastest of so many runs counts")
    parser.add_argument("--folder", type=Path, help="where the files are made; by default a temporary folder")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        make_files(given.folder, given.rows)
    elif given.work:
        found = WORK[given.work](given.folder, given.rows, given.epochs, given.memory)
        print(json.dumps({**found, "peak": peak()}))
    else:
        with tempfile.TemporaryDirectory(dir=given.folder, prefix="glassnet-large-") as name:
            report(Path(name), given.rows, given.epochs, given.memory, given.repeats)


if __name__ == "__main__":
    main()
