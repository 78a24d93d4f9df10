"""What is taken away from a page: programs that run and give the same bits, files that open."""

import contextlib
import json
import os
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

import glassnet as gn
from glassnet.cli.app import run as cli
from glassnet.errors import ParameterError
from glassnet.studio import messages as m

SOURCE = str(Path(gn.__file__).parents[1])
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE, "PYTHONDONTWRITEBYTECODE": "1"}
THETA = "import json, pathlib; pathlib.Path('theta.json').write_text(json.dumps(network.theta.tolist()))\n"
ROWS = "a,b,color\n" + "".join(f"{k % 7},{(k * k) % 11},{'red' if k % 3 else 'blue'}\n" for k in range(60))


def text_of(tab, kind):
    return tab.session.download(kind).content.decode()


def setup(tab, **changes):
    """Build again, with some settings changed."""
    tab.ask(m.Build, structs.replace(tab.last(m.ModelCard).setup, **changes))


def theta_of(tab):
    return tab.session._work.moment.network.theta


def run(command, folder):
    ran = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def theta_of_program(text, folder):
    """Run a program in its folder, and return the parameters of the network that it ends with."""
    (folder / "train.py").write_text(text)
    with contextlib.chdir(folder):
        return runpy.run_path("train.py")["network"].theta


def run_script(text, folder):
    """Run a shell script where `glassnet` and `python` are those of the tests."""
    program = folder / "glassnet"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m glassnet "$@"\n')
    program.chmod(0o755)
    (folder / "train.sh").write_text(text)
    run(["env", f"PATH={folder}:{Path(sys.executable).parent}:{os.environ['PATH']}", "sh", "train.sh"], folder)


def theta_of_command(text, folder):
    """Run the command of a script in its folder, and return the parameters in the model that it saves."""
    (command,) = (line for line in text.replace("\\\n", "").splitlines() if not line.startswith("#"))
    program, *words = shlex.split(command)
    assert program == "glassnet"
    with contextlib.chdir(folder):
        assert cli(words) == 0
    return gn.load(folder / "model.glassnet").network_.theta


def upload(tab, folder, name="my rows.csv", text=ROWS):
    (folder / name).write_text(text)
    tab.session.open_table(folder / name, name)


def penguins(tab, folder):
    tab.ask(m.OpenExample, "penguins")
    setup(tab, hidden=(m.HiddenLayer(5, "tanh"), m.HiddenLayer(4, "relu")), max_iter=30)
    tab.play(until=12)


def finished_with_patience(tab, folder):
    upload(tab, folder)
    tab.ask(m.Choose, "color", ("b", "a"))
    setup(tab, n_iter_no_change=3, validation_fraction=0.3, max_iter=300, dropout=0.1)
    assert tab.play()[0].state == "finished"


def a_schedule_that_goes_on(tab, folder):
    upload(tab, folder)
    setup(tab, learning_rate="cosine", validation_fraction=0.0, max_iter=40, batch_size=7, alpha=0.5, random_state=3)
    tab.play(until=9)


def unscaled(tab, folder):
    """Its target has whole numbers, which would be a quantity."""
    upload(tab, folder)
    tab.ask(m.Choose, "a", None, "classification")
    setup(tab, scaled=False, validation_fraction=0.0, hidden=(), max_iter=15)
    tab.play()


def a_quantity(tab, folder):
    tab.ask(m.OpenExample, "line")
    setup(tab, loss="huber", max_iter=12, solver="momentum", validation_fraction=0.0)
    tab.play()
    tab.play()  # as many epochs again


def boolean(tab, folder):
    tab.ask(m.OpenExample, "boolean", expression="x ^ y")
    tab.play(until=20)


def lbfgs(tab, folder):
    upload(tab, folder)
    setup(tab, solver="lbfgs", max_iter=12, validation_fraction=0.0)
    tab.play()


COMMANDS = [penguins, finished_with_patience, a_schedule_that_goes_on, unscaled, a_quantity, boolean, lbfgs]


@pytest.mark.parametrize("case", COMMANDS)
def test_programs_of_a_table_give_the_same_bits(page, tmp_path, case):
    tab = page()
    case(tab, tmp_path)
    shown = theta_of(tab)
    table = tab.session.download("table")
    if not (tmp_path / table.name).exists():
        (tmp_path / table.name).write_bytes(table.content)

    np.testing.assert_array_equal(theta_of_program(text_of(tab, "python"), tmp_path), shown)
    command = text_of(tab, "shell")
    if command.startswith("python"):
        assert case is penguins  # the shown epoch is not the one that a fit keeps
    else:
        np.testing.assert_array_equal(theta_of_command(command, tmp_path), shown)


def test_programs_of_a_textbook_network_give_the_same_bits(page, tmp_path):
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")
    tab.play(until=7)
    text = text_of(tab, "python")

    np.testing.assert_array_equal(theta_of_program(text, tmp_path), theta_of(tab))
    assert "[[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]]" in text
    command = text_of(tab, "shell").replace("\nEND\n", f"\n{THETA}END\n")
    assert command.startswith("python - <<'END'\n")
    run_script(command, tmp_path)
    np.testing.assert_array_equal(json.loads((tmp_path / "theta.json").read_text()), theta_of(tab))
    setup(tab, hidden=(m.HiddenLayer(2, "tanh"),), solver="adam", max_iter=5)
    tab.play()
    np.testing.assert_array_equal(theta_of_program(text_of(tab, "python"), tmp_path), theta_of(tab))


@pytest.mark.parametrize("when", ["start", "earlier", "between epochs"])
def test_programs_stop_where_the_page_stands(page, tmp_path, when):
    tab = page()
    upload(tab, tmp_path)
    setup(tab, batch_size=20, max_iter=50, validation_fraction=0.2)
    tab.play(until=6)
    if when != "between epochs":
        tab.ask(m.Seek, 0 if when == "start" else 3)
    else:
        tab.ask(m.Step)
        assert (tab.session._work.moment.epoch, tab.session._work.moment.step) == (6, 1)

    np.testing.assert_array_equal(theta_of_program(text_of(tab, "python"), tmp_path), theta_of(tab))


def test_names_of_columns_and_files_are_text(page, tmp_path):
    """Neither program runs them, whatever they are made of."""
    tab = page()
    odd = "a'); import os; os.abort() #"
    upload(
        tab,
        tmp_path,
        "$(touch hit) 'x'.csv",
        f'"{odd}",-b,"`touch hit` ""y"""\n' + "".join(f"{k},{k % 5},{k % 2}\n" for k in range(30)),
    )
    tab.ask(m.Choose, '`touch hit` "y"', (odd, "-b"))
    setup(tab, max_iter=3, validation_fraction=0.0)
    tab.play()

    np.testing.assert_array_equal(theta_of_program(text_of(tab, "python"), tmp_path), theta_of(tab))
    run_script(text_of(tab, "shell"), tmp_path)
    np.testing.assert_array_equal(gn.load(tmp_path / "model.glassnet").network_.theta, theta_of(tab))
    assert not (tmp_path / "hit").exists()


def test_files_of_a_table(page, tmp_path):
    tab = page()
    penguins(tab, tmp_path)
    tab.ask(m.Look, 3)
    tab.ask(m.Look, 200)
    files = {
        kind: tab.session.download(kind)
        for kind in ("model", "table", "picture.svg", "picture.png", "workbook", "recording")
    }
    for file in files.values():
        (tmp_path / file.name).write_bytes(file.content)
    model = gn.load(tmp_path / "model.glassnet")

    np.testing.assert_array_equal(model.network_.theta, theta_of(tab))
    assert files["picture.svg"].content.startswith(b"<svg")
    assert files["picture.png"].content.startswith(b"\x89PNG")
    assert files["workbook"].name == "row-200.xlsx"
    assert files["workbook"].content.startswith(b"PK")
    page_text = files["recording"].content.decode()
    record = json.loads(page_text.split('<script type="application/json" id="recording">')[1].split("</script>")[0])
    assert record["rows"][0]["index"] == 200
    assert record["frames"][-1]["epoch"] == 12
    assert files["table"].name == "penguins.csv"
    assert files["table"].content.splitlines()[0].startswith(b"species,island")


def test_files_of_a_textbook_network(page):
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")
    with pytest.raises(ParameterError, match="nothing has been trained yet"):
        tab.session.download("recording")
    tab.play(until=5)

    assert b"hidden1.1" in tab.session.download("picture.svg").content
    assert tab.session.download("workbook").content.startswith(b"PK")
    assert b"Training of a 3-3-1 network" in tab.session.download("recording").content
    with pytest.raises(ParameterError, match="take the Python program, which has the weights"):
        tab.session.download("model")
    with pytest.raises(ParameterError, match="this example has no table"):
        tab.session.download("table")
    with pytest.raises(ParameterError, match="there is no download 'modell'; did you mean 'model'"):
        tab.session.download("modell")


def test_a_recording_of_lbfgs(page, tmp_path):
    tab = page()
    lbfgs(tab, tmp_path)

    page_text = tab.session.download("recording").content
    assert b"Training of a 2-8-1 network" in page_text
    assert b"has no single step, so the update shows a step of plain gradient descent instead" in page_text


def test_weights_that_were_set_by_hand(page, tmp_path):
    """The model has them; the programs say that they do not repeat them."""
    tab = page()
    upload(tab, tmp_path)
    setup(tab, max_iter=20, validation_fraction=0.0)
    tab.play(until=5)
    tab.ask(m.SetWeight, 1, 0, 0, 0.125)
    tab.play(until=9)
    files = {kind: tab.session.download(kind) for kind in ("model", "python", "shell", "recording")}
    (tmp_path / "model.glassnet").write_bytes(files["model"].content)

    np.testing.assert_array_equal(gn.load(tmp_path / "model.glassnet").network_.theta, theta_of(tab))
    for kind in ("python", "shell"):
        assert "# On the page, weights were set by hand, which no training repeats" in files[kind].content.decode()
    assert b"Training of a" in files["recording"].content
