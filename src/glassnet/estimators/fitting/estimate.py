"""`Estimate`: the cost of a fit, measured before it starts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from glassnet.core.catalog.solvers import resolve_solver
from glassnet.estimators.fitting.run_settings import n_rounds, n_trainings_in_turn
from glassnet.estimators.words import TRAINING
from glassnet.settings.records import Recipe
from glassnet.training.timing import seconds_per_epoch
from glassnet.training.train import RunArguments
from glassnet.wording import counted

SHORT = 0.1  # seconds; shorter times are not shown exactly


@dataclass(frozen=True)
class Estimate:
    """The estimated cost of a fit on this machine.

    Attributes
    ----------
    seconds : float
        Training time, without compilation (once per installation) and without reading the table.
    n_parameters : int
        Total of all networks.
    n_steps : int
        Number of updates of each network.
    n_epochs : int
        Number of passes over the training rows.
    n_rows : int
        Number of training rows, without the validation rows.
    batch_size : int or None
        Number of rows per step; None if each step uses all rows.
    hidden : tuple of int
        Sizes of the hidden layers.
    n_networks : int
    is_most : bool
        Whether `seconds` is an upper bound, because training may stop early.
    time_limit : float or None
        Seconds after which training stops in any case.

    Examples
    --------
    >>> print(Estimate(12.4, 40_000, 11_280, 40, 9000, 32, (128, 128, 128), 1, False, None))
    about 12 s: 3 x 128 units, 40 epochs of 9,000 rows in minibatches of 32
    >>> print(Estimate(300.0, 700, 50, 50, 400, None, (64, 8), 4, True, 60.0))
    60 s, the time limit, instead of up to 5 min: 4 networks of 64 + 8 units, 50 epochs of 400 rows, all at each step
    """

    seconds: float
    n_parameters: int
    n_steps: int
    n_epochs: int
    n_rows: int
    batch_size: int | None
    hidden: tuple[int, ...]
    n_networks: int
    is_most: bool
    time_limit: float | None

    @property
    def text(self) -> str:
        """The estimate as a sentence."""
        many = "" if self.n_networks == 1 else f"{self.n_networks} networks of "
        epochs = counted(self.n_epochs, "epoch")
        steps = ", all at each step" if self.batch_size is None else f" in minibatches of {self.batch_size:,}"
        return f"{self._time()}: {many}{_units(self.hidden)}, {epochs} of {counted(self.n_rows, 'row')}{steps}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Estimate: {self.text}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, with its sentence."""
        return {**asdict(self), "hidden": list(self.hidden), "text": self.text}

    def _time(self) -> str:
        if self.seconds < SHORT:
            return f"less than {SHORT:g} s"
        words = f"{'up to' if self.is_most else 'about'} {in_words(self.seconds)}"
        if self.time_limit is None or self.seconds <= self.time_limit:
            return words
        return f"{in_words(self.time_limit)}, the time limit, instead of {words}"


def in_words(seconds: float) -> str:
    """Return a time with the precision of an estimate.

    >>> [in_words(seconds) for seconds in (0.34, 12.4, 119, 300, 5400, 10_000)]
    ['0.3 s', '12 s', '119 s', '5 min', '90 min', '2.8 h']
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _units(hidden: Sequence[int]) -> str:
    if not hidden:
        return "no hidden layer"
    if len(hidden) > 1 and len(set(hidden)) == 1:
        return f"{len(hidden)} x {hidden[0]:,} units"
    return f"{' + '.join(f'{size:,}' for size in hidden)} units"


@TRAINING.rewriting()
def estimate_of(recipe: Recipe, runs: Sequence[RunArguments]) -> Estimate:
    """Return the estimate for the runs of a fit, by timing some steps of the first; the others are alike."""
    first = runs[0] if len(runs) == 1 else runs[0].with_settings(n_jobs=1)  # several networks train on one core each
    network, n_rows, settings = first.network, first.X.shape[0], first.settings
    n_epochs, batch_size = settings.epochs, settings.batch_size
    at_a_time = -(-len(runs) // n_rounds(recipe))
    return Estimate(
        seconds=seconds_per_epoch(first, at_a_time=at_a_time) * n_epochs * n_trainings_in_turn(recipe),
        n_parameters=network.theta.size * len(runs),
        n_steps=n_epochs * (1 if batch_size is None else -(-n_rows // batch_size)),
        n_epochs=n_epochs,
        n_rows=n_rows,
        batch_size=None if batch_size is None else min(batch_size, n_rows),
        hidden=tuple(network.sizes[1:-1]),
        n_networks=len(runs),
        is_most=settings.patience is not None
        or recipe.refit
        or resolve_solver(settings.solver).builtin_name == "lbfgs",
        time_limit=recipe.time_limit,
    )
