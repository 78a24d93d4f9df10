"""`sweep`: search over the settings of an estimator."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from time import perf_counter
from typing import Any

from glassnet.data.columns.schema import Schema
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.judging.candidates import CandidateRows, check_estimator, model_for_all_rows
from glassnet.settings.kinds import POSITIVE, WHOLE
from glassnet.sweeping.choosing.default_space import default_space
from glassnet.sweeping.choosing.halving import check_pruner, shares_of
from glassnet.sweeping.choosing.proposing import check_sampler, distributions_of, optuna
from glassnet.sweeping.crew import crew_of
from glassnet.sweeping.result import SweepResult
from glassnet.sweeping.scores import LARGER_IS_BETTER, check_score
from glassnet.sweeping.search import Search, SweepProgress
from glassnet.sweeping.space import Space
from glassnet.sweeping.study_file import ABOUT, opened
from glassnet.sweeping.trial import Trial, Trials, ranked
from glassnet.wording import counted

BATCH = 24  # candidates that are proposed together
FEW_ROWS, USUAL_FOLDS, USUAL_SHARE = 1000, 5, 0.2


def sweep(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    space: Any = None,
    trials: int = 100,
    minutes: float | None = None,
    score: str | None = None,
    folds: int | None = None,
    validation_fraction: float | None = None,
    groups: Any = None,
    time: Any = None,
    storage: str | os.PathLike[str] | None = None,
    sampler: str | Callable[[int], Any] = "tpe",
    pruner: Any = "halving",
    batch: int = BATCH,
    seed: int = 0,
    refit: bool = True,
    executor: Any = None,
    n_jobs: int | None = None,
    progress: Callable[[SweepProgress], Any] | None = None,
    schema: Schema | None = None,
) -> SweepResult:
    """Search for the settings that predict rows best that were held out.

    Candidates are proposed in batches by a sampler of optuna and trained side by side, one per core. The table is read
    once and encoded once for each encoding. Candidates that fall behind stop early. The best one is fitted again to all
    rows. Keep rows to test on out of X and y: nothing else tells how good the best of many candidates is.

    Parameters
    ----------
    estimator : GlassClassifier or GlassRegressor
        Parameters that it sets are the same for all candidates, unless the space names them.
    X, y
        Rows and target, as in `fit`.
    space : dict, str or path, optional
        What to choose from, as a dict or a TOML file: for each parameter of the estimator a list of choices, a range
        ``{"low": 0.001, "high": 0.1, "log": True}`` or with a ``"step"``, or one value. ``hidden_layer_sizes`` also
        takes ``{"layers": ..., "width": ...}``. By default a space that suits tables of this size.
    trials : int
        Number of candidates, including those that the storage has already.
    minutes : float, optional
        No further training begins after this time, once a candidate is trained to its end. Those that are not are given
        up; with a storage, the same call trains them again.
    score : str, optional
        "log_loss" (default) or "accuracy" for classes; "r2" (default), "rmse" or "mae" for quantities.
    folds : int, optional
        Score by cross-validation with so many folds; by default 5 for fewer than 1,000 rows, and 1 above, which holds
        out `validation_fraction` of the rows.
    validation_fraction : float, optional
        Share of the rows that candidates are scored on without folds; 0.2 by default.
    groups : array of shape (n_samples,), optional
        Rows of one group (a patient, a day) are trained on or scored on, never both; without folds.
    time : array of shape (n_samples,), optional
        Candidates are scored on the latest rows; without folds.
    storage : str or path, optional
        An SQLite file. After a kill, the same call goes on there: no candidate is lost or trained twice, and the result
        is that of a sweep that was never killed. optuna-dashboard shows it.
    sampler : {"tpe", "random"} or callable
        A function of a seed may return any sampler of optuna.
    pruner : {"halving", "none"} or optuna.pruners.BasePruner
        "halving" compares candidates after a 27th (if these are 4 epochs or more), a ninth and a third of their epochs
        and lets the best third go on. A pruner of optuna decides at the same places.
    batch : int
        Number of candidates proposed together. More keep more cores busy, fewer let the sampler learn sooner.
    seed : int
        Determines the candidates, the split, and as ``random_state`` their training.
    refit : bool
        Whether to fit the best parameters to all rows.
    executor : concurrent.futures.Executor or callable, optional
        Trains the candidates, such as a process pool; or a function that makes one, so that a pool that has lost a
        worker can be made again. By default threads. The result does not depend on it.
    n_jobs : int, optional
        Number of threads, by default one per core.
    progress : callable, optional
        Called with a `SweepProgress` after each training.
    schema : Schema, optional
        Describes the columns; by default inferred from the training rows.

    Returns
    -------
    SweepResult
        ``.best``, ``.trials``, ``.model``, ``.importances()``, ``.importance_chart()``, ``.parallel_chart()``; printing
        shows a report.

    Raises
    ------
    ParameterError
        If an argument is invalid, or none of the candidates could be trained.
    CheckpointError
        If the storage is damaged, in use by another process, or of another sweep.
    MissingExtraError
        If optuna is not installed.
    TrainingInterrupted
        On Ctrl-C, after the first candidate has ended; ``result`` is the SweepResult so far, without a model.

    Notes
    -----
    A candidate's score is that of its estimator after ``fit(X[training], y[training], eval_set=(X[held], y[held]))``:
    with early stopping, the rows that choose the best epoch also score it, equally for all candidates.

    For comparison: Ray Tune takes about two seconds per candidate, which is more than a small network's training.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 10, ["no", "no", "yes", "yes"] * 10
    >>> space = {"learning_rate_init": {"low": 1e-4, "high": 0.1, "log": True}, "hidden_layer_sizes": [[4], [8]]}
    >>> result = gn.sweep(gn.GlassClassifier(max_iter=9), X, y, space=space, trials=6, batch=3)
    >>> len(result.trials), result.best.score < 0.69, result.model.score(X, y) > 0.4
    (6, True, True)
    """
    started = perf_counter()
    optuna()
    check_estimator(estimator)
    n_trials, batch = WHOLE.check("trials", trials), WHOLE.check("batch", batch)
    limit = None if minutes is None else 60.0 * float(POSITIVE.check("minutes", minutes))
    check_sampler(sampler)
    check_pruner(pruner)
    name = check_score(score, is_classification=hasattr(estimator, "predict_proba"))
    rows = CandidateRows(estimator, X, y, schema=schema)
    how = _split(rows, folds, validation_fraction, groups, time, seed)
    chosen_from, first = _space(estimator, rows, space)
    about = {
        "glassnet": version("glassnet"),
        "rows": rows.fingerprint,
        "score": name,
        "estimator": _in_words(estimator),
        "space": chosen_from.to_dict(),
        "split": rows.fingerprint_of_parts,
        "sampler": sampler if isinstance(sampler, str) else "own",
        "pruner": pruner if isinstance(pruner, str) else type(pruner).__name__,
        "rungs": [f"{share:.4g}" for share in shares_of(pruner)],
        "batch": batch,
        "seed": seed,
    }
    direction = "maximize" if name in LARGER_IS_BETTER else "minimize"
    with opened(storage, direction, about, distributions_of(chosen_from)) as file, crew_of(executor, n_jobs) as crew:
        search = Search(
            rows, crew, file, chosen_from, first, name, direction,
            sampler=sampler, pruner=pruner, batch=batch, seed=seed, n_trials=n_trials, progress=progress,
        )  # fmt: skip
        stopped, is_interrupted = "", False
        try:
            stopped = search.run(None if limit is None else started + limit)
        except KeyboardInterrupt:
            is_interrupted = True
        found = [trial_of(each, chosen_from) for each in search.finished]
    complete = ranked(found, larger_is_better=direction == "maximize")
    if is_interrupted and not complete:
        raise KeyboardInterrupt
    if not complete:
        raise ParameterError(f"no candidate could be trained: {_first_reason(found)}; try another space.")
    result = SweepResult(
        best=complete[0],
        trials=Trials(found),
        model=None,
        score=name,
        how=how,
        space=chosen_from,
        seconds=perf_counter() - started,
        n_resumed=search.n_resumed,
        stopped=f"Interrupted after {counted(len(found), 'candidate')}." if is_interrupted else stopped,
        storage=None if storage is None else os.fspath(storage),
        larger_is_better=direction == "maximize",
    )
    if is_interrupted:
        raise TrainingInterrupted(f"interrupted after {counted(len(found), 'candidate')} of the sweep", result)
    if not refit:
        return result
    try:
        model = model_for_all_rows(estimator, result.best.parameters, rows.n_rows, seed=seed).fit(X, y)
    except KeyboardInterrupt:
        raise TrainingInterrupted("interrupted while fitting the best parameters to all rows", result) from None
    return replace(result, model=model)


def _split(rows: CandidateRows, folds: int | None, share: float | None, groups: Any, time: Any, seed: int) -> str:
    """Decide which rows candidates are scored on, and return it as a sentence."""
    by_column = groups is not None or time is not None
    if folds is None:
        folds = USUAL_FOLDS if rows.n_rows < FEW_ROWS and share is None and not by_column else 1
    if WHOLE.check("folds", folds) == 1:
        return rows.hold_out(USUAL_SHARE if share is None else share, groups=groups, time=time, seed=seed)
    if share is not None or by_column:
        what = "validation_fraction" if share is not None else "groups or time"
        raise ParameterError(f"folds={folds} and {what} exclude each other: leave folds out, or use folds=1.")
    return rows.cross_validate(folds, seed=seed)


def _space(estimator: Any, rows: CandidateRows, given: Any) -> tuple[Space, dict[str, Any]]:
    """Return the space, and what the first candidate has of the default space."""
    parameters = estimator.get_params(deep=False)
    if given is not None:
        return Space.of(given, known=parameters), {}
    return default_space(parameters, rows.n_training, n_embedded=rows.n_numbers, is_sparse=rows.is_sparse)


def _in_words(estimator: Any) -> dict[str, str]:
    """Return the estimator's parameters that are not the defaults."""
    defaults = type(estimator)().get_params(deep=False)
    given = estimator.get_params(deep=False)
    ignored = ("verbose", "callback", "n_jobs", "random_state")
    changed = {name: repr(value) for name, value in given.items() if repr(value) != repr(defaults[name])}
    return {"": type(estimator).__name__} | {name: text for name, text in changed.items() if name not in ignored}


def trial_of(found: Any, space: Space) -> Trial:
    """Return the record of a trial of optuna's that has ended."""
    about = json.loads(found.user_attrs.get(ABOUT, "{}"))
    scores = {name: float(value) for name, value in about.get("scores", {}).items() if value == value}
    is_complete, why = found.state.name == "COMPLETE", about.get("why", "")
    last = found.intermediate_values[max(found.intermediate_values)] if found.intermediate_values else None
    return Trial(
        number=found.number,
        state="complete" if is_complete else "failed" if why else "dropped",
        parameters=space.parameters(found.params),
        score=None if why else found.value if is_complete else last,
        scores={} if why else scores,
        epochs=float(about.get("epochs", 0.0)),
        seconds=float(about.get("seconds", 0.0)),
        why=why,
        choices=dict(found.params),
    )


def _first_reason(trials: Sequence[Trial]) -> str:
    reason = next((trial.why for trial in trials if trial.why), "none was tried")
    return reason.rstrip(".")
