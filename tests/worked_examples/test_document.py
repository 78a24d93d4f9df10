"""docs/worked-examples.md says what is true: its ```pycon blocks are one session, run here as a doctest.

tests/meta/test_readme.py runs the page's ```console blocks; a ```python block would run there without this session's
names, so the page has none.
"""

import doctest
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "worked-examples.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def session_of(markdown, language="pycon"):
    """Return the page with everything but its sessions emptied, so that line numbers stay the page's own."""
    kept = []
    position = 0
    for block in BLOCK.finditer(markdown):
        kept.append("\n" * markdown.count("\n", position, block.start(2)))
        kept.append(block[2] if block[1] == language else "\n" * block[2].count("\n"))
        position = block.end(2)
    return "".join(kept)


def run_session(text, name):
    """Run the session; return how many examples it had and a report of those that printed something else."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, str(PAGE), 0)
    report = io.StringIO()
    with np.printoptions(), warnings.catch_warnings():
        warnings.simplefilter("error")
        result = doctest.DocTestRunner(verbose=False).run(test, out=report.write)
    return result.attempted, report.getvalue()


def test_every_number_of_the_page():
    attempted, report = run_session(session_of(PAGE.read_text(encoding="utf-8")), PAGE.name)

    assert report == ""
    assert attempted > 100


def test_the_page_has_no_python_blocks():
    languages = {block[1] for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}

    assert languages == {"pycon", "console"}


def test_every_link_leads_to_a_heading():
    text = PAGE.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    }

    links = re.findall(r"\]\(#([^)]+)\)", text)
    assert links
    assert set(links) <= headings


@pytest.mark.parametrize("shown", ["0.78", "0.7708"])
def test_a_wrong_number_is_found_and_its_line_named(shown):
    _, report = run_session(session_of(f"# Title\n\n```pycon\n>>> print(0.77)\n{shown}\n```\n"), "page")

    assert "line 4" in report
    assert "0.77" in report
