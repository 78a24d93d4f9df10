"""`Search`: proposes candidates, trains them from rung to rung, and writes down what came of each."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from glassnet.estimators.judging.candidates import CandidateRows
from glassnet.sweeping.choosing.halving import Standing, counts, kept_by, scores_at, shares_of, survivors
from glassnet.sweeping.choosing.proposing import distributions_of, proposals
from glassnet.sweeping.crew import Crew
from glassnet.sweeping.jobs import Done, Job
from glassnet.sweeping.space import Space
from glassnet.sweeping.study_file import StudyFile
from glassnet.wording import counted

PARAMETERS = "parameters"
"""The user attribute of a trial with the estimator's parameters."""


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Attributes
    ----------
    n_finished, n_trials : int
        Number of candidates that have ended, and of all.
    n_under_way : int
        Number of trainings of the current batch that have come to their current rung.
    best : float or None
        The best score so far.
    """

    n_finished: int
    n_trials: int
    n_under_way: int
    best: float | None


@dataclass(eq=False)
class Candidate:
    """One candidate of the current batch.

    Attributes
    ----------
    trial : optuna.trial.FrozenTrial
    parameters : mapping
        Of the estimator.
    scores : dict of int to float
        At each rung at which it is compared.
    last : list of Done
        What came of its last jobs, one for each part of the rows.
    """

    trial: Any
    parameters: Mapping[str, Any]
    scores: dict[int, float] = field(default_factory=dict)
    last: list[Done] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.trial.number)

    @property
    def error(self) -> str:
        """Why it cannot be trained."""
        return next((done.error for done in self.last if done.error), "")

    @property
    def has_stopped(self) -> bool:
        """Whether its trainings have stopped by themselves."""
        return bool(self.last) and all(done.is_whole for done in self.last)

    @property
    def is_complete(self) -> bool:
        """Whether it is trained to its end, and has a score."""
        return self.has_stopped and not self.error and bool(self.scores)

    @property
    def means(self) -> dict[str, float]:
        """The mean of each score over the parts; none if a part has none."""
        each = [done.scores for done in self.last]
        names = [name for name in (each[0] if each else ()) if all(name in scores for scores in each)]
        return {name: sum(scores[name] for scores in each) / len(each) for name in names}

    def counts_at(self, share: float) -> bool:
        """Whether it is compared at a rung, after a share of its epochs."""
        return bool(self.last) and counts(share, self.last[0].of_epochs)

    def jobs(self, share: float, n_parts: int, seed: int) -> list[Job]:
        """Return its jobs up to a rung: none on a part where its training has stopped."""
        if not self.last:
            return [Job(self.number, self.parameters, part, seed, share) for part in range(n_parts)]
        return [
            Job(self.number, self.parameters, done.part, seed, share, done.at, done.seconds)
            for done in self.last
            if done.at is not None
        ]

    def arrive(self, rung: int, share: float, done: Sequence[Done], score: str) -> None:
        """Note what came of its jobs up to a rung."""
        parts = {each.part: each for each in self.last} | {each.part: each for each in done}
        self.last = [parts[part] for part in sorted(parts)]
        mean = self.means.get(score)
        if mean is not None and mean == mean and (self.counts_at(share) or self.has_stopped):
            self.scores[rung] = mean

    def about(self) -> dict[str, Any]:
        """Return what the file says about it beside its scores at the rungs."""
        return {
            "scores": self.means,
            "epochs": sum(done.n_epochs for done in self.last) / max(len(self.last), 1),
            "seconds": sum(done.seconds for done in self.last),
            "why": self.error,
        }


class Search:
    """The search of one call of `glassnet.sweep`."""

    def __init__(
        self,
        rows: CandidateRows,
        crew: Crew,
        file: StudyFile,
        space: Space,
        first: Mapping[str, Any],
        score: str,
        direction: str,
        *,
        sampler: Any,
        pruner: Any,
        batch: int,
        seed: int,
        n_trials: int,
        progress: Callable[[SweepProgress], Any] | None,
    ) -> None:
        self._rows, self._crew, self._file, self._space, self._first = rows, crew, file, space, first
        self._score, self._direction, self._sign = score, direction, -1.0 if direction == "maximize" else 1.0
        self._sampler, self._pruner, self._batch, self._seed = sampler, pruner, batch, seed
        self._n_trials, self._progress, self._until = n_trials, progress, float("inf")
        self._distributions, self._shares = distributions_of(space), shares_of(pruner)
        self._trials = file.trials()
        self.n_resumed = len(self.finished)

    @property
    def finished(self) -> list[Any]:
        """The trials that have ended, in the order of their numbers."""
        return [trial for trial in self._trials if trial.state.is_finished()]

    def run(self, until: float | None) -> str:
        """Try candidates up to the wanted number, or until a time, and return the reason to stop."""
        self._until = float("inf") if until is None else until
        n_before, n_left = len(self.finished), 0
        for first in range(0, self._n_trials, self._batch):
            numbers = range(first, min(first + self._batch, self._n_trials))
            if all(number < len(self._trials) and self._trials[number].state.is_finished() for number in numbers):
                continue
            if not self._is_over(()):
                n_left = self._try(numbers)
                if n_left == 0:
                    continue
            left = f"; {counted(n_left, 'unfinished one')} given up" if n_left else ""
            return f"The time was over after {counted(len(self.finished) - n_before, 'more candidate')}{left}."
        return ""

    def _is_late(self) -> bool:
        return perf_counter() >= self._until

    def _has_complete(self, batch: Sequence[Candidate]) -> bool:
        """Whether a candidate is trained to its end, in an earlier batch or in this one."""
        is_known = any(trial.state.name == "COMPLETE" for trial in self._trials)
        return is_known or any(each.is_complete for each in batch)

    def _is_over(self, batch: Sequence[Candidate]) -> bool:
        """Whether the time is over, and a candidate is trained to its end."""
        return self._is_late() and self._has_complete(batch)

    def _try(self, numbers: range) -> int:
        """Train the candidates of a batch, write down what came of them, and return how many are left unfinished."""
        earlier = self._trials[: numbers[0]]
        batch = [Candidate(trial, self._space.parameters(trial.params)) for trial in self._begun(numbers, earlier)]
        left = self._train(batch, earlier)
        for each in batch:
            if each.number not in left and not each.trial.state.is_finished():
                rungs = {} if each.error else each.scores
                self._file.end(each.trial, rungs, each.about(), is_whole=each.is_complete)
        self._trials = self._file.trials()
        return sum(not self._trials[number].state.is_finished() for number in left)

    def _begun(self, numbers: range, earlier: Sequence[Any]) -> list[Any]:
        """Return the trials of a batch; those that are not in the file yet are written there."""
        if numbers[-1] >= len(self._trials):
            proposed = proposals(
                earlier,
                self._distributions,
                self._batch,
                direction=self._direction,
                sampler=self._sampler,
                seed=self._seed,
                batch=numbers[0] // self._batch,
            )
            if numbers[0] == 0 and self._first:
                proposed[0] = dict(self._first)
            for params in proposed[max(0, len(self._trials) - numbers[0]) : len(numbers)]:
                about = {PARAMETERS: json.dumps(self._space.parameters(params))}
                self._file.begin(params, self._distributions, about)
            self._trials = self._file.trials()
        return [self._trials[number] for number in numbers]

    def _train(self, batch: Sequence[Candidate], earlier: Sequence[Any]) -> set[int]:
        """Train a batch from rung to rung; return the numbers of the candidates that the time was too short for.

        Before a candidate is trained to its end, the time only ends those that are not the best one.
        """
        going = list(batch)
        left: set[int] = set()
        for rung, share in enumerate(self._shares):
            jobs = [job for each in going for job in each.jobs(share, self._rows.n_parts, self._seed)]
            ends = self._is_late if self._has_complete(batch) else None
            done = self._crew.do(self._rows, jobs, _Telling(self._tell), ends)
            missed = {job.number for job, found in zip(jobs, done, strict=True) if found is None}
            for each in going:
                if each.number not in missed:
                    each.arrive(
                        rung, share, [d for d in done if d is not None and d.number == each.number], self._score
                    )
            if missed:  # the others cannot be compared with them
                is_last = rung == len(self._shares) - 1
                return left | missed | {each.number for each in going if not each.has_stopped and not is_last}
            if rung == len(self._shares) - 1:
                break
            going = self._survivors(rung, share, going, earlier)
            compared = [each for each in going if rung in each.scores]
            if self._is_late() and compared:
                best = min(compared, key=lambda each: self._sign * each.scores[rung])  # which goes on in any case
                kept = [each for each in going if each.has_stopped or (each is best and not self._is_over(batch))]
                left |= {each.number for each in going if each not in kept}
                going = kept
        return left

    def _survivors(
        self, rung: int, share: float, going: Sequence[Candidate], earlier: Sequence[Any]
    ) -> list[Candidate]:
        """Return the candidates that go on."""
        compared = [each for each in going if rung in each.scores]
        if self._pruner == "halving":
            standings = [Standing(each.number, self._sign * each.scores[rung]) for each in compared]
            kept = survivors(standings, scores_at(rung, [trial.intermediate_values for trial in earlier], self._sign))
        else:
            running = [(each.trial, each.scores) for each in compared]
            kept = kept_by(self._pruner, earlier, running, self._distributions, self._direction)
        # a training that has stopped by itself is complete, and nothing is saved by dropping it
        return [
            each
            for each in going
            if each.number in kept
            or (each.has_stopped and each in compared)
            or not (each.error or each in compared or each.counts_at(share))
        ]

    def _tell(self, n_done: int) -> None:
        if self._progress is not None:
            values = [trial.value for trial in self.finished if trial.state.name == "COMPLETE"]
            best = min(values, key=lambda value: self._sign * value, default=None)
            self._progress(SweepProgress(len(self.finished), self._n_trials, n_done, best))


class _Telling:
    """Counts the jobs that are done."""

    def __init__(self, tell: Callable[[int], Any]) -> None:
        self._tell, self._n = tell, 0

    def __call__(self, done: Done) -> None:
        self._n += 1
        self._tell(self._n)
