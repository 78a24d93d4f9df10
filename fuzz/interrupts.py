"""Ctrl-C at random moments of real work in real processes: it ends soon, in the documented way, and files stay whole.

A case starts a process that fits, searches, reads, trains or predicts, waits until it says that it has begun, waits
for a random time, and sends SIGINT to the process and its children, as a terminal does. `python -m fuzz interrupts`
says how long the ends took.
"""

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.tally import Tally

SECONDS = 1.0
"""From the signal to the end of the process and of its children, on a machine with nothing else to do."""

N_ROWS = 1_000_000
"""Rows of the large files; a tenth of them are trained on."""

PROCESSES = Path("/proc")  # of Linux: one folder a process
PATIENCE = 60.0  # a process that has not ended by now never will
ROOT = Path(__file__).resolve().parents[1]
SAID = "Error: interrupted; no file is half-written."


@dataclass
class Timed(Tally):
    """A tally with the times from signal to end."""

    times: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.times:
            return super().__str__()
        times = sorted(self.times)
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
        said = f"median {statistics.median(times):.2f} s, nine tenths within {times[int(0.9 * len(times))]:.2f} s"
        return f"{super().__str__()}\n  from signal to end: {said}, longest {times[-1]:.2f} s (load {load:.1f} a core)"


@dataclass
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str
    seconds: float
    load: float  # processes that want to run, for each core


def run(n: int, seed: int, *, seconds: float = SECONDS, n_rows: int = N_ROWS) -> Timed:
    """Interrupt `n` processes, one kind of work after the other."""
    tally = Timed("interrupts", seed)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        _generate(data, n_rows)
        for case in range(n):
            kind, scenario = SCENARIOS[case % len(SCENARIOS)]
            place = Path(folder) / str(case)
            place.mkdir()
            (place / "tmp").mkdir()
            rng = random.Random(f"{seed} {case}")
            try:
                outcome, ended = scenario(data, place, rng)
                _check_end(place, ended, seconds)
                tally.outcomes[f"{kind} {outcome}"] += 1
                if outcome != FINISHED:
                    tally.times.append(ended.seconds)
                    tally.seconds = max(tally.seconds, ended.seconds)
            except AssertionError as failure:
                tally.failures.append((case, f"{kind}: {failure}"))
    return tally


FINISHED = "was done before the signal"


def _check_end(place: Path, ended: Ended, seconds: float) -> None:
    """Check what holds for every kind of work."""
    left = sorted(str(path.relative_to(place)) for path in place.rglob("*") if ".part" in path.name)
    assert not left, f"left {left}"
    assert not list((place / "tmp").glob("glassnet*")), f"left {list((place / 'tmp').iterdir())}"
    limit = seconds * max(1.0, ended.load)
    assert ended.seconds <= limit, f"took {ended.seconds:.2f} s to end; {limit:.1f} s were allowed under this load"


# What is interrupted: the library, by scripts that report how it ended.

HEARS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start without it
"""

BEGIN = (
    HEARS
    + """
import os, sys, threading
import numpy as np
import glassnet as gn
from glassnet.errors import TrainingInterrupted
pipe, data, choice = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rng = np.random.default_rng(0)
X = rng.normal(size=(20_000, 20)); y = (X[:, 0] * X[:, 1] > 0).astype(int)

def report(outcome):
    ours = [thread.name for thread in threading.enumerate() if thread.name.startswith("glassnet")]
    busy = [name for name in ours if name != "glassnet"]  # helpers of the engine wait some seconds for more work
    assert not busy, busy
    assert len(ours) < max(2, os.cpu_count()), ours
    print(outcome, flush=True)

def begin():
    os.write(pipe, b"begin")
"""
)

FIT = """
from sklearn.exceptions import NotFittedError
settings = [
    {}, {"early_stopping": True}, {"n_networks": 4}, {"solver": "lbfgs"}, {"n_networks": 3, "early_stopping": True},
    {"early_stopping": True, "refit": True},
][choice % 6]
model = gn.GlassClassifier((64, 32), max_iter=10**6, n_iter_no_change=10**6, random_state=0, **settings)
try:
    begin()
    model.fit(X, y)
    report("finished")
except TrainingInterrupted as end:
    assert end.result is model
    assert np.isfinite(model.predict_proba(X[:50])).all()
    assert model.score(X, y) > 0
    report("kept the network so far")
except KeyboardInterrupt:
    try:
        model.predict(X[:1])
        report("fitted without saying so")
    except NotFittedError:
        report("kept nothing, before the first epoch")
"""

SEARCH = """
from sklearn.model_selection import GridSearchCV
search = GridSearchCV(
    gn.GlassClassifier((16,), max_iter=2000, n_iter_no_change=10**6, random_state=0), {"alpha": [0.0, 1e-3, 1.0]},
    cv=3, n_jobs=[2, None][choice % 2],
)
try:
    begin()
    search.fit(X, y)
    report("finished")
except KeyboardInterrupt:
    assert not hasattr(search, "cv_results_")
    report("stopped")
"""

READ = """
from glassnet.data.reading.sources import read
source = ["large.csv", "large.parquet", "western.csv", "query"][choice % 4]
source = f"SELECT * FROM '{data}/large.csv' ORDER BY a" if source == "query" else f"{data}/{source}"
try:
    begin()
    read(source)
    report("finished")
except KeyboardInterrupt:
    report("stopped")
"""


def _script(script: str, longest: float) -> Callable[[Path, Path, random.Random], tuple[str, Ended]]:
    def scenario(data: Path, place: Path, rng: random.Random) -> tuple[str, Ended]:
        words = [sys.executable, "-c", BEGIN + script]
        ended = _interrupted(words, place, rng.uniform(0.0, longest), [str(data), str(rng.randrange(1000))])
        said = ended.out.strip()
        if said == "finished":
            return FINISHED, ended
        # CPython ends by the signal, although it was handled, where it came while a library ran a text as a program
        fine = (0, -signal.SIGINT)
        assert ended.code in fine, f"ended with {ended.code} and said {said!r}: {ended.err[-300:]}"
        assert said.startswith(("kept", "stopped")), f"said {said!r}"
        return said, ended

    return scenario


# The command line. Its words stand after those that tell when it begins.

COMMAND = (
    HEARS
    + """
import os, sys
from glassnet.cli import main
os.write(int(sys.argv[1]), b"begin")
sys.argv[1:] = sys.argv[2:]
sys.exit(main())
"""
)


def _train(data: Path, place: Path, rng: random.Random) -> tuple[str, Ended]:
    import glassnet as gn

    model = place / "m.glassnet"
    arguments = ["train", str(data / "some.csv"), "-t", "y", "-o", str(model), "--epochs", "100000", "--hidden", "32"]
    arguments += [[], ["--networks", "3"], ["--json"]][rng.randrange(3)]
    longest = rng.choice([0.5, 6.0])  # the imports alone, where an interrupt is easily lost, or anything
    ended = _interrupted([sys.executable, "-c", COMMAND], place, rng.uniform(0.0, longest), arguments)
    _check_words(ended)
    if model.exists():
        assert ended.code == 0, f"wrote a model and ended with {ended.code}: {ended.err}"
        assert "interrupted" in ended.err, f"said {ended.err!r}"
        assert gn.load(model).report_["test"]["n_rows"] > 0
        return "kept and tested the network so far", ended
    assert (ended.code, ended.err.strip().splitlines()[-1:]) == (1, [SAID]), f"{ended.code}, {ended.err!r}"
    return "stopped", ended


def _predict(data: Path, place: Path, rng: random.Random) -> tuple[str, Ended]:
    from glassnet.data.reading.sources import read

    output = place / f"out{rng.choice(['.csv', '.parquet', '.json'])}"
    arguments = ["predict", str(data / "m.glassnet"), str(data / "large.csv"), "-o", str(output)]
    ended = _interrupted([sys.executable, "-c", COMMAND], place, rng.uniform(0.0, 8.0), arguments)
    _check_words(ended)
    if output.exists():
        # the move is the last thing that happens to the file: whoever is interrupted after it has the whole file
        assert read(output).table.n_rows == read(data / "large.parquet").table.n_rows, "half of a file"
        return (FINISHED if ended.code == 0 else "stopped when the file was whole"), ended
    assert (ended.code, ended.err.strip().splitlines()[-1:]) == (1, [SAID]), f"{ended.code}, {ended.err!r}"
    return "stopped", ended


def _check_words(ended: Ended) -> None:
    for word in ("Traceback", "should not happen", "Exception ignored"):
        assert word not in ended.err + ended.out, ended.err[-600:]


SCENARIOS: list[tuple[str, Callable[[Path, Path, random.Random], tuple[str, Ended]]]] = [
    ("fit", _script(FIT, 3.0)),
    ("search", _script(SEARCH, 8.0)),
    ("read", _script(READ, 4.0)),
    ("train", _train),
    ("predict", _predict),
]


def _interrupted(words: list[str], place: Path, delay: float, arguments: list[str]) -> Ended:
    """Start a process, interrupt it `delay` seconds after it has begun, and wait for it and its children to end."""
    read, write = os.pipe()
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": str(place / "tmp"), "JOBLIB_TEMP_FOLDER": str(place)}
    out, err = (place / "tmp" / "out").open("w+"), (place / "tmp" / "err").open("w+")
    process = subprocess.Popen(
        [*words, str(write), *arguments],
        stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=[write], cwd=place, env=environment,
        start_new_session=True,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read, "rb", buffering=0) as pipe, out, err:
        try:
            begun = pipe.read(5)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
            started = time.monotonic()
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                err.seek(0)
                said = f"hung: still there {PATIENCE:.0f} s after the signal; {err.read()[-300:]}"
                raise AssertionError(said) from None
            _wait_for_children(process.pid)
            seconds = time.monotonic() - started
        finally:
            _kill(process.pid)
            process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    assert begun == b"begin", f"did not begin: {texts[1][-300:]}"
    return Ended(code, texts[0], texts[1], seconds, os.getloadavg()[0] / (os.cpu_count() or 1))


def _wait_for_children(group: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not _runs(group):
            return
        time.sleep(0.005)
    raise AssertionError("left a child process")


def _runs(group: int) -> bool:
    """Whether a process of the group runs: one that has ended may wait for seconds until init collects it."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    if not PROCESSES.is_dir():
        return True
    for file in PROCESSES.glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]  # the name may hold anything
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _generate(folder: Path, n_rows: int) -> None:
    """Write the tables that are read, and the model that predicts."""
    import duckdb

    import glassnet as gn
    from glassnet.data.reading.sources import read

    columns = "random() AS a, random() AS b, 'level ' || (range % 50)::VARCHAR AS c, range % 3 AS y"
    with duckdb.connect() as duck:
        for name, n in (("large.csv", n_rows), ("large.parquet", n_rows), ("some.csv", n_rows // 10)):
            duck.execute(f"COPY (SELECT {columns} FROM range({n})) TO '{folder / name}'")
    western = (folder / "some.csv").read_text().replace("level", "étage").encode("cp1252")
    (folder / "western.csv").write_bytes(western)
    table = read(folder / "some.csv").table
    rows = table.drop(["y"]).head(2000)
    model = gn.GlassClassifier((32,), max_iter=3, random_state=0).fit(rows, table["y"][:2000].astype(int))
    model.target_name_ = "y"
    model.save(folder / "m.glassnet")
