"""The records of a summary, without text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.data.columns.column_exclusion import LeftOut
from glassnet.estimators.summarizing.choices import Choice


@dataclass(frozen=True)
class InputColumn:
    """An input column of a model.

    Attributes
    ----------
    name, kind : str
        The kind is "numeric", "boolean", "categorical" or "datetime".
    missing : float
        Share of rows without a value.
    inputs : tuple of str
        Names of its inputs to the network.
    encoding : str
        Description of the encoding.
    """

    name: str
    kind: str
    missing: float
    inputs: tuple[str, ...]
    encoding: str


@dataclass(frozen=True)
class SummaryRecord:
    """The summary of a fitted model.

    Attributes
    ----------
    estimator, preset, task : str
    target : str
        Name of the target, if known.
    classes : tuple
        Classes of a classifier, as text.
    n_rows : int or None
        Number of rows from which the columns were inferred; None for a sparse matrix.
    sizes, activations : tuple
        Layers of one network, the inputs first.
    n_parameters, n_networks : int
        Number of parameters of all networks together, and number of networks.
    front : str
        Input scaling and numeric embedding before the first layer; empty if none.
    solver : str
    n_epochs, best_epoch : int
        Trained epochs, and the epoch that was kept. For an ensemble these, costs and scores are of the first network.
    seconds : float
        Total training time.
    stop_reason : str
    cost, validation_cost : float or None
        Costs at the epoch that was kept.
    scores : dict of str to float
        Scores on the rows held out; empty if there were none.
    scored_on : str
        Description of these rows.
    choices : tuple of Choice
        Values of "auto" with reasons, and values set by the user.
    columns : tuple of InputColumn
    left_out : tuple of LeftOut
        Excluded columns with reasons.
    notes : tuple of str
    """

    estimator: str
    preset: str
    task: str
    target: str
    classes: tuple[str, ...]
    n_rows: int | None
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    n_parameters: int
    n_networks: int
    front: str
    solver: str
    n_epochs: int
    best_epoch: int
    seconds: float
    stop_reason: str
    cost: float | None
    validation_cost: float | None
    scores: Mapping[str, float]
    scored_on: str
    choices: tuple[Choice, ...]
    columns: tuple[InputColumn, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def auto(self) -> dict[str, Any]:
        """The value of each parameter left at "auto"."""
        return {choice.parameter: choice.value for choice in self.choices if choice.is_auto}
