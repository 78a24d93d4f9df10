"""`try_fixes`: refit a model with each remedy that its diagnosis proposes, and measure what helps."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.split import split
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.from_model import is_foreign, subject_of
from glassnet.diagnosis.remedies import usual_settings
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.stacks import is_stack
from glassnet.diagnosis.subject import Subject
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.inputs import n_rows, precision_of, read_X, take
from glassnet.remedies.fixes import Fixes, Tried
from glassnet.remedies.search import FEWEST_TO_REPORT, Judge, Search, Trial
from glassnet.remedies.trainers import ForeignTrainer, OurTrainer, Trainer, constant_losses, part_of
from glassnet.settings.kinds import WHOLE
from glassnet.typing import Array

FEWEST_SEEDS = 3
FEWEST_NEW = 40  # rows
MOST_NEW = 20_000
HELD_OUT, CHOOSING = 0.25, 1 / 3  # shares of the rows, and of the new ones
ONLY_AGAIN = "the only one is to fit again, which new rows can judge; pass some as validation=(X, y)."


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
    same two seeds, side by side, and compared on a third of the rows that none of them was trained on. What seems to
    help is joined. The best three are then fitted with other seeds and judged on the other rows, so that neither the
    rows nor the seeds that chose them confirm them. A remedy is recommended only if its interval there is below 0.
    Besides what the findings propose, the default settings are tried.

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
        How often the best ones are fitted to confirm them, at least 3; more find smaller effects.
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
        On Ctrl-C; ``result`` is what was found so far. Before there is anything, a plain KeyboardInterrupt.

    Notes
    -----
    The effect is the ratio of two mean losses, and its interval covers the rows that it is judged on and the seeds, as
    `glassnet.remedies.effect.log_ratio` explains. It is corrected for the number of those judged (Holm 1979). The rows
    of training are given, so it does not say what other ones would have brought. Where the settings as they are
    diverge, their cost counts as that of the best constant, so that the effect is at least what is said. Sample weights
    are not known here.

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
    if isinstance(model, Network) or is_stack(model):
        raise ParameterError(
            f"a {type(model).__name__} has no settings to change; pass a fitted GlassClassifier, "
            f"GlassRegressor, or an MLP of scikit-learn."
        )
    if X is None:
        raise ParameterError("fixes are fitted to the rows of training, but there are none; pass X and y.")
    if WHOLE.check("seeds", seeds) < FEWEST_SEEDS:
        raise ParameterError(f"seeds={seeds} must be at least {FEWEST_SEEDS}; 5 is usual.")
    subject = subject_of(model, X, y, validation, None, out_of_fold)
    diagnosis = checked(subject)
    proposed = _proposed(diagnosis, usual_settings(subject))
    if not proposed:
        return Fixes(diagnosis)
    if validation is None and all(remedy.is_repetition for remedy, _ in proposed):
        return Fixes(diagnosis, stopped=ONLY_AGAIN)
    judge, trainer, how = _judge(model, X, y, validation, subject, n_jobs)
    possible, refused = [], []
    for remedy, rules in proposed:
        reason = trainer.refusal(remedy)
        if reason:
            refused.append(Tried(remedy, rules, note=reason))
        elif not remedy.is_repetition:
            possible.append(Trial(remedy, rules))
    own = trainer.losses(model) if validation is not None else None
    own_cost = None if own is None else float(own[judge.confirming].mean())
    if own is None and validation is not None:  # no finite answer is worth no more than a constant one
        own = judge.constant
    again = next((rules for remedy, rules in proposed if remedy.is_repetition), ())
    search = Search(judge, trainer, possible, again, own, progress)
    stopped = ""
    try:
        search.choose(seeds)
        search.confirm(seeds)
    except KeyboardInterrupt:
        if search.has_nothing:
            raise KeyboardInterrupt from None  # not that of the fits, whose result is theirs
        stopped = (
            f"Interrupted after {search.n_seeds} of {seeds} seeds that confirm."
            if search.n_seeds >= FEWEST_TO_REPORT
            else "Interrupted before anything was confirmed."
        )
    tried, best = search.outcome()
    fixes = Fixes(
        diagnosis,
        (*tried, *refused),
        best,
        cost=search.cost_of_base(),
        own_cost=own_cost,
        cost_name=subject.cost.name,
        n_diverged=search.n_diverged,
        n_seeds=search.n_seeds,
        n_choosing=len(judge.choosing),
        n_confirming=len(judge.confirming),
        how=how,
        stopped=stopped,
    )
    if stopped:
        raise TrainingInterrupted(stopped[:1].lower() + stopped[1:-1], fixes)
    return fixes


def _proposed(diagnosis: Diagnosis, others: Sequence[Remedy]) -> list[tuple[Remedy, tuple[str, ...]]]:
    """Return the remedies of all findings, each once, with the rules that propose it, and others."""
    remedies: dict[str, Remedy] = {}
    rules: dict[str, list[str]] = {}
    for finding in diagnosis.findings:
        for remedy in finding.remedies:
            remedies.setdefault(remedy.key, remedy)
            rules.setdefault(remedy.key, []).append(finding.rule)
    for remedy in others:
        remedies.setdefault(remedy.key, remedy)
        rules.setdefault(remedy.key, [])
    return [(remedy, tuple(dict.fromkeys(rules[key]))) for key, remedy in remedies.items()]


# The rows.


def _judge(
    model: Any, X: Any, y: Any, validation: tuple[Any, Any] | None, subject: Subject, n_jobs: int | None
) -> tuple[Judge, Trainer, str]:
    """Return the new rows, what fits the remedies, and where the rows come from."""
    foreign, precision = is_foreign(model), precision_of(X)
    inputs, target = _read(model, X, y, foreign)
    take_rows = part_of if foreign else take
    if validation is None:
        known, held = _parts(target, subject, 1 - HELD_OUT)
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
    choosing, confirming = _parts(new_target, subject, CHOOSING)
    pair = (new, new_target)
    trainer: Trainer = (
        ForeignTrainer(model, inputs, target, pair, n_jobs)
        if foreign
        else OurTrainer(model, inputs, target, pair, precision=precision, n_jobs=n_jobs)
    )
    return Judge(choosing, confirming, constant), trainer, how


def _read(model: Any, X: Any, y: Any, foreign: bool) -> tuple[Any, Array]:
    if foreign:
        return X, np.asarray(y)
    inputs = model._columns_of(read_X(model, X, reset=False))
    return inputs, model._read_y(y, n_rows(inputs), again=True)


def _parts(target: Array, subject: Subject, share: float) -> tuple[Array, Array]:
    """Return two parts of the rows, drawn at random, with equal shares of the classes."""
    by_class = target if subject.classes and target.ndim == 1 else False
    parts = split(len(target), fractions=(share, 0, 1 - share), stratify=by_class, seed=0)
    return parts.train, parts.test
