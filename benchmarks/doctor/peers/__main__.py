r"""deepchecks and cleanlab's Datalab beside the doctor, on the same injected faults of data.

    python -m benchmarks.doctor.peers --half report --folder build/peers \
        --deepchecks VENV/bin/python --cleanlab VENV/bin/python --write

It needs the packages of benchmarks/accuracy/requirements.txt, and for each peer a Python of its own with the packages
of requirements-deepchecks.txt (Python 3.10) or requirements-cleanlab.txt beside this file. Every tool reads the same
files and writes its findings as JSON lines; --write puts the table into docs/doctor.md.
"""

import argparse
import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.doctor.page import put_between
from benchmarks.doctor.peers import by_doctor
from benchmarks.doctor.peers.comparison import markdown
from benchmarks.doctor.peers.files import write_case
from benchmarks.doctor.peers.injected import injected
from benchmarks.doctor.peers.lines import cases_in
from benchmarks.doctor.tables import NAMES, half, load

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "doctor.md"
BEGIN = "<!-- from the results of python -m benchmarks.doctor.peers, by its --write -->\n"
END = "<!-- end of the results of the peers -->\n"
MOST_OF_CLASSES, MOST_OF_QUANTITIES = 7, 3
VERSION = "import importlib.metadata as m; print(m.version({name!r}))"


def main() -> None:
    """Make the data sets, let each tool look at them, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("choose", "report"), default="choose")
    parser.add_argument("--tables", nargs="+", choices=NAMES, help="only these")
    parser.add_argument("--folder", type=Path, required=True, help="a new one, for data sets and findings")
    parser.add_argument("--deepchecks", required=True, help="the Python that has deepchecks")
    parser.add_argument("--cleanlab", required=True, help="the Python that has cleanlab")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes of the doctor")
    parser.add_argument("--write", action="store_true", help="write the table into docs/doctor.md")
    asked = parser.parse_args()
    if asked.folder.exists():
        raise SystemExit(f"{asked.folder} is there already; name a new folder.")
    began = time.monotonic()
    names = asked.tables or tables_of(asked.half)
    n = 0
    for name in names:
        for case in injected(load(name)):
            write_case(case, asked.folder / f"{n:03d}")
            n += 1
    print(f"{n} data sets of {len(names)} tables", flush=True)
    outputs = {tool: asked.folder / f"{tool}.jsonl" for tool in ("doctor", "deepchecks", "cleanlab")}
    run = {}
    for tool in ("deepchecks", "cleanlab"):
        module = f"benchmarks.doctor.peers.by_{tool}"
        run[tool] = [getattr(asked, tool), "-m", module, str(asked.folder), str(outputs[tool])]
    alone = {**os.environ, "PYTHONPATH": str(ROOT)}  # the benchmarks, and none of this Python's packages
    deepchecks = subprocess.Popen(run["deepchecks"], env=alone, stderr=subprocess.DEVNULL)
    by_doctor.look(asked.folder, outputs["doctor"], asked.jobs)
    subprocess.run(run["cleanlab"], env=alone, check=True)  # which needs the doctor's predictions
    if deepchecks.wait() != 0:
        raise SystemExit(f"deepchecks ended with {deepchecks.returncode}; run {' '.join(run['deepchecks'])}.")
    versions = {"doctor": "the doctor"} | {tool: f"{tool} {_version(getattr(asked, tool), tool)}" for tool in run}
    table = markdown(asked.folder, outputs, versions)
    print(f"{time.monotonic() - began:.0f} s\n\n{table}")
    if asked.write:
        write(table, names, len(list(cases_in(asked.folder))))


def tables_of(which: str) -> list[str]:
    """Return some tables of a half: the first ones with classes, and the first ones with quantities."""
    classes = [name for name in half(which) if not load(name).is_regression]
    quantities = [name for name in half(which) if load(name).is_regression]
    return [*classes[:MOST_OF_CLASSES], *quantities[:MOST_OF_QUANTITIES]]


def write(table: str, names: list[str], n: int) -> None:
    """Put the table between its marks in docs/doctor.md."""
    today = datetime.now(UTC).date().isoformat()
    head = f"Measured on {today}: {n} data sets of {len(names)} tables ({', '.join(names)})."
    put_between(PAGE, BEGIN, END, f"\n{head}\n\n{table}\n")


def _version(python: str, name: str) -> str:
    done = subprocess.run([python, "-c", VERSION.format(name=name)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
