"""Rows of any file or query as Parquet in a temporary folder, when they may not fit into the memory."""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.duckdb_sandbox import execute, lock, open_connection, quoted
from glassnet.data.reading import kinds
from glassnet.data.reading.readers import Plain, Reading
from glassnet.data.reading.sources import read
from glassnet.data.reading.sql.query import is_query
from glassnet.data.reading.text_files import header_of, rows_of_text, utf8_copy
from glassnet.data.rows.in_memory import TableSource
from glassnet.data.rows.parquet import ParquetSource
from glassnet.data.rows.row_source import RowSource
from glassnet.data.table import Table, refuse_doubles
from glassnet.data.writing.tables import of_the_system
from glassnet.errors import ColumnError, SourceError, first_line
from glassnet.files import scratch_folder

ROWS_PER_GROUP = 1 << 16
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
GROWTH = 12
"""How many times its size in a file a table may take in memory: text becomes objects."""


@contextmanager
def spooled_files(entries: Sequence[str | os.PathLike[str]], left: int, missing: Sequence[str]) -> Iterator[RowSource]:
    """Open files or a query; in memory if they are small, else converted to Parquet by parts."""
    if len(entries) == 1 and is_query(os.fspath(entries[0])):
        yield TableSource(read(os.fspath(entries[0]), missing=missing).table)
        return
    with Reading() as reading, scratch_folder() as folder:
        plain = [each for entry in entries for each in reading.plain(os.fspath(entry))]
        is_small = GROWTH * sum(each.path.stat().st_size for each in plain) <= left
        if is_small or any(each.kind not in (kinds.TEXT, kinds.JSON, kinds.PARQUET) for each in plain):
            yield TableSource(read(list(entries), missing=missing).table)
            return
        _refuse_small_disk(folder, sum(each.path.stat().st_size for each in plain))
        parts = [_converted(each, reading, folder / f"text-{k}.parquet", left) for k, each in enumerate(plain)]
        source = ParquetSource.open(parts, missing=missing)
        typed = typed_copy(source, folder / "typed.parquet")
        for part in parts:
            part.unlink()
        yield typed


@contextmanager
def spooled_arrow(data: Any, missing: Sequence[str]) -> Iterator[RowSource]:
    """Write an Arrow dataset, or what a reader of record batches yields, to Parquet by parts."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    reader = data if hasattr(data, "read_next_batch") else _reader_of(data)
    _refuse_schema(reader.schema)
    with scratch_folder() as folder:
        path, n_rows = folder / "batches.parquet", 0
        with _clear_full_disk(path):
            writer = ParquetWriter(path, reader.schema)
        try:
            for batch in _batches(reader):
                table = pyarrow.Table.from_batches([batch], reader.schema)
                n_rows += batch.num_rows
                with _clear_full_disk(path):
                    writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        finally:
            with _clear_full_disk(path):
                writer.close()
        if n_rows == 0:
            raise SourceError(f"{BATCHES} have no rows; at least one was expected. A reader can be read only once.")
        yield ParquetSource.open(path, missing=missing)


BATCHES = "the record batches"


def _reader_of(data: Any) -> Any:
    """Return the reader of a dataset or a scanner."""
    return (data if hasattr(data, "to_reader") else data.scanner()).to_reader()


def _refuse_schema(schema: Any) -> None:
    from pyarrow import types

    refuse_doubles(schema.names, BATCHES)
    for field in schema:
        if types.is_nested(field.type):
            raise ColumnError(
                f"column {field.name!r} of {BATCHES} is nested ({field.type}), but each cell must be one number, text, "
                f"date or True/False; leave it out of them."
            )


def _batches(reader: Any) -> Iterator[Any]:
    """Yield what a reader reads; an exception of the user's own passes as it is."""
    import pyarrow

    try:
        for batch in reader:
            if batch.schema.names != reader.schema.names:
                raise SourceError(
                    f"{BATCHES} differ: one has the columns {', '.join(batch.schema.names[:8])} instead of "
                    f"{', '.join(reader.schema.names[:8])}; each needs the columns of the reader's schema."
                )
            yield batch
    except (pyarrow.ArrowException, OSError) as error:
        raise SourceError(f"{BATCHES} cannot be read to their end: {first_line(error)}. Start anew.") from None


def typed_copy(source: ParquetSource, path: Path) -> ParquetSource:
    """Write a source of text as numbers, dates and text, so that it is parsed once, and return the copy."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    writer = None
    with _clear_full_disk(path):
        try:
            for k in range(len(source.group_sizes)):
                for table in source.pieces(k):
                    written = _as_arrow(pyarrow, table)
                    writer = writer or ParquetWriter(path, written.schema)
                    writer.write_table(written.cast(writer.schema), row_group_size=ROWS_PER_GROUP)
        finally:
            if writer is not None:
                writer.close()
    return source.read_from(path)


def _as_arrow(arrow: Any, table: Table) -> Any:
    arrays = []
    for column in table.columns:
        values = np.ascontiguousarray(column)
        if values.dtype.kind != "O":
            arrays.append(arrow.array(values))
            continue
        listed = values.tolist()
        is_truth = any(isinstance(value, bool) for value in listed)
        arrays.append(arrow.array(listed, arrow.bool_() if is_truth else arrow.string()))
    return arrow.Table.from_arrays(arrays, names=list(table.names))


def _converted(plain: Plain, reading: Reading, path: Path, left: int) -> Path:
    """Write a text or JSON file as Parquet, as wide as it is read in memory, and return its path."""
    if plain.kind == kinds.PARQUET:
        shutil.copyfile(plain.path, path)
        return path
    import duckdb

    try:
        with open_connection() as duck:
            duck.execute(f"SET memory_limit = '{max(left // 2, 64 << 20)}B'")
            duck.execute("SET threads = 1")
            lock(duck)
            if plain.kind == kinds.TEXT:
                readable, _ = utf8_copy(plain.path, plain.name, reading.spool)
                sql, parameters = rows_of_text(readable, plain.name, header_of(readable, plain.name, duck))
            else:
                sql, parameters = "SELECT * FROM read_json(?)", [str(plain.path)]
            options = f"FORMAT parquet, ROW_GROUP_SIZE {ROWS_PER_GROUP}, COMPRESSION zstd"
            execute(duck, f"COPY ({sql}) TO {quoted(str(path))} ({options})", parameters)
    except duckdb.Error as error:
        found = of_the_system(error, path)
        if found.errno in FULL:
            with _clear_full_disk(path):
                raise found from None
        raise SourceError(
            f"{plain.name} cannot be converted to Parquet; DuckDB says: {first_line(error)}. Every line needs as many "
            f"cells as the first."
        ) from None
    return path


def _refuse_small_disk(folder: Path, n_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if 2 * n_bytes > free:
        raise SourceError(
            f"the table does not fit into the memory, and its copy as Parquet needs up to {2 * n_bytes / 1e6:,.0f} MB "
            f"in {folder.parent}, of which {free / 1e6:,.0f} MB are free; free some, or set TMPDIR to another folder."
        )


@contextmanager
def _clear_full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"the temporary copy of the table in {path.parent.parent} cannot be written: "
            f"{(error.strerror or str(error)).lower()}. Free some space, or set TMPDIR to another folder."
        ) from None
