"""What replay refuses, and how it says so."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import LayerIndexError, ParameterError, ReplayError, ShapeError
from glassnet.training.breakpoints import dead_unit, gradient_beyond, rises, weight_beyond

BCE = "binary_cross_entropy"


@pytest.fixture
def result(binary, start):
    return gn.train(start(), *binary, cost=BCE, epochs=5, batch_size=30)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, r"^say where to open the run: at\(epoch=3\), at\(epoch=3, step=10\) or at\(step=250\)\.$"),
        ({"step": 21}, r"^step=21 is not in this run: it took 20 steps, so that step goes from 0 to 20\.$"),
        ({"step": -1}, r"^step=-1 must be a whole number from 1 upwards\.$"),
        ({"step": 1.5}, r"^step=1\.5 must be a whole number"),
        ({"epoch": 1.0}, r"^epoch=1\.0 must be a whole number"),
        ({"epoch": 6}, r"^epoch=6 is not in this run: it ended in epoch 5, after 20 steps of 4 in an epoch\.$"),
        ({"epoch": 6, "step": 1}, r"^epoch=6, step=1 is not in this run: it ended in epoch 5, after 20 steps of 4"),
        (
            {"epoch": 2, "step": 5},
            r"^step=5 is not in epoch 2, which has 4 steps; without epoch, step counts from the start of the run\.$",
        ),
        ({"epoch": 0, "step": 1}, r"^step=1 is not in epoch 0, which has 0 steps; without epoch"),
    ],
)
def test_places_that_the_run_did_not_come_to(place, message, result):
    with pytest.raises(ParameterError, match=message):
        result.at(**place)


@pytest.mark.parametrize("what", ["a value", "a target", "the order", "the precision", "weights"])
def test_other_data_are_refused(what, binary, result):
    X, Y = binary[0].copy(), binary[1].copy()
    weights = np.arange(1.0, 121.0) if what == "weights" else None
    if what == "a value":
        X[7, 2] = np.nextafter(X[7, 2], 9)
    elif what == "a target":
        Y[3] = 1 - Y[3]
    elif what == "the order":
        X, Y = X[::-1], Y[::-1]
    elif what == "the precision":
        X = X.astype(np.float32)
    with pytest.raises(
        ReplayError,
        match=r"^X, Y and weights differ from the data of this run \(fingerprint [0-9a-f]{8} instead of "
        r"[0-9a-f]{8}\); pass the same rows in the same order, unchanged\.$",
    ):
        result.replay(X, Y, weights=weights)


def test_data_changed_since_training_are_refused(binary, start):
    X, Y = binary[0].copy(), binary[1]
    result = gn.train(start(), X, Y, cost=BCE, epochs=1)
    result.at(epoch=1)
    X[0, 0] += 1
    with pytest.raises(ReplayError, match="differ from the data of this run"):
        result.at(epoch=1)


def test_data_that_do_not_fit_the_network_are_refused(binary, result):
    with pytest.raises(ShapeError, match=r"^X has 3 columns, but this network has 4 inputs"):
        result.replay(binary[0][:, :3], binary[1])


def test_an_epoch_that_comes_out_otherwise_is_refused(binary, result):
    """As on a processor whose arithmetic rounds in another order: here, the history is altered instead."""
    from dataclasses import replace

    epochs = list(result.history.epochs)
    epochs[2] = replace(epochs[2], cost=0.25)
    recording = replace(result.recording, history=replace(result.history, epochs=tuple(epochs)))
    altered = replace(result, recording=recording)

    assert altered.at(epoch=2).step == 8
    with pytest.raises(
        ReplayError,
        match=r"^epoch 3 has the cost 0\.\d+ here and had 0\.25 in the run; a run is replayed bit by bit only by the "
        r"same version of glassnet on the same kind of processor\.$",
    ):
        altered.at(epoch=3)


@pytest.mark.parametrize("place", [{"epoch": 4}, {"epoch": 3, "step": 1}], ids=["by epochs", "by steps"])
def test_a_run_that_diverges_only_here_is_refused(place, curve, start):
    """As above: a history that says nothing of the divergence."""
    from dataclasses import replace

    network = start((2, 5, 2), hidden="relu", output="identity", dtype="float32")
    result = gn.train(network, *curve, cost="half_squared_error", solver="gd", learning_rate=1e4, epochs=50)
    calm = gn.train(network, *curve, cost="half_squared_error", solver="gd", learning_rate=1e-4, epochs=50)
    altered = replace(result, recording=replace(result.recording, history=calm.history))
    first = result.history.divergence.epoch
    known = replace(altered.recording.history, epochs=(*result.history.epochs, *calm.history.epochs[first - 1 :]))
    altered = replace(altered, recording=replace(altered.recording, history=known))
    where = {"epoch": first, "step": 1} if "step" in place else {"epoch": first}
    with pytest.raises(ReplayError, match=rf"^epoch {first} diverges, which the run did not; a run is replayed bit by"):
        altered.at(**where)


def test_lbfgs_is_refused(binary, start):
    result = gn.train(start(), *binary, cost=BCE, solver="lbfgs", epochs=3)
    with pytest.raises(
        ReplayError,
        match=r"^the iterations of solver 'lbfgs' are searches along a line, which cannot be replayed; "
        r"train\(\.\.\., snapshots=1\) stores the parameters of every epoch in history\.snapshots\.$",
    ):
        result.at(epoch=1)


@pytest.mark.parametrize("value", [-1, 1.5, True])
def test_kept_states_that_cannot_be(value, binary, start):
    with pytest.raises(
        ParameterError, match=r"^kept_states=.* must be a whole number from 0 upwards; 0 stores none\.$"
    ):
        gn.train(start(), *binary, cost=BCE, epochs=1, kept_states=value)


def test_unknown_stops(result):
    with pytest.raises(ParameterError, match=r"^every='batch' is not known\. Choose from: step, epoch\.$"):
        result.replay().first(lambda moment: True, every="batch")


@pytest.mark.parametrize(
    ("condition", "error", "message"),
    [
        (lambda: dead_unit(3, 0), LayerIndexError, r"^dead_unit\(layer=3, unit=0\) does not exist: layers count from 1 to 2, units from 0; the sizes are 4-5-1\.$"),
        (lambda: dead_unit(1, 5), LayerIndexError, r"^dead_unit\(layer=1, unit=5\) does not exist"),
        (lambda: dead_unit(0, 0), LayerIndexError, r"^dead_unit\(layer=0, unit=0\) does not exist"),
        (lambda: weight_beyond(-1), ParameterError, r"^limit=-1 must be a positive number\.$"),
        (lambda: gradient_beyond(0), ParameterError, r"^limit=0 must be a positive number\.$"),
        (lambda: rises(0.5), ParameterError, r"^factor=0\.5 must be a number from 1 upwards; 3 is usual\.$"),
        (lambda: rises(patience=0), ParameterError, r"^patience=0 must be a whole number from 1 upwards\.$"),
        (lambda: rises(), ParameterError, r"^the history has no validation_cost: training measured none; try quantity='cost'\.$"),
        (lambda: rises(quantity="loss"), ParameterError, r"^history has no 'loss'\. Choose from: epoch, cost"),
    ],
)  # fmt: skip
def test_breakpoints_that_cannot_be(condition, error, message, result):
    with pytest.raises(error, match=message):
        result.replay().first(condition())


def test_data_that_changed_during_the_run_are_refused(binary, start):
    """The run reads X in place; its fingerprint is that of before, and every epoch is compared with the history."""
    X, Y = np.array(binary[0]), binary[1]
    before = X.copy()

    def change(epoch, network):
        X[0, 0] += 1.0

    result = gn.train(start(), X, Y, cost=BCE, epochs=3, batch_size=30, callback=change)

    with pytest.raises(ReplayError, match="differ from the data of this run"):
        result.replay()
    with pytest.raises(ReplayError, match="epoch 2"):
        result.replay(before, Y).at(epoch=2)
