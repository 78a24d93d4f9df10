"""Run the suite in processes; each fit becomes a line of JSON, and lines that a file has already are not made again."""

import json
import os
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.doctor.cases import Case
from benchmarks.doctor.faults import FAULTS, seeded_faults
from benchmarks.doctor.faults.fault import Fault
from benchmarks.doctor.healthy import healthy_fits
from benchmarks.doctor.losses import constant_losses, fresh_losses
from benchmarks.doctor.tables import load
from benchmarks.doctor.truth import is_true, numbers_in, rows_named

Record = dict[str, Any]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def records_of(path: Path) -> list[Record]:
    """Return the last record of each name in a file of results; a line that was cut off is left out."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        with suppress(ValueError):
            record = json.loads(line)
            found[record["name"]] = record
    return list(found.values())


def run(tables: list[str], seeds: int, fault_seeds: int, only: list[str], path: Path, jobs: int) -> None:
    """Append the records that the file does not have yet."""
    known = {record["name"] for record in records_of(path) if "failed" not in record}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # one core for each process
    parts = [(name, of) for name in tables for of in ("healthy", *sorted({each.rules[0] for each in FAULTS}))]
    began = time.monotonic()
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool, path.open("a") as file:
        file.write("\n")  # which ends a line that was cut off
        waiting = [pool.submit(records, name, of, seeds, fault_seeds, only, known) for name, of in parts]
        for n, done in enumerate(as_completed(waiting), start=1):
            for record in done.result():
                file.write(json.dumps(record, default=float) + "\n")
            file.flush()
            if n % 10 == 0 or n == len(parts):
                print(f"{n} of {len(parts)} parts, {time.monotonic() - began:.0f} s", flush=True)


def records(table: str, of: str, seeds: int, fault_seeds: int, only: list[str], known: set[str]) -> list[Record]:
    """Return the records of a part: the healthy fits of a table, or its faults that one rule should find first."""
    warnings.simplefilter("ignore")
    found = []
    for name, fault, make in _cases(table, of, seeds, fault_seeds):
        if name in known or (only and (fault.name if fault else "healthy") not in only):
            continue
        began = time.process_time()
        try:
            record = record_of(make(), fault)
        except Exception as failure:  # one broken case must not end a run of many
            words = f"{type(failure).__name__}: {failure}"
            record = {"fault": fault and fault.name, "is_healthy": False, "findings": [], "failed": words}
        if record is not None:
            found.append({"name": name, "table": table, **record, "seconds": round(time.process_time() - began, 3)})
    return found


def _cases(table: str, of: str, seeds: int, fault_seeds: int) -> Iterator[tuple[str, Fault | None, Any]]:
    if of == "healthy":
        for name, make in healthy_fits(load(table), range(seeds)):
            yield name, None, make
    else:
        for fault, name, make in seeded_faults(load(table), range(fault_seeds)):
            if fault.rules[0] == of:
                yield name, fault, make


def record_of(case: Case | None, fault: Fault | None) -> Record | None:
    """Return what the doctor says of a case, and whether that is true; None if the table does not allow the fault.

    Whether it names the fault, and what the judge says of it, are two things: a fault may do no harm.
    """
    if case is None:
        return None
    findings = []
    for each in case.diagnosis().findings:
        is_named = fault is not None and each.rule in fault.rules
        findings.append({"rule": each.rule, "level": each.level, "where": each.where[:120], "value": each.value,
                         "named": is_named, "there": is_named and is_at(each, fault, case),
                         "true": is_true(each, case)})  # fmt: skip
    is_healthy = fault is None and fresh_losses(case).mean() < constant_losses(case.rows).mean()
    return {"fault": fault and fault.name, "is_healthy": is_healthy, "findings": findings}


def is_at(finding: Any, fault: Fault | None, case: Case) -> bool:
    """Return whether a finding names the broken place; of units and rows, all, or half of those in its text."""
    if fault is None or fault.where not in finding.where:
        return False
    named = numbers_in(finding.where)
    if not case.broken or not named or case.broken <= set(rows_named(finding)):
        return True
    return sum(number in case.broken for number in named) >= len(named) / 2
