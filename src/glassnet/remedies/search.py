"""`Search`: choose among remedies with some rows and seeds, and confirm the best with others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.diagnosis.remedy import Remedy
from glassnet.remedies.effect import effects_of, log_ratio
from glassnet.remedies.fixes import Tried
from glassnet.remedies.trainers import Trainer
from glassnet.typing import Array

FEWEST_TO_REPORT = 2  # seeds that confirm, after Ctrl-C
CHOOSING_SEEDS = 2
FINALISTS = 3
ROUNDS, PARTNERS = 2, 3  # of joining what seems to help, and how many are tried in each


@dataclass(frozen=True, eq=False)
class Judge:
    """The new rows: which choose, which confirm, and what a constant costs in each."""

    choosing: Array
    confirming: Array
    constant: Array


@dataclass(eq=False)
class Trial:
    """A remedy, and the losses of the new rows after each of its fits; None where training diverged.

    `choosing` are of the seeds that choose, `confirming` of those that confirm.
    """

    remedy: Remedy
    rules: tuple[str, ...]
    choosing: list[Array | None] = field(default_factory=list)
    confirming: list[Array | None] = field(default_factory=list)

    @property
    def n_diverged(self) -> int:
        """In how many of its fits training diverged."""
        return sum(each is None for each in (*self.choosing, *self.confirming))


class Search:
    """Chooses among remedies, and confirms the best beside the settings as they are."""

    def __init__(
        self,
        judge: Judge,
        trainer: Trainer,
        trials: list[Trial],
        rules_of_base: tuple[str, ...],
        own: Array | None,
        progress: Callable[[int, int], Any] | None,
    ) -> None:
        self._judge, self._trainer, self._own, self._progress = judge, trainer, own, progress
        self._base, self._trials = Trial(Remedy(), rules_of_base), trials
        self._finalists: list[Trial] = []
        self._n_done, self._n_planned = 0, 0

    @property
    def has_nothing(self) -> bool:
        """Whether there is nothing to tell yet."""
        return not self._base.choosing

    @property
    def _is_proposed(self) -> bool:
        """Whether another fit of the settings as they are is a remedy itself."""
        return len(self._base.rules) > 0

    @property
    def n_seeds(self) -> int:
        """Number of seeds that confirm, so far."""
        return len(self._base.confirming)

    @property
    def n_diverged(self) -> int:
        """In how many of these the settings as they are diverged."""
        return sum(each is None for each in self._base.confirming)

    def choose(self, n_seeds: int) -> None:
        """Fit all with the seeds that choose, join what seems to help, and keep the best as finalists."""
        self._n_planned = (len(self._trials) + 1) * CHOOSING_SEEDS + (FINALISTS + 1) * n_seeds
        self._fit([self._base, *self._trials], range(CHOOSING_SEEDS), "choosing")
        for _ in range(ROUNDS):
            if not self._join():
                break
        self._finalists = self._ranked()[:FINALISTS]

    def _ranked(self) -> list[Trial]:
        """Return what seems to help, the best first."""
        sound = [each for each in self._trials if each.n_diverged == 0 and each.choosing and self._change(each) < 0]
        return sorted(sound, key=self._change)

    def _join(self) -> bool:
        """Join the best remedy with others that seem to help; return whether one is better than the best alone."""
        ranked = self._ranked()
        if not ranked:
            return False
        best, *others = ranked
        known = {each.remedy.key for each in self._trials}
        made = []
        for each in others:
            both = best.remedy.joined(each.remedy)
            if both is not None and both.key not in known and not self._trainer.refusal(both):
                made.append(Trial(both, tuple(dict.fromkeys((*best.rules, *each.rules)))))
        made = made[:PARTNERS]
        self._n_planned += len(made) * CHOOSING_SEEDS
        self._fit(made, range(CHOOSING_SEEDS), "choosing")
        self._trials += made
        return bool(made) and self._ranked()[0] is not best

    def confirm(self, n_seeds: int) -> None:
        """Fit the finalists with other seeds than those that chose them."""
        self._fit([self._base, *self._finalists], range(CHOOSING_SEEDS, CHOOSING_SEEDS + n_seeds), "confirming")

    def _fit(self, trials: list[Trial], seeds: Sequence[int], stage: str) -> None:
        for seed in seeds if trials else ():
            models = self._trainer.fitted([each.remedy for each in trials], seed, self._tell)
            found = [None if model is None else self._trainer.losses(model) for model in models]
            for each, losses in zip(trials, found, strict=True):
                getattr(each, stage).append(losses)
            self._n_done += len(trials)

    def _tell(self, n_more: int) -> None:
        if self._progress is not None:
            self._progress(self._n_done + n_more, self._n_planned)

    # What came of it.

    def outcome(self) -> tuple[list[Tried], Tried | None]:
        """Return what came of each remedy, the best first, and the one that is recommended."""
        is_judged = self.n_seeds >= FEWEST_TO_REPORT
        judged = [each for each in self._finalists if is_judged and each.n_diverged == 0]
        ratios = [log_ratio(self._confirming(each), self._confirming(self._base)) for each in judged]
        judges_again = is_judged and self._own is not None and self._is_proposed and self.n_diverged == 0
        if judges_again:
            assert self._own is not None
            ratios.append(log_ratio(self._confirming(self._base), self._own[None, self._judge.confirming]))
        effects = effects_of(ratios)
        tried = [
            Tried(each.remedy, each.rules, self._change(each), self._cost(each), effect)
            for each, effect in zip(judged, effects, strict=False)
        ]
        best = next((each for each in tried if each.helps and self._is_below_own(each)), None)
        if judges_again:
            again = Tried(self._base.remedy, self._base.rules, None, self._cost(self._base), effects[-1])
            tried.append(again)
            best = again if best is None and again.helps else best
        others = [each for each in self._trials if each not in judged and each.choosing]
        others.sort(key=lambda each: (each.n_diverged > 0, self._change(each)))
        return [*tried, *map(self._unjudged, others)], best

    def _unjudged(self, trial: Trial) -> Tried:
        if trial.n_diverged == 0:
            return Tried(trial.remedy, trial.rules, self._change(trial))
        n_fits = len(trial.choosing) + len(trial.confirming)
        return Tried(trial.remedy, trial.rules, note=f"diverged in {trial.n_diverged} of {n_fits} fits")

    def cost_of_base(self) -> float | None:
        """Return the cost of the settings as they are, on the rows that confirm."""
        return self._cost(self._base) if self.n_seeds else None

    def _losses(self, found: Sequence[Array | None], rows: Array) -> Array:
        """Return the losses of some new rows, (n_seeds, n_rows); those of a constant where training diverged."""
        return np.stack([self._judge.constant if each is None else each for each in found])[:, rows]

    def _confirming(self, trial: Trial) -> Array:
        return self._losses(trial.confirming, self._judge.confirming)

    def _cost(self, trial: Trial) -> float:
        return float(self._confirming(trial).mean())

    def _change(self, trial: Trial) -> float:
        """Return the change of the cost on the rows that choose, with the seeds that choose."""
        n, rows = len(trial.choosing), self._judge.choosing
        base = self._losses(self._base.choosing[:n], rows).mean()
        return float(self._losses(trial.choosing, rows).mean() / base - 1)

    def _is_below_own(self, tried: Tried) -> bool:
        """Return whether the cost is also below that of the model itself."""
        return self._own is None or float(tried.cost or 0.0) < float(self._own[self._judge.confirming].mean())
