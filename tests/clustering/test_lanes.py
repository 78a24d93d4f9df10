"""Lanes: every number of a run has the same bits for any number of processes.

Oracles: the rows of each minibatch from a sort of all keys, and the reference engine in float64 on these minibatches.
"""

from dataclasses import replace
from functools import partial
from threading import get_ident

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from tests.clustering.threads import on_threads

import glassnet as gn
from glassnet.clustering.comm import LocalComm
from glassnet.clustering.lanes.dealing import Deal, Piece, deal_of, order_within, pieces_of
from glassnet.clustering.lanes.ranges import Ranges
from glassnet.clustering.lanes.rows import GroupsInMemory, Lane
from glassnet.clustering.lanes.training import TrainTogether
from glassnet.clustering.leaving import Stopped
from glassnet.clustering.summing import summed
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.reading.tabular import table_from
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.data.rows.in_memory import TableSource
from glassnet.engines.base import Problem
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import CheckpointError, ClusterError, GlassnetError, ParameterError
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.train import RunArguments

DTYPES = ["float32", "float64"]


def table(n=230, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 5))
    return X, (X @ rng.standard_normal((5, 2)) + 0.1 * rng.standard_normal((n, 2)))


def arguments(dtype="float32", n=230, **settings):
    X, Y = table(n)
    given = dict(cost="squared_error", solver="adam", epochs=4, batch_size=32, seed=3, dropout=0.2) | settings
    network = gn.Network.create([5, 8, 2], hidden="tanh", output="identity", dtype=dtype, seed=1)
    return RunArguments(network=network, X=X.astype(dtype), Y=Y, settings=TrainSettings(**given))


@pytest.mark.parametrize("lengths", [(6, 3), (5, 5, 5), (1, 0, 40, 7), (1,), (3, 3, 1, 1, 2)])
@pytest.mark.parametrize("batch_size", [1, 4, 7, 100])
def test_a_minibatch_has_the_rows_that_come_first(lengths, batch_size):
    deal = Deal(tuple((Piece(k, 0, n),) if n else () for k, n in enumerate(lengths)), batch_size)
    keys = sorted(((i + 0.5) / n, lane) for lane, n in enumerate(lengths) for i in range(n))
    for step in range(-(-sum(lengths) // batch_size) + 1):
        expected = np.bincount([lane for _, lane in keys[: step * batch_size]], minlength=len(lengths))
        assert deal.taken(step).tolist() == expected.tolist()


@pytest.mark.parametrize("sizes", [[10], [5, 4], [3] * 40, [100, 1, 1]])
def test_every_row_is_dealt_once(sizes):
    pieces = pieces_of(sizes, n_lanes=4)
    deal = deal_of(pieces, 4, batch_size=8, seed=7)
    rows = [(p.group, p.start + i) for lane in deal.lanes for p in lane for i in order_within(p, 7).tolist()]

    assert sorted(rows) == [(group, row) for group, size in enumerate(sizes) for row in range(size)]
    assert deal_of(pieces, 4, batch_size=8, seed=7) == deal
    assert deal.lengths.max() - deal.lengths.min() <= max(p.n_rows for p in pieces)


@pytest.mark.parametrize("n_lanes", [1, 2, 5, 8, 16, 17])
def test_any_world_adds_the_lanes_in_one_order(n_lanes):
    """The numbers differ by 16 orders of magnitude, so another order would give another sum."""
    lanes = np.random.default_rng(0).standard_normal(n_lanes) * 10.0 ** np.arange(n_lanes)
    found = set()
    for world in range(1, n_lanes + 1):
        ranges = Ranges(n_lanes, world)
        parts = np.full((world * ranges.n_parts, 1), np.nan)
        for rank in range(world):
            sums = {lane: lanes[lane] for lane in ranges.of(rank)}
            for i, j in ranges.own_additions(rank):
                sums[i] += sums.pop(j)
            assert list(sums) == ranges.handed_over(rank)
            for part, lane in enumerate(sums):
                parts[rank * ranges.n_parts + part] = sums[lane]
        found.add(float(summed(parts, ranges.shared_additions)[0]))
    assert len(found) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("world", [2, 3, 4])
def test_threads_train_to_the_bits_of_one(dtype, world):
    X, Y = table(60, seed=9)
    run = RunArguments(**{**vars(arguments(dtype)), "validation": (X.astype(dtype), Y)})
    alone = TrainTogether(LocalComm())(run)

    for result in on_threads(world, lambda comm: TrainTogether(comm)(run)):
        assert (result.network.theta == alone.network.theta).all()
        for name in ("cost", "metric", "validation_cost", "validation_metric", "gradient_norm"):
            assert result.history[name].tolist() == alone.history[name].tolist()


class Groups(TableSource):
    """A table in groups that are yielded in parts."""

    def pieces(self, k):
        table = self.group(k)
        for start in range(0, table.n_rows, 7):
            yield table.part(np.arange(start, min(start + 7, table.n_rows)))


def streamed(X, Y, rows_per_group):
    names = tuple(f"x{k}" for k in range(X.shape[1]))
    columns = dict(zip(names, X.T)) | {"a": Y[:, 0], "b": Y[:, 1]}
    source = Groups(table_from(columns), rows_per_group)
    encoder = Encoder.identity(infer_schema(source.table.select(names)))
    return EncodedRows(source, encoder, lambda table: np.stack([table["a"], table["b"]], axis=1), n_out=2)


@pytest.mark.parametrize("world", [1, 3])
def test_streamed_groups_train_to_the_bits_of_the_same_groups_in_memory(world, monkeypatch):
    """The rows of a source are read by groups, those of an array are cut into groups of the same size."""
    monkeypatch.setattr("glassnet.clustering.lanes.training.GroupsInMemory", partial(GroupsInMemory, rows_per_group=50))
    run, (X, Y), (heldX, heldY) = arguments("float64"), table(), table(60, seed=9)
    in_memory = replace(run, X=X, Y=Y)
    from_source = replace(run, X=streamed(X, Y, 50), Y=None, validation=(streamed(heldX, heldY, 25), None))

    expected = TrainTogether(LocalComm())(in_memory)
    for found in on_threads(world, lambda comm: TrainTogether(comm)(from_source)):
        assert (found.network.theta == expected.network.theta).all() or found.history.best_epoch < 4
        assert found.history["cost"].tolist() == expected.history["cost"].tolist()
        cost = gn.cost("squared_error", gn.forward(found.network, heldX).A[-1], heldY)
        assert found.history["validation_cost"].min() == pytest.approx(cost)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_lanes_train_as_the_reference_does_on_the_same_minibatches(dtype, tolerance):
    """The minibatches are put together here, lane by lane, and trained on by the reference engine alone."""
    run = arguments(dtype, dropout=0.0)
    alone = TrainTogether(LocalComm(), lanes=5)(run)

    rng = np.random.default_rng(3)
    _, seed = rng.integers(1 << 32, size=2)
    seeds = np.random.default_rng(int(seed)).integers(1 << 53, size=4).tolist()
    pieces, orders = pieces_of([230], n_lanes=5), []
    for seed in seeds:
        deal = deal_of(pieces, 5, 32, seed)
        lanes = [np.concatenate([p.start + order_within(p, seed) for p in lane]) for lane in deal.lanes]
        keys = sorted(
            ((i + 0.5) / len(rows), lane, row) for lane, rows in enumerate(lanes) for i, row in enumerate(rows)
        )
        orders.append([int(row) for _, _, row in keys])
    problem = Problem(run.network, resolve_cost("squared_error"), resolve_solver("adam"))
    engine = ReferenceEngine(problem, run.X, run.Y)
    state, _ = engine.run(engine.start(0.001), np.asarray(orders), np.full(4 * 8, 0.001), 32)

    assert np.abs(state.theta - alone.network.theta).max() < tolerance


class StopAfter:
    """Asks one process to end after some steps."""

    def __init__(self, steps):
        self.left = steps

    def __bool__(self):
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2), (2, 1)])
@pytest.mark.parametrize("steps", [3, 12])
def test_a_stopped_training_continues_on_another_number_of_processes(tmp_path, before, after, steps):
    """Eight steps are an epoch; rank `before - 1` is asked to end, and all stop after the same step."""
    run = replace(arguments(), checkpoint=tmp_path / "run.ckpt", checkpoint_every=0)
    expected = TrainTogether(LocalComm())(arguments())

    def stopped(comm):
        stop = StopAfter(steps) if comm.rank == before - 1 else None
        with pytest.raises(Stopped, match=f"has stopped after step {steps + 1}"):
            TrainTogether(comm, stop=stop)(run)
        return True

    assert all(on_threads(before, stopped))
    for found in on_threads(after, lambda comm: TrainTogether(comm)(run)):
        assert (found.network.theta == expected.network.theta).all()
        for name in ("cost", "metric", "gradient_norm"):
            assert found.history[name].tolist() == expected.history[name].tolist()
    assert not (tmp_path / "run.partway").exists()
    again = TrainTogether(LocalComm())(run)  # the checkpoint of a finished run returns its result
    assert (again.network.theta == expected.network.theta).all()


def test_the_checkpoint_keeps_the_number_of_lanes(tmp_path):
    run = replace(arguments(), checkpoint=tmp_path / "run.ckpt")
    expected = TrainTogether(LocalComm(), lanes=5)(run)

    assert (TrainTogether(LocalComm())(run).network.theta == expected.network.theta).all()
    with pytest.raises(CheckpointError, match="is the checkpoint of another run: it has lanes=5, not 4"):
        TrainTogether(LocalComm(), lanes=4)(run)
    with pytest.raises(CheckpointError, match="of a training on a cluster; continue it by the call or command"):
        gn.resume(run.checkpoint, run.X, run.Y)


def test_a_damaged_partial_epoch_is_named(tmp_path):
    run = replace(arguments(), checkpoint=tmp_path / "run.ckpt", checkpoint_every=0)
    with pytest.raises(Stopped):
        TrainTogether(LocalComm(), stop=StopAfter(3))(run)
    path = tmp_path / "run.partway"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    with pytest.raises(CheckpointError, match="was altered after it was written; remove it to repeat its epoch"):
        TrainTogether(LocalComm())(run)
    path.unlink()
    assert len(TrainTogether(LocalComm())(run).history) == 4


def test_accumulated_minibatches_are_one_large_one():
    large = TrainTogether(LocalComm())(arguments(batch_size=32))
    two = TrainTogether(LocalComm(), accumulate=2)(arguments(batch_size=16))

    assert (large.network.theta == two.network.theta).all()


def test_the_network_and_the_seed_are_those_of_rank_0():
    def work(comm):
        run = arguments(seed=3 + comm.rank)
        network = gn.Network.create([5, 8, 2], hidden="tanh", output="identity", dtype="float32", seed=1 + comm.rank)
        return TrainTogether(comm)(replace(run, network=network)).network.theta

    expected = TrainTogether(LocalComm())(arguments()).network.theta
    assert all((theta == expected).all() for theta in on_threads(2, work))


def test_the_callback_of_rank_0_stops_all():
    def work(comm):
        callback = (lambda epoch, network: epoch.epoch >= 2) if comm.rank == 0 else None
        return TrainTogether(comm)(arguments(callback=callback)).history

    for history in on_threads(3, work):
        assert (len(history), history.stop_reason) == (2, "the callback asked to stop after epoch 2")


def test_the_clock_of_rank_0_stops_all_at_the_end_of_an_epoch():
    for history in on_threads(2, lambda comm: TrainTogether(comm)(arguments(time_limit=1e-6)).history):
        assert (len(history), history.stopped) == (1, "time")
        assert history.stop_reason == "the time limit of 1e-06 s was reached"


def test_all_find_the_same_divergence():
    """With a learning rate beyond all measure plain training diverges, too."""
    run = arguments(solver="sgd", learning_rate=1e30)

    found = [result.history for result in on_threads(2, lambda comm: TrainTogether(comm)(run))]
    assert [history.stopped for history in found] == ["diverged"] * 2
    assert found[0].divergence == found[1].divergence
    assert "not finite" in found[0].stop_reason


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lanes": 1}, "lanes=1 are fewer than the 2 processes, which share them"),
        ({"lanes": 0}, "lanes=0 must be a whole number from 1 upwards"),
        ({"accumulate": 0}, "accumulate=0 must be a whole number from 1 upwards"),
    ],
)
def test_options_that_cannot_work(options, says):
    def work(comm):
        with pytest.raises(GlassnetError, match=says):
            TrainTogether(comm, **options)(arguments())
        return True

    assert all(on_threads(2, work))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"solver": "lbfgs", "dropout": 0.0, "batch_size": None}, "uses all rows at every step"),
        ({"epochs": -1}, "epochs=-1"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_all(settings, says):
    def work(comm):
        with pytest.raises(GlassnetError, match=says):
            TrainTogether(comm)(arguments(**settings))
        return True

    assert all(on_threads(2, work))


def test_sparse_rows_are_refused():
    run = arguments()
    with pytest.raises(ParameterError, match=r"a sparse X cannot be shared between processes; use X.toarray\(\)"):
        TrainTogether(LocalComm())(replace(run, X=csr_matrix(run.X)))


def test_a_process_with_other_rows_stops_all():
    def work(comm):
        with pytest.raises(
            ClusterError, match="rank 1: other rows or settings than on rank 0; start all processes alike"
        ):
            TrainTogether(comm)(arguments(n=230 + comm.rank))
        return True

    assert all(on_threads(3, work))


def test_rows_that_vanish_during_the_training_stop_all(monkeypatch):
    """One of three processes finds fewer rows in its files than at the start."""

    def work(comm):
        if comm.rank == 1:
            monkeypatch.setattr(Lane, "sums", shortened(Lane.sums, get_ident()))
        with pytest.raises(ClusterError, match="the processes have read 31 rows for step 1 instead of 32; the files"):
            TrainTogether(comm)(arguments())
        return True

    assert all(on_threads(3, work))


def shortened(sums, thread):
    """Return `Lane.sums` for which the first lane of a thread's process has lost a row."""
    done = []

    def found(self, state, n_rows, factors, first):
        loses = get_ident() == thread and not done and n_rows > 1
        done.extend([True] * loses)
        return sums(self, state, n_rows - loses, factors, first)

    return found
