"""Write the README's table of speed from the newest result.

`python -m benchmarks.speed.reporting.readme` writes it, with `--check` it only compares.

The text stands between two markers. It is a function of one file in `benchmarks/results/`; no number in it is written
by hand.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.speed.reporting.summary import OK, STEP_SUITES, number, other_rows, share_of_sgemm, steps_rows, times

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
BEGIN = "<!-- from benchmarks/results, by python -m benchmarks.speed.reporting.readme -->"
END = "<!-- end of benchmarks/results -->"
NOTHING_YET = "No measurement is in `benchmarks/results` yet; `make bench` makes one."


def newest(folder: Path = RESULTS) -> Path | None:
    """Return the newest result; their names begin with the date."""
    return max(folder.glob("*.json"), key=lambda path: path.name, default=None)


def text_of(path: Path | None) -> str:
    """Return what stands between the markers."""
    if path is None:
        return NOTHING_YET
    document = json.loads(path.read_text(encoding="utf-8"))
    machine, results = document["machine"], document["results"]
    chart = path.with_suffix(".svg")
    steps = [entry for suite in STEP_SUITES for entry in results.get(suite, [])]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}; {document['date']}. Microseconds per step,",
        "medians; the last columns say how many times as long as glassnet the others take.",
        "",
        "| case | network | glassnet | fastest peer | | scikit-learn | PyTorch |",
        "|---|---|--:|---|--:|--:|--:|",
    ]
    for row in steps_rows(steps):
        best = row.fastest_peer
        rival = f"{best} {number(row.peers[best])}" if best else "–"
        ratios = " | ".join(times(row.ratio(peer)) for peer in (best, "scikit-learn", "PyTorch"))
        lines.append(f"| {row.name} | {row.detail} | {number(row.ours)} | {rival} | {ratios} |")
    lines += ["", *sentences(results), ""]
    link = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    shown = f" and as a [chart]({link.removesuffix('.json')}.svg)" if chart.exists() else ""
    lines.append(f"Every raw time, all peers and their versions are in [{path.name}]({link}){shown}.")
    return "\n".join(lines)


def sentences(results: dict[str, Any]) -> list[str]:
    """Return the other measurements, one line each."""
    lines = []
    for row in other_rows(results):
        others = ", ".join(f"{peer} {number(value)} ({times(row.ratio(peer))})" for peer, value in row.peers.items())
        lines.append(f"- {row.name} ({row.detail}), {row.unit}: glassnet {number(row.ours)}; {others or 'no peer'}.")
    fits = {name: entry for name, entry in results.get("first_fit", {}).items() if entry["status"] == OK}
    if fits:
        each = ", ".join(f"{name} {number(entry['median_seconds'])}" for name, entry in fits.items())
        compiling = {
            name: entry["cold_median_seconds"] for name, entry in fits.items() if "cold_median_seconds" in entry
        }
        cold = ", ".join(f"{name} {number(value)}" for name, value in compiling.items())
        lines.append(
            f"- a fresh process, iris, 100 epochs, imports included, s: {each}; with nothing compiled yet: {cold}."
        )
    for entry in results.get("steps", []):
        share = share_of_sgemm(entry)
        if share is not None:
            lines.append(
                f"- {entry['case']['name']}: {share:.0%} of what the machine's own large matrix product reaches."
            )
    return lines


def replaced(readme: str, text: str) -> str:
    """Return the README with the text between its markers."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 if the README is not up to date"
    )
    check = parser.parse_args().check
    old = README.read_text(encoding="utf-8")
    new = replaced(old, text_of(newest()))
    if check and old != new:
        sys.exit("README.md is not what benchmarks/results says: run python -m benchmarks.speed.reporting.readme")
    README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
