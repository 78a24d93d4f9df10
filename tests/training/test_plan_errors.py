"""Every argument of `train` that cannot work, and the sentence that says so before anything is computed."""

import numpy as np
import pytest
from scipy import sparse

import glassnet as gn
from glassnet.errors import ParameterError, ShapeError

X, Y = np.ones((6, 3)), np.tile([[0.0], [1.0]], (3, 1))
BCE = "binary_cross_entropy"


def network(**options):
    return gn.Network.create([3, 4, 1], **({"hidden": "tanh", "seed": 0} | options))


def train(net=None, inputs=X, targets=Y, **options):
    return gn.train(net or network(), inputs, targets, **({"cost": BCE, "epochs": 1} | options))


@pytest.mark.parametrize("name", ["epochs", "batch_size", "patience", "n_jobs"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3", float("nan")])
def test_whole_numbers(name, value):
    with pytest.raises(ParameterError, match=rf"^{name}={value!r} must be a whole number from 1 upwards\.$"):
        train(**{name: value})


@pytest.mark.parametrize("name", ["snapshots", "kept_states"])
@pytest.mark.parametrize("value", [-1, 2.5, False, "3", None])
def test_counts(name, value):
    with pytest.raises(
        ParameterError, match=rf"^{name}={value!r} must be a whole number from 0 upwards; 0 stores none\.$"
    ):
        train(**{name: value})


@pytest.mark.parametrize("name", ["learning_rate", "clip", "time_limit"])
@pytest.mark.parametrize("value", [0, -0.1, float("nan"), float("inf"), True, "0.1", [0.1]])
def test_positive_numbers(name, value):
    import re

    with pytest.raises(ParameterError, match=rf"^{name}={re.escape(repr(value))} must be a positive number\.$"):
        train(**{name: value})


@pytest.mark.parametrize("value", [-1e-4, float("nan"), "0"])
def test_tolerance(value):
    with pytest.raises(
        ParameterError, match=rf"^tolerance={value!r} must be a number from 0 upwards; 1e-4 is usual\.$"
    ):
        train(tolerance=value, patience=2)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_penalties(name):
    with pytest.raises(
        ParameterError, match=rf"^{name}=-1 must be a number from 0 upwards; 0 switches the penalty off\.$"
    ):
        train(**{name: -1})


@pytest.mark.parametrize(
    ("dropout", "message"),
    [
        (1.0, r"^dropout=1\.0 must lie in \[0, 1\): the share of units left out; 0\.1 is usual\.$"),
        (-0.1, r"^dropout=-0\.1 must lie in \[0, 1\)"),
        (float("nan"), r"^dropout=nan must lie in \[0, 1\)"),
        ([0.1, 0.2], r"^dropout=\[0\.1, 0\.2\] names 2 rates, but there are 1 hidden layers\.$"),
        ([], r"^dropout=\[\] names 0 rates, but there are 1 hidden layers\.$"),
    ],
)
def test_dropout(dropout, message):
    with pytest.raises(ParameterError, match=message):
        train(dropout=dropout)


def test_dropout_that_grows():
    """0.4 · 1.5² = 0.9 at the end of two epochs; of three it would be 1.35."""
    growing = ("exponential", {"rate": 1.5})
    train(dropout=0.4, dropout_schedule=growing, epochs=2)
    with pytest.raises(
        ParameterError,
        match=r"^dropout_schedule 'exponential' would let the dropout of 0\.4 grow to 1\.35, but it must stay "
        r"below 1; use one that falls, such as 'flat_cosine'\.$",
    ):
        train(dropout=0.4, dropout_schedule=growing, epochs=3)


def test_a_decay_schedule_without_decay():
    with pytest.raises(
        ParameterError,
        match=r"^decay_schedule 'cosine' has nothing to act on, as solver 'adam' has no weight_decay; use solver='adamw'\.$",
    ):
        train(decay_schedule="cosine")
    for no_effect in ({"decay_schedule": "constant"}, {"dropout_schedule": "cosine"}):
        assert len(train(**no_effect).history) == 1


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (np.ones((0, 3)), np.ones((0, 1)), r"^X has no rows; training needs at least one sample\.$"),
        (np.ones((5, 3)), Y, r"^X has 5 rows, but Y has 6; expected one target row per sample\.$"),
        (np.ones((6, 2)), Y, r"^X has 2 columns, but this network has 3 inputs; expected one column per input\.$"),
        (sparse.csr_array((6, 2)), Y, r"^X has 2 columns, but this network has 3 inputs"),
        (X, np.ones((6, 2)), r"^Y has 2 columns, but this network has 1 outputs; expected one target per output"),
        (np.ones((6, 3, 1)), Y, r"^X has 3 dimensions; expected a matrix with one row per sample\.$"),
    ],
    ids=["no rows", "rows", "columns", "sparse columns", "targets", "dimensions"],
)  # fmt: skip
def test_shapes(inputs, targets, message):
    with pytest.raises(ShapeError, match=message):
        train(inputs=inputs, targets=targets)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_inputs_must_be_finite(kind, value):
    spoiled = X.copy()
    spoiled[3, 1] = value

    with pytest.raises(
        ParameterError, match=r"^X has values that are not finite numbers; fill them in or leave those rows"
    ):
        train(inputs=kind(spoiled))


def test_targets_must_be_finite():
    with pytest.raises(ParameterError, match=r"^Y has values that are not finite numbers"):
        train(targets=np.where(np.arange(6)[:, None] == 2, np.nan, Y))


def test_targets_must_be_what_the_cost_can_mean():
    with pytest.raises(ParameterError, match=r"^cost 'binary_cross_entropy' needs targets in \[0, 1\], but Y has 2\.$"):
        train(targets=2 * Y)


@pytest.mark.parametrize(
    ("validation", "error", "message"),
    [
        ((X,), ParameterError, r"^validation must be a pair \(X, Y\), or \(X, Y, weights\)\.$"),
        ((X, Y, np.ones(6), 1), ParameterError, r"^validation must be a pair"),
        ((X[:, :2], Y), ShapeError, r"^validation X has 2 columns, but this network has 3 inputs"),
        ((X[:0], Y[:0]), ShapeError, r"^validation X has no rows"),
        ((X, Y, np.ones(5)), ShapeError, r"^weights have shape \(5,\); expected one number per sample: \(6,\)\.$"),
        ((np.full((6, 3), np.nan), Y), ParameterError, r"^validation X has values that are not finite"),
        ((X, 3 * Y), ParameterError, r"needs targets in \[0, 1\], but Y has 3"),
    ],
    ids=["one", "four", "columns", "rows", "weights", "finite", "targets"],
)
def test_validation(validation, error, message):
    with pytest.raises(error, match=message):
        train(validation=validation)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (np.ones(5), ShapeError, r"^weights have shape \(5,\); expected one number per sample: \(6,\)\.$"),
        (np.ones((6, 1)), ShapeError, r"^weights have shape \(6, 1\)"),
        (-np.ones(6), ParameterError, r"^weights must be finite numbers from 0 upwards, and not all 0\.$"),
        (np.zeros(6), ParameterError, r"^weights must be finite numbers"),
        (np.full(6, np.nan), ParameterError, r"^weights must be finite numbers"),
        (np.full(6, np.inf), ParameterError, r"^weights must be finite numbers"),
    ],
    ids=["length", "matrix", "negative", "zero", "nan", "infinite"],
)
def test_weights(weights, error, message):
    with pytest.raises(error, match=message):
        train(weights=weights)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"monitor": "loss"},
            r"^monitor='loss' is not known\. Choose from: cost, validation_cost, validation_metric\.$",
        ),
        (
            {"monitor": "validation_cost"},
            r"^monitor='validation_cost' needs validation=\(X, Y\); without it only 'cost' can be watched\.$",
        ),
        (
            {"monitor": "validation_metric", "validation": (X, Y), "metric": None},
            r"^monitor='validation_metric' needs a metric; leave metric='auto'\.$",
        ),
        (
            {"schedule": "adaptive"},
            r"^schedule='adaptive' needs patience: after so many epochs without improvement it acts\.$",
        ),
    ],
    ids=["unknown", "no validation", "no metric", "no patience"],
)
def test_what_is_watched(options, message):
    with pytest.raises(ParameterError, match=message):
        train(**options)


@pytest.mark.parametrize("extra", [{"dropout": 0.1}, {"clip": 1.0}])
def test_lbfgs_needs_one_fixed_cost(extra):
    message = r"^solver 'lbfgs' takes neither dropout nor clip: its line search needs one fixed cost\.$"

    with pytest.raises(ParameterError, match=message):
        train(solver="lbfgs", **extra)


@pytest.mark.parametrize("solver", ["gd", "rprop", "lbfgs"])
def test_some_solvers_use_all_rows(solver):
    message = rf"^solver '{solver}' uses all rows at every step; leave batch_size out, or use solver 'sgd' or 'adam'\.$"

    with pytest.raises(ParameterError, match=message):
        train(solver=solver, batch_size=5)
    assert len(train(solver=solver, batch_size=6).history) <= 1  # all rows may be said aloud


@pytest.mark.parametrize("hidden", ["step", ["tanh", "step"]])
def test_step_cannot_be_trained_anywhere(hidden):
    sizes = [3, 4, 1] if hidden == "step" else [3, 4, 4, 1]
    net = gn.Network.create(sizes, hidden=hidden, seed=0)
    message = (
        rf"^layer {len(sizes) - 2} has the activation 'step', whose derivative is 0 everywhere, so no gradient passes"
    )

    with pytest.raises(ParameterError, match=message):
        train(net)


@pytest.mark.parametrize(
    ("output", "cost"), [("relu", BCE), ("sigmoid", "cross_entropy"), ("softmax", "squared_error"), ("step", BCE)]
)
def test_pairs_that_do_not_fit(output, cost):
    with pytest.raises(ParameterError, match=r"output activation"):
        train(network(output=output), cost=cost)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cost": "mce"}, "cost 'mce' is not known"),
        ({"solver": "adamax"}, "solver 'adamax' is not known"),
        ({"schedule": "linear"}, "schedule 'linear' is not known"),
        ({"dropout_schedule": "linear"}, r"^dropout_schedule 'linear' is not known\."),
        ({"decay_schedule": "adaptive"}, r"^decay_schedule 'adaptive' is not known\."),
        ({"engine": "gpu"}, "engine='gpu' is not known"),
    ],
)
def test_names(options, message):
    with pytest.raises(ParameterError, match=message):
        train(**options)


def test_a_state_of_another_solver():
    state = train(solver="sgd").state
    message = (
        r"^state comes from a run of another solver, but solver is 'adam'; leave state out and pass that run's network"
    )

    with pytest.raises(ParameterError, match=message):
        train(solver="adam", state=state)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_state_of_another_network(solver):
    state = gn.train(gn.Network.create([3, 1], seed=0), X, Y, cost=BCE, epochs=1, solver=solver).state
    message = (
        r"^state has 4 parameters, but this network has 21; expected the state of an earlier run of the same network\.$"
    )

    with pytest.raises(ShapeError, match=message):
        train(solver=solver, state=state)
