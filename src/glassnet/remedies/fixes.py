"""`Fixes`: which remedies were tried, and by how much each changed the cost on new rows."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from textwrap import wrap
from typing import Any

from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.formats.text import WIDTH
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.words import digits, percent
from glassnet.escaping import visible
from glassnet.remedies.effect import Effect

TITLE = "Fixes that were tried"
NONE_PROPOSED = "no finding proposes one, and the settings are the default ones."
MOST_NAMED = 6
WIDEST_CHANGE = 36


@dataclass(frozen=True)
class Tried:
    """A remedy that was tried.

    Attributes
    ----------
    remedy : Remedy
    rules : tuple of str
        The rules that propose it.
    better : float or None
        By how much the cost changed on the rows that choose, a share; None if it has not been compared there.
    cost : float or None
        Its cost on the rows that confirm, a mean over rows and seeds; None if it was not among the best.
    effect : Effect or None
        Its effect there, beside the settings as they are; of these, fitted again, beside the model itself.
    note : str
        Why it could not be compared.
    """

    remedy: Remedy
    rules: tuple[str, ...]
    better: float | None = None
    cost: float | None = None
    effect: Effect | None = None
    note: str = ""

    @property
    def helps(self) -> bool:
        """Whether the cost on new rows is surely lower."""
        return self.effect is not None and self.effect.helps

    @property
    def verdict(self) -> str:
        """What came of it, in a word or two."""
        if self.effect is None:
            return self.note or "not among the best"
        return "helps" if self.effect.helps else "harms" if self.effect.harms else "no sure effect"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {
            **self.remedy.to_dict(),
            "rules": list(self.rules),
            "change_where_chosen": self.better,
            "cost": self.cost,
            "effect": None if self.effect is None else asdict(self.effect),
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Fixes:
    """What came of the remedies that the findings of the doctor propose.

    Attributes
    ----------
    diagnosis : Diagnosis
        The findings.
    tried : tuple of Tried
        The remedies: first those that were judged on the rows that confirm, then the others.
    recommended : Tried or None
        The one to use: its cost on the rows that confirm is surely lower. None if no remedy helps.
    cost : float or None
        Of the settings as they are, fitted again, on the rows that confirm.
    own_cost : float or None
        Of the model itself there; None if it was trained on these rows, or has no finite answer.
    cost_name : str
    n_diverged : int
        In how many fits of the settings as they are training diverged; these count as the best constant.
    n_seeds : int
        How often the best ones were fitted to confirm them.
    n_choosing, n_confirming : int
        Number of new rows that choose among the remedies, and of the others, that confirm the best.
    how : str
        Where the new rows come from.
    stopped : str
        Why there is less than planned; empty if nothing is missing.
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
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C ended it before its end."""
        return bool(self.stopped and self.tried)

    @property
    def parameters(self) -> dict[str, Any]:
        """The recommended parameters, for ``model.set_params(**fixes.parameters)``; empty if there are none."""
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

    def own_text(self, words: "Words | None" = None) -> str:
        """Return what came of the remedies as text; `words` are those of another interface than Python."""
        words = words or Words()
        lines = wrap(visible(self.opening), WIDTH)
        if self.tried:
            if self.judged:
                lines += ["", *_aligned([HEADS, *(_cells(each, words) for each in self.judged)])]
            if others := self._others(words):
                lines += ["", *wrap(visible(others), WIDTH, break_long_words=False)]
            lines += ["", *wrap(visible(self._verdict(words)), WIDTH, break_long_words=False)]
        return "\n".join(lines)

    def to_html(self, *, notes: Sequence[str] = (), fragment: bool = False, words: "Words | None" = None) -> str:
        """Return the findings and what came of the remedies as an HTML page; see `Diagnosis.to_html`."""
        words = words or Words()
        lines = [self.opening, *([self._others(words)] if self._others(words) else [])]
        first, *others = [f"<p>{escape(visible(line))}</p>" for line in lines]
        if self.tried:
            others.append(f"<p><strong>{escape(visible(self._verdict(words)))}</strong></p>")
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(visible(cell))}</td>" for cell in _cells(each, words, 10 * WIDTH)) + "</tr>"
            for each in self.judged
        )
        heads = "".join(f"<th>{escape(head)}</th>" for head in HEADS)
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        own = f'\n<section class="fixes"><h2>{TITLE}</h2>{first}{table}{"".join(others)}</section>'
        return self.diagnosis.to_html(notes=notes, fragment=fragment, further=own)

    def _repr_html_(self) -> str:
        return self.to_html(fragment=True)

    def __repr__(self) -> str:
        return self.to_text()

    @property
    def opening(self) -> str:
        """What was compared, in sentences."""
        if not self.tried:
            return f"No fix was tried: {self.stopped or NONE_PROPOSED}"
        n, judged = len(self.tried), self.judged
        sentences = [
            f"{'1 fix was' if n == 1 else f'{n} fixes were'} tried, and compared on {self.n_choosing:,} new rows.",
            self.how,
        ]
        if judged:
            sentences += [
                f"What follows was fitted {self.n_seeds} times with other seeds, and judged on {self.n_confirming:,} "
                f"other new rows, which had chosen nothing. There, the cost ({self.cost_name.replace('_', ' ')}) of "
                f"the settings as they are is {digits(self.cost or 0.0)}"
                + ("." if self.own_cost is None else f", and that of this model itself {digits(self.own_cost)}."),
            ]
        if self.n_diverged:
            sentences.append(
                f"In {self.n_diverged} of {self.n_seeds} fits they diverge, which counts as the best constant answer."
            )
        return " ".join([*sentences, self.stopped]).strip()

    @property
    def judged(self) -> tuple[Tried, ...]:
        """Those with an effect."""
        return tuple(each for each in self.tried if each.effect is not None)

    def _others(self, words: "Words") -> str:
        others = [each for each in self.tried if each.effect is None]
        if not others:
            return ""
        named = [
            f"{words.change(each.remedy)} ({_signed(each.better) if each.better is not None else each.note})"
            for each in others[:MOST_NAMED]
        ]
        more = f", and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        return f"Not among the best where they were compared: {'; '.join(named)}{more}."

    @property
    def verdict(self) -> str:
        """What to do, in a sentence."""
        return self._verdict(Words())

    def _verdict(self, words: "Words") -> str:
        best = self.recommended
        if best is not None and best.effect is not None:
            change, low, high = (percent(abs(min(each, 0.0))) for each in _in_order(best.effect))
            return (
                f"Use this: {words.pasted(best.remedy)}. The cost on new rows falls by {change} ({low} to {high}); all "
                f"intervals hold together with 95%."
            )
        first = next((each for each in self.judged if not each.remedy.is_repetition), None)
        if first is None or first.effect is None:
            return "Nothing is confirmed yet." if self.stopped else "None of them helps measurably."
        return (
            f"None of them helps measurably. The best one, {words.change(first.remedy)}, changes the cost by "
            f"{_signed(first.effect.change)} ({_signed(first.effect.low)} to {_signed(first.effect.high)}), which "
            f"{'is no improvement' if first.effect.change >= 0 else 'may be chance'}: more new rows or more seeds "
            f"could tell more."
        )


HEADS = ("fix", "cost", "change of the cost", "verdict")


@dataclass(frozen=True)
class Words:
    """How an interface names a change, and how it is made; by default Python.

    Attributes
    ----------
    change, pasted : callable
        From a `Remedy` to text.
    """

    change: Callable[[Remedy], str] = lambda remedy: remedy.words
    pasted: Callable[[Remedy], str] = lambda remedy: _pasted(remedy)


def _pasted(remedy: Remedy) -> str:
    """Return what a user has to do, as Python."""
    parts = [f"model.set_params({remedy.assignments})"] if remedy.parameters else []
    if remedy.drop:
        parts.append(f"X without {' and '.join(map(repr, remedy.drop))}")
    return " and ".join(parts) if parts else "model.fit(X, y) again, with another random_state"


def _cells(each: Tried, words: Words, width: int = WIDEST_CHANGE) -> tuple[str, str, str, str]:
    change = words.change(each.remedy)
    change = change if len(change) <= width else f"{change[: width - 1]}…"
    cost = "" if each.cost is None else digits(each.cost)
    effect = each.effect
    if effect is None:
        return change, cost, "", each.verdict
    by = f"{_signed(effect.change)} ({_signed(effect.low)} to {_signed(effect.high)})"
    return change, cost, by, each.verdict


def _signed(share: float) -> str:
    """Return a change as text; one beyond tenfold is given as a factor.

    >>> _signed(-0.123), _signed(0.031), _signed(1.268), _signed(24.0)
    ('-12%', '+3.1%', '+127%', 'x 25')
    """
    if share > 9:
        return f"x {digits(1 + share)}"
    if share > 1:
        return f"+{100 * share:.0f}%"
    return f"{'+' if share >= 0 else '-'}{percent(abs(share))}"


def _in_order(effect: Effect) -> tuple[float, float, float]:
    """Return the change, and the ends of the interval, the smaller fall first."""
    return effect.change, effect.high, effect.low


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
