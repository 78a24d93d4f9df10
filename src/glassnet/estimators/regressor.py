"""`GlassRegressor`: networks that predict quantities, behind scikit-learn's contract."""

from typing import Any

from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from glassnet.core.catalog.costs import resolve_cost
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import TrainingInterrupted
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.fitting.data_warnings import warn_of_reading
from glassnet.estimators.fitting.interrupted import as_before_on_failure
from glassnet.estimators.inputs import column_names, read_quantity, read_y
from glassnet.estimators.predicting.ensemble import standard_deviation
from glassnet.estimators.words import TARGET, TRAINING
from glassnet.typing import Array


class GlassRegressor(RegressorMixin, GlassEstimator):
    r"""A feed-forward network that predicts one or several quantities, and whose every number opens.

    .. math:: \hat y = mean + scale \cdot z^{[L]}

    Tables go in as they are: pandas, polars and Arrow frames with text and missing values, arrays, sparse matrices.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int or "auto"
        Neurons of each hidden layer, such as ``(64, 32)``; ``()`` is logistic or linear regression.
    activation : str, tuple, Activation, list of them or "auto"
        Of the hidden layers, one of ``glassnet.activations()``; a list gives one for each layer.
    preset : {"tabular", "plain"}
        What "auto" stands for. "tabular" scales numbers, encodes categories and trains for accuracy on tables; "plain"
        is the textbook network with scikit-learn's numbers, and numeric arrays reach it as they are.
    loss : str, tuple or Cost
        "squared_error", "poisson", or one of ``glassnet.costs()``, such as ``("pinball", {"quantile": 0.9})``; or one
        of your own, such as ``glassnet.Cost.from_formula("cauchy", "log(1 + (t - o)^2)")``.
    clip_predictions : bool or "auto"
        Whether predictions are kept in the range of the training rows' target, so that no odd row is answered by an
        impossible number.
    solver : str, tuple, Solver or "auto"
        One of ``glassnet.solvers()``; "sgd" has momentum, as in scikit-learn.
    alpha : float or "auto"
        L2 penalty: alpha / (2 n_train) times the squared weights, whatever the batch size.
    batch_size : int or "auto"
        Samples per step.
    learning_rate : str, tuple or "auto"
        The schedule: "constant", "invscaling", "adaptive", or one of the project's own such as "cosine".
    learning_rate_init : float or "auto"
        The number.
    power_t : float
        Exponent of "invscaling".
    max_iter : int or "auto"
        Epochs.
    shuffle : bool
        Whether each epoch meets the samples in a new order.
    random_state : int, RandomState, Generator or None
        Of start weights, sample order, dropout and the validation part.
    tol : float
        Smallest improvement of the training cost that counts; with "lbfgs" the gradient at which it has converged.
    verbose : bool
        Print what the training will cost before it starts, as `estimate` does, and a line per epoch.
    warm_start : bool
        Whether fit goes on from the present network, whose structure has to stay the same.
    momentum, nesterovs_momentum : float, bool
        Of "sgd".
    early_stopping : bool or "auto"
        Whether a part of the rows is held out and the best epoch on it kept.
    validation_fraction : float
        How many are held out.
    refit : bool
        Whether training is done again on all rows, those held out too, for as many epochs as were best.
    beta_1, beta_2, epsilon : float
        Of Adam.
    n_iter_no_change : int or "auto"
        Epochs without improvement after which training stops.
    max_fun : int
        Accepted because scikit-learn has it; the line search is bounded by `max_iter`.
    l1 : float
        L1 penalty: l1 / n_train times the absolute weights.
    dropout : float, list of float or "auto"
        Share of each hidden layer's units left out at every step.
    dropout_schedule : str, tuple or "auto"
        How `dropout` goes on over the steps: "constant", or a schedule such as "flat_cosine", which lets it be for half
        of the training and then fall to 0; "auto" is "constant". `partial_fit` keeps it constant, as it does the next
        schedule: it does not know how long training goes on.
    weight_decay : float or "auto"
        Decoupled weight decay: at each step every weight shrinks by the learning rate times so much of itself, apart
        from what Adam does; solver "adam" is then "adamw". "auto" is the solver's own: none, but for "adamw".
    decay_schedule : str, tuple or "auto"
        How `weight_decay` goes on; "auto" is "flat_cosine" in the preset "tabular" where there is decay, "constant"
        elsewhere.
    clip : float, optional
        Largest norm of the gradient.
    init : str
        Start weights: "data" fits each neuron to the training rows; the others as in ``Network.create``.
    rates : {"equal", "fan_in", "auto"}
        "fan_in" divides the weights' learning rate by the square root of their layer's inputs, so that one rate suits
        all widths. "auto" does it where `learning_rate_init` is the preset's own; a number of yours is taken as it is.
    bias_rate : float or "auto"
        Times the learning rate, for the biases.
    numeric_embedding : {"pbld", "auto"}, optional
        "pbld" adds three learned mixtures of cosines to each number of the table (not to categories); None adds
        nothing. "auto" is "pbld" in the preset "tabular" for tables of 1,000 rows or more, except for sparse X and for
        more than 200 numbers; it does not depend on `input_scaling`. Not for ``preset="plain"`` or sparse X.
    input_scaling : bool or "auto"
        Whether each input of the first layer, the mixtures of `numeric_embedding` included, is multiplied by a learned
        factor. "auto" is False; it does not depend on `numeric_embedding`. Not for ``preset="plain"`` or sparse X.
    learned_slope : bool or "auto"
        Whether every hidden neuron learns how much to bend: ``a = s · sigma(z) + (1 - s) · z`` with a slope s of its
        own, 1 at the start, which learns at 0.1 times the learning rate. "auto" is False.
    monitor : {"validation_cost", "validation_metric"}, optional
        What decides on the best epoch.
    time_limit : float, optional
        Seconds after which training ends with an epoch, ``n_iter_`` of them; compiling does not count. The clock
        decides where, but the run of a network can be repeated: with the same `max_iter`, which schedules lead up to,
        no limit, and ``callback=lambda epoch, network: epoch.epoch >= n`` it ends after n epochs with the same weights.
    snapshots : int
        Keep the parameters of every so many epochs in ``history_.snapshots``.
    kept_states : int
        Keep at most so many states of the training, from which `replay` opens it the sooner.
    keep : sequence of str
        Columns to use even if they look like ids, constants or free text (of an array "x0", "x1", ...).
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True.
    n_networks : int
        How many networks are trained, side by side; several are an ensemble, whose predictions are averaged.
    bagged : bool
        Whether each network of an ensemble holds out rows of its own, so that every row is learned from by some; else
        all hold out the same.
    dtype : {"float32", "float64"}
        Precision of training.
    n_jobs : int, optional
        Threads that compute; by default as many as pay for a step of this size, and at most 4 per core. Results do
        not depend on it.
    engine : {"auto", "cpu", "reference"}
        Who executes it.

    Attributes
    ----------
    network_, networks_ : Network, tuple of Network
        The trained network; of an ensemble the first, and all of them. ``member(k)`` is each as an estimator.
    history_ : History
        One record per epoch, and why training stopped.
    schema_, encoder_, target_encoder_ : Schema, Encoder, TargetEncoder
        What the columns are, and how rows and target become numbers.
    n_features_in_, feature_names_in_ : int, array of str
        Columns seen in fit; names only where the table had them.

    Raises
    ------
    GlassnetError
        If a parameter or the data cannot work; the message says which value and what was expected.

    Notes
    -----
    The parameters that scikit-learn's ``MLPRegressor`` has keep their meaning. Its loss averages over several outputs
    while its gradient does not; here both sum over outputs. Outside of the plain preset the target is standardized in
    training, which that class leaves to its user.

    Examples
    --------
    >>> import glassnet as gn
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = gn.GlassRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0).fit(X, y)
    >>> reg.predict(X).shape, reg.score(X, y) > 0.4
    ((442,), True)
    """

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
        dtype: str = "float32",
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self._keep_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GlassRegressor":
        """Take one epoch over these rows; the first call fits the encoders on its rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        GlassRegressor
            Itself.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after the epoch, which is kept; before that a KeyboardInterrupt, and the estimator is as it was.
        """
        first = not hasattr(self, "network_")
        with as_before_on_failure(self):
            if first:
                # a stream may go where its first rows have not been, so nothing is clipped to them
                target = self._read_y(y, None, again=False)
                self.target_encoder_ = self._fit_target(target, column_names(y), clip=False)
            interrupted = self._partial_fit(X, y, sample_weight, first=first)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def predict(self, X: Any) -> Array:
        """Return the predicted quantity of each row, (n_rows,) or (n_rows, n_targets)."""
        check_is_fitted(self, "network_")
        return self.target_encoder_.inverse(self._outputs(X))

    def spread(self, X: Any) -> Array:
        """Return how far the networks of an ensemble are apart: a standard deviation, shaped as what `predict` returns.

        It grows where the training rows say little; it does not hold the noise of the target itself.

        Parameters
        ----------
        X
            As in `predict`.
        """
        return standard_deviation([one.predict(X) for one in self._members_alone()])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R², the share of y's variance that the predictions explain; 1 is perfect.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        """
        check_is_fitted(self, "network_")
        return float(super().score(X, self._read_y(y, None, again=True), sample_weight))

    def _read_y(self, y: Any, n: int | None, *, again: bool) -> Array:
        """Return the target, text as the numbers that it means: "$1,000.50" as 1000.5."""
        known = getattr(self, "_target_notation", "") if again else ""
        target, reading = read_quantity(read_y(y, multi_output=True, n_rows=n), known)
        if not again:
            self._target_notation = reading.notation
            warn_of_reading("y", reading)
        return target

    @TARGET.spoken()
    def _fit_target(
        self, y: Array, names: tuple[str, ...], rows: Array | None = None, *, clip: bool = True
    ) -> TargetEncoder:
        keeps_units = self.preset == "plain" or self._cost().outputs[0] == 0
        return TargetEncoder.fit(
            y,
            "regression",
            standardize=not keeps_units,
            clip=clip and self.recipe_["clip_predictions"],
            names=names,
            rows=rows,
        )

    @TRAINING.spoken()
    def _cost(self) -> Any:
        # scikit-learn's squared_error has the factor 1/2, against which alpha is weighed
        return resolve_cost("half_squared_error" if self.loss == "squared_error" else self.loss)

    def _output_and_cost(self) -> tuple[Any, Any]:
        cost = self._cost()
        return ("softplus" if cost.outputs[0] == 0 else "identity"), cost
