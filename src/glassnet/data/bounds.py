"""How large a table may be, for files of unknown origin."""

from dataclasses import dataclass

from glassnet.errors import SourceError


@dataclass(frozen=True)
class Bounds:
    """The largest table that is read. A file that holds more is refused before it takes the memory.

    Attributes
    ----------
    n_bytes : int
        Of the uncompressed file, and of all its text.
    n_rows, n_columns, n_cells : int

    Examples
    --------
    >>> Bounds(n_bytes=1_000, n_rows=10, n_columns=5, n_cells=20).check("a.csv", n_rows=8, n_columns=3)
    Traceback (most recent call last):
    glassnet.errors.SourceError: a.csv has 24 cells, but at most 20 are read here; try a part of it.
    """

    n_bytes: int
    n_rows: int
    n_columns: int
    n_cells: int

    def check(self, name: str, *, n_rows: int = 0, n_columns: int = 0) -> None:
        """Raise a SourceError if a table has more rows, columns or cells."""
        for what, found, most in (
            ("columns", n_columns, self.n_columns),
            ("rows", n_rows, self.n_rows),
            ("cells", n_rows * n_columns, self.n_cells),
        ):
            if found > most:
                raise SourceError(f"{name} has {found:,} {what}, but at most {most:,} are read here; try a part of it.")

    def check_bytes(self, name: str, n_bytes: int) -> None:
        """Raise a SourceError if a file or its text is larger."""
        if n_bytes > self.n_bytes:
            raise SourceError(
                f"{name} unpacks to more than {self.n_bytes / 1e6:,.0f} MB, the most that is read here; try a part of "
                "it."
            )
