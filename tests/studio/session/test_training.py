"""Play, pause, step, epoch, reset: the numbers are those of `gn.train`, `fit` and `gn.explain`."""

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

import glassnet as gn
from glassnet.data.boolean import truth_table
from glassnet.studio import messages as m

X, Y = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0]])
BY_INPUT = [[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]]
SETTINGS = {"cost": "half_squared_error", "solver": "gd", "learning_rate": 0.5}


def tutorial():
    weights = [(BY_INPUT, None), ([[0.3], [0.5], [0.9]], None)]
    return gn.Network.from_weights(weights, hidden="sigmoid", output="sigmoid", by="input")


def test_opening_shows_the_data_the_network_a_row_and_a_moment(page):
    told = page().ask(m.OpenExample, "three-three-one")

    assert [type(each).__name__ for each in told] == ["DataCard", "ModelCard", "RowCard", "Status", "Frame"]
    data, model, row, status, frame = told
    assert data.is_fixed
    assert data.n_rows == 1
    assert model.record["sizes"] == [3, 3, 1]
    assert model.n_parameters == 12
    assert row.row["X"] == [1.0, 0.0, 1.0]
    assert row.row["Y"] == [0.0]
    assert (status.state, status.epoch) == ("ready", 0)
    assert (frame.epoch, frame.step, frame.is_live, frame.bytes) == (0, 0, False, 8)


def test_the_numbers_of_a_frame_are_those_of_explain(page):
    """The frame has W[1], W[2], then a, delta, z, dE/da of each layer, and the loss; see recording/numbers.py."""
    frame = page().ask(m.OpenExample, "three-three-one")[4]

    record = gn.explain(tutorial(), X[0], Y[0], cost="half_squared_error", learning_rate=0.5)
    trace = gn.forward(tutorial(), X)
    grads = gn.backward(tutorial(), trace, Y, cost="half_squared_error")
    assert frame.numbers[:9].tolist() == np.ravel(tutorial().W[1]).tolist()
    assert frame.numbers[12:15].tolist() == trace.A[1][0].tolist()
    assert frame.numbers[15:18].tolist() == grads.delta[1][0].tolist()
    assert frame.numbers[18:21].tolist() == trace.Z[1][0].tolist()
    np.testing.assert_allclose(frame.numbers[18:21], [1.0, 0.9, 0.9], rtol=1e-15)  # the tutorial's weighted sums
    assert frame.numbers[-1] == record.cost.total


def test_steps_of_the_tutorial(page):
    """Each step is one of `gn.train`; the first new weight is the tutorial's 0.2502522."""
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")

    result = gn.train(tutorial(), X, Y, epochs=3, **SETTINGS)
    for epoch in (1, 2, 3):
        told = tab.ask(m.Step if epoch < 3 else m.Epoch)
        frame = next(each for each in told if isinstance(each, Frame))
        network = result.at(epoch=epoch).network
        assert (frame.epoch, frame.step) == (epoch, 0)
        assert frame.numbers[:12].tolist() == network.theta.tolist()
    assert tab.last(m.Status).state == "paused"
    assert round(result.at(epoch=1).network.theta[9], 7) == 0.2502522


def test_playing_to_the_end_has_the_bits_of_train(page):
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")

    status, frame = tab.play()

    result = gn.train(tutorial(), X, Y, epochs=1000, **SETTINGS)
    assert (status.state, status.epoch, status.stopped) == ("finished", 1000, "epochs")
    assert status.reason == result.history.stop_reason
    assert frame.numbers[:12].tolist() == result.network.theta.tolist()
    assert frame.curves["cost"][-1] == [1000, result.history["cost"][-1]]


def test_a_classifier_has_the_bits_of_fit(page):
    tab = page()
    tab.ask(m.OpenExample, "boolean")

    status, frame = tab.play(until=300)

    table = truth_table("xy + ~z")
    model = gn.GlassClassifier(
        (3,), activation="sigmoid", solver="gd", learning_rate_init=1.0, learning_rate="constant", max_iter=1000,
        preset="plain", alpha=0.0, n_iter_no_change=None, random_state=0,
        callback=lambda epoch, network: epoch.epoch >= 300,
    ).fit(table.X, table.F.astype(int))  # fmt: skip
    assert (status.state, status.epoch) == ("paused", 300)
    weights = [frame.numbers[:9], frame.numbers[9:12], frame.numbers[12:15], frame.numbers[15:16]]
    np.testing.assert_array_equal(np.concatenate(weights), model.network_.theta)


def test_single_steps_within_an_epoch(page):
    """Penguins train in minibatches; step by step the frames follow the replay of `fit`, then the end of the epoch."""
    tab = page()
    told = tab.ask(m.OpenExample, "penguins")
    size = next(each for each in told if isinstance(each, m.ModelCard)).steps_per_epoch
    assert size > 3

    for step in (1, 2, 3):
        tab.ask(m.Step)
        assert (tab.last(Frame).epoch, tab.last(Frame).step) == (0, step)
        assert (tab.last(m.Status).epoch, tab.last(m.Status).step) == (0, step)
    third = tab.last(Frame).numbers
    tab.ask(m.Epoch)
    assert (tab.last(Frame).epoch, tab.last(Frame).step) == (1, 0)
    tab.ask(m.Seek, 0, 3)
    np.testing.assert_array_equal(tab.last(Frame).numbers, third)


def test_reset_goes_back_to_the_same_start(page):
    tab = page()
    first = tab.ask(m.OpenExample, "penguins")[4].numbers
    tab.play(until=5)
    after_five = tab.last(Frame).numbers

    tab.ask(m.Reset)

    np.testing.assert_array_equal(tab.last(Frame).numbers, first)
    assert (tab.last(m.Status).state, tab.last(m.Status).epoch) == ("ready", 0)
    tab.play(until=5)
    np.testing.assert_array_equal(tab.last(Frame).numbers, after_five)


def test_pause_stops_at_the_end_of_an_epoch(page):
    tab = page()
    tab.ask(m.OpenExample, "digits")
    setup = tab.last(m.ModelCard).setup
    tab.ask(m.Build, structs.replace(setup, max_iter=100_000))
    tab.ask(m.Play)
    tab.wait(lambda: next((each for each in tab.told if isinstance(each, Frame) and each.is_live), None))

    tab.ask(m.Pause)

    status = tab.last(m.Status)
    assert status.state == "paused"
    assert 0 < status.epoch < 100_000
    tab.ask(m.Step)
    assert (tab.last(Frame).epoch, tab.last(Frame).step) == (status.epoch, 1)


def test_seek_shows_any_epoch(page):
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")
    tab.play(until=50)

    tab.ask(m.Seek, 20)

    result = gn.train(tutorial(), X, Y, epochs=50, **SETTINGS)
    assert tab.last(Frame).numbers[:12].tolist() == result.at(epoch=20).network.theta.tolist()
    assert "epoch 51, step 0 does not exist: training has come to epoch 50" in tab.refused(m.Seek, 51)
    assert tab.last(m.Status).epoch == 50  # training goes on from its end
    tab.play(until=51)


def test_live_frames_have_single_precision_and_still_ones_all_digits(page):
    tab = page()
    tab.ask(m.OpenExample, "digits")

    tab.play(until=12, pace=20.0)

    live = [each for each in tab.told if isinstance(each, Frame) and each.is_live]
    assert live
    assert {each.bytes for each in live} == {4}
    assert tab.last(Frame).bytes == 8
    assert tab.last(Frame).epoch == 12


@pytest.mark.parametrize("command", [m.Play, m.Step, m.Epoch, m.Reset, m.Pause])
def test_nothing_open(page, command):
    assert "there is no network yet; open a table" in page().refused(command)


def test_each_play_begins_with_a_single_epoch(page):
    """The slices of a small network grow to many epochs, which could take a larger one hours."""
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")
    tab.play()
    tab.ask(m.OpenExample, "digits")
    setup = tab.last(m.ModelCard).setup
    tab.ask(m.Build, structs.replace(setup, max_iter=100_000))
    begin = len(tab.told)
    tab.ask(m.Play)

    first = tab.wait(lambda: next((each for each in tab.told[begin:] if isinstance(each, Frame) and each.epoch), None))

    assert first.epoch < 100  # the last slices before had more than 400
