"""Writes a table some rows after the others, with the bytes that writing it as a whole gives."""

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from glassnet.data.duckdb_sandbox import connection, execute, quoted
from glassnet.data.writing.tables import (
    for_parquet,
    identifier,
    of_the_system,
    records,
    write_head,
    write_lines,
)
from glassnet.files import strict
from glassnet.typing import Array


class PartsWriter(ABC):
    """A file of a table, and how far it is written.

    Parameters
    ----------
    path : Path
        The file; files beside it may begin with its name.
    names : sequence of str
    position : dict, optional
        From `position` of an earlier writer, which was killed afterwards: what was written since then is removed.
    """

    def __init__(self, path: Path, names: Sequence[str], position: dict[str, Any] | None = None) -> None:
        self.path, self.names = path, list(names)

    @abstractmethod
    def add(self, columns: Sequence[Array]) -> None:
        """Write some rows."""

    @abstractmethod
    def position(self) -> dict[str, Any]:
        """Return where the file ends and what is in it, as strict JSON, once everything before is on the disk."""

    @classmethod
    @abstractmethod
    def is_at(cls, path: Path, position: Any) -> bool:
        """Whether what is on the disk begins with what a writer had written at this position, unchanged."""

    @abstractmethod
    def end(self) -> None:
        """Write the end of the file."""

    def close(self) -> None:  # noqa: B027
        """Close the file, which need not be at its end; by default nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _LinesWriter(PartsWriter):
    """A text file."""

    def __init__(self, path: Path, names: Sequence[str], position: dict[str, Any] | None = None) -> None:
        super().__init__(path, names, position)
        if position is not None:
            os.truncate(path, position["n_bytes"])
        self._file: Any = path.open("w" if position is None else "a", encoding="utf-8", newline="")
        self._digest, self._n_hashed = hashlib.sha256(), 0
        if position is None:
            self._begin()

    def _begin(self) -> None:
        """Write the start of the file."""

    def position(self) -> dict[str, Any]:
        """Return where the file ends and what is in it, once everything before is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        n_bytes = os.fstat(self._file.fileno()).st_size
        _add_content(self._digest, self.path, self._n_hashed, n_bytes)
        self._n_hashed = n_bytes
        return {"n_bytes": n_bytes, "sha256": self._digest.hexdigest()}

    @classmethod
    def is_at(cls, path: Path, position: Any) -> bool:
        """Whether what is on the disk begins with what a writer had written at this position, unchanged."""
        if not isinstance(position, dict) or not isinstance(position.get("n_bytes"), int):
            return False
        return _has_content(path, position["n_bytes"], position.get("sha256"))

    def end(self) -> None:
        """Write what is left."""
        self._file.flush()

    def close(self) -> None:
        """Close the file, which need not be at its end."""
        self._file.close()


class CsvWriter(_LinesWriter):
    r"""A CSV file, as of `write_csv`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with CsvWriter(Path(folder, "a.csv"), ["x"]) as writer:
    ...         writer.add([np.asarray([1.5])])
    ...         writer.add([np.asarray([2.5])])
    ...         writer.end()
    ...     writer.path.read_text()
    'x\n1.5\n2.5\n'
    """

    is_spreadsheet_safe = False

    def _begin(self) -> None:
        write_head(self._file, self.names, self.is_spreadsheet_safe)

    def add(self, columns: Sequence[Array]) -> None:
        """Write some rows."""
        write_lines(self._file, columns, self.is_spreadsheet_safe)


class SafeCsvWriter(CsvWriter):
    """A CSV file without texts that a spreadsheet would run as a formula."""

    is_spreadsheet_safe = True


class JsonWriter(_LinesWriter):
    """A JSON file with a list of records."""

    indent = 1

    def _begin(self) -> None:
        self._file.write("[")

    def add(self, columns: Sequence[Array]) -> None:
        """Write some rows."""
        listed = strict(records(self.names, columns))
        text = json.dumps(listed, ensure_ascii=False, allow_nan=False, indent=self.indent)
        self._file.write("," * (self._file.tell() > 1) + text[1:-2])  # without the brackets and the last new line

    def end(self) -> None:
        """Write the closing bracket."""
        self._file.write("\n]")
        super().end()


class PrintedJsonWriter(JsonWriter):
    """A JSON file as commands print it."""

    indent = 2


_BLOCK = 1 << 20
NOTHING = "NULL"  # the type of objects without a value in any row


class ParquetWriter(PartsWriter):
    """A Parquet file, whose parts are files beside it until all of them are there.

    Text of NumPy's type, such as a predicted class, has one dictionary in the whole file, which the texts of all parts
    decide; so does whether objects are text or Booleans.
    """

    def __init__(self, path: Path, names: Sequence[str], position: dict[str, Any] | None = None) -> None:
        super().__init__(path, names, position)
        self._n_parts = 0 if position is None else int(position["n_parts"])
        self._labels: list[set[str] | None] = [None] * len(self.names)
        self._kinds: list[str] = [""] * len(self.names)
        self._digests: list[str] = []
        if position is not None:
            self._labels = [None if labels is None else set(labels) for labels in position["labels"]]
            self._kinds, self._digests = list(position["kinds"]), list(position["sha256"])

    def _part(self, k: int) -> Path:
        return _part_of(self.path, k)

    def add(self, columns: Sequence[Array]) -> None:
        """Write some rows into a file of their own."""
        given = {f"c{k}": self._noted(k, column) for k, column in enumerate(columns)}
        self._copy("SELECT * FROM columns", self._part(self._n_parts), given)
        self._n_parts += 1

    def _noted(self, k: int, column: Array) -> Array:
        """Return a column of a part in a type that all parts have, and note its texts."""
        if column.dtype.kind == "U":
            self._labels[k] = (self._labels[k] or set()) | set(np.unique(column).tolist())
            return column.astype(object)
        if column.dtype.kind != "O":
            return for_parquet(column)
        kinds = {type(value).__name__ for value in column if value is not None}
        if kinds:
            self._kinds[k] = "BOOLEAN" if kinds <= {"bool", "bool_"} else "VARCHAR"
        self._kinds[k] = self._kinds[k] or NOTHING
        return np.asarray([None if value is None else str(value) for value in column], object)

    def position(self) -> dict[str, Any]:
        """Return the number of parts and their digests, once they are on the disk."""
        for k in range(len(self._digests), self._n_parts):
            with self._part(k).open("rb+") as file:
                os.fsync(file.fileno())
            digest = hashlib.sha256()
            _add_content(digest, self._part(k), 0, self._part(k).stat().st_size)
            self._digests.append(digest.hexdigest())
        labels = [None if labels is None else sorted(labels) for labels in self._labels]
        return {"n_parts": self._n_parts, "labels": labels, "kinds": self._kinds, "sha256": self._digests}

    @classmethod
    def is_at(cls, path: Path, position: Any) -> bool:
        """Whether the parts of this position are on the disk, unchanged."""
        if not isinstance(position, dict) or not isinstance(position.get("sha256"), list):
            return False
        parts = [_part_of(path, k) for k in range(len(position["sha256"]))]
        if position.get("n_parts") != len(parts):
            return False
        return all(
            part.is_file() and _has_content(part, part.stat().st_size, digest)
            for part, digest in zip(parts, position["sha256"], strict=True)
        )

    def end(self) -> None:
        """Join the parts."""
        # Of a single file, DuckDB knows more than of several, and writes other bytes: an empty one makes it several.
        first = quoted(str(self._part(0)))
        self._copy(f"SELECT * FROM read_parquet({first}) LIMIT 0", self._part(self._n_parts), {})
        self._n_parts += 1
        parts = ", ".join(quoted(str(self._part(k))) for k in range(self._n_parts))
        selected = ", ".join(f"{self._typed(k)} AS {identifier(name)}" for k, name in enumerate(self.names))
        self._copy(f"SELECT {selected} FROM read_parquet([{parts}])", self.path, {})
        for k in range(self._n_parts):
            self._part(k).unlink()

    def _typed(self, k: int) -> str:
        labels = self._labels[k]
        if labels is not None:
            return f"c{k}::ENUM({', '.join(map(quoted, sorted(labels)))})"
        if self._kinds[k] == NOTHING:
            return NOTHING
        return f"c{k}::{self._kinds[k]}" if self._kinds[k] else f"c{k}"

    def _copy(self, query: str, path: Path, columns: dict[str, Array]) -> None:
        import duckdb

        try:
            with connection() as duck:
                if columns:
                    duck.register("columns", columns)
                execute(duck, f"COPY ({query}) TO {quoted(str(path))} (FORMAT parquet)")
        except duckdb.Error as error:
            raise of_the_system(error, self.path) from None


def _part_of(path: Path, k: int) -> Path:
    return path.with_name(f"{path.name}.{k}.parquet")


def _add_content(digest: Any, path: Path, start: int, end: int) -> None:
    """Add the bytes of a file between two places to a digest."""
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (block := file.read(min(_BLOCK, end - start))):
            digest.update(block)
            start += len(block)


def _has_content(path: Path, n_bytes: int, digest: Any) -> bool:
    """Whether the first bytes of a file have this digest."""
    if not path.is_file() or not 0 <= n_bytes <= path.stat().st_size:
        return False
    found = hashlib.sha256()
    _add_content(found, path, 0, n_bytes)
    return bool(found.hexdigest() == digest)


WRITERS: dict[str, type[PartsWriter]] = {".csv": CsvWriter, ".json": JsonWriter, ".parquet": ParquetWriter}
"""The writer of each ending of a file."""
