"""A recording that is left when a session ends."""

from functools import partial

import pytest
from tests.studio.session.listening import Page

from glassnet.errors import ParameterError
from glassnet.studio import messages as m
from glassnet.studio.session import recorded


def page_of(recorder):
    """A page whose session leaves a recording."""
    return Page(make=partial(recorded.RecordedSession, recorder))


@pytest.fixture
def recorder(tmp_path):
    return recorded.Recorder(tmp_path / "run.html")


def test_what_was_trained_last_is_recorded(recorder, tmp_path):
    """Whichever page is closed first, and also while it trains."""
    first, second, third = (page_of(recorder) for _ in range(3))
    for tab, name, n in ((first, "three-three-one", 3), (second, "boolean", 4)):
        tab.ask(m.OpenExample, name)
        tab.play(until=n)
    third.ask(m.OpenExample, "xor")
    second.session.close()
    first.session.close()
    third.session.close()
    text = (tmp_path / "run.html").read_text(encoding="utf-8")

    assert "Training of a 3-3-1 network" in text
    assert '"names":[["x","y","z"]' in text.replace(" ", "")  # of the Boolean function
    assert recorder.told == f"The recording is {tmp_path / 'run.html'}."


def test_a_training_that_goes_on_is_recorded_so_far(recorder, tmp_path):
    tab = page_of(recorder)
    tab.ask(m.OpenExample, "boolean")
    tab.ask(m.Play, pace=20.0)
    tab.wait(lambda: any(getattr(each, "is_live", False) and each.epoch > 0 for each in tab.told))
    tab.session.close()
    tab.session.close()

    assert "Training of a 3-3-1 network" in (tmp_path / "run.html").read_text(encoding="utf-8")


def test_what_cannot_be_recorded_is_told(recorder, tmp_path):
    tab = page_of(recorder)
    tab.session.close()
    assert recorder.told == f"Nothing was trained, so {tmp_path / 'run.html'} was not written."

    tab = page_of(recorder)
    tab.ask(m.OpenExample, "three-three-one")
    tab.ask(m.Step)
    tab.ask(m.Reset)
    tab.session.close()
    assert "was not written: nothing has been trained yet" in recorder.told
    assert not (tmp_path / "run.html").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("run.htm", "ends in '.htm'; a recording is a page, such as run.html"),
        ("no/run.html", "is in a folder that does not exist"),
    ],
)
def test_places_for_a_recording_that_are_none(tmp_path, name, words):
    with pytest.raises(ParameterError, match=words):
        recorded.Recorder(tmp_path / name)
