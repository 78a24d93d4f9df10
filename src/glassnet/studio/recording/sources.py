"""What is recorded: a run that can be opened at its epochs, with the names and rows of its table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.errors import ParameterError, ReplayError
from glassnet.explanation.words.numbers import number
from glassnet.training.history import History
from glassnet.training.replay.replay import Replay
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.typing import Array

MOST_ROWS = 24
OF_LBFGS = (
    "L-BFGS searches along a line and has no single step, so the update shows a step of plain gradient descent instead."
)


@dataclass(frozen=True, eq=False)
class Opened:
    """A run at the end of an epoch, or at its last finite step.

    Attributes
    ----------
    epoch, step : int
        The epoch, and the number of its finished steps if it diverged before its end, else 0.
    network : Network
    solver : Solver
        The solver of the next step.
    learning_rate : float
        The learning rate of the next step.
    """

    epoch: int
    step: int
    network: Network
    solver: Solver
    learning_rate: float


@dataclass(frozen=True, eq=False)
class Row:
    """A row of the table.

    Attributes
    ----------
    index : int
        Its number in the user's table.
    columns : tuple of EncodedColumn
        Its values and their encoding.
    X, Y : arrays (n_inputs,), (n_out,)
        What the network gets, and its target.
    target : str
        The target in words.
    """

    index: int
    columns: tuple[EncodedColumn, ...]
    X: Array
    Y: Array
    target: str


@dataclass(frozen=True, eq=False)
class Run:
    """A run that can be opened at its epochs.

    Attributes
    ----------
    history : History
    epochs : sequence of int
        The epochs at which it can be opened, from 0, its start.
    open : callable
        From epochs in ascending order to what they opened.
    notes : tuple of str
    """

    history: History
    epochs: Sequence[int]
    open: Callable[[Sequence[int]], Iterator[Opened]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Source:
    """A run with its table.

    Attributes
    ----------
    network : Network
        The network after training.
    names : ByLayer of tuples of str
        Names of the inputs and of all neurons.
    run : Run
    cost : Cost
    rows : tuple of Row
        The chosen rows.
    words : callable
        From outputs (n_out,) to the prediction in words.
    notes : tuple of str
    """

    network: Network
    names: ByLayer[tuple[str, ...]]
    run: Run
    cost: Cost
    rows: tuple[Row, ...]
    words: Callable[[Array], tuple[str, ...]]
    notes: tuple[str, ...] = ()


def of_replay(replay: Replay) -> Run:
    """Return the run of a replay; a diverged one ends at its last finite step."""
    n_whole, within = divmod(replay.n_steps, replay.steps_per_epoch)

    def opened(epochs: Sequence[int]) -> Iterator[Opened]:
        return (_opened(replay, epoch, n_whole) for epoch in epochs)

    return Run(replay.history, range(n_whole + 1 + (within > 0)), opened)


def _opened(replay: Replay, epoch: int, n_whole: int) -> Opened:
    if epoch <= n_whole:
        moment, step = replay.at(epoch=epoch), 0
    else:
        moment = replay.at(step=replay.first_step + replay.n_steps)
        step = moment.step_of_epoch
    return Opened(epoch, step, moment.network, *_next_step(moment))


def _next_step(moment: StepSnapshot) -> tuple[Solver, float]:
    solver = moment.solver
    if solver.has_step:
        return solver, moment.learning_rate
    return resolve_solver("gd"), moment.learning_rate


def of_snapshots(network: Network, history: History, advice: str) -> Run:
    """Return the run of an L-BFGS result, from the parameters that it stored.

    Raises
    ------
    ReplayError
        If it stored none; `advice` says how to train with them.
    """
    known = history.snapshots
    if not known:
        raise ReplayError(
            f"solver 'lbfgs' cannot be replayed, and this run stored no parameters of its epochs; train again with "
            f"{advice}."
        )
    solver = resolve_solver("gd")

    def opened(epochs: Sequence[int]) -> Iterator[Opened]:
        for epoch in epochs:
            yield Opened(epoch, 0, network.with_theta(np.asarray(known[epoch])), solver, solver.learning_rate)

    return Run(history, sorted(known), opened, (OF_LBFGS,))


def checked_rows(rows: Any, n: int) -> tuple[int, ...]:
    """Return the numbers of the chosen rows, each once; by default (None) the first three."""
    if rows is None:
        return tuple(range(min(3, n)))
    if isinstance(rows, str | bytes) or not hasattr(rows, "__iter__"):
        rows = [rows]
    chosen = list(rows)
    if not chosen:
        raise ParameterError("rows=[] names no row; a recording steps through at least one, such as rows=[0].")
    for row in chosen:
        if isinstance(row, bool) or not hasattr(row, "__index__") or not 0 <= row < n:
            raise ParameterError(
                f"rows={chosen!r} has {row!r}, but the table has the rows 0 to {n - 1}; give numbers of rows, counted "
                f"from 0."
            )
    if len(chosen) > MOST_ROWS:
        raise ParameterError(f"rows names {len(chosen)} rows, but a recording holds at most {MOST_ROWS}.")
    return tuple(dict.fromkeys(int(row) for row in chosen))


def in_words(values: Array, names: tuple[str, ...]) -> str:
    """Return the target of a plain network in words: of one-hot targets the name of the output.

    >>> in_words(np.asarray([0.0, 1.0, 0.0]), ("a", "b", "c")), in_words(np.asarray([0.25]), ("o",))
    ('b', '0.25')
    """
    if len(values) > 1 and sorted(values.tolist()) == [0.0] * (len(values) - 1) + [1.0]:
        return names[int(np.argmax(values))]
    return ", ".join(number(float(value)) for value in values)


def checked_cost(cost: Any) -> Cost:
    """Return the cost of a run that does not know its own."""
    if cost is None:
        raise ParameterError(
            "the result of solver 'lbfgs' does not know its cost; pass the one it minimized, such as "
            "cost='half_squared_error'."
        )
    return resolve_cost(cost)
