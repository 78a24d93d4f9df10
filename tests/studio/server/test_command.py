"""`glassnet studio` and `gn.open_studio`: what they open, what they refuse, and how they end."""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from importlib import util
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.studio.server.conftest import ask, page_of

import glassnet as gn
from glassnet.cli.app import run
from glassnet.data.bounds import Bounds
from glassnet.errors import DataError, GlassnetError, MissingExtraError, ParameterError

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"

# A process that was started in the background ignores Ctrl-C, and so do its children.
HEARS_CTRL_C = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from glassnet.cli import main
sys.exit(main())
"""


@pytest.fixture
def start(tmp_path):
    """`start(...)` runs the command in a process; the first line of its output has been written by then."""
    running = []

    def begin(*words):
        command = [sys.executable, "-c", HEARS_CTRL_C, "studio", *map(str, words), "--no-browser"]
        environment = {**os.environ, "TMPDIR": str(tmp_path), "NO_COLOR": "1"}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
        )  # fmt: skip
        running.append(process)
        return process, process.stdout.readline()

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def left(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith("glassnet")]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
@pytest.mark.parametrize(
    ("number", "code", "words"), [(signal.SIGINT, 0, "The studio is closed."), (signal.SIGTERM, 143, "terminated")]
)
def test_the_first_line_is_the_address_and_a_signal_ends_it(start, tmp_path, number, code, words):
    process, line = start(PENGUINS, "--target", "species")
    address = line.rstrip("\n")
    with httpx.Client(trust_env=False, timeout=60) as client:
        assert client.get(address).status_code == 200
        assert "importmap" in client.get(address.partition("?")[0]).text
    assert left(tmp_path) != []
    process.send_signal(number)
    out, errors = process.communicate(timeout=60)

    assert (process.returncode, out) == (code, "")
    assert words in errors
    assert "Traceback" not in errors
    assert left(tmp_path) == []


def test_json(start):
    process, _ = start("--json", "--port", "0")
    text = process.stdout.readline() + process.stdout.readline()
    assert json.loads("{" + text)["address"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["penguin.csv"], 1, "there is no file"),
        (["model.glassnet"], 1, "there is no model model.glassnet; glassnet train makes one."),
        ([str(PENGUINS), "--target", "specis"], 1, "species"),
        (["--port", "70000"], 2, "--port 70000 is no port; expected a number from 1 to 65535, or 0"),
        (["--target", "species"], 2, "--target species is a column, but no table was given"),
    ],
)
def test_wrong_use_ends_before_anything_is_served(words, code, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["studio", "--no-browser", *words]) == code
    outcome = capsys.readouterr()
    assert sentence in " ".join(outcome.err.split())
    assert outcome.out == ""


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """`opened(...)` is an open studio with a page's websocket; both are closed after the test."""
    from tests.studio.server.conftest import page_of

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started, pages = [], []

    def open_one(*arguments, **options):
        started.append(gn.open_studio(*arguments, browser=False, **options))
        pages.append(page_of(started[-1].address))
        return pages[-1].__enter__()

    yield open_one
    for page in pages:
        page.__exit__(None, None, None)
    for studio in started:
        studio.close()


def heard(page, kind):
    """The next message of a kind."""
    while True:
        message = page.recv(timeout=150)  # the engine may have to be compiled
        if isinstance(message, str) and json.loads(message)["type"] == kind:
            return json.loads(message)


def frames():
    import pandas as pd
    import polars as pl

    table = {"a": [1.0, 2.0, 3.0, 4.0] * 5, "b": ["x", "y", "x", "y"] * 5}
    return [table, pd.DataFrame(table), pl.DataFrame(table)]


@pytest.mark.parametrize("table", frames(), ids=["columns", "pandas", "polars"])
def test_tables_of_python(opened, table):
    card = heard(opened(table, target="b"), "data")
    assert (card["target"], card["n_rows"], [each["name"] for each in card["columns"]]) == ("b", 20, ["a", "b"])


def test_a_path_and_each_tab_of_its_own(opened):
    card = heard(opened(PENGUINS, target="island"), "data")
    assert (card["title"], card["target"]) == ("penguins.csv", "island")


def test_nothing_is_a_start_as_well(opened):
    page = opened()
    assert heard(page, "hello")["examples"] != []
    page.send(json.dumps({"type": "open_example", "id": 1, "name": "boolean"}))
    assert heard(page, "data")["truth_table"] is not None
    assert heard(page, "done")["id"] == 1


@pytest.mark.parametrize(
    ("given", "options", "error", "words"),
    [
        ({"a": [1.0]}, {"target": "b"}, GlassnetError, "b"),
        ("no-such-file.csv", {}, DataError, "there is no file"),
        (gn.GlassClassifier(), {}, GlassnetError, "not fitted"),
        (5, {}, DataError, "int is not tabular"),
        (
            {f"c{k}": [1.0, 2.0] for k in range(3000)},
            {},
            DataError,
            "has 3,000 columns, but the studio takes 2,000 at most",
        ),
        (None, {"port": "8000"}, ParameterError, "port='8000' is no port"),
    ],
)
def test_what_cannot_be_opened(given, options, error, words):
    with pytest.raises(error, match=words):
        gn.open_studio(given, browser=False, **options)


def test_the_engine_is_compiled_meanwhile(monkeypatch):
    """By a thread, which the address does not wait for."""
    begun, allowed, done = (threading.Event() for _ in range(3))

    def compile_slowly():
        begun.set()
        assert allowed.wait(60)
        done.set()

    monkeypatch.setattr("glassnet.engines.cpu.warming.warm_up_if_cold", compile_slowly)
    studio = gn.open_studio(browser=False)
    assert begun.wait(60)
    assert not done.is_set()
    studio.close()
    allowed.set()
    assert done.wait(60)


def test_a_result_is_played_back():
    result = gn.train(
        gn.Network.create([1, 1], seed=0), np.ones((2, 1)), np.ones((2, 1)), cost="squared_error", epochs=1
    )
    with pytest.raises(ParameterError, match=r"opens a model or a table, .* try gn\.playback\(result\)"):
        gn.open_studio(result, browser=False)


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "websockets"])
def test_a_missing_extra(monkeypatch, package):
    find = util.find_spec
    monkeypatch.setattr("glassnet.studio.opening.find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(
        MissingExtraError,
        match=rf"the studio needs the package {package}, which is not installed; try: pip install .*\[studio\]",
    ):
        gn.open_studio(browser=False)


def test_the_browser_is_opened(monkeypatch):
    import webbrowser

    opened = []

    class Windows(webbrowser.BaseBrowser):
        def open(self, url, new=0, autoraise=True):
            opened.append(url)

    class Terminal(webbrowser.GenericBrowser):
        open = Windows.open

    monkeypatch.delenv("BROWSER", raising=False)
    for browser in (Windows(), Terminal("lynx")):
        monkeypatch.setattr("webbrowser.get", lambda browser=browser: browser)
        studio = gn.open_studio()
        studio.close()
    assert len(opened) == 1
    assert opened[0].startswith("http://127.0.0.1:")


def test_hostile_names_and_values_are_text_in_messages(opened):
    """As they are, in JSON: the page makes text of them."""
    evil = "<script>alert(1)</script>"
    card = heard(opened({evil: [1.0, 2.0] * 10, "y": [evil, "b"] * 10}, target="y"), "data")
    assert evil in [each["name"] for each in card["columns"]]


def upload(page, content, name):
    answer = page.client.post("/upload", params={"session": page.session, "name": name}, content=content)
    assert answer.status_code == 200, answer.text
    return ask(page, type="open_upload", id=1, upload=answer.json()["upload"])


def test_uploads_that_are_too_much_for_a_session(opened, monkeypatch):
    """Through the real session: the page hears why, and can go on."""
    bounds = Bounds(n_bytes=2_000_000, n_rows=1_000_000, n_columns=2_000, n_cells=20_000_000)
    monkeypatch.setattr("glassnet.studio.session.session.bounds_of", lambda limits: bounds)
    page = opened()
    page.session = heard(page, "hello")["session"]
    wide = ",".join(f"c{k}" for k in range(100_000)).encode() + b"\n" + b",".join([b"1"] * 100_000)
    assert "columns" in upload(page, wide, "wide.csv")["message"]
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)
    assert "bomb.csv.gz unpacks to more than 2 MB" in upload(page, bomb, "bomb.csv.gz")["message"]
    assert "notes.txt" in upload(page, b"\0\1\2", "notes.txt")["message"]
    assert ask(page, type="open_example", id=2, name="boolean")["type"] == "data"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX systems")
def test_the_end_leaves_a_recording(start, tmp_path):
    """Of what was trained, also if its page is open when the studio ends."""
    process, line = start("--record", "run.html")
    with page_of(line.strip()) as page:
        heard(page, "hello")
        page.send('{"type": "open_example", "id": 1, "name": "three-three-one"}')
        heard(page, "done")
        page.send('{"type": "step", "id": 2}')
        heard(page, "done")
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]

    assert "The recording is run.html." in errors
    assert "Training of a 3-3-1 network" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_a_place_for_the_recording_that_is_none(capsys):
    assert run(["studio", "--no-browser", "--record", "run.txt"]) == 2
    assert "--record run.txt ends in '.txt'; a recording is a page" in " ".join(capsys.readouterr().err.split())
