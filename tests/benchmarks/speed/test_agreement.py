"""A contender that did other work gets no time, however small the difference."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.speed.agreement import compare, reference_run, yardstick
from benchmarks.speed.cases import CASES
from benchmarks.speed.processes.roster import Entrant
from benchmarks.speed.suites.steps import OK, OTHER_WORK, REFUSED, Arena, admit
from benchmarks.speed.task import Task


@pytest.fixture(scope="module")
def case():
    return replace(CASES["T"], epochs=100)


@pytest.fixture(scope="module")
def task(case):
    return case.task()


@pytest.fixture(scope="module")
def expected(task):
    return yardstick(task)


def shifted(layers, by):
    """Return the layers with one weight moved."""
    moved = [(W.copy(), b.copy()) for W, b in layers]
    moved[0][0][0, 0] += by
    return moved


def with_settings(task, **settings):
    return Task(replace(task.settings, **settings), task.X, task.Y, task.layers)


def test_the_reference_agrees_with_itself(task, expected):
    agreement = compare(task, expected, reference_run(task.probe()), reference_run(task))

    assert agreement.problem is None
    assert (agreement.deviation, agreement.cost_deviation) == (0.0, 0.0)


def test_a_moved_weight_is_refused(task, expected):
    final = reference_run(task)

    assert compare(task, expected, shifted(reference_run(task.probe()), 5e-5), final).problem is None
    problem = compare(task, expected, shifted(reference_run(task.probe()), 2e-4), final).problem
    assert problem == "parameters deviate by 0.0002 after ten steps"


@pytest.mark.parametrize(
    "other",
    [{"learning_rate": 1.05e-3}, {"batch_size": 4}, {"hidden": "tanh"}, {"solver": "sgd"}],
    ids=lambda other: next(iter(other)),
)
def test_another_training_is_refused(task, expected, other):
    different = with_settings(task, **other)

    assert (
        "parameters deviate" in compare(task, expected, reference_run(different.probe()), reference_run(task)).problem
    )


def test_another_final_cost_is_refused(task, expected):
    shorter = with_settings(task, epochs=task.settings.epochs // 2)
    problem = compare(task, expected, reference_run(task.probe()), reference_run(shorter)).problem

    assert problem.startswith("the final cost deviates by")


def test_no_number_is_no_agreement(task, expected):
    broken = [(W * np.nan, b) for W, b in reference_run(task.probe())]

    assert "nan" in compare(task, expected, broken, reference_run(task)).problem


def test_few_wild_weights_in_many_are_borne(task, expected):
    """99 in 100 parameters must agree; what a ReLU's bend does to a few weights of a large network is reported."""
    many = replace(expected, probe=np.zeros(1000))
    deviations = np.zeros(1000)
    deviations[:5] = 1e-3
    few = compare(task, many, [(deviations[:999], deviations[999:])], reference_run(task))
    deviations[:50] = 1e-3
    too_many = compare(task, many, [(deviations[:999], deviations[999:])], reference_run(task))

    assert few.problem is None
    assert few.largest_deviation == 1e-3
    assert too_many.problem == "parameters deviate by 0.001 after ten steps"


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("Honest", OK, None),
        ("OtherWeights", OTHER_WORK, "parameters deviate by"),
        ("Lazy", OTHER_WORK, "parameters deviate by"),
        ("Unable", REFUSED, "has no such network"),
        ("Broken", "failed", "ValueError: out of order"),
        ("NotThere", "missing", "the library is not on this machine"),
    ],
)
def test_contenders_are_admitted_by_what_they_do(case, tmp_path, monkeypatch, name, status, reason):
    monkeypatch.syspath_prepend(Path(__file__).parent)  # the worker's, too
    entrant = Entrant(name, f"impostors:{name}", ({},))
    result, runner = admit(Arena.of(case, tmp_path), entrant)
    if runner is not None:
        runner.worker.close()

    assert result["status"] == status
    assert (runner is not None) == (status == OK)
    assert reason is None or reason in result["reason"]
