"""`CandidateRows`: the rows of a search over settings, read and split once, and encoded once for each encoding."""

from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from glassnet.data.columns.schema import Schema
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.split import split
from glassnet.data.table import Table
from glassnet.errors import ParameterError
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.fitting.preparation import (
    draw_seed,
    fit_encoder,
    n_targets,
    new_network,
    run_settings,
    with_rates,
)
from glassnet.estimators.fitting.recipe import resolve_recipe
from glassnet.estimators.fitting.samples import Rows, Samples
from glassnet.estimators.inputs import Inputs, column_names, n_columns, n_rows, precision_of, read_X
from glassnet.estimators.judging.candidate_fit import CandidateFit
from glassnet.estimators.judging.out_of_fold import check_folds, deal
from glassnet.estimators.words import TRAINING
from glassnet.settings.kinds import SHARE
from glassnet.settings.table import FROM_DATA
from glassnet.training.run_state import RunState
from glassnet.training.train import RunArguments
from glassnet.typing import Array

OF_ONE_TRAINING: Mapping[str, Any] = {
    "callback": None, "verbose": False, "warm_start": False, "n_networks": 1, "refit": False, "n_jobs": 1,
    "snapshots": 0, "kept_states": 0,
}  # fmt: skip
"""Parameters of every candidate: each is a single training on one core, of which nothing else is kept."""


@dataclass(frozen=True, eq=False)
class _Encoded:
    """One part under one encoding; `exact` are the scored rows in float64, as for predictions."""

    schema: Schema | None
    encoder: Encoder
    rows: Rows
    training: Samples
    held: Samples
    exact: Samples


@dataclass(frozen=True, eq=False)
class _SampledRows:
    """What `new_network` asks of the rows, with the sample encoded once."""

    is_sparse: bool
    sampled: Array

    def sample(self, seed: int, part: Array | None = None) -> Array:
        return self.sampled


class CandidateRows:
    """Rows that many settings are tried on.

    A candidate is trained on the first rows of a part and scored on the second ones, exactly as an estimator with its
    parameters that is fitted with ``fit(X[training], y[training], eval_set=(X[held], y[held]))``; without early
    stopping, ``fit(X[training], y[training])``. But the table is read once, and encoded once for each preset and
    precision. It can be pickled, with everything encoded so far, and used by several threads.

    Parameters
    ----------
    estimator : GlassClassifier or GlassRegressor
        The parameters that candidates do not set. It is not changed.
    X, y
        As in `fit`.
    schema : Schema, optional
        By default inferred from the training rows of each part.
    precision : str, optional
        Of the user's X, if this one was made from it.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> rows = CandidateRows(gn.GlassClassifier(), X, y)
    >>> rows.hold_out(0.4, seed=0)
    'Scored on held-out rows. Stratified by 2 classes: 12 rows to train, 8 to score.'
    >>> candidate = rows.begun({"hidden_layer_sizes": (4,), "max_iter": 9, "learning_rate_init": 0.05}, 0, seed=0)
    >>> sorted(candidate.advanced(5).scores())
    ['accuracy', 'log_loss']
    >>> candidate.n_epochs, candidate.finished, candidate.advanced(99).finished
    (5, False, True)
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, *, schema: Schema | None = None, precision: str | None = None
    ) -> None:
        self._estimator = copy(estimator)
        for name, value in OF_ONE_TRAINING.items():
            setattr(self._estimator, name, value)
        self._inputs = read_X(self._estimator, X, reset=True)
        self._target = self._estimator._read_y(y, n_rows(self._inputs), again=False)
        self._names, self._dtype, self._schema = column_names(y), precision or precision_of(X), schema
        self._parts: list[tuple[Array, Array]] = []  # rows to train on, and rows to score on
        self._encoded: dict[Any, _Encoded] = {}
        self._targets: dict[Any, TargetEncoder] = {}
        self._Y: dict[Any, Array] = {}
        self._samples: dict[Any, Array] = {}
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "_lock": Lock()}

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return len(self._parts)

    @property
    def is_classification(self) -> bool:
        """Whether candidates predict classes."""
        return hasattr(self._estimator, "predict_proba")

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self._target)

    @property
    def n_training(self) -> int:
        """Number of rows that a candidate is trained on."""
        return len(self._parts[0][0])

    @property
    def n_numbers(self) -> int:
        """Number of columns of numbers, which could be embedded."""
        if not isinstance(self._inputs, Table):
            return 0
        schema = self._schema or infer_schema(self._inputs)
        return sum(column.kind == "numeric" for column in schema.columns)

    @property
    def is_sparse(self) -> bool:
        """Whether X is a sparse matrix."""
        return not isinstance(self._inputs, Table)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of X and y."""
        return fingerprint(self._inputs, self._target)

    @property
    def fingerprint_of_parts(self) -> str:
        """The fingerprint of which rows train and which score."""
        return fingerprint(*(rows for part in self._parts for rows in part))

    def hold_out(self, share: float, *, groups: Any = None, time: Any = None, seed: int) -> str:
        """Score candidates on a share of the rows, and return which ones, as a sentence."""
        SHARE.check("validation_fraction", share)
        by_class = self._estimator._stratify(self._target) if groups is None and time is None else None
        found = split(
            self.n_rows, fractions=(1 - share, share, 0), stratify=by_class, groups=groups, time=time, seed=seed
        )
        if len(found.validation) < 2:
            raise ParameterError(
                f"{share:g} of {self.n_rows} rows hold out {len(found.validation)}, but a score needs 2; hold out "
                f"more, or use folds=5."
            )
        self._parts = [(found.train, found.validation)]
        how = found.how.split(":")[0].removesuffix(", the latest rows to test")
        return f"Scored on held-out rows. {how}: {len(found.train)} rows to train, {len(found.validation)} to score."

    def cross_validate(self, folds: int, *, seed: int) -> str:
        """Score candidates by cross-validation, and return how, as a sentence."""
        classes = np.unique(self._target) if self.is_classification and self._target.ndim == 1 else None
        check_folds(self.n_rows, self._target, classes, folds)
        fold = deal(self._target, classes, folds, np.random.default_rng(seed))
        self._parts = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
        by_class = "" if classes is None else f", stratified by {len(classes)} classes"
        return f"Scored by cross-validation with {folds} folds{by_class}: {self.n_rows} rows."

    def model_with(self, parameters: Mapping[str, Any], *, seed: int) -> Any:
        """Return an unfitted estimator with these parameters."""
        model = copy(self._estimator)
        for name, value in {**parameters, "random_state": seed}.items():
            setattr(model, name, value)
        return model

    @property
    def n_encoded(self) -> int:
        """Number of things that were encoded so far; a pickle contains them."""
        return len(self._encoded) + len(self._targets) + len(self._Y) + len(self._samples)

    def prepare_for(self, parameters: Mapping[str, Any], part: int, *, seed: int) -> None:
        """Encode what such a candidate needs, unless its parameters are invalid."""
        with suppress(ParameterError):
            self._ready(parameters, part, seed=seed)

    @TRAINING.rewriting()
    def begun(self, parameters: Mapping[str, Any], part: int, *, seed: int, at: RunState | None = None) -> CandidateFit:
        """Return a candidate before its first step, or at the state of an earlier one with the same arguments.

        Raises
        ------
        ParameterError
            If the parameters are invalid, or do not fit each other.
        """
        draft, encoded, rows, arguments = self._ready(parameters, part, seed=seed)
        network: Any = new_network(draft, arguments["settings"].seed, rows)  # type: ignore[arg-type]
        run = RunArguments(network=with_rates(draft, network), **arguments)
        return CandidateFit(draft, run.begun(at=at), encoded.exact)

    def _recipe_of(self, draft: Any, n_samples: int) -> Any:
        return resolve_recipe(
            draft.get_params(deep=False),
            n_samples,
            n_targets=n_targets(self._target),
            n_columns=n_columns(self._inputs),
            dtype=self._dtype,
        )

    def _ready(
        self, parameters: Mapping[str, Any], part: int, *, seed: int, n_rows: int | None = None
    ) -> tuple[Any, _Encoded, _SampledRows, dict[str, Any]]:
        """Return the estimator with recipe and encoders, and what its network and its run are made from.

        The recipe is that of `n_rows` rows, by default those to train on.
        """
        draft = self.model_with(parameters, seed=seed)
        draft.recipe_ = recipe = self._recipe_of(draft, n_rows or len(self._parts[part][0]))
        seed_of_fit = draw_seed(draft)
        encoded = self._under_encoding_of(draft, part)
        draft.schema_, draft.encoder_ = encoded.schema, encoded.encoder
        draft.target_encoder_ = encoder = self._target_encoder_of(draft, part, encoded)
        training, held = encoded.training, encoded.held if recipe.early_stopping else None
        key = part, self._key_of_target(draft)
        smoothing = getattr(recipe, "label_smoothing", None)
        arguments = {
            "X": training.A0,
            "Y": self._once(self._Y, (*key, smoothing), lambda: draft._targets(training.y)),
            "settings": run_settings(draft, len(training), held_out=held is not None, seed=seed_of_fit),
            "weights": draft._weights(training.y, None),
        }
        if held is not None:
            arguments["validation"] = held.A0, self._once(self._Y, (*key, "held"), lambda: encoder.transform(held.y))
        sample = self._sample_of(draft, part, encoded, seed_of_fit) if recipe.init == FROM_DATA else None
        return draft, encoded, _SampledRows(encoded.rows.is_sparse, sample), arguments

    def _once(self, known: dict[Any, Any], key: Any, make: Any) -> Any:
        """Return what is known under a key, and make it if it is not."""
        with self._lock:
            if key not in known:
                known[key] = make()
            return known[key]

    def _under_encoding_of(self, draft: Any, part: int) -> _Encoded:
        key = part, draft.recipe_.preset, draft.recipe_.dtype
        found: _Encoded = self._once(self._encoded, key, lambda: self._encode(draft, part))
        return found

    def _encode(self, draft: Any, part: int) -> _Encoded:
        training, held = (_some(self._inputs, positions) for positions in self._parts[part])
        y_training, y_held = (self._target[positions] for positions in self._parts[part])
        fit_encoder(draft, training, self._schema)
        dtype = draft.recipe_.dtype
        rows = Rows(draft._columns_of(training), y_training, None, draft.encoder_, dtype)
        rows.check()
        scored = Rows(draft._columns_of(held), y_held, None, draft.encoder_, dtype)
        exact = scored.encoded(None, np.float64)
        return _Encoded(draft.schema_, draft.encoder_, rows, rows.encoded(), scored.encoded(), exact)

    def _target_encoder_of(self, draft: Any, part: int, encoded: _Encoded) -> TargetEncoder:
        key = part, self._key_of_target(draft)
        made: TargetEncoder = self._once(
            self._targets, key, lambda: draft._fit_target(encoded.training.y, self._names, None)
        )
        return made

    def _key_of_target(self, draft: Any) -> Any:
        """Return what the encoding of the target depends on."""
        return draft.preset, repr(getattr(draft, "loss", None)), getattr(draft.recipe_, "clip_predictions", None)

    def _sample_of(self, draft: Any, part: int, encoded: _Encoded, seed: int) -> Array:
        key = part, draft.recipe_.preset, seed
        return self._once(self._samples, key, lambda: encoded.rows.sample(seed))


def _some(inputs: Inputs, positions: Array) -> Inputs:
    return inputs.part(positions) if isinstance(inputs, Table) else inputs[positions]


def model_for_all_rows(estimator: Any, parameters: Mapping[str, Any], n_rows: int, *, seed: int) -> Any:
    """Return an estimator with these parameters, unfitted; its fit to so many rows trains on all of them in the end."""
    given = {**estimator.get_params(deep=False), **parameters, "random_state": seed}
    model = type(estimator)(**given)
    if resolve_recipe({**given, "refit": False}, n_rows).early_stopping:
        model.refit = True
    return model


def check_estimator(estimator: Any) -> None:
    """Raise if it is not one of the two estimators."""
    if not isinstance(estimator, GlassEstimator):
        raise ParameterError(
            f"estimator is a {type(estimator).__name__}, but a GlassClassifier or GlassRegressor was expected."
        )
