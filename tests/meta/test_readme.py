"""The code of README.md and docs/ runs, and prints what the page says it prints.

In each file, in order, in one namespace and in a temporary directory that holds examples/:

- a ```python block is run; with ``>>>`` as a doctest;
- a ```text block right after it is what it must print (``...`` stands for anything);
- in a ```console block each line ``$ glassnet ...`` must end with exit code 0; lines that follow are its output.
  `glassnet studio` runs until it has printed its address. Other commands (pip, make, git) are for the reader and are
  not run.
"""

import contextlib
import doctest
import io
import os
import shlex
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block of a page: its language, its text, the line where the text begins, and where it ends."""

    language: str
    text: str
    first_line: int
    last_line: int


def blocks_of(markdown):
    """Return the fenced blocks of a page in order."""
    return [
        Block((token.info.split() or [""])[0], token.content, token.map[0] + 2, token.map[1])
        for token in MarkdownIt().parse(markdown)
        if token.type == "fence" and token.map
    ]


def expected_output(blocks, number):
    """Return the text block that follows block `number` with at most a blank line between them, else None."""
    if number + 1 == len(blocks):
        return None
    block, following = blocks[number], blocks[number + 1]
    directly = following.first_line - 1 - block.last_line <= 2
    return following.text if following.language == "text" and directly else None


def assert_prints(printed, expected, where):
    checker = doctest.OutputChecker()
    if not checker.check_output(expected, printed, OPTIONS):
        difference = checker.output_difference(doctest.Example("", expected), printed, OPTIONS)
        raise AssertionError(f"{where} prints something else:\n{difference}")


def run_python(block, namespace, path, expected):
    where = f"{path}:{block.first_line}"
    if ">>> " in block.text:
        test = doctest.DocTestParser().get_doctest(block.text, namespace, where, str(path), block.first_line)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=OPTIONS)
        failed = runner.run(test, out=report.write, clear_globs=False).failed
        namespace.update(test.globs)
        assert failed == 0, report.getvalue()
        return
    # Blank lines in front make a traceback name the line of the page.
    code = compile("\n" * (block.first_line - 1) + block.text, path, "exec")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, namespace)
    if expected is not None:
        assert_prints(output.getvalue(), expected, where)


def commands_of(block):
    """Return pairs (command, the lines shown below it) of a console block."""
    commands = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands:
            commands[-1][1].append(line)
    return commands


def run_console(block, directory, path):
    for command, shown in commands_of(block):
        words = shlex.split(command, comments=True)
        if words[0] != "glassnet":
            continue
        words[0] = str(Path(sysconfig.get_path("scripts")) / "glassnet")
        environment = os.environ | {"COLUMNS": "120", "NO_COLOR": "1", "BROWSER": "true"}
        if words[1] == "studio":
            assert address_of_studio(words, directory, environment).startswith("http://127.0.0.1:"), command
            continue
        run = subprocess.run(words, cwd=directory, env=environment, capture_output=True, text=True, check=False)
        where = f"{path}: $ {command}"
        assert run.returncode == 0, f"{where}\n{run.stdout}{run.stderr}"
        if any(line.strip() for line in shown):
            assert_prints(run.stdout, "\n".join(shown) + "\n", where)


def address_of_studio(words, directory, environment):
    """Return the first line of the studio, and end it."""
    with subprocess.Popen(words, cwd=directory, env=environment, stdout=subprocess.PIPE, text=True) as studio:
        line = studio.stdout.readline()
        studio.terminate()
    return line


def run_page(path, directory):
    """Run every block of the page at `path`; return how many ran."""
    blocks = blocks_of(path.read_text(encoding="utf-8"))
    namespace = {"__name__": "__page__"}
    ran = 0
    for number, block in enumerate(blocks):
        if block.language == "python":
            run_python(block, namespace, path, expected_output(blocks, number))
        elif block.language == "console":
            run_console(block, directory, path)
        ran += block.language in {"python", "console"}
    return ran


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_runs(page, directory):
    with np.printoptions():  # a page may set its own
        run_page(page, directory)


def test_readme_shows_both_ways():
    """The README has code for Python and for the shell, so that the test above is not empty."""
    languages = [block.language for block in blocks_of((ROOT / "README.md").read_text(encoding="utf-8"))]

    assert "python" in languages
    assert "console" in languages


def page(directory, text):
    path = directory / "page.md"
    path.write_text(text)
    return path


def test_blocks_share_a_namespace(directory):
    assert run_page(page(directory, "```python\na = 1\n```\n\n```python\nassert a == 1\n```\n"), directory) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\nprint(0.77)\n```\n\n```text\n0.78\n```\n", "Expected: 0.78 Got: 0.77"),
        ("```python\n>>> 1 + 1\n3\n```\n", "Expected: 3 Got: 2"),
        ("```console\n$ glassnet no-such-command\n```\n", "no-such-command"),
        ("```console\n$ glassnet --help\nnothing like this\n```\n", "prints something else"),
    ],
    ids=["output", "doctest", "exit code", "console output"],
)
def test_a_page_that_is_wrong_fails(directory, text, message):
    with pytest.raises(AssertionError) as failure:
        run_page(page(directory, text), directory)

    assert message in " ".join(str(failure.value).split())


def test_an_error_names_the_line_of_the_page(directory):
    with pytest.raises(ZeroDivisionError) as failure:
        run_page(page(directory, "# Title\n\n```python\na = 1\na / 0\n```\n"), directory)

    assert failure.traceback[-1].lineno + 1 == 5
