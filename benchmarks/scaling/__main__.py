"""Measure how training scales, and write docs/scaling.md: `python -m benchmarks.scaling`; root is needed.

`--report` writes the page from the measurements at hand, `--check` only compares. `--quick` prints the figures of a
short measurement and writes nothing.
"""

import argparse
import json
import signal
import sys

from benchmarks.scaling import report
from benchmarks.scaling.hosts import why_not
from benchmarks.scaling.measuring import measured

REPEATS, FEW = 15, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", help="do not measure")
    parser.add_argument("--check", action="store_true", help="do not measure; fail if the page has other figures")
    parser.add_argument("--quick", action="store_true", help="measure little, and only print")
    given = parser.parse_args()
    if not (given.report or given.check):
        reason = why_not()
        if reason is not None:
            sys.exit(f"{reason}.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # hosts are removed on the way out
        results = measured(FEW if given.quick else REPEATS)
        if given.quick:
            print("\n".join(line for lines in report.parts_of(results).values() for line in lines))
            return
        report.RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = report.PAGE.read_text(encoding="utf-8")
    new = report.page_with(text, report.parts_of(report.read()))
    if given.check:
        sys.exit(0 if new == text else "docs/scaling.md is not up to date: python -m benchmarks.scaling --report")
    report.PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
