"""What the measurements say: the same rows for the terminal, the chart and the README."""

from dataclasses import dataclass
from statistics import median
from typing import Any

OK = "ok"
OURS = "glassnet"
STEP_SUITES = ("steps", "neighbor", "threads")


@dataclass(frozen=True)
class Row:
    """One comparison: glassnet's number, and the peers' in the same unit; less is better."""

    name: str
    detail: str
    unit: str
    ours: float | None
    peers: dict[str, float]
    absent: dict[str, str]  # why a peer has no number

    @property
    def fastest_peer(self) -> str | None:
        """Name of the fastest peer; glassnet with a fixed number of threads is none."""
        peers = (name for name in self.peers if not name.startswith(OURS))
        return min(peers, key=self.peers.__getitem__, default=None)

    def ratio(self, peer: str | None) -> float | None:
        """How many times as long as glassnet a peer takes; None if one of both has no number."""
        return self.peers[peer] / self.ours if self.ours and peer in self.peers else None


def row_of(name: str, detail: str, unit: str, contenders: dict[str, Any], key: str, factor: float = 1.0) -> Row:
    """Make a row of what a suite returned."""
    numbers = {who: result[key] * factor for who, result in contenders.items() if result["status"] == OK}
    absent = {who: f"{r['status']}: {r['reason']}" for who, r in contenders.items() if r["status"] != OK}
    return Row(name, detail, unit, numbers.pop(OURS, None), numbers, absent)


def steps_rows(entries: list[dict[str, Any]]) -> list[Row]:
    """One row per case."""
    rows = []
    for entry in entries:
        case = entry["case"]
        conditions = entry.get("conditions", "busy" if entry["neighbors"] else "")  # results of 2026-11-25 have none
        beside = f"{case['name']}, {conditions}" if conditions else case["name"]
        sizes = "-".join(map(str, case["sizes"]))
        detail = f"{sizes} {case['hidden']}, {case['n_samples']} rows, minibatch {case['batch_size']}"
        rows.append(row_of(beside, detail, "µs per step", entry["contenders"], "microseconds_per_step"))
    return rows


def other_rows(results: dict[str, Any]) -> list[Row]:
    """One row for each of the other suites' comparisons."""
    rows = []
    for entry in results.get("lbfgs", []):
        sizes = "-".join(map(str, entry["sizes"]))
        detail = f"{sizes}, {entry['n_samples']} rows, {entry['iterations']} iterations, {entry['dtype']}"
        rows.append(row_of("L-BFGS", detail, "s", entry["contenders"], "median_seconds"))
        if "to_the_same_cost" in entry:  # not in results before 2026-11-27
            same = entry["to_the_same_cost"]
            detail = (
                f"{sizes}, {entry['n_samples']} rows, {same['iterations']} iterations to its cost, {entry['dtype']}"
            )
            rows.append(row_of("L-BFGS", detail, "s", same["contenders"], "median_seconds"))
    for key, name in (("sweep", "sweep"), ("folds", "10 folds")):
        if key in results:
            entry = results[key]
            detail = f"{entry['n_networks']} networks, {entry['epochs']} epochs each"
            rows.append(row_of(name, detail, "s", entry["contenders"], "median_seconds"))
    if "cross_validation" in results:
        detail = "cross_val_score, 10 folds of digits"
        rows.append(row_of("estimators", detail, "s", results["cross_validation"], "median_seconds"))
    for entry in results.get("prediction", []):
        sizes, n_rows = "-".join(map(str, entry["sizes"])), entry["n_rows"]
        name = f"predict {n_rows:,}".replace(",", " ")
        rows.append(row_of(name, f"{sizes}, per call", "µs", entry["contenders"], "median_seconds", 1e6))
    return rows


def share_of_sgemm(entry: dict[str, Any]) -> float | None:
    """Return glassnet's rate of arithmetic on a case as a share of the machine's own large matrix product."""
    ours = entry["contenders"].get(OURS, {})
    if not entry["sgemm_gflops"] or ours.get("status") != OK:
        return None
    return entry["flops_per_run"] / median(ours["seconds"]) / 1e9 / median(entry["sgemm_gflops"])


def number(value: float | None) -> str:
    """Write a number with three digits.

    >>> number(0.01234), number(3.456), number(1234.5), number(None)
    ('0.0123', '3.46', '1234', '–')
    """
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def times(value: float | None) -> str:
    """Write a ratio.

    >>> times(12.34), times(1.234), times(None)
    ('12×', '1.2×', '–')
    """
    if value is None:
        return "–"
    return f"{value:.0f}×" if value >= 10 else f"{value:.1f}×"
