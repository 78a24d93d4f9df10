"""The report in the terminal."""

from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.speed.reporting.summary import OK, OURS, Row, number, other_rows, share_of_sgemm, steps_rows, times

MEGA = 1e6


def print_report(document: dict[str, Any], console: Console) -> None:
    """Print everything that was measured."""
    machine, results = document["machine"], document["results"]
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}; {document['date']}", highlight=False
    )
    console.print(", ".join(f"{name} {version}" for name, version in document["versions"].items() if version))
    print_rows("Microseconds per step (medians)", steps_rows(results.get("steps", [])), console)
    print_rows("Beside a busy neighbor: microseconds per step", steps_rows(results.get("neighbor", [])), console)
    print_rows("In turn without a pause, and visited by a neighbor", steps_rows(results.get("threads", [])), console)
    print_rows("With a listener that is called every 50 ms", steps_rows(results.get("watched", [])), console)
    print_rows("Many networks, and prediction", other_rows(results), console)
    print_first_fit(results.get("first_fit", {}), console)
    print_start_and_memory(results.get("steps", []), console)
    for entry in results.get("steps", []):
        share = share_of_sgemm(entry)
        if share is not None:
            rate = median(entry["sgemm_gflops"])
            console.print(f"{entry['case']['name']}: {share:.0%} of the machine's large sgemm, {rate:.0f} GFLOP/s")


def print_rows(title: str, rows: list[Row], console: Console) -> None:
    """Print comparisons as a table: glassnet, the peers, and how many times as long the fastest one takes."""
    if not rows:
        return
    peers = list(dict.fromkeys(peer for row in rows for peer in [*row.peers, *row.absent] if peer != OURS))
    table = Table(title=title, title_justify="left")
    for head in ("case", "what", OURS, *peers, "fastest peer", "ratio"):
        table.add_column(head, justify="left" if head in ("case", "what", "fastest peer") else "right")
    notes: list[str] = []
    for row in rows:
        cells = [mark(row, peer, notes) for peer in (OURS, *peers)]
        best = row.fastest_peer
        table.add_row(row.name, f"{row.detail} [{row.unit}]", *cells, best or "–", times(row.ratio(best)))
    console.print(table)
    for index, note in enumerate(notes, start=1):
        console.print(f"  {index}) {note}", highlight=False, markup=False)


def mark(row: Row, who: str, notes: list[str]) -> str:
    """Return a contender's number, or the number of the note that says why there is none."""
    value = row.ours if who == OURS else row.peers.get(who)
    if value is not None:
        return number(value)
    if who not in row.absent:
        return ""
    note = f"{who}: {row.absent[who]}"
    if note not in notes:
        notes.append(note)
    return f"– {notes.index(note) + 1})"


def print_first_fit(entries: dict[str, Any], console: Console) -> None:
    """Print the seconds of fresh processes."""
    if not entries:
        return
    table = Table("script", "cold cache, s", "warm cache, s", "right", title="A fresh process: iris, 100 epochs")
    for name, entry in entries.items():
        if entry["status"] == OK:
            seconds = (number(entry.get("cold_median_seconds")), number(entry["median_seconds"]))
            table.add_row(name, *seconds, f"{entry['accuracy']:.0%}")
        else:
            table.add_row(name, "–", "–", f"{entry['status']}: {entry['reason']}")
    console.print(table)


def print_start_and_memory(entries: list[dict[str, Any]], console: Console) -> None:
    """Print what comes before the first fast step, and the peak of memory, per case."""
    if not entries:
        return
    names = list(dict.fromkeys(name for entry in entries for name in entry["contenders"]))
    table = Table("case", *names, title="Seconds of the first run, compilation included / peak memory in MB")
    for entry in entries:
        cells = []
        for name in names:
            result = entry["contenders"].get(name, {"status": ""})
            known = result["status"] == OK
            cells.append(
                f"{number(result['first_call_seconds'])} / {result['peak_bytes'] / MEGA:.0f}" if known else "–"
            )
        table.add_row(entry["case"]["name"], *cells)
    console.print(table)
