"""What an engine holds of a large table beside the user's own copy, counted by Python's own tracer."""

import tracemalloc

import numpy as np
import pytest

N_ROWS, N_COLUMNS = 100_000, 20
BYTES_PER_CELL = {"float64": 0, "float32": 4}
"""Of a float64 table in a network's precision: the table itself, or one copy."""

SLACK = {"xla": 6}
"""Float64 numbers per row beside that, 1 by default: the targets in another precision, the workspace of a minibatch."""


@pytest.mark.parametrize("dtype", BYTES_PER_CELL)
def test_an_engine_holds_at_most_one_copy_of_the_data(make_engine, engine_name, make_network, dtype):
    """A table of another precision is copied once, one of the network's own never, whatever the engine is asked.

    So are the targets. The engine xla always copies both: onto its device.
    """
    X = np.ones((N_ROWS, N_COLUMNS))
    Y = np.ones((N_ROWS, 1))
    network = make_network((N_COLUMNS, 3, 1), dtype=dtype)
    order = np.arange(N_ROWS)[None, :]

    def use(X, Y, order):
        engine = make_engine(network, X, Y)
        engine.run(engine.start(0.1), order, np.full(-(-len(X) // 500), 0.1), 500)
        engine.evaluate(network.theta, X[:64], Y[:64])

    use(X[:64], Y[:64], order[:, :64])  # loads what is loaded once
    tracemalloc.start()
    try:
        use(X, Y, order)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    of_cell = np.dtype(dtype).itemsize if engine_name == "xla" else BYTES_PER_CELL[dtype]
    assert peak <= X.size * of_cell + N_ROWS * 8 * SLACK.get(engine_name, 1)
