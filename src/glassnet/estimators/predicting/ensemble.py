"""Mean and standard deviation over the networks of an ensemble."""

from collections.abc import Sequence

import numpy as np

from glassnet.typing import Array


def mean_of(outputs: Sequence[Array]) -> Array:
    """Return the mean of the members' outputs, summed in their order, so that it is bit-identical in any batch.

    >>> mean_of([np.asarray([[1.0]]), np.asarray([[2.0]])]).tolist()
    [[1.5]]
    """
    total = outputs[0]
    for A in outputs[1:]:
        total = total + A
    return total if len(outputs) == 1 else total / len(outputs)


def standard_deviation(predictions: Sequence[Array]) -> Array:
    """Return the standard deviation of predictions over the members, with divisor n - 1.

    >>> standard_deviation([np.asarray([1.0, 2.0]), np.asarray([3.0, 2.0])]).round(6).tolist()
    [1.414214, 0.0]
    """
    return np.std(np.stack(predictions), axis=0, ddof=1)
