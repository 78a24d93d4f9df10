"""`Fixes`: which remedies were tried, and by how much each changed the cost on new rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from textwrap import wrap
from typing import Any

from glassnet.diagnosis.diagnosis import WIDTH, Diagnosis
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.words import digits, percent
from glassnet.escaping import visible
from glassnet.remedies.effect import Effect

MOST_SHOWN = 8
WIDEST_CHANGE = 44


@dataclass(frozen=True)
class Tried:
    """A remedy that was tried.

    Attributes
    ----------
    remedy : Remedy
    rules : tuple of str
        The rules that propose it.
    cost : float or None
        Its cost on the rows that confirm, a mean over rows and seeds; None if a training diverged.
    effect : Effect or None
        Beside the same settings without the remedy; of settings that are only fitted again, beside the model itself.
    better : float or None
        By how much the cost changed on the rows that choose, a share.
    note : str
        Why it has no effect, or what else there is to know.
    """

    remedy: Remedy
    rules: tuple[str, ...]
    cost: float | None
    effect: Effect | None
    better: float | None
    note: str = ""

    @property
    def helps(self) -> bool:
        """Whether the cost on new rows is surely lower."""
        return self.effect is not None and self.effect.helps

    @property
    def verdict(self) -> str:
        """What came of it, in a word or two."""
        if self.effect is None:
            return self.note or "could not be tried"
        return "helps" if self.effect.helps else "harms" if self.effect.harms else "no sure effect"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {
            **self.remedy.to_dict(),
            "rules": list(self.rules),
            "cost": self.cost,
            "effect": None if self.effect is None else asdict(self.effect),
            "verdict": self.verdict,
            "note": self.note,
        }


@dataclass(frozen=True)
class Fixes:
    """What came of the remedies that the findings of the doctor propose.

    Attributes
    ----------
    diagnosis : Diagnosis
        The findings.
    tried : tuple of Tried
        The remedies, the best first on the rows that choose among them.
    recommended : Tried or None
        The one to use: its cost on the rows that confirm is surely lower. None if no remedy helps.
    cost : float or None
        Of the settings as they are, fitted again, on the rows that confirm.
    own_cost : float or None
        Of the model itself there; None if it was trained on these rows.
    cost_name : str
    n_diverged : int
        In how many fits of the settings as they are training diverged; these count as the best constant.
    n_seeds : int
        How often each was fitted, from other initial weights and in another order of the rows.
    n_choosing, n_confirming : int
        Number of new rows that choose among the remedies, and of the others, that the costs are of.
    how : str
        Where the new rows come from.
    stopped : str
        Why fewer were tried than planned; empty if all were.
    """

    diagnosis: Diagnosis
    tried: tuple[Tried, ...] = ()
    recommended: Tried | None = None
    cost: float | None = None
    own_cost: float | None = None
    cost_name: str = ""
    n_diverged: int = 0
    n_seeds: int = 0
    n_choosing: int = 0
    n_confirming: int = 0
    how: str = ""
    stopped: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that are recommended, for ``model.set_params(**fixes.parameters)``; empty if there are none."""
        return dict(self.recommended.remedy.parameters) if self.recommended is not None else {}

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, with that of the diagnosis."""
        return {**self.diagnosis.to_dict(), "fixes": self.own_dict()}

    def own_dict(self) -> dict[str, Any]:
        """Return the record as plain data, without the diagnosis."""
        return {
            "tried": [each.to_dict() for each in self.tried],
            "recommended": None if self.recommended is None else self.recommended.to_dict(),
            "cost": self.cost,
            "own_cost": self.own_cost,
            "cost_name": self.cost_name,
            "n_diverged": self.n_diverged,
            "n_seeds": self.n_seeds,
            "n_choosing": self.n_choosing,
            "n_confirming": self.n_confirming,
            "how": self.how,
            "stopped": self.stopped,
        }

    def to_text(self) -> str:
        """Return the findings and what came of the remedies as text."""
        return f"{self.diagnosis.to_text()}\n\n{self.own_text()}"

    def own_text(self) -> str:
        """Return what came of the remedies as text."""
        lines = wrap(visible(self.opening), WIDTH)
        if self.tried:
            lines += ["", *_aligned([HEADS, *map(_cells, self.tried[:MOST_SHOWN])])]
            if len(self.tried) > MOST_SHOWN:
                lines.append(f"and {len(self.tried) - MOST_SHOWN} more that did no better")
            lines += ["", *wrap(visible(self.verdict), WIDTH, break_long_words=False)]
        return "\n".join(lines)

    def to_html(self) -> str:
        """Return the findings and what came of the remedies as a fragment of HTML."""
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(visible(cell))}</td>" for cell in _cells(each, WIDTH)) + "</tr>"
            for each in self.tried
        )
        heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if self.tried else ""
        verdict = f"<p><b>{escape(visible(self.verdict))}</b></p>" if self.tried else ""
        own = f'<section class="glassnet-fixes"><p>{escape(visible(self.opening))}</p>{table}{verdict}</section>'
        return self.diagnosis.to_html() + own

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return self.to_text()

    @property
    def opening(self) -> str:
        """What was compared, in sentences."""
        if not self.tried:
            return f"No fix was tried: {self.stopped or 'no finding has one that is a change of settings.'}"
        fixes = "1 fix was" if len(self.tried) == 1 else f"{len(self.tried)} fixes were"
        sentences = [
            f"{fixes} tried, each fitted {self.n_seeds} times with other seeds.",
            self.how,
            f"{self.n_choosing:,} of the new rows choose among the fixes, and the costs ({_name(self.cost_name)}) are of "
            f"the {self.n_confirming:,} others.",
            f"The settings as they are cost {digits(self.cost or 0.0)} there.",
        ]
        if self.n_diverged:
            sentences.append(
                f"In {self.n_diverged} of {self.n_seeds} fits they diverge, which counts as the best constant answer."
            )
        if self.own_cost is not None:
            sentences.append(f"This model itself costs {digits(self.own_cost)}.")
        return " ".join([*sentences, self.stopped]).strip()

    @property
    def verdict(self) -> str:
        """What to do, in a sentence."""
        best = self.recommended
        if best is not None and best.effect is not None:
            change, low, high = (percent(abs(min(each, 0.0))) for each in _in_order(best.effect))
            return (
                f"Use this: {_pasted(best.remedy)}. The cost on new rows falls by {change} ({low} to {high}); all "
                f"intervals hold together with 95%."
            )
        first = next((each for each in self.tried if each.effect is not None and not each.remedy.is_repetition), None)
        if first is None or first.effect is None:
            return "None of them helps measurably."
        return (
            f"None of them helps measurably. The best one, {first.remedy.words}, changes the cost by "
            f"{_signed(first.effect.change)} ({_signed(first.effect.low)} to {_signed(first.effect.high)}), which "
            f"{'is no improvement' if first.effect.change >= 0 else 'may be chance'}: more new rows or more seeds "
            f"could tell more."
        )


HEADS = ("change", "cost", "change of the cost", "")


def _name(cost: str) -> str:
    return cost.replace("_", " ")


def _pasted(remedy: Remedy) -> str:
    """Return what a user has to do, as Python."""
    parts = [f"model.set_params({remedy.assignments})"] if remedy.parameters else []
    if remedy.drop:
        parts.append(f"X without {' and '.join(map(repr, remedy.drop))}")
    return " and ".join(parts) if parts else "model.fit(X, y) again, with another random_state"


def _cells(each: Tried, width: int = WIDEST_CHANGE) -> tuple[str, str, str, str]:
    words = each.remedy.words
    words = words if len(words) <= width else f"{words[: width - 1]}…"
    cost = "" if each.cost is None else digits(each.cost)
    effect = each.effect
    if effect is None:
        return words, cost, "", each.verdict
    change = f"{_signed(effect.change)} ({_signed(effect.low)} to {_signed(effect.high)})"
    return words, cost, change, each.verdict


def _signed(share: float) -> str:
    """Return a change as text, such as "-12%" and "+3.1%"; beyond tenfold as "x 25"."""
    if share > 9:
        return f"x {digits(1 + share)}"
    return f"{'+' if share >= 0 else '-'}{percent(abs(share))}"


def _in_order(effect: Effect) -> tuple[float, float, float]:
    """Return the change, and the ends of the interval, the smaller fall first."""
    return effect.change, effect.high, effect.low


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
