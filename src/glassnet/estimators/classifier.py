"""`GlassClassifier`: a feed-forward network for classification, with scikit-learn's API."""

from collections.abc import Iterable, Sequence
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
from glassnet.data.encoding.target_values import distinct_classes
from glassnet.errors import DataError, ParameterError, TrainingInterrupted
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.fitting.calibration import Calibration, calibrate
from glassnet.estimators.fitting.interrupted import on_the_side
from glassnet.estimators.fitting.member import Member
from glassnet.estimators.fitting.samples import Samples
from glassnet.estimators.fitting.temperature import with_temperature
from glassnet.estimators.fitting.threshold import best_threshold
from glassnet.estimators.inputs import column_names, in_one_sentence, numbers_in_table, read_y
from glassnet.estimators.predicting.ensemble import standard_deviation
from glassnet.estimators.predicting.outputs import outputs
from glassnet.estimators.single_steps import single_steps_only
from glassnet.estimators.words import TARGET
from glassnet.settings.records import ClassifierRecipe
from glassnet.typing import Array


class GlassClassifier(ClassifierMixin, GlassEstimator):
    r"""A feed-forward network for classification whose every number can be inspected.

    .. math:: P(class\ j) = softmax_j(z^{[L]}), \quad\text{for two classes } P(class\ 1) = sigmoid(z^{[L]})

    Multilabel classification uses one sigmoid per label: y is then an indicator matrix of 0 and 1, as an array, a frame
    with one column per label, or a sparse matrix.

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
    class_weight : dict or "balanced", optional
        Weight of each class; "balanced" gives all classes the same total weight. Not for multilabel targets.
    label_smoothing : float or "auto"
        Share of each label's probability to spread evenly over all classes in training; 0 keeps the labels unchanged.
    temperature_scaling : bool or "auto"
        Whether to calibrate the probabilities: the logits are divided by a temperature fitted on the validation set.
        "auto" does so if there is a validation set.
    threshold : float, "accuracy", "balanced_accuracy" or "f1"
        For two classes, `predict` returns the second if its probability is at least `threshold`: a number, or a score
        to maximize on the validation set. For multilabel targets a number holds for all labels, while a score gives
        each label a threshold, which stays 0.5 if all or none of the validation rows have the label.
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
    classes_ : array of shape (n_classes,)
        The sorted class labels; for multilabel targets the column numbers, as in scikit-learn.
    label_names_ : tuple of str or None
        For multilabel targets the column names, or "label0", "label1", ... if y had none; else None.
    network_, networks_ : Network, tuple of Network
        The trained network (the first of an ensemble), and all networks. ``member(k)`` returns one as an estimator.
    history_ : History
        One record per epoch, and the reason for stopping.
    schema_, encoder_, target_encoder_ : Schema, Encoder, TargetEncoder
        The structure of the table, and the encoders of rows and target.
    calibration_ : Calibration or None
        The temperature and the calibration on the validation set: calibration error, its expected value for perfect
        probabilities, and the reliability curve. None without a validation set. Multilabel targets have one
        temperature; log loss and errors are means over rows and labels.
    threshold_ : float, array of shape (n_labels,) or None
        Minimum probability to predict the second of two classes, or each label; None for more classes.
    n_features_in_, feature_names_in_ : int, array of str
        Number and names of the columns seen in `fit`; names only if the table had them.

    Raises
    ------
    GlassnetError
        If a parameter or the data are invalid; the message names the value and what was expected.

    Notes
    -----
    For multilabel targets `score` is scikit-learn's subset accuracy: the share of rows with all labels correct.
    Columns with more than two classes (multiclass-multioutput) are not supported.

    Parameters of scikit-learn's ``MLPClassifier`` keep their meaning. In contrast to it, the penalty does not depend on
    the batch size, Adam's epsilon is placed as in Kingma & Ba, and the prediction of a row is bit-identical in any
    batch.

    Examples
    --------
    >>> import glassnet as gn
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = gn.GlassClassifier(random_state=0).fit(X, y)
    >>> clf.predict(X[:2]), clf.score(X, y) > 0.9
    (array([0, 0]), True)

    Multilabel: each row has none, one or both of two labels:

    >>> Y = np.column_stack([X[:, 0] > 5.8, X[:, 3] > 1.2])
    >>> several = gn.GlassClassifier(random_state=0).fit(X, Y)
    >>> several.predict(X[:2]).tolist(), several.predict_proba(X[:2]).shape
    ([[0, 0], [0, 0]], (2, 2))
    """

    recipe_: ClassifierRecipe
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
        dtype: str = "auto",
        engine: str = "auto",
        n_jobs: int | None = None,
    ) -> None:
        self._keep_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    @single_steps_only
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "GlassClassifier":
        """Train one epoch on these rows; the first call needs all classes and fits the encoders on its rows.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array of shape (n_classes,)
            All classes of the stream; required in the first call only, and not for multilabel targets.

        Returns
        -------
        GlassClassifier
            The fitted estimator.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after the epoch, which is kept. Before that, Ctrl-C raises KeyboardInterrupt and changes nothing.
        """
        first = not hasattr(self, "network_")
        with on_the_side(self) as draft:
            if first:
                draft.target_encoder_ = draft._first_target(y, classes)
            elif classes is not None:
                draft._check_classes(classes)
            interrupted = draft._partial_fit(X, y, sample_weight, first=first)
        if interrupted:
            raise TrainingInterrupted(interrupted, self)
        return self

    def _first_target(self, y: Any, classes: Any) -> TargetEncoder:
        target = read_y(y, multi_output=True)
        if target.ndim == 2:
            return self._fit_target(target, column_names(y))
        if classes is None:
            raise DataError("the first call of partial_fit needs classes=[...], all classes of the stream.")
        return TargetEncoder.fit(np.asarray(classes), "classification")

    def _check_classes(self, classes: Any) -> None:
        known = self.classes_.tolist()
        given = known if self._is_multilabel else distinct_classes(np.asarray(classes)).tolist()
        if given != known:
            raise DataError(
                f"classes={given} differ from those of the first call, {known}; leave classes out, or use a new "
                f"classifier."
            )

    @property
    def classes_(self) -> Array:
        """The sorted class labels; for multilabel targets the column numbers."""
        return self.target_encoder_.classes

    @property
    def label_names_(self) -> tuple[str, ...] | None:
        """The names of the labels of a multilabel target; else None."""
        return self.target_encoder_.names if self._is_multilabel else None

    @property
    def threshold_(self) -> Any:
        """Minimum probability to predict the second of two classes, or each label; None for more classes."""
        if self._is_multilabel:
            return self.target_encoder_.thresholds
        return self.target_encoder_.threshold if self.target_encoder_.task == "binary" else None

    @property
    def _is_multilabel(self) -> bool:
        return self.target_encoder_.task == "multilabel"

    @property
    def calibration_(self) -> Calibration | None:
        """Calibration of the probabilities on the validation set; None without one.

        For an ensemble it is the calibration of the first network; see `member` for the others.
        """
        return self.members_[0].calibration

    def decision_function(self, X: Any) -> Array:
        """Return the logits: (n_rows,) for two classes, (n_rows, n_classes) for more, (n_rows, n_labels) for labels.

        These are Z[L]; for an ensemble the logits of the mean probabilities p, log(p / (1 - p)) or log p.
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

        For multilabel targets the probability of each label, (n_rows, n_labels), which need not sum to 1.
        """
        check_is_fitted(self, "network_")
        A = self._outputs(X)
        return self._in_precision_of(X, np.hstack([1.0 - A, A]) if A.shape[1] == 1 else A)

    def spread(self, X: Any) -> Array:
        """Return the standard deviation of each probability over the networks of an ensemble.

        It is large where training rows are sparse; an ambiguous row may have a small one.

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
        """Return the predicted class of each row, (n_rows,); for multilabel targets indicators (n_rows, n_labels)."""
        check_is_fitted(self, "network_")
        return self.target_encoder_.inverse(self._outputs(X), numbers_in_table(X))

    @TARGET.rewriting()
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
        share = self.recipe_.label_smoothing
        return smooth_labels(self.target_encoder_.transform(y), share, multilabel=self._is_multilabel)

    def _calibrated(self, network: Network, held_out: Samples) -> tuple[Network, Calibration | None]:
        Y = self.target_encoder_.transform(held_out.y)
        Z, _ = outputs(network, held_out.A0, n_jobs=self.n_jobs)
        weights = held_out.weights
        if self._is_multilabel:  # each label of each row counts as one binary prediction
            weights = None if weights is None else np.repeat(weights, Y.shape[1])
            Y, Z = Y.reshape(-1, 1), Z.reshape(-1, 1)
        labels = Y[:, 0].astype(np.int64) if Y.shape[1] == 1 else Y.argmax(axis=1)
        rescale = self.recipe_.temperature_scaling
        found = replace(calibrate(Z, labels, weights, rescale=rescale), n_rows=len(held_out))
        return (with_temperature(network, found.temperature) if rescale else network), found

    def _decide(self, members: tuple[Member, ...], held: Sequence[Samples | None]) -> None:
        chosen = self.recipe_.threshold
        if self.target_encoder_.task == "multiclass":
            if chosen != 0.5:
                raise ParameterError(
                    f"threshold={chosen!r} decides between two classes, but y has {len(self.classes_)}; leave it out."
                )
            return
        if isinstance(chosen, str):
            each = self._tuned(chosen, members, (rows for rows in held if rows is not None))
            threshold: float | tuple[float, ...] = each if self._is_multilabel else each[0]
        else:
            threshold = float(chosen)
        self.target_encoder_ = replace(self.target_encoder_, threshold=threshold)

    def _tuned(self, metric: str, members: tuple[Member, ...], held: Iterable[Samples]) -> tuple[float, ...]:
        """Return the best threshold of each output; each row is predicted by a network that was not trained on it."""
        probabilities, truths, counts = [], [], []
        for member, rows in zip(members, held, strict=True):
            probabilities.append(outputs(member.network, rows.A0, n_jobs=self.n_jobs)[1])
            truths.append(self.target_encoder_.transform(rows.y) == 1)
            counts.append(np.ones(len(rows)) if rows.weights is None else rows.weights)
        A, is_so, weights = (np.concatenate(parts) for parts in (probabilities, truths, counts))
        says_nothing: Array = is_so.all(axis=0) | ~is_so.any(axis=0)  # (n_out,)
        if says_nothing.all():
            raise ParameterError(
                f"threshold={metric!r} is tuned on the rows held out, but all of them have the same class; hold out "
                f"more, or give a number."
            )
        return tuple(
            0.5 if nothing else best_threshold(A[:, k], is_so[:, k], metric, weights)
            for k, nothing in enumerate(says_nothing.tolist())
        )

    def _stratify(self, y: Array) -> Any:
        if y.ndim == 2:  # there are too many label sets for stratification
            return False
        with in_one_sentence():
            check_classification_targets(y)
        return np.unique(y, return_inverse=True)[1]

    def _weights(self, y: Array, sample_weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return sample_weight
        y = np.asarray(y)
        if y.ndim == 2:
            raise ParameterError(
                f"class_weight={self.class_weight!r} needs one class per row, but y has {y.shape[1]} labels per row; "
                f"leave it out, and for rare labels try threshold='f1'."
            )
        present = np.unique(y)
        each = compute_class_weight(self.class_weight, classes=present, y=y)
        weights = each[np.searchsorted(present, y)]
        return weights if sample_weight is None else weights * sample_weight
