"""`ParquetFile`: a file whose row groups are read alone, through pyarrow, which is an extra."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.data.reading.finding import shown
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.rows.arrow_columns import is_text
from glassnet.data.table import refuse_doubles
from glassnet.errors import MissingExtraError, SourceError, first_line
from glassnet.installing import install_line

COLUMNS_AT_A_TIME = 8


@dataclass(frozen=True, eq=False)
class ParquetFile:
    """A file and its footer.

    Attributes
    ----------
    path : Path
    footer : pyarrow.parquet.FileMetaData
    stamp : tuple of int
        Size and time of the last change, when it was opened.
    """

    path: Path
    footer: Any
    stamp: tuple[int, int]

    @classmethod
    def open(cls, path: Path) -> "ParquetFile":
        """Return the file; refuse one whose footer makes no sense."""
        arrow = _library()
        try:
            stamp = _stamp_of(path)
            with arrow.parquet.ParquetFile(path, memory_map=False) as opened:
                file = cls(path, opened.metadata, stamp)
            names, sizes = file.names, file.group_sizes
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise SourceError(
                f"{shown(path)} cannot be read as Parquet: {first_line(error)}. Try writing the file again."
            ) from None
        if any(size < 0 for size in sizes):
            raise SourceError(f"{shown(path)} has a row group of {min(sizes)} rows; try writing the file again.")
        refuse_doubles(names, shown(path))
        return file

    @cached_property
    def schema(self) -> Any:
        """The schema as Arrow has it."""
        return self.footer.schema.to_arrow_schema()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.schema.names)

    @cached_property
    def group_sizes(self) -> tuple[int, ...]:
        """Number of rows of each row group, by the footer."""
        return tuple(int(self.footer.row_group(k).num_rows) for k in range(self.footer.num_row_groups))

    def kind(self, name: str) -> Any:
        """Return the Arrow type of a column."""
        return self.schema.field(name).type

    def read(self, group: int, names: Sequence[str]) -> Any:
        """Return some columns of a row group as an Arrow table, in this order."""
        import pyarrow

        columns: dict[str, Any] = {}
        with self._opened(group, names) as file:
            # some columns at a time: each needs a dictionary and a page in memory while it is decoded
            for start in range(0, len(names), COLUMNS_AT_A_TIME):
                some = list(names[start : start + COLUMNS_AT_A_TIME])
                read = file.read_row_group(group, columns=some, use_threads=False)
                columns |= {name: read.column(name) for name in some}
        self._check_size(group, {len(column) for column in columns.values()})
        return pyarrow.table(columns)

    def read_in_parts(self, group: int, names: Sequence[str], n_rows: int) -> Iterator[Any]:
        """Yield the same in parts of `n_rows` rows."""
        import pyarrow

        n_read = 0
        with self._opened(group, names) as file:
            for batch in file.iter_batches(n_rows, row_groups=[group], columns=list(names), use_threads=False):
                n_read += batch.num_rows
                yield pyarrow.Table.from_batches([batch]).select(list(names))
        self._check_size(group, {n_read})

    @contextmanager
    def _opened(self, group: int, names: Sequence[str]) -> Iterator[Any]:
        import pyarrow
        from pyarrow.parquet import ParquetFile as Reader

        # texts as codes: a small file may repeat a long text a billion times
        texts = [name for name in names if is_text(self.kind(name))]
        try:
            if _stamp_of(self.path) != self.stamp:
                raise SourceError(
                    f"{shown(self.path)} has changed since it was opened, but must stay as it is while it is read. "
                    f"Start anew."
                )
            with Reader(self.path, metadata=self.footer, memory_map=False, read_dictionary=texts) as file:
                yield file
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            if isinstance(error, SourceError):
                raise
            raise SourceError(
                f"row group {group} of {shown(self.path)} cannot be read: {first_line(error)}. Check that the file "
                f"stays as it was; else try writing it again."
            ) from None

    def _check_size(self, group: int, found: set[int]) -> None:
        """Refuse columns of other lengths than the footer says."""
        expected = self.group_sizes[group]
        if found - {expected}:
            raise SourceError(
                f"row group {group} of {shown(self.path)} has {min(found - {expected})} rows, but the footer of the "
                f"file says {expected}; try writing the file again."
            )


def names_of_files(files: Sequence[ParquetFile]) -> tuple[str, ...]:
    """Return the names of the columns, which all files have."""
    first = RawTable(files[0].names, (), shown(files[0].path))
    for file in files[1:]:
        first.refuse_difference(RawTable(file.names, (), shown(file.path)))
    return first.names


def _stamp_of(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def _library() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(
            f"reading Parquet by row groups needs the package pyarrow; try: {install_line('arrow')}"
        ) from None
    return pyarrow
