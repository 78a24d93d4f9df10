"""Large text files are read in parts, with the very table that reading them as a whole gives."""

import csv
import random

import numpy as np
import pytest

from glassnet.data.fingerprint import fingerprint
from glassnet.data.reading import sources, text_files
from glassnet.data.reading.sources import read
from glassnet.data.spill import column_in_parts
from glassnet.data.table import Columns
from glassnet.errors import ColumnError, SourceError

N = 60

KINDS = {
    "whole": lambda k: str(k),
    "decimal": lambda k: f" {k / 7:.3f}",
    "odd": lambda k: "abc" if k == N - 1 else str(k),
    "late currency": lambda k: "$5" if k == N - 2 else str(k),
    "late parenthesis": lambda k: "(5)" if k == N - 1 else f"{k}.5",
    "not a number": lambda k: "nan" if k == 3 else "inf" if k == 4 else str(k),
    "underscore": lambda k: "1_000" if k == N - 1 else str(k),
    "digits of another script": lambda k: "\u0663" if k == N - 1 else str(k),
    "grouped": lambda k: f"{k + 1}.{k:03d}",
    "grouped but one": lambda k: "7" if k == N - 1 else f"{k + 1}.{k:03d}",
    "long": lambda k: str(2**60 + 1 + k),
    "late long": lambda k: str(2**60 + 1) if k == N - 1 else str(k),
    "long ids": lambda k: str(2**60 + 1 + k % 4),
    "german": lambda k: f"{k},5",
    "money": lambda k: f"${k},000.50",
    "thousands or decimals": lambda k: f"{k + 1},{k:03d}",
    "percent": lambda k: f"{k}.5 %",
    "day": lambda k: f"2020-0{1 + k // 28}-{1 + k % 28:02d}",
    "moment": lambda k: f"2020-01-02 12:{k:02d}:07",
    "german day": lambda k: f"{1 + k % 28:02d}.0{1 + k // 28}.2020",
    "day or month": lambda k: f"0{1 + k % 9}/0{1 + k // 9}/2020",
    "season": lambda k: f"{1950 + k}-{(51 + k) % 100:02d}",
    "time": lambda k: f"12:{k:02d}",
    "late time": lambda k: "noon" if k == N - 1 else f"12:{k:02d}",
    "truth": lambda k: ("true", "False", "TRUE")[k % 3],
    "late truth": lambda k: "true" if k == N - 1 else str(k % 2),
    "word": lambda k: ("a", " b", "c c")[k % 3],
    "text": lambda k: f"text, {k} \u00e9\n'{k}'",
    "empty": lambda k: "",
    "late": lambda k: "5.25" if k == N - 1 else "NA",
    "constant": lambda k: "0",
}
GAPS = ("", "NA", " ?", None)


def written(path, names, seed):
    """Write a table, of which each column has a gap in some rows, or in none."""
    dice = random.Random(seed)
    share = {name: dice.choice([0, 0, 0.1, 0.7]) for name in names}
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=dice.choice(",;\t"))
        out.writerow(names)
        for k in range(N):
            gaps = {name: dice.choice(GAPS) if dice.random() < share[name] else None for name in names}
            out.writerow([KINDS[name](k) if gaps[name] is None else gaps[name] for name in names])
    return path


@pytest.fixture(params=[(2, 7), (7, 1), (20, 19), (1 << 16, 1000)], ids=str)
def in_parts(request, monkeypatch):
    """Read in parts, with few levels, and few rows at a time."""
    n_levels, n_rows = request.param

    def reader(path, n_columns, **options):
        with monkeypatch.context() as patch:
            patch.setattr(sources, "LARGE", 0)
            patch.setattr(column_in_parts, "MOST_LEVELS", n_levels)
            patch.setattr(text_files, "CELLS_AT_A_TIME", n_rows * n_columns)
            return read(path, **options)

    return reader


def assert_same(found, expected):
    assert isinstance(found.table.columns, Columns)
    assert (found.notices, found.description) == (expected.notices, expected.description)
    assert (found.table.names, found.table.n_rows) == (expected.table.names, expected.table.n_rows)
    for name in expected.table.names:
        one, other = found.table[name], expected.table[name]
        assert (name, one.dtype) == (name, other.dtype)
        assert [name, *map(repr, one.tolist())] == [name, *map(repr, other.tolist())]
        assert (name, found.table.reading(name)) == (name, expected.table.reading(name))


@pytest.mark.parametrize("seed", range(2))
def test_every_kind_of_column(tmp_path, in_parts, seed):
    """Types, values, notations and notices do not depend on the parts, nor on where a cell decides them."""
    path = written(tmp_path / "a.csv", list(KINDS), seed)

    assert_same(in_parts(path, len(KINDS)), read(path))


def test_the_kinds_are_many():
    """The columns above have every type and many notations: the test of equality above is about something."""
    assert len(KINDS) > 30


@pytest.mark.parametrize("seed", range(2))
def test_in_the_notations_of_a_model(tmp_path, in_parts, seed):
    """A file is read in the notations of another one, also where its cells do not fit them."""
    dice = random.Random(seed)
    names = [name for name in KINDS if name not in ("empty", "constant", "text")]
    trained = read(written(tmp_path / "a.csv", names, seed)).table
    kept = trained.notations
    renamed = dict(zip(names, dice.sample(names, len(names)), strict=True))

    def notations(asked):
        return kept([renamed[name] for name in asked])

    path = written(tmp_path / "b.csv", names, seed + 1)
    assert_same(in_parts(path, len(names), notations=notations), read(path, notations=notations))
    assert_same(in_parts(path, len(names), notations=kept), read(path, notations=kept))


def test_several_files_with_their_columns_in_another_order(tmp_path, in_parts):
    written(tmp_path / "a.csv", ["whole", "text", "day"], 0)
    written(tmp_path / "b.csv", ["day", "whole", "text"], 1)

    assert_same(in_parts(f"{tmp_path}/*.csv", 3), read(f"{tmp_path}/*.csv"))


def test_missing_markers_and_windows_text(tmp_path, in_parts):
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\n-9,caf\u00e9\n1,-9\n,x\n".encode("cp1252"))

    expected = read(path, missing=["-9"])
    assert expected.notices == (f"{path} is not UTF-8 and was read as Windows-1252.",)
    assert_same(in_parts(path, 2, missing=["-9"]), expected)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("a,b\n1,2\n3\n", SourceError),
        ("a,b\n" + "1,2\n" * 50 + '3,"4\n', SourceError),
        ("a,a\n1,2\n", ColumnError),
        ("1.5,2\n3,4\n", SourceError),
        ("a,b\n", SourceError),
    ],
)
def test_errors_are_the_same(tmp_path, in_parts, content, error):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(error) as expected:
        read(path)

    with pytest.raises(error) as found:
        in_parts(path, 2)

    assert str(found.value) == str(expected.value)


def test_files_with_other_columns_are_refused(tmp_path, in_parts):
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.csv").write_text("b\n1\n")

    with pytest.raises(SourceError, match=r"b.csv does not have the columns of .*a.csv: it lacks 'a' and has 'b'"):
        in_parts(f"{tmp_path}/*.csv", 1)


def test_rows_of_a_table_in_a_file(tmp_path, in_parts):
    """Rows are taken out of the file as out of memory, in any order, and parts of parts, too."""
    path = written(tmp_path / "a.csv", list(KINDS), 5)
    found, expected = in_parts(path, len(KINDS)).table, read(path).table
    rows = np.random.default_rng(0).permutation(N)[:40]
    is_even = np.arange(40) % 2 == 0
    parts = [
        (found.take(rows), expected.take(rows)),
        (found.part(rows).take(is_even), expected.take(rows).take(is_even)),
        (found.between(13, 99), expected.take(np.arange(13, N))),
        (found.take(rows[:0]), expected.take(rows[:0])),
        (found.select(["text", "day"]).take(rows).between(3, 9), expected.select(["text", "day"]).take(rows[3:9])),
    ]
    for one, other in parts:
        assert one.names == other.names
        assert one.rows.tolist() == other.rows.tolist()
        assert fingerprint(one) == fingerprint(other)


def test_a_full_disk_is_told_with_its_folder(tmp_path, in_parts, monkeypatch):
    import errno
    import tempfile

    from glassnet.data.spill.columns_file import ColumnsFile

    def full(self, values):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = written(tmp_path / "a.csv", ["whole"], 0)
    monkeypatch.setattr(ColumnsFile, "append", full)

    with pytest.raises(SourceError, match=f"temporary folder {tempfile.gettempdir()} .* set TMPDIR to a folder"):
        in_parts(path, 1)
