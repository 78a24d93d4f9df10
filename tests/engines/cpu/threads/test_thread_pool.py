"""Threads change how long a run takes, and nothing else."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.cores import n_cores
from glassnet.engines.cpu import engine as engine_module
from glassnet.engines.cpu.compiling.decorators import entry
from glassnet.engines.cpu.threads import thread_pool
from glassnet.engines.cpu.threads import tuner as tuner_module
from glassnet.engines.cpu.threads.barrier import (
    CALLED,
    HAS_THREADS,
    POST,
    SENT_AWAY,
    add_atomic,
    barrier_wait,
    call_again,
    is_called_again,
    load_atomic,
    new_post,
    take_post,
)
from glassnet.engines.cpu.threads.thread_pool import RepeatedCall, run_on_threads

pytestmark = pytest.mark.skipif(not HAS_THREADS, reason="no POSIX threads on this system: the engine runs on one")

SETTINGS = [
    {"solver": "adam", "dropout": 0.2, "l1": 1e-3, "l2": 1e-3},
    {"solver": "adamw", "clip": 0.05},
    {
        "solver": ("adamw", {"weight_decay": 0.5}),
        "dropout": 0.4,
        "dropout_schedule": "flat_cosine",
        "decay_schedule": "flat_cosine",
    },
    {"solver": "rprop"},
    {"solver": ("momentum", {"mu": 0.5}), "weights": True},
    {"solver": "nadam", "hidden": "mish", "batch_size": 37},
]


def run(n_jobs, sizes=(9, 70, 33, 5), dtype="float32", n=150, hidden="silu", weights=False, **settings):
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]
    network = gn.Network.create(sizes, hidden=hidden, output="softmax", dtype=dtype, seed=1)
    if weights:
        settings["weights"] = rng.uniform(0.5, 2, n)
    settings.setdefault("batch_size", None if settings["solver"] == "rprop" else 64)
    return gn.train(network, X, Y, cost="cross_entropy", epochs=6, n_jobs=n_jobs, engine="cpu", **settings)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: str(settings["solver"]))
def test_one_two_and_four_threads_give_the_same_bits(settings, dtype):
    one, *others = (run(n_jobs, dtype=dtype, **settings) for n_jobs in (1, 2, 4))

    assert one.history.stopped == "epochs"
    for other in others:
        np.testing.assert_array_equal(other.network.theta, one.network.theta)
        for name in ("cost", "metric", "gradient_norm", "penalty"):
            np.testing.assert_array_equal(other.history[name], one.history[name])


@pytest.mark.parametrize("sizes", [(600, 40, 3), (5, 512, 520, 2), (3, 1, 2)])
def test_wide_and_narrow_layers_too(sizes):
    one, *others = (run(n_jobs, sizes=sizes, solver="adam") for n_jobs in (1, 2, 3))

    for other in others:
        np.testing.assert_array_equal(other.network.theta, one.network.theta)


def test_more_threads_than_rows():
    one, many = (run(n_jobs, n=3, solver="adam") for n_jobs in (1, 6))

    np.testing.assert_array_equal(many.network.theta, one.network.theta)


def test_as_many_threads_as_are_asked_for():
    """Each has to be there before any goes on, so none may wait for a place in a pool."""
    one, many = (run(n_jobs, sizes=(3, 4, 2), n=20, solver="adam") for n_jobs in (1, 90))

    np.testing.assert_array_equal(many.network.theta, one.network.theta)


def test_threads_agree_on_where_a_run_diverged():
    runs = [run(n_jobs, solver="sgd", learning_rate=1e30, hidden="relu") for n_jobs in (1, 2)]

    assert [result.history.stopped for result in runs] == ["diverged", "diverged"]
    assert runs[0].history.divergence == runs[1].history.divergence


@pytest.mark.parametrize("clip", [None, 0.1])
def test_a_trial_of_threads_leaves_no_trace(clip, monkeypatch):
    """Some epochs of a call go by themselves, on another number of threads."""
    calls = []
    monkeypatch.setattr(tuner_module, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(tuner_module, "n_cores", lambda: 2)
    monkeypatch.setattr(tuner_module, "_known", {})
    monkeypatch.setattr(
        engine_module, "run_on_threads", lambda f, n, *rest: calls.append(n) or run_on_threads(f, n, *rest)
    )
    chosen, one = (run(n_jobs, sizes=(64, 100, 10), n=2000, solver="adam", batch_size=200, clip=clip)
                   for n_jobs in (None, 1))  # fmt: skip

    assert {1, 2} <= set(calls)
    np.testing.assert_array_equal(chosen.network.theta, one.network.theta)
    for name in ("cost", "metric", "gradient_norm", "penalty"):
        np.testing.assert_array_equal(chosen.history[name], one.history[name])


def test_helpers_serve_one_call_after_the_other():
    run(3, solver="adam")
    before = {thread.name for thread in threading.enumerate()}, threading.active_count()
    run(3, solver="adam")

    assert ({thread.name for thread in threading.enumerate()}, threading.active_count()) == before


def test_an_error_in_a_helper_reaches_the_caller():
    def fail(thread, n_threads, barrier):
        if thread == 1:
            raise ValueError("no")
        return "done"

    with pytest.raises(ValueError, match=r"^no$"):
        run_on_threads(fail, 2)
    assert run_on_threads(lambda thread, n_threads, barrier: thread, 2) == 0


def test_nobody_waits_for_helpers_of_a_repeated_call():
    """The helper is held up after its work, and serves the next call when it has returned."""
    may_return, has_returned = threading.Event(), threading.Event()

    def work(thread, n_threads, barrier, post):
        if thread == 1:
            may_return.wait(60)
            has_returned.set()
        return "done"

    assert RepeatedCall(work, 2)() == "done"
    assert not has_returned.is_set()
    assert [helper._barrier for helper in thread_pool._idle] == [None] * len(thread_pool._idle)  # locked after a fork
    may_return.set()
    counts = np.zeros(2, np.int64)
    assert run_on_threads(count_together, 2, counts, 10) == 0
    assert has_returned.is_set()
    assert counts.tolist() == [10, 10]


def test_an_error_in_a_helper_of_a_repeated_call_reaches_the_caller():
    def fail(thread, n_threads, barrier, post):
        if thread == 1:
            raise ValueError("no")
        meet(barrier, n_threads)

    with pytest.raises(ValueError, match=r"^no$"):
        RepeatedCall(fail, 2)()


def test_after_an_error_a_repeated_call_can_be_called_again():
    fails = [True]

    def work(thread, n_threads, barrier, post):
        if thread == 1 and fails.pop():
            raise ValueError("no")
        meet(barrier, n_threads)
        return "done"

    call = RepeatedCall(work, 2)
    with pytest.raises(ValueError, match=r"^no$"):
        call()
    fails.append(False)
    assert call() == "done"


@entry
def count_again(thread, n_threads, barrier, post, counts, starts):
    """Each thread adds 1 per call; `starts` are the times that it came from Python."""
    starts[thread] += 1
    if thread > 0:
        take_post(post)
    while True:
        counts[thread] += 1
        if not barrier_wait(barrier, n_threads) or thread == 0 or not is_called_again(post):
            return


def make_repeated(n_threads):
    """A repeated call, and what its threads count."""
    counts, starts = np.zeros((2, n_threads), np.int64)
    call = RepeatedCall(count_again, n_threads, counts, starts)
    call()  # it may compile, while helpers wait in vain
    return call, counts, starts


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_each_thread_takes_its_part_of_every_repeated_call(n_threads):
    """Whether it has stayed at its post or was started anew: with more threads than cores, posts are often left."""
    call, counts, starts = make_repeated(n_threads)
    for n in range(2, 300):
        call()
        assert counts.tolist() == [n] * n_threads
    assert starts[0] == 299
    assert (starts[1:] <= 299).all()


def test_a_helper_that_stays_is_called_without_python(monkeypatch):
    """Between calls that follow each other at once; a busy machine may hold some of them up."""
    call, counts, starts = make_repeated(2)
    helper, tasks = thread_pool._idle[-1], []
    put = helper.tasks.put
    stayed = 0
    monkeypatch.setattr(helper, "tasks", type("Tasks", (), {"put": lambda self, task: tasks.append(put(task))})())
    for _ in range(200):
        n = len(tasks)
        call()
        stayed += len(tasks) == n

    assert counts.tolist() == [201, 201]
    assert starts[1] == 201 - stayed
    assert stayed > 0


def test_other_work_sends_a_helper_from_its_post():
    call, counts, starts = make_repeated(2)
    rounds = np.zeros(2, np.int64)
    for n in range(2, 50):
        assert run_on_threads(count_together, 2, rounds, 1) == 0
        rounds[:] = 0
        call()
        assert counts.tolist() == [n, n]
        assert starts[1] == n  # it came back from Python each time


def test_helpers_that_change_places_take_no_part_twice():
    """Another caller may have given them back in any order."""
    call, counts, _ = make_repeated(4)
    rng = np.random.default_rng(0)
    for n in range(2, 200):
        own = [thread_pool._idle.pop() for _ in range(3)]
        thread_pool._idle.extend(own[k] for k in rng.permutation(3))
        call()
        assert counts.tolist() == [n] * 4


def test_two_repeated_calls_share_a_helper():
    """One after the other, each on its own numbers: whoever stays for the first does not answer the second."""
    (one, first, _), (other, second, _) = make_repeated(2), make_repeated(2)
    for n in range(2, 100):
        one()
        assert first.tolist() == [n, n]
        other()
        assert second.tolist() == [n, n]


def test_a_post_is_left_after_a_moment():
    post = new_post()
    assert not call_again(post)
    assert not stay(post)  # nobody comes
    assert not call_again(post)
    assert stay_when_called(post)
    assert not stay_when_sent_away(post)


@entry
def stay(post):
    take_post(post)
    return is_called_again(post)


@entry
def stay_when_sent_away(post):
    """Be sent away, even though the next call comes after that."""
    take_post(post)
    add_atomic(post, POST, SENT_AWAY)
    add_atomic(post, POST, CALLED)
    return is_called_again(post)


@entry
def stay_when_called(post):
    """Be called while at the post, as by another thread, and stay for no more."""
    take_post(post)
    add_atomic(post, POST, CALLED)
    return is_called_again(post) and load_atomic(post, POST) == 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not place threads")
def test_a_core_that_is_taken_away_meanwhile_holds_nobody_up(monkeypatch):
    """As a container's limits may be set anew at any moment."""
    refused = []

    def refuse(thread, cores):
        refused.append(cores)
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(thread_pool, "_other_cores", lambda: [10**6])
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    counts = np.zeros(2, np.int64)

    assert run_on_threads(count_together, 2, counts, 10) == 0
    assert counts.tolist() == [10, 10]
    assert refused == [{10**6}]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not place threads")
def test_helpers_of_a_repeated_call_are_placed_once_but_not_left_on_the_core_of_the_caller(monkeypatch):
    own, free, placed = [0], [5], []
    monkeypatch.setattr(thread_pool, "_sched_getcpu", lambda: own[0])
    monkeypatch.setattr(thread_pool, "_other_cores", lambda: free)
    monkeypatch.setattr(os, "sched_setaffinity", lambda thread, cores: placed.append(cores))
    monkeypatch.setattr(thread_pool, "_idle", [])
    call, counts, _ = make_repeated(2)
    assert placed == [{5}]
    free[:] = [7]
    call()
    assert placed == [{5}]
    own[:] = [5]  # the system has moved the caller
    call()
    assert placed == [{5}, {7}]
    call()
    assert placed == [{5}, {7}]
    free[:] = [9]
    run_on_threads(count_together, 2, np.zeros(2, np.int64), 10)
    assert placed == [{5}, {7}, {9}]
    assert counts.tolist() == [4, 4]


FORKED = """
import os, numpy as np, glassnet as gn
X, Y = np.random.default_rng(0).normal(size=(60, 4)), np.eye(2)[np.arange(60) % 2]
train = lambda: gn.train(gn.Network.create([4, 2], output="softmax", seed=0), X, Y, cost="cross_entropy", epochs=2,
                         n_jobs=2).network.theta
theta = train()
child = os.fork()
if child == 0:
    os._exit(0 if (train() == theta).all() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


FORKED_BETWEEN = """
import os
import tests.engines.cpu.threads.test_thread_pool as here
call, counts, _ = here.make_repeated(2)
call()
child = os.fork()
for n in range(3, 20):
    call()
    assert counts.tolist() == [n, n]
if child == 0:
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_goes_on_with_a_repeated_call():
    """Its helper is in the parent, at its post."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED_BETWEEN], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "0", done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_has_helpers_of_its_own():
    """joblib, multiprocessing and servers fork; the threads of the parent are not in the child."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "0", done.stderr


def test_n_jobs_must_be_a_whole_number():
    with pytest.raises(gn.GlassnetError, match="n_jobs=0 must be a whole number from 1 upwards"):
        run(0, solver="adam")


@entry
def meet(barrier, n_threads):
    """Meet the others once."""
    barrier_wait(barrier, n_threads)


@entry
def count_together(thread, n_threads, barrier, counts, n_rounds):
    """Each thread adds 1 in every round and looks, between two meetings, whether all have."""
    wrong = 0
    for turn in range(n_rounds):
        counts[thread] += 1
        barrier_wait(barrier, n_threads)
        for other in range(n_threads):
            wrong += counts[other] != turn + 1
        barrier_wait(barrier, n_threads)
    return wrong


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
def test_nobody_passes_a_barrier_before_all_are_there(n_threads):
    """With more threads than cores most of them have to sleep, and to be woken, which takes a hundred times as long."""
    counts, n_rounds = np.zeros(n_threads, np.int64), 2000 if n_threads <= n_cores() else 200

    assert run_on_threads(count_together, n_threads, counts, n_rounds) == 0
    assert counts.tolist() == [n_rounds] * n_threads


def test_a_forked_child_makes_threads_of_its_own():
    script = """
import os
import tests.engines.cpu.threads.test_thread_pool as here
whole = here.run(2, solver="adam").network.theta
child = os.fork()
if child == 0:
    os._exit(0 if (here.run(2, solver="adam").network.theta == whole).all() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=300, check=True,
        cwd=os.getcwd(),
    )  # fmt: skip
    assert done.stdout.strip() == "0"


def test_two_runs_at_once_do_not_meet():
    """Runs in two threads of the program, each on two threads of the engine, have barriers of their own."""
    alone = run(1, solver="adam").network.theta
    found = []
    callers = [threading.Thread(target=lambda: found.append(run(2, solver="adam").network.theta)) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert len(found) == 2
    for theta in found:
        np.testing.assert_array_equal(theta, alone)
