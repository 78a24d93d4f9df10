"""What a doctor that listens to a training costs: `python -m benchmarks.listening`.

Each case of benchmarks/speed is trained for about `--seconds`, with and without a `LiveDoctor` in turn, beginning with
the other one in every second round. The least and the median of the rounds are compared, by the clock and in seconds of
CPU, and the two networks bit for bit. Other work on the machine spoils times by the clock; those of CPU suffer less.
"""

import argparse
from statistics import median
from time import perf_counter, process_time
from typing import Any

import glassnet as gn
from benchmarks.speed.cases import CASES
from glassnet.diagnosis.live_doctor import LiveDoctor


def main() -> None:
    """Measure the cases, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=["S", "M", "L"])
    parser.add_argument("--seconds", type=float, default=20.0, help="of a training")
    parser.add_argument("--repeats", type=int, default=5, help="trainings with and without a doctor")
    asked = parser.parse_args()
    print(f"{'case':6}{'seconds':>9}{'looks':>7}{'clock, least':>14}{'clock, median':>15}{'CPU, least':>12}{'bits':>7}")
    for name in asked.cases:
        measured = case_measured(name, asked.seconds, asked.repeats)
        least, middle, cpu = (f"{100 * (ratio - 1):+.2f}%" for ratio in measured["ratios"])
        same = "same" if measured["same"] else "OTHER"
        print(f"{name:6}{measured['seconds']:9.2f}{measured['looks']:7}{least:>14}{middle:>15}{cpu:>12}{same:>7}")


def case_measured(name: str, seconds: float, repeats: int) -> dict[str, Any]:
    """Train a case with and without a doctor in turn."""
    task = CASES[name].task()
    arguments = {**task.arguments, "engine": "cpu"}
    gn.train(**arguments)  # loads code, and lets the numbers of threads be tried
    began = perf_counter()
    gn.train(**arguments)
    n_runs = max(1, round(seconds / (perf_counter() - began)))
    arguments["epochs"] *= n_runs
    clock: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, list[float]] = {True: [], False: []}
    networks, n_looks = {}, 0
    for turn in range(repeats):
        for listens in (False, True) if turn % 2 == 0 else (True, False):
            doctor = LiveDoctor(tell=None) if listens else None
            began, used = perf_counter(), process_time()
            networks[listens] = gn.train(**arguments, callback=doctor).network
            clock[listens].append(perf_counter() - began)
            cpu[listens].append(process_time() - used)
            n_looks = n_looks if doctor is None else len(doctor.runs[0].looks)
    return {
        "seconds": min(clock[False]),
        "looks": n_looks,
        "ratios": (
            min(clock[True]) / min(clock[False]),
            median(clock[True]) / median(clock[False]),
            min(cpu[True]) / min(cpu[False]),
        ),
        "same": networks[True].theta.tobytes() == networks[False].theta.tobytes(),
    }


if __name__ == "__main__":
    main()
