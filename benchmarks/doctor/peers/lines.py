"""The data sets of a folder, and what a tool finds in them as JSON lines: for every tool's own Python.

It needs the standard library of Python 3.10 alone.
"""

import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Findings = dict[str, dict[str, Any]]  # by kind of fault; kinds that a tool does not look for are left out


def cases_in(folder: Path) -> Iterator[Path]:
    """Yield the folders of all data sets, in their order."""
    yield from sorted(path.parent for path in folder.glob("*/about.json"))


def about(folder: Path) -> dict[str, Any]:
    """Return what is known of a data set."""
    found: dict[str, Any] = json.loads((folder / "about.json").read_text())
    return found


def finding(found: bool, rows: Iterable[int] = (), where: Iterable[str] = ()) -> dict[str, Any]:
    """Return whether a tool reports a kind of fault, the rows that it names, and its words, which may name columns."""
    return {"found": found, "rows": list(rows), "where": list(where)}


def write_findings(output: Path, found: Iterable[tuple[str, Findings]]) -> None:
    """Write a line for each data set as soon as it was looked at."""
    with output.open("w") as file:
        for case, findings in found:
            file.write(json.dumps({"case": case, "findings": findings}) + "\n")
            file.flush()


def read_findings(output: Path) -> dict[str, Findings]:
    """Return the findings by the names of data sets."""
    return {each["case"]: each["findings"] for each in map(json.loads, output.read_text().splitlines())}


def look_at_each(folder: Path, output: Path, looked_at: Callable[[Path], Findings]) -> None:
    """Let a talkative tool look at each data set, and write its findings."""
    warnings.simplefilter("ignore")
    write_findings(output, ((path.name, _in_silence(looked_at, path)) for path in cases_in(folder)))


def _in_silence(looked_at: Callable[[Path], Findings], path: Path) -> Findings:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return looked_at(path)
