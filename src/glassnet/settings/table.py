"""The table of all settings.

It is the only place that says what a setting may be, what its default is, how it is documented, and where it applies.
Signatures and docstrings repeat it, because editors and scikit-learn read them; ``python -m tools.settings`` writes the
docstrings, and a test compares both with the table.
"""

from collections.abc import Mapping

from glassnet.core.catalog.initializers import INITIALIZERS
from glassnet.core.front import EMBEDDINGS
from glassnet.core.network import RATES as RULES
from glassnet.engines.registry import ENGINES
from glassnet.settings.choices import (
    ACTIVATION,
    CALLBACK,
    CLASS_WEIGHT,
    COLUMNS,
    COST,
    DECAY_SCHEDULE,
    DROPOUT_SCHEDULE,
    PATIENCE,
    RANDOM_STATE,
    RATES,
    SCHEDULE,
    SCHEDULE_OF_ESTIMATORS,
    SEED,
    SIZES,
    SOLVER,
    THRESHOLD,
    VERBOSE,
)
from glassnet.settings.kinds import (
    COUNT,
    FLAG,
    FRACTION,
    FROM_ZERO,
    OPEN_FLAG,
    POSITIVE,
    SHARE,
    WHOLE,
    Optional,
    one_of,
    whole,
)
from glassnet.settings.setting import AUTO, Auto, Option, Parameter, Place, Setting

FROM_DATA = "data"
PRESETS = ("tabular", "plain")
MONITORS = ("cost", "validation_cost", "validation_metric")
METRICS = ("auto", "accuracy", "r2")
DTYPES = ("float32", "float64")
MOST_NETWORKS = 10_000  # more by mistake would fill the memory

_COLUMNS, _NETWORK, _TRAINING = "Columns", "Network", "Training"
_PENALTY = FROM_ZERO.usually("0 switches the penalty off")

NETWORK = (
    Setting(
        kind=SIZES,
        doc="Number of neurons in each hidden layer, such as ``(64, 32)``; ``()`` is logistic or linear regression.",
        estimators=Place("hidden_layer_sizes", AUTO),
        auto=Auto(plain=(100,), large=(128, 128, 128), small=(64, 64)),
        option=Option("--hidden", "64,32", "Sizes of the hidden layers, or none.", _NETWORK),
    ),
    Setting(
        kind=ACTIVATION,
        doc="Activation of the hidden layers, one of ``glassnet.activations()``; a list gives one per layer.",
        estimators=Place("activation", AUTO),
        auto=Auto(plain="relu", large="selu", small="silu"),
        option=Option("--activation", "NAME", "See glassnet activations; relu,tanh gives one per layer.", _NETWORK),
    ),
    Setting(
        kind=one_of(PRESETS),
        doc='Sets the values of "auto". "tabular" scales numbers, encodes categories and trains for accuracy on '
        'tables; "plain" is the textbook network with scikit-learn\'s defaults and unscaled numeric arrays.',
        estimators=Place("preset", "tabular"),
        option=Option("--preset", "NAME", "tabular: tuned for tables; plain: as in the textbook.", _NETWORK),
    ),
    Setting(
        kind=RATES,
        doc="Share of each hidden layer's units dropped at every step.",
        train=Place("dropout", 0.0, "Dropout rate of the hidden layers; with `dropout_schedule`, at the first step."),
        estimators=Place("dropout", AUTO),
        auto=Auto(plain=0.0, large=0.05, small=0.0),
        option=Option("--dropout", "SHARE", "Share of hidden units dropped.", _NETWORK),
    ),
    Setting(
        kind=_PENALTY,
        doc="L2 penalty: alpha / (2 n_train) times the sum of squared weights, for any batch size.",
        train=Place("l2", 0.0, "Strength of the penalty ``l2/2 · sum w²``."),
        estimators=Place("alpha", AUTO),
        auto=Auto(plain=1e-4, large=0.0, small=1.0),
        option=Option("--alpha", "NUMBER", "L2 penalty on the weights.", _NETWORK),
    ),
    Setting(
        kind=_PENALTY,
        doc="L1 penalty: l1 / n_train times the sum of absolute weights.",
        train=Place("l1", 0.0, "Strength of the penalty ``l1 · sum|w|``."),
        estimators=Place("l1", 0.0),
        option=Option("--l1", "NUMBER", "L1 penalty on the weights.", _NETWORK),
    ),
    Setting(
        kind=one_of((AUTO, FROM_DATA, *INITIALIZERS), words="str"),
        doc='Initial weights: "data" fits each neuron to the training rows; the others as in ``Network.create``.',
        estimators=Place("init", AUTO),
        auto=Auto(plain="auto", large=FROM_DATA, small="auto"),
    ),
    Setting(
        kind=one_of(RULES),
        doc='"fan_in" divides the learning rate of weights by the square root of the number of inputs to their layer, '
        'so that one rate suits all widths. "auto" does so only if `learning_rate_init` comes from the preset.',
        estimators=Place("rates", AUTO),
        auto=Auto(plain="equal", large=None, small="equal"),
    ),
    Setting(
        kind=FROM_ZERO.usually("1 is the weights'"),
        doc="Factor on the learning rate of the biases.",
        estimators=Place("bias_rate", AUTO),
        auto=Auto(plain=1.0, large=None, small=1.0),
    ),
    Setting(
        kind=Optional(one_of(EMBEDDINGS, ", or None for no embedding")),
        doc='"pbld" adds three learned mixtures of cosines to each numeric column; None adds nothing. "auto" is "pbld" '
        'in the preset "tabular" for tables of 1,000 rows or more, except for sparse X and for more than 200 numeric '
        'columns. It does not depend on `input_scaling`. Not for ``preset="plain"`` or sparse X.',
        estimators=Place("numeric_embedding", AUTO),
        auto=Auto(plain=None, large="pbld", small=None),
    ),
    Setting(
        kind=OPEN_FLAG,
        doc="Whether to multiply each input of the first layer, including those of `numeric_embedding`, by a learned "
        'factor. "auto" is False; it does not depend on `numeric_embedding`. Not for ``preset="plain"`` or sparse X.',
        estimators=Place("input_scaling", AUTO),
        auto=Auto(plain=False, large=False, small=False),
    ),
    Setting(
        kind=OPEN_FLAG,
        doc="Whether each hidden neuron learns a slope s with ``a = s · sigma(z) + (1 - s) · z``, initially 1, at 0.1 "
        'times the learning rate. "auto" is False.',
        estimators=Place("learned_slope", AUTO),
        auto=Auto(plain=False, large=False, small=False),
    ),
    Setting(
        kind=one_of(DTYPES).saying("is not a precision; use 'float32', 'float64' or 'auto'"),
        doc='Precision of training. "auto" is float32; with ``preset="plain"`` it is that of X, as in scikit-learn: '
        "float32 for arrays and frames of float32, for which predictions are float32 as well, else float64.",
        estimators=Place("dtype", AUTO),
        auto=Auto(plain=None, large="float32", small="float32"),
    ),
)
"""Settings of the network, and of what holds its weights down."""

TARGET = (
    Setting(
        kind=COST,
        doc="One of ``glassnet.costs()``.",
        required=True,
        train=Place("cost"),
    ),
    Setting(
        kind=COST,
        doc='"squared_error", "poisson", one of ``glassnet.costs()``, such as ``("pinball", {"quantile": 0.9})``, or a '
        "custom cost from ``glassnet.Cost.from_formula``.",
        estimators=Place("loss", "squared_error"),
        only="regressor",
        option=Option("--loss", "NAME", "Cost of a regression; see glassnet costs.", _TRAINING),
    ),
    Setting(
        kind=OPEN_FLAG,
        doc="Whether to clip predictions to the range of the training target, so that outliers never get impossible "
        "predictions.",
        estimators=Place("clip_predictions", AUTO),
        only="regressor",
        auto=Auto(plain=False, large=True, small=True),
    ),
    Setting(
        kind=Optional(CLASS_WEIGHT),
        doc='Weight of each class; "balanced" gives all classes the same total weight. Not for multilabel targets.',
        estimators=Place("class_weight", None),
        only="classifier",
        option=Option("--class-weight", "balanced", "Give every class the same total weight.", _TRAINING),
    ),
    Setting(
        kind=FRACTION.usually("0.1 is usual, 0 switches it off"),
        doc="Share of each label's probability to spread evenly over all classes in training; 0 keeps the labels "
        "unchanged.",
        estimators=Place("label_smoothing", AUTO),
        only="classifier",
        auto=Auto(plain=0.0, large=None, small=None),
    ),
    Setting(
        kind=OPEN_FLAG,
        doc="Whether to calibrate the probabilities: the logits are divided by a temperature fitted on the validation "
        'set. "auto" does so if there is a validation set.',
        estimators=Place("temperature_scaling", AUTO),
        only="classifier",
        auto=Auto(plain=False, large=None, small=None),
    ),
    Setting(
        kind=THRESHOLD,
        doc="For two classes, `predict` returns the second if its probability is at least `threshold`: a number, or a "
        "score to maximize on the validation set. For multilabel targets a number holds for all labels, while a score "
        "gives each label a threshold, which stays 0.5 if all or none of the validation rows have the label.",
        estimators=Place("threshold", 0.5),
        only="classifier",
    ),
)
"""Settings of the target and of what is predicted."""

TRAINING = (
    Setting(
        kind=SOLVER,
        doc='One of ``glassnet.solvers()``; "sgd" has momentum, as in scikit-learn.',
        train=Place(
            "solver", "adam", 'One of ``glassnet.solvers()``, such as ``"adam"`` or ``("momentum", {"mu": 0.8})``.'
        ),
        estimators=Place("solver", AUTO),
        auto=Auto(plain="adam", large="adam", small="adam"),
        option=Option("--solver", "NAME", "See glassnet solvers.", _TRAINING),
    ),
    Setting(
        kind=POSITIVE,
        doc="Initial learning rate.",
        train=Place("learning_rate", None, "eta; the solver's default if omitted.", Optional(POSITIVE)),
        estimators=Place("learning_rate_init", AUTO),
        auto=Auto(plain=1e-3, large=0.04, small=2e-3),
        option=Option("--learning-rate", "NUMBER", "Step size of the solver.", _TRAINING),
    ),
    Setting(
        kind=SCHEDULE_OF_ESTIMATORS,
        doc='Schedule of the learning rate: "constant", "invscaling", "adaptive", or one of glassnet\'s such as '
        '"cosine".',
        train=Place(
            "schedule",
            "constant",
            'Schedule of the learning rate: ``"constant"``, ``"step"``, ``"inverse"``, ``"exponential"``, '
            '``"cosine"``, ``"flat_cosine"``, ``"warm_up"``, ``"coslog4"``, or ``"adaptive"``, which divides it by 5 '
            "after `patience` epochs without improvement.",
            SCHEDULE,
        ),
        estimators=Place("learning_rate", AUTO),
        auto=Auto(plain="constant", large="coslog4", small="cosine"),
        option=Option("--schedule", "NAME", "Learning-rate schedule, such as cosine.", _TRAINING),
    ),
    Setting(
        kind=FROM_ZERO.usually("0.5 is usual"),
        doc='Exponent of "invscaling".',
        estimators=Place("power_t", 0.5),
    ),
    Setting(
        kind=WHOLE,
        doc="Maximum number of epochs.",
        train=Place("epochs", 100, 'Passes over the samples; for ``"lbfgs"`` iterations.'),
        estimators=Place("max_iter", AUTO),
        auto=Auto(plain=200, large=None, small=None),
        option=Option("--epochs", "N", "Maximum number of training epochs.", _TRAINING),
    ),
    Setting(
        kind=Optional(WHOLE),
        doc="Number of samples per step.",
        train=Place("batch_size", None, "Samples per step; 32 by default, all samples for full-batch solvers."),
        estimators=Place("batch_size", AUTO),
        auto=Auto(plain=200, large=None, small=None),
        option=Option("--batch-size", "N", "Rows per step.", _TRAINING),
    ),
    Setting(
        kind=DROPOUT_SCHEDULE,
        doc='Schedule of `dropout`: "constant", or for example "flat_cosine", which is constant for the first half of '
        'the training and then falls to 0; "auto" is "constant". `partial_fit` keeps dropout and weight decay '
        "constant, because a stream has no last epoch.",
        train=Place(
            "dropout_schedule",
            "constant",
            'Schedule of `dropout`: all of the above except "adaptive". ``"flat_cosine"`` keeps it constant for the '
            "first half of the run and then lowers it to 0.",
        ),
        estimators=Place("dropout_schedule", AUTO),
        auto=Auto(plain="constant", large="constant", small="constant"),
    ),
    Setting(
        kind=FROM_ZERO.usually("0 switches it off"),
        doc="Decoupled weight decay: each step also subtracts learning rate · weight_decay · weight from each weight; "
        'solver "adam" then becomes "adamw". "auto" is the solver\'s default: no decay, except for "adamw".',
        estimators=Place("weight_decay", AUTO),
        auto=Auto(plain=None, large=None, small=None),
    ),
    Setting(
        kind=DECAY_SCHEDULE,
        doc='Schedule of `weight_decay`; "auto" is "flat_cosine" in the preset "tabular" with decay, else "constant".',
        train=Place(
            "decay_schedule",
            "constant",
            'Schedule of the ``weight_decay`` of solver "adamw", as for `dropout_schedule`.',
        ),
        estimators=Place("decay_schedule", AUTO),
        auto=Auto(plain="constant", large=None, small=None),
    ),
    Setting(
        kind=Optional(POSITIVE),
        doc="Maximum norm of the gradient.",
        train=Place("clip"),
        estimators=Place("clip"),
    ),
    Setting(
        kind=FRACTION.usually("0.9 is usual"),
        doc='Momentum of solver "sgd".',
        estimators=Place("momentum", 0.9),
    ),
    Setting(
        kind=FLAG,
        doc='Whether the momentum of "sgd" is Nesterov\'s.',
        estimators=Place("nesterovs_momentum", True),
    ),
    Setting(
        kind=FRACTION.usually("0.9 is usual"),
        doc="Decay rate of Adam's mean of the gradients.",
        estimators=Place("beta_1", 0.9),
    ),
    Setting(
        kind=FRACTION.usually("0.999 is usual"),
        doc="Decay rate of Adam's mean of the squared gradients.",
        estimators=Place("beta_2", AUTO),
        auto=Auto(plain=0.999, large=0.95, small=0.95),
    ),
    Setting(
        kind=POSITIVE.usually("1e-8 is usual"),
        doc="Number that keeps Adam's denominator from 0.",
        estimators=Place("epsilon", 1e-8),
    ),
    Setting(
        kind=FLAG,
        doc="Whether to shuffle the samples in each epoch.",
        train=Place("shuffle", True),
        estimators=Place("shuffle", True),
    ),
)
"""Settings of the steps."""

STOPPING = (
    Setting(
        kind=OPEN_FLAG,
        doc="Whether to hold out a validation set and keep the best epoch on it.",
        estimators=Place("early_stopping", AUTO),
        auto=Auto(plain=False, large=True, small=False),
        option=Option(
            "--early-stopping/--no-early-stopping",
            "",
            "Keep the epoch with the best validation cost; by default decided by the number of rows.",
            _TRAINING,
        ),
    ),
    Setting(
        kind=SHARE,
        doc="Share of the rows in the validation set.",
        estimators=Place("validation_fraction", 0.1),
        option=Option("--validation-fraction", "SHARE", "Share of the rows that choose the best epoch.", _TRAINING),
    ),
    Setting(
        kind=FLAG,
        doc="Whether to train again on all rows, including the validation set, for the best number of epochs.",
        estimators=Place("refit", False),
    ),
    Setting(
        kind=Optional(one_of(MONITORS)),
        doc="Criterion for the best epoch.",
        train=Place(
            "monitor", None, "Monitored quantity; by default the validation cost, if there is a validation set."
        ),
        estimators=Place("monitor"),
    ),
    Setting(
        kind=Optional(PATIENCE),
        doc="Number of epochs without improvement before training stops; inf and None never stop it.",
        train=Place("patience", None, "Stop after this many epochs without improvement by more than `tolerance`."),
        estimators=Place("n_iter_no_change", AUTO),
        auto=Auto(plain=10, large=None, small=None),
        option=Option("--patience", "N", "Stop after this many epochs without improvement.", _TRAINING),
    ),
    Setting(
        kind=FROM_ZERO.usually("1e-4 is usual"),
        doc='Minimum improvement of the training cost, and with ``preset="plain"`` of the validation cost as well; for '
        '"lbfgs" the gradient at convergence.',
        train=Place(
            "tolerance", 0.0, 'Smallest improvement that counts; for ``"lbfgs"``, the gradient at convergence.'
        ),
        estimators=Place("tol", 1e-4),
    ),
    Setting(
        kind=Optional(POSITIVE),
        doc="Seconds after which training stops at the end of an epoch; compilation does not count. To repeat such a "
        "run of a network exactly, use the same `max_iter`, on which schedules depend, no time limit, and "
        "``callback=lambda epoch, network: epoch.epoch >= n`` with n the former ``n_iter_``.",
        train=Place(
            "time_limit",
            None,
            "Seconds after which training stops at the end of an epoch; compilation does not count. An epoch that "
            "would exceed the limit by far is not started. To repeat the run, pass the same `epochs`, no limit, and "
            "``callback=lambda epoch, network: epoch.epoch >= n`` with ``n = len(history)``.",
        ),
        estimators=Place("time_limit"),
        option=Option("--time-limit", "SECONDS", "Stop training after this time.", _TRAINING),
    ),
    Setting(
        kind=WHOLE,
        doc='Maximum number of evaluations of the cost by "lbfgs".',
        estimators=Place("max_fun", 15000),
    ),
)
"""Settings that decide when training stops, and which epoch is kept."""

RUNNING = (
    Setting(
        kind=COUNT,
        doc="Store the parameters every `snapshots` epochs in ``history_.snapshots``; 0 stores none.",
        train=Place(
            "snapshots",
            0,
            "Interval, in epochs, at which parameters are stored in ``history.snapshots``; 0 stores none.",
        ),
        estimators=Place("snapshots", 0),
    ),
    Setting(
        kind=COUNT,
        doc="Maximum number of training states to store, which make `replay` faster.",
        train=Place(
            "kept_states",
            0,
            "Maximum number of evenly spaced states stored to speed up `TrainingResult.at`; with 0 it replays from the "
            "start.",
        ),
        estimators=Place("kept_states", 0),
    ),
    Setting(
        kind=Optional(one_of(METRICS, ", or None")),
        doc="Metric reported with the cost.",
        train=Place("metric", "auto"),
    ),
    Setting(
        kind=Optional(CALLBACK),
        doc="``callback(epoch_record, network)`` after each epoch; training stops when it returns True.",
        train=Place(
            "callback",
            None,
            "``callback(epoch_record, network)`` after each epoch; training stops when it returns True. A "
            "`glassnet.training.loop.listeners.Listener` is called less often.",
        ),
        estimators=Place("callback"),
    ),
    Setting(
        kind=VERBOSE,
        doc="Print the result of `estimate` before training, then one line per epoch.",
        estimators=Place("verbose", False),
    ),
    Setting(
        kind=FLAG,
        doc="Whether `fit` continues from the fitted network; its structure must stay the same.",
        estimators=Place("warm_start", False),
    ),
    Setting(
        kind=Optional(COLUMNS),
        doc='Columns to use even if they look like ids, constants or free text (for arrays "x0", "x1", ...).',
        estimators=Place("keep", ()),
        option=Option("--keep", "COLUMN", "Use this column even if it looks like an id; may be repeated.", _COLUMNS),
    ),
    Setting(
        kind=whole(1, most=MOST_NETWORKS),
        doc="Number of networks, trained in parallel. Several networks form an ensemble, which averages their "
        "predictions.",
        estimators=Place("n_networks", 1),
        option=Option("--networks", "N", "Train N networks and average their predictions.", _TRAINING),
    ),
    Setting(
        kind=FLAG,
        doc="Whether the networks of an ensemble hold out different rows, so that all rows are used for training; else "
        "all hold out the same rows.",
        estimators=Place("bagged", True),
    ),
    Setting(
        kind=one_of((AUTO, *ENGINES)),
        doc="Engine for training.",
        train=Place(
            "engine",
            "auto",
            '"cpu" is compiled; "reference" is readable, defines the correct result and also runs user-defined '
            'activations, costs and solvers; "xla" runs on GPU and TPU, by JAX. "auto" uses "xla" for large networks '
            'where JAX finds an accelerator, else "cpu" if possible.',
        ),
        estimators=Place("engine", "auto"),
        option=Option("--engine", "NAME", "Engine for training: auto, cpu, reference or xla (GPU and TPU).", _TRAINING),
    ),
    Setting(
        kind=Optional(WHOLE),
        doc="Number of threads, at most 4 per core; by default the number that suits the size of a step. Results do "
        "not depend on it.",
        train=Place(
            "n_jobs",
            None,
            "Number of threads; by default as many as speed up a step of this size. Results do not depend on it. With "
            'engine="xla" the number of devices that share each minibatch, which changes the order of sums.',
        ),
        estimators=Place("n_jobs"),
    ),
    Setting(
        kind=SEED,
        doc="Seed of sample order and dropout.",
        train=Place("seed", 0),
    ),
    Setting(
        kind=Optional(RANDOM_STATE),
        doc="Determines initial weights, sample order, dropout and the validation set.",
        estimators=Place("random_state"),
        option=Option("--seed", "N", "Seed of all random numbers.", _TRAINING),
    ),
)
"""Settings of the computation, of what is recorded, and of chance."""

SETTINGS: tuple[Setting, ...] = (*NETWORK, *TARGET, *TRAINING, *STOPPING, *RUNNING)

OF_TRAIN: Mapping[str, Parameter] = {found.name: found for each in SETTINGS if (found := each.argument)}
"""The arguments of `glassnet.train`, by name."""

OF_ESTIMATORS: Mapping[str, Parameter] = {found.name: found for each in SETTINGS if (found := each.parameter)}
"""The parameters of the estimators, by name."""

OPTIONS: Mapping[str, Option] = {
    name: each.setting.option for name, each in OF_ESTIMATORS.items() if each.setting.option is not None
}
"""The options of ``glassnet train``, by the name of the estimators' parameter."""
