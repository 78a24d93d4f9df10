"""`GlassClassifier`: networks that tell classes apart, behind scikit-learn's contract."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from glassnet.data.targets import TargetEncoder
from glassnet.errors import DataError
from glassnet.estimators.base import GlassEstimator
from glassnet.typing import Array


class GlassClassifier(ClassifierMixin, GlassEstimator):
    r"""A feed-forward network that tells classes apart, and whose every number opens.

    .. math:: P(class\ j) = softmax_j(z^{[L]}), \quad\text{for two classes } P(class\ 1) = sigmoid(z^{[L]})

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
    class_weight : dict, "balanced" or None
        How much each class counts; "balanced" makes all count alike.
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
        Print a line per epoch.
    warm_start : bool
        Whether fit goes on from the present network.
    momentum, nesterovs_momentum : float, bool
        Of "sgd".
    early_stopping : bool or "auto"
        Whether a part of the rows is held out and the best epoch on it kept.
    validation_fraction : float
        How many are held out.
    beta_1, beta_2, epsilon : float
        Of Adam.
    n_iter_no_change : int or "auto"
        Epochs without improvement after which training stops.
    max_fun : int
        Accepted because scikit-learn has it; the line search is bounded by `max_iter`.
    l1 : float
        L1 penalty: l1 / n_train times the absolute weights.
    dropout : float or list of float
        Share of each hidden layer's units left out at every step.
    clip : float, optional
        Largest norm of the gradient.
    init : str
        Start weights, see ``Network.create``.
    monitor : {"validation_cost", "validation_metric"}, optional
        What decides on the best epoch.
    time_limit : float, optional
        Seconds after which the epoch under way is the last.
    snapshots : int
        Keep the parameters of every so many epochs in ``history_.snapshots``.
    kept_states : int
        Keep at most so many states of the training, from which `replay` opens it the sooner.
    keep : sequence of str
        Columns of a frame to use even if they look like ids, constants or free text.
    callback : callable, optional
        ``callback(epoch_record, network)`` after each epoch; training stops when it returns True.
    dtype : {"float32", "float64"}
        Precision of training.
    n_jobs : int, optional
        Threads that compute; by default as many as pay for a step of this size. Results do not depend on it.
    engine : {"auto", "cpu", "reference"}
        Who executes it.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The labels, sorted.
    network_ : Network
        The trained network.
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
    The parameters that scikit-learn's ``MLPClassifier`` has keep their meaning. Unlike there the penalty does not
    depend on the batch size, Adam's epsilon stands where Kingma & Ba put it, and the same row gets the same prediction
    bit by bit whatever batch it comes in.

    Examples
    --------
    >>> import glassnet as gn
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = gn.GlassClassifier(random_state=0).fit(X, y)
    >>> clf.predict(X[:2]), clf.score(X, y) > 0.9
    (array([0, 0]), True)
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: Any = "auto",
        *,
        preset: str = "tabular",
        class_weight: Any = None,
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
        beta_1: float = 0.9,
        beta_2: Any = "auto",
        epsilon: float = 1e-8,
        n_iter_no_change: Any = "auto",
        max_fun: int = 15000,
        l1: float = 0.0,
        dropout: Any = 0.0,
        clip: float | None = None,
        init: str = "auto",
        monitor: str | None = None,
        time_limit: float | None = None,
        snapshots: int = 0,
        kept_states: int = 0,
        keep: Any = (),
        callback: Any = None,
        dtype: str = "float32",
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.preset = preset
        self.class_weight = class_weight
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.l1 = l1
        self.dropout = dropout
        self.clip = clip
        self.init = init
        self.monitor = monitor
        self.time_limit = time_limit
        self.snapshots = snapshots
        self.kept_states = kept_states
        self.keep = keep
        self.callback = callback
        self.dtype = dtype
        self.engine = engine
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, eval_set: Any = None) -> "GlassClassifier":
        """Train on a table.

        Parameters
        ----------
        X : data frame, array or sparse matrix of shape (n_samples, n_features)
            Rows to learn from.
        y : array of shape (n_samples,)
            Their classes: numbers, text or Booleans.
        sample_weight : array of shape (n_samples,), optional
            How much each row counts.
        eval_set : (X, y), optional
            Rows that are only watched; the best epoch on them is kept.

        Returns
        -------
        GlassClassifier
            Itself.
        """
        again = self.warm_start and hasattr(self, "network_")
        self._fit(X, y, sample_weight, eval_set, again=again)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "GlassClassifier":
        """Take one epoch over these rows; the first call needs all classes and fits the encoders on its rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array of shape (n_classes,)
            All labels that will ever come; needed in the first call only.

        Returns
        -------
        GlassClassifier
            Itself.
        """
        first = not hasattr(self, "network_")
        if first:
            if classes is None:
                raise DataError("the first call of partial_fit needs classes=[...], all labels that will ever come.")
            self.target_encoder_ = TargetEncoder.fit(np.asarray(classes), "classification")
        self._partial_fit(X, y, sample_weight, first=first)
        return self

    @property
    def classes_(self) -> Array:
        """The labels, sorted."""
        return self.target_encoder_.classes

    def decision_function(self, X: Any) -> Array:
        """Return the logits Z[L]: (n_rows,) for two classes, (n_rows, n_classes) for more."""
        check_is_fitted(self, "network_")
        Z, _ = self._outputs(X)
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (n_rows, n_classes), in the order of ``classes_``."""
        check_is_fitted(self, "network_")
        _, A = self._outputs(X)
        return np.hstack([1.0 - A, A]) if A.shape[1] == 1 else A

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):  # the logarithm of 0 is minus infinity
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each row, (n_rows,)."""
        check_is_fitted(self, "network_")
        _, A = self._outputs(X)
        return self.target_encoder_.inverse(A)

    def _fit_target(self, y: Array) -> TargetEncoder:
        check_classification_targets(y)
        return TargetEncoder.fit(y, "classification")

    def _output_and_cost(self) -> tuple[Any, Any]:
        if self.target_encoder_.task == "binary":
            return "sigmoid", "binary_cross_entropy"
        return "softmax", "cross_entropy"

    def _stratify(self, y: Array) -> Any:
        check_classification_targets(y)
        return np.unique(y, return_inverse=True)[1]

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return sample_weight
        present = np.unique(y)
        each = compute_class_weight(self.class_weight, classes=present, y=y)
        weights = each[np.searchsorted(present, y)]
        return weights if sample_weight is None else weights * sample_weight
