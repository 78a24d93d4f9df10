"""When a finding is told and taken back, and how often a training is looked at."""

import pytest

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.pace import SHARE, Pace
from glassnet.diagnosis.signs import Signs


def found(level="warning", where="layer 1, units 2 and 3", rule="dead-units"):
    return Finding(rule, level, where, "2 of 4 units.", 0.5, 0.5, "Dead.", "Start again.")


def heard(looks):
    """What `Signs` say at each epoch, of looks at which there are these findings."""
    signs = Signs()
    return [[change.in_words() for change in signs.see(each, epoch)] for epoch, each in enumerate(looks, start=1)]


def test_a_finding_is_told_once_with_the_epoch_at_which_it_appeared():
    told = heard([[], [found()], [found(where="layer 1, units 2, 3 and 4")], [found()], [found()]])

    assert told[2] == ["! epoch 2: dead-units (layer 1, units 2, 3 and 4). 2 of 4 units. Next: Start again."]
    assert told[:2] + told[3:] == [[]] * 4


def test_one_look_is_not_enough():
    assert heard([[found()], [], [found()], [], []]) == [[]] * 5


def test_a_finding_that_is_gone_is_taken_back():
    told = heard([[found()], [found()], [], [found()], [], []])

    assert told[2:5] == [[], [], []]
    assert told[5] == ["✓ epoch 6: dead-units (layer 1) is gone."]


def test_what_hovers_around_a_threshold_needs_longer_each_time():
    once = [[found()]] * 2 + [[]] * 2
    told = heard(once + once + [[found()]] * 4)

    assert [epoch for epoch, words in enumerate(told, start=1) if words] == [2, 4, 12]


def test_a_finding_that_becomes_worse_is_told_again():
    warning, error = found(), found("error")
    told = heard([[warning], [warning], [error], [warning], [error]])

    assert [len(each) for each in told] == [0, 1, 1, 0, 0]
    assert told[2][0].startswith("✕ epoch 3: dead-units")


def test_layers_and_rules_are_told_apart_and_notes_are_not_told():
    several = [found(), found(where="layer 2, unit 1"), found(rule="unsteady"), found("note", where="layer 3")]
    told = heard([several, several])

    assert len(told[1]) == 3


def test_text_of_a_finding_cannot_act_on_a_terminal():
    (line,) = heard([[found(where="layer \x1b[2J")]] * 2)[1]
    assert "\x1b" not in line


@pytest.mark.parametrize("seconds", [0.001, 0.03, 0.2])
def test_looks_take_at_most_their_share(seconds):
    """Looks of any length, also much longer than expected, once the first was timed."""
    pace, spent, looks = Pace(operations=1e7), 0.0, []
    for tick in range(1, 10_000):
        trained = tick / 100
        if pace.allows(trained):
            pace.see(seconds)
            spent += seconds
            looks.append(trained)
            if len(looks) > 2:  # the first two were begun without knowing how long they take
                assert spent <= SHARE * trained
    assert len(looks) == pytest.approx(SHARE * 100 / seconds, abs=3)


def test_a_look_that_takes_more_is_paid_for_first():
    pace = Pace(operations=0.0)
    pace.see(0.002)

    assert pace.allows(1.0)
    assert not pace.allows(1.0, more=0.5)
    assert pace.allows(26.0, more=0.5)
