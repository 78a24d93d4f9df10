"""`Diagnosis`: the findings of all rules, as text, HTML and plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

from glassnet.diagnosis.finding import LEVELS, Finding, Level
from glassnet.diagnosis.measured import precision_in_words
from glassnet.errors import ParameterError
from glassnet.escaping import visible
from glassnet.wording import counted

WIDTH = 88
SIGNS = {"error": "✕", "warning": "!", "note": "i"}


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

    def to_text(self) -> str:
        """Return the findings as text."""
        lines = [self._headline()]
        for each in self.findings:
            lines += ["", f"{SIGNS[each.level]} {each.level}: {each.rule} ({each.where})"]
            lines += _paragraph(each.evidence)
            lines += _paragraph(each.meaning)
            lines += _paragraph(f"Next: {each.next}")
            lines += _paragraph(precision_in_words(each.precision))
        if self.n_rows and not self.n_new_rows:
            lines += ["", *_paragraph(WITHOUT_NEW_ROWS, indent=0)]
        return "\n".join(visible(line) for line in lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain data."""
        return {
            "n_rows": self.n_rows,
            "n_new_rows": self.n_new_rows,
            "rules": list(self.rules),
            "findings": [each.to_dict() for each in self.findings],
        }

    def to_html(self) -> str:
        """Return the findings as a fragment of HTML, in the colors of the page around it."""
        cards = "".join(_card(each) for each in self.findings)
        hint = "" if self.n_new_rows or not self.n_rows else f"<p><small>{escape(WITHOUT_NEW_ROWS)}</small></p>"
        return f'<section class="glassnet-diagnosis"><p><b>{escape(self._headline())}</b></p>{cards}{hint}</section>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return self.to_text()

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
    "Overfitting, repeated rows and calibration show only on rows that the network was not trained on: pass some as "
    "validation=(X, y)."
)


def sorted_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the worst first, otherwise in their order."""
    return tuple(sorted(findings, key=lambda each: LEVELS.index(each.level)))


def _paragraph(text: str, indent: int = 2) -> list[str]:
    space = " " * indent
    return wrap(visible(text), WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False)


def _card(each: Finding) -> str:
    words = [visible(text) for text in (each.rule, each.where, each.evidence, each.meaning, each.next)]
    rule, where, evidence, meaning, after = map(escape, words)
    trust = f"<p><small>{said}</small></p>" if (said := precision_in_words(each.precision)) else ""
    return (
        f"<article><p><b>{SIGNS[each.level]} {each.level}: {rule}</b> ({where})</p><p>{evidence}</p><p>{meaning}</p>"
        f"<p><b>Next:</b> {after}</p>{trust}</article>"
    )
