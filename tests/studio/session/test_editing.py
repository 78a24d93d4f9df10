"""Weights set by hand: training goes on from them, with the solver's memory and the order of the rows."""

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

import glassnet as gn
from glassnet.studio import messages as m

X, Y = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0]])
BY_INPUT = [[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]]


def tutorial(first=0.3):
    weights = [(BY_INPUT, None), ([[first], [0.5], [0.9]], None)]
    return gn.Network.from_weights(weights, hidden="sigmoid", output="sigmoid", by="input")


@pytest.fixture
def by_hand(page):
    tab = page()
    tab.ask(m.OpenExample, "three-three-one")
    return tab


def test_a_new_weight_moves_everything(by_hand):
    """The tutorial's weight 0.3 becomes 0.25: the frame has the numbers of that network."""
    by_hand.ask(m.SetWeight, 2, 0, 0, 0.25)

    frame = by_hand.last(Frame)
    trace = gn.forward(tutorial(0.25), X)
    assert frame.numbers[:12].tolist() == tutorial(0.25).theta.tolist()
    assert frame.numbers[12:15].tolist() == trace.A[1][0].tolist()
    assert frame.edits == [[2, 0, 0]]
    assert by_hand.last(m.Status).edits == 1


def test_its_cost_is_told_where_it_was_set(page):
    """Over the training rows and the validation rows; other moments have those of the curves."""
    tab = page()
    tab.ask(m.OpenExample, "penguins")
    tab.play(until=4)
    assert tab.last(Frame).costs is None
    tab.ask(m.SetWeight, 1, 0, 0, 3.0)

    work = tab.session._work
    X, Y = work.built.encoded()
    A, held_out = gn.forward(work.network, X).A[-1], work.built.held_out
    wanted = [gn.cost("cross_entropy", A[rows], Y[rows]) for rows in (~held_out, held_out)]
    assert tab.last(Frame).costs == pytest.approx(wanted, rel=1e-12)
    before = tab.last(Frame).curves["cost"][-1][1]
    assert tab.last(Frame).costs[0] != pytest.approx(before, rel=1e-3)
    tab.ask(m.Seek, 2)
    assert (tab.last(Frame).edits, tab.last(Frame).costs) == ([], None)
    tab.ask(m.Seek, 4)
    assert (tab.last(Frame).edits, tab.last(Frame).costs) == ([[1, 0, 0]], pytest.approx(wanted, rel=1e-12))
    tab.ask(m.Seek, 2)
    tab.ask(m.SetWeight, 1, 0, 1, 3.0)
    assert (tab.last(Frame).epoch, tab.last(Frame).edits) == (2, [[1, 0, 1]])
    tab.play(until=3)
    assert (tab.last(Frame).edits, tab.last(Frame).costs) == ([], None)


def test_training_goes_on_from_it(by_hand):
    """Gradient descent has no memory, so it is the training of the changed network."""
    by_hand.ask(m.SetWeight, 2, 0, 0, 0.25)

    by_hand.play(until=40)

    result = gn.train(tutorial(0.25), X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=40)
    assert by_hand.last(Frame).numbers[:12].tolist() == result.network.theta.tolist()
    by_hand.ask(m.Seek, 7)
    assert by_hand.last(Frame).numbers[:12].tolist() == result.at(epoch=7).network.theta.tolist()


def test_restore_takes_back_all_weights_of_a_moment(by_hand):
    by_hand.play(until=5)
    before = by_hand.last(Frame).numbers
    by_hand.ask(m.SetWeight, 2, 0, 0, 0.25)
    by_hand.ask(m.SetWeight, 1, 2, 1, -4.0)
    assert by_hand.last(Frame).edits == [[1, 2, 1], [2, 0, 0]]

    by_hand.ask(m.Restore)

    np.testing.assert_array_equal(by_hand.last(Frame).numbers, before)
    assert by_hand.last(Frame).edits == []
    by_hand.play(until=6)
    result = gn.train(tutorial(), X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=6)
    assert by_hand.last(Frame).numbers[:12].tolist() == result.network.theta.tolist()
    assert "no weight was set by hand since the last step" in by_hand.refused(m.Restore)


def test_a_weight_of_an_earlier_moment_cuts_what_came_after(by_hand):
    by_hand.play(until=50)
    by_hand.ask(m.Seek, 20)

    by_hand.ask(m.SetWeight, 2, 0, 1, 0.0)

    frame = by_hand.last(Frame)
    assert (by_hand.last(m.Status).epoch, frame.epoch) == (20, 20)
    assert frame.from_epoch <= 21
    assert max(epoch for epoch, _ in frame.curves["cost"]) <= 20
    at_20 = gn.train(tutorial(), X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=50).at(
        epoch=20
    )
    theta = np.array(at_20.network.theta)
    theta[10] = 0.0
    changed = at_20.network.with_theta(theta)
    by_hand.play(until=30)
    result = gn.train(changed, X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=10)
    assert by_hand.last(Frame).numbers[:12].tolist() == result.network.theta.tolist()
    by_hand.ask(m.Seek, 10)  # before the change
    earlier = gn.train(tutorial(), X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=10)
    assert by_hand.last(Frame).numbers[:12].tolist() == earlier.network.theta.tolist()


def test_a_weight_within_an_epoch(page):
    """The steps after the change are the remaining minibatches of its epoch, done here by hand with `gn.descend`."""
    tab = page()
    tab.ask(m.OpenExample, "penguins")
    setup = structs.replace(tab.last(m.ModelCard).setup, solver="sgd", batch_size=64, validation_fraction=0.0)
    tab.ask(m.Build, setup)
    work = tab.session._work
    for _ in range(2):
        tab.ask(m.Step)
    network, plan, course = work.moment.network, work.course.plan, work.course
    orders = [course.replay().at(epoch=1, step=s).rows for s in range(2, plan.steps_per_epoch)]
    assert len(orders) == plan.steps_per_epoch - 2

    tab.ask(m.SetWeight, 1, 3, 0, 1.5)
    shown = tab.last(Frame)
    assert (shown.epoch, shown.step, shown.edits) == (0, 2, [[1, 3, 0]])
    tab.ask(m.Step)
    after_one = np.array(work.moment.network.theta)
    tab.ask(m.Epoch)

    theta = np.array(network.theta)
    theta[3 * network.sizes[0]] = 1.5
    memory = course.replay().at(epoch=1, step=2).state.solver
    velocity = np.array(memory[0] if isinstance(memory, tuple) else memory.velocity)
    by_hand = network.with_theta(theta)
    for n, rows in enumerate(orders, start=1):
        trace = gn.forward(by_hand, plan.data.X[rows])
        grad = gn.backward(by_hand, trace, plan.data.Y[rows], cost="cross_entropy").grad
        velocity = 0.9 * velocity - 0.01 * grad  # Nesterov's momentum, as scikit-learn writes it
        by_hand = by_hand.with_theta(by_hand.theta + 0.9 * velocity - 0.01 * grad)
        if n == 1:
            np.testing.assert_allclose(after_one, by_hand.theta, rtol=1e-9, atol=1e-12)
    assert (tab.last(Frame).epoch, tab.last(Frame).step) == (1, 0)
    np.testing.assert_allclose(work.moment.network.theta, by_hand.theta, rtol=1e-9, atol=1e-12)
    assert len(work.course.history) == 1
    tab.play(until=4)
    tab.ask(m.Seek, 2, 1)  # a replay from the change on, which compares every epoch with the history
    assert (tab.last(Frame).epoch, tab.last(Frame).step) == (2, 1)
    tab.ask(m.Seek, 0, 1)
    np.testing.assert_array_equal(work.moment.network.theta, course.at(0, 1).network.theta)


def test_the_best_epoch_before_a_change_is_remembered(page):
    tab = page()
    tab.ask(m.OpenExample, "penguins")
    tab.play(until=10)
    best = tab.session._work.course.progress.best_epoch
    theta = tab.session._work.course.at(best).network.theta

    tab.ask(m.SetWeight, 2, 0, None, 1000.0)
    tab.play(until=12)

    assert tab.session._work.course.progress.best_epoch == best
    np.testing.assert_array_equal(tab.session._work.course.training.result().network.theta, theta)


def test_not_more_than_so_many_changes(by_hand, monkeypatch):
    """Each keeps the course before it; several at the same moment are one."""
    monkeypatch.setattr("glassnet.studio.session.courses.editing.MOST_CHANGES", 2)
    for value in (0.1, 0.2):
        by_hand.ask(m.SetWeight, 2, 0, 0, value)
        by_hand.ask(m.SetWeight, 2, 0, 1, value)
        by_hand.ask(m.Step)
    frame = by_hand.last(Frame)

    sentence = by_hand.refused(m.SetWeight, 2, 0, 0, 0.3)

    assert sentence.endswith("the most that can be looked back at; reset it to set further weights.")
    assert by_hand.last(Frame) is frame
    by_hand.ask(m.Seek, 0)
    by_hand.ask(m.SetWeight, 2, 0, 0, 0.3)  # in the place of the second change
    assert by_hand.last(m.Status).edits == 2
    by_hand.ask(m.Reset)
    by_hand.ask(m.SetWeight, 2, 0, 0, 0.4)
    assert by_hand.last(m.Status).edits == 1


REFUSED = [
    ((3, 0, 0, 1.0), "there is no weight into neuron 0 of layer 3"),
    ((1, 3, 0, 1.0), "there is no weight into neuron 3 of layer 1"),
    ((1, 0, 3, 1.0), "there is no weight into neuron 0 of layer 1 from neuron 3; the sizes of the layers are 3-3-1"),
    ((1, 0, None, 1.0), "layer 1 of this network has no biases"),
    ((1, 0, 0, float("nan")), "nan is not a number that a weight can have"),
]


@pytest.mark.parametrize(("weight", "sentence"), REFUSED)
def test_no_such_weight(by_hand, weight, sentence):
    frame = by_hand.last(Frame)

    assert sentence in by_hand.refused(m.SetWeight, *weight)
    assert by_hand.last(Frame) is frame
