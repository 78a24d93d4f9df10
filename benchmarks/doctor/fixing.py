"""Whether fixes help: seeded faults that other settings or another fit can mend, and what `try_fixes` makes of them.

Each fault is diagnosed and fixes are tried as a user would. What is recommended is then fitted with five other seeds
and judged on half of the fresh rows, which nobody has seen. A case counts as fixable if a cure that is known, because
the fault was put in, lowers the cost on the other half, with seeds of its own: the settings without the fault, or the
usual ones. The other cases show whether something harmful is recommended. Losses and their interval, a bootstrap of
rows and seeds, are apart from the library's own.
"""

import json
import os
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import glassnet as gn
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import Case, Rows, rows_of
from benchmarks.doctor.faults import N_ROWS, columns, targets, training, weights
from benchmarks.doctor.faults.fault import PLAIN, Fault
from benchmarks.doctor.losses import constant_losses, losses
from benchmarks.doctor.running import THREADS, records_of
from benchmarks.doctor.tables import load

OF_WEIGHTS = tuple(each.name for each in weights.FAULTS)
OF_SETTINGS = (
    "learning rate too large", "learning rate too small", "momentum too large", "too few epochs", "many sigmoid layers",
    "weights that start positive", "penalty too large", "dropout too large", "too few units",
    "stopped at the first pause", "rows in order", "rows learned by heart", "an unscaled column", "a column far from 0",
    "columns as they are in the file", "a column that counts the rows", "an unscaled target", "a target far from 0",
)  # fmt: skip
FAULTS = tuple(
    each
    for each in (*training.FAULTS, *weights.FAULTS, *columns.FAULTS, *targets.FAULTS)
    if each.name in (*OF_WEIGHTS, *OF_SETTINGS)
)
SEEDS, SEEDS_OF_CURES = range(100, 105), range(200, 205)  # of the judgment, and of what is fixable
DRAWS = 2000


def cases_of(tables: list[str], per_kind: int) -> Iterator[tuple[Fault, str, Any]]:
    """Yield each kind of fault on so many of the tables, with its strengths in turn."""
    for k, fault in enumerate(FAULTS):
        for n in range(per_kind):
            table = tables[(k + n * max(1, len(tables) // per_kind)) % len(tables)]
            yield fault, table, fault.strengths[n % len(fault.strengths)]


def made(fault: Fault, tables: list[str], first: str, strength: Any) -> tuple[Case, str] | None:
    """Return the case on a table, or on the next one that allows the fault."""
    at = tables.index(first)
    for name in (*tables[at:], *tables[:at]):
        table: Table = load(name)
        case = fault.make(rows_of(table, N_ROWS, 2000), 0, strength)
        if case is not None:
            return case, name
    return None


def record_of(fault: Fault, tables: list[str], first_table: str, strength: Any) -> dict[str, Any] | None:
    """Return what was recommended for a case, and what it does to the cost of fresh rows."""
    warnings.simplefilter("ignore")
    found = made(fault, tables, first_table, strength)
    if found is None:
        return None
    (case, table), began = found, time.process_time()
    fixes = gn.try_fixes(case.model, case.X, case.y, validation=(case.X_new, case.y_new), **case.options)
    seconds = time.process_time() - began
    is_damaged, rows = fault.name in OF_WEIGHTS, case.rows
    n = len(rows.y_fresh)
    first = np.random.default_rng(0).permutation(n) < n // 2  # the rows that say what is fixable

    def base(seeds: range) -> np.ndarray:
        return fresh(case.model, rows)[None] if is_damaged else refits(case, rows, seeds)

    cures = (
        [refits(case, rows, SEEDS_OF_CURES)]
        if is_damaged
        else [fits_of(case.model, settings, rows, SEEDS_OF_CURES) for settings in (PLAIN, {})]
    )
    before = base(SEEDS_OF_CURES)
    record = {
        "name": f"{fault.name} {strength}, {first_table}", "fault": fault.name, "table": table, "strength": strength,
        "rules": [each.rule for each in fixes.diagnosis.findings], "n_tried": len(fixes.tried),
        "cures": [interval(each[:, first], before[:, first]) for each in cures], "seconds": round(seconds, 2),
        "recommended": None, "effect": None, "promised": None,
    }  # fmt: skip
    best = fixes.recommended
    if best is not None:
        mended = refits(case, without(rows, best.remedy.drop), SEEDS, **best.remedy.parameters)
        record |= {"recommended": best.remedy.words, "effect": interval(mended[:, ~first], base(SEEDS)[:, ~first]),
                   "promised": [best.effect.low, best.effect.change, best.effect.high]}  # fmt: skip
    return record


def without(rows: Rows, names: tuple[str, ...]) -> Rows:
    return rows.changed(lambda X, y: X.drop(columns=list(names))) if names else rows


def refits(case: Case, rows: Rows, seeds: range, **changes: Any) -> np.ndarray:
    """Return the losses of fresh rows, (n_seeds, n_rows), by the case's settings with changes."""
    settings = {**case.model.get_params(deep=False), **changes}
    if settings.get("keep"):
        settings["keep"] = [name for name in settings["keep"] if name in rows.X]
    return np.stack([fresh(type(case.model)(**{**settings, "random_state": seed}).fit(rows.X, rows.y), rows)
                     for seed in seeds])  # fmt: skip


def fits_of(model: Any, settings: dict[str, Any], rows: Rows, seeds: range) -> np.ndarray:
    """Return the losses of fresh rows by an estimator with other settings."""
    return np.stack([fresh(type(model)(**settings, random_state=seed).fit(rows.X, rows.y), rows) for seed in seeds])


def fresh(model: Any, rows: Rows) -> np.ndarray:
    """Return the loss of each fresh row; that of the best constant if the model has no finite answer."""
    try:
        found = losses(model, rows.X_fresh, rows.y_fresh)
    except gn.GlassnetError:
        return constant_losses(rows)
    return found if np.isfinite(found).all() else constant_losses(rows)


def interval(new: np.ndarray, base: np.ndarray) -> list[float]:
    """Return the change of the cost as a share, between the ends of its 95% interval: rows and seeds drawn again."""
    rng = np.random.default_rng(0)
    n = new.shape[1]
    changes = []
    for _ in range(DRAWS):
        rows = rng.multinomial(n, np.full(n, 1 / n))
        seeds = rng.integers(len(new), size=len(new))
        before = base[seeds] if len(base) > 1 else base
        changes.append((new[seeds] @ rows).mean() / (before @ rows).mean() - 1)
    low, high = np.quantile(changes, [0.025, 0.975])
    return [float(low), float(new.mean() / base.mean() - 1), float(high)]


def run(tables: list[str], per_kind: int, only: list[str], path: Path, jobs: int) -> None:
    """Append the records that the file does not have yet, of all faults or only of some."""
    known = {record["name"] for record in records_of(path) if "failed" not in record}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    cases = [
        (fault, name, strength)
        for fault, name, strength in cases_of(tables, per_kind)
        if f"{fault.name} {strength}, {name}" not in known and (not only or fault.name in only)
    ]
    began = time.monotonic()
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool, path.open("a") as file:
        file.write("\n")  # which ends a line that was cut off
        waiting = {pool.submit(record_of, *each[:1], tables, *each[1:]): each for each in cases}
        for n, done in enumerate(as_completed(waiting), start=1):
            fault, name, strength = waiting[done]
            failure = done.exception()
            record = done.result() if failure is None else failed(fault, name, strength, failure)
            if record is not None:
                file.write(json.dumps(record, default=float) + "\n")
                file.flush()
            print(f"\r{n} of {len(cases)} cases, {time.monotonic() - began:.0f} s ", end="", flush=True)
    print()


def failed(fault: Fault, table: str, strength: Any, failure: BaseException) -> dict[str, Any]:
    """Return the record of a case that ended with an error: it counts as fixable and not mended."""
    words = f"{type(failure).__name__}: {failure}"
    return {"name": f"{fault.name} {strength}, {table}", "fault": fault.name, "table": table, "strength": strength,
            "cures": [[-1.0, -1.0, -1.0]], "recommended": None, "effect": None, "promised": None,
            "failed": words}  # fmt: skip


def is_fixable(record: dict[str, Any]) -> bool:
    return any(high < 0 for _, _, high in record["cures"])


def markdown(records: list[dict[str, Any]]) -> str:
    """Return what came of the fixes, by fault."""
    lines = ["| Fault | Fixable cases | Mended | Harmed | Recommended most |", "|---|--:|--:|--:|---|"]
    for fault in FAULTS:
        of = [each for each in records if each["fault"] == fault.name]
        fixable = [each for each in of if is_fixable(each)]
        if of:
            words = Counter(each["recommended"] or "nothing" for each in of).most_common(1)[0][0]
            mended, harmed = sum(map(is_mended, fixable)), sum(map(is_harmed, of))
            lines.append(f"| {fault.name} | {len(fixable)} of {len(of)} | {mended} | {harmed} | {words} |")
    fixable = [each for each in records if is_fixable(each)]
    mended, n_harmed = sum(map(is_mended, fixable)), sum(map(is_harmed, records))
    n_recommended = sum(each["effect"] is not None for each in records)
    share = mended / max(1, len(fixable))
    kept = sum(each["promised"][0] <= each["effect"][1] <= each["promised"][2] for each in records if each["effect"])
    return "\n".join([
        *lines, "", f"{mended} of {len(fixable)} fixable cases are mended ({share:.0%}); {n_harmed} of {n_recommended} "
        f"recommended fixes do harm. The effect on the fresh rows lies in the interval that `try_fixes` gave in {kept} "
        f"of {n_recommended} cases; this one is for the given new rows and seeds, and the fresh rows are others.",
        *(f"\n{each['name']} ended with an error: {each['failed']}" for each in records if "failed" in each),
    ])  # fmt: skip


def is_mended(record: dict[str, Any]) -> bool:
    return record["effect"] is not None and record["effect"][2] < 0


def is_harmed(record: dict[str, Any]) -> bool:
    return record["effect"] is not None and record["effect"][0] > 0
