"""`GlassRegressor`: a feed-forward network for regression, with scikit-learn's API."""

from typing import Any

from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from glassnet.core.catalog.costs import resolve_cost
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import TrainingInterrupted
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.fitting.fit_warnings import warn_of_reading
from glassnet.estimators.fitting.interrupted import on_the_side
from glassnet.estimators.inputs import column_names, numbers_in_table, read_quantity, read_y
from glassnet.estimators.predicting.ensemble import standard_deviation
from glassnet.estimators.single_steps import single_steps_only
from glassnet.estimators.words import TARGET, TRAINING
from glassnet.settings.records import RegressorRecipe
from glassnet.typing import Array


class GlassRegressor(RegressorMixin, GlassEstimator):
    r"""A feed-forward network for regression with one or several targets, whose every number can be inspected.

    .. math:: \hat y = mean + scale \cdot z^{[L]}

    Accepts tables without preparation: pandas, polars and Arrow frames with text and missing values, arrays, sparse
    matrices.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int or "auto"
        Number of neurons in each hidden layer, such as ``(64, 32)``; ``()`` is logistic or linear regression.
    activation : str, tuple, Activation, list of them or "auto"
        Activation of the hidden layers, one of ``glassnet.activations()``; a list gives one per layer.
    preset : {"tabular", "plain"}
        Sets the values of "auto". "tabular" scales numbers, encodes categories and trains for accuracy on tables;
        "plain" is the textbook network with scikit-learn's defaults and unscaled numeric arrays.
    loss : str, tuple or Cost
        "squared_error", "poisson", one of ``glassnet.costs()``, such as ``("pinball", {"quantile": 0.9})``, or a custom
        cost from ``glassnet.Cost.from_formula``.
    clip_predictions : bool or "auto"
        Whether to clip predictions to the range of the training target, so that outliers never get impossible
        predictions.
    solver : str, tuple, Solver or "auto"
        One of ``glassnet.solvers()``; "sgd" has momentum, as in scikit-learn.
    alpha : float or "auto"
        L2 penalty: alpha / (2 n_train) times the sum of squared weights, for any batch size.
    batch_size : int, "auto" or None
        Number of samples per step.
    learning_rate : str, tuple or "auto"
        Schedule of the learning rate: "constant", "invscaling", "adaptive", or one of glassnet's such as "cosine".
    learning_rate_init : float or "auto"
        Initial learning rate.
    power_t : float
        Exponent of "invscaling".
    max_iter : int or "auto"
        Maximum number of epochs.
    shuffle : bool
        Whether to shuffle the samples in each epoch.
    random_state : int, RandomState or Generator, optional
        Determines initial weights, sample order, dropout and the validation set.
    tol : float
        Minimum improvement of the training cost, and with ``preset="plain"`` of the validation cost as well; for
        "lbfgs" the gradient at convergence.
    verbose : bool
        Print the result of `estimate` before training, then one line per epoch.
    warm_start : bool
        Whether `fit` continues from the fitted network; its structure must stay the same.
    momentum : float
        Momentum of solver "sgd".
    nesterovs_momentum : bool
        Whether the momentum of "sgd" is Nesterov's.
    early_stopping : bool or "auto"
        Whether to hold out a validation set and keep the best epoch on it.
    validation_fraction : float
        Share of the rows in the validation set.
    refit : bool
        Whether to train again on all rows, including the validation set, for the best number of epochs.
    beta_1 : float
        Decay rate of Adam's mean of the gradients.
    beta_2 : float or "auto"
        Decay rate of Adam's mean of the squared gradients.
    epsilon : float
        Number that keeps Adam's denominator from 0.
    n_iter_no_change : int, inf, "auto" or None
        Number of epochs without improvement before training stops; inf and None never stop it.
    max_fun : int
        Maximum number of evaluations of the cost by "lbfgs".
    l1 : float
        L1 penalty: l1 / n_train times the sum of absolute weights.
    dropout : float, list of float or "auto"
        Share of each hidden layer's units dropped at every step.
    dropout_schedule : str, tuple or "auto"
        Schedule of `dropout`: "constant", or for example "flat_cosine", which is constant for the first half of the
        training and then falls to 0; "auto" is "constant". `partial_fit` keeps dropout and weight decay constant,
        because a stream has no last epoch.
    weight_decay : float or "auto"
        Decoupled weight decay: each step also subtracts learning rate · weight_decay · weight from each weight; solver
        "adam" then becomes "adamw". "auto" is the solver's default: no decay, except for "adamw".
    decay_schedule : str, tuple or "auto"
        Schedule of `weight_decay`; "auto" is "flat_cosine" in the preset "tabular" with decay, else "constant".
    clip : float, optional
        Maximum norm of the gradient.
    init : str or "auto"
        Initial weights: "data" fits each neuron to the training rows; the others as in ``Network.create``.
    rates : {"equal", "fan_in"} or "auto"
        "fan_in" divides the learning rate of weights by the square root of the number of inputs to their layer, so that
        one rate suits all widths. "auto" does so only if `learning_rate_init` comes from the preset.
    bias_rate : float or "auto"
        Factor on the learning rate of the biases.
    numeric_embedding : {"pbld"}, "auto" or None
        "pbld" adds three learned mixtures of cosines to each numeric column; None adds nothing. "auto" is "pbld" in the
        preset "tabular" for tables of 1,000 rows or more, except for sparse X and for more than 200 numeric columns. It
        does not depend on `input_scaling`. Not for ``preset="plain"`` or sparse X.
    input_scaling : bool or "auto"
        Whether to multiply each input of the first layer, including those of `numeric_embedding`, by a learned factor.
        "auto" is False; it does not depend on `numeric_embedding`. Not for ``preset="plain"`` or sparse X.
    learned_slope : bool or "auto"
        Whether each hidden neuron learns a slope s with ``a = s · sigma(z) + (1 - s) · z``, initially 1, at 0.1 times
        the learning rate. "auto" is False.
    monitor : {"cost", "validation_cost", "validation_metric"}, optional
        Criterion for the best epoch.
    time_limit : float, optional
        Seconds after which training stops at the end of an epoch; compilation does not count. To repeat such a run of a
        network exactly, use the same `max_iter`, on which schedules depend, no time limit, and
        ``callback=lambda epoch, network: epoch.epoch >= n`` with n the former ``n_iter_``.
    snapshots : int
        Store the parameters every `snapshots` epochs in ``history_.snapshots``; 0 stores none.
    kept_states : int
        Maximum number of training states to store, which make `replay` faster.
    keep : sequence of str or None
        Columns to use even if they look like ids, constants or free text (for arrays "x0", "x1", ...).
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True.
    n_networks : int
        Number of networks, trained in parallel. Several networks form an ensemble, which averages their predictions.
    bagged : bool
        Whether the networks of an ensemble hold out different rows, so that all rows are used for training; else all
        hold out the same rows.
    dtype : {"float32", "float64"} or "auto"
        Precision of training. "auto" is float32; with ``preset="plain"`` it is that of X, as in scikit-learn: float32
        for arrays and frames of float32, for which predictions are float32 as well, else float64.
    engine : {"auto", "cpu", "reference", "xla"}
        Engine for training.
    n_jobs : int, optional
        Number of threads, at most 4 per core; by default the number that suits the size of a step. Results do not
        depend on it.

    Attributes
    ----------
    network_, networks_ : Network, tuple of Network
        The trained network (the first of an ensemble), and all networks. ``member(k)`` returns one as an estimator.
    history_ : History
        One record per epoch, and the reason for stopping.
    schema_, encoder_, target_encoder_ : Schema, Encoder, TargetEncoder
        The structure of the table, and the encoders of rows and target.
    n_features_in_, feature_names_in_ : int, array of str
        Number and names of the columns seen in `fit`; names only if the table had them.

    Raises
    ------
    GlassnetError
        If a parameter or the data are invalid; the message names the value and what was expected.

    Notes
    -----
    Parameters of scikit-learn's ``MLPRegressor`` keep their meaning. Its loss averages over several outputs while its
    gradient does not; here both sum over outputs. The preset "tabular" standardizes the target, which ``MLPRegressor``
    does not.

    Examples
    --------
    >>> import glassnet as gn
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = gn.GlassRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0).fit(X, y)
    >>> reg.predict(X).shape, reg.score(X, y) > 0.4
    ((442,), True)
    """

    recipe_: RegressorRecipe
    _multi_output = True

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: Any = "auto",
        *,
        preset: str = "tabular",
        loss: Any = "squared_error",
        clip_predictions: Any = "auto",
        solver: Any = "auto",
        alpha: Any = "auto",
        batch_size: Any = "auto",
        learning_rate: Any = "auto",
        learning_rate_init: Any = "auto",
        power_t: float = 0.5,
        max_iter: Any = "auto",
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: Any = "auto",
        validation_fraction: float = 0.1,
        refit: bool = False,
        beta_1: float = 0.9,
        beta_2: Any = "auto",
        epsilon: float = 1e-8,
        n_iter_no_change: Any = "auto",
        max_fun: int = 15000,
        l1: float = 0.0,
        dropout: Any = "auto",
        dropout_schedule: Any = "auto",
        weight_decay: Any = "auto",
        decay_schedule: Any = "auto",
        clip: float | None = None,
        init: str = "auto",
        rates: str = "auto",
        bias_rate: Any = "auto",
        numeric_embedding: str | None = "auto",
        input_scaling: Any = "auto",
        learned_slope: Any = "auto",
        monitor: str | None = None,
        time_limit: float | None = None,
        snapshots: int = 0,
        kept_states: int = 0,
        keep: Any = (),
        callback: Any = None,
        n_networks: int = 1,
        bagged: bool = True,
        dtype: str = "auto",
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self._keep_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @single_steps_only
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GlassRegressor":
        """Train one epoch on these rows; the first call fits the encoders on its rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        GlassRegressor
            The fitted estimator.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after the epoch, which is kept. Before that, Ctrl-C raises KeyboardInterrupt and changes nothing.
        """
        first = not hasattr(self, "network_")
        with on_the_side(self) as draft:
            if first:
                # later rows of a stream may exceed the range of the first, so predictions are not clipped to it
                target = draft._read_y(y, None, again=False)
                draft.target_encoder_ = draft._fit_target(target, column_names(y), clip=False)
            interrupted = draft._partial_fit(X, y, sample_weight, first=first)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def predict(self, X: Any) -> Array:
        """Return the predicted quantity of each row, (n_rows,) or (n_rows, n_targets)."""
        check_is_fitted(self, "network_")
        return self._in_precision_of(X, self.target_encoder_.inverse(self._outputs(X), numbers_in_table(X)))

    def spread(self, X: Any) -> Array:
        """Return the standard deviation of each prediction over the networks of an ensemble, in the shape of `predict`.

        It is large where training rows are sparse; it does not include the noise of the target.

        Parameters
        ----------
        X
            As in `predict`.
        """
        return standard_deviation([one.predict(X) for one in self._members_alone()])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R², the share of the variance of y explained by the predictions; 1 is perfect.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        """
        check_is_fitted(self, "network_")
        return float(super().score(X, self._read_y(y, None, again=True), sample_weight))

    def _read_y(self, y: Any, n: int | None, *, again: bool) -> Array:
        """Return the target, with text converted to numbers: "$1,000.50" to 1000.5."""
        known = getattr(self, "_target_notation", "") if again else ""
        target, reading = read_quantity(read_y(y, multi_output=True, n_rows=n), known)
        if not again:
            self._target_notation = reading.notation
            warn_of_reading("y", reading)
        return target

    @TARGET.rewriting()
    def _fit_target(
        self, y: Array, names: tuple[str, ...], rows: Array | None = None, *, clip: bool = True
    ) -> TargetEncoder:
        keeps_units = self.preset == "plain" or self._cost().outputs[0] == 0
        return TargetEncoder.fit(
            y,
            "regression",
            standardize=not keeps_units,
            clip=clip and self.recipe_.clip_predictions,
            names=names,
            rows=rows,
        )

    @TRAINING.rewriting()
    def _cost(self) -> Any:
        # scikit-learn's squared_error has the factor 1/2, which matters relative to alpha
        return resolve_cost("half_squared_error" if self.loss == "squared_error" else self.loss)

    def _output_and_cost(self) -> tuple[Any, Any]:
        cost = self._cost()
        return ("softplus" if cost.outputs[0] == 0 else "identity"), cost
