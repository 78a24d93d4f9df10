"""How often the doctor is right.

Run it with: python -m benchmarks.doctor. It needs the packages of benchmarks/accuracy/requirements.txt. There are
healthy fits of real tables that the doctor should leave alone, and seeded faults that it should find. Half of the
tables (`CHOSEN_ON` in benchmarks/accuracy/tables.py) serve to choose thresholds; --half report measures on the others.
"""

import argparse
import json
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import glassnet as gn
from benchmarks.accuracy.tables import CHOSEN_ON, LOADERS, load
from benchmarks.doctor.cases import Case
from benchmarks.doctor.faults import FAULTS, seeded_faults
from benchmarks.doctor.healthy import healthy_fits


def main() -> None:
    """Measure, print the tables, and write every finding to a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("choose", "report"), default="report")
    parser.add_argument("--tables", nargs="+", choices=LOADERS, help="only these")
    parser.add_argument("--seeds", type=int, default=4, help="healthy fits of each kind")
    parser.add_argument("--fault-seeds", type=int, default=1, help="faults of each kind and strength")
    parser.add_argument("--results", type=Path, help="a JSON file with all findings")
    asked = parser.parse_args()
    names = asked.tables or [name for name in LOADERS if (name in CHOSEN_ON) == (asked.half == "choose")]
    warnings.simplefilter("ignore")
    records: list[dict[str, Any]] = []
    for name in names:
        table, began = load(name), time.monotonic()
        for kind, case in healthy_fits(table, range(asked.seeds)):
            records.append({"kind": kind, "fault": None, "findings": found(case)})
        for fault, kind, case in seeded_faults(table, range(asked.fault_seeds)):
            records.append({"kind": kind, "fault": fault.name, "findings": found(case)})
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
        if asked.results:
            asked.results.write_text(json.dumps(records, indent=1, default=float))
    show(records)


def found(case: Case) -> list[dict[str, Any]]:
    """Return what the doctor finds."""
    diagnosis = gn.diagnose(case.model, case.X, case.y, validation=(case.X_new, case.y_new), **case.options)
    return [each.to_dict() for each in diagnosis.findings]


def show(records: list[dict[str, Any]]) -> None:
    """Print false alarms, recall, and the confusion of findings."""
    healthy = [each["findings"] for each in records if each["fault"] is None]
    print(f"\n{len(healthy)} healthy fits")
    for level in ("error", "warning", "note"):
        n = sum(any(one["level"] == level for one in each) for each in healthy)
        print(f"  {n} ({n / max(1, len(healthy)):.1%}) have a finding of level {level}")
    alarms = Counter(f"{one['rule']} ({one['level']})" for each in healthy for one in each)
    for rule, n in alarms.most_common():
        print(f"    {rule}: {n}")
    print("\nfaults: found, in the right place, other findings of level error or warning")
    for fault in FAULTS:
        cases = [each["findings"] for each in records if each["fault"] == fault.name]
        if not cases:
            continue
        hits = [[one for one in each if one["rule"] in fault.rules] for each in cases]
        n_found = sum(map(bool, hits))
        placed = sum(any(fault.where in one["where"] for one in each) for each in hits if each)
        others = Counter(
            one["rule"] for each in cases for one in each if one["rule"] not in fault.rules and one["level"] != "note"
        )
        words = ", ".join(f"{rule} {n}" for rule, n in others.most_common(4))
        print(f"  {fault.name} ({fault.level}): {n_found} of {len(cases)}, {placed} there; {words or 'nothing else'}")


if __name__ == "__main__":
    main()
