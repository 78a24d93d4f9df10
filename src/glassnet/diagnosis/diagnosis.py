"""`Diagnosis`: the findings of all rules, as text, HTML and plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.diagnosis.finding import LEVELS, Finding, Level
from glassnet.diagnosis.formats.html import to_html
from glassnet.diagnosis.formats.text import WIDTH, finding_lines, paragraph
from glassnet.errors import ParameterError
from glassnet.wording import counted


@dataclass(frozen=True)
class Diagnosis:
    """What the rules have found in a network and its rows.

    Attributes
    ----------
    findings : tuple of Finding
        The worst first.
    n_rows : int
        Number of rows that were looked at.
    n_new_rows : int
        Number of rows that the network was not trained on; 0 if none were given.
    rules : tuple of str
        Names of the rules that were checked.
    """

    findings: tuple[Finding, ...]
    n_rows: int
    n_new_rows: int
    rules: tuple[str, ...]

    def of_level(self, level: Level) -> tuple[Finding, ...]:
        """Return the findings of this level or a worse one.

        Parameters
        ----------
        level : {"error", "warning", "note"}
        """
        if level not in LEVELS:
            raise ParameterError(f"there is no level {level!r}. Choose from: {', '.join(LEVELS)}.")
        return tuple(each for each in self.findings if LEVELS.index(each.level) <= LEVELS.index(level))

    def to_text(self, *, width: int = WIDTH, blocks: bool = True) -> str:
        """Return the findings as text.

        Parameters
        ----------
        width : int
            Number of characters of the longest lines; words are not broken.
        blocks : bool
            Whether small plots may be drawn with block characters, which some encodings lack.
        """
        lines = paragraph(self._headline(), width, indent=0)
        for each in self.findings:
            lines += ["", *finding_lines(each, width, blocks=blocks)]
        if hint := self._hint():
            lines += ["", *paragraph(hint, width, indent=0)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain data."""
        return {
            "n_rows": self.n_rows,
            "n_new_rows": self.n_new_rows,
            "rules": list(self.rules),
            "findings": [each.to_dict() for each in self.findings],
        }

    def to_html(self, *, notes: Sequence[str] = (), fragment: bool = False, further: str = "") -> str:
        """Return the findings as a self-contained HTML page, light or dark as the reader's system.

        Parameters
        ----------
        notes : sequence of str
            Sentences at the end, such as what was done to the data.
        fragment : bool
            Whether to return one element with its style, for inclusion in another page.
        further : str
            HTML that stands after the findings.
        """
        last = [*([self._hint()] if self._hint() else []), *notes]
        return to_html(self._headline(), self.findings, last, fragment=fragment, further=further)

    def _repr_html_(self) -> str:
        return self.to_html(fragment=True)

    def __repr__(self) -> str:
        return self.to_text()

    def _hint(self) -> str:
        lacks_new_rows = self.n_rows and not self.n_new_rows and "overfits" in self.rules
        return WITHOUT_NEW_ROWS if lacks_new_rows else ""

    def _headline(self) -> str:
        rows = counted(self.n_rows, "row") if self.n_rows else "the weights and the history"
        if self.n_new_rows:
            rows += f" and {counted(self.n_new_rows, 'new row')}"
        if not self.findings:
            return f"Nothing found by {counted(len(self.rules), 'rule')} in {rows}."
        numbers = {level: sum(each.level == level for each in self.findings) for level in LEVELS}
        found = ", ".join(counted(n, level) for level, n in numbers.items() if n)
        return f"{found} by {counted(len(self.rules), 'rule')} in {rows}"


WITHOUT_NEW_ROWS = (
    "Overfitting, repeated rows and wrong probabilities show only on rows that the network was not trained on: add "
    "some as validation data."
)


def sorted_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the worst first, otherwise in their order."""
    return tuple(sorted(findings, key=lambda each: LEVELS.index(each.level)))
