"""The residuals of a regression."""

from dataclasses import dataclass

import numpy as np

from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Residuals:
    """Truth minus prediction, in the user's units.

    Attributes
    ----------
    name : str
        Name of the target.
    truth, predicted : arrays of shape (n_rows,)
    """

    name: str
    truth: Array
    predicted: Array

    @property
    def values(self) -> Array:
        """Truth minus prediction: positive where the prediction is too low."""
        return self.truth - self.predicted

    @property
    def mean(self) -> float:
        """Mean residual; 0 for unbiased predictions."""
        return float(np.mean(self.values))

    @property
    def rmse(self) -> float:
        """Root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.values**2)))
