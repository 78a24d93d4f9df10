"""Preparation of a fit to rows that do not fit into the memory: one pass for the encoders, then a run that streams."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils.class_weight import compute_class_weight

from glassnet.data.columns.column import whole_numbers
from glassnet.data.columns.labels import labeled_rows, target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.rows.digest import MOST_SAMPLED, Digest, digest_of
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.data.rows.memory import give_back
from glassnet.data.rows.parts import TRAIN, VALIDATION, Deal
from glassnet.data.rows.row_source import RowSource, whole_table
from glassnet.data.suggestions import suggestion
from glassnet.data.table import Table
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import ColumnError, DataError, ParameterError
from glassnet.estimators.checkpoints import Lazy
from glassnet.estimators.fitting.fit_warnings import warn_of_columns
from glassnet.estimators.fitting.preparation import (
    Extras,
    Prepared,
    draw_seed,
    names_to_keep,
    new_network,
    rows_of,
    run_settings,
    with_rates,
)
from glassnet.estimators.fitting.recipe import resolve_recipe
from glassnet.estimators.fitting.samples import Rows, Samples
from glassnet.training.train import RunArguments
from glassnet.typing import Array

SHARE_OF_WINDOW = 0.5
"""Of the memory of the windows, what one of the two takes."""

SMALLEST_WINDOW = 1 << 12
BYTES_PER_CELL = 24
"""Of a table in memory during its fit: the table, its encoded rows, and what comes and goes."""


def fits_in_memory(source: RowSource, left: int) -> bool:
    """Return whether a fit to the whole table in memory takes at most `left` bytes."""
    first = next(source.pieces(0))
    n_objects = sum(column.dtype.kind == "O" for column in first.columns)
    cells = len(source.names) + 3 * n_objects  # a text takes as much as four numbers
    return bool(source.n_rows * cells * BYTES_PER_CELL <= left)


def check_given_with_target(y: Any, sample_weight: Any, eval_set: Any) -> None:
    """Refuse what cannot be given with the name of a target."""
    for name, value in (("y", y), ("sample_weight", sample_weight), ("eval_set", eval_set)):
        if value is not None:
            raise ParameterError(
                f"{name} was given with target, the name of a column of X, but belongs to an X without the target; "
                f"leave it out, or pass X and y."
            )


def table_with_target(estimator: Any, source: RowSource, target: str) -> tuple[Table, Array]:
    """Return the inputs and the target of all rows of a source that have one, in memory."""
    if target not in source.names:
        raise ColumnError(f"the target {target!r} is not among the columns; {suggestion(target, source.names)}")
    table = labeled_rows(whole_table(source), target)
    values = table[target]
    if not is_regressor(estimator):
        values = whole_numbers(values)
    return table.drop([target]), values


@dataclass(frozen=True)
class Streaming:
    """How a fit streams its rows.

    Attributes
    ----------
    target : str
    n_bytes : int
        Bytes of memory that the windows may take, together.
    deal : Deal or None
        Which rows train; by default the fit holds out its validation rows itself.
    digest : Digest or None
        Of the source, if it is known already.
    """

    target: str
    n_bytes: int
    deal: Deal | None = None
    digest: Digest | None = None


def prepare_streamed(estimator: Any, source: RowSource, how: Streaming, extras: Extras) -> Prepared:
    """Prepare a fit to rows of a source, as `glassnet.estimators.fitting.preparation.prepare` does to a table."""
    seed = draw_seed(estimator)
    n_rows = source.n_rows if how.deal is None else round(source.n_rows * (1 - how.deal.shares[2]))
    recipe = resolve_recipe(
        estimator.get_params(deep=False),
        n_rows,
        has_validation=None if how.deal is None else how.deal.shares[1] > 0 or None,
        n_columns=len(source.names) - 1,
        dtype=_precision_of(source, how.target),
    )
    _refuse_several(estimator, recipe)
    estimator.recipe_ = recipe
    held_out = float(recipe["validation_fraction"]) if recipe["early_stopping"] else 0.0
    deal = how.deal or Deal((1.0 - held_out, held_out, 0.0), seed)
    digest = how.digest or digest_of(source, how.target, deal)
    schema = _fit_encoders(estimator, digest, extras)
    estimator._seed = seed
    training, validation = digest.part(TRAIN), digest.part(VALIDATION)
    if training.n_rows == 0 or (deal.shares[VALIDATION] > 0 and validation.n_rows == 0):
        raise DataError(
            f"{digest.n_rows} rows with a target are too few to hold some of them out; use early_stopping=False, or "
            f"more rows."
        )
    sample = digest.sample()
    rows = rows_of(estimator, sample, target_values(sample, schema), None)
    network = new_network(estimator, seed, rows)
    give_back()
    window = _window(estimator, how.n_bytes)
    weights = _class_weights(estimator, digest, schema)

    def encoded(part: Any, weigh: Any) -> EncodedRows:
        needed = part.select([*schema.names, how.target])
        numbers = _Targets(estimator.target_encoder_, schema)
        targets = (lambda table: estimator._targets(numbers.values(table))) if part is training else numbers
        n_out = estimator.target_encoder_.n_out
        return EncodedRows(needed, estimator.encoder_, targets, n_out, weigh, window, names_of_targets=(how.target,))

    held = encoded(validation, None) if validation.n_rows else None
    run = RunArguments(
        network=with_rates(estimator, network),
        X=encoded(training, weights),
        Y=None,
        settings=run_settings(estimator, training.n_rows, held_out=held is not None, seed=seed),
        validation=None if held is None else (held, None),
    )
    if extras.callback is not None:
        run = run.with_settings(callback=extras.callback)
    return Prepared(
        rows=Rows(rows.inputs.head(2), rows.y[:2], None, rows.encoder, rows.dtype),  # of a fit that cannot be repeated
        seeds=[seed],
        parts=[(seed, how.deal is None and held is not None)],
        n_training=[training.n_rows],
        before=[None],
        networks=[network],
        held=Lazy(1, lambda _: None if held is None else _some_samples(held, rows, schema, seed)),
        runs=[run],
        fingerprint=run.X.fingerprint,
        is_of_part=False,
    )


class _Targets:
    """The targets of a table's rows, as a network is compared with."""

    def __init__(self, encoder: TargetEncoder, schema: Schema) -> None:
        self._encoder, self._schema = encoder, replace(schema, target=schema.targets[0])

    def values(self, table: Table) -> Array:
        """Return the target in the user's units or classes."""
        return target_values(table, self._schema)

    def __call__(self, table: Table) -> Array:
        return self._encoder.transform(self.values(table), table.rows)


def _precision_of(source: RowSource, target: str) -> str:
    table = next(source.pieces(0))
    stored = getattr(table.columns, "stored", table.columns)
    kinds = {str(column.dtype) for name, column in zip(table.names, stored, strict=True) if name != target}
    return "float32" if kinds == {"float32"} else "float64"


def _refuse_several(estimator: Any, recipe: Any) -> None:
    for name, usual in (("n_networks", 1), ("refit", False)):
        if recipe[name] != usual:
            raise ParameterError(
                f"{name}={recipe[name]!r} trains several times, but rows that are streamed from files are trained on "
                f"once; use {name}={usual}, or allow memory for the whole table."
            )
    if estimator.warm_start and hasattr(estimator, "network_"):
        raise ParameterError(
            "warm_start=True continues from the fitted network, which rows that are streamed from files cannot; use "
            "warm_start=False, or allow memory for the whole table."
        )


def _fit_encoders(estimator: Any, digest: Digest, extras: Extras) -> Schema:
    """Set the schema and the encoders of the estimator from a digest."""
    target, plain = digest.target, estimator.recipe_["preset"] == "plain"
    names = tuple(name for name in digest.rows.names if name != target)
    schema = extras.schema
    if schema is None:
        task = "regression" if is_regressor(estimator) else "classification"
        schema = digest.schema(keep=names_to_keep(estimator.keep), missing=MISSING_MARKERS, task=task)
        warn_of_columns(schema)
    estimator.n_features_in_ = len(names)
    estimator.feature_names_in_ = np.asarray(names, dtype=object)
    estimator.target_name_ = extras.target_name or target
    witnesses, sample = check_columns(digest.witnesses(), schema), check_columns(digest.sample(), schema)
    y = digest.target_levels(schema)
    encoder = estimator._fit_target(y, (), digest.witnesses().rows)
    if encoder.classes is None and not digest.is_whole:
        mean, deviation = digest.target_moments
        if not (encoder.means == 0).all() or not (encoder.scales == 1).all():
            encoder = replace(
                encoder, means=np.asarray([mean]), scales=np.asarray([deviation if deviation > 0 else 1.0])
            )
    estimator.target_encoder_ = encoder
    estimator.schema_ = replace(schema, n_rows=sum(digest.sizes[TRAIN]))
    numeric = all(column.kind in ("numeric", "boolean") for column in schema.columns)
    if plain and numeric and all(column.missing == 0 for column in schema.columns):
        estimator.encoder_ = Encoder.identity(schema)
        return schema
    scaling = "none" if plain else "robust"
    whole = Encoder.fit(witnesses, schema, scaling=scaling)
    estimator.encoder_ = Encoder(tuple(_with_quantiles(step, sample, scaling) for step in whole.steps))
    return schema


def _with_quantiles(step: Any, sample: Table, scaling: str) -> Any:
    """Return a number's step with median and quartiles of the sample, without the extremes among the witnesses."""
    if not isinstance(step, NumberStep):
        return step
    values = sample[step.name].astype(np.float64)
    present = values[~np.isnan(values)]
    if len(present) == 0:
        return step
    of_sample = NumberStep.fit(step.name, values, scaling).scale
    q25, q75 = np.percentile(present, [25, 75])
    if scaling == "robust" and not q75 > q25:  # the factor follows the range, which the witnesses know
        return replace(step, scale=replace(step.scale, center=of_sample.center))
    return replace(step, scale=of_sample)


def _window(estimator: Any, n_bytes: int) -> int:
    """Return the number of rows of a window, where both take so many bytes of memory."""
    itemsize = np.dtype(estimator.recipe_["dtype"]).itemsize
    per_row = itemsize * (estimator.encoder_.n_inputs + 2 * estimator.target_encoder_.n_out)
    largest = int(SHARE_OF_WINDOW * n_bytes) // int(per_row)
    return max(SMALLEST_WINDOW, int(estimator.recipe_["batch_size"]), largest)


def _class_weights(estimator: Any, digest: Digest, schema: Schema) -> Any:
    """Return what gives the weights of rows by their classes, of mean 1; None without class weights."""
    if getattr(estimator, "class_weight", None) is None:
        return None
    classes = estimator.target_encoder_.classes
    counts = np.asarray([digest.target_counts[label] for label in classes.tolist()], np.float64)
    if estimator.class_weight == "balanced":
        each = counts.sum() / (len(classes) * counts)
    else:
        each = compute_class_weight(estimator.class_weight, classes=classes, y=classes)
    each = each / (each @ counts / counts.sum())
    numbers = _Targets(estimator.target_encoder_, schema)

    def weigh(table: Table) -> Array:
        Y = numbers(table)
        return each[Y[:, 0].astype(np.int64)] if Y.shape[1] == 1 else Y @ each

    return weigh


def _some_samples(held: EncodedRows, rows: Rows, schema: Schema, seed: int) -> Samples:
    """Return validation rows in float64 for the calibration: all, or as many as a digest samples."""
    table = some_rows(held.source, MOST_SAMPLED, seed=seed)
    return Samples(rows.encoder.transform(table), target_values(table, schema))


def some_rows(source: RowSource, most: int, *, seed: int) -> Table:
    """Return all rows of a source, or a random sample of `most` of them, in their order."""
    if source.n_rows <= most:
        return source.take(np.arange(source.n_rows))
    return source.take(np.sort(np.random.default_rng(seed).choice(source.n_rows, most, replace=False)))
