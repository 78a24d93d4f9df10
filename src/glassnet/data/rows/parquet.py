"""`ParquetSource`: the rows of Parquet files, one row group at a time, through pyarrow, which is an extra."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.fingerprint import fingerprint
from glassnet.data.notation.column_reading import TEXT
from glassnet.data.reading.finding import files_of, shown
from glassnet.data.rows.arrow_columns import DATE, LABELS, NUMBER, TRUTH, WORDS, Form, column_from
from glassnet.data.rows.parquet_file import ParquetFile, names_of_files
from glassnet.data.rows.parquet_forms import ODD, by_duckdb, form_of
from glassnet.data.rows.row_source import taken_by_groups
from glassnet.data.table import Columns, Notations, Table
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import SourceError
from glassnet.typing import Array

MOST_CELLS = 1 << 22
"""Cells that are decoded at a time: 32 MB of float64."""


class ParquetSource:
    """Parquet files as a `RowSource`: their row groups, file by file.

    The columns have the types and readings that `glassnet.data.reading.sources.read` gives the whole table. Numbers,
    dates and Booleans need the footers alone for that; text is read once, since all words of a column decide whether
    it is text.

    Examples
    --------
    >>> import pyarrow, pyarrow.parquet, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pyarrow.parquet.write_table(pyarrow.table({"age": [41, 50, 62]}), f"{folder}/a.parquet", row_group_size=2)
    ...     source = ParquetSource.open(f"{folder}/*.parquet")
    ...     source.group_sizes, source.group(1)["age"].tolist()
    ((2, 1), [62.0])
    """

    def __init__(
        self, files: Sequence[ParquetFile], names: tuple[str, ...], forms: dict[str, Form], missing: Sequence[str]
    ) -> None:
        self._files, self.names, self._forms, self.missing = tuple(files), names, forms, tuple(missing)
        self._groups = [(file, k) for file in self._files for k in range(len(file.group_sizes))]
        self._groups = [(file, k) for file, k in self._groups if file.group_sizes[k]]
        self.group_sizes = tuple(file.group_sizes[k] for file, k in self._groups)
        self._starts = np.cumsum([0, *self.group_sizes])

    @classmethod
    def open(
        cls,
        source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        missing: Sequence[str] = MISSING_MARKERS,
        notations: Notations | None = None,
    ) -> "ParquetSource":
        """Return the source of a file, a pattern, a folder, or several of these.

        Parameters
        ----------
        source : str, path or sequence of them
        missing : sequence of str
            Texts that mean "no value".
        notations : callable, optional
            `Schema.notations` of a model, to read text as in training.
        """
        entries = [source] if isinstance(source, str | os.PathLike) else list(source)
        files = [ParquetFile.open(Path(file)) for entry in entries for file in files_of(os.fspath(entry))[0]]
        if not files:
            raise SourceError("the list of files is empty; pass at least one file.")
        names = names_of_files(files)
        if not any(sum(file.group_sizes) for file in files):
            raise SourceError(
                f"{shown(files[0].path)} has column names but no rows; at least one row was expected. Check that it is "
                f"the file you meant."
            )
        known = dict(zip(names, [""] * len(names) if notations is None else notations(names), strict=True))
        forms = {name: form_of(name, files, missing, known[name]) for name in names}
        return cls(files, names, forms, missing)

    def read_from(self, path: Path) -> "ParquetSource":
        """Return the source of a file with the same rows, in which numbers, dates and Booleans are typed."""
        forms = {name: _typed(form) for name, form in self._forms.items()}
        return ParquetSource([ParquetFile.open(path)], self.names, forms, self.missing)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self._starts[-1])

    @property
    def description(self) -> str:
        """A fingerprint of the sizes, the statistics and the places of the columns, from the footers of the files."""
        return "".join(fingerprint(np.asarray([str(file.footer.to_dict())])) for file in self._files)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in order."""
        return tuple(file.path for file in self._files)

    def select(self, names: Sequence[str]) -> "ParquetSource":
        """Return the source with only these columns, in this order; the others are not read."""
        return ParquetSource(self._files, tuple(names), self._forms, self.missing)

    def group(self, k: int) -> Table:
        """Return the rows of one group; numbers keep their precision until a column is asked for."""
        file, place = self._groups[k]
        odd = [name for name in self.names if self._forms[name].kind == ODD]
        usual = [name for name in self.names if name not in odd]
        read = file.read(place, usual)
        columns = dict(by_duckdb(file, place, odd, self._forms, self.missing)) if odd else {}
        return self._table(int(self._starts[k]), columns | {name: self._column(name, read) for name in usual})

    def _column(self, name: str, read: Any) -> Array:
        return column_from(name, read.column(name), self._forms[name], set(self.missing))

    def _table(self, first: int, columns: dict[str, Array]) -> Table:
        """Return columns of rows from `first` on."""
        made = Columns([columns[name] for name in self.names])
        readings = tuple(self._forms[name].reading for name in self.names)
        return Table(self.names, made, readings=readings, rows=np.arange(first, first + made.n_rows))

    def pieces(self, k: int) -> Iterator[Table]:
        """Yield the rows of one group in parts; of a large group only one is decoded at a time."""
        file, place = self._groups[k]
        if self.group_sizes[k] * len(self.names) <= MOST_CELLS or any(self._forms[n].kind == ODD for n in self.names):
            yield self.group(k)
            return
        first = int(self._starts[k])
        for read in file.read_in_parts(place, self.names, max(1, MOST_CELLS // len(self.names))):
            yield self._table(first, {name: self._column(name, read) for name in self.names})
            first += read.num_rows

    def take(self, order: Array) -> Table:
        """Return rows by number, in this order; each group that has any of them is read once."""
        return taken_by_groups(self, order)


def _typed(form: Form) -> Form:
    """Return the form of the same column where its values are stored as what they mean."""
    kinds = {"f": NUMBER, "M": DATE, "b": TRUTH, "O": WORDS if form.reading.notation == TEXT else LABELS}
    return replace(form, kind=kinds[form.dtype])
