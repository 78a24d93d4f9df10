"""`GlassClassifier`: networks that tell classes apart, behind scikit-learn's contract."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from glassnet.core.network import Network
from glassnet.data.encoding.label_smoothing import smooth_labels
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import DataError, ParameterError, TrainingInterrupted
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.fitting.calibration import Calibration, calibrate
from glassnet.estimators.fitting.interrupted import as_before_on_failure
from glassnet.estimators.fitting.member import Member
from glassnet.estimators.fitting.samples import Samples
from glassnet.estimators.fitting.temperature import with_temperature
from glassnet.estimators.fitting.threshold import best_threshold
from glassnet.estimators.inputs import column_names, in_one_sentence, read_y
from glassnet.estimators.predicting.ensemble import standard_deviation
from glassnet.estimators.predicting.outputs import outputs
from glassnet.estimators.words import TARGET
from glassnet.typing import Array


class GlassClassifier(ClassifierMixin, GlassEstimator):
    r"""A feed-forward network that tells classes apart, and whose every number opens.

    .. math:: P(class\ j) = softmax_j(z^{[L]}), \quad\text{for two classes } P(class\ 1) = sigmoid(z^{[L]})

    Of several labels, where a row may have any number of them, each has a sigmoid of its own (multilabel): y is then
    an indicator matrix of 0 and 1, as an array, a frame whose columns are the labels, or sparse.

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
        How much each class counts; "balanced" makes all count alike. Not for several labels per row.
    label_smoothing : float or "auto"
        Share of each label's certainty that training gives to all classes alike; 0 trains on the labels as they are.
    temperature_scaling : bool or "auto"
        Whether the logits are divided by a temperature found on the rows held out, so that probabilities mean what they
        say; "auto" does it where rows are held out.
    threshold : float, "accuracy", "balanced_accuracy" or "f1"
        Of two classes: the probability of the second from which on `predict` answers it. A number, or the score that it
        is tuned for on the rows held out. Of several labels it is that of each label; a tuned one is the label's own,
        and stays 0.5 where the rows held out all have the label or all lack it.
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
    classes_ : array of shape (n_classes,)
        The labels, sorted; of several labels per row their columns' numbers, as in scikit-learn.
    label_names_ : tuple of str or None
        Of several labels: the columns' names, "label0", "label1", ... where y had none. None where a row has one class.
    network_, networks_ : Network, tuple of Network
        The trained network; of an ensemble the first, and all of them. ``member(k)`` is each as an estimator.
    history_ : History
        One record per epoch, and why training stopped.
    schema_, encoder_, target_encoder_ : Schema, Encoder, TargetEncoder
        What the columns are, and how rows and target become numbers.
    calibration_ : Calibration or None
        The temperature, and how far probabilities were right on the rows held out: calibration error beside what
        chance alone makes of it, and the reliability curve. None where no rows were held out. Of several labels there
        is one temperature, and log loss and errors are means over rows and labels.
    threshold_ : float, array of shape (n_labels,) or None
        The probability from which on the second of two classes, or each of several labels, is answered; None for more
        classes.
    n_features_in_, feature_names_in_ : int, array of str
        Columns seen in fit; names only where the table had them.

    Raises
    ------
    GlassnetError
        If a parameter or the data cannot work; the message says which value and what was expected.

    Notes
    -----
    With several labels `score` is scikit-learn's subset accuracy: the share of rows with all labels right. Columns of
    more than two classes (multiclass-multioutput) are refused.

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

    Two labels, of which a row has none, one or both:

    >>> Y = np.column_stack([X[:, 0] > 5.8, X[:, 3] > 1.2])
    >>> several = gn.GlassClassifier(random_state=0).fit(X, Y)
    >>> several.predict(X[:2]).tolist(), several.predict_proba(X[:2]).shape
    ([[0, 0], [0, 0]], (2, 2))
    """

    _multi_output = True

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: Any = "auto",
        *,
        preset: str = "tabular",
        class_weight: Any = None,
        label_smoothing: Any = "auto",
        temperature_scaling: Any = "auto",
        threshold: Any = 0.5,
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
        tags.classifier_tags.multi_label = True
        return tags

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "GlassClassifier":
        """Take one epoch over these rows; the first call needs all classes and fits the encoders on its rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array of shape (n_classes,)
            All labels that will ever come; needed in the first call only, and not for several labels, which are y's
            columns.

        Returns
        -------
        GlassClassifier
            Itself.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after the epoch, which is kept; before that a KeyboardInterrupt, and the estimator is as it was.
        """
        first = not hasattr(self, "network_")
        with as_before_on_failure(self):
            if first:
                self.target_encoder_ = self._first_target(y, classes)
            interrupted = self._partial_fit(X, y, sample_weight, first=first)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def _first_target(self, y: Any, classes: Any) -> TargetEncoder:
        target = read_y(y, multi_output=True)
        if target.ndim == 2:
            return self._fit_target(target, column_names(y))
        if classes is None:
            raise DataError("the first call of partial_fit needs classes=[...], all labels that will ever come.")
        return TargetEncoder.fit(np.asarray(classes), "classification")

    @property
    def classes_(self) -> Array:
        """The labels, sorted; of several labels per row their columns' numbers."""
        return self.target_encoder_.classes

    @property
    def label_names_(self) -> tuple[str, ...] | None:
        """The names of several labels; None where a row has one class."""
        return self.target_encoder_.names if self._is_multilabel else None

    @property
    def threshold_(self) -> Any:
        """From which probability on the second of two classes, or each of several labels, is answered; else None."""
        if self._is_multilabel:
            return self.target_encoder_.thresholds
        return self.target_encoder_.threshold if self.target_encoder_.task == "binary" else None

    @property
    def _is_multilabel(self) -> bool:
        return self.target_encoder_.task == "multilabel"

    @property
    def calibration_(self) -> Calibration | None:
        """How far probabilities were right on the rows held out; None without such rows.

        Of an ensemble it is that of the first network: each has a temperature and held-out rows of its own, see
        `member`.
        """
        return self.members_[0].calibration

    def decision_function(self, X: Any) -> Array:
        """Return the logits: (n_rows,) for two classes, (n_rows, n_classes) for more, (n_rows, n_labels) for labels.

        They are Z[L]; of an ensemble what stands for the mean probabilities, log(p / (1 - p)) or log p.
        """
        check_is_fitted(self, "network_")
        if len(self.members_) > 1:
            with np.errstate(divide="ignore"):
                P = self.predict_proba(X)
                L = np.log(P) - np.log1p(-P) if self._is_multilabel else np.log(P)
            if self._is_multilabel:
                return L
            return L[:, 1] - L[:, 0] if L.shape[1] == 2 else L
        [(Z, _)] = self._outputs_of_each(X)
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (n_rows, n_classes), in the order of ``classes_``.

        Of several labels it is each label's own, (n_rows, n_labels); they need not add up to 1.
        """
        check_is_fitted(self, "network_")
        A = self._outputs(X)
        return np.hstack([1.0 - A, A]) if A.shape[1] == 1 else A

    def spread(self, X: Any) -> Array:
        """Return how far the networks of an ensemble are apart: a standard deviation for each probability.

        It grows where the training rows say little; a row that is truly undecided may well have none.

        Parameters
        ----------
        X
            As in `predict_proba`.
        """
        return standard_deviation([one.predict_proba(X) for one in self._members_alone()])

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):  # the logarithm of 0 is minus infinity
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each row, (n_rows,); of labels the indicators (n_rows, n_labels)."""
        check_is_fitted(self, "network_")
        return self.target_encoder_.inverse(self._outputs(X))

    @TARGET.spoken()
    def _fit_target(self, y: Array, names: tuple[str, ...], rows: Array | None = None) -> TargetEncoder:
        if y.ndim == 1:
            with in_one_sentence():
                check_classification_targets(y)
        return TargetEncoder.fit(y, "classification", names=names, rows=rows)

    def _output_and_cost(self) -> tuple[Any, Any]:
        if self.target_encoder_.task == "multiclass":
            return "softmax", "cross_entropy"
        return "sigmoid", "binary_cross_entropy"

    def _targets(self, y: Array) -> Array:
        share = self.recipe_["label_smoothing"]
        return smooth_labels(self.target_encoder_.transform(y), share, multilabel=self._is_multilabel)

    def _calibrated(self, network: Network, held_out: Samples) -> tuple[Network, Calibration | None]:
        Y = self.target_encoder_.transform(held_out.y)
        Z, _ = outputs(network, held_out.A0, n_jobs=self.n_jobs)
        weights = held_out.weights
        if self._is_multilabel:  # each label of each row is an answer of its own, between two classes
            weights = None if weights is None else np.repeat(weights, Y.shape[1])
            Y, Z = Y.reshape(-1, 1), Z.reshape(-1, 1)
        labels = Y[:, 0].astype(np.int64) if Y.shape[1] == 1 else Y.argmax(axis=1)
        rescale = self.recipe_["temperature_scaling"]
        found = replace(calibrate(Z, labels, weights, rescale=rescale), n_rows=len(held_out))
        return (with_temperature(network, found.temperature) if rescale else network), found

    def _decide(self, members: tuple[Member, ...], held: list[Samples | None]) -> None:
        chosen = self.recipe_["threshold"]
        if self.target_encoder_.task == "multiclass":
            if chosen != 0.5:
                raise ParameterError(
                    f"threshold={chosen!r} decides between two classes, but y has {len(self.classes_)}; leave it out."
                )
            return
        if isinstance(chosen, str):
            each = self._tuned(chosen, members, [rows for rows in held if rows is not None])
            threshold: float | tuple[float, ...] = each if self._is_multilabel else each[0]
        else:
            threshold = float(chosen)
        self.target_encoder_ = replace(self.target_encoder_, threshold=threshold)

    def _tuned(self, metric: str, members: tuple[Member, ...], held: list[Samples]) -> tuple[float, ...]:
        """Return each output's best threshold for the rows held out, each judged by a network that did not learn it."""
        probabilities, truths, counts = [], [], []
        for member, rows in zip(members, held, strict=True):
            probabilities.append(outputs(member.network, rows.A0, n_jobs=self.n_jobs)[1])
            truths.append(self.target_encoder_.transform(rows.y) == 1)
            counts.append(np.ones(len(rows)) if rows.weights is None else rows.weights)
        A, is_so, weights = (np.concatenate(parts) for parts in (probabilities, truths, counts))
        says_nothing: Array = is_so.all(axis=0) | ~is_so.any(axis=0)  # (n_out,)
        if says_nothing.all():
            raise ParameterError(
                f"threshold={metric!r} is tuned on the rows held out, but all of them are of one class; hold out more, "
                f"or give a number."
            )
        return tuple(
            0.5 if nothing else best_threshold(A[:, k], is_so[:, k], metric, weights)
            for k, nothing in enumerate(says_nothing.tolist())
        )

    def _stratify(self, y: Array) -> Any:
        if y.ndim == 2:  # sets of labels are too many to deal out each
            return False
        with in_one_sentence():
            check_classification_targets(y)
        return np.unique(y, return_inverse=True)[1]

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return sample_weight
        if y.ndim == 2:
            raise ParameterError(
                f"class_weight={self.class_weight!r} weighs rows by their one class, but y has {y.shape[1]} labels per "
                f"row; leave it out, and for rare labels try threshold='f1'."
            )
        present = np.unique(y)
        each = compute_class_weight(self.class_weight, classes=present, y=y)
        weights = each[np.searchsorted(present, y)]
        return weights if sample_weight is None else weights * sample_weight
