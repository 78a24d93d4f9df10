"""Everything that comes before the first step: reading, holding rows out, encoding, and a network for each run.

These functions take the estimator that is fitted, and set on it what `fit` finds out: the recipe, and how columns and
target are encoded.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight

from glassnet.core.data_start import start_from_data
from glassnet.core.network import Network
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.split import split
from glassnet.data.table import Table
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.data_warnings import warn_of_columns
from glassnet.estimators.fitting.member import Member, member_seeds
from glassnet.estimators.fitting.presets import FROM_DATA
from glassnet.estimators.fitting.recipe import embedding_of, hidden_sizes, is_open, resolve_recipe
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.estimators.fitting.samples import Samples, some_rows
from glassnet.estimators.inputs import (
    Inputs,
    column_names,
    n_columns,
    n_rows,
    read_X,
    refuse_too_large,
    row_numbers,
    take,
)
from glassnet.estimators.words import TRAINING
from glassnet.typing import Array

STRUCTURE = ("hidden_layer_sizes", "activation", "learned_slope", "numeric_embedding", "input_scaling", "dtype")
"""Parameters that say which network it is; the others say how it is trained."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is known before the first step; one entry of each list for each network.

    Attributes
    ----------
    samples : Samples
        All rows, encoded.
    seeds : list of int
    parts : list of (int, bool)
        The seed of the rows held out, and whether there are any.
    before : list of Member or None
        The network that a warm start goes on from.
    held : list of Samples or None
        The rows that are only watched.
    runs : list of dict
        The arguments of `glassnet.train`.
    fingerprint : str
        Of the data.
    """

    samples: Samples
    seeds: list[int]
    parts: list[tuple[int, bool]]
    before: list[Member | None]
    held: list[Samples | None]
    runs: list[dict[str, Any]]
    fingerprint: str


def prepare(estimator: Any, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool) -> Prepared:
    """Do everything that comes before training; `again` goes on from the networks that there are."""
    inputs = read_X(estimator, X, reset=not again)
    target = estimator._read_y(y, n_rows(inputs), again=again)
    weights = read_weights(sample_weight, len(target))
    seed = draw_seed(estimator)
    given = None if eval_set is None else _read_watched(estimator, eval_set, inputs)
    recipe = resolve_recipe(
        estimator.get_params(deep=False),
        len(target),
        watched=given is not None or None,
        n_targets=n_targets(target),
        n_columns=n_columns(inputs),
    )
    n_networks = recipe["n_networks"]
    before: list[Member | None] = _members_before(estimator, n_networks) if again else [None] * n_networks
    estimator.recipe_ = recipe
    seeds = member_seeds(seed, n_networks)
    part_seeds = seeds if recipe["bagged"] else [seeds[0]] * n_networks
    parts = [hold_out(estimator, target, each, has_watched=given is not None) for each in part_seeds]
    if again:
        _check_target(estimator, target, inputs)
    else:
        _fit_encoders(estimator, inputs, target, column_names(y), parts)
        estimator._seed = seed
    if given is not None:
        estimator.target_encoder_.transform(given[1], row_numbers(given[0]))
    samples = Samples(estimator._encode(inputs), target, weights)
    _refuse_too_large(estimator, samples)
    watched = None if given is None else Samples(estimator._encode(given[0]), given[1])
    runs, held = [], []
    for each, (rows, held_out), member in zip(seeds, parts, before, strict=True):
        held.append(samples.take(held_out) if len(held_out) else watched)
        own = samples.take(rows) if len(held_out) else samples
        network = new_network(estimator, each, own.A0) if member is None else member.as_trained
        runs.append(run_arguments(estimator, network, own, held[-1], each))
    dealt = [(part_seed, len(held_out) > 0) for part_seed, (_, held_out) in zip(part_seeds, parts, strict=True)]
    return Prepared(samples, seeds, dealt, before, held, runs, fingerprint(inputs, target))


# Reading.


def draw_seed(estimator: Any) -> int:
    """Return the seed of a fit; a generator of the user's moves on."""
    if isinstance(estimator.random_state, np.random.Generator):
        return int(estimator.random_state.integers(1 << 31))
    return int(check_random_state(estimator.random_state).randint(np.iinfo(np.int32).max))


def read_weights(sample_weight: Any, n_samples: int) -> Array | None:
    """Return the sample weights as an array (n_samples,), by scikit-learn's rules."""
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, np.empty((n_samples, 1)), ensure_non_negative=True)


def n_targets(target: Array) -> int:
    """Return the number of y's columns."""
    return 1 if target.ndim == 1 else int(target.shape[1])


def _read_watched(estimator: Any, eval_set: Any, training: Inputs) -> tuple[Inputs, Array]:
    """Return the rows that are only watched, their text read as that of the training rows."""
    held_X, held_y = _pair(eval_set)
    notations = training.notations if isinstance(training, Table) else None
    inputs = read_X(estimator, held_X, reset=False, notations=notations)
    return inputs, estimator._read_y(held_y, None, again=True)


def _pair(eval_set: Any) -> tuple[Any, Any]:
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) != 2:
        raise ParameterError("eval_set must be a pair (X, y) of rows that are only watched.")
    return eval_set


# A warm start.


def _members_before(estimator: Any, n_networks: int) -> list[Member | None]:
    """Return the networks that a warm start goes on from, which are as their recipe made them."""
    earlier = estimator.recipe_
    for name in STRUCTURE:
        now = getattr(estimator, name)
        if name not in earlier or is_open(now):  # old files lack some
            continue
        if name == "numeric_embedding" and now is None and not _embeds(estimator.network_):
            continue  # "auto" leaves it out of wide tables
        if _structure(name, earlier[name]) != _structure(name, now):
            raise ParameterError(
                f"{name}={now!r}, but warm_start=True goes on from a network with {name}={earlier[name]!r}; use "
                f"that, or warm_start=False."
            )
    n_before = len(estimator.members_)
    if n_networks != n_before:
        raise ParameterError(
            f"n_networks={n_networks}, but warm_start=True goes on from {n_before}; use n_networks={n_before}, or "
            f"warm_start=False."
        )
    return list(estimator.members_)


def _embeds(network: Network) -> bool:
    return network.front is not None and len(network.front.embedded) > 0


def _structure(name: str, value: Any) -> Any:
    """Return a structural parameter as it can be compared, in whichever form it was given."""
    if name == "hidden_layer_sizes":
        return hidden_sizes({name: value})
    return tuple(value) if isinstance(value, list) else value


# Rows held out.


def hold_out(estimator: Any, y: Array, seed: int, *, has_watched: bool) -> tuple[Array, Array]:
    """Return the rows to train on and those to hold out, none where others are watched or the recipe says so."""
    if has_watched or not estimator.recipe_["early_stopping"]:
        return np.arange(len(y)), np.arange(0)
    share = estimator.recipe_["validation_fraction"]
    parts = split(len(y), fractions=(1 - share, share, 0), stratify=estimator._stratify(y), seed=seed)
    if len(parts.validation) == 0:
        raise ParameterError(
            f"early_stopping=True holds out {share:g} of {len(y)} rows, which is none; "
            f"use early_stopping=False, or pass eval_set=(X, y)."
        )
    return parts.train, parts.validation


# Encoding.


def _fit_encoders(
    estimator: Any, inputs: Inputs, target: Array, names: tuple[str, ...], parts: list[tuple[Array, Array]]
) -> None:
    """Fit one encoder for all networks: it may see the rows that some of them hold out, their targets aside."""
    is_same = len({part.tobytes() for _, part in parts}) == 1 and len(parts[0][1]) > 0
    part = parts[0][0] if is_same else np.arange(len(target))
    estimator.target_encoder_ = estimator._fit_target(target[part], names, row_numbers(inputs)[part])
    fit_encoder(estimator, take(inputs, part) if is_same else inputs)


def fit_encoder(estimator: Any, inputs: Inputs) -> None:
    """Set how rows become numbers: ``schema_`` and ``encoder_``."""
    plain = estimator.recipe_["preset"] == "plain"
    scaling = "none" if plain else "robust"
    if not isinstance(inputs, Table):
        estimator.schema_ = None
        estimator.encoder_ = Encoder.identity(inputs.shape[1]) if plain else Encoder.fit_sparse(inputs, scaling=scaling)
        return
    schema = infer_schema(inputs, keep=_names(estimator.keep))
    estimator.schema_ = schema
    warn_of_columns(schema)
    numeric = all(column.kind in ("numeric", "boolean") for column in schema.columns)
    complete = all(column.missing == 0 for column in schema.columns)
    if plain and numeric and (complete or inputs.is_array):
        estimator.encoder_ = Encoder.identity(schema)
    else:
        estimator.encoder_ = Encoder.fit(check_columns(inputs, schema), schema, scaling=scaling)


def _names(keep: Any) -> tuple[str, ...]:
    if keep is None:
        return ()
    return (keep,) if isinstance(keep, str) else tuple(keep)


def _check_target(estimator: Any, target: Array, inputs: Inputs) -> None:
    """Hold the target of a warm start against the encoder that there is, which takes all quantities from now on."""
    estimator.target_encoder_.transform(target, row_numbers(inputs))  # names the user's row if a class is new
    if estimator.target_encoder_.classes is None:
        estimator.target_encoder_ = estimator.target_encoder_.widened(target)


def _refuse_too_large(estimator: Any, samples: Samples) -> None:
    dtype, encoder = estimator.recipe_["dtype"], estimator.target_encoder_
    refuse_too_large(samples.A0, dtype, "X")
    if encoder.classes is None:
        refuse_too_large(encoder.transform(samples.y), dtype, "y")


# Networks and runs.


@TRAINING.spoken()
def new_network(estimator: Any, seed: int, A0: Any) -> Network:
    """Return the network that the recipe describes, with start weights; `A0` are the rows to start from."""
    recipe, numbers = estimator.recipe_, estimator.encoder_.number_places
    output, _ = estimator._output_and_cost()
    from_data = recipe["init"] == FROM_DATA
    embedding = embedding_of(estimator.get_params(deep=False), recipe, len(numbers), sparse=hasattr(A0, "tocsr"))
    network = Network.create(
        [estimator.encoder_.n_inputs, *hidden_sizes(recipe), estimator.target_encoder_.n_out],
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
    return start_from_data(network, some_rows(A0, seed), seed=seed) if from_data else network


def run_arguments(
    estimator: Any, network: Network, training: Samples, watched: Samples | None, seed: int
) -> dict[str, Any]:
    """Return the arguments of `glassnet.train` for one network."""
    recipe = estimator.recipe_
    _, cost = estimator._output_and_cost()
    validation: tuple[Array, ...] | None = None
    if watched is not None:
        validation = (watched.A0, estimator.target_encoder_.transform(watched.y))
        if watched.weights is not None:
            validation = (*validation, watched.weights)
    return {
        "network": network.with_rates(recipe["rates"], biases=recipe["bias_rate"]),
        "X": training.A0,
        "Y": estimator._targets(training.y),
        "cost": cost,
        "weights": estimator._weights(training.y, training.weights),
        "validation": validation,
        "callback": _callback(estimator.callback, verbose=estimator.verbose),
        "seed": seed,
        "kept_states": recipe["kept_states"],
        **train_arguments(recipe, len(training), held_out=watched is not None),
    }


def _callback(callback: Any, *, verbose: bool) -> Any:
    """Return the user's callback, which with `verbose` also writes a line per epoch."""
    if not verbose:
        return callback

    def report(epoch: Any, network: Network) -> bool | None:
        held = "" if epoch.validation_cost is None else f", validation cost {epoch.validation_cost:.6f}"
        sys.stdout.write(f"Epoch {epoch.epoch}: cost {epoch.cost:.6f}{held}\n")
        return callback(epoch, network) if callback is not None else None

    return report
