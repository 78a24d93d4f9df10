"""What to try next: candidates from optuna's samplers, as a pure function of what was found before.

Each batch is asked of a new sampler, seeded with the seed of the sweep and the number of the batch, and shown the
finished candidates of the batches before. So a sweep that was killed goes on with the same candidates.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs
from glassnet.sweeping.space import Choices, Space

SAMPLERS = ("tpe", "random")
N_STARTUP = 20  # random candidates before the sampler models what was found


def optuna() -> Any:
    """Import optuna, and return it with its own messages off."""
    try:
        import optuna
    except ImportError:
        raise MissingExtraError(needs("a sweep", "optuna", "sweep")) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@contextmanager
def without_its_warnings() -> Iterator[None]:
    """Silence optuna's warnings about its own experimental parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_sampler(sampler: Any) -> None:
    """Raise if it is no name of a sampler and cannot be called with a seed."""
    if sampler not in SAMPLERS if isinstance(sampler, str) else not callable(sampler):
        raise ParameterError(
            f"sampler={sampler!r} is not one of {', '.join(map(repr, SAMPLERS))}, nor a function of a seed that "
            f"returns a sampler of optuna."
        )


def distributions_of(space: Space) -> dict[str, Any]:
    """Return the space as optuna's distributions."""
    kinds = optuna().distributions
    found: dict[str, Any] = {}
    for name, entry in space.entries.items():
        if isinstance(entry, Choices):
            found[name] = kinds.CategoricalDistribution(entry.labels)
        elif entry.is_whole:
            found[name] = kinds.IntDistribution(int(entry.low), int(entry.high), log=entry.log, step=entry.step or 1)
        else:
            found[name] = kinds.FloatDistribution(entry.low, entry.high, log=entry.log, step=entry.step)
    return found


def proposals(
    finished: Sequence[Any],
    distributions: Mapping[str, Any],
    n: int,
    *,
    direction: str,
    sampler: str | Callable[[int], Any],
    seed: int,
    batch: int,
) -> list[dict[str, Any]]:
    """Return what `n` candidates choose.

    Parameters
    ----------
    finished : sequence of optuna.trial.FrozenTrial
        In the order of their numbers.
    distributions : mapping
    n : int
    direction : {"minimize", "maximize"}
    sampler : {"tpe", "random"} or callable
        A function of a seed makes a sampler of optuna.
    seed, batch : int
    """
    library = optuna()
    drawn = int(np.random.SeedSequence([seed, batch]).generate_state(1)[0])
    with without_its_warnings():
        if sampler == "tpe":
            made = library.samplers.TPESampler(seed=drawn, n_startup_trials=N_STARTUP)
        else:
            made = library.samplers.RandomSampler(seed=drawn) if sampler == "random" else sampler(drawn)  # type: ignore[operator]
        study = library.create_study(direction=direction, sampler=made)
        study.add_trials(finished)
        return [dict(study.ask(fixed_distributions=dict(distributions)).params) for _ in range(n)]
