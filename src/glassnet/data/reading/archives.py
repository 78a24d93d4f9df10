"""Zip archives of tables. Members are copied to numbered files, so no name in an archive becomes a path."""

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from glassnet.data.reading.finding import shown
from glassnet.data.reading.kinds import ZIP, kind_by_name
from glassnet.data.reading.spool import BLOCK, Spool
from glassnet.errors import GlassnetError, SourceError


def members(path: Path, name: str, spool: Spool) -> tuple[list[tuple[Path, str]], list[str]]:
    """Return a copy and the name of each table in an archive, in alphabetical order, and notices.

    All tables must be of one kind.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            tables = _tables(archive, name)
            size = path.stat().st_size
            copies = [
                (_copied(archive, member, name, spool, size), f"{name}/{shown(member.filename)}") for member in tables
            ]
            return copies, _left_out(archive, tables, name)
    except GlassnetError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise SourceError(f"the zip archive {name} cannot be unpacked: {reason}. Try packing it again.") from None


def refuse_bomb(path: Path, name: str, spool: Spool) -> None:
    """Reject an archive or workbook with an implausible compression ratio (a zip bomb)."""
    try:
        with zipfile.ZipFile(path) as archive:
            spool.count(_all_blocks(archive), name, source_size=path.stat().st_size)
    except GlassnetError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise SourceError(f"{name} is damaged ({reason}); try saving it again.") from None


def _tables(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    entries = _entries(archive)
    tables = sorted((e for e in entries if kind_by_name(e.filename) is not None), key=lambda entry: entry.filename)
    if not tables:
        raise SourceError(
            f"the zip archive {name} holds no table ({_first(entries) or 'nothing'}); a CSV, Parquet or JSON file was "
            "expected."
        )
    if any(entry.flag_bits & 1 for entry in tables):
        raise SourceError(f"the zip archive {name} is locked by a password; try unpacking it first.")
    found = {kind_by_name(entry.filename) for entry in tables}
    if len(found) > 1 or found == {ZIP}:
        raise SourceError(
            f"the zip archive {name} holds {_first(tables)}, but tables of one kind were expected; try unpacking it "
            "and naming the files."
        )
    return tables


def _first(entries: list[zipfile.ZipInfo]) -> str:
    return shown(", ".join(entry.filename for entry in entries[:3]))


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the user's members, without files that macOS adds."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    return [e for e in entries if not e.filename.startswith("__MACOSX/") and not e.filename.endswith("/.DS_Store")]


def _left_out(archive: zipfile.ZipFile, tables: list[zipfile.ZipInfo], name: str) -> list[str]:
    left = [entry.filename for entry in _entries(archive) if entry not in tables]
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return [f"of the zip archive {name} {shown(', '.join(left[:3]))}{more} was not read: not a table."] if left else []


def _copied(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, spool: Spool, size: int) -> Path:
    with closing(_blocks(archive, member)) as blocks:  # also if the rest of it is refused
        return spool.keep(blocks, f"{name}/{shown(member.filename)}", source_size=size)


def _all_blocks(archive: zipfile.ZipFile) -> Iterator[bytes]:
    for member in archive.infolist():
        yield from _blocks(archive, member)


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Generator[bytes]:
    with archive.open(member) as file:
        while block := file.read(BLOCK):
            yield block
