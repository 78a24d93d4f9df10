"""`train_many`: the very numbers of `train`, in the order asked for, on any number of cores."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.training.train import RunArguments


def candidates(n=7):
    X, y = load_iris(return_X_y=True)
    sizes = [(4, 3 + k, 3) for k in range(n)]
    return [
        {
            "network": gn.Network.create(size, hidden="tanh", output="softmax", seed=k),
            "X": X, "Y": np.eye(3)[y], "cost": "cross_entropy", "epochs": 3 + k, "seed": k,
            "solver": ("adam", "sgd", "rprop")[k % 3],
        }
        for k, size in enumerate(sizes)
    ]  # fmt: skip


@pytest.mark.parametrize("n_jobs", [None, 1, 3])
def test_each_is_what_train_alone_gives(n_jobs):
    runs = candidates()
    many = gn.train_many(runs, n_jobs=n_jobs)

    assert [len(result.history) for result in many] == [3 + k for k in range(7)]
    for result, run in zip(many, runs, strict=True):
        np.testing.assert_array_equal(result.network.theta, gn.train(**run).network.theta)


def test_engines_may_differ():
    runs = [{**run, "engine": engine} for run, engine in zip(candidates(2), ("reference", "cpu"), strict=True)]

    assert [len(result.history) for result in gn.train_many(runs)] == [3, 4]


def test_no_runs_no_results():
    assert gn.train_many([]) == []


def test_a_run_that_cannot_work_is_named():
    runs = candidates(3)
    runs[1]["epochs"] = 0
    with pytest.raises(gn.GlassnetError, match=r"run 1: epochs=0 must be a whole number"):
        gn.train_many(runs)


def test_a_run_that_lacks_something_is_named_before_any_starts():
    runs = candidates(2)
    del runs[1]["cost"]
    with pytest.raises(gn.GlassnetError, match="run 1: it has no 'cost', but each run is a dict"):
        gn.train_many(runs)


@pytest.mark.parametrize(
    ("wrong", "told"), [(None, "it is of the type NoneType, but"), ({"X": [[1.0]]}, "it has no 'network', but")]
)
def test_a_run_that_is_no_dict_of_arguments_is_named_once(wrong, told):
    """Given as it is, and made when its turn comes."""
    for run in (wrong, lambda: wrong):
        with pytest.raises(gn.GlassnetError, match=f"^run 1: {told} each run is a dict of the arguments of glassnet"):
            gn.train_many([candidates(1)[0], run])


def test_progress_is_silent_where_nobody_looks(capsys):
    gn.train_many(candidates(2), progress=True)

    assert capsys.readouterr() == ("", "")


def test_progress_counts_the_runs_that_are_done():
    told = []
    gn.train_many(candidates(5), n_jobs=2, progress=lambda n_done, n_all: told.append((n_done, n_all)))

    assert told == [(n, 5) for n in range(1, 6)]


def test_runs_as_records_are_those_by_name(binary, start):
    """Themselves, or made when their turn comes; alone and side by side."""
    X, Y = binary
    by_name = [{"network": start(), "X": X, "Y": Y, "cost": "binary_cross_entropy", "epochs": n} for n in (2, 5)]
    records = [RunArguments.among(run) for run in by_name]
    expected = [gn.train(**run).network.theta for run in by_name]

    for runs in (records, [lambda: records[0], lambda: records[1]], [records[0], by_name[1]]):
        found = gn.train_many(runs, n_jobs=2)
        assert [len(result.history) for result in found] == [2, 5]
        for result, theta in zip(found, expected, strict=True):
            np.testing.assert_array_equal(result.network.theta, theta)
    with pytest.raises(ParameterError, match="run 1: epochs=0 must be a whole number from 1 upwards"):
        gn.train_many([records[0], records[1].with_settings(epochs=0)])


def test_runs_on_the_same_arrays_are_checked_for_their_own_cost():
    """The targets suit the first cost, and not the second one."""
    X, Y = np.eye(3), np.asarray([[2.0], [0.0], [1.0]])
    runs = [
        {"network": gn.Network.create([3, 1], output=output, seed=0), "X": X, "Y": Y, "cost": cost, "epochs": 2}
        for output, cost in (("identity", "squared_error"), ("sigmoid", "binary_cross_entropy"))
    ]

    assert len(gn.train_many(runs[:1] * 2)) == 2
    with pytest.raises(gn.GlassnetError, match=r"run 1: cost 'binary_cross_entropy' needs targets in \[0, 1\]"):
        gn.train_many(runs)


def test_runs_on_the_same_arrays_replay_with_them_alone():
    X, Y = np.eye(3), np.asarray([[0.0], [1.0], [1.0]])
    run = {"network": gn.Network.create([3, 1], seed=0), "X": X, "Y": Y, "cost": "binary_cross_entropy", "epochs": 3}
    first, second = gn.train_many([run, {**run, "seed": 1}])

    np.testing.assert_array_equal(second.at(epoch=3).network.theta, gn.train(**run, seed=1).at(epoch=3).network.theta)
    with pytest.raises(gn.GlassnetError, match="X, Y and weights differ from the data of this run"):
        first.replay(2 * X, Y)


def test_an_unknown_argument_is_refused():
    runs = [{**run, "learning_rates": 0.1} for run in candidates(1)]
    with pytest.raises(TypeError, match="unexpected keyword argument 'learning_rates'"):
        gn.train_many(runs)
