"""The command line: measure, print, write a result file. `make bench` runs it in an environment of its own."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.speed import machine
from benchmarks.speed.cases import CASES
from benchmarks.speed.contenders import CONTENDERS, FIXED_THREADS, ON_REQUEST, WATCHED
from benchmarks.speed.options import Options
from benchmarks.speed.processes.roster import entrant, versions
from benchmarks.speed.processes.worker import environment_of_children
from benchmarks.speed.reporting.readme import RESULTS
from benchmarks.speed.reporting.report import print_report
from benchmarks.speed.suites import cross_validation, first_fit, lbfgs, many, prediction, steps

SUITES = (
    "steps", "neighbor", "threads", "watched", "lbfgs", "sweep", "folds", "cross_validation", "prediction", "first_fit",
)  # fmt: skip
NEIGHBOR_CASES = ("S", "M", "L")
NEIGHBOR_CONTENDERS = ("glassnet", "scikit-learn", "PyTorch", "JAX scan")
WATCHED_CASES = ("T", "S")
THREADS_CASE, THREADS_REPEATS = "L", 3  # runs of 0.3 s: one may meet a neighbor at any moment of its visit
WIDTH = 160  # of the report in a file
QUICK = {"cases": ["T"], "contenders": ["glassnet", "scikit-learn"], "suites": ["steps"], "repeats": 2}
QUICK_EPOCHS = 500  # at most


def arguments() -> argparse.Namespace:
    """Read the command line; what `--quick` says gives way to what is said beside it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, metavar="CASE", help=f"of {', '.join(CASES)}")
    names = [*CONTENDERS, *ON_REQUEST]
    parser.add_argument("--contenders", nargs="+", choices=names, metavar="NAME", help=f"of {'; '.join(names)}")
    parser.add_argument("--suites", nargs="+", choices=SUITES, metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--repeats", type=int, help="timed runs of each contender (7)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a check of some seconds: case T with few epochs, glassnet and scikit-learn, no chart",
    )
    parser.add_argument("--results", type=Path, help="folder for the result files (benchmarks/results)")
    given = parser.parse_args()
    usual = {"cases": list(CASES), "contenders": list(CONTENDERS), "suites": list(SUITES), "repeats": 7}
    for name, value in (QUICK if given.quick else usual).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    if given.results is None:
        given.results = Path("build/benchmarks") if given.quick else RESULTS
    return given


def measurements(given: argparse.Namespace, options: Options) -> Iterator[dict[str, Any]]:
    """Run the suites that were asked for; yield all results so far after each case and suite."""
    entrants = [entrant(name, options.cores) for name in given.contenders]
    beside = [each for each in entrants if each.name in NEIGHBOR_CONTENDERS]
    results: dict[str, Any] = {}
    if "steps" in given.suites:
        results["steps"] = []
        for name in given.cases:
            case = CASES[name]
            if given.quick:
                case = replace(case, epochs=min(case.epochs, QUICK_EPOCHS))
            results["steps"].append(steps.measure(case, entrants, options))
            yield results
    if "neighbor" in given.suites:
        results["neighbor"] = []
        for name in (each for each in given.cases if each in NEIGHBOR_CASES):
            results["neighbor"].append(steps.measure(CASES[name], beside, options, steps.BUSY))
            yield results
    if "threads" in given.suites:
        more = replace(options, repeats=THREADS_REPEATS * options.repeats)
        all_of_them = [*beside, *(entrant(name, options.cores) for name in FIXED_THREADS)]
        results["threads"] = []
        for conditions in (steps.IN_TURN, steps.VISITED):
            results["threads"].append(steps.measure(CASES[THREADS_CASE], all_of_them, more, conditions))
            yield results
    if "watched" in given.suites:
        results["watched"] = []
        pair = [entrant(name, options.cores) for name in ("glassnet", *WATCHED)]
        for name in (each for each in given.cases if each in WATCHED_CASES):
            results["watched"].append(steps.measure(CASES[name], pair, options, steps.WATCHED))
            yield results
    others = {
        "lbfgs": lambda: lbfgs.measure(options),
        "sweep": lambda: many.measure_sweep(entrants, options),
        "folds": lambda: many.measure_folds(entrants, options),
        "cross_validation": lambda: cross_validation.measure(options),
        "prediction": lambda: prediction.measure(options),
        "first_fit": lambda: first_fit.measure(options),
    }
    for name in (each for each in others if each in given.suites):
        results[name] = others[name]()
        yield results


def main() -> None:
    """Do it all. What is measured so far stands in a .partial file, until all of it becomes the result."""
    given = arguments()
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH
    described = machine.describe()
    today = date.today().isoformat()
    given.results.mkdir(parents=True, exist_ok=True)
    path = given.results / f"{today}-{machine.slug(described['cpu'])}.json"
    partial = path.with_suffix(".partial")
    document = {"format": 1, "date": today, "machine": described, "versions": versions(), "repeats": given.repeats}
    with tempfile.TemporaryDirectory() as name, progress.status("") as status:
        options = Options(
            contenders=tuple(given.contenders),
            repeats=given.repeats,
            folder=Path(name),
            say=status.update if progress.is_terminal else progress.print,
            quick=given.quick,
        )
        # torch.compile keeps what it compiled for months; first runs are only comparable if it starts with nothing
        with environment_of_children({"TORCHINDUCTOR_CACHE_DIR": os.path.join(name, "inductor")}):
            for results in measurements(given, options):
                document["results"] = results
                partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
    print_report(document, console)
    written = [path.name]
    if not given.quick:
        from benchmarks.speed.reporting.chart import save_chart

        save_chart(document, path.with_suffix(".svg"))
        written.append(path.with_suffix(".svg").name)
    console.print(f"written: {' and '.join(written)}")
