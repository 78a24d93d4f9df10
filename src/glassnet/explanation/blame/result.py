"""The result of `glassnet.blame`."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.explanation.blame.records import BlameRecord
from glassnet.explanation.blame.text import blame_text, cells_of
from glassnet.files import strict


@dataclass(frozen=True)
class Blame(BlameRecord):
    """The attribution of the error over a data set.

    Its attributes are those of `BlameRecord`.
    """

    def table(self, what: str) -> Listing:
        """Return one table for display in terminal and notebook.

        Parameters
        ----------
        what : {"neurons", "columns", "classes", "rows", "suspects"}
        """
        kinds = ("neurons", "columns", "classes", "rows", "suspects")
        if what not in kinds:
            raise ParameterError(f"there is no table of {what!r}. Choose from: {', '.join(kinds)}.")
        records = getattr(self, what)
        if not records:
            raise ParameterError(f"there are no {what} to show.")
        return Listing(tuple(cells_of(record) for record in records))

    def to_text(self, *, shown: int = 8) -> str:
        """Return the most blamed entries of each kind as text."""
        return blame_text(self, shown)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as strict JSON in full precision."""
        record: dict[str, Any] = strict(asdict(self))
        return record

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Blame over {self.n_rows} rows: {self.cost_name} {self.cost:.6g}, {len(self.suspects)} suspect rows"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.to_text())}</pre>"
