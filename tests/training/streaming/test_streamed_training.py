"""Training on a window of rows at a time follows training in memory."""

import functools
import operator
from dataclasses import replace

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.reading.tabular import table_from
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.data.rows.in_memory import TableSource
from glassnet.errors import CheckpointError, ParameterError, ReplayError, SourceError
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.train import RunArguments

N, N_HELD_OUT = 203, 61


def arrays(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (X[:, :1] + X[:, 1:2] ** 2 + 0.1 * rng.normal(size=(n, 1)) > 0.7).astype(np.float64)


X, Y = arrays(N, 0)
X_HELD_OUT, Y_HELD_OUT = arrays(N_HELD_OUT, 1)


def rows_of(X, Y, window, rows_per_group=17, weights=None):
    columns = {f"x{k}": X[:, k] for k in range(X.shape[1])} | {f"y{k}": Y[:, k] for k in range(Y.shape[1])}
    names = [f"y{k}" for k in range(Y.shape[1])]
    return EncodedRows(
        TableSource(table_from(columns), rows_per_group),
        Encoder.identity(X.shape[1]),
        lambda table: np.column_stack([table[name] for name in names]),
        Y.shape[1],
        None if weights is None else lambda table: weights[table.rows],
        window,
    )


def arguments(X, Y=None, *, validation=None, weights=None, network=None, cost="binary_cross_entropy", **settings):
    network = network or gn.Network.create([3, 8, 1], hidden="tanh", output="sigmoid", seed=3)
    given = TrainSettings(**{"cost": cost, "batch_size": 16, "epochs": 7, "seed": 5} | settings)
    return RunArguments(network=network, X=X, Y=Y, weights=weights, validation=validation, settings=given)


def same(result, expected):
    assert result.network.theta.tobytes() == expected.network.theta.tobytes()
    assert result.state.step == expected.state.step


def history(result):
    names = ("cost", "metric", "validation_cost", "validation_metric", "gradient_norm", "penalty")
    return {name: result.history[name] for name in names if result.history.epochs[0].__getattribute__(name) is not None}


ENGINES = pytest.mark.parametrize("engine", ["cpu", "reference"])


@ENGINES
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_window_of_all_rows_is_training_in_memory(engine, dtype):
    """Shuffled, with dropout, early stopping and a metric: the same bits, and the same history."""
    network = gn.Network.create([3, 8, 1], hidden="tanh", output="sigmoid", seed=3, dtype=dtype)
    settings = {"engine": engine, "dropout": 0.2, "patience": 3, "epochs": 40, "network": network, "l2": 0.01}
    streamed = arguments(
        rows_of(X, Y, N), validation=(rows_of(X_HELD_OUT, Y_HELD_OUT, N_HELD_OUT), None), **settings
    ).trained()
    in_memory = arguments(X.astype(dtype), Y, validation=(X_HELD_OUT.astype(dtype), Y_HELD_OUT), **settings).trained()

    same(streamed, in_memory)
    assert history(streamed).keys() == history(in_memory).keys()
    for name, values in history(in_memory).items():
        assert history(streamed)[name].tolist() == values.tolist()


@ENGINES
@pytest.mark.parametrize("window, rows_per_group", [(16, 17), (50, 17), (50, 400), (202, 60), (31, 1)])
@pytest.mark.parametrize("batch_size", [7, 16])
def test_without_shuffling_every_window_takes_the_same_steps(engine, window, rows_per_group, batch_size):
    """Minibatches cross windows: whatever the window, the steps and their dropout masks are those in memory."""
    settings = {"engine": engine, "shuffle": False, "dropout": 0.3, "batch_size": batch_size, "clip": 1.0}
    settings |= {"schedule": "cosine", "epochs": 3}
    streamed = arguments(rows_of(X, Y, window, rows_per_group), **settings).trained()
    in_memory = arguments(X, Y, **settings).trained()

    same(streamed, in_memory)
    for name, values in history(in_memory).items():
        np.testing.assert_allclose(history(streamed)[name], values, rtol=1e-6)


def test_streamed_validation_is_that_in_memory():
    """Cost and metric of validation rows that are streamed, in parts of another size than the groups."""
    settings = {"shuffle": False, "epochs": 4}
    held_out = rows_of(X_HELD_OUT, Y_HELD_OUT, 20, rows_per_group=9)
    streamed = arguments(X, Y, validation=(held_out, None), **settings).trained()
    in_memory = arguments(X, Y, validation=(X_HELD_OUT, Y_HELD_OUT), **settings).trained()

    same(streamed, in_memory)
    for name in ("validation_cost", "validation_metric"):
        np.testing.assert_allclose(history(streamed)[name], history(in_memory)[name], rtol=1e-6)


def test_r2_of_streamed_rows():
    """The variance of the targets, on which R² depends, is found without all of them in memory."""
    targets = np.column_stack([X[:, 0] * 3 + 100, X[:, 1]])
    network = gn.Network.create([3, 5, 2], hidden="tanh", output="identity", seed=3)
    settings = {"shuffle": False, "cost": "half_squared_error", "network": network, "learning_rate": 1e-3}
    streamed = arguments(rows_of(X, targets, 40), validation=(rows_of(X, targets, 30), None), **settings).trained()
    in_memory = arguments(X, targets, validation=(X, targets), **settings).trained()

    assert streamed.history.metric_name == "r2"
    for name in ("metric", "validation_metric"):
        np.testing.assert_allclose(history(streamed)[name], history(in_memory)[name], rtol=1e-6)


@pytest.mark.parametrize(("cost", "columns"), [("binary_cross_entropy", None), ("half_squared_error", ("y0",))])
def test_no_more_is_read_for_a_metric_than_it_needs(cost, columns):
    """An accuracy needs no pass over the rows before the run, and R² one over the targets."""
    rows, asked = rows_of(X, Y, 40), []

    class Watched(TableSource):
        def pieces(self, k):
            asked.append(self.names)
            return super().pieces(k)

    rows = replace(rows, source=Watched(rows.source.table, 17), names_of_targets=["y0"])
    Watched.select = lambda self, names: Watched(self.table.select(names), 17)
    plan = arguments(rows, cost=cost).begun().plan
    asked.clear()
    plan.data.finish(plan.problem.metric)

    assert set(asked) == (set() if columns is None else {columns})


@ENGINES
def test_weights_are_streamed_with_their_rows(engine):
    """Each row keeps its weight when it is carried over to the next window."""
    weights = np.random.default_rng(8).random(N) + 0.1
    weights /= weights.mean()
    settings = {"engine": engine, "shuffle": False, "batch_size": 10}
    streamed = arguments(rows_of(X, Y, 23, weights=weights), **settings).trained()

    same(streamed, arguments(X, Y, weights=weights, **settings).trained())


def test_each_epoch_takes_every_row_once_in_another_order():
    """The step that a row belongs to is seen from the gradient of a linear neuron, whose inputs are one-hot."""
    seen = []

    class Steps:
        name = "seen"

        def __init__(self, problem, X, Y, weights):
            self.X = X
            self.start = lambda eta: gn.engines.base.State(problem.network.theta, ())

        def evaluate(self, theta, X, Y, weights=None):
            raise AssertionError

        def run(self, state, order, eta, batch_size, factors):
            for start in range(0, order.shape[1], batch_size):
                seen.append(self.X[order[0, start : start + batch_size], 0].astype(int).tolist())
            n_steps = -(-order.shape[1] // batch_size)
            return replace(state, step=state.step + n_steps), gn.engines.base.Records([1.0], [1.0], [1.0], [0.0])

    from glassnet.engines.seeding import ShuffleStream
    from glassnet.training.plan import make_plan
    from glassnet.training.streaming.steps import StreamedSteps

    numbers = np.arange(N, dtype=float)[:, None]
    run = arguments(rows_of(numbers, Y, 40), network=gn.Network.create([1, 1], output="sigmoid", seed=0))
    plan = make_plan(run.network, run.X, None, run.settings, weights=None, validation=None, seed=1)
    steps = StreamedSteps(plan, Steps)
    order = ShuffleStream(plan.data.n_ordered, np.random.default_rng(0), shuffle=True).take(2)
    state, records = steps.run(steps.start(0.1), order, plan.rates(0, 2), 16)
    n_steps = -(-N // 16)

    assert [len(batch) for batch in seen] == 2 * [*[16] * (n_steps - 1), N % 16]
    epochs = [functools.reduce(operator.iadd, seen[:n_steps], []), functools.reduce(operator.iadd, seen[n_steps:], [])]
    assert [sorted(epoch) for epoch in epochs] == 2 * [list(range(N))]
    assert epochs[0] != epochs[1]
    assert epochs[0] != list(range(N))
    assert state.step == 2 * n_steps
    assert records.cost == [1.0, 1.0]


@ENGINES
def test_a_run_in_parts_is_the_whole_run(engine, tmp_path):
    """A run that was stopped at any epoch and continued from its file has the bits of the unbroken one."""
    whole = arguments(rows_of(X, Y, 40), engine=engine, dropout=0.1).trained()
    for n_epochs in (1, 3, 6):
        path = tmp_path / f"{n_epochs}.ckpt"
        given = arguments(rows_of(X, Y, 40), engine=engine, dropout=0.1)
        given = replace(given, checkpoint=path, checkpoint_every=0.0)
        stopped = []

        def at(epoch, network, n=n_epochs, stopped=stopped):
            if epoch.epoch == n and not stopped:
                stopped.append(n)
                raise MemoryError  # as good as a kill: nothing is told to the file

        with pytest.raises(MemoryError):
            given.with_settings(callback=at).trained()
        continued = given.with_settings(callback=at).trained()

        assert stopped
        same(continued, whole)
        assert history(continued)["cost"].tolist() == history(whole)["cost"].tolist()


def test_a_checkpoint_of_other_rows_is_refused(tmp_path):
    """Rows of other values are told from those of the run."""
    given = replace(arguments(rows_of(X, Y, 40)), checkpoint=tmp_path / "run.ckpt")
    given.trained()

    with pytest.raises(CheckpointError, match="is the checkpoint of another run: its X has other values"):
        replace(given, X=rows_of(X + 1, Y, 40)).trained()


def test_a_divergence_is_found_in_its_window():
    """A number that is not finite ends the run, with the step that it belongs to."""
    far = X.copy()
    far[150:] *= 1e300
    network = gn.Network.create([3, 4, 1], hidden="identity", output="identity", seed=3, dtype="float64")
    settings = {"network": network, "cost": "half_squared_error", "shuffle": False, "engine": "reference"}
    streamed = arguments(rows_of(far, Y, 40), **settings).trained()
    in_memory = arguments(far, Y, **settings).trained()

    assert streamed.history.stopped == in_memory.history.stopped == "diverged"
    # rows that were streamed have no numbers
    assert in_memory.history.divergence.row == 150
    assert streamed.history.divergence == replace(in_memory.history.divergence, row=None)


class Broken:
    """A source whose second group cannot be read any more."""

    def __init__(self, source):
        self.source = source

    def __getattr__(self, name):
        return getattr(self.source, name)

    def pieces(self, k):
        if k == 1:
            raise SourceError("the disk is gone.")
        return self.source.pieces(k)


def test_an_error_of_the_reading_thread_is_the_error_of_the_run():
    """What happens in the thread that fills the windows is told where the run is."""
    rows = rows_of(X, Y, 40)

    with pytest.raises(SourceError, match=r"the disk is gone\."):
        arguments(replace(rows, source=Broken(rows.source))).trained()


def test_what_does_not_fit_streamed_rows():
    """Solvers that need all rows, minibatches beyond the window, and replays are refused by a sentence."""
    with pytest.raises(ParameterError, match="solver 'lbfgs' uses all rows at every step, but they do not fit into"):
        arguments(rows_of(X, Y, 40), solver="lbfgs", batch_size=None).trained()
    with pytest.raises(ParameterError, match="batch_size=64 is more than the 40 rows that fit into the memory"):
        arguments(rows_of(X, Y, 40), batch_size=64).trained()
    with pytest.raises(ReplayError, match="a training on streamed rows cannot be replayed"):
        arguments(rows_of(X, Y, 40), epochs=1).trained().replay()


def test_the_time_of_a_streamed_run_is_estimated():
    """Some of the rows are timed in memory, with as large a share of the validation rows."""
    from glassnet.training.timing import seconds_per_epoch

    given = arguments(rows_of(X, Y, 40), validation=(rows_of(X_HELD_OUT, Y_HELD_OUT, 20), None))
    first = given.first(100)

    assert (first.X.shape, first.Y.shape, first.validation[0].shape) == ((100, 3), (100, 1), (31, 3))
    assert first.X.tolist() == X[:100].tolist()
    assert 0 < seconds_per_epoch(given) < 1
