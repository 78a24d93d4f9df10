"""Forged model files: the fuzzer makes what it says it makes, and a small run of it finds nothing."""

import json
import random

import pytest
from fuzz.model_bases import KINDS, bases
from fuzz.mutations import mutate

from fuzz import models


@pytest.fixture(scope="module")
def made():
    """One model of each kind."""
    return bases()


def test_there_are_models_of_many_kinds(made):
    tasks = {(base.description["estimator"], base.description["target_encoder"]["task"]) for base in made}

    assert len(made) == len(KINDS) >= 6
    assert len(tasks) == 4
    assert any(base.description["network"]["front"] for base in made)
    assert any(len(base.description["members"]) > 1 for base in made)
    assert any(base.description["schema"] is None for base in made)
    assert any(step["type"] == "dates" for base in made for step in base.description["encoder"]["steps"])


def test_most_mutations_change_something(made):
    rng = random.Random(0)
    n_changed = 0
    for _ in range(300):
        base, other = rng.sample(made, 2)
        record = json.loads(json.dumps(base.description))
        mutate(record, other.description, rng)
        n_changed += record != base.description

    assert n_changed > 250


def test_a_case_can_be_repeated(made):
    one, again = (models.mutant(made[0], made[1], random.Random(3)) for _ in range(2))

    assert sorted(one) == sorted(again)  # safetensors writes the entries of its header in any order


def test_a_small_run_finds_nothing():
    tally = models.run(400, seed=14)

    assert tally.failures == []
    assert tally.outcomes["refused"] > 100
    assert tally.outcomes["works"] > 30
