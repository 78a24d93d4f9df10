"""`try_fixes`: refit a model with each remedy that its diagnosis proposes, and measure what helps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.split import split
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.from_model import is_foreign, subject_of
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.subject import Subject
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.inputs import n_rows, precision_of, read_X, take
from glassnet.remedies.effect import ALPHA, LogRatio, effects_of, log_ratio
from glassnet.remedies.fixes import Fixes, Tried
from glassnet.remedies.trainers import ForeignTrainer, OurTrainer, Trainer, constant_losses, part_of
from glassnet.settings.kinds import WHOLE
from glassnet.typing import Array

FEWEST_SEEDS = 3
FEWEST_TO_REPORT = 2  # seeds after Ctrl-C
FEWEST_NEW = 40  # rows
MOST_NEW = 20_000
HELD_OUT = 0.25
ROUNDS, PARTNERS = 2, 3  # of joining what helps, and how many are tried in each


def try_fixes(
    model: Any,
    X: Any,
    y: Any,
    *,
    validation: tuple[Any, Any] | None = None,
    seeds: int = 5,
    out_of_fold: Any = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int], Any] | None = None,
) -> Fixes:
    """Diagnose a model, refit it with each remedy of its findings, and measure which ones help.

    Advice is cheap; this is the evidence. The settings as they are and each remedy are fitted to the same rows with the
    same seeds, side by side, and compared on rows that none of them was trained on. One half of these rows ranks the
    remedies, and those that help are joined; the other half, which has chosen nothing, says by how much the cost
    changes. A remedy is recommended only if its interval there is below 0.

    Parameters
    ----------
    model : GlassClassifier, GlassRegressor, or MLPClassifier or MLPRegressor of scikit-learn
        Fitted, and not an ensemble. It is not changed.
    X, y
        The rows of training and their targets.
    validation : (X, y), optional
        Rows that the model was not trained on, at least 40. By default, a quarter of X is held out of the refits; then
        nothing can be said of the model itself, which was trained on it.
    seeds : int
        How often each is fitted, at least 3; more find smaller effects.
    out_of_fold : OutOfFold, optional
        As for `diagnose`.
    n_jobs : int, optional
        Number of fits at a time; by default one per core. The result does not depend on it.
    progress : callable, optional
        Called with the number of finished fits, and of those that are planned so far.

    Returns
    -------
    Fixes
        ``.recommended``, ``.parameters``, ``.tried``, ``.diagnosis``; printing it shows the text.

    Raises
    ------
    ParameterError
        If the model has no settings, there are too few new rows, or as by `diagnose`.
    TrainingInterrupted
        On Ctrl-C after the fits of two seeds; ``result`` is what they say.

    Notes
    -----
    The effect is the ratio of two mean losses, and its interval covers the rows that it is judged on and the seeds, as
    `glassnet.remedies.effect.log_ratio` explains. It is corrected for the number of remedies (Holm 1979). The rows of
    training are given, so it does not say what other ones would have brought. Where the settings as they are diverge,
    their cost counts as that of the best constant, so that the effect is at least what is said. Sample weights are not
    known here.

    Examples
    --------
    Six epochs are too few for this learning rate:

    >>> import glassnet as gn
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> slow = gn.GlassClassifier((8,), preset="plain", learning_rate_init=1e-5, max_iter=6, random_state=0)
    >>> fixes = gn.try_fixes(slow.fit(X[::2], y[::2]), X[::2], y[::2], validation=(X[1::2], y[1::2]), seeds=3)
    >>> fixes.recommended.effect.high < 0
    True
    >>> slow.set_params(**fixes.parameters).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.8
    True
    """
    if isinstance(model, Network):
        raise ParameterError(
            "a Network has no settings to change; pass a fitted GlassClassifier, GlassRegressor, or an MLP of "
            "scikit-learn."
        )
    if WHOLE.check("seeds", seeds) < FEWEST_SEEDS:
        raise ParameterError(f"seeds={seeds} must be at least {FEWEST_SEEDS}; 5 is usual.")
    subject = subject_of(model, X, y, validation, None, out_of_fold)
    diagnosis = checked(subject)
    proposed = _proposed(diagnosis)
    if not proposed:
        return Fixes(diagnosis)
    judge, trainer, how = _judge(model, X, y, validation, subject, n_jobs)
    refused = [Tried(remedy, rules, None, None, None, trainer.refusal(remedy)) for remedy, rules in proposed]
    trials = [_Trial(each.remedy, each.rules) for each in refused if not each.note and not each.remedy.is_repetition]
    search = _Search(judge, trainer, [_Trial(Remedy(), _rules_of(proposed)), *trials], progress)
    own = trainer.losses(model) if validation is not None else None
    own_cost = None if own is None else float(own[judge.confirming].mean())
    if own is None and validation is not None:  # no finite answer is worth no more than a constant one
        own = judge.constant
    interrupted = ""
    try:
        search.fit(range(seeds))
    except KeyboardInterrupt:
        if search.n_seeds < FEWEST_TO_REPORT:
            raise
        interrupted = f"interrupted after {search.n_seeds} of {seeds} seeds"
    tried, best = search.judged(own)
    if not interrupted:
        try:
            tried, best = search.joined(tried, best, own)
        except KeyboardInterrupt:
            interrupted = "interrupted while what helps was joined"
    fixes = Fixes(
        diagnosis,
        tuple([*tried, *(each for each in refused if each.note)]),
        best,
        cost=search.cost(search.base),
        own_cost=own_cost,
        n_diverged=search.base.n_diverged,
        cost_name=subject.cost.name,
        n_seeds=search.n_seeds,
        n_choosing=len(judge.choosing),
        n_confirming=len(judge.confirming),
        how=how,
        stopped=f"{interrupted[:1].upper()}{interrupted[1:]}." if interrupted else "",
    )
    if interrupted:
        raise TrainingInterrupted(interrupted, fixes)
    return fixes


def _proposed(diagnosis: Diagnosis) -> list[tuple[Remedy, tuple[str, ...]]]:
    """Return the remedies of all findings, each once, with the rules that propose it."""
    remedies: dict[str, Remedy] = {}
    rules: dict[str, list[str]] = {}
    for finding in diagnosis.findings:
        for remedy in finding.remedies:
            remedies.setdefault(remedy.key, remedy)
            rules.setdefault(remedy.key, []).append(finding.rule)
    return [(remedy, tuple(dict.fromkeys(rules[key]))) for key, remedy in remedies.items()]


def _rules_of(proposed: Sequence[tuple[Remedy, tuple[str, ...]]]) -> tuple[str, ...]:
    return next((rules for remedy, rules in proposed if remedy.is_repetition), ())


# The rows.


@dataclass(frozen=True, eq=False)
class _Judge:
    """The new rows: which choose, which confirm, and what a constant costs in each."""

    choosing: Array
    confirming: Array
    constant: Array


def _judge(
    model: Any, X: Any, y: Any, validation: tuple[Any, Any] | None, subject: Subject, n_jobs: int | None
) -> tuple[_Judge, Trainer, str]:
    """Return the new rows, what fits the remedies, and where the rows come from."""
    foreign, precision = is_foreign(model), precision_of(X)
    inputs, target = _read(model, X, y, foreign)
    take_rows = part_of if foreign else take
    if validation is None:
        known, held = _halves(target, subject, 1 - HELD_OUT)
        new, new_target = take_rows(inputs, held), target[held]
        inputs, target = take_rows(inputs, known), target[known]
        how = f"They were fitted to {len(known):,} of the rows; the {len(held):,} others are new to them."
    else:
        new, new_target = _read(model, *validation, foreign)
        how = "They were fitted to all rows of training."
    if len(new_target) > MOST_NEW:
        some = np.sort(np.random.default_rng(0).permutation(len(new_target))[:MOST_NEW])
        new, new_target = take_rows(new, some), new_target[some]
    if len(new_target) < FEWEST_NEW:
        raise ParameterError(
            f"fixes are compared on new rows, and {len(new_target)} are too few to tell them apart; at least "
            f"{FEWEST_NEW} were expected: pass more as validation=(X, y)."
        )
    judged = subject_of(model, inputs, target, (new, new_target), None, None)
    assert judged.new_rows is not None
    constant = constant_losses(judged, judged.new_rows)
    if constant is None:
        raise ParameterError("the targets of the new rows are too large for a finite cost; scale them down.")
    choosing, confirming = _halves(new_target, subject, 0.5)
    pair = (new, new_target)
    trainer: Trainer = (
        ForeignTrainer(model, inputs, target, pair, n_jobs)
        if foreign
        else OurTrainer(model, inputs, target, pair, precision=precision, n_jobs=n_jobs)
    )
    return _Judge(choosing, confirming, constant), trainer, how


def _read(model: Any, X: Any, y: Any, foreign: bool) -> tuple[Any, Array]:
    if foreign:
        return X, np.asarray(y)
    inputs = model._columns_of(read_X(model, X, reset=False))
    return inputs, model._read_y(y, n_rows(inputs), again=True)


def _halves(target: Array, subject: Subject, share: float) -> tuple[Array, Array]:
    """Return two parts of the rows, drawn at random, with equal shares of the classes."""
    by_class = target if subject.classes and target.ndim == 1 else False
    parts = split(len(target), fractions=(share, 0, 1 - share), stratify=by_class, seed=0)
    return parts.train, parts.test


# The fits.


@dataclass(eq=False)
class _Trial:
    """A remedy, and the losses of the new rows after each of its fits; None where training diverged."""

    remedy: Remedy
    rules: tuple[str, ...]
    losses: list[Array | None] = field(default_factory=list)

    @property
    def n_diverged(self) -> int:
        return sum(each is None for each in self.losses)


class _Search:
    """Fits remedies and compares them; the first one changes nothing."""

    def __init__(
        self, judge: _Judge, trainer: Trainer, trials: list[_Trial], progress: Callable[[int, int], Any] | None
    ) -> None:
        self._judge, self._trainer, self._progress = judge, trainer, progress
        self.base, self._trials = trials[0], trials
        self.n_seeds, self._n_done, self._n_planned = 0, 0, 0

    def fit(self, seeds: Sequence[int], trials: list[_Trial] | None = None) -> None:
        """Fit remedies with each seed, by default all of them."""
        trials = self._trials if trials is None else trials
        self._n_planned += len(trials) * len(seeds)
        for seed in seeds:
            models = self._trainer.fitted([each.remedy for each in trials], seed, self._tell)
            found = [None if model is None else self._trainer.losses(model) for model in models]
            for each, losses in zip(trials, found, strict=True):
                each.losses.append(losses)
            self._n_done += len(trials)
            self.n_seeds = max(self.n_seeds, len(trials[0].losses))

    def _tell(self, n_more: int) -> None:
        if self._progress is not None:
            self._progress(self._n_done + n_more, self._n_planned)

    def losses(self, trial: _Trial, rows: Array) -> Array:
        """Return the losses of some new rows, (n_seeds, n_rows); those of a constant where training diverged."""
        found = [self._judge.constant if each is None else each for each in trial.losses[: self.n_seeds]]
        return np.stack(found)[:, rows]

    def cost(self, trial: _Trial) -> float:
        """Return the mean loss of the rows that confirm."""
        return float(self.losses(trial, self._judge.confirming).mean())

    def judged(self, own: Array | None) -> tuple[list[Tried], Tried | None]:
        """Return what came of each remedy, the best first, and the one that is recommended."""
        sound = [each for each in self._trials[1:] if each.n_diverged == 0]
        ratios = [self._beside(each, self.base) for each in sound]
        again = self._beside_model(self.base, own)
        effects = effects_of(ratios if again is None else [*ratios, again], ROUNDS)
        tried = [
            Tried(each.remedy, each.rules, self.cost(each), effect, self._better(each))
            for each, effect in zip(sound, effects, strict=False)
        ]
        tried.sort(key=lambda each: each.better if each.better is not None else 0.0)
        if again is not None and self.base.n_diverged == 0:
            repeated = Tried(self.base.remedy, self.base.rules, self.cost(self.base), effects[-1], 0.0)
            place = next((k for k, each in enumerate(tried) if (each.better or 0.0) >= 0), len(tried))
            tried.insert(place, repeated)
        tried += [
            Tried(each.remedy, each.rules, None, None, None, f"diverged in {each.n_diverged} of {self.n_seeds} fits")
            for each in self._trials[1:]
            if each.n_diverged
        ]
        best = next((each for each in tried if each.helps and self._is_below(each, own)), None)
        return tried, best

    def joined(self, tried: list[Tried], best: Tried | None, own: Array | None) -> tuple[list[Tried], Tried | None]:
        """Join the best remedy with others, as long as that helps beyond the best one alone."""
        alpha = ALPHA / (len(tried) + ROUNDS)
        for _ in range(ROUNDS):
            if best is None or best.remedy.is_repetition:
                break
            now = self._trial_of(best)
            others = [each for each in tried if each is not best and each.better is not None and each.better < 0]
            pairs = [(best.remedy.joined(each.remedy), each) for each in others]
            made = [
                _Trial(both, tuple(dict.fromkeys((*best.rules, *each.rules))))
                for both, each in pairs
                if both is not None and not self._trainer.refusal(both)
            ][:PARTNERS]
            if not made:
                break
            self.fit(range(self.n_seeds), made)
            self._trials += made
            sound = [each for each in made if each.n_diverged == 0]
            first = min(sound, key=self._better, default=None)
            if first is None or self._better(first) >= self._better(now):
                break
            further = self._beside(first, now)
            if not (further.value < 0 and further.p_value < alpha):
                break
            effect = self._beside(first, self.base).effect(alpha, is_sure=True)
            best = Tried(first.remedy, first.rules, self.cost(first), effect, self._better(first))
            tried = [best, *tried]
            if not self._is_below(best, own):
                break
        return tried, best

    def _trial_of(self, tried: Tried) -> _Trial:
        return next(each for each in self._trials if each.remedy.key == tried.remedy.key)

    def _beside(self, trial: _Trial, other: _Trial) -> LogRatio:
        rows = self._judge.confirming
        return log_ratio(self.losses(trial, rows), self.losses(other, rows))

    def _beside_model(self, trial: _Trial, own: Array | None) -> LogRatio | None:
        """Compare refits with the model itself; None if the model says nothing of new rows."""
        if own is None:
            return None
        return log_ratio(self.losses(trial, self._judge.confirming), own[None, self._judge.confirming])

    def _better(self, trial: _Trial) -> float:
        """Return the change of the cost on the rows that choose."""
        rows = self._judge.choosing
        return float(self.losses(trial, rows).mean() / self.losses(self.base, rows).mean() - 1)

    def _is_below(self, tried: Tried, own: Array | None) -> bool:
        """Return whether the cost is also below that of the model itself."""
        return own is None or (tried.cost is not None and tried.cost < float(own[self._judge.confirming].mean()))
