"""How often the doctor is right.

    python -m benchmarks.doctor --half report --results report.jsonl
    python -m benchmarks.doctor --results report.jsonl --write
    python -m benchmarks.doctor --half report --results fixes.jsonl --fixes 3

It needs the packages of benchmarks/accuracy/requirements.txt. There are healthy fits to real tables that the doctor
should leave alone, and seeded faults that it should find; rows that neither the fits nor the doctor have seen judge its
warnings. Half of the tables serve to choose thresholds; --half report measures on the others. Each fit is a line of the
file of results; what the file has already is not made again. The tables are printed; --write puts them into
docs/doctor.md and into the file that ships with the rules.
"""

import argparse
import os
from pathlib import Path

from benchmarks.doctor import fixing
from benchmarks.doctor.faults import FAULTS
from benchmarks.doctor.report import markdown, write
from benchmarks.doctor.running import records_of, run
from benchmarks.doctor.tables import NAMES, half


def main() -> None:
    """Run what is asked for, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("choose", "report"), help="run the tables of this half")
    parser.add_argument("--tables", nargs="+", choices=NAMES, help="only these")
    parser.add_argument("--only", nargs="+", choices=("healthy", *(each.name for each in FAULTS)), default=[])
    parser.add_argument("--seeds", type=int, default=2, help="healthy fits of each kind and size")
    parser.add_argument("--fault-seeds", type=int, default=1, help="faults of each kind and strength")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--results", type=Path, required=True, help="a file of JSON lines; it is continued")
    parser.add_argument("--fixes", type=int, metavar="N", help="instead, try fixes for each kind of fault on N tables")
    parser.add_argument("--write", action="store_true", help="write docs/doctor.md and measured.json")
    asked = parser.parse_args()
    if asked.fixes:
        fixing.run(asked.tables or half(asked.half), asked.fixes, asked.only, asked.results, asked.jobs)
        print(fixing.markdown(records_of(asked.results)))
        return
    if asked.half or asked.tables:
        names = asked.tables or half(asked.half)
        run(names, asked.seeds, asked.fault_seeds, asked.only, asked.results, asked.jobs)
    records = records_of(asked.results)
    if asked.write:
        write(records)
    else:
        print(markdown(records))


if __name__ == "__main__":
    main()
