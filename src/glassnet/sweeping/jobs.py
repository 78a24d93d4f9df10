"""The work of a sweep in pieces: one candidate on one part of the rows, from one rung to the next.

A job says everything, and its result holds everything that the next rung needs, so that any worker can go on with it:
a thread, another process, another machine. The numbers are the same everywhere.
"""

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from glassnet.errors import ParameterError
from glassnet.estimators.judging.candidate_fit import CandidateFit
from glassnet.estimators.judging.candidates import CandidateRows
from glassnet.sweeping.choosing.halving import epoch_of

_MOST_KEPT = 2  # tables in a worker process


@dataclass(frozen=True, eq=False)
class Job:
    """Train one candidate on one part up to a rung.

    Attributes
    ----------
    number : int
        Of the candidate.
    parameters : mapping
        Of the estimator.
    part : int
        The rows to train and to score on.
    seed : int
    share : float
        Of its epochs: where the rung is.
    at : RunState, CandidateFit or None
        Where the training of the last rung ended.
    seconds : float
        That it took until there.
    """

    number: int
    parameters: Mapping[str, Any]
    part: int
    seed: int
    share: float
    at: Any = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a job.

    Attributes
    ----------
    scores : dict of str to float
    n_epochs, of_epochs : int
        Number of epochs so far, and of all unless it stops before.
    seconds : float
        Of training and scoring so far.
    at : RunState, CandidateFit or None
        Where the next rung goes on; None if the training has stopped.
    error : str
        Why the candidate cannot be trained, or that it diverged.
    """

    number: int
    part: int
    scores: dict[str, float]
    n_epochs: int = 0
    of_epochs: int = 0
    seconds: float = 0.0
    at: Any = None
    error: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the training has stopped."""
        return self.at is None


def do(rows: CandidateRows, job: Job) -> Done:
    """Do a job in this process; its result refers to the training itself."""
    started = perf_counter()
    try:
        fit = job.at if isinstance(job.at, CandidateFit) else None
        fit = fit or rows.begun(job.parameters, job.part, seed=job.seed, at=job.at)
    except ParameterError as error:
        return Done(job.number, job.part, {}, error=str(error))
    fit.advanced(epoch_of(job.share, fit.of_epochs))
    return Done(
        job.number,
        job.part,
        fit.scores(),
        fit.n_epochs,
        fit.of_epochs,
        job.seconds + perf_counter() - started,
        at=None if fit.finished else fit,
        error="the training diverged" if fit.diverged else "",
    )


@dataclass(frozen=True)
class Shipped:
    """The rows as bytes, for workers in other processes, which unpack them once."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, rows: CandidateRows) -> "Shipped":
        """Pack rows with everything encoded so far."""
        content = pickle.dumps(rows, protocol=pickle.HIGHEST_PROTOCOL)
        return cls(content, hashlib.blake2b(content, digest_size=16).hexdigest())


_unpacked: dict[str, CandidateRows] = {}


def do_elsewhere(shipped: Shipped, jobs: Sequence[Job]) -> list[Done]:
    """Do some jobs in a worker; their results can be pickled."""
    rows = _unpacked.get(shipped.digest)
    if rows is None:
        while len(_unpacked) >= _MOST_KEPT:
            del _unpacked[next(iter(_unpacked))]
        rows = _unpacked[shipped.digest] = pickle.loads(shipped.content)
    done = [do(rows, job) for job in jobs]
    return [replace(each, at=each.at.training.run.state) if each.at is not None else each for each in done]
