"""Training on a table that is larger than the memory: `python -m benchmarks.large`.

Makes Parquet files of normal numbers with a label (6 million rows of 50 columns are 1.8 GB), and trains the same
network three times, each in a process of its own: glassnet on the files, held to 450 MB by the memory controller of its
control group; glassnet on the same rows in memory; and scikit-learn's `partial_fit` on pandas chunks of the files.

The rates are rows per second. Those of glassnet are of the fastest epoch, reading included where it streams; the first
epoch counts only if it is the only one. What comes before it, such as the pass over the rows, is shown apart. That of
scikit-learn is of its first 262,144 rows, reading included. With `--repeats` the contenders take turns, and the
highest rate of each counts. The files are removed at the end.

`--grid` does so for several networks and sizes of minibatches, on fewer rows. `--reader` measures the processor time of
reading and encoding alone, which hardly depends on what else the machine does.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

FILES, COLUMNS, ROWS_PER_GROUP = 12, 50, 1 << 16
ROWS_OF_SCIKIT_LEARN = 4 * ROWS_PER_GROUP  # its rate does not depend on their number
CONTROLLER = Path("/sys/fs/cgroup/memory")


class Case(NamedTuple):
    """A network, by the sizes of its hidden layers, and the size of its minibatches."""

    hidden: tuple[int, ...]
    batch_size: int

    @property
    def settings(self) -> dict[str, Any]:
        """Parameters that glassnet and scikit-learn share."""
        sizes = {"hidden_layer_sizes": self.hidden, "batch_size": self.batch_size}
        return {**sizes, "activation": "relu", "random_state": 0}

    @property
    def name(self) -> str:
        """The network and the minibatches in one word each."""
        return f"{COLUMNS}-{'-'.join(map(str, self.hidden))}-1 / {self.batch_size}"


GRID = tuple(itertools.starmap(Case, itertools.product(((100,), (256, 128)), (32, 64, 200, 256))))


class Job(NamedTuple):
    """What a process trains on."""

    folder: Path
    n_rows: int
    epochs: int
    memory: str


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


def streamed(case: Case, job: Job) -> dict[str, Any]:
    """Fit to the files within some memory."""
    model, started = _model(case, job).set_params(dtype="float32"), perf_counter()
    model.fit(str(job.folder / "*.parquet"), target="y", memory=job.memory)
    return _result(model, job, perf_counter() - started)


def in_memory(case: Case, job: Job) -> dict[str, Any]:
    """Fit to the same rows in memory, as an array in the network's precision."""
    import numpy as np
    from pyarrow.parquet import read_table

    X, y, done = np.empty((job.n_rows, COLUMNS), np.float32), np.empty(job.n_rows, np.int64), 0
    for path in sorted(job.folder.glob("*.parquet")):
        table = read_table(path)
        for k in range(COLUMNS):
            X[done : done + table.num_rows, k] = table.column(k).to_numpy()
        y[done : done + table.num_rows] = table.column("y").to_numpy()
        done += table.num_rows
    model, started = _model(case, job), perf_counter()
    model.fit(X, y)
    return _result(model, job, perf_counter() - started)


def _model(case: Case, job: Job) -> Any:
    import glassnet as gn

    settings = {"max_iter": job.epochs, "early_stopping": False, "preset": "plain", "n_iter_no_change": None}
    return gn.GlassClassifier(**case.settings, **settings)


def _result(model: Any, job: Job, seconds: float) -> dict[str, Any]:
    times = model.history_["seconds"]
    epochs = [float(times[0]), *(float(b - a) for a, b in itertools.pairwise(times))]
    return {
        "rows per second": job.n_rows / min(epochs[1:] or epochs),
        "before the first epoch": seconds - float(times[-1]),
        "accuracy": model.history_.epochs[-1].metric,
    }


def scikit_learn(case: Case, job: Job) -> dict[str, Any]:
    """Train with `partial_fit` on pandas chunks of the files."""
    from pyarrow.parquet import ParquetFile
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(**case.settings)
    started, done = perf_counter(), 0
    for path in sorted(job.folder.glob("*.parquet")):
        with ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS_PER_GROUP):
                if done < ROWS_OF_SCIKIT_LEARN:
                    chunk = batch.to_pandas()
                    model.partial_fit(chunk.drop(columns="y"), chunk["y"], classes=[0, 1])
                    done += len(chunk)
    return {"rows per second": done / (perf_counter() - started), "loss": float(model.loss_)}


WORK = {"in memory": in_memory, "streamed": streamed, "scikit-learn": scikit_learn}  # the first may compile the engine


def reader(case: Case, job: Job) -> dict[str, Any]:
    """Read and encode all rows as an epoch does, without training."""
    import numpy as np

    from glassnet.data.rows.parquet import ParquetSource
    from glassnet.data.rows.windows import Buffers, Windows
    from glassnet.estimators.fitting.preparation import Extras
    from glassnet.estimators.fitting.streamed import Streaming, prepare_streamed

    source, found = ParquetSource.open(job.folder / "*.parquet"), {}
    for name in ("plain", "tabular"):
        model = _model(case, job).set_params(preset=name, dtype="float32")
        rows = prepare_streamed(model, source, Streaming("y", 1 << 26), Extras()).runs[0].X
        buffers, seconds = Buffers(rows, np.float32, rows.window), []
        for _ in range(max(2, job.epochs)):
            started = process_time()
            with Windows(rows, range(len(source.group_sizes)), np.float32, buffers) as windows:
                n_rows = sum(len(arrays.Y) for arrays in windows)
            seconds.append((process_time() - started) / n_rows * 1e6)
        found[f"seconds of a core per million rows, {name}"] = min(seconds)
    return found


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


def _run(name: str, case: Case, job: Job, held: Held | None = None) -> dict[str, Any]:
    words = [sys.executable, "-W", "ignore", "-m", "benchmarks.large", "--work", name, "--folder", str(job.folder)]
    words += ["--rows", str(job.n_rows), "--epochs", str(job.epochs), "--memory", job.memory]
    words += ["--hidden", ",".join(map(str, case.hidden)), "--batch-size", str(case.batch_size)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, preexec_fn=None if held is None else held.join)
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}: killed for its memory, if that is -9.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(case: Case, job: Job, repeats: int, held: Held) -> dict[str, dict[str, Any]]:
    """Return the fastest of some runs of each contender, which take turns."""
    best: dict[str, dict[str, Any]] = {}
    for _ in range(repeats):
        for name in WORK:
            found = _run(name, case, job, held if name == "streamed" else None)
            if name not in best or found["rows per second"] > best[name]["rows per second"]:
                best[name] = found
    return best


def report(case: Case, job: Job, repeats: int, held: Held) -> None:
    """Train one network by all contenders, and print the table."""
    print(f"network / minibatches: {case.name} in float32, {job.epochs} epochs\n")
    best = measured(case, job, repeats, held)
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


def report_grid(job: Job, repeats: int, held: Held, chosen: str = "") -> None:
    """Train several networks with several minibatches, and print a row of the table for each."""
    print("| network / minibatches | in memory | streamed | `partial_fit` | of memory | times `partial_fit` |")
    print("| --- | --: | --: | --: | --: | --: |")
    for case in GRID:
        if chosen not in case.name:
            continue
        best = measured(case, job, repeats, held)
        memory, rate, peer = (best[name]["rows per second"] for name in WORK)
        rates = " | ".join(f"{value:,.0f}" for value in (memory, rate, peer))
        print(f"| {case.name} | {rates} | {rate / memory:.0%} | {rate / peer:.1f} |", flush=True)


def peak() -> int:
    """Return the most bytes of memory that this process ever held."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextmanager
def files(given: argparse.Namespace, n_rows: int) -> Iterator[Job]:
    """Make the files, and remove them at the end; a process of its own has the memory of making them."""
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="glassnet-large-") as name:
        words = ["--make", "--folder", name, "--rows", str(n_rows)]
        subprocess.run([sys.executable, "-m", "benchmarks.large", *words], check=True)
        size = sum(path.stat().st_size for path in Path(name).glob("*.parquet"))
        print(f"{n_rows:,} rows x {COLUMNS} columns in {FILES} files, {size / 1e9:.2f} GB; held to {given.memory}")
        yield Job(Path(name), n_rows, given.epochs, given.memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="by default 6,000,000, with --grid 600,000")
    parser.add_argument("--hidden", default="256,128", help="sizes of the hidden layers")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--memory", default="450MB")
    parser.add_argument("--repeats", type=int, default=1, help="the fastest of so many runs counts")
    parser.add_argument("--folder", type=Path, help="where the files are made; by default a temporary folder")
    parser.add_argument("--grid", action="store_true", help="several networks and minibatches, on fewer rows")
    parser.add_argument("--only", default="", metavar="TEXT", help="of the grid, the lines that contain this text")
    parser.add_argument("--reader", action="store_true", help="the processor time of reading and encoding alone")
    parser.add_argument("--work", choices=[*WORK, "reader"], help=argparse.SUPPRESS)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    case = Case(tuple(map(int, given.hidden.split(","))), given.batch_size)
    n_rows = given.rows or (600_000 if given.grid or given.reader else 6_000_000)
    if given.make:
        make_files(given.folder, n_rows)
    elif given.work:
        work = {**WORK, "reader": reader}[given.work]
        print(json.dumps({**work(case, Job(given.folder, n_rows, given.epochs, given.memory)), "peak": peak()}))
    elif given.reader:
        with files(given, n_rows) as job:
            for name, value in _run("reader", case, job).items():
                print(f"{name}: {value:,.3f}" if name != "peak" else f"peak MB: {value / 1e6:,.0f}")
    else:
        from glassnet.data.rows.memory import bytes_of

        with files(given, n_rows) as job, Held(bytes_of(given.memory)) as held:
            if given.grid:
                report_grid(job, given.repeats, held, given.only)
            else:
                report(case, job, given.repeats, held)


if __name__ == "__main__":
    main()
