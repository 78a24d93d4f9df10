"""Prints what the doctor has found."""

import sys
from dataclasses import replace

from glassnet.cli.console import heading as title
from glassnet.cli.console import out, say
from glassnet.cli.vocabulary import in_options
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.formats.text import WIDTH, heading
from glassnet.diagnosis.live_doctor import LiveDoctor

BLOCKS = "▁█"
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def in_words(found: Diagnosis) -> Diagnosis:
    """Return a diagnosis whose advice names options of the command line."""
    return replace(found, findings=tuple(replace(each, next=in_options(each.next)) for each in found.findings))


def show_live(doctor: LiveDoctor) -> None:
    """Print what a doctor that has listened to a training finds in the networks that came of it."""
    title("Doctor")
    for k, run in enumerate(doctor.runs, start=1):
        if len(doctor.runs) > 1:
            say(f"Training {k} of {len(doctor.runs)}:")
        show(in_words(run.diagnosis))


def show(found: Diagnosis) -> None:
    """Print the findings, their headings in color; without a terminal's width, as wide as is good to read."""
    width = min(WIDTH, out().width) if sys.stdout.isatty() else WIDTH
    levels = {heading(each).split(" (")[0]: each.level for each in found.findings}
    for line in found.to_text(width=width, blocks=_has_blocks()).split("\n"):
        say(line, style=STYLES.get(levels.get(line.split(" (")[0], "")))


def _has_blocks() -> bool:
    """Return whether the encoding of stdout has block characters."""
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
