"""The build that checks bounds finds a wrong index wherever one can stand, and the ordinary build is another one."""

import os
import subprocess
import sys

import pytest

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.threads.barrier import HAS_THREADS

BEGIN = """
import numba
import numpy as np
import glassnet as gn
from glassnet.engines.cpu import forward, memory_layout, schedule
from glassnet.engines.cpu.kernels import forward_pass
from glassnet.engines.cpu.threads import barrier as barriers, thread_pool
from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.compiling.decorators import OUTER, SAFE_FLAGS, exact, inlined, kernel, strict
from glassnet.engines.cpu.kernels.simd.matmul import copy_row, multiply, pack, pack_transposed, sum_columns
from glassnet.engines.cpu.kernels.simd.vectors import PANEL_BYTES, columns_of, move_part, move_vector, place_of, rows_of, turn_square

def read_at(A, k):
    return A[k]

def write_at(A, k):
    A[k] = 1.0

a, b = np.arange(256.0), np.zeros(256)
nothing = np.zeros(16)
side = PANEL_BYTES // 16  # numbers in a vector, on this machine
assert CHECKS_BOUNDS
build.compile_usual = lambda folder: False  # what these pieces call, not also the training that no piece does

def entry(function):  # without the cache on disk
    return numba.njit(fastmath=SAFE_FLAGS, **OUTER)(function)
"""

# What is wrong in each: the last line raises, those before it do not.
DECORATORS = {
    f"{decorator}, {name}": f"""
inner = {decorator}({name})
@entry
def outer(A, k):
    inner(A, k)
outer(a, 255)
outer(a, 256)
"""
    for decorator in ("kernel", "inlined", "exact", "strict")
    for name in ("read_at", "write_at")
}
PRODUCT = "multiply((place_of(B, {c}), 4), (place_of(A, {a}), 4, {step}), (place_of(A, {b}), 32, 1), (place_of(N, {n}), 0), 4, 4, 4)"
PLACES = {"c": 0, "a": 0, "b": 0, "n": 0, "step": 1}
# What is called with k, the last k that is right, and one that is wrong.
INSTRUCTIONS = {
    "copy_row reads": ("copy_row(A, k, B, 0, 9)", "247", "248"),
    "copy_row writes": ("copy_row(A, 0, B, k, 9)", "247", "248"),
    "copy_row before the begin": ("copy_row(A, k, B, 0, 9)", "0", "-1"),
    "move_part reads": ("move_part(A, k, B, 0, 1)", "255", "256"),
    "move_part writes": ("move_part(A, 0, B, k, 1)", "255", "256"),
    "move_vector reads": ("move_vector(A, k, B, 0)", "256 - side", "257 - side"),
    "move_vector writes": ("move_vector(A, 0, B, k)", "256 - side", "257 - side"),
    "turn_square reads": ("turn_square(A, 0, k, B, 0, 8)", "8", "256"),
    "turn_square writes": ("turn_square(A, 0, 8, B, k, 8)", "0", "257 - side"),
    "columns_of reads": ("columns_of(A, 0, k, B, 0, 8)", "8", "256"),
    "columns_of writes": ("columns_of(A, 0, 8, B, k, 8)", "0", "257 - side"),
    "rows_of reads": ("rows_of(A, k, 8, B, 0, 8)", "0", "257 - side"),
    "rows_of writes": ("rows_of(A, 0, 8, B, 0, k)", "8", "256"),
    "sum_columns reads": ("sum_columns(A, 0, 8, k, B, 0, 8)", "32", "33"),
    "sum_columns writes": ("sum_columns(A, 0, 8, 2, B, k, 8)", "248", "249"),
    "pack reads": ("pack((A, k, 8), 8, 0, 3, 3, B, 0)", "232", "233"),
    "pack writes": ("pack((A, 0, 8), 8, 0, 3, 3, B, k)", "0", "250"),
    "pack_transposed reads": ("pack_transposed(A, k, 8, 0, 1, B, 0)", "0", "250"),
    "pack_transposed writes": ("pack_transposed(A, 0, 8, 0, 1, B, k)", "0", "250"),
    "a tile writes": (PRODUCT.format(**PLACES | {"c": "k"}), "240", "241"),
    "a tile reads A": (PRODUCT.format(**PLACES | {"a": "k"}), "240", "241"),
    "a tile steps through A": (PRODUCT.format(**PLACES | {"step": "k"}), "81", "82"),
    "a tile reads B": (PRODUCT.format(**PLACES | {"b": "k"}), "0", "256 - side"),
    "a tile reads its start": (PRODUCT.format(**PLACES | {"n": "k"}), "0", "17 - side"),
}
CALLS = {
    name: f"""
@entry
def outer(A, B, N, k):
    {call}
outer(a, b, nothing, {right})
outer(a, b, nothing, {wrong})
"""
    for name, (call, right, wrong) in INSTRUCTIONS.items()
}
ENGINE = {
    "a real entry, past the checks": """
network = gn.Network.create([3, 4, 2], seed=0)
layout = memory_layout.layout_of(network, 8, trains=False)
net, workspace = tuple(layout.net), tuple(layout.workspace())
theta, none = memory_layout.padded(network.theta, network.sizes), tuple(memory_layout.no_entries("float64"))
forward_pass.lay_out_all(net, theta, workspace, schedule.blocks_of(layout, 1))
rates, Z, A = np.zeros(3), np.zeros(10), np.zeros(10)
fill = lambda X: forward_pass.forward_many(net, theta, workspace, rates, memory_layout.read_only(X, float), none, 5, 8, Z, A)
fill(np.ones(15))
fill(np.ones(14))
""",
    "an encoder of more columns than a row has, past the checks": """
forward.checked_columns = lambda steps, scales, *_, **__: (steps, scales)
forward.check_rows = lambda *_: None
carry = forward.Forward(gn.Network.create([4, 2], seed=0))
steps, scales = np.tile([0, 1, 0, 0, 0], (4, 1)), np.ones((3, 4))
steps[3, 3] = 1
carry(carry.network.theta, np.ones((2, 4)), (steps[:3], scales))
carry(carry.network.theta, np.ones((2, 3)), (steps, scales))
""",
}
THREADS = {
    f"thread {where} of a meeting": f"""
@entry
def together(thread, n_threads, barrier, A, wrong):
    for k in range(100):
        if k == 50 and thread == wrong:
            A[256] = 1.0
        if not barriers.barrier_wait(barrier, n_threads):
            return -1
    return 1
assert thread_pool.run_on_threads(together, 3, a, 7) == 1
thread_pool.run_on_threads(together, 3, a, {where})
"""
    for where in (0, 1, 2)
}


def run_checked(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=500, check=False,
        env={**os.environ, "GLASSNET_BOUNDS_CHECK": "1", **environment},
    )  # fmt: skip
    return done


# One process for all: what an interpreter takes to start is most of the time. Each piece is told by its name.
TRY = """
def try_all(pieces):
    for name, code in pieces.items():
        *right, last = code.strip().splitlines()
        space = dict(globals())
        exec("\\n".join(right), space)
        try:
            exec(last, space)
        except IndexError as error:
            print(name, "|", "IndexError", "|", error)
        else:
            print(name, "|", "nothing")
"""


@pytest.fixture(scope="module")
def found():
    """What became of each piece, by name."""
    pieces = {**DECORATORS, **CALLS, **ENGINE, **(THREADS if HAS_THREADS else {})}
    done = run_checked(f"{BEGIN}{TRY}\ntry_all({pieces!r})")
    assert done.returncode == 0, done.stderr
    return {line.split(" | ")[0]: line.split(" | ")[1:] for line in done.stdout.splitlines()}


@pytest.mark.timeout(600)  # the first one compiles the pieces
@pytest.mark.parametrize("name", [*DECORATORS, *CALLS, *ENGINE])
def test_a_wrong_index_is_an_index_error(found, name):
    assert found[name][0] == "IndexError"


@pytest.mark.skipif(not HAS_THREADS, reason="no POSIX threads on this system: the engine runs on one")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", THREADS)
def test_it_reaches_the_caller_from_any_thread_and_nobody_waits_on(found, name):
    assert found[name][0] == "IndexError"


def test_the_two_builds_have_folders_of_their_own():
    """And neither takes the other's for one that is out of date."""
    code = "from glassnet.engines.cpu.compiling.folders import cache_folder, PREFIX; print(cache_folder().name, PREFIX)"
    (name, prefix), (plain, plain_prefix) = (
        run_checked(code, GLASSNET_BOUNDS_CHECK=flag).stdout.split() for flag in ("1", "0")
    )

    assert name.removeprefix(prefix) != plain.removeprefix(plain_prefix)
    assert not prefix.startswith(plain_prefix)
    assert not plain_prefix.startswith(prefix)


def test_this_process_is_what_the_variable_says():
    assert (os.environ.get("GLASSNET_BOUNDS_CHECK", "") not in {"", "0"}) == CHECKS_BOUNDS
