"""More epochs than were planned: training goes on after its last one, and a schedule says what becomes of it."""

from math import cos, pi

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

import glassnet as gn
from glassnet.studio import messages as m

X, Y = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0]])
BY_INPUT = [[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]]
SETTINGS = {"cost": "half_squared_error", "solver": "gd", "learning_rate": 0.5}


def tutorial():
    weights = [(BY_INPUT, None), ([[0.3], [0.5], [0.9]], None)]
    return gn.Network.from_weights(weights, hidden="sigmoid", output="sigmoid", by="input")


def built(tab, name, **changes):
    tab.ask(m.OpenExample, name)
    tab.ask(m.Build, structs.replace(tab.last(m.ModelCard).setup, **changes))
    return tab


def theta_of(tab):
    return tab.session._work.moment.network.theta


def test_as_many_epochs_again_have_the_bits_of_a_longer_training(page):
    tab = built(page(), "three-three-one", max_iter=40)
    first, _ = tab.play()

    assert (first.more.epochs, first.more.words) == (
        40,
        "Training goes on as if 80 epochs had been planned from the start.",
    )
    status, frame = tab.play()

    result = gn.train(tutorial(), X, Y, epochs=80, **SETTINGS)
    assert (status.state, status.epoch, status.reason) == ("finished", 80, "all 80 epochs done")
    assert frame.numbers[:12].tolist() == result.network.theta.tolist()
    assert frame.curves["cost"][-1] == [80, result.history["cost"][-1]]
    tab.ask(m.Seek, 20)
    assert theta_of(tab).tolist() == result.at(epoch=20).network.theta.tolist()
    assert tab.play()[0].epoch == 120  # not as many as there are now


def test_the_page_keeps_its_network(page):
    """It hears of the longer plan, of nothing that would begin anew, and of the points of the curves since."""
    tab = built(page(), "three-three-one", max_iter=40)
    tab.play()
    begin = len(tab.told)
    tab.play()

    (card,) = [each for each in tab.told[begin:] if isinstance(each, m.ModelCard)]
    assert card.is_same
    assert card.setup.max_iter == 80
    assert not any(isinstance(each, m.DataCard | m.RowCard) for each in tab.told[begin:])
    assert min(each.from_epoch for each in tab.told[begin:] if isinstance(each, Frame)) > 1


def test_an_epoch_beyond_the_plan_plans_more(page):
    """Also in the middle of a training; a minibatch solver keeps its memory and the order of the rows."""
    tab = built(page(), "blobs", max_iter=6)
    tab.play(until=3)
    status, _ = tab.play(until=9)

    assert (status.state, status.epoch, status.stopped) == ("finished", 9, "epochs")
    shown = tab.session._work.course.now().network.theta
    other = built(page(), "blobs", max_iter=9)
    other.play()
    np.testing.assert_array_equal(shown, other.session._work.course.now().network.theta)


def test_a_schedule_of_the_whole_training_is_stretched_and_says_so(page):
    """By hand: along half a cosine of 6 epochs, and then along the second half of one of 12."""
    tab = built(page(), "three-three-one", max_iter=6, learning_rate="cosine")
    status, _ = tab.play()
    at_six = theta_of(tab)
    assert status.more.words == (
        "The schedule 'cosine' becomes that of 12 epochs, so the learning rate goes from 0.0334936 to 0.25."
    )
    told = status.more.words
    status, _ = tab.play()

    assert status.message == told
    network = tutorial()
    for share in [k / 6 for k in range(6)] + [k / 12 for k in range(6, 12)]:
        trace = gn.forward(network, X)
        gradients = gn.backward(network, trace, Y, cost="half_squared_error")
        network = gn.descend(network, gradients, learning_rate=0.25 * (1 + cos(pi * share)))
    np.testing.assert_allclose(theta_of(tab), network.theta, rtol=1e-14)
    tab.ask(m.Seek, 6)
    np.testing.assert_array_equal(theta_of(tab), at_six)
    assert tab.last(m.Status).edits == 0
    program = tab.session.download("python").content.decode()
    assert "# On the page, more epochs were planned when the schedule had ended, which no training repeats." in program


def test_lbfgs_goes_on_with_its_memory(page):
    tab = built(page(), "boolean", solver="lbfgs", max_iter=4)
    tab.play()
    status, _ = tab.play()
    assert status.epoch == 8

    whole = built(page(), "boolean", solver="lbfgs", max_iter=8)
    whole.play()
    np.testing.assert_array_equal(theta_of(tab), theta_of(whole))


def test_weights_set_by_hand_before_stay_in_it(page):
    tab = built(page(), "three-three-one", max_iter=5)
    tab.ask(m.SetWeight, 2, 0, 0, 0.25)
    tab.play()
    tab.play()

    weights = [(BY_INPUT, None), ([[0.25], [0.5], [0.9]], None)]
    changed = gn.Network.from_weights(weights, hidden="sigmoid", output="sigmoid", by="input")
    result = gn.train(changed, X, Y, epochs=10, **SETTINGS)
    assert theta_of(tab).tolist() == result.network.theta.tolist()
    assert tab.last(m.Status).edits == 1
    tab.ask(m.Seek, 7)
    assert theta_of(tab).tolist() == result.at(epoch=7).network.theta.tolist()


def test_reset_begins_the_longer_training_anew(page):
    tab = built(page(), "three-three-one", max_iter=5)
    tab.play()
    tab.play()
    tab.ask(m.Reset)

    assert tab.play()[0].epoch == 10


def test_what_ended_for_another_reason_does_not_go_on(page):
    tab = built(page(), "blobs", n_iter_no_change=3, learning_rate_init=1.0, max_iter=500)
    status, _ = tab.play()

    assert (status.stopped, status.more) == ("early", None)
    refused = tab.refused(m.Play, until=900)
    assert refused.startswith("training has ended: validation cost has not improved for 3 epochs")
    assert refused.endswith("; reset it, or build another network.")


def test_too_many_epochs_are_refused(page):
    tab = built(page(), "three-three-one", max_iter=5)
    tab.play()

    assert "2,000,000 epochs are more than the studio keeps a history of" in tab.refused(m.Play, until=2_000_000)
    assert tab.last(m.Status).state == "finished"
    tab.play(until=6)


@pytest.mark.parametrize("command", [m.Step, m.Epoch])
def test_a_single_step_after_the_last_epoch_is_refused(page, command):
    tab = built(page(), "three-three-one", max_iter=5)
    tab.play()

    assert tab.refused(command) == "training has ended: all 5 epochs done; train more epochs, or reset it."
