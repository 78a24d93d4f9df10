"""Preparation of a fit: reading, validation split, encoders, and a network for each run.

These functions set the recipe and the encoders on the estimator that they are given: the copy that a fit works on.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight

from glassnet.core.data_start import start_from_data
from glassnet.core.network import Network
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.target_values import distinct_classes
from glassnet.data.fingerprint import fingerprint
from glassnet.data.spill.columns_file import StoredColumn
from glassnet.data.split import split
from glassnet.data.table import Table
from glassnet.errors import DataError, ParameterError
from glassnet.estimators.checkpoints import Lazy
from glassnet.estimators.fitting.estimate import Estimate, estimate_of
from glassnet.estimators.fitting.fit_warnings import warn_of_columns
from glassnet.estimators.fitting.member import Member, member_seeds
from glassnet.estimators.fitting.recipe import embedding_of, hidden_sizes, is_open, resolve_recipe
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.estimators.fitting.samples import Rows, Samples
from glassnet.estimators.inputs import (
    Inputs,
    column_names,
    n_columns,
    n_rows,
    precision_of,
    read_X,
    refuse_too_large,
    row_numbers,
)
from glassnet.estimators.words import TRAINING
from glassnet.settings.table import FROM_DATA, OF_ESTIMATORS
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.loop.listeners import Several
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments
from glassnet.typing import Array

TARGETS_AT_A_TIME = 1 << 16

STRUCTURE = ("hidden_layer_sizes", "activation", "learned_slope", "numeric_embedding", "input_scaling", "dtype")
"""Parameters of the network's structure; the others are parameters of the training."""


@dataclass(frozen=True, eq=False)
class Start:
    """A fit before its first step.

    Attributes
    ----------
    model : GlassClassifier or GlassRegressor
        With the recipe and the encoders of the fit, but without trained networks.
    network : Network
        The initial network, the first of an ensemble.
    runs : sequence of RunArguments
        One per network.
    """

    model: Any
    network: Network
    runs: Sequence[RunArguments]

    @property
    def estimate(self) -> Estimate:
        """The estimated cost of the fit, measured now."""
        return estimate_of(self.model.recipe_, self.runs)


@dataclass(frozen=True, eq=False)
class Extras:
    """What a caller of a fit knows already, or wants to hear, beyond the arguments of `fit`.

    Attributes
    ----------
    schema : Schema or None
        The schema of the columns, by default inferred from the training rows.
    target_name : str or None
        Name of the target's column.
    fingerprint : str or None
        Fingerprint of the table that the training rows are a part of.
    callback : callable or None
        Used instead of the estimator's own.
    at_start : callable or None
        Called with a `Start` before the first step.
    train : callable or None
        Trains a run, as `RunArguments.trained` does otherwise.
    """

    schema: Schema | None = None
    target_name: str | None = None
    fingerprint: str | None = None
    callback: Any = None
    at_start: Callable[[Start], Any] | None = None
    train: Callable[[RunArguments], TrainingResult] | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """The prepared runs of a fit; each sequence has one entry per network.

    Attributes
    ----------
    rows : Rows
        All rows.
    seeds : list of int
    parts : list of (int, bool)
        Seed of the validation split, and whether it holds out any rows.
    n_training : list of int
        Number of training rows.
    before : list of Member or None
        The network to continue from in a warm start.
    networks : list of Network
        The initial networks.
    held : sequence of Samples or None
        The validation rows in float64, as for predictions, encoded each time they are asked for.
    runs : sequence of RunArguments
        Their rows are encoded each time they are asked for: networks with validation
        rows of their own train on data of their own, which then exist only during their training.
    fingerprint : str
        Fingerprint of the data.
    is_of_part : bool
        Whether it is that of a table of which these rows are a part.
    """

    rows: Rows
    seeds: list[int]
    parts: list[tuple[int, bool]]
    n_training: list[int]
    before: list[Member | None]
    networks: list[Network]
    held: Sequence[Samples | None]
    runs: Sequence[RunArguments]
    fingerprint: str
    is_of_part: bool


def prepare(
    estimator: Any, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool, extras: Extras = Extras()
) -> Prepared:
    """Prepare a fit; `again` continues from the fitted networks."""
    inputs = read_X(estimator, X, reset=not again, copy=False)
    is_kept = isinstance(y, StoredColumn) and not again
    target = estimator._read_y(y.values if isinstance(y, StoredColumn) else y, n_rows(inputs), again=again)
    n_samples = len(target)  # what is made later must not hold the target
    weights = read_weights(sample_weight, n_samples)
    seed = draw_seed(estimator)
    given = None if eval_set is None else _read_eval_set(estimator, eval_set, inputs)
    recipe = resolve_recipe(
        estimator.get_params(deep=False),
        n_samples,
        has_validation=given is not None or None,
        n_targets=n_targets(target),
        n_columns=n_columns(inputs),
        dtype=precision_of(X),
    )
    if again and is_open(estimator.dtype):
        recipe = replace(recipe, dtype=str(estimator.network_.theta.dtype))
    n_networks = recipe["n_networks"]
    before: list[Member | None] = _members_before(estimator, n_networks) if again else [None] * n_networks
    estimator.recipe_ = recipe
    seeds = member_seeds(seed, n_networks)
    part_seeds = seeds if recipe["bagged"] else [seeds[0]] * n_networks
    held_out = [hold_out(estimator, target, each, has_eval_set=given is not None) for each in part_seeds]
    is_one_part = len({held.tobytes() for held in held_out}) == 1
    if again:
        _check_target(estimator, target, inputs)
    else:
        part = training_part(held_out[0], n_samples) if is_one_part else None
        _fit_encoders(estimator, inputs, target, column_names(y), part, extras.schema)
        estimator._seed = seed
        if extras.target_name is not None:
            estimator.target_name_ = extras.target_name
    rows = rows_of(estimator, inputs, y if is_kept else target, weights)
    eval_rows = None
    if given is not None:
        estimator.target_encoder_.transform(given[1], row_numbers(given[0]))
        eval_rows = rows_of(estimator, *given, None)
    _refuse_too_large(estimator, rows)
    networks = [
        new_network(estimator, each, rows, training_part(rows_held, n_samples)) if member is None else member.as_trained
        for each, rows_held, member in zip(seeds, held_out, before, strict=True)
    ]
    shared = rows.encoded(training_part(held_out[0], n_samples)) if is_one_part and n_networks > 1 else None

    def held(k: int, dtype: Any = None) -> Samples | None:
        if len(held_out[k]):
            return rows.encoded(held_out[k], dtype)
        return None if eval_rows is None else eval_rows.encoded(None, dtype)

    def run(k: int) -> RunArguments:
        training = rows.encoded(training_part(held_out[k], n_samples)) if shared is None else shared
        arguments = run_arguments(estimator, networks[k], training, held(k), seeds[k])
        return arguments if extras.callback is None else arguments.with_settings(callback=extras.callback)

    return Prepared(
        rows,
        seeds,
        [(part_seed, len(rows_held) > 0) for part_seed, rows_held in zip(part_seeds, held_out, strict=True)],
        [n_samples - len(rows_held) for rows_held in held_out],
        before,
        networks,
        Lazy(n_networks, lambda k: held(k, np.float64)),  # predictions are in float64
        Lazy(n_networks, run),
        extras.fingerprint or fingerprint(inputs, target),
        extras.fingerprint is not None,
    )


# Reading.


def draw_seed(estimator: Any) -> int:
    """Return the seed of a fit; this advances the user's generator, if any."""
    given = OF_ESTIMATORS["random_state"].check(estimator.random_state)
    if isinstance(given, np.random.Generator):
        return int(given.integers(1 << 31))
    return int(check_random_state(given).randint(np.iinfo(np.int32).max))


def read_weights(sample_weight: Any, n_samples: int) -> Array | None:
    """Return the sample weights as an array (n_samples,), by scikit-learn's rules."""
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, np.empty((n_samples, 1)), ensure_non_negative=True)


def n_targets(target: Array) -> int:
    """Return the number of columns of y."""
    return 1 if target.ndim == 1 else int(target.shape[1])


def _read_eval_set(estimator: Any, eval_set: Any, training: Inputs) -> tuple[Inputs, Array]:
    """Return the validation rows, with text read in the notation of the training rows."""
    held_X, held_y = _pair(eval_set)
    notations = training.notations if isinstance(training, Table) else None
    inputs = read_X(estimator, held_X, reset=False, notations=notations, copy=False)
    return inputs, estimator._read_y(held_y, None, again=True)


def _pair(eval_set: Any) -> tuple[Any, Any]:
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) != 2:
        raise ParameterError("eval_set must be a pair (X, y) of validation rows.")
    return eval_set


# A warm start.


def _members_before(estimator: Any, n_networks: int) -> list[Member | None]:
    """Return the networks to continue from in a warm start, after checking that their structure is unchanged."""
    earlier = estimator.recipe_
    for name in STRUCTURE:
        now = getattr(estimator, name)
        if name not in earlier or is_open(now):  # older files lack some parameters
            continue
        if name == "numeric_embedding" and now is None and not _embeds(estimator.network_):
            continue  # "auto" omits it for wide tables
        if _structure(name, earlier[name]) != _structure(name, now):
            raise ParameterError(
                f"{name}={now!r}, but warm_start=True continues from a network with {name}={earlier[name]!r}; use "
                f"that, or warm_start=False."
            )
    n_before = len(estimator.members_)
    if n_networks != n_before:
        raise ParameterError(
            f"n_networks={n_networks}, but warm_start=True continues from {n_before}; use n_networks={n_before}, or "
            f"warm_start=False."
        )
    return list(estimator.members_)


def _embeds(network: Network) -> bool:
    return network.front is not None and len(network.front.embedded) > 0


def _structure(name: str, value: Any) -> Any:
    """Return a structural parameter in a form that can be compared."""
    if name == "hidden_layer_sizes":
        return hidden_sizes(value)
    return tuple(value) if isinstance(value, list) else value


# Validation split.


def hold_out(estimator: Any, y: Array, seed: int, *, has_eval_set: bool) -> Array:
    """Return the positions of the validation rows: none with `has_eval_set` or without early stopping."""
    if has_eval_set or not estimator.recipe_["early_stopping"]:
        return np.arange(0)
    share = estimator.recipe_["validation_fraction"]
    parts = split(len(y), fractions=(1 - share, share, 0), stratify=estimator._stratify(y), seed=seed)
    if len(parts.validation) == 0:
        raise ParameterError(
            f"early_stopping=True holds out {share:g} of {len(y)} rows, which is none; "
            f"use early_stopping=False, or pass eval_set=(X, y)."
        )
    if len(parts.validation) == 1 and estimator.recipe_["preset"] == "plain":  # R² needs two rows
        raise ParameterError(
            f"The validation set is too small: early_stopping=True holds out 1 of {len(y)} rows, but a score needs 2; "
            f"use a larger validation_fraction, early_stopping=False, or pass eval_set=(X, y)."
        )
    return parts.validation


def training_part(held_out: Array, n_rows: int) -> Array | None:
    """Return the positions of the training rows; None means all.

    >>> training_part(np.asarray([1]), 3), training_part(np.arange(0), 3)
    (array([0, 2]), None)
    """
    if len(held_out) == 0:
        return None
    is_held = np.zeros(n_rows, dtype=bool)
    is_held[held_out] = True
    return np.flatnonzero(~is_held)


# Encoding.


def _fit_encoders(
    estimator: Any,
    inputs: Inputs,
    target: Array,
    names: tuple[str, ...],
    part: Array | None,
    schema: Schema | None,
) -> None:
    """Fit one encoder for all networks, possibly on validation rows of some of them, but never on these targets."""
    numbers = row_numbers(inputs)
    if part is not None:
        inputs = inputs.part(part) if isinstance(inputs, Table) else inputs[part]
        target, numbers = target[part], numbers[part]
    estimator.target_encoder_ = estimator._fit_target(target, names, numbers)
    fit_encoder(estimator, inputs, schema)


def rows_of(estimator: Any, inputs: Inputs, target: Array | StoredColumn, weights: Array | None) -> Rows:
    """Return the rows, to be encoded by the encoder of this fit."""
    return Rows(estimator._columns_of(inputs), target, weights, estimator.encoder_, estimator.recipe_["dtype"])


def fit_encoder(estimator: Any, inputs: Inputs, schema: Schema | None = None) -> None:
    """Set ``schema_`` and ``encoder_``; the schema is inferred if it is not given."""
    plain = estimator.recipe_["preset"] == "plain"
    scaling = "none" if plain else "robust"
    if not isinstance(inputs, Table):
        estimator.schema_ = None
        estimator.encoder_ = Encoder.identity(inputs.shape[1]) if plain else Encoder.fit_sparse(inputs, scaling=scaling)
        return
    if schema is None:
        schema = infer_schema(inputs, keep=names_to_keep(estimator.keep))
        warn_of_columns(schema)
    estimator.schema_ = schema = replace(schema, n_rows=inputs.n_rows)
    numeric = all(column.kind in ("numeric", "boolean") for column in schema.columns)
    complete = all(column.missing == 0 for column in schema.columns)
    if plain and numeric and (complete or inputs.is_array):
        estimator.encoder_ = Encoder.identity(schema)
    else:
        estimator.encoder_ = Encoder.fit(inputs.select(schema.names), schema, scaling=scaling)


def names_to_keep(keep: Any) -> tuple[str, ...]:
    """Return the columns of the parameter `keep`.

    >>> names_to_keep(None), names_to_keep("id"), names_to_keep(["id", "row"])
    ((), ('id',), ('id', 'row'))
    """
    if keep is None:
        return ()
    return (keep,) if isinstance(keep, str) else tuple(keep)


def _check_target(estimator: Any, target: Array, inputs: Inputs) -> None:
    """Check the target of a warm start against its encoder, and widen the clipping range of quantities."""
    encoder = estimator.target_encoder_
    if encoder.task in ("binary", "multiclass") and target.ndim == 1:
        found = distinct_classes(target)
        if found.tolist() != encoder.classes.tolist():  # worded as in scikit-learn
            raise DataError(
                f"warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {encoder.classes}, `y` has {found}; try warm_start=False, or partial_fit for rows of "
                f"some classes."
            )
    encoder.transform(target, row_numbers(inputs))
    if encoder.classes is None:
        estimator.target_encoder_ = encoder.widened(target)


def _refuse_too_large(estimator: Any, rows: Rows) -> None:
    rows.check()
    if estimator.target_encoder_.classes is None:
        refuse_too_large(estimator.target_encoder_.transform(rows.y), rows.dtype, "y")


# Networks and runs.


@TRAINING.rewriting()
def new_network(estimator: Any, seed: int, rows: Rows, part: Array | None = None) -> Network:
    """Return the network of the recipe with initial weights; init="data" looks at these rows."""
    recipe, numbers = estimator.recipe_, estimator.encoder_.number_places
    output, _ = estimator._output_and_cost()
    from_data = recipe["init"] == FROM_DATA
    embedding = embedding_of(estimator.get_params(deep=False), recipe, len(numbers), sparse=rows.is_sparse)
    network = Network.create(
        [estimator.encoder_.n_inputs, *hidden_sizes(recipe.hidden_layer_sizes), estimator.target_encoder_.n_out],
        hidden=recipe["activation"],
        output=output,
        init="auto" if from_data else recipe["init"],
        numeric_embedding=embedding,
        embedded=None if embedding is None else numbers,
        input_scaling=recipe["input_scaling"],
        learned_slope=recipe["learned_slope"],
        dtype=recipe["dtype"],
        seed=seed,
    )
    return start_from_data(network, rows.sample(seed, part), seed=seed) if from_data else network


def run_arguments(estimator: Any, network: Network, training: Samples, held: Samples | None, seed: int) -> RunArguments:
    """Return the run of one network."""
    validation: tuple[Array, ...] | None = None
    if held is not None:
        validation = (held.A0, estimator.target_encoder_.transform(held.y))
        if held.weights is not None:
            validation = (*validation, held.weights)
    return RunArguments(
        network=with_rates(estimator, network),
        X=training.A0,
        Y=_targets(estimator, training.y),
        settings=run_settings(estimator, len(training), held_out=held is not None, seed=seed),
        weights=estimator._weights(training.y, training.weights),
        validation=validation,
    )


def _targets(estimator: Any, y: Array | StoredColumn) -> Array:
    """Return what the network is trained on, (n_rows, n_out), made of some rows at a time: what is between is large."""
    first = estimator._targets(np.asarray(y[:TARGETS_AT_A_TIME]))
    if len(y) == len(first):
        return first
    Y = np.empty((len(y), first.shape[1]), first.dtype)
    for start in range(0, len(y), TARGETS_AT_A_TIME):
        some = slice(start, start + TARGETS_AT_A_TIME)
        Y[some] = estimator._targets(np.asarray(y[some]))
    return Y


def with_rates(estimator: Any, network: Network) -> Network:
    """Return the network with the learning-rate factors of the recipe."""
    return network.with_rates(estimator.recipe_["rates"], biases=estimator.recipe_["bias_rate"])


def run_settings(estimator: Any, n_samples: int, *, held_out: bool, seed: int) -> TrainSettings:
    """Return the settings of the run of one network on so many rows."""
    _, cost = estimator._output_and_cost()
    return TrainSettings(
        cost=cost,
        callback=_callback(estimator.callback, verbose=estimator.verbose),
        seed=seed,
        **train_arguments(estimator.recipe_, n_samples, held_out=held_out),
    )


def _callback(callback: Any, *, verbose: bool) -> Any:
    """Return the user's callback; with `verbose` a line per epoch is printed as well."""
    if not verbose:
        return callback
    return _print if callback is None else Several(_print, callback)


def _print(epoch: Any, network: Network) -> None:
    held = "" if epoch.validation_cost is None else f", validation cost {epoch.validation_cost:.6f}"
    sys.stdout.write(f"Epoch {epoch.epoch}: cost {epoch.cost:.6f}{held}\n")
