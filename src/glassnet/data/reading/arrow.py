"""Arrow and Feather files through pyarrow, which is an extra."""

from pathlib import Path
from typing import Any

from glassnet.data.duckdb_sandbox import fetch
from glassnet.data.reading.raw_table import RawTable
from glassnet.errors import GlassnetError, MissingExtraError, SourceError, first_line


def read_arrow(path: Path, name: str, duck: Any) -> RawTable:
    """Return the table in an Arrow file, an Arrow stream or a Feather file of either version."""
    import duckdb

    arrow = _library(name)
    try:
        table = _opened(arrow, path)
        table.validate(full=True)  # a damaged file may have invalid lengths and offsets
        table = _without_dictionaries(arrow, table)
        names, types, columns = _through_duckdb(duck, table, name)
    except GlassnetError:
        raise
    except (arrow.ArrowException, duckdb.Error, OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read as Arrow: {first_line(error)}. Try writing the file again.") from None
    return RawTable.checked(names, types, columns, name)


def _library(name: str) -> Any:
    try:
        import pyarrow
        import pyarrow.feather
        import pyarrow.ipc
    except ImportError:
        raise MissingExtraError(
            f"{name} is an Arrow or Feather file, and reading it needs the package pyarrow; try: pip install pyarrow"
        ) from None
    return pyarrow


def _opened(arrow: Any, path: Path) -> Any:
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(b"FEA1"):
        return arrow.feather.read_table(str(path))
    with arrow.OSFile(str(path), "rb") as file:
        reader = arrow.ipc.open_file(file) if start == b"ARROW1" else arrow.ipc.open_stream(file)
        return reader.read_all()


def _without_dictionaries(arrow: Any, table: Any) -> Any:
    """Return the table with dictionary-encoded columns as text."""
    fields = [
        field.with_type(field.type.value_type) if arrow.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(arrow.schema(fields))


def _through_duckdb(duck: Any, table: Any, name: str) -> Any:
    duck.register("arrow_table", table)
    try:
        return fetch(duck, "SELECT * FROM arrow_table", (), name)
    finally:
        duck.unregister("arrow_table")
