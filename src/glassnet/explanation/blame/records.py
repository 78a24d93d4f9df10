"""The records of blame: by neuron, column, class and row."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NeuronBlame:
    """The blame of one neuron, as a mean over rows.

    Attributes
    ----------
    layer, name : int, str
    activity : float
        Mean absolute activation.
    error_signal : float
        Mean absolute delta.
    blame : float
        Mean over rows of the summed absolute gradients of its outgoing weights; for an output, its error signal.
    share : float
        Share of its layer's blame.
    """

    layer: int
    name: str
    activity: float
    error_signal: float
    blame: float
    share: float


@dataclass(frozen=True)
class ColumnBlame:
    """The blame of one column of the table, summed over its inputs.

    Attributes
    ----------
    column : str
    inputs : int
        Number of inputs that encode it.
    pull : float
        Mean absolute derivative of the cost by its inputs: the effect of a small change of them on the cost.
    blame : float
        As for a neuron: the absolute gradients of the weights from its inputs.
    share : float
    """

    column: str
    inputs: int
    pull: float
    blame: float
    share: float


@dataclass(frozen=True)
class ClassBlame:
    """The error of the rows of one class.

    Attributes
    ----------
    label : object
    rows, wrong : int
        Number of rows, and of misclassified rows.
    cost : float
        Mean over its rows.
    share : float
        Share of the total cost.
    taken_for : object
        The most frequent wrong prediction for its rows; None if none is wrong.
    """

    label: Any
    rows: int
    wrong: int
    cost: float
    share: float
    taken_for: Any


@dataclass(frozen=True)
class RowBlame:
    """The disagreement between one row and the networks.

    Attributes
    ----------
    row : int
        From 0, in the order of the data.
    target, predicted : object
        Target in the data, and prediction of the networks.
    probability : float or None
        Predicted probability of the target's class; None for quantities.
    blame : float
        The row's cost.
    is_suspect : bool
        Whether the target is probably a mistake: another class reaches its mean probability over its own rows
        (confident learning, Northcutt et al. 2021); for quantities, a robust z-score beyond 3.5.
    """

    row: int
    target: Any
    predicted: Any
    probability: float | None
    blame: float
    is_suspect: bool


@dataclass(frozen=True)
class BlameRecord:
    """The attribution of the error over a data set.

    Attributes
    ----------
    cost : float
        Mean over the rows.
    cost_name : str
    n_rows : int
    neurons : tuple of NeuronBlame
        Hidden layers and outputs, from the outputs back, the most blamed of each layer first.
    columns : tuple of ColumnBlame
        Most blamed first.
    classes : tuple of ClassBlame
        For a classifier, highest cost first; else empty.
    rows : tuple of RowBlame
        Most blamed first.
    is_out_of_fold : bool
        Whether the rows are judged by networks that were not trained on them.
    """

    cost: float
    cost_name: str
    n_rows: int
    neurons: tuple[NeuronBlame, ...]
    columns: tuple[ColumnBlame, ...]
    classes: tuple[ClassBlame, ...]
    rows: tuple[RowBlame, ...]
    is_out_of_fold: bool

    @property
    def suspects(self) -> tuple[RowBlame, ...]:
        """The rows whose target is probably a mistake, most blamed first."""
        return tuple(row for row in self.rows if row.is_suspect)
