"""`glassnet train --doctor`: what is wrong, while it trains and at the end."""

import pytest

SICK = ("--preset", "plain", "--hidden", "4,4,4,4,4,4,4,4,4", "--activation", "sigmoid", "--epochs", "3")
COLUMNS = ("--keep", "bill_length_mm", "--keep", "flipper_length_mm")


@pytest.fixture
def sick(run, folder):
    """Train a deep network of sigmoid layers, whose error signal fades, with a doctor."""

    def train(*options):
        return run("train", "penguins.csv", "--target", "body_mass_g", *COLUMNS, *SICK, "--doctor", *options)

    return train


def test_findings_are_summed_up_after_the_training(sick):
    outcome = sick()
    assert outcome.code == 0
    summary = outcome.out.partition("\nDoctor\n")[2].partition("\nTest on")[0]
    assert "! warning: error-signal (layer 1)" in summary
    assert "Next: Fewer layers, or --activation silu" in summary
    assert "glassnet doctor penguins.glassnet penguins.csv" in outcome.out.splitlines()[-1]


def test_they_are_in_the_record(sick):
    record = sick("--json").json
    (found,) = record["doctor"]
    assert "error-signal" in [each["rule"] for each in found["findings"]]
    assert "dead-units" in found["rules"]


def test_they_are_told_on_stderr_while_it_trains(sick, monkeypatch):
    """With a doctor that looks after each epoch; its sentences name options."""
    from functools import partial

    from glassnet.cli.commands import train
    from glassnet.diagnosis.live_doctor import LiveDoctor

    monkeypatch.setattr(train, "LiveDoctor", partial(LiveDoctor, "epoch"))
    outcome = sick()
    (line,) = (each for each in outcome.err.splitlines() if "error-signal" in each)
    assert line.startswith("! epoch 1: error-signal (layer 1). The error signal of layer 1 is ")
    assert "--activation silu" in outcome.err
    assert "error-signal" not in sick("--json").err


def test_without_a_doctor_nothing_is_said(run, folder):
    outcome = run("train", "penguins.csv", "--target", "body_mass_g", *COLUMNS, *SICK)
    assert "error-signal" not in outcome.out + outcome.err


def test_a_cluster_has_no_doctor(run, folder):
    outcome = run("train", "penguins.csv", "--target", "species", "--doctor", "--cluster", "local")
    assert outcome.code == 2
    assert "--doctor looks at rows of the whole table, of which each process of --cluster has a part" in outcome.err
