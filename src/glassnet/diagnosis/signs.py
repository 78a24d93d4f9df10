"""`Signs`: which findings of a training have appeared, and which are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from glassnet.diagnosis.finding import LEVELS, Finding
from glassnet.diagnosis.formats.text import SIGNS
from glassnet.escaping import visible

SURE = 2  # looks in a row, after which a finding is told, and taken back

GONE = "✓"

Key: TypeAlias = tuple[str, str]
"""A rule, and the layer or other place without its units, which may become more."""


class Change(NamedTuple):
    """A finding that has appeared, has become worse, or is gone."""

    epoch: int  # at which it was first seen, or not any more
    finding: Finding
    is_gone: bool = False

    def in_words(self, name: str = "") -> str:
        """Return the change as a line; `name` stands before the epoch."""
        found, when = self.finding, f"{name}epoch {self.epoch:,}"
        if self.is_gone:
            return visible(f"{GONE} {when}: {found.rule} ({_place(found)}) is gone.")
        return visible(
            f"{SIGNS[found.level]} {when}: {found.rule} ({found.where}). {found.evidence} Next: {found.next}"
        )


@dataclass
class _Sign:
    """A finding that the last looks have seen."""

    finding: Finding
    first: int  # epoch
    n_seen: int = 0  # looks in a row
    n_missed: int = 0
    told: int | None = None  # index of the worst level that was told


class Signs:
    """Compares the findings of consecutive looks.

    A finding counts once `SURE` looks in a row have seen it, and is gone once so many have not; one that comes back
    needs twice as many each time, so that what hovers around a threshold is not told again and again. Notes are not
    told at all.
    """

    def __init__(self) -> None:
        self._signs: dict[Key, _Sign] = {}
        self._needed: dict[Key, int] = {}

    def see(self, findings: Sequence[Finding], epoch: int) -> list[Change]:
        """Return what the findings of a look change."""
        changes: list[Change] = []
        present = {(each.rule, _place(each)): each for each in reversed(findings) if each.level != "note"}
        for key, found in present.items():
            sign = self._signs.setdefault(key, _Sign(found, epoch))
            sign.finding, sign.n_seen, sign.n_missed = found, sign.n_seen + 1, 0
            level = LEVELS.index(found.level)
            if sign.told is None and sign.n_seen >= self._needed.setdefault(key, SURE):
                changes.append(Change(sign.first, found))
                sign.told = level
            elif sign.told is not None and level < sign.told:
                changes.append(Change(epoch, found))
                sign.told = level
        for key in [*self._signs.keys() - present.keys()]:
            sign = self._signs[key]
            sign.n_missed += 1
            if sign.told is None or sign.n_missed >= SURE:
                del self._signs[key]
            if sign.told is not None and sign.n_missed >= SURE:
                changes.append(Change(epoch, sign.finding, is_gone=True))
                self._needed[key] *= 2
        return changes


def _place(found: Finding) -> str:
    return found.where.partition(",")[0]
