"""An interrupt at any moment leaves no thread behind, and nothing that the next run would notice."""

import signal
import sys
import threading

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.base import Problem
from glassnet.engines.cpu import all_rows, engine, forward
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.threads import barrier as threads
from glassnet.engines.cpu.threads import thread_pool, tuner
from glassnet.engines.cpu.threads.barrier import HAS_THREADS

pytestmark = pytest.mark.skipif(not HAS_THREADS, reason="no POSIX threads on this system: the engine runs on one")

MODULES = {module.__file__ for module in (tuner, engine, forward, all_rows, thread_pool, threads)}
N_SAMPLES, BATCH = 64, 16


@pytest.fixture(autouse=True)
def _whole_calls(monkeypatch):
    """Let no slow machine split a run into more calls, and so into more bytecodes, than were counted."""
    monkeypatch.setattr(tuner, "CALL_SECONDS", 1e9)


class Interruption:
    """Raises KeyboardInterrupt before chosen bytecodes of the engine's modules, counted from the first one on."""

    def __init__(self, *moments):
        self.moments, self.n_seen = set(moments), 0

    def __enter__(self):
        self._before = sys.gettrace()
        sys.settrace(self._enter)

    def __exit__(self, *error):
        sys.settrace(self._before)

    def _enter(self, frame, event, argument):
        if frame.f_code.co_filename not in MODULES:
            return None
        frame.f_trace_opcodes = True
        return self._see

    def _see(self, frame, event, argument):
        if event in ("opcode", "line"):
            self.n_seen += 1
            if self.n_seen in self.moments:
                raise KeyboardInterrupt
        return self._see


def make_training(n_jobs=3):
    """A run of three threads, which meet dozens of times."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(N_SAMPLES, 5)), rng.normal(size=(N_SAMPLES, 2))
    problem = Problem(gn.Network.create([5, 9, 2], seed=1), resolve_cost("squared_error"), resolve_solver("adam"))
    runner = CpuEngine(problem, X, Y, n_jobs=n_jobs)
    order = np.stack([rng.permutation(N_SAMPLES) for _ in range(3)])
    eta = np.full(3 * N_SAMPLES // BATCH, 0.01)
    return lambda: runner.run(runner.start(0.01), order, eta, BATCH)[0].theta


def make_prediction(n_jobs=3):
    """Rows that three threads carry, in several pieces each."""
    network = gn.Network.create([5, 9, 2], seed=1)
    carry = Forward(network, n_jobs)
    X = np.random.default_rng(0).normal(size=(900, 5)).astype("float32")
    return lambda: carry(network.theta, X)[1]


def make_sums(n_jobs=3):
    """The sums over all rows, whose helpers stay at their posts between two calls."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(200, 5)), rng.normal(size=(200, 2))
    problem = Problem(gn.Network.create([5, 9, 2], seed=1), resolve_cost("squared_error"), resolve_solver("lbfgs"))
    runner = CpuEngine(problem, X, Y, n_jobs=n_jobs)
    theta = problem.network.theta
    return lambda: np.stack([runner.total(factor * theta).gradient for factor in (1.0, 0.5)])


WORK = {"training": make_training, "prediction": make_prediction, "sums": make_sums}


def check_threads():
    """Every thread of the engine is one that waits for its next call, or ends."""
    for thread in threading.enumerate():
        # one that was interrupted within `Thread.start`, before the system made a thread of it, is listed for ever
        has_begun = thread.ident is not None
        if thread.name == "glassnet" and has_begun and thread not in {helper._thread for helper in thread_pool._idle}:
            thread.join(30)
            assert not thread.is_alive()


def count_bytecodes(work):
    counting = Interruption()
    with counting:
        work()
    return counting.n_seen


def interrupt(work, *moments):
    """Interrupt the work; it may have been over, but is not to end in any other way."""
    interruption = Interruption(*moments)
    try:
        with interruption:
            work()
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.parametrize("kind", WORK)
@pytest.mark.parametrize("part", range(4))
def test_at_each_bytecode(kind, part):
    """With idle helpers and without any, every fourth bytecode."""
    thread_pool._idle.clear()  # of tests that asked for more threads
    work = WORK[kind]()
    expected = work()
    n = count_bytecodes(work)
    assert n > 300
    for moment in range(1 + part, n, 4):
        if moment % 3 == 0:
            thread_pool._idle.clear()
        if not interrupt(work, moment):
            # over: a helper that stays on its core takes fewer bytecodes than one that moves, at its post far fewer
            assert moment > (0.75 if kind == "sums" else 0.9) * n
            break
        check_threads()
        assert len(thread_pool._idle) <= 2
    np.testing.assert_array_equal(work(), expected)


@pytest.mark.parametrize("kind", WORK)
def test_the_next_run_has_the_same_bits(kind):
    work = WORK[kind]()
    expected = WORK[kind](1)()
    moments = np.random.default_rng(1).integers(1, count_bytecodes(work), 30)
    for moment in moments:
        interrupt(work, int(moment))
        np.testing.assert_array_equal(work(), expected)
    check_threads()


@pytest.mark.parametrize("kind", WORK)
def test_one_more_while_the_first_is_seen_to(kind):
    """Several interrupts in a row, the later ones while threads are ended: somebody holds the key down."""
    work = WORK[kind]()
    expected = work()
    rng = np.random.default_rng(2)
    n = count_bytecodes(work)
    for _ in range(150):
        first = int(rng.integers(1, n))
        interrupt(work, first, *(first + rng.integers(1, 60, 3)).tolist())
        check_threads()
    np.testing.assert_array_equal(work(), expected)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")
@pytest.mark.parametrize("kind", WORK)
def test_by_signals_at_any_time(kind):
    """As Ctrl-C comes: between two bytecodes, in machine code, in the standard library, while a thread starts."""

    def stop(number, frame):
        raise KeyboardInterrupt

    work = WORK[kind]()
    expected = work()
    rng = np.random.default_rng(3)
    n_interrupted = 0
    before = signal.signal(signal.SIGPROF, stop)
    try:
        for _ in range(60):
            thread_pool._idle.clear()
            try:
                signal.setitimer(signal.ITIMER_PROF, float(rng.uniform(1e-5, 3e-3)))
                for _ in range(1000):  # far longer than the timer waits
                    work()
            except KeyboardInterrupt:
                n_interrupted += 1
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0.0)
            check_threads()
    finally:
        signal.signal(signal.SIGPROF, before)

    assert n_interrupted == 60
    np.testing.assert_array_equal(work(), expected)


def test_an_exception_that_is_kept_keeps_no_thread():
    """Its traceback holds all variables on the way; pytest, notebooks and `sys.last_value` keep it."""
    work = make_training()
    work()
    kept = []
    for moment in range(200, 400, 20):
        try:
            with Interruption(moment):
                work()
        except KeyboardInterrupt as error:
            kept.append(error)
        check_threads()
    assert len(kept) == 10


def test_a_thread_that_sleeps_at_a_barrier_is_let_go():
    """It has looked for long enough, and waits for a wake-up call that its partner cannot give any more."""
    asleep = threading.Event()

    def side(thread, n_threads, barrier):
        if thread == 1:
            asleep.set()
            return meet_once(barrier)
        asleep.wait()
        while barrier[threads.SLEEPERS] == 0:  # until it sleeps
            pass
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        thread_pool.run_on_threads(side, 2)
    check_threads()


@threads.entry
def meet_once(barrier):
    return threads.barrier_wait(barrier, 2)


def test_the_number_of_calls_changes_no_bit(monkeypatch):
    network = gn.Network.create([4, 8, 1], hidden="tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(5_000, 4))
    whole = Forward(network, n_jobs=1)(network.theta, X)[1]
    monkeypatch.setattr(forward, "WORK_AT_A_TIME", 0)

    np.testing.assert_array_equal(Forward(network, n_jobs=1)(network.theta, X)[1], whole)


def test_an_exception_that_is_kept_keeps_no_helper():
    """Its traceback holds the frame of the call, in which nothing may lead to a helper that is idle again."""

    def fail(thread, n_threads, barrier):
        if thread == 1:
            raise ValueError("of the helper")

    with pytest.raises(ValueError, match="of the helper") as kept:
        thread_pool.run_on_threads(fail, 2)
    waiting = [helper._thread for helper in thread_pool._idle]
    thread_pool._idle.clear()

    for thread in waiting:
        thread.join(30)
    assert waiting
    assert not any(thread.is_alive() for thread in waiting)
    assert kept.value.__traceback__ is not None
