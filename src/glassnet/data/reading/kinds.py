"""Identifies the kind of a file by its first bytes, or by its name if the bytes are inconclusive."""

import os
import zipfile
from pathlib import Path

from glassnet.errors import SourceError

TEXT, PARQUET, JSON, ARROW, EXCEL, ZIP = "text", "Parquet", "JSON", "Arrow", "Excel", "zip"
GZIP, BZIP2, XZ, ZSTD = "gzip", "bzip2", "xz", "zstd"
COMPRESSED = (GZIP, BZIP2, XZ, ZSTD)

_BY_ENDING = {
    TEXT: (".csv", ".tsv", ".tab", ".psv", ".txt"),
    PARQUET: (".parquet", ".pq"),
    JSON: (".json", ".ndjson", ".jsonl"),
    ARROW: (".feather", ".arrow", ".arrows", ".ipc"),
    EXCEL: (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
}
COMPRESSED_ENDINGS = {".gz": GZIP, ".bz2": BZIP2, ".xz": XZ, ".zst": ZSTD, ".zstd": ZSTD}
ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".json", ".feather", ".xlsx")

_BY_START = (
    (b"PAR1", PARQUET),
    (b"ARROW1", ARROW),
    (b"FEA1", ARROW),
    (b"\xff\xff\xff\xff", ARROW),  # an Arrow stream; no text in any encoding starts like this
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", EXCEL),
    (b"\x1f\x8b", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", ZSTD),
)


def kind_by_name(name: str) -> str | None:
    """Return the kind of table implied by a file's name, or None.

    >>> kind_by_name("a.csv.gz"), kind_by_name("a.zip"), kind_by_name("README.md")
    ('text', 'zip', None)
    """
    stem, ending = os.path.splitext(name.lower())
    if ending in COMPRESSED_ENDINGS:
        ending = os.path.splitext(stem)[1]
    if ending == ".zip":
        return ZIP
    return next((kind for kind, endings in _BY_ENDING.items() if ending in endings), None)


def kind_of(path: Path, name: str, *, by_content: bool = False) -> str:
    """Return the kind of a plain local file.

    Parameters
    ----------
    path : Path
    name : str
        Its name for users; its suffix decides if the first bytes are inconclusive.
    by_content : bool
        Whether text that starts with a bracket is JSON, for pipes, which have no name.
    """
    with path.open("rb") as file:
        start = file.read(64)
    found = next((kind for first, kind in _BY_START if start.startswith(first)), None)
    if found is not None:
        return found
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _workbook_or_archive(path, name)
    promised = kind_by_name(name)
    if promised in (PARQUET, JSON):
        return promised
    if promised in (ARROW, EXCEL, ZIP):
        raise SourceError(f"{name} is named like {promised}, but has other content. Check the path.")
    return JSON if by_content and start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else TEXT


def _workbook_or_archive(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise SourceError(
            f"{name} is a zip archive or an Excel workbook, but it is damaged ({reason}); "
            "try downloading or saving it again."
        ) from None
    parts = {entry.partition("/")[0] for entry in names}
    return EXCEL if "xl" in parts or {"mimetype", "content.xml"} <= parts else ZIP
