"""A cost model of one step of synchronous data-parallel training, fitted by least squares.

A step is what every host computes on its rows, then one all-reduce of the gradient; input is read meanwhile. Each part
is a sum of terms that the implementation suggests, times coefficients that are at least zero:

- computing: 1, rows times parameters, parameters;
- the all-reduce, in which every host first sends each other one its piece to be summed, all at once, and then the sums
  travel in a ring: processor time for 1, bytes and messages in a row; the link's delay, once for the exchange, once for
  each of the hosts - 1 messages of the ring, and further times if a piece is longer than what TCP sends before the
  first reply; and 2 (hosts - 1) / hosts of the bytes through every host's cable. No all-reduce moves fewer bytes
  (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

from benchmarks.scaling.switch import Link

BYTES = 4  # of a number in float32
FIRST_WINDOW = 14_600  # bytes that TCP sends before the first reply: ten segments (RFC 6928)
NETWORKS = {"small": (50, 64, 64, 10), "medium": (784, 256, 10), "large": (1024, 1024, 512, 10)}


def n_params(sizes: Sequence[int]) -> int:
    """Return the number of weights and biases of a network.

    >>> n_params((784, 256, 10))
    203530
    """
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))


class Step(NamedTuple):
    """One step of a run on some hosts.

    Attributes
    ----------
    n_hosts, n_rows, n_params : int
        Hosts, rows of each host, parameters of the network.
    link : Link
    sharing : float
        Number of hosts that share one processor; 1 for real hosts.
    """

    n_hosts: int
    n_rows: int
    n_params: int
    link: Link
    sharing: float = 1.0


def sharing(n_hosts: int, n_cores: int) -> float:
    """Return how many processes share one core when each host is a process.

    >>> [sharing(n_hosts, 2) for n_hosts in (1, 2, 4)]
    [1.0, 1.0, 2.0]
    """
    return max(1.0, n_hosts / n_cores)


def computing_terms(step: Step) -> list[float]:
    """Return the terms of what a host computes in a step."""
    return [step.sharing, step.sharing * step.n_rows * step.n_params, step.sharing * step.n_params]


def allreduce_terms(step: Step, *, tree: bool = False) -> list[float]:
    """Return the terms of an all-reduce; on one host there is none.

    With `tree`, the sums travel by recursive doubling: as many bytes, but only log2(hosts) messages in a row (Thakur,
    Rabenseifner and Gropp, "Optimization of Collective Communication Operations in MPICH", 2005).
    """
    n_bytes, others = BYTES * step.n_params, step.n_hosts - 1
    if not others:
        return [0.0] * 7
    in_a_row = log2(step.n_hosts) if tree else others
    through = 2 * others / step.n_hosts * n_bytes
    return [
        step.sharing,
        step.sharing * n_bytes,
        step.sharing * in_a_row,
        step.link.delay,
        step.link.delay * in_a_row,
        step.link.delay * (n_bytes / step.n_hosts > FIRST_WINDOW),
        through / step.link.rate if step.link.rate else 0.0,
    ]


@dataclass(frozen=True)
class CostModel:
    """Seconds of the parts of a step.

    Attributes
    ----------
    computing, summing : tuple of float
        Coefficients of the terms.
    reading : float
        Seconds to read one number of the input.
    """

    computing: tuple[float, ...]
    summing: tuple[float, ...]
    reading: float = 0.0

    def compute(self, step: Step) -> float:
        """Return the seconds that each host computes."""
        return float(np.dot(self.computing, computing_terms(step)))

    def allreduce(self, step: Step, *, tree: bool = False) -> float:
        """Return the seconds of the all-reduce."""
        return float(np.dot(self.summing, allreduce_terms(step, tree=tree)))

    def seconds(self, step: Step, *, n_columns: int = 0, tree: bool = False) -> float:
        """Return the seconds of a step; rows of `n_columns` numbers are read while the step before is taken."""
        reading = step.sharing * self.reading * step.n_rows * n_columns
        return max(reading, self.compute(step) + self.allreduce(step, tree=tree))

    def efficiency(self, step: Step, *, n_columns: int = 0, tree: bool = False) -> float:
        """Return the rows per second of a host, as a share of what it would train alone."""
        alone = self.seconds(step._replace(n_hosts=1, sharing=1.0), n_columns=n_columns)
        return alone / self.seconds(step, n_columns=n_columns, tree=tree)


def fitted(terms: Sequence[Sequence[float]], seconds: Sequence[float]) -> tuple[float, ...]:
    """Return coefficients of at least zero by least squares of the relative errors.

    Absolute errors would leave the short ones to chance: the longest measurement takes a thousand times the shortest.

    >>> fitted([[1, 1], [1, 2], [1, 4]], [3.0, 5.0, 9.0])
    (1.0, 2.0)
    """
    measured = np.asarray(seconds, dtype=np.float64)
    matrix = np.asarray(terms, dtype=np.float64) / measured[:, None]
    scale = np.abs(matrix).max(axis=0)
    scale[scale == 0.0] = 1.0  # columns of very different size would be told apart by rounding
    coefficients, _ = nnls(matrix / scale, np.ones(len(measured)))
    return tuple(float(each) for each in coefficients / scale)


def relative_errors(predicted: Sequence[float], measured: Sequence[float]) -> np.ndarray:
    """Return how far predictions are off, as shares of the measurements.

    >>> relative_errors([11.0, 8.0], [10.0, 10.0]).round(3).tolist()
    [0.1, 0.2]
    """
    return np.abs(np.asarray(predicted) / np.asarray(measured) - 1.0)
