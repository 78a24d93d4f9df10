"""Results as a part of a page that is otherwise written by hand."""

from pathlib import Path


def put_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put a text between two lines of a page, in place of what stands there; a page without them is left as it is."""
    before, has_begun, rest = page.read_text().partition(begin)
    _, has_ended, after = rest.partition(end)
    if not has_begun or not has_ended:
        raise SystemExit(f"{page} has no place for the results; it needs the lines {begin.strip()} and {end.strip()}.")
    page.write_text(f"{before}{begin}{text}{end}{after}")
