"""Bad input of every kind gets one clear sentence, the right exit code, and leaves nothing behind.

A case makes its own files in the working directory, which holds penguins.csv and a model of it, penguins.glassnet.
"""

import gzip
import json
import pickle
import shlex
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """A name, the command line, the exit code, a phrase of the sentence, and what the case puts into the folder."""

    name: str
    command: str | list[str]
    code: int
    phrase: str
    make: Make = lambda folder: None


def text(name: str, content: str) -> Make:
    return lambda folder: (folder / name).write_text(content)


def data(name: str, content: bytes) -> Make:
    return lambda folder: (folder / name).write_bytes(content)


def rows(header: str, line: Callable[[int], str], n: int = 30) -> str:
    return "\n".join([header, *(line(i) for i in range(n))]) + "\n"


def bad(header: str, line: Callable[[int], str], n: int = 30) -> Make:
    return text("bad.csv", rows(header, line, n))


def penguins_with(**changed: str) -> Make:
    """Write bad.csv: the first penguins with some cells of the first row changed, or a column left out by 'DROP'."""

    def make(folder: Path) -> None:
        lines = [line.split(",") for line in (folder / "penguins.csv").read_text().splitlines()[:9]]
        for name, value in changed.items():
            at = lines[0].index(name)
            if value == "DROP":
                lines = [line[:at] + line[at + 1 :] for line in lines]
            else:
                lines[1][at] = value
        (folder / "bad.csv").write_text("\n".join(map(",".join, lines)) + "\n")

    return make


def altered_model(at: int) -> Make:
    def make(folder: Path) -> None:
        content = bytearray((folder / "penguins.glassnet").read_bytes())
        content[at] ^= 0xFF
        (folder / "bad.glassnet").write_bytes(content)

    return make


def subfolder(folder: Path) -> None:
    (folder / "sub").mkdir()


def cut_model(folder: Path) -> None:
    content = (folder / "penguins.glassnet").read_bytes()
    (folder / "bad.glassnet").write_bytes(content[: len(content) // 2])


def newer_model(folder: Path) -> None:
    header = json.dumps(
        {
            "__metadata__": {"glassnet": "{}", "format": "99", "sha256": ""},
            "theta": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        }
    ).encode()
    (folder / "bad.glassnet").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


class Harmful:
    """Something whose unpickling would be seen."""

    def __reduce__(self):
        return (Path.touch, (Path("executed"),))


def half_a_gzip(folder: Path) -> None:
    whole = gzip.compress((folder / "penguins.csv").read_bytes())
    (folder / "bad.csv.gz").write_bytes(whole[: len(whole) // 2])


TRAIN = "train bad.csv --target y"
PENGUINS = "train penguins.csv --target species"
TRAIN_JSON = "train bad.json --target y"
PREDICT = "predict penguins.glassnet penguins.csv"
NEW = "predict penguins.glassnet bad.csv"
OLD = "predict bad.glassnet penguins.csv"
PICKLE = pickle.dumps(Harmful())
XY = "x,y"
INF = ("0.5", "1e999")  # in front of a number: an ordinary one, or more than a float holds


def sql(query: str) -> list[str]:
    return ["train", query, "--target", "species"]


CASES = [
    # what is in the file
    Case(
        "a file as the output's directory",
        f"{PENGUINS} --output penguins.csv/model.glassnet",
        1,
        "'penguins.csv' is a file and not a directory; choose another place.",
    ),
    Case("empty file", TRAIN, 1, "bad.csv is empty", text("bad.csv", "")),
    Case("only a header", TRAIN, 1, "has column names but no rows", text("bad.csv", "x,y\n")),
    Case("one row", TRAIN, 1, "the table has 1 row with a target", text("bad.csv", "x,y\n1,a\n")),
    Case("binary garbage", TRAIN, 1, "is not text: it has control bytes", data("bad.csv", bytes(range(256)) * 9)),
    Case("workbook as CSV", TRAIN, 1, "zip archive or an Excel workbook", data("bad.csv", b"PK\x03\x04" + bytes(99))),
    Case("ragged lines", TRAIN, 1, "needs as many cells as the first", text("bad.csv", "x,y\n1,2\n3,4,5\n")),
    Case("no header", TRAIN, 1, "all numbers", text("bad.csv", "1.5,2\n3,4\n5,6\n")),
    Case("doubled names", TRAIN, 1, "'x' occurs 2 times in bad.csv, but", bad("x,x,y", lambda i: f"{i},{i},{i % 2}")),
    Case(
        "infinite input",
        TRAIN,
        1,
        "column 'x' is infinite, or too large for a float, in row 3",
        bad(XY, lambda i: f"{INF[i == 3]}{i},{i % 2}"),
    ),
    Case(
        "free text",
        TRAIN,
        1,
        "left out: 'x' (free text)",
        bad(XY, lambda i: f"room {i} is clean and very quiet,{i % 2}"),
    ),
    Case("no input left", TRAIN, 1, "no input column is left", bad("x,y", lambda i: f"1,{i % 2}")),
    Case("damaged gzip", "train bad.csv.gz --target y", 1, "is a damaged gzip file", half_a_gzip),
    Case("damaged parquet", TRAIN.replace("csv", "parquet"), 1, "be read as Parquet", data("bad.parquet", b"PAR1no")),
    Case("JSON that is no table", TRAIN_JSON, 1, "is JSON but not a table", text("bad.json", "[1, 2, 3]")),
    Case("broken JSON", TRAIN_JSON, 1, "cannot be read as JSON", text("bad.json", '[{"x": 1')),
    Case("nested column", TRAIN_JSON, 1, "is nested", text("bad.json", '[{"x": [1], "y": 1}]')),
    # the target
    Case("unknown target", "train penguins.csv --target speces", 1, "did you mean 'species'?"),
    Case("constant target", TRAIN, 1, "target 'y' is a in every row", bad(XY, lambda i: f"{i / 7},a")),
    Case("all-different target", TRAIN, 1, "has a different text in every row", bad(XY, lambda i: f"{i / 7},name{i}")),
    Case("target without values", TRAIN, 1, "target 'y' has no value in any row", bad(XY, lambda i: f"{i / 7},NA")),
    Case(
        "infinite target",
        TRAIN,
        1,
        "target 'y' is infinite, or too large for a float, in row 2",
        bad(XY, lambda i: f"{i},{INF[i == 2]}{i}"),
    ),
    Case("text for regression", PENGUINS + " --task regression", 1, "try --task classification."),
    Case("date as target", TRAIN, 1, "target 'y' is a date", bad(XY, lambda i: f"{i / 7},2024-01-{i % 28 + 1:02}")),
    Case("unknown kept column", PENGUINS + " --keep wings", 1, "no column 'wings' to keep or drop"),
    Case("unknown group", PENGUINS + " --group farm", 1, "no column 'farm' to split by"),
    Case("missing group", PENGUINS + " --group year --missing 2007", 1, "is missing in row"),
    Case("group and time", PENGUINS + " --group island --time year", 2, "exclude each other"),
    # where the file is
    Case("no such file", "train pengins.csv --target species", 1, "did you mean penguins.csv"),
    Case("a directory", "train sub --target y", 1, "the folder sub holds no table", subfolder),
    Case("pattern without match", ["train", "no/*.csv", "--target", "y"], 1, "no file matches 'no/*.csv'"),
    Case(
        "files that differ",
        "train penguins.csv bad.csv -t species",
        1,
        "does not have the columns",
        text("bad.csv", "species,x\na,1\n"),
    ),
    # SQL
    Case("two statements", sql("SELECT * FROM 'penguins.csv'; DROP TABLE x"), 1, "2 statements"),
    Case("COPY", sql("COPY (SELECT 1 AS species) TO 'out.csv'"), 1, "of the kind COPY"),
    Case(
        "COPY in a WITH",
        sql("WITH x AS (COPY (SELECT 1) TO 'penguins.csv') SELECT 1 AS species"),
        1,
        "sources are read-only",
    ),
    Case("DELETE in query()", sql("SELECT * FROM query('DELETE FROM t')"), 1, "reads from query()"),
    Case("DELETE in a WITH", sql("SELECT * FROM (WITH x AS (DELETE FROM t RETURNING *) FROM x)"), 1, "the query"),
    Case("CREATE", sql("CREATE TABLE x AS SELECT 1"), 1, "of the kind CREATE"),
    Case("ATTACH", sql("ATTACH 'new.db' AS x"), 1, "of the kind ATTACH"),
    Case("PRAGMA", sql("PRAGMA version"), 1, "sources are read-only"),
    Case("INSTALL", sql("INSTALL httpfs"), 1, "sources are read-only"),
    Case("SQL syntax", sql("SELECT FROM WHERE"), 1, "the query cannot be run"),
    Case("SQL on no file", sql("SELECT * FROM 'nowhere.csv'"), 1, "nowhere.csv"),
    Case("SQL on no table", sql("SELECT * FROM penguins"), 1, "Name a file in single quotes"),
    Case(
        "SQL and a file",
        [*sql("SELECT * FROM 'penguins.csv'"), "penguins.csv"],
        2,
        "a SQL query must be the only DATA argument",
    ),
    # values of options
    Case("negative epochs", PENGUINS + " --epochs -3", 2, "--epochs -3 must be a whole number from 1 upwards"),
    Case("zero batch", PENGUINS + " --batch-size 0", 2, "--batch-size 0 must be a whole number from 1 upwards"),
    Case(
        "negative learning rate", PENGUINS + " --learning-rate -1", 2, "--learning-rate -1.0 must be a positive number"
    ),
    Case("unknown activation", PENGUINS + " --activation rellu", 2, "Did you mean 'relu'?"),
    Case("activation that cannot learn", PENGUINS + " --activation step", 2, "no gradient passes"),
    Case("unknown solver", PENGUINS + " --solver adamm", 2, "Did you mean 'adam'?"),
    Case("unknown schedule", PENGUINS + " --schedule cosin", 2, "Did you mean 'cosine'?"),
    Case("unknown preset", PENGUINS + " --preset best", 2, "--preset best is not known"),
    Case("unknown task", PENGUINS + " --task clustering", 2, "task is 'clustering'"),
    Case("unknown class weight", PENGUINS + " --class-weight heavy", 2, "--class-weight 'heavy' is not known"),
    Case("no networks", PENGUINS + " --networks 0", 2, "--networks 0 must be a whole number from 1 upwards"),
    Case(
        "class weight for numbers",
        "train penguins.csv -t body_mass_g --class-weight balanced",
        2,
        "--class-weight needs",
    ),
    Case("dropout of 1.5", PENGUINS + " --dropout 1.5", 2, "--dropout 1.5 must lie in [0, 1)"),
    Case("negative alpha", PENGUINS + " --alpha -1", 2, "--alpha -1.0 must be a number from 0 upwards"),
    Case("layers that are no numbers", PENGUINS + " --hidden a,b", 2, "--hidden 'a,b' cannot be read"),
    Case("layer of size 0", PENGUINS + " --hidden 8,0", 2, "--hidden '8,0' cannot be read"),
    Case("less than nothing to test on", PENGUINS + " --test-size -0.1", 2, "must lie between 0 and 1"),
    Case("a cost for classes", PENGUINS + " --loss huber", 2, "--loss huber is for quantities"),
    Case("an unknown cost", "train penguins.csv --target body_mass_g --loss hubert", 2, "--loss hubert is not known"),
    Case("an unknown activation of a list", PENGUINS + " --hidden 3,2 --activation relu,tan", 2, "tan"),
    Case(
        "no value to set",
        PENGUINS + " --set momentum",
        2,
        "--set 'momentum' has no value; write it as --set NAME=VALUE",
    ),
    Case("no parameter to set", PENGUINS + " --set momentun=1", 2, "did you mean 'momentum'?"),
    Case("a callback to set", PENGUINS + " --set callback=print", 2, "names no parameter"),
    Case("a parameter set twice", PENGUINS + " --epochs 3 --set max_iter=4", 2, "gives 'max_iter' a second value"),
    Case("a wrong value to set", PENGUINS + " --set rates=odd", 2, "odd"),
    Case("code to set", PENGUINS + " --set momentum=__import__('os')", 2, "momentum"),
    Case("no epoch to stop after", PENGUINS + " --stop-after 0", 2, "'--stop-after'"),
    Case(
        "a validation set of all rows",
        PENGUINS + " --early-stopping --validation-fraction 1",
        2,
        "--validation-fraction 1.0 must",
    ),
    Case("more than all to test on", PENGUINS + " --test-size 1.5", 2, "must lie between 0 and 1"),
    Case("negative seed", PENGUINS + " --seed -1", 2, "--seed -1 must be a whole number"),
    Case("no number", PENGUINS + " --epochs many", 2, "Invalid value for '--epochs'"),
    Case("unknown option", PENGUINS + " --epoch 3", 2, "No such option: --epoch"),
    Case("no target named", "train penguins.csv", 2, "Missing option '--target'"),
    Case("unknown command", "trian penguins.csv", 2, "No such command 'trian'"),
    # where the output goes
    Case("output in no directory", PENGUINS + " --output no/where.glassnet", 1, "the directory 'no' does not exist"),
    Case("output is a directory", PENGUINS + " --output sub", 1, "'sub' is a directory", subfolder),
    Case(
        "output is something else",
        PENGUINS + " --output thesis.txt",
        1,
        "no glassnet model",
        text("thesis.txt", "years"),
    ),
    Case("output is the data", PENGUINS + " --output penguins.csv", 2, "is also read by this command"),
    Case("predictions over the data", PREDICT + " --output penguins.csv --force", 2, "is also read"),
    Case("predictions over a file", PREDICT + " --output a.csv", 1, "is there already", text("a.csv", "mine")),
    Case("predictions as a workbook", PREDICT + " --output a.xlsx", 2, "written as .csv"),
    # models
    Case("no such model", "predict pengins.glassnet penguins.csv", 1, "did you mean penguins.glassnet?"),
    Case("model cut off", OLD, 1, "is cut off or damaged", cut_model),
    Case("model altered", OLD, 1, "was altered after it was saved", altered_model(-9)),
    Case("pickle as a model", OLD, 1, "is not a glassnet model", data("bad.glassnet", PICKLE)),
    Case("newer model", OLD, 1, "has format 99", newer_model),
    Case("data as a model", "predict penguins.csv penguins.csv", 1, "is not a glassnet model"),
    Case("empty model", OLD, 1, "is not a glassnet model", text("bad.glassnet", "")),
    Case("directory as a model", "predict sub penguins.csv", 1, "is a folder", subfolder),
    # new data for a model
    Case("missing column", NEW, 1, "column 'sex' is missing", penguins_with(sex="DROP")),
    Case("wrong type", NEW, 1, "has 'heavy' in row 0", penguins_with(body_mass_g="heavy")),
    Case("infinite value", NEW, 1, "too large for a float, in row 0", penguins_with(body_mass_g="inf")),
    Case(
        "no target to compare",
        NEW.replace("predict", "evaluate"),
        1,
        "no column 'species'",
        penguins_with(species="DROP"),
    ),
    Case("row too far", "explain penguins.glassnet penguins.csv --row 344", 2, "the last one here is 343"),
    Case("negative row", "explain penguins.glassnet penguins.csv --row -1", 2, "there is no row -1"),
    # truth tables
    Case("half an expression", ["truth-table", "x * (y +"], 2, "ends too early"),
    Case("no expression", ["truth-table", ""], 2, "the expression is empty"),
    Case("too many variables", ["truth-table", " + ".join("abcdefghijklmnopq")], 2, "has 17 variables"),
    Case("table as a workbook", "truth-table x*y --output a.xlsx", 2, "written as .csv"),
]


def contents(folder):
    """Return every file below a folder with its bytes."""
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def test_there_are_more_than_forty_kinds():
    assert len({case.name for case in CASES}) == len(CASES) > 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_told_in_one_sentence(case, run, one_sentence, penguins_model):
    folder = penguins_model.parent
    case.make(folder)
    before = contents(folder)

    outcome = run(*(shlex.split(case.command) if isinstance(case.command, str) else case.command))

    assert case.phrase in outcome.err
    assert outcome.code == case.code
    one_sentence(outcome.err)
    assert contents(folder) == before


@pytest.mark.parametrize("source", ["{}", "SELECT * FROM '{}'"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_is_refused_with_the_command_that_fetches_it(run, folder, scheme, source):
    """The command stands at the end, without a full stop, to be copied."""
    address = f"{scheme}://example.org/a.csv"
    outcome = run("train", source.format(address), "--target", "y")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        f"Error: {address} is on a network ({scheme}), but only files on this machine are read; "
        f"try downloading it first: curl -LO {address}\n"
    )


def test_json_keeps_stdout_clean_on_failure(run, penguins_model):
    outcome = run("predict", penguins_model, "nowhere.csv", "--json")

    assert (outcome.code, outcome.out) == (1, "")
