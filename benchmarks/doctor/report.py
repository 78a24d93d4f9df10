"""The counts of the suite as Markdown, and as the file that ships with the rules."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.doctor.counting import OfFault, OfRule, healthy, of_faults, of_rules, share_with
from benchmarks.doctor.page import put_between
from benchmarks.doctor.running import Record
from glassnet.diagnosis.measured import FILE

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
BEGIN = "<!-- from the results of python -m benchmarks.doctor, by its --write -->\n"
END = "<!-- end of the results -->\n"
LEVELS = {"errors": ("error",), "warnings and notes": ("warning", "note")}


def markdown(records: Sequence[Record]) -> str:
    """Return the tables of a page."""
    fits = healthy(records)
    n_failed = sum(record["fault"] is None and "failed" not in record for record in records) - len(fits)
    faults, tables = of_faults(records), {record["table"] for record in records}
    lines = [
        f"Of {len(fits)} healthy fits to {len(tables)} tables ({n_failed} more failed: a constant is better for fresh "
        "rows):",
        "",
        f"- {_share(share_with(fits, lambda each: each['level'] == 'error'))} have a finding of level error.",
        f"- {_share(share_with(fits, lambda each: each['level'] == 'warning'))} have a warning; "
        f"{_share(share_with(fits, lambda each: each['level'] == 'warning' and each['true'] is False))} have one that "
        f"is not true, and {_share(share_with(fits, _is_undecided))} one that the fresh rows cannot decide.",
        "",
        f"Of {sum(each.n for each in faults)} fits with one of {len(faults)} kinds of faults:",
        "",
    ]
    for words, levels in LEVELS.items():
        rows = [each for each in faults if each.fault.level in levels]
        placed = [each for each in rows if each.fault.where]
        n, found = (sum(getattr(each, name) for each in rows) for name in ("n", "found"))
        there = sum(each.there for each in placed), sum(each.found for each in placed)
        lines.append(
            f"- Of {n} that deserve {words}, {_share((found, n))} are found; of the {there[1]} of these that have a "
            f"place, {_share(there)} in the right one."
        )
    lines += ["", "| Fault | Level | Found | In the right place | By | Other findings |", "|---|---|--:|--:|---|---|"]
    lines += [_of_fault(each) for each in faults]
    lines += ["", "What the judge says of the findings of each rule, in all fits and in the healthy ones among them; "
              "the precision is the smaller share of the two. Recall is the share of the faults that name the rule "
              "first and that it finds itself, in the right place:", "",
              "| Rule | Right | Wrong | Undecided | Healthy fits: right | Wrong | Undecided | Precision | Recall |",
              "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]  # fmt: skip
    for row in of_rules(records):
        counts = " | ".join(str(n) for each in (row.everywhere, row.in_healthy)
                            for n in (each.right, each.wrong, each.undecided))  # fmt: skip
        lines.append(f"| {row.rule} | {counts} | {_percent(row.verdicts.share)} | {_percent(row.recall)} |")
    failed = [record for record in records if "failed" in record]
    if failed:
        lines += ["", f"{len(failed)} fits ended with an error, and count as missed; the first one was "
                  f"{failed[0]['name']}: {failed[0]['failed']}"]  # fmt: skip
    return "\n".join(lines) + "\n"


def write(records: Sequence[Record]) -> None:
    """Write the tables into docs/doctor.md, and the shares of each rule into the file that ships."""
    today = datetime.now(UTC).date().isoformat()
    put_between(PAGE, BEGIN, END, f"\nMeasured on {today}.\n\n{markdown(records)}\n")
    rules = {row.rule: _measured(row) for row in of_rules(records)}
    n_broken = sum(record["fault"] is not None for record in records)
    numbers = {"measured": today, "healthy_fits": len(healthy(records)), "broken_fits": n_broken, "rules": rules}
    FILE.write_text(json.dumps(numbers, indent=1) + "\n")


def _measured(row: OfRule) -> dict | None:
    n, share = row.verdicts.right + row.verdicts.wrong, row.verdicts.share
    return {"findings": n, "precision": share, "faults": row.faults, "recall": row.recall} if n + row.faults else None


def _is_undecided(each: dict) -> bool:
    return each["level"] == "warning" and each["true"] is None


def _of_fault(row: OfFault) -> str:
    by, others = (
        ", ".join(f"{rule} {n}" for rule, n in each.most_common(3)) or "none" for each in (row.by, row.others)
    )
    found = f"{row.found} of {row.n}"
    falls_short = row.found < (0.9 if row.fault.level == "error" else 0.75) * row.n
    found = f"**{found}**" if falls_short else found
    return f"| {row.fault.name} | {row.fault.level} | {found} | {row.there} | {by} | {others} |"


def _share(counts: tuple[int, int]) -> str:
    n, of = counts
    return f"{n} ({n / max(1, of):.1%})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
