"""The base class of fitted models: outputs, attributes, `save`, `summary` and ensemble members."""

from contextlib import suppress
from copy import copy
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.network import Network
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.dates import DatesStep
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.target_encoder import TargetEncoder, refuse_odd_outputs
from glassnet.data.table import Table
from glassnet.engines.base import NeedsSlowPath
from glassnet.errors import ParameterError
from glassnet.estimators.files.saving import save
from glassnet.estimators.inputs import Inputs, is_plain_array, numbers_in_table, precision_of, read_X
from glassnet.estimators.mlp_attributes import MlpAttributes
from glassnet.estimators.predicting.ensemble import mean_of
from glassnet.estimators.predicting.outputs import outputs
from glassnet.estimators.predicting.predictor import Predictor
from glassnet.estimators.summarizing.summary import Summary, summary_of
from glassnet.settings.records import Recipe
from glassnet.typing import Array


class FittedModel(MlpAttributes, BaseEstimator):
    """Methods and attributes of a fitted estimator that do not depend on its task or its training."""

    recipe_: Recipe
    target_encoder_: TargetEncoder

    def _output_and_cost(self) -> tuple[Any, Any]:
        raise NotImplementedError

    def _columns_of(self, inputs: Inputs) -> Inputs:
        """Return the columns that the network uses, as the types from training."""
        if isinstance(inputs, Table) and self.schema_ is not None:
            return check_columns(inputs, self.schema_)
        return inputs

    def encode(self, X: Any) -> Array:
        """Return the encoded rows of X, the network's inputs, (n_rows, n_inputs)."""
        check_is_fitted(self, "network_")
        return self.encoder_.transform(self._columns_of(read_X(self, X, reset=False, copy=False)))

    def fold(self) -> Network:
        """Return the trained network without learned scaling, with weights per unit of the inputs.

        Scales become part of ``W[1]``. The encoder must not clip numbers, because behind a smooth clip no weight
        belongs to one unit of a column.

        Raises
        ------
        ParameterError
            If numbers are embedded, a column goes through a smooth clip, or the model is an ensemble.

        Examples
        --------
        >>> import glassnet as gn
        >>> colors, y = [["red"], ["blue"], ["red"], ["blue"]] * 5, [1.0, 2.0, 1.0, 2.0] * 5
        >>> reg = gn.GlassRegressor((3,), input_scaling=True, max_iter=5, random_state=0).fit(colors, y)
        >>> reg.network_.front, reg.fold().front
        (scaling of 1 inputs, None)
        """
        check_is_fitted(self, "network_")
        if len(self.members_) > 1:
            raise ParameterError(
                f"this model is the mean of {len(self.members_)} networks, but only one can be folded; try "
                f"member(0).fold()."
            )
        folded = self.network_.fold()
        clipped = [step.name for step in self.encoder_.steps if _is_clipped(step)]
        if clipped:
            raise ParameterError(
                f"column {clipped[0]!r} goes through a smooth clip, so no weight belongs to one unit of it; for "
                "weights on the encoded inputs try network_.fold()."
            )
        return folded

    def save(self, path: Any) -> None:
        """Save the fitted model to a ``.glassnet`` file, atomically; ``glassnet.load`` loads it.

        Parameters
        ----------
        path : str or path
            Path of the file; an existing file is replaced.
        """
        check_is_fitted(self, "network_")
        save(self, path, library=version("glassnet"))

    def summary(self) -> Summary:
        """Return a summary of the model, its training, and the values of "auto" with reasons.

        Returns
        -------
        Summary
            Printing shows it as text; ``.auto``, ``.columns``, ``.left_out``, ``.scores`` and others are data.

        Examples
        --------
        >>> import glassnet as gn
        >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
        >>> summary = gn.GlassClassifier((4,), max_iter=9, random_state=0).fit(X, y).summary()
        >>> summary.sizes, summary.n_parameters, summary.auto["activation"]
        ((1, 4, 1), 13, 'silu')
        >>> print(summary.to_text().splitlines()[0])
        GlassClassifier of y: 2 classes; columns read from 20 rows
        """
        check_is_fitted(self, "network_")
        return summary_of(self)

    def predictor(self) -> Predictor:
        """Return a predictor for single rows, which takes a few microseconds per row.

        Returns
        -------
        Predictor
            With ``predict(row)`` and, for a classifier, ``predict_proba(row)``.
        """
        check_is_fitted(self, "network_")
        return Predictor(self)

    def _outputs(self, X: Any) -> Array:
        """Return A[L] (n_rows, n_out); for an ensemble the mean over its networks."""
        A = mean_of([A_L for _, A_L in self._outputs_of_each(X)])
        refuse_odd_outputs(A, numbers_in_table(X))
        return A

    def _in_precision_of(self, X: Any, values: Array) -> Array:
        """Return predictions as float32 where scikit-learn would: in the preset "plain", if X and training were."""
        if self.recipe_["preset"] != "plain" or self.network_.theta.dtype != np.float32 or precision_of(X) != "float32":
            return values
        return values.astype(np.float32)

    def _outputs_of_each(self, X: Any) -> list[tuple[Array, Array]]:
        """Return Z[L] and A[L] (n_rows, n_out) of each network."""
        networks, encoder = self.networks_, self.encoder_
        if encoder.takes_numbers and is_plain_array(self, X):
            with suppress(NeedsSlowPath):  # encoding per column, below, raises the detailed error
                columns = encoder.as_arrays
                return [outputs(network, X, columns, n_jobs=self.n_jobs) for network in networks]
        A0 = self.encode(X)
        return [outputs(network, A0, n_jobs=self.n_jobs) for network in networks]

    def member(self, k: int) -> Self:
        """Return one network of an ensemble as a fitted estimator: to explain, draw, diagnose or predict.

        Parameters
        ----------
        k : int
            Index of the network, from 0; negative indices count from the end.

        Returns
        -------
        GlassClassifier or GlassRegressor
            With ``n_networks=1``. The mean over the members' ``predict_proba`` (or values) is the ensemble's.
        """
        check_is_fitted(self, "network_")
        n = len(self.members_)
        if isinstance(k, bool) or not hasattr(k, "__index__") or not -n <= k < n:
            raise ParameterError(f"member({k!r}) does not exist: this model has the networks 0 to {n - 1}.")
        one: Self = copy(self)
        one.n_networks = 1
        one.members_ = (self.members_[k],)
        one.recipe_ = replace(self.recipe_, n_networks=1)
        return one

    def _members_alone(self) -> list[Self]:
        check_is_fitted(self, "network_")
        if len(self.members_) == 1:
            raise ParameterError(
                "spread compares the networks of an ensemble, but this model has only one; use n_networks=8."
            )
        return [self.member(k) for k in range(len(self.members_))]

    @property
    def networks_(self) -> tuple[Network, ...]:
        """All trained networks."""
        return tuple(member.network for member in self.members_)

    @property
    def cost_(self) -> Cost:
        """The cost function of training."""
        return resolve_cost(self._output_and_cost()[1])


def _is_clipped(step: Any) -> bool:
    if isinstance(step, NumberStep):
        return step.scale.is_clipped
    return isinstance(step, DatesStep) and any(scale.is_clipped for scale in step.scales)
