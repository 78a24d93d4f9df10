"""What classifier and regressor share: read the table, encode it, build the network, train it, predict."""

import sys
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_consistent_length, check_is_fitted

from glassnet.core.costs import Cost, resolve_cost
from glassnet.core.network import Network
from glassnet.core.solvers import resolve_solver
from glassnet.data.checking import check_columns
from glassnet.data.encoder import Encoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.schema import Schema, infer_schema
from glassnet.data.split import split
from glassnet.data.table import Table
from glassnet.data.targets import TargetEncoder
from glassnet.engines.base import State
from glassnet.errors import ParameterError
from glassnet.estimators.inputs import Inputs, n_rows, read_X, read_y, take
from glassnet.estimators.model_file import save
from glassnet.estimators.prediction import outputs
from glassnet.estimators.predictor import Predictor
from glassnet.estimators.recipe import hidden_sizes, resolve_recipe, train_arguments
from glassnet.estimators.replaying import Trained, check_replayable, forget_data, replay_of
from glassnet.training.history import History
from glassnet.training.replay import Replay
from glassnet.training.train import train
from glassnet.typing import Array


class GlassEstimator(BaseEstimator):
    """The way from a table to a trained network; `GlassClassifier` and `GlassRegressor` say what the target is."""

    _multi_output = False

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        return tags

    # What the two estimators decide for themselves.

    def _fit_target(self, y: Array) -> TargetEncoder:
        raise NotImplementedError

    def _output_and_cost(self) -> tuple[Any, Any]:
        raise NotImplementedError

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        return sample_weight

    def _stratify(self, y: Array) -> Any:
        return False

    # Fitting.

    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, *, again: bool) -> None:
        """Fit from scratch, or go on from where the estimator is if `again`."""
        inputs = read_X(self, X, reset=not again)
        target = read_y(y, multi_output=self._multi_output)
        check_consistent_length(np.empty(n_rows(inputs)), target)
        weights = _read_weights(sample_weight, len(target))
        seed = self._draw_seed()
        self.recipe_ = resolve_recipe(self.get_params(deep=False), len(target))
        training, validation = self._hold_out(inputs, target, weights, eval_set, seed)
        if not again:
            self.target_encoder_ = self._fit_target(training[1])
            self._fit_encoder(training[0])
            self._build_network(seed)
            self._seed = seed
            self.history_ = History((), "epochs", "not trained yet", 0)
        self.data_fingerprint_ = fingerprint(inputs, target)
        self._train(training, validation, seed, epochs=None, holds_out=validation is not None and eval_set is None)

    def _draw_seed(self) -> int:
        if isinstance(self.random_state, np.random.Generator):
            return int(self.random_state.integers(1 << 31))
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _hold_out(self, inputs: Inputs, y: Array, weights: Any, eval_set: Any, seed: int) -> tuple[Any, Any]:
        """Return (inputs, y, weights) of the training part and of the validation part, None where there is none."""
        if eval_set is not None:
            held_X, held_y = _pair(eval_set)
            held_out = read_X(self, held_X, reset=False), read_y(held_y, multi_output=self._multi_output), None
            return (inputs, y, weights), held_out
        if not self.recipe_["early_stopping"]:
            return (inputs, y, weights), None
        share = self.recipe_["validation_fraction"]
        parts = split(len(y), fractions=(1 - share, share, 0), stratify=self._stratify(y), seed=seed)
        if len(parts.validation) == 0:
            raise ParameterError(
                f"early_stopping=True holds out {share:g} of {len(y)} rows, which is none; "
                f"use early_stopping=False, or pass eval_set=(X, y)."
            )
        held = [(take(inputs, rows), y[rows], None if weights is None else weights[rows]) for rows in (
            parts.train, parts.validation)]  # fmt: skip
        return held[0], held[1]

    def _fit_encoder(self, inputs: Inputs) -> None:
        plain = self.recipe_["preset"] == "plain"
        scaling = "none" if plain else "robust"
        if not isinstance(inputs, Table):
            self.schema_: Schema | None = None
            self.encoder_ = Encoder.identity(inputs.shape[1]) if plain else Encoder.fit_sparse(inputs, scaling=scaling)
            return
        self.schema_ = infer_schema(inputs, keep=_names(self.keep))
        numeric = all(column.kind in ("numeric", "boolean") for column in self.schema_.columns)
        complete = all(column.missing == 0 for column in self.schema_.columns)
        if plain and numeric and (complete or inputs.is_array):
            self.encoder_ = Encoder.identity(self.schema_)
        else:
            self.encoder_ = Encoder.fit(check_columns(inputs, self.schema_), self.schema_, scaling=scaling)

    def _build_network(self, seed: int) -> None:
        output, _ = self._output_and_cost()
        hidden = hidden_sizes(self.recipe_)
        self.network_ = Network.create(
            [self.encoder_.n_inputs, *hidden, self.target_encoder_.n_out],
            hidden=self.recipe_["activation"],
            output=output,
            init=self.init,
            dtype=self.recipe_["dtype"],
            seed=seed,
        )

    def _train(
        self, training: Any, validation: Any, seed: int, *, epochs: int | None, state: Any = None,
        holds_out: bool = False,
    ) -> None:  # fmt: skip
        inputs, y, sample_weight = training
        arguments = train_arguments(self.recipe_, len(y), held_out=validation is not None)
        if epochs is not None:
            arguments.update(epochs=epochs, patience=None, tolerance=0.0)
        _, cost = self._output_and_cost()
        result = train(
            self.network_,
            self._encode(inputs),
            self.target_encoder_.transform(y),
            cost=cost,
            weights=self._weights(y, sample_weight),
            validation=None
            if validation is None
            else (self._encode(validation[0]), self.target_encoder_.transform(validation[1]), *(
                () if validation[2] is None else (validation[2],))),
            callback=self._callback(),
            seed=seed,
            state=state,
            kept_states=self.recipe_["kept_states"],
            **arguments,
        )  # fmt: skip
        self.network_ = result.network
        self.history_ = self.history_.extended(result.history)
        self._state: State | None = result.state
        self._trained: Trained | None = Trained(forget_data(result.recording), seed, holds_out)
        if result.history.stopped == "diverged":
            warnings.warn(f"training diverged: {result.history.stop_reason}", ConvergenceWarning, stacklevel=4)

    def _callback(self) -> Any:
        if not self.verbose:
            return self.callback

        def report(epoch: Any, network: Network) -> bool | None:
            held = "" if epoch.validation_cost is None else f", validation cost {epoch.validation_cost:.6f}"
            sys.stdout.write(f"Epoch {epoch.epoch}: cost {epoch.cost:.6f}{held}\n")
            return self.callback(epoch, network) if self.callback is not None else None

        return report

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> None:
        """Take one epoch over these rows; the first call also fits the encoders and builds the network."""
        inputs = read_X(self, X, reset=first)
        target = read_y(y, multi_output=self._multi_output)
        check_consistent_length(np.empty(n_rows(inputs)), target)
        weights = _read_weights(sample_weight, len(target))
        self.recipe_ = resolve_recipe(self.get_params(deep=False), len(target))
        if resolve_solver(self.recipe_["solver"]).name == "lbfgs":
            raise ParameterError("partial_fit takes single steps, which solver 'lbfgs' has not; use 'adam' or 'sgd'.")
        self.recipe_["learning_rate"] = "constant"  # a stream has no end that a schedule could fall towards
        if first:
            self._seed = self._draw_seed()
            self._fit_encoder(inputs)
            self._build_network(self._seed)
            self.history_ = History((), "epochs", "not trained yet", 0)
            self._state = None
        self.data_fingerprint_ = fingerprint(inputs, target)
        self._train((inputs, target, weights), None, self._seed + len(self.history_), epochs=1, state=self._state)

    # Opening the training.

    def replay(self, X: Any, y: Any, sample_weight: Any = None) -> Replay:
        """Return the last training, to be opened at any of its steps with the very numbers that it went through.

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
        inputs, target = read_X(self, X, reset=False), read_y(y, multi_output=self._multi_output)
        trained, recording = check_replayable(self._trained, inputs, target, self.data_fingerprint_)
        rows, labels, weights = inputs, target, _read_weights(sample_weight, len(target))
        if trained.holds_out:
            (rows, labels, weights), _ = self._hold_out(rows, labels, weights, None, trained.seed)
        encoded = self._encode(rows), self.target_encoder_.transform(labels)
        return replay_of(recording, *encoded, self._weights(labels, weights))

    # Predicting.

    def _encode(self, inputs: Inputs) -> Array:
        if isinstance(inputs, Table) and self.schema_ is not None:
            return self.encoder_.transform(check_columns(inputs, self.schema_))
        return self.encoder_.transform(inputs)

    def encode(self, X: Any) -> Array:
        """Return the rows of X as the network's inputs ``A[0]``, (n_rows, n_inputs)."""
        check_is_fitted(self, "network_")
        return self._encode(read_X(self, X, reset=False))

    def save(self, path: Any) -> None:
        """Write the fitted model to a ``.glassnet`` file, atomically; ``glassnet.load`` reads it back.

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced.
        """
        check_is_fitted(self, "network_")
        save(self, path, library=version("glassnet"))

    def predictor(self) -> Predictor:
        """Return what predicts one row at a time, within a few microseconds each.

        Returns
        -------
        Predictor
            With ``predict(row)`` and, for a classifier, ``predict_proba(row)``.
        """
        check_is_fitted(self, "network_")
        return Predictor(self)

    def _outputs(self, X: Any) -> tuple[Array, Array]:
        return outputs(self.network_, self.encode(X), n_jobs=self.n_jobs)

    @property
    def cost_(self) -> Cost:
        """The cost that training minimized."""
        return resolve_cost(self._output_and_cost()[1])

    # scikit-learn's names for what the network and the history hold.

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, (n_in, n_out): the transpose of ``network_.W[l]``."""
        return [W.T for W in self.network_.W]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, (n_out,)."""
        return [b for b in self.network_.b if b is not None]

    @property
    def loss_curve_(self) -> list[float]:
        """Cost plus penalty of each epoch."""
        return [epoch.objective for epoch in self.history_]

    @property
    def loss_(self) -> float:
        """Cost plus penalty of the last epoch."""
        return self.loss_curve_[-1] if len(self.history_) else float("nan")

    @property
    def best_loss_(self) -> float:
        """The smallest cost plus penalty of an epoch."""
        return min(self.loss_curve_, default=float("nan"))

    @property
    def n_iter_(self) -> int:
        """Epochs trained."""
        return len(self.history_)

    @property
    def n_layers_(self) -> int:
        """Layers, the inputs included, as scikit-learn counts."""
        return len(self.network_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Output neurons."""
        return self.network_.sizes[-1]

    @property
    def out_activation_(self) -> str:
        """Name of the output layer's activation."""
        return self.network_.activation[-1].name


def _read_weights(sample_weight: Any, n_samples: int) -> Array | None:
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, np.empty((n_samples, 1)), ensure_non_negative=True)


def _names(keep: Any) -> tuple[str, ...]:
    if keep is None:
        return ()
    return (keep,) if isinstance(keep, str) else tuple(keep)


def _pair(eval_set: Any) -> tuple[Any, Any]:
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) != 2:
        raise ParameterError("eval_set must be a pair (X, y) of rows that are only watched.")
    return eval_set
