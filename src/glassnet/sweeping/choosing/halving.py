"""Successive halving: candidates that fall behind stop early, the others go on with the same bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from glassnet.errors import ParameterError
from glassnet.sweeping.choosing.proposing import optuna, without_its_warnings

FACTOR = 3  # candidates that are dropped at each rung, to one that goes on
SHARES = (1 / 27, 1 / 9, 1 / 3, 1.0)
"""The rungs: the share of a candidate's epochs after which it is compared with the others."""

EARLIEST = 4  # epochs after which a candidate may be dropped at the first rung: fewer say too little


@dataclass(frozen=True)
class Standing:
    """A candidate of the current batch at a rung.

    Attributes
    ----------
    number : int
        Of the candidate.
    score : float
        At this rung; smaller is better.
    """

    number: int
    score: float


def check_pruner(pruner: Any) -> None:
    """Raise if it is neither "halving", "none" nor a pruner of optuna."""
    if pruner in ("halving", "none"):
        return
    if not isinstance(pruner, optuna().pruners.BasePruner):
        raise ParameterError(f"pruner={pruner!r} is not 'halving', 'none', or a pruner of optuna.")


def shares_of(pruner: Any) -> tuple[float, ...]:
    """Return the rungs.

    >>> shares_of("none")
    (1.0,)
    """
    return (1.0,) if pruner == "none" else SHARES


def epoch_of(share: float, n_epochs: int) -> int:
    """Return the epoch of a rung.

    >>> [epoch_of(share, 100) for share in SHARES], epoch_of(SHARES[0], 5)
    ([4, 12, 34, 100], 1)
    """
    return ceil(share * n_epochs - 1e-9)


def counts(share: float, n_epochs: int) -> bool:
    """Return whether a candidate of so many epochs is compared at a rung.

    >>> counts(SHARES[0], 100), counts(SHARES[0], 50), counts(SHARES[1], 50)
    (True, False, True)
    """
    return share > SHARES[0] or epoch_of(share, n_epochs) >= EARLIEST


def survivors(standings: Sequence[Standing], earlier: Sequence[float]) -> set[int]:
    """Return the numbers of the candidates that go on: those among the best third of all that came to this rung.

    Parameters
    ----------
    standings : sequence of Standing
        The candidates of the batch.
    earlier : sequence of float
        The scores at this rung of the candidates of earlier batches.

    Examples
    --------
    >>> batch = [Standing(k, score) for k, score in enumerate([0.5, 0.1, 0.4, 0.3, 0.2, 0.6])]
    >>> sorted(survivors(batch, [])), sorted(survivors(batch, [0.35, 0.45, 0.7])), survivors(batch, [0.01] * 9)
    ([1, 4], [1, 3, 4], {1})
    """
    if not standings:
        return set()
    everyone = sorted([*earlier, *(each.score for each in standings)])
    threshold = everyone[max(1, len(everyone) // FACTOR) - 1]
    best = min(standings, key=lambda each: each.score)
    return {best.number} | {each.number for each in standings if each.score <= threshold}


def kept_by(
    pruner: Any,
    earlier: Sequence[Any],
    running: Sequence[tuple[Any, Mapping[int, float]]],
    distributions: Mapping[str, Any],
    direction: str,
) -> set[int]:
    """Return the numbers of the candidates that a pruner of optuna lets go on.

    All candidates of the batch have reported their scores when the first is judged.

    Parameters
    ----------
    pruner : optuna.pruners.BasePruner
    earlier : sequence of optuna.trial.FrozenTrial
        The candidates of earlier batches.
    running : sequence of (FrozenTrial, mapping)
        The candidates of the batch, and the scores that they have reported.
    distributions : mapping
    direction : {"minimize", "maximize"}
    """
    library = optuna()
    reports = [
        library.trial.create_trial(
            state=library.trial.TrialState.RUNNING,
            params=trial.params,
            distributions=dict(distributions),
            intermediate_values=dict(scores),
        )
        for trial, scores in running
    ]
    with without_its_warnings():
        study = library.create_study(direction=direction)
        study.add_trials([*earlier, *reports])
        judged = study.get_trials(deepcopy=False)[len(earlier) :]
        return {
            trial.number for (trial, _), report in zip(running, judged, strict=True) if not pruner.prune(study, report)
        }


def scores_at(rung: int, intermediate: Sequence[Mapping[int, float]], sign: float) -> list[float]:
    """Return the scores of earlier candidates at a rung, the smaller the better.

    >>> scores_at(1, [{0: 0.5, 1: 0.4}, {0: 0.6}], -1.0)
    [-0.4]
    """
    return [sign * values[rung] for values in intermediate if rung in values]
