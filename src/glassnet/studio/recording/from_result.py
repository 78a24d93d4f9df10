"""The source of `glassnet.train`'s result: rows are numbers, and names are x1, x2, ... unless given."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.errors import ParameterError, ShapeError
from glassnet.explanation.subject.notation import neuron_names
from glassnet.explanation.subject.prediction import of_outputs
from glassnet.studio.recording.sources import (
    Row,
    Source,
    checked_cost,
    checked_rows,
    in_words,
    of_replay,
    of_snapshots,
)
from glassnet.training.plan import check_data
from glassnet.training.result import TrainingResult
from glassnet.typing import Array
from glassnet.wording import counted


def of_result(
    result: TrainingResult, X: Any, y: Any, *, weights: Any, rows: Any, cost: Any, inputs: Any, outputs: Any
) -> Source:
    """Return the source of a result; a copied or an L-BFGS result needs its data again."""
    network = result.network
    if result.recording is None:
        if X is None or y is None:
            raise ParameterError(
                "the result of solver 'lbfgs' does not hold its data; pass them: gn.playback(result, X, Y, cost=...)."
            )
        run, entry = of_snapshots(network, result.history, "train(..., snapshots=1)"), checked_cost(cost)
        data = check_data(network, X, y, None, "X")
        X, Y = data.X, data.Y
    else:
        if cost is not None:
            raise ParameterError("a run knows its cost; leave cost= out, which is for results of solver 'lbfgs'.")
        replay = result.replay(X, y, weights=weights)
        run, entry = of_replay(replay), result.recording.plan.problem.cost
        data = replay.at(step=replay.first_step).data
        X, Y = data.X, data.Y
    chosen = checked_rows(rows, X.shape[0])
    names = _names(network, inputs, outputs)
    return Source(
        network=network,
        names=names,
        run=run,
        cost=entry,
        rows=tuple(_row(i, X, Y, names) for i in chosen),
        words=lambda A: of_outputs(names[network.n_layers], A).words,
    )


def _row(i: int, X: Array, Y: Array, names: ByLayer[tuple[str, ...]]) -> Row:
    x = X[i : i + 1]
    x = np.asarray(x.toarray() if hasattr(x, "toarray") else x, dtype=np.float64)[0]  # (n_inputs,)
    y = np.asarray(Y[i], dtype=np.float64)  # (n_out,)
    columns = tuple(  # of the inputs, without the waves of a front
        EncodedColumn(name, value, (), (name,), (value,)) for name, value in zip(names[0], x.tolist(), strict=False)
    )
    return Row(i, columns, x, y, in_words(y, names[-1]))


def _names(network: Network, inputs: Any, outputs: Any) -> ByLayer[tuple[str, ...]]:
    first = _checked_names("inputs", inputs, network.n_inputs, "x")
    return neuron_names(network, first, _checked_names("outputs", outputs, network.sizes[-1], "output"))


def _checked_names(what: str, names: Sequence[Any] | None, n: int, prefix: str) -> tuple[str, ...]:
    if names is None:
        return tuple(f"{prefix}{k}" for k in range(1, n + 1))
    named = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
    if len(named) != n:
        raise ShapeError(
            f"{what} gives {counted(len(named), 'name')}, but this network has {counted(n, what[:-1])}; give one name "
            f"for each."
        )
    return named
