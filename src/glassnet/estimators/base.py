"""What classifier and regressor share on the way to a fitted model: reading, encoding, building, training."""

import sys
import warnings
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.data_start import start_from_data
from glassnet.core.network import Network
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.split import split
from glassnet.data.table import Table
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.fitted import FittedModel
from glassnet.estimators.fitting.calibration import Calibration
from glassnet.estimators.fitting.data_warnings import warn_of_columns
from glassnet.estimators.fitting.estimate import Estimate, estimate_of
from glassnet.estimators.fitting.interrupted import REFIT, as_before_on_failure, in_words, worth_keeping
from glassnet.estimators.fitting.last_training import Trained, check_replayable, forget_data, replay_of
from glassnet.estimators.fitting.member import Member, member_seeds, refitted
from glassnet.estimators.fitting.presets import FROM_DATA
from glassnet.estimators.fitting.recipe import embedding_of, hidden_sizes, resolve_recipe
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.estimators.fitting.samples import Samples, some_rows
from glassnet.estimators.inputs import (
    Inputs,
    column_names,
    n_columns,
    n_rows,
    read_X,
    read_y,
    refuse_too_large,
    row_numbers,
    take,
)
from glassnet.estimators.words import TRAINING
from glassnet.training.interrupting import finished
from glassnet.training.replay.replay import Replay
from glassnet.training.result import TrainingResult
from glassnet.training.train import train
from glassnet.training.train_many import train_many
from glassnet.typing import Array

STRUCTURE = ("hidden_layer_sizes", "activation", "learned_slope", "numeric_embedding", "input_scaling", "dtype")
"""Parameters that say which network it is; the others say how it is trained."""


class GlassEstimator(FittedModel):
    """The way from a table to a trained network; `GlassClassifier` and `GlassRegressor` say what the target is."""

    _multi_output = False
    # Called with the estimate before the first step: for the command line, which would else read the table twice.
    _tell: Callable[[Estimate], None] | None = None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        return tags

    # What the two estimators decide for themselves.

    def _fit_target(self, y: Array, names: tuple[str, ...], rows: Array | None = None) -> TargetEncoder:
        raise NotImplementedError

    def _targets(self, y: Array) -> Array:
        """Return Y (n_rows, n_out) as training has it."""
        return self.target_encoder_.transform(y)

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        return sample_weight

    def _stratify(self, y: Array) -> Any:
        return False

    def _calibrated(self, network: Network, held_out: Samples) -> tuple[Network, Calibration | None]:
        """Return the network with what was learned from the rows held out, and the report on it."""
        return network, None

    def _decide(self, members: tuple[Member, ...], held: list[Samples | None]) -> None:
        """Learn from the rows that each member held out how outputs become answers."""

    # Fitting.

    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool) -> None:
        """Fit from scratch, or go on from where the estimator is if `again`.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after at least one epoch; the estimator is fitted with what there is. On Ctrl-C before that, and
            on any error, it is as it was.
        """
        with as_before_on_failure(self):
            interrupted = self._fit_to_the_end(X, y, sample_weight, eval_set, again=again)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)

    def _fit_to_the_end(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool) -> str:
        """Fit, and return where Ctrl-C ended it, or an empty text."""
        ready = self._prepare(X, y, sample_weight, eval_set, again=again)
        if self.verbose:
            sys.stdout.write(f"{estimate_of(self.recipe_, ready.runs)}\n")
        if self._tell is not None:
            self._tell(estimate_of(self.recipe_, ready.runs))
        results, is_interrupted = self._run_all(ready.runs)
        _warn_of_divergence(results)
        interrupted = in_words(results) if is_interrupted else ""
        if finished(lambda: self._keep(results, ready)):
            interrupted = interrupted or "interrupted when all networks were trained; they are kept"
        if self.recipe_["refit"] and not interrupted:
            interrupted = self._refit(ready.samples, ready.seeds, ready.before)
        return interrupted

    def _keep(self, results: list[TrainingResult | None], ready: "_Ready") -> None:
        """Become what was trained."""
        kept = worth_keeping(results)
        if any(member is not None for member in ready.before):  # of a warm start those not reached stay as they are
            kept = list(range(len(results)))
        members: list[Member] = []
        for k in kept:
            result, before, (part_seed, holds_out) = results[k], ready.before[k], ready.parts[k]
            if result is None:
                assert before is not None
                members.append(before)
                continue
            trained = Trained(forget_data(result.recording), part_seed, holds_out)
            members.append(self._member(result, ready.held[k], before, trained))
        self.members_ = tuple(members)
        self.recipe_ = {**self.recipe_, "n_networks": len(members)}
        self._decide(self.members_, [ready.held[k] for k in kept])
        self.data_fingerprint_ = ready.fingerprint

    def estimate(self, X: Any, y: Any, sample_weight: Any = None, *, eval_set: Any = None) -> Estimate:
        r"""Return what `fit` would cost with the same arguments, without training.

        .. math:: seconds = epochs \cdot \frac{n_{rows}}{rows\ timed} \cdot seconds\ timed

        A few steps of the very run are timed on this machine, some hundredths of a second in all; the table is read and
        encoded for it. Where the engine is not compiled yet it is now, which it says; that takes some seconds, once for
        an installation, and is not in the estimate.

        Parameters
        ----------
        X, y, sample_weight, eval_set
            As in `fit`.

        Returns
        -------
        Estimate
            ``.seconds``, ``.n_parameters``, ``.n_steps``, ``.n_epochs``, ``.text``; it prints itself.

        Raises
        ------
        GlassnetError
            Where `fit` would, on a parameter or data that cannot work.

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
        one.random_state = 0  # a generator of the user's must not move on
        ready = one._prepare(X, y, sample_weight, eval_set, again=False)
        return estimate_of(one.recipe_, ready.runs)

    def _prepare(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool) -> "_Ready":
        """Do everything that comes before training, and note what is known by then."""
        inputs = read_X(self, X, reset=not again)
        target = self._read_y(y, n_rows(inputs), again=again)
        weights = _read_weights(sample_weight, len(target))
        seed = self._draw_seed()
        given = None if eval_set is None else self._read_watched(eval_set, inputs)
        recipe = resolve_recipe(
            self.get_params(deep=False),
            len(target),
            watched=given is not None or None,
            n_targets=_n_columns(target),
            n_columns=n_columns(inputs),
        )
        before: list[Member | None] = [None] * recipe["n_networks"]
        if again:
            before = self._members_before(recipe["n_networks"])
        self.recipe_ = recipe
        seeds = member_seeds(seed, len(before))
        part_seeds = self._seeds_of_parts(seeds)
        parts = [self._hold_out(target, each, given is not None) for each in part_seeds]
        if not again:
            # one encoder for all networks: it may see the rows that some of them hold out, their targets aside
            one = len({part.tobytes() for _, part in parts}) == 1 and len(parts[0][1]) > 0
            part = parts[0][0] if one else np.arange(len(target))
            self.target_encoder_ = self._fit_target(target[part], column_names(y), row_numbers(inputs)[part])
            self._fit_encoder(take(inputs, part) if one else inputs)
            self._seed = seed
        else:
            self.target_encoder_.transform(target, row_numbers(inputs))  # names the user's row if a class is new
            if self.target_encoder_.classes is None:
                self.target_encoder_ = self.target_encoder_.widened(target)
        if given is not None:
            self.target_encoder_.transform(given[1], row_numbers(given[0]))
        samples = Samples(self._encode(inputs), target, weights)
        refuse_too_large(samples.A0, recipe["dtype"], "X")
        if self.target_encoder_.classes is None:
            refuse_too_large(self.target_encoder_.transform(target), recipe["dtype"], "y")
        watched = None if given is None else Samples(self._encode(given[0]), given[1])
        runs, held = [], []
        for each, (rows, held_out), member in zip(seeds, parts, before, strict=True):
            held.append(samples.take(held_out) if len(held_out) else watched)
            own = samples.take(rows) if len(held_out) else samples
            network = self._new_network(each, own.A0) if member is None else member.as_trained
            runs.append(self._run(network, own, held[-1], each))
        dealt = [(part_seed, len(held_out) > 0) for part_seed, (_, held_out) in zip(part_seeds, parts, strict=True)]
        return _Ready(samples, seeds, dealt, before, held, runs, fingerprint(inputs, target))

    def _members_before(self, n_networks: int) -> list[Member | None]:
        """Return the networks that a warm start goes on from, which are as their recipe made them."""
        earlier = self.recipe_
        for name in STRUCTURE:
            now = getattr(self, name)
            if name not in earlier or (isinstance(now, str) and now == "auto"):  # old files lack some
                continue
            if name == "numeric_embedding" and now is None and not _embeds(self.network_):
                continue  # "auto" leaves it out of wide tables
            if _structure(name, earlier[name]) != _structure(name, now):
                raise ParameterError(
                    f"{name}={now!r}, but warm_start=True goes on from a network with {name}={earlier[name]!r}; use "
                    f"that, or warm_start=False."
                )
        if n_networks != len(self.members_):
            raise ParameterError(
                f"n_networks={n_networks}, but warm_start=True goes on from {len(self.members_)}; use "
                f"n_networks={len(self.members_)}, or warm_start=False."
            )
        return list(self.members_)

    def _seeds_of_parts(self, seeds: list[int]) -> list[int]:
        """Return what decides which rows each network holds out: others for each, or for all the same."""
        return seeds if self.recipe_["bagged"] else [seeds[0]] * len(seeds)

    @TRAINING.spoken()
    def _run_all(self, runs: list[dict[str, Any]]) -> tuple[list[TrainingResult | None], bool]:
        """Train one network on as many cores as pay, several side by side on a core each.

        Returns what there is of each, and whether Ctrl-C ended it.
        """
        try:
            if len(runs) == 1:
                return [train(**runs[0])], False
            return [*train_many([{**run, "n_jobs": 1} for run in runs], n_jobs=self.n_jobs)], False
        except TrainingInterrupted as end:
            return (end.result if isinstance(end.result, list) else [end.result]), True

    def _refit(self, samples: Samples, seeds: list[int], before: list[Member | None]) -> str:
        """Train each network again, on all rows, for as many epochs as were best while some were held out.

        The temperature stays that of the first training: there is nothing left to find another on. Returns where Ctrl-C
        ended it, or an empty text: then the networks of the first training stay.
        """
        runs = []
        for seed, member, earlier in zip(seeds, self.members_, before, strict=True):
            network = self._new_network(seed, samples.A0) if earlier is None else earlier.as_trained
            n_epochs = member.history.best_epoch - (0 if earlier is None else len(earlier.history))
            run = self._run(network, samples, None, seed)
            runs.append({**run, "patience": None, "tolerance": 0.0, "callback": _stop_after(n_epochs)})
        try:
            results, is_interrupted = self._run_all(runs)
            if is_interrupted:
                return REFIT
            self.members_ = tuple(refitted(member, result) for member, result in zip(self.members_, results) if result)
        except KeyboardInterrupt:
            return REFIT
        return ""

    def _draw_seed(self) -> int:
        if isinstance(self.random_state, np.random.Generator):
            return int(self.random_state.integers(1 << 31))
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _read_watched(self, eval_set: Any, training: Inputs) -> tuple[Inputs, Array]:
        """Return the rows that are only watched, their text read as that of the training rows."""
        held_X, held_y = _pair(eval_set)
        notations = training.notations if isinstance(training, Table) else None
        inputs = read_X(self, held_X, reset=False, notations=notations)
        return inputs, self._read_y(held_y, None, again=True)

    def _read_y(self, y: Any, n: int | None, *, again: bool) -> Array:
        """Return the target of `n` rows; `again` reads it as the fit has done before."""
        return read_y(y, multi_output=self._multi_output, n_rows=n)

    def _hold_out(self, y: Array, seed: int, has_watched: bool) -> tuple[Array, Array]:
        """Return the rows to train on and those to hold out, none where others are watched or the recipe says so."""
        if has_watched or not self.recipe_["early_stopping"]:
            return np.arange(len(y)), np.arange(0)
        share = self.recipe_["validation_fraction"]
        parts = split(len(y), fractions=(1 - share, share, 0), stratify=self._stratify(y), seed=seed)
        if len(parts.validation) == 0:
            raise ParameterError(
                f"early_stopping=True holds out {share:g} of {len(y)} rows, which is none; "
                f"use early_stopping=False, or pass eval_set=(X, y)."
            )
        return parts.train, parts.validation

    def _fit_encoder(self, inputs: Inputs) -> None:
        plain = self.recipe_["preset"] == "plain"
        scaling = "none" if plain else "robust"
        if not isinstance(inputs, Table):
            self.schema_: Schema | None = None
            self.encoder_ = Encoder.identity(inputs.shape[1]) if plain else Encoder.fit_sparse(inputs, scaling=scaling)
            return
        self.schema_ = infer_schema(inputs, keep=_names(self.keep))
        warn_of_columns(self.schema_)
        numeric = all(column.kind in ("numeric", "boolean") for column in self.schema_.columns)
        complete = all(column.missing == 0 for column in self.schema_.columns)
        if plain and numeric and (complete or inputs.is_array):
            self.encoder_ = Encoder.identity(self.schema_)
        else:
            self.encoder_ = Encoder.fit(check_columns(inputs, self.schema_), self.schema_, scaling=scaling)

    @TRAINING.spoken()
    def _new_network(self, seed: int, A0: Any) -> Network:
        output, _ = self._output_and_cost()
        hidden = hidden_sizes(self.recipe_)
        from_data = self.recipe_["init"] == FROM_DATA
        numbers = self.encoder_.number_places
        embedding = embedding_of(self.get_params(), self.recipe_, len(numbers), sparse=hasattr(A0, "tocsr"))
        network = Network.create(
            [self.encoder_.n_inputs, *hidden, self.target_encoder_.n_out],
            hidden=self.recipe_["activation"],
            output=output,
            init="auto" if from_data else self.recipe_["init"],
            numeric_embedding=embedding,
            embedded=None if embedding is None else numbers,
            input_scaling=self.recipe_["input_scaling"],
            learned_slope=self.recipe_["learned_slope"],
            dtype=self.recipe_["dtype"],
            seed=seed,
        )
        return start_from_data(network, some_rows(A0, seed), seed=seed) if from_data else network

    def _run(self, network: Network, training: Samples, watched: Samples | None, seed: int) -> dict[str, Any]:
        """Return the arguments of `glassnet.train` for one network."""
        _, cost = self._output_and_cost()
        validation: tuple[Array, ...] | None = None
        if watched is not None:
            validation = (watched.A0, self.target_encoder_.transform(watched.y))
            if watched.weights is not None:
                validation = (*validation, watched.weights)
        return {
            "network": network.with_rates(self.recipe_["rates"], biases=self.recipe_["bias_rate"]),
            "X": training.A0,
            "Y": self._targets(training.y),
            "cost": cost,
            "weights": self._weights(training.y, training.weights),
            "validation": validation,
            "callback": self._callback(),
            "seed": seed,
            "kept_states": self.recipe_["kept_states"],
            **train_arguments(self.recipe_, len(training), held_out=watched is not None),
        }

    def _member(
        self, result: TrainingResult, watched: Samples | None, before: Member | None, trained: Trained
    ) -> Member:
        """Return what training has made, its history added to that of an earlier fit."""
        history = result.history if before is None else before.history.extended(result.history)
        network, calibration = result.network, None
        if watched is not None and result.history.stopped != "diverged":
            network, calibration = self._calibrated(network, watched)
        return Member(network, history, calibration, result.state, trained)

    def _callback(self) -> Any:
        if not self.verbose:
            return self.callback

        def report(epoch: Any, network: Network) -> bool | None:
            held = "" if epoch.validation_cost is None else f", validation cost {epoch.validation_cost:.6f}"
            sys.stdout.write(f"Epoch {epoch.epoch}: cost {epoch.cost:.6f}{held}\n")
            return self.callback(epoch, network) if self.callback is not None else None

        return report

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> str:
        """Take one epoch over these rows; the first call also fits the encoders and builds the network.

        On Ctrl-C either the epoch is taken, and a TrainingInterrupted says so, or the estimator is as it was.
        """
        inputs = read_X(self, X, reset=first)
        target = self._read_y(y, n_rows(inputs), again=True)
        weights = _read_weights(sample_weight, len(target))
        self.recipe_ = resolve_recipe(
            self.get_params(deep=False), len(target), watched=False, n_targets=_n_columns(target)
        )
        if resolve_solver(self.recipe_["solver"]).name == "lbfgs":
            raise ParameterError("partial_fit takes single steps, which solver 'lbfgs' has not; use 'adam' or 'sgd'.")
        for name in ("learning_rate", "dropout_schedule", "decay_schedule"):
            self.recipe_[name] = "constant"  # a stream has no end that a schedule could fall towards
        if first:
            self._seed = self._draw_seed()
            self._fit_encoder(inputs)
        if self.recipe_["n_networks"] != 1:
            raise ParameterError(
                f"partial_fit trains a single network, but n_networks={self.recipe_['n_networks']}; use n_networks=1, "
                f"or fit."
            )
        before = None if first else self.members_[0]
        self.target_encoder_.transform(target, row_numbers(inputs))  # names the user's row if a class is new
        samples = Samples(self._encode(inputs), target, weights)
        network = self._new_network(self._seed, samples.A0) if before is None else before.as_trained
        n_done = 0 if before is None else len(before.history)
        run = self._run(network, samples, None, self._seed + n_done)
        run.update(epochs=1, patience=None, tolerance=0.0, state=None if before is None else before.state)
        (result,), is_interrupted = self._run_all([run])
        assert result is not None
        _warn_of_divergence([result], stacklevel=4)
        trained = Trained(forget_data(result.recording), self._seed, False)
        self.members_ = (self._member(result, None, before, trained),)
        self.data_fingerprint_ = fingerprint(inputs, target)
        return in_words([result]) if is_interrupted else ""

    # Opening the training.

    def replay(self, X: Any, y: Any, sample_weight: Any = None) -> Replay:
        """Return the last training, to be opened at any of its steps with the very numbers that it went through.

        A temperature found afterwards is not in it. Of an ensemble it is the first network's training;
        ``member(k).replay(X, y)`` opens the others.

        Parameters
        ----------
        X, y, sample_weight
            As they were given to the last `fit` or `partial_fit`; a model does not keep its data.

        Returns
        -------
        Replay
            With ``at(epoch=, step=)``, ``first(condition)`` and ``walk()``; rows count in the part that trained.

        Raises
        ------
        ReplayError
            If the data are not those of the last training, or it cannot be opened.

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
        inputs = read_X(self, X, reset=False)
        target = self._read_y(y, n_rows(inputs), again=True)
        trained, recording = check_replayable(self.members_[0].trained, inputs, target, self.data_fingerprint_)
        samples = Samples(self._encode(inputs), target, _read_weights(sample_weight, len(target)))
        if trained.holds_out:
            samples = samples.take(self._hold_out(target, trained.seed, False)[0])
        weights = self._weights(samples.y, samples.weights)
        return replay_of(recording, samples.A0, self._targets(samples.y), weights)


@dataclass(frozen=True, eq=False)
class _Ready:
    """What is known before the first step; one entry of each list for each network."""

    samples: Samples
    seeds: list[int]
    parts: list[tuple[int, bool]]  # the seed of the rows held out, and whether there are any
    before: list[Member | None]
    held: list[Samples | None]
    runs: list[dict[str, Any]]
    fingerprint: str


def _warn_of_divergence(results: Sequence[TrainingResult | None], stacklevel: int = 5) -> None:
    """Warn of each run that ended with a number that is not finite; the warning points at the user's line."""
    for result in results:
        if result is not None and result.history.stopped == "diverged":
            reason = f"training diverged: {result.history.stop_reason}"
            warnings.warn(reason, ConvergenceWarning, stacklevel=stacklevel)


def _read_weights(sample_weight: Any, n_samples: int) -> Array | None:
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, np.empty((n_samples, 1)), ensure_non_negative=True)


def _n_columns(target: Array) -> int:
    return 1 if target.ndim == 1 else int(target.shape[1])


def _names(keep: Any) -> tuple[str, ...]:
    if keep is None:
        return ()
    return (keep,) if isinstance(keep, str) else tuple(keep)


def _embeds(network: Network) -> bool:
    return network.front is not None and len(network.front.embedded) > 0


def _structure(name: str, value: Any) -> Any:
    """Return a structural parameter as it can be compared, in whichever form it was given."""
    if name == "hidden_layer_sizes":
        return hidden_sizes({name: value})
    return tuple(value) if isinstance(value, list) else value


def _stop_after(n_epochs: int) -> Any:
    """Return a callback that ends a run there, on the way of the schedule that leads on to its last epoch."""
    return lambda epoch, network: epoch.epoch >= n_epochs


def _pair(eval_set: Any) -> tuple[Any, Any]:
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) != 2:
        raise ParameterError("eval_set must be a pair (X, y) of rows that are only watched.")
    return eval_set
