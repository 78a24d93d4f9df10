"""`ParquetSource`: the rows of Parquet files, one row group at a time, through pyarrow, which is an extra."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.duckdb_sandbox import connection, fetch
from glassnet.data.fingerprint import fingerprint
from glassnet.data.notation.column_reading import EXACT, TEXT, ColumnReading
from glassnet.data.reading.finding import files_of, shown
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.rows.arrow_columns import (
    DATE,
    DATES,
    LABELS,
    NUMBER,
    NUMBERS,
    TRUTH,
    WORDS,
    Form,
    column_from,
    form_of_words,
    joined_words,
)
from glassnet.data.rows.row_source import taken_by_groups
from glassnet.data.table import Columns, Notations, Table, refuse_doubles
from glassnet.data.type_inference import MISSING_MARKERS, read_column
from glassnet.errors import MissingExtraError, SourceError, first_line
from glassnet.installing import install_line
from glassnet.typing import Array

COLUMNS_AT_A_TIME = 8
MOST_CELLS = 1 << 22
"""Cells that are decoded at a time: 32 MB of float64."""


@dataclass(frozen=True, eq=False)
class _File:
    """A file, its footer, and the number of its first row."""

    path: Path
    footer: Any

    def read(self, group: int, names: Sequence[str]) -> Any:
        """Return some columns of a row group as an Arrow table, in this order."""
        import pyarrow

        columns: dict[str, Any] = {}
        with self._opened(group) as file:
            # some columns at a time: each needs a dictionary and a page in memory while it is decoded
            for start in range(0, len(names), COLUMNS_AT_A_TIME):
                some = list(names[start : start + COLUMNS_AT_A_TIME])
                read = file.read_row_group(group, columns=some, use_threads=False)
                columns |= {name: read.column(name) for name in some}
        return pyarrow.table(columns)

    def read_in_parts(self, group: int, names: Sequence[str], n_rows: int) -> Iterator[Any]:
        """Yield the same in parts of `n_rows` rows."""
        import pyarrow

        with self._opened(group) as file:
            for batch in file.iter_batches(n_rows, row_groups=[group], columns=list(names), use_threads=False):
                yield pyarrow.Table.from_batches([batch]).select(list(names))

    @contextmanager
    def _opened(self, group: int) -> Iterator[Any]:
        import pyarrow
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(self.path, metadata=self.footer, memory_map=False) as file:
                yield file
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise SourceError(
                f"row group {group} of {shown(self.path)} cannot be read: {first_line(error)}. Check that the file "
                f"stays as it was; else try writing it again."
            ) from None


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
        self, files: Sequence[_File], names: tuple[str, ...], forms: dict[str, Form], missing: Sequence[str]
    ) -> None:
        self._files, self.names, self._forms, self.missing = tuple(files), names, forms, tuple(missing)
        self._groups = [(file, k) for file in self._files for k in range(file.footer.num_row_groups)]
        self._groups = [(file, k) for file, k in self._groups if file.footer.row_group(k).num_rows]
        self.group_sizes = tuple(int(file.footer.row_group(k).num_rows) for file, k in self._groups)
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
        files = [_opened(Path(file)) for entry in entries for file in files_of(os.fspath(entry))[0]]
        if not files:
            raise SourceError("the list of files is empty; pass at least one file.")
        names = _names_of(files)
        if not any(file.footer.num_rows for file in files):
            raise SourceError(
                f"{shown(files[0].path)} has column names but no rows; at least one row was expected. Check that it is "
                f"the file you meant."
            )
        known = dict(zip(names, [""] * len(names) if notations is None else notations(names), strict=True))
        forms = {name: _form_of(name, files, missing, known[name]) for name in names}
        return cls(files, names, forms, missing)

    def read_from(self, path: Path) -> "ParquetSource":
        """Return the source of a file with the same rows, in which numbers, dates and Booleans are typed."""
        forms = {name: _typed(form) for name, form in self._forms.items()}
        return ParquetSource([_opened(path)], self.names, forms, self.missing)

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
        columns = dict(_by_duckdb(file, place, odd, self._forms, self.missing)) if odd else {}
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


ODD = "odd"
"""Columns of rare types, such as decimals and times of day, are read by DuckDB, as for a table in memory."""


def _typed(form: Form) -> Form:
    """Return the form of the same column where its values are stored as what they mean."""
    kinds = {"f": NUMBER, "M": DATE, "b": TRUTH, "O": WORDS if form.reading.notation == TEXT else LABELS}
    return replace(form, kind=kinds[form.dtype])


def _library() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(
            f"reading Parquet by row groups needs the package pyarrow; try: {install_line('arrow')}"
        ) from None
    return pyarrow


def _opened(path: Path) -> _File:
    arrow = _library()
    try:
        with arrow.parquet.ParquetFile(path, memory_map=False) as file:
            found = _File(path, file.metadata)
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            f"{shown(path)} cannot be read as Parquet: {first_line(error)}. Try writing the file again."
        ) from None
    refuse_doubles(_columns_of(found), shown(path))
    return found


def _columns_of(file: _File) -> list[str]:
    return list(file.footer.schema.to_arrow_schema().names)


def _names_of(files: Sequence[_File]) -> tuple[str, ...]:
    """Return the names of the columns, which all files have."""
    first = RawTable(tuple(_columns_of(files[0])), (), shown(files[0].path))
    for file in files[1:]:
        first.refuse_difference(RawTable(tuple(_columns_of(file)), (), shown(file.path)))
    return first.names


def _form_of(name: str, files: Sequence[_File], missing: Sequence[str], notation: str) -> Form:
    """Return the form of a column, from the footers if they suffice."""
    from pyarrow import types

    kinds = [file.footer.schema.to_arrow_schema().field(name).type for file in files]
    if all(map(_is_text, kinds)):
        groups = (file.read(k, [name]).column(0) for file in files for k in range(file.footer.num_row_groups))
        return form_of_words(*joined_words(groups, set(missing)), notation)
    if notation == "text":
        return _odd_form(name, files, missing, notation)
    if all(types.is_floating(kind) or _is_exact(kind, name, files) for kind in kinds):
        return NUMBERS
    if all(map(types.is_boolean, kinds)):
        is_whole = all(_statistic(file, name, lambda found: found.null_count == 0) for file in files)
        return Form(TRUTH, ColumnReading(), "b") if is_whole else _odd_form(name, files, missing, notation)
    if all(types.is_timestamp(kind) or types.is_date(kind) for kind in kinds):
        return DATES
    return _odd_form(name, files, missing, notation)


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(inner) or types.is_large_string(inner))


def _is_exact(kind: Any, name: str, files: Sequence[_File]) -> bool:
    """Return whether a column has whole numbers that floats represent exactly."""
    from pyarrow import types

    if not types.is_integer(kind):
        return False
    return bool(kind.bit_width < 64) or all(_statistic(file, name, _is_within) for file in files)


def _is_within(found: Any) -> bool:
    return bool(found.has_min_max and found.min >= -EXACT and found.max <= EXACT)


def _statistic(file: _File, name: str, holds: Callable[[Any], bool]) -> bool:
    """Return whether something holds of a column's statistics in each row group of a file."""
    place = _columns_of(file).index(name)
    for k in range(file.footer.num_row_groups):
        group = file.footer.row_group(k)
        found = group.column(place).statistics if group.num_columns > place else None
        if group.num_rows and (found is None or not holds(found)):
            return False
    return True


def _odd_form(name: str, files: Sequence[_File], missing: Sequence[str], notation: str) -> Form:
    """Return the form of a column of a rare type, which is read as a whole."""
    values, reading = read_column(name, _whole_column(name, files), missing, notation)
    kind = {"f": NUMBER, "b": TRUTH}.get(values.dtype.kind, ODD)
    kinds = {file.footer.schema.to_arrow_schema().field(name).type for file in files}
    if kind == NUMBER and not all(_is_plain_number(each) for each in kinds):
        kind = ODD
    if values.dtype.kind == "O" and all(str(each) == "bool" for each in kinds):
        kind = LABELS
    return Form(kind, reading, values.dtype.kind)


def _is_plain_number(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind) or types.is_null(kind))


def _whole_column(name: str, files: Sequence[_File]) -> Array:
    paths = [str(file.path) for file in files]
    with connection() as duck:
        names, types, columns = fetch(duck, f"SELECT {_named(name)} FROM read_parquet(?)", [paths], shown(paths[0]))
    return RawTable.checked(names, types, columns, shown(paths[0])).columns[0]


def _by_duckdb(
    file: _File, group: int, names: Sequence[str], forms: dict[str, Form], missing: Sequence[str]
) -> Iterator[tuple[str, Array]]:
    """Yield columns of rare types in a row group."""
    first = sum(file.footer.row_group(k).num_rows for k in range(group))
    last = first + file.footer.row_group(group).num_rows - 1
    listed = ", ".join(map(_named, names))
    query = f"SELECT {listed} FROM read_parquet(?, file_row_number = true) WHERE file_row_number BETWEEN ? AND ?"
    with connection() as duck:
        found = fetch(duck, query, [str(file.path), first, last], shown(file.path))
    raw = RawTable.checked(*found, shown(file.path))
    for name, values in zip(raw.names, raw.columns, strict=True):
        yield name, _in_form(name, values, forms[name], missing)


def _in_form(name: str, values: Array, form: Form, missing: Sequence[str]) -> Array:
    column = read_column(name, values, missing, "text" if form.reading.notation == "text" else "")[0]
    if form.dtype == "f" and column.dtype.kind == "O":  # repeated ids in this group, but not in the whole column
        return np.asarray([np.nan if value is None else float(value) for value in column.tolist()])
    if form.dtype == "M" and column.dtype.kind == "f":  # no date in this group
        return np.full(len(column), np.datetime64("NaT", "us"))
    if form.dtype == "O" and column.dtype.kind == "f":  # no value in this group
        return np.full(len(column), None, object)
    return column.astype(object) if form.dtype == "O" else column


def _named(name: str) -> str:
    """Return a column's name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
