"""What reaches a terminal, a pipe, a closed or a full place: nothing acts on it, and every end is told in a sentence."""

import ast
import csv
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glassnet as gn
from glassnet import cli

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals, pipes and devices of POSIX")

ODD = "ma\x1b[31mss\u202e"
SHOWN = r"ma\x1b[31mss\u202e"
PROGRAM = [sys.executable, "-m", "glassnet"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A folder with a table whose header and classes are odd, and a model of it."""
    folder = tmp_path_factory.mktemp("odd")
    frame = pd.DataFrame(
        {ODD: np.arange(30.0), "y": [f"{'no' if k < 15 else 'yes'}\x1b]0;owned\x07" for k in range(30)]}
    )
    frame.to_parquet(folder / "odd.parquet")
    model = gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(frame[[ODD]], frame["y"])
    model.target_name_ = "y"
    model.save(folder / "odd.glassnet")
    return folder


def in_terminal(words, folder):
    """Return what a terminal would get on stdout and stderr, and the exit code."""
    import pty

    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "100"}
    process = subprocess.Popen([*PROGRAM, *words], cwd=folder, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    seen = b""
    while True:
        try:
            block = os.read(parent, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        seen += block
    os.close(parent)
    return seen.decode(), process.wait(60)


COMMANDS = {
    "predict": ["predict", "odd.glassnet", "odd.parquet"],
    "predict json": ["predict", "odd.glassnet", "odd.parquet", "--json"],
    "evaluate": ["evaluate", "odd.glassnet", "odd.parquet"],
    "explain": ["explain", "odd.glassnet", "odd.parquet", "--no-target"],
    "draw": ["draw", "odd.glassnet"],
    "train": ["train", "odd.parquet", "-t", "y", "--epochs", "2", "--hidden", "3", "-o", "new.glassnet"],
    "missing column": ["train", "odd.parquet", "-t", "no\x1b[31mthing"],
    "missing option": ["train", "--no\x1b[31mthing"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_acts_on_a_terminal(odd, name):
    """Neither ESC nor another control, nor a mark that turns text around."""
    seen, _ = in_terminal(COMMANDS[name], odd)

    seen = seen.replace("\r\n", "\n").replace("\x1b[?25l", "").replace("\x1b[?25h", "")  # rich hides the cursor
    acting = {letter for letter in seen if (ord(letter) < 32 and letter not in "\n\r") or letter in "\x7f\x9b\u202e"}
    # a spinner and bold face are our own; whatever follows ESC there is none of the file's
    assert "\x1b[31m" not in seen
    assert "\x1b]0;" not in seen
    assert acting <= {"\x1b"}, seen
    assert "Traceback" not in seen


@pytest.mark.parametrize("name", ["explain", "train"])
def test_nor_on_one_behind_a_pipe(odd, name):
    done = subprocess.run([*PROGRAM, *COMMANDS[name]], cwd=odd, capture_output=True, text=True, timeout=120)

    assert not {"\x1b", "\u202e", "\x07", "\x9b"} & set(done.stdout + done.stderr)
    assert "\\x1b" in done.stdout + done.stderr


def test_what_a_machine_reads_is_the_data_itself(odd):
    out = {}
    for name in ("predict", "predict json"):
        done = subprocess.run([*PROGRAM, *COMMANDS[name]], cwd=odd, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        out[name] = done.stdout.decode()
    rows = list(csv.DictReader(io.StringIO(out["predict"])))
    records = json.loads(out["predict json"])

    assert {row["predicted y"] for row in rows} <= {"no\x1b]0;owned\x07", "yes\x1b]0;owned\x07"}
    assert [row["predicted y"] for row in rows] == [record["predicted y"] for record in records]
    assert not {"\x1b", "\x07"} & set(out["predict json"])


def test_an_old_locale_loses_no_data(odd):
    """ASCII for people's eyes; UTF-8 for machines, whatever the locale is."""
    pd.DataFrame({ODD: [1.0], "name": ["Zoë"]}).to_parquet(odd / "western.parquet")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    words = [*PROGRAM, "predict", "odd.glassnet", "western.parquet", "--with-inputs"]
    done = subprocess.run(words, cwd=odd, env=environment, capture_output=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert "Zoë" in done.stdout.decode("utf-8")


def test_every_command_prints_through_the_doors():
    """No module of the command line writes to a stream itself, so none can forget to escape."""
    allowed = {"console.py", "process.py", "progress.py", "__init__.py", "app.py"}
    for path in Path(cli.__file__).parent.rglob("*.py"):
        if path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("echo", "secho", "print"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Attribute) and node.attr == "write" and isinstance(node.value, ast.Attribute):
                assert node.value.attr not in ("stdout", "stderr"), f"{path.name}:{node.lineno}"


def shell(line, folder):
    """Run a line of shell in which {glassnet} is the program; return its exit code and what it said."""
    program = f"'{sys.executable}' -m glassnet"
    done = subprocess.run(
        ["bash", "-c", line.replace("{glassnet}", program)], cwd=folder, capture_output=True, text=True, timeout=120
    )
    for word in ("Traceback", "should not happen", "Exception ignored"):
        assert word not in done.stderr, done.stderr
    return done.returncode, done.stderr, done.stdout


CLOSED = "Error: standard output is closed, so the result would be lost; to discard it, use > /dev/null.\n"
FULL = "Error: no space left on device.\n"


@pytest.mark.parametrize(
    "line, code, err",
    [
        ("{glassnet} costs >&-", 1, CLOSED),
        ("{glassnet} costs >&- 2>&-", 1, ""),
        ("{glassnet} costs <&- >/dev/null", 0, ""),
        ("{glassnet} costs 2>&- >/dev/null", 0, ""),
        ("{glassnet} nonsense 2>/dev/full", 2, ""),
        ("{glassnet} costs | head -1; exit ${{PIPESTATUS[1]}}".replace("{{", "{").replace("}}", "}"), 0, ""),
        ("TERM= COLUMNS=0 {glassnet} costs > /dev/null", 0, ""),
    ],
)
def test_odd_streams(line, code, err, tmp_path):
    assert shell(line, tmp_path)[:2] == (code, err)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
@pytest.mark.parametrize(
    "line",
    [
        "{glassnet} costs > /dev/full",
        "{glassnet} predict odd.glassnet odd.parquet > /dev/full",
        *(f"{{glassnet}} predict odd.glassnet odd.parquet -o full{ending}" for ending in (".csv", ".parquet")),
        *(f"{{glassnet}} explain odd.glassnet odd.parquet -o full{ending}" for ending in (".html", ".xlsx")),
        *(f"{{glassnet}} draw odd.glassnet -o full{ending}" for ending in (".png",)),
        "{glassnet} train odd.parquet -t y --epochs 1 --hidden 2 -o full.glassnet > /dev/null",
    ],
)
def test_a_full_disk_is_told(line, odd):
    """The file is a link to a device that is always full."""
    name = line.rpartition("-o ")[2].partition(" ")[0]
    if name.startswith("full") and not (odd / name).is_symlink():
        (odd / name).symlink_to("/dev/full")
    code, err, _ = shell(line, odd)

    assert (code, err.splitlines()[-1:]) == (1, [FULL.strip()])


def test_a_device_is_written_into(odd):
    """Without --force, as nothing is replaced; and it stays a device."""
    (odd / "nowhere.csv").symlink_to("/dev/null")
    code, err, _ = shell("{glassnet} predict odd.glassnet odd.parquet -o nowhere.csv", odd)

    assert (code, err) == (0, "30 predictions written to nowhere.csv\n")
    assert (odd / "nowhere.csv").is_symlink()
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    "words, code, sentence",
    [
        (["train", "odd.parquet", "-t", "y", "--seed", "9" * 20], 2, "must be a whole number from 0 to 4294967295"),
        (["train", "odd.parquet", "-t", "y", "--test-size", "nan"], 2, "--test-size nan must lie between 0 and 1"),
        (["train", "odd.parquet", "-t", "y", "--hidden", "9" * 20], 2, "a layer has at most 4294967296 neurons"),
        (["train", "odd.parquet", "-t", "y", "--networks", "9" * 20], 2, "the largest number possible is 10000"),
        (["explain", "odd.glassnet", "odd.parquet", "--row", "9" * 20], 2, "there is no row"),
        (["truth-table", 3000 * "("], 2, "inside others, but at most"),
    ],
)
def test_numbers_that_no_machine_holds(words, code, sentence, odd, run, monkeypatch):
    monkeypatch.chdir(odd)
    outcome = run(*words)

    assert outcome.code == code
    assert sentence in outcome.err
    assert "should not happen" not in outcome.err


def test_a_name_as_long_as_a_book_leaves_a_sentence_that_can_be_read(run, tmp_path, monkeypatch):
    """And no command takes long over it; what a machine reads has the whole name."""
    monkeypatch.chdir(tmp_path)
    long = "a" * 200_000
    rows = "".join(f"{k % 7},{k % 5},{'no' if k % 2 else 'yes'}\n" for k in range(60))
    Path("long.csv").write_text(f'"x\ny",{long},t\n{rows}')
    Path("other.csv").write_text("x,t\n1,no\n")

    assert run("train", "long.csv", "-t", "t", "--hidden", "3", "--epochs", "1", "-o", "m.glassnet").code == 0
    assert run("predict", "m.glassnet", "long.csv", "--with-inputs", "--json").json[1][long] == 1
    for words in (
        ("draw", "m.glassnet"),
        ("explain", "m.glassnet", "long.csv"),
        ("evaluate", "m.glassnet", "long.csv"),
    ):
        assert run(*words).code == 0
    for words in (
        ("train", "long.csv", "-t", "zz"),
        ("train", "long.csv", "-t", long[1:]),
        ("predict", "m.glassnet", "other.csv"),
    ):
        outcome = run(*words)
        assert outcome.code == 1
        assert len(outcome.err) < 700
        assert len(outcome.err.splitlines()) == 1


TERMINATED = """
import os, signal, sys
# as in a terminal, also where this runs under nohup or in the background
signal.signal(signal.SIG{0}, signal.default_int_handler if "{0}" == "INT" else signal.SIG_DFL)
from glassnet.cli import main, progress
shown, sent = progress._words, []
def words(epoch):  # the bar is drawn every 50 ms: not at each epoch
    if epoch.epoch >= 3 and not sent:
        sent.append(os.kill(os.getpid(), signal.SIG{0}))
    return shown(epoch)
progress._words = words
sys.exit(main())
"""


@pytest.mark.parametrize("name, words", [("TERM", "terminated"), ("HUP", "the terminal was closed")])
def test_a_signal_that_ends_it_leaves_no_file(odd, name, words):
    """As after Ctrl-C, but nothing is tested or saved any more."""
    before = sorted(os.listdir(odd))
    command = [sys.executable, "-c", TERMINATED.format(name), "train", "odd.parquet", "-t", "y", "--epochs", "5000"]
    done = subprocess.run([*command, "-o", "never.glassnet"], cwd=odd, capture_output=True, text=True, timeout=120)

    assert done.returncode == 128 + getattr(signal, f"SIG{name}")
    assert done.stderr.splitlines()[-1] == f"Error: {words}; no file is half-written."
    assert sorted(os.listdir(odd)) == before


def test_a_second_ctrl_c_ends_the_test_at_once(odd):
    script = TERMINATED.format("INT").replace(
        "sys.exit(main())",
        "from glassnet.estimators import split_table\n"
        "split_table.predicted = lambda *given: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(main())",
    )
    command = [
        sys.executable,
        "-c",
        script,
        "train",
        "odd.parquet",
        "-t",
        "y",
        "--epochs",
        "5000",
        "-o",
        "two.glassnet",
    ]
    done = subprocess.run(command, cwd=odd, capture_output=True, text=True, timeout=120)

    assert done.returncode == 1
    assert re.search(r"interrupted after \d+ epochs; the best network so far is kept", done.stderr)
    assert done.stderr.splitlines()[-1] == "Error: interrupted; no file is half-written."
    assert not (odd / "two.glassnet").exists()


@pytest.mark.parametrize("end", [SystemExit(130), KeyboardInterrupt(), 130])
def test_ctrl_c_outside_of_a_command_is_told_too(end, run, monkeypatch, one_sentence):
    """However typer hands it on."""

    def app(**_):
        if isinstance(end, int):
            return end
        raise end

    monkeypatch.setattr("glassnet.cli.app.app", app)
    outcome = run("costs")

    assert outcome.code == 1
    assert one_sentence(outcome.err) == "Error: interrupted; no file is half-written."
