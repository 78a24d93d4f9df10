"""`Built`: a network before its first step, and everything that is needed to show it."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.table import Table
from glassnet.estimators.fit_in_parts import FitInParts
from glassnet.explanation.subject.prediction import Prediction
from glassnet.studio.messages import Setup
from glassnet.studio.recording.sources import Row
from glassnet.studio.session.courses.course import Course, Moment
from glassnet.training.train import Training
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Built:
    """A network before its first step, and everything that is needed to show it.

    Attributes
    ----------
    setup : Setup or None
    training : Training
    names : ByLayer of tuples of str
    task : str
    numbers : array of int, (n_rows,)
        The numbers of the rows in the user's table.
    held_out : array of bool, (n_rows,)
    encoded : callable
        Returns X and Y of all rows, in float64.
    row : callable
        From the number of a row in the user's table to the row.
    inputs_with : callable
        From the number of a row and other values by column to the inputs (1, n_inputs).
    prediction : callable
        From outputs (n_out,) to the prediction.
    seconds : callable
        Predicts the seconds of the whole training; None if that is unknown.
    fit : FitInParts or None
        Of a table.
    model : GlassClassifier, GlassRegressor or None
        A model that was opened.
    table, target
        As in `glassnet.studio.subject.Subject`.
    """

    setup: Setup | None
    training: Training
    names: ByLayer[tuple[str, ...]]
    task: str
    numbers: Array
    held_out: Array
    encoded: Callable[[], tuple[Array, Array]]
    row: Callable[[int], Row]
    inputs_with: Callable[[int, Mapping[str, Any]], Array]
    prediction: Callable[[Array], Prediction]
    seconds: Callable[[], float | None]
    fit: FitInParts | None = None
    model: Any = None
    table: Table | None = None
    target: Array | None = None

    @property
    def network(self) -> Network:
        """The network before its first step."""
        return self.training.plan.problem.network

    @property
    def cost(self) -> Cost:
        """The cost of the training."""
        return self.training.plan.problem.cost

    def model_at(self, course: Course, moment: Moment) -> Any:
        """Return the fitted model of a moment of a course; None for a network without a table."""
        if self.fit is not None:
            fit = replace(self.fit, training=course.training)
            kept = fit.training.result().network.theta
            is_kept = np.array_equal(kept, moment.network.theta)
            return fit.fitted(at=None if is_kept else (moment.network, moment.epoch))
        if self.model is None or np.array_equal(self.network.theta, moment.network.theta):
            return self.model
        model = copy(self.model)
        model.members_ = (replace(model.members_[0], network=moment.network, state=None, trained=None),)
        return model
