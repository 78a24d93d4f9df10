"""What a summary holds; it prints nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.data.columns.column_exclusion import LeftOut
from glassnet.estimators.fitting.choices import Choice


@dataclass(frozen=True)
class InputColumn:
    """A column that the model learns from.

    Attributes
    ----------
    name, kind : str
        The kind is "numeric", "boolean", "categorical" or "datetime".
    missing : float
        Share of rows without a value.
    inputs : tuple of str
        What it becomes.
    encoding : str
        How, in words.
    """

    name: str
    kind: str
    missing: float
    inputs: tuple[str, ...]
    encoding: str


@dataclass(frozen=True)
class SummaryRecord:
    """What a fitted model is.

    Attributes
    ----------
    estimator, preset, task : str
    target : str
        What is predicted, by name where it is known.
    classes : tuple
        Of a classifier, as text.
    n_rows : int or None
        Rows that the columns were read from; None for a sparse matrix.
    sizes, activations : tuple
        Of one network, the inputs first.
    n_parameters, n_networks : int
        Parameters of all networks together.
    front : str
        What stands before the first layer; empty if nothing.
    solver : str
    n_epochs, best_epoch : int
        Of an ensemble's first network, as are costs and scores: epochs trained, and the one that was kept.
    seconds : float
        Of all trainings, one after the other.
    stop_reason : str
    cost, validation_cost : float or None
        At the epoch that was kept.
    scores : dict of str to float
        On rows that were held out; empty where there were none.
    scored_on : str
        Which rows these are.
    choices : tuple of Choice
        What "auto" came to and why, and what was set.
    columns : tuple of InputColumn
    left_out : tuple of LeftOut
        Columns that are not used, each with its reason.
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
        """What each "auto" came to."""
        return {choice.parameter: choice.value for choice in self.choices if choice.is_auto}
