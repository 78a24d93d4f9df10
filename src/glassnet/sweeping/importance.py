"""How much each choice has changed the score."""

from collections.abc import Sequence

from glassnet.sweeping.choosing.proposing import distributions_of, optuna, without_its_warnings
from glassnet.sweeping.space import Space
from glassnet.sweeping.trial import Trial

FEWEST = 4  # trials; fewer say nothing
SEED = 0  # of the forest


def importances(trials: Sequence[Trial], space: Space, *, larger_is_better: bool) -> dict[str, float]:
    """Return the importance of each choice as a share of 1, the largest first; empty if the trials say nothing."""
    library = optuna()
    known = distributions_of(space)
    alike = [trial for trial in trials if trial.choices.keys() == known.keys()]
    if len(alike) < FEWEST or len({trial.score for trial in alike}) == 1:
        return {}
    with without_its_warnings():
        study = library.create_study(direction="maximize" if larger_is_better else "minimize")
        study.add_trials(
            [
                library.trial.create_trial(value=trial.score, params=trial.choices, distributions=known)
                for trial in sorted(alike, key=lambda trial: trial.number)
            ]
        )
        evaluator = library.importance.FanovaImportanceEvaluator(seed=SEED)
        found = library.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(value) for name, value in found.items()}
