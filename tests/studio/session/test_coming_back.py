"""A page that has gone and comes back to its session, as after a reload."""

import threading

import numpy as np
from tests.studio.session.listening import SECONDS, Frame

from glassnet.studio import messages as m


def come_back(tab):
    """Let the page come back; return what it is told until a frame comes."""
    tab.session.go_away()
    begin = len(tab.told)
    tab.session.come_back(tab._hear)
    tab.wait(lambda: any(isinstance(each, Frame) for each in tab.told[begin:]))
    return tab.told[begin:]


def test_everything_that_is_open_is_told_again(page, tmp_path):
    """An uploaded table, whose file has long gone; the network with a weight set by hand; the place of the slider."""
    path = tmp_path / "received"
    path.write_text("a,b,color\n" + "".join(f"{k % 7},{k % 5},{'red' if k % 3 else 'blue'}\n" for k in range(60)))
    tab = page()
    tab.session.open_table(path, "mine.csv")
    path.unlink()
    tab.play(until=8)
    tab.ask(m.SetWeight, 1, 0, 0, 3.0)
    tab.play(until=12)
    tab.ask(m.Look, 5)
    tab.ask(m.Seek, 10)
    before = tab.last(Frame)

    data, model, row, status, frame = come_back(tab)

    assert (data.title, model.n_parameters, row.row["index"]) == (
        "mine.csv",
        tab.session._work.built.network.n_params,
        5,
    )
    assert (status.state, status.epoch, status.edits) == ("paused", 12, 1)
    assert (frame.epoch, frame.is_live, frame.from_epoch) == (10, False, 1)
    np.testing.assert_array_equal(frame.numbers, before.numbers)
    assert [epoch for epoch, _ in frame.curves["cost"]] == list(range(1, 13))
    tab.play(until=14)


def test_a_training_goes_on_meanwhile(page):
    """Nobody draws, so nothing is shown; who comes back sees where it stands."""
    tab = page()
    tab.ask(m.OpenExample, "digits")
    tab.ask(m.Play)
    tab.session.go_away()
    run, later = tab.session._work.course.training.run, threading.Event()
    n_before = run.progress().n_epochs
    threading.Thread(target=lambda: (wait_until(run, n_before + 3), later.set()), daemon=True).start()
    assert later.wait(SECONDS)

    told = come_back(tab)

    assert next(each for each in told if isinstance(each, m.Status)).state in ("training", "finished")
    assert next(each for each in told if isinstance(each, Frame)).epoch >= n_before + 3
    tab.ask(m.Pause)


def wait_until(run, n_epochs):
    while run.progress().n_epochs < n_epochs and not run.finished:
        threading.Event().wait(0.01)


def test_a_page_without_a_target_or_without_data(page, tmp_path):
    tab = page()
    tab.session.go_away()
    tab.session.come_back(tab._hear)
    path = tmp_path / "received"
    path.write_text("word\none\ntwo\nthree\n")
    tab.session.open_table(path, "words.csv")
    begin = len(tab.told)
    tab.session.go_away()
    tab.session.come_back(tab._hear)

    tab.wait(lambda: len(tab.told) == begin + 2)
    assert [type(each).__name__ for each in tab.told[begin:]] == ["DataCard", "Status"]


def test_a_closed_session_tells_nobody(page):
    tab = page()
    tab.session.close()
    tab.session.go_away()

    assert tab.told == []
