"""What predictions of quantities miss."""

from dataclasses import dataclass

import numpy as np

from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Residuals:
    """Truth minus prediction, in the user's units.

    Attributes
    ----------
    name : str
        Of the target.
    truth, predicted : arrays of shape (n_rows,)
    """

    name: str
    truth: Array
    predicted: Array

    @property
    def values(self) -> Array:
        """Truth minus prediction: positive where too little was predicted."""
        return self.truth - self.predicted

    @property
    def mean(self) -> float:
        """0 where the predictions are right on average."""
        return float(np.mean(self.values))

    @property
    def rmse(self) -> float:
        """Root of the mean square."""
        return float(np.sqrt(np.mean(self.values**2)))
