"""`Subject`: a network at one moment of its training, with its data. It is what views of the page look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.core.catalog.costs import Cost
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.table import Table
from glassnet.training.history import History
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Subject:
    """A network at one moment, and the rows that it is trained and judged on.

    Attributes
    ----------
    network : Network
        At the shown moment, in float64.
    cost : Cost
    names : ByLayer of tuples of str
        Names of the inputs and of all neurons.
    task : {"binary", "multiclass", "multilabel", "regression", "none"}
        "none" is a network without a table.
    X, Y : arrays (n_rows, n_inputs), (n_rows, n_out)
        All rows with a target, as the network gets them, and their targets, in float64.
    rows : array of int, (n_rows,)
        Their numbers in the user's table.
    held_out : array of bool, (n_rows,)
        The validation rows.
    row : int
        The number of the chosen row in the user's table.
    words : callable
        From outputs (n_out,) to the prediction in words.
    epoch, step : int
        The moment: so many steps after the end of an epoch.
    history : History
        Of the training so far.
    path : callable
        From a number of points to at most so many moments of the training, in order, as pairs (epoch, theta).
    model : GlassClassifier, GlassRegressor or None
        The model of this moment; None for a network without a table.
    table : Table or None
        The columns that the model uses, of the same rows as X.
    target : array (n_rows,) or None
        The target in the user's classes or units.
    is_training : bool
        Whether training goes on meanwhile, so that a view had better be quick.
    """

    network: Network
    cost: Cost
    names: ByLayer[tuple[str, ...]]
    task: str
    X: Array
    Y: Array
    rows: Array
    held_out: Array
    row: int
    words: Callable[[Array], tuple[str, ...]]
    epoch: int
    step: int
    history: History
    path: Callable[[int], tuple[tuple[int, Array], ...]]
    model: Any = None
    table: Table | None = None
    target: Array | None = None
    is_training: bool = False
