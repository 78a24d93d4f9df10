"""`glassnet train --cluster` in one process. With several: tests/clustering/hosts."""

import pytest

import glassnet as gn

TRAIN = ("train", "penguins.csv", "--target", "species", "--hidden", "4", "--epochs", "3")


def test_one_process_trains_with_the_numbers_of_a_cluster(run, folder):
    """The estimator gets the same rows, in the same order, from Python."""
    outcome = run(*TRAIN, "--cluster", "local", "--checkpoint", "run", "--json", "--output", "a.glassnet")
    again = run(*TRAIN, "--cluster", "local", "--checkpoint", "run", "--output", "b.glassnet")  # from the checkpoint

    assert (outcome.code, again.code) == (0, 0), again.err
    assert outcome.json["history"]["stop_reason"] == "all 3 epochs done"
    assert (gn.load("a.glassnet").network_.theta == gn.load("b.glassnet").network_.theta).all()


def test_lanes_decide_the_minibatches(run, folder):
    for name, lanes in (("a", 4), ("b", 5)):
        assert run(*TRAIN, "--cluster", "local", "--lanes", lanes, "--output", f"{name}.glassnet").code == 0

    assert (gn.load("a.glassnet").network_.theta != gn.load("b.glassnet").network_.theta).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--cluster", "dask://10.0.0.1"], "Error: --cluster dask://10.0.0.1 is not known. Choose from: local, "),
        (["--cluster", "local", "--lanes", "0"], "Error: --lanes 0 must be a whole number from 1 upwards"),
        (["--cluster", "local", "--accumulate", "0"], "Error: --accumulate 0 must be a whole number from 1 upwards"),
        (["--cluster", "local", "--heartbeat", "0"], "Error: --heartbeat 0"),
    ],
)
def test_what_cannot_work_is_refused(run, folder, one_sentence, options, sentence):
    outcome = run(*TRAIN, *options)

    assert outcome.code == 2
    assert one_sentence(outcome.err).startswith(sentence)


def test_a_fit_on_a_cluster_needs_a_seed_that_all_know():
    with pytest.raises(
        gn.GlassnetError, match="random_state=None draws another seed on each process; use random_state=0"
    ):
        gn.fit_on_cluster(gn.GlassClassifier(), [[0.0], [1.0]], [0, 1], cluster="local")
