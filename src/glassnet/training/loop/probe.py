"""`Probe`: the statistics of a run's layers on a fixed sample of its training rows."""

import numpy as np

from glassnet.engines.base import State
from glassnet.engines.registry import resolve_engine
from glassnet.engines.statistics import Statistics
from glassnet.training.plan import Plan
from glassnet.training.samples import StreamedData
from glassnet.typing import Array

MOST_ROWS, FEWEST_ROWS = 512, 32
MOST_NUMBERS = 1 << 22  # of the inputs of all rows


class Probe:
    """Asks an engine of its own for statistics, so that the engine of the run keeps its arrangements.

    Parameters
    ----------
    plan : Plan
        Of the run.
    engine : str
        Name of the run's engine, of which another one is made.

    Attributes
    ----------
    X : array of shape (n_rows, n_inputs)
        The sampled inputs, at most `MOST_ROWS` rows. Of streamed rows they are the first ones.
    Y : array of shape (n_rows, n_out)
    """

    def __init__(self, plan: Plan, engine: str) -> None:
        problem, data = plan.problem, plan.data
        n_rows = n_rows_of(plan)
        if isinstance(data, StreamedData):
            X, Y, weights = data.first(n_rows, problem.network.theta.dtype)
        else:
            # of a generator of its own: the draws of the run stay as they are
            rows = np.sort(np.random.default_rng(0).choice(data.n_samples, n_rows, replace=False))
            X, Y, weights = data.X[rows], data.Y[rows], None if data.weights is None else data.weights[rows]
        self._engine = resolve_engine(engine, problem, X)(problem, X, Y, weights)
        self.X: Array = np.asarray(X.toarray() if hasattr(X, "toarray") else X, np.float64)
        self.Y: Array = np.asarray(Y, np.float64)

    def statistics(self, state: State, learning_rate: float | None) -> Statistics:
        """Return the statistics at a state of the run, and of its next step."""
        return self._engine.statistics(state, learning_rate)


def n_rows_of(plan: Plan) -> int:
    """Return the number of rows that a probe of the run looks at."""
    fit = max(FEWEST_ROWS, MOST_NUMBERS // plan.problem.network.n_inputs)
    return min(MOST_ROWS, fit, plan.data.n_samples)
