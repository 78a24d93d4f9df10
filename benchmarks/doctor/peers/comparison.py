"""The findings of the tools counted by kind of fault, and as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.doctor.peers.injected import COLUMN, KINDS
from benchmarks.doctor.peers.lines import about, cases_in, finding, read_findings

TOOLS = ("doctor", "deepchecks", "cleanlab")
BY_ROWS = ("wrong labels", "copies across the split", "near copies across the split")
NAMES_COLUMN = ("a column made from the target", "an identifier")


@dataclass(frozen=True)
class Counted:
    """What a tool found of a kind of fault.

    A finding counts by the same rule everywhere: the tool reports the kind, be it for a single row or column. Of a
    column it is right if it names the one that was broken; otherwise it is as wrong as one in a clean data set.

    Attributes
    ----------
    found, misplaced, faults : int
        Broken data sets with a right finding, those with findings that name other columns only, and all.
    alarms, clean : int
        Clean data sets where it has one, and all.
    rows_right, rows_told, rows_broken : int
        Broken rows that it names, all that it names, and all that are broken, over the broken data sets.
    """

    found: int
    misplaced: int
    faults: int
    alarms: int
    clean: int
    rows_right: int
    rows_told: int
    rows_broken: int

    @property
    def precision(self) -> float | None:
        """Right findings over all findings, with as many clean data sets as broken ones; None without findings."""
        wrong = self.misplaced + self.alarms * self.faults / max(1, self.clean)
        return self.found / (self.found + wrong) if self.found + wrong else None

    @property
    def recall(self) -> float:
        """Broken data sets that are found."""
        return self.found / max(1, self.faults)


def counted(folder: Path, findings: Path, kind: str) -> Counted | None:
    """Count what a tool found; None if it has no check for the kind, or there are no such data sets."""
    told = read_findings(findings)
    cases = [(about(path), told[path.name]) for path in cases_in(folder)]
    broken = [(case, found.get(kind, finding(False))) for case, found in cases if case["kind"] == kind]
    clean = [found.get(kind, finding(False)) for case, found in cases if kind in case["may_judge"]]
    if not broken or not any(kind in found for _, found in cases):
        return None
    reports = [found for _, found in broken if found["found"]]
    n_right = sum(kind not in NAMES_COLUMN or _names(found["where"]) for found in reports)
    rows = [(set(case["rows"]), set(found["rows"]) if found["found"] else set()) for case, found in broken]
    return Counted(
        found=n_right,
        misplaced=len(reports) - n_right,
        faults=len(broken),
        alarms=sum(found["found"] for found in clean),
        clean=len(clean),
        rows_right=sum(len(true & named) for true, named in rows),
        rows_told=sum(len(named) for _, named in rows),
        rows_broken=sum(len(true) for true, _ in rows),
    )


def markdown(folder: Path, outputs: dict[str, Path], versions: dict[str, str]) -> str:
    """Return the table, and the kinds of faults in which a tool is ahead of the doctor."""
    counts = {kind: {tool: counted(folder, outputs[tool], kind) for tool in TOOLS} for kind in KINDS}
    lines = [f"| Fault | Data sets | {' | '.join(versions[tool] for tool in TOOLS)} |", "|---|--:|---|---|---|"]
    for kind, row in counts.items():
        n = max((each.faults for each in row.values() if each is not None), default=0)
        lines.append(f"| {kind} | {n} | {' | '.join(_cell(row[tool]) for tool in TOOLS)} |")
    lines += ["", "The broken rows themselves, in the broken data sets:", ""]
    lines += [f"| Fault | Rows | {' | '.join(versions[tool] for tool in TOOLS)} |", "|---|--:|---|---|---|"]
    for kind in BY_ROWS:
        row = counts[kind]
        n = max((each.rows_broken for each in row.values() if each is not None), default=0)
        lines.append(f"| {kind} | {n:,} | {' | '.join(_cell_of_rows(row[tool]) for tool in TOOLS)} |")
    ahead = [*_ahead(counts)]
    return "\n".join([*lines, "", *(ahead or ["No tool is ahead of the doctor in any of these."]), ""])


def _names(where: Sequence[str]) -> bool:
    return any(f"'{COLUMN}'" in words for words in where)


def _cell(count: Counted | None) -> str:
    if count is None:
        return "no check"
    precision = "–" if count.precision is None else f"{count.precision:.0%}"
    return f"precision {precision}, recall {count.recall:.0%} ({count.alarms} of {count.clean} clean ones)"


def _rates_of_rows(count: Counted) -> tuple[float | None, float]:
    precision = count.rows_right / count.rows_told if count.rows_told else None
    return precision, count.rows_right / max(1, count.rows_broken)


def _cell_of_rows(count: Counted | None) -> str:
    if count is None:
        return "no check"
    precision, recall = _rates_of_rows(count)
    return f"precision {'–' if precision is None else f'{precision:.0%}'}, recall {recall:.0%}"


def _ahead(counts: dict[str, dict[str, Counted | None]]) -> Iterator[str]:
    """Yield a line for each kind and measure in which another tool is ahead."""
    for kind, row in counts.items():
        ours = row["doctor"]
        if ours is None:
            continue
        for tool in TOOLS[1:]:
            theirs = row[tool]
            if theirs is None:
                continue
            measures = {"precision": (ours.precision, theirs.precision), "recall": (ours.recall, theirs.recall)}
            if kind in BY_ROWS:
                (p, r), (q, s) = _rates_of_rows(ours), _rates_of_rows(theirs)
                measures |= {"precision of rows": (p, q), "recall of rows": (r, s)}
            better = [name for name, (own, other) in measures.items() if (other or 0.0) > (own or 0.0) + 0.005]
            if better:
                yield f"- **{tool} is ahead in {kind}**: {' and '.join(better)}."
