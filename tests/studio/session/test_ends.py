"""How a training ends: by L-BFGS, by patience, by divergence; and how a session does."""

import threading

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame, Page

import glassnet as gn
from glassnet.studio import messages as m
from glassnet.studio.session.shown.curves import MOST, Curves
from glassnet.training.history import Epochs


def built(tab, name, **changes):
    tab.ask(m.OpenExample, name)
    tab.ask(m.Build, structs.replace(tab.last(m.ModelCard).setup, **changes))
    return tab


def test_lbfgs(page):
    """Iteration by iteration, and to its end, with the bits of `fit`; it has no single steps to look at."""
    tab = built(page(), "boolean", solver="lbfgs", max_iter=60)
    for _ in range(3):
        tab.ask(m.Step)
    assert (tab.last(Frame).epoch, tab.last(Frame).step) == (3, 0)
    third = tab.last(Frame).numbers

    status, _ = tab.play()

    work = tab.session._work
    model = work.built.fit.model
    table = tab.session._project.table
    fresh = type(model)(**{**model.get_params(), "callback": None})
    fresh.fit(table.select(["x", "y", "z"]), table["F"].astype(int))
    assert status.state == "finished"
    assert status.reason == fresh.history_.stop_reason
    np.testing.assert_array_equal(work.course.now().network.theta, fresh.network_.theta)
    tab.ask(m.Seek, 3)
    np.testing.assert_array_equal(tab.last(Frame).numbers, third)
    assert "an iteration of L-BFGS is one step" in tab.refused(m.Seek, 2, 1)
    assert "steps along what it remembers of earlier weights" in tab.refused(m.SetWeight, 1, 0, 0, 1.0)


def test_patience_ends_with_the_epoch_that_is_kept(page):
    """The frame at the end shows the network that `fit` keeps, and the bars how near the end was."""
    tab = built(page(), "blobs", n_iter_no_change=3, learning_rate_init=1.0, max_iter=500)

    status, frame = tab.play()

    work = tab.session._work
    assert (status.stopped, status.state) == ("early", "finished")
    assert status.reason.startswith("validation cost has not improved for 3 epochs")
    assert frame.epoch == status.best_epoch < status.epoch
    kept = work.course.training.result().network.theta
    np.testing.assert_array_equal(work.moment.network.theta, kept)
    bars = {each["name"]: each for each in frame.criteria}
    assert bars["patience"]["share"] == 1.0
    assert bars["epochs"]["share"] == status.epoch / 500


def test_divergence_is_named_to_the_unit(page):
    tab = built(page(), "line", solver="gd", learning_rate_init=1e6, scaled=False, validation_fraction=0.0,
                hidden=(m.HiddenLayer(3, "relu"),))  # fmt: skip

    status, frame = tab.play()

    divergence = tab.session._work.course.history.divergence
    assert (status.state, status.stopped) == ("finished", "diverged")
    name = tab.session._work.built.names[divergence.layer][divergence.unit]
    assert status.reason.startswith("the first number that was not finite was the ")
    place = f" of {name}, in epoch {divergence.epoch}, where {divergence.operation}"
    assert f"{place}; try a smaller learning rate" in status.reason
    assert "clip" not in status.reason
    assert (frame.epoch, frame.step) == (status.epoch, status.step)
    assert np.isfinite(tab.session._work.moment.network.theta).all()
    assert "training has ended" in tab.refused(m.Step)


def test_a_page_that_draws_nothing_gets_one_frame(page):
    """Training goes on without it, and nothing piles up; when it draws, it gets the last moment."""
    tab = page(draws=False)
    built(tab, "digits", max_iter=40, validation_fraction=0.0)
    n_before = sum(isinstance(each, Frame) for each in tab.told)
    assert n_before == 1

    tab.ask(m.Play)
    tab.wait(lambda: tab.last(m.Status).state == "finished")

    assert sum(isinstance(each, Frame) for each in tab.told) == 1
    tab.session.handle(m.Drawn(tab.last(Frame).frame))
    tab.wait(lambda: sum(isinstance(each, Frame) for each in tab.told) == 2)
    assert (tab.last(Frame).epoch, tab.last(Frame).is_live) == (40, False)


def test_closing_during_training_ends_the_thread():
    tab = Page()
    built(tab, "digits", max_iter=1_000_000)
    tab.ask(m.Play)
    tab.wait(lambda: any(isinstance(each, Frame) and each.is_live for each in tab.told))

    tab.session.close()
    tab.session.close()

    assert not tab.session._worker._thread.is_alive()
    n = len(tab.told)
    with pytest.raises(gn.errors.GlassnetError, match="this page has no session any more; reload it"):
        tab.session.handle(m.Step(9))
    assert len(tab.told) == n


def test_sessions_do_not_know_each_other(page):
    """Four train at the same time, each with the bits that it has alone."""
    tabs = [built(page(), "xor", random_state=seed, max_iter=50) for seed in (0, 1, 0, 1)]
    threads = [threading.Thread(target=tab.play) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [tab.last(Frame).numbers.tolist() for tab in tabs]
    assert found[0] == found[2]
    assert found[1] == found[3]
    assert found[0] != found[1]


def curve(costs):
    epochs = Epochs()
    names = ("penalty", "metric", "validation_cost", "validation_metric", "learning_rate", "gradient_norm", "seconds")
    epochs.add(len(costs), cost=np.asarray(costs, dtype=float), **dict.fromkeys(names))
    return epochs


def test_curves_of_a_short_run_have_every_epoch():
    curves = Curves()
    curves.see(curve([3.0, 2.0, np.inf]))

    assert curves.untold() == (1, {"cost": ((1, 3.0), (2, 2.0), (3, None))})
    curves.see(curve([3.0, 2.0, np.inf, 1.0]))
    assert curves.untold() == (4, {"cost": ((4, 1.0),)})


def test_curves_of_a_long_run_stay_short():
    """A page that cuts at `from_epoch`, and goes on with the points, has a thinned curve of the whole run."""
    curves, page, n = Curves(), {}, 0
    costs = np.arange(20_000.0, 0.0, -1.0)
    for n in (1, 10, 500, 900, 1_000, 5_000, 19_999, 20_000):
        curves.see(curve(costs[:n]))
        begin, points = curves.untold()
        page = {epoch: cost for epoch, cost in page.items() if epoch < begin} | dict(points["cost"])
        assert len(points["cost"]) <= 2 * MOST + 1
        assert len(page) <= 2 * MOST + 1
        assert max(page) == n
        assert all(page[epoch] == costs[epoch - 1] for epoch in page)
    assert min(page) <= 64
    gaps = np.diff(sorted(page))
    assert gaps.max() <= 64
    curves.cut(100)
    curves.all_again()
    assert max(epoch for epoch, _ in curves.untold()[1]["cost"]) <= 100
