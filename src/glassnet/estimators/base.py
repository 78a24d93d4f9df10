"""The base class of classifier and regressor: `fit` and its variants, with scikit-learn's API."""

import os
import sys
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cache, partial
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from glassnet.core.network import Network
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.rows.memory import bytes_of_windows, memory_for
from glassnet.data.rows.opening import opened_rows
from glassnet.data.rows.row_source import RowSource
from glassnet.errors import DivergenceError, ParameterError, TrainingInterrupted
from glassnet.estimators.callbacks import Callbacks, FitTasks
from glassnet.estimators.checkpoints import FitCheckpoints, Lazy, checkpoints_in
from glassnet.estimators.fitted import FittedModel
from glassnet.estimators.fitting.calibration import Calibration
from glassnet.estimators.fitting.estimate import Estimate, estimate_of
from glassnet.estimators.fitting.fit_warnings import warn_of_divergence, warn_of_last_epoch, why_untrained
from glassnet.estimators.fitting.interrupted import LATE, REFIT, in_words, on_the_side, worth_keeping
from glassnet.estimators.fitting.last_training import Trained, check_replayable, replay_of
from glassnet.estimators.fitting.member import Member, refitted, state_to_keep
from glassnet.estimators.fitting.preparation import (
    Extras,
    Prepared,
    Start,
    draw_seed,
    fit_encoder,
    hold_out,
    n_targets,
    new_network,
    prepare,
    read_weights,
    rows_of,
    run_arguments,
    training_part,
)
from glassnet.estimators.fitting.recipe import is_open, resolve_recipe
from glassnet.estimators.fitting.samples import Rows, Samples
from glassnet.estimators.fitting.streamed import (
    Streaming,
    check_given_with_target,
    fits_in_memory,
    prepare_streamed,
    table_with_target,
)
from glassnet.estimators.inputs import n_rows, precision_of, read_X, read_y, row_numbers
from glassnet.estimators.words import TRAINING
from glassnet.training.interrupting import finished
from glassnet.training.replay.replay import Replay
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments
from glassnet.training.train_many import train_many
from glassnet.typing import Array

STREAM = {"learning_rate": "constant", "dropout_schedule": "constant", "decay_schedule": "constant"}
"""The schedules of `partial_fit`: a stream has no last epoch for one to end at."""


class GlassEstimator(Callbacks, FittedModel):
    """Base class for `GlassClassifier` and `GlassRegressor`, which fit a network to a table."""

    _multi_output = False

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        return tags

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        """Return the names of the parameters; scikit-learn reads them from the signature in every call."""
        return list(super()._get_param_names())

    def _keep_parameters(self, given: dict[str, Any]) -> None:
        """Set each argument of `__init__` as an attribute of the same name, as scikit-learn requires."""
        for name, value in given.items():
            if name != "self":
                setattr(self, name, value)

    # Overridden by the two estimators.

    def _fit_target(self, y: Array, names: tuple[str, ...], rows: Array | None = None) -> TargetEncoder:
        raise NotImplementedError

    def _targets(self, y: Array) -> Array:
        """Return the training targets Y (n_rows, n_out)."""
        return self.target_encoder_.transform(y)

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        return sample_weight

    def _stratify(self, y: Array) -> Any:
        return False

    def _calibrated(self, network: Network, held_out: Samples) -> tuple[Network, Calibration | None]:
        """Return the network calibrated on the validation rows, and the report on it."""
        return network, None

    def _decide(self, members: tuple[Member, ...], held: Sequence[Samples | None]) -> None:
        """Choose the decision threshold on the validation rows of each member."""

    # Fitting.

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        target: str | None = None,
        memory: str | float | None = None,
        eval_set: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: float = 30.0,
    ) -> Self:
        """Fit the network to a table.

        Parameters
        ----------
        X : data frame, array or sparse matrix of shape (n_samples, n_features)
            Training rows. With `target` also files: a path, a pattern such as ``"data/*.parquet"``, several of these, a
            SQL query over files, an Arrow dataset, or a reader of record batches.
        y : array of shape (n_samples,) or (n_samples, n_targets)
            Target. For a classifier the classes (numbers, text or Booleans), or an indicator matrix of several labels
            (0 and 1, as an array, a frame or a sparse matrix). For a regressor one or several quantities.
        sample_weight : array of shape (n_samples,), optional
            Weight of each row.
        target : str, optional
            The column of X to predict, instead of `y`.
        memory : str or float, optional
            How much memory the process may take, such as "400MB", if X is given with `target`; by default 60 % of what
            is free. A table that does not fit is streamed: its rows are read anew in each epoch, in a random order of
            row groups, and shuffled within a window of rows.
        eval_set : (X, y), optional
            Validation set; the best epoch on it is kept.
        checkpoint : str or path, optional
            Folder for the training states of the networks. After a kill, the same call continues from there, with the
            same result to the last bit as an uninterrupted fit. Requires a `random_state`.
        checkpoint_every : float
            Seconds between two checkpoints of a network; see `glassnet.train`.

        Returns
        -------
        GlassClassifier or GlassRegressor
            The fitted estimator.

        Raises
        ------
        CheckpointError
            If a checkpoint is damaged, in use, or of another fit; the message names the differences.
        DivergenceError
            With ``preset="plain"``, if training met a number that is not finite in its first epoch. Its ``model`` is
            for ``glassnet.diagnose(error.model, X, y)``; the estimator itself stays as it was.
        TrainingInterrupted
            On Ctrl-C after the first epoch. It is a KeyboardInterrupt, and the estimator is fitted with the best
            network so far; an ensemble keeps its fully trained networks, or if there are none, the unfinished ones.
            Before the end of the first epoch, Ctrl-C raises KeyboardInterrupt and leaves the estimator unchanged.

        Notes
        -----
        X must not change during the fit, not even in a callback: columns of numbers are read in place, and with
        ``preset="plain"`` the network trains on the array itself if that is contiguous, row by row, and in the
        network's precision. Changed numbers are trained on as they are then; `replay` recognizes the change and raises
        a ReplayError.
        """
        if target is not None:
            check_given_with_target(y, sample_weight, eval_set)
            return self._fit_rows(Extras(), X, target, memory, checkpoint, checkpoint_every)
        if memory is not None:
            raise ParameterError("memory needs target=..., the column of X to predict; X and y are in memory already.")
        return self._fit_with(Extras(), X, y, sample_weight, eval_set, checkpoint, checkpoint_every)

    def _fit_rows(
        self,
        extras: Extras,
        X: Any,
        target: str,
        memory: str | float | None,
        checkpoint: str | os.PathLike[str] | None,
        checkpoint_every: float,
    ) -> Self:
        """Fit to rows of files or of a dataset: to the table in memory if that is enough, else streamed."""
        left = memory_for(memory)
        with opened_rows(X, left) as source:
            if fits_in_memory(source, left):
                rows, y = table_with_target(self, source, target)
                extras = replace(extras, target_name=target)
                return self._fit_with(extras, rows, y, None, None, checkpoint, checkpoint_every)
            return self._fit_streamed(
                extras, source, Streaming(target, bytes_of_windows(memory)), checkpoint, checkpoint_every
            )

    def _fit_streamed(
        self,
        extras: Extras,
        source: RowSource,
        how: Streaming,
        checkpoint: str | os.PathLike[str] | None,
        checkpoint_every: float,
    ) -> Self:
        with on_the_side(self) as draft, checkpoints_in(checkpoint, checkpoint_every, self.random_state) as checkpoints:
            ready = prepare_streamed(draft, source, how, extras)
            interrupted = draft._fit_to_the_end(ready, (source, None, None), checkpoints, extras)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def _fit_with(
        self,
        extras: Extras,
        X: Any,
        y: Any,
        sample_weight: Any,
        eval_set: Any,
        checkpoint: str | os.PathLike[str] | None,
        checkpoint_every: float,
    ) -> Self:
        again = hasattr(self, "network_") and self.warm_start
        with on_the_side(self) as draft, checkpoints_in(checkpoint, checkpoint_every, self.random_state) as checkpoints:
            ready = prepare(draft, X, y, sample_weight, eval_set, again=again, extras=extras)
            interrupted = draft._fit_to_the_end(ready, (X, y, sample_weight), checkpoints, extras)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def _fit_to_the_end(
        self,
        ready: Prepared,
        given: tuple[Any, Any, Any],
        checkpoints: FitCheckpoints,
        extras: Extras,
    ) -> str:
        """Train and keep the networks; return where Ctrl-C interrupted it, or an empty text.

        `given` are the arguments X, y and sample_weight of `fit`.
        """
        start = Start(self, ready.networks[0], ready.runs)
        if self.verbose:
            sys.stdout.write(f"{start.estimate}\n")
        if extras.at_start is not None:
            extras.at_start(start)
        with FitTasks(self, *given) as tasks:
            runs = tasks.added(checkpoints.added(ready.runs, "network"), "network")
            results, is_interrupted = self._run_all(runs, extras.train)
            is_late = tasks.close(results)
            if self.recipe_.preset == "plain":  # as in scikit-learn; the other presets plan their epochs
                if untrained := why_untrained(results):
                    self._keep(results, ready)
                    raise DivergenceError(untrained, self)
                warn_of_last_epoch(results)
            warn_of_divergence(results)
            interrupted = in_words(results) if is_interrupted else ""
            if finished(lambda: self._keep(results, ready)) or is_late:
                interrupted = interrupted or LATE
            if self.recipe_.refit and not interrupted:
                interrupted = self._refit(ready.rows, ready.seeds, ready.before, checkpoints, tasks, extras.train)
            if not interrupted and tasks.end_fit():
                interrupted = LATE
        return interrupted

    def _keep(self, results: list[TrainingResult | None], ready: Prepared) -> None:
        """Set the fitted attributes from the training results."""
        kept = worth_keeping(results)
        if any(member is not None for member in ready.before):  # a warm start keeps networks that it did not reach
            kept = list(range(len(results)))
        members: list[Member] = []
        for k in kept:
            result, before, (part_seed, holds_out) = results[k], ready.before[k], ready.parts[k]
            if result is None:
                assert before is not None
                members.append(before)
                continue
            trained = Trained(result.recording, part_seed, holds_out, ready.is_of_part, result.is_streamed)
            members.append(self._member(result, ready.held[k], before, trained, ready.n_training[k]))
        self.members_ = tuple(members)
        self.recipe_ = replace(self.recipe_, n_networks=len(members))
        self._decide(self.members_, Lazy(len(kept), lambda k: ready.held[kept[k]]))
        self.data_fingerprint_ = ready.fingerprint

    def estimate(self, X: Any, y: Any, sample_weight: Any = None, *, eval_set: Any = None) -> Estimate:
        r"""Estimate the cost of `fit` with the same arguments, without training.

        .. math:: seconds = epochs \cdot \frac{n_{rows}}{rows\ timed} \cdot seconds\ timed

        It reads and encodes the table and times a few steps of the run, for some hundredths of a second. If the engine
        is not compiled yet, it is compiled first, with a notice; that takes some seconds, once per installation, and is
        not part of the estimate.

        Parameters
        ----------
        X, y, sample_weight, eval_set
            As in `fit`.

        Returns
        -------
        Estimate
            ``.seconds``, ``.n_parameters``, ``.n_steps``, ``.n_epochs``, ``.text``; printing shows the text.

        Raises
        ------
        GlassnetError
            If a parameter or the data are invalid, as in `fit`.

        Examples
        --------
        >>> import glassnet as gn
        >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
        >>> cost = gn.GlassClassifier((4, 4), max_iter=9).estimate(X, y)
        >>> print(cost)
        less than 0.1 s: 2 x 4 units, 9 epochs of 20 rows in minibatches of 16
        >>> cost.n_parameters, cost.n_steps
        (33, 18)
        """
        one = copy(self)
        one.random_state = 0  # the user's generator must not advance
        ready = prepare(one, X, y, sample_weight, eval_set, again=False)
        return estimate_of(one.recipe_, ready.runs)

    @TRAINING.rewriting()
    def _run_all(
        self, runs: Sequence[RunArguments], train: Callable[[RunArguments], TrainingResult] | None = None
    ) -> tuple[list[TrainingResult | None], bool]:
        """Train a single network on several cores, or several networks on one core each; or each by `train`.

        Returns the result of each run without its data, None if it never began, and whether Ctrl-C interrupted
        training.
        """
        try:
            if train is not None:
                return [train(run).without_data() for run in runs], False
            if len(runs) == 1:
                return [runs[0].trained().without_data()], False
            made = [partial(lambda k: runs[k].with_settings(n_jobs=1), k) for k in range(len(runs))]
            return [*train_many(made, n_jobs=self.n_jobs)], False
        except TrainingInterrupted as end:
            return (end.result if isinstance(end.result, list) else [end.result.without_data()]), True

    def _refit(
        self,
        rows: Rows,
        seeds: list[int],
        before: list[Member | None],
        checkpoints: FitCheckpoints,
        tasks: FitTasks,
        train: Callable[[RunArguments], TrainingResult] | None,
    ) -> str:
        """Train each network again on all rows, for the best number of epochs of the first training.

        The temperature stays the same, as there are no validation rows left. Returns where Ctrl-C interrupted it, which
        leaves the networks of the first training, or an empty text.
        """
        try:
            runs, samples = [], rows.encoded()
            for seed, member, earlier in zip(seeds, self.members_, before, strict=True):
                network = new_network(self, seed, rows) if earlier is None else earlier.as_trained
                n_epochs = member.history.best_epoch - (0 if earlier is None else len(earlier.history))
                run = run_arguments(self, network, samples, None, seed)
                runs.append(run.with_settings(patience=None, tolerance=0.0, callback=_stop_after(n_epochs)))
            results, is_interrupted = self._run_all(tasks.added(checkpoints.added(runs, "refit"), "refit"), train)
            if tasks.close(results) or is_interrupted:
                return REFIT
            self.members_ = tuple(
                refitted(member, result, len(samples)) for member, result in zip(self.members_, results) if result
            )
        except KeyboardInterrupt:
            return REFIT
        return ""

    def _read_y(self, y: Any, n: int | None, *, again: bool) -> Array:
        """Return the target of `n` rows; `again` reads it as in the earlier fit."""
        return read_y(y, multi_output=self._multi_output, n_rows=n)

    def _member(
        self, result: TrainingResult, held: Samples | None, before: Member | None, trained: Trained, n_rows: int
    ) -> Member:
        """Return the member trained on `n_rows` rows, with its history appended to that of an earlier fit."""
        history = result.history if before is None else before.history.extended(result.history)
        n_earlier, n_seen = (0, 0) if before is None else (len(before.history), before.n_seen)
        n_seen += n_rows * len(result.history)
        network, calibration = result.network, None
        if held is not None and result.history.stopped != "diverged":
            network, calibration = self._calibrated(network, held)
        return Member(network, history, calibration, state_to_keep(result.state), trained, n_earlier, n_seen)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> str:
        """Train one epoch on these rows; the first call also fits the encoders and builds the network.

        Returns where Ctrl-C interrupted it after the epoch, or an empty text.
        """
        if self.preset == "plain" and self.early_stopping is True:  # as in scikit-learn
            raise ParameterError(
                "partial_fit does not support early_stopping=True, as it takes one step at a time and holds out no "
                "rows; use early_stopping=False, or fit."
            )
        inputs = read_X(self, X, reset=first, copy=False)
        target = self._read_y(y, n_rows(inputs), again=True)
        weights = read_weights(sample_weight, len(target))
        goes_on = not first and is_open(self.dtype)
        self.recipe_ = resolve_recipe(
            self.get_params(deep=False),
            len(target),
            has_validation=False,
            n_targets=n_targets(target),
            dtype=precision_of(X),
            instead={**STREAM, "dtype": str(self.network_.theta.dtype)} if goes_on else STREAM,
        )
        if first:
            self._seed = draw_seed(self)
            fit_encoder(self, inputs)
        if self.recipe_.n_networks != 1:
            raise ParameterError(
                f"partial_fit trains a single network, but n_networks={self.recipe_.n_networks}; use n_networks=1, "
                f"or fit."
            )
        before = None if first else self.members_[0]
        self.target_encoder_.transform(target, row_numbers(inputs))  # names the user's row if a class is new
        rows = rows_of(self, inputs, target, weights)
        network = new_network(self, self._seed, rows) if before is None else before.as_trained
        n_done = 0 if before is None else len(before.history)
        run = run_arguments(self, network, rows.encoded(), None, self._seed + n_done)
        run = replace(
            run.with_settings(epochs=1, patience=None, tolerance=0.0), state=None if before is None else before.state
        )
        (result,), is_interrupted = self._run_all([run])
        assert result is not None
        warn_of_divergence([result])
        trained = Trained(result.recording, self._seed, False)
        self.members_ = (self._member(result, None, before, trained, len(target)),)
        self.data_fingerprint_ = fingerprint(inputs, target)
        return in_words([result]) if is_interrupted else ""

    # Replay.

    def replay(self, X: Any, y: Any, sample_weight: Any = None) -> Replay:
        """Replay the last training: any of its steps, with the same numbers bit by bit.

        Temperature scaling happens after training and is not part of it. For an ensemble it is the training of the
        first network; use ``member(k).replay(X, y)`` for the others.

        Parameters
        ----------
        X, y, sample_weight
            The same as in the last `fit` or `partial_fit`; a model does not store its data.

        Returns
        -------
        Replay
            With ``at(epoch=, step=)``, ``first(condition)`` and ``walk()``; row numbers exclude the validation set.

        Raises
        ------
        ReplayError
            If the data differ from those of the last training, or the training cannot be replayed.

        Examples
        --------
        >>> import glassnet as gn
        >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
        >>> clf = gn.GlassClassifier((4,), max_iter=9, random_state=0).fit(X, y)
        >>> moment = clf.replay(X, y).at(epoch=3)
        >>> moment.network.sizes, moment.rows.shape, moment.grad.shape
        ((1, 4, 1), (16,), (13,))
        """
        check_is_fitted(self, "network_")
        inputs = read_X(self, X, reset=False, copy=False)
        target = self._read_y(y, n_rows(inputs), again=True)
        trained, recording = check_replayable(self.members_[0].trained, inputs, target, self.data_fingerprint_)
        rows, part = rows_of(self, inputs, target, read_weights(sample_weight, len(target))), None
        if trained.holds_out:
            part = training_part(hold_out(self, target, trained.seed, has_eval_set=False), len(target))
        samples = rows.encoded(part)
        weights = self._weights(samples.y, samples.weights)
        Y = self._targets(samples.y)
        return replay_of(recording, samples.A0, Y, weights, is_of_part=trained.is_of_part)


def _stop_after(n_epochs: int) -> Any:
    """Return a callback that stops after `n_epochs`, without changing the schedule."""
    return lambda epoch, network: epoch.epoch >= n_epochs
