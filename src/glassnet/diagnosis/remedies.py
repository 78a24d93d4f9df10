"""Which remedies there are for the findings of a rule: changes of settings that can be tried.

A sentence of advice says more than these, such as to collect other rows. What is here can be tried by a machine, and
`glassnet.try_fixes` does so: some remedies will not help, and none is recommended unless it did.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.subject import Settings, Subject

Change: TypeAlias = dict[str, Any]
Yields: TypeAlias = Iterator[Change | Remedy]

USUAL_RATES = {"adam": 1e-3, "adamw": 1e-3, "sgd": 0.05}
NEAR = 3.0  # factor between two learning rates that are much the same
LONGER, MUCH_LONGER = 4, 10  # times as many epochs
MOST_EPOCHS = 4000
MORE_PENALTY, LEAST_PENALTY = 30.0, 3.0
OF_THE_USER = (
    "random_state", "keep", "n_networks", "bagged", "verbose", "callback", "class_weight", "loss", "dtype", "engine",
    "n_jobs", "warm_start", "snapshots", "kept_states", "time_limit", "threshold", "refit", "validation_fraction",
)  # fmt: skip
"""Parameters that say what is wanted, not how to train for it."""


def remedies_of(subject: Subject, finding: Finding) -> tuple[Remedy, ...]:
    """Return the remedies of a finding for this model: its own, and those of its rule; none for a bare network.

    Changes that the model has already, or that it has no parameter for, are left out.
    """
    settings = subject.training.settings
    make = REMEDIES.get(finding.rule)
    if settings is None or make is None:
        return ()
    found: dict[str, Remedy] = {}
    for each in (*finding.remedies, *make(subject, finding, settings)):
        remedy = each if isinstance(each, Remedy) else Remedy(each)
        if all(name in settings.given for name in remedy.parameters) and not _is_so(remedy, settings):
            found.setdefault(remedy.key, remedy)
    return tuple(found.values())


def usual_settings(subject: Subject) -> tuple[Remedy, ...]:
    """Return the default settings as a remedy for what no rule has found; none if the model has them."""
    settings = subject.training.settings
    return () if settings is None else tuple(each for each in _usual(settings) if isinstance(each, Remedy))


def _is_so(remedy: Remedy, settings: Settings) -> bool:
    """Return whether the model has these parameters already."""
    return bool(remedy.parameters) and all(
        repr(value) in (repr(settings.given[name]), repr(settings.used[name]))
        for name, value in remedy.parameters.items()
    )


# Changes that several rules share.


def _rate(settings: Settings, factor: float) -> Yields:
    """Yield a learning rate that is so many times as large."""
    if _solver(settings) in USUAL_RATES:
        yield {"learning_rate_init": float(f"{float(settings.used['learning_rate_init']) * factor:.3g}")}


def _usual_rate(settings: Settings) -> Yields:
    """Yield the usual learning rate of the solver, and Adam, unless the rate is about that."""
    usual = USUAL_RATES.get(_solver(settings))
    rate = float(settings.used["learning_rate_init"])
    if usual is None or not rate > 0:
        return
    if max(rate / usual, usual / rate) > NEAR:
        yield {"learning_rate_init": usual}
    if _solver(settings) == "sgd":
        yield {"solver": "adam", "learning_rate_init": USUAL_RATES["adam"]}


def _longer(settings: Settings) -> Yields:
    """Yield more epochs, and many more if held-out rows say when to stop."""
    epochs = int(settings.used["max_iter"])
    yield {"max_iter": min(LONGER * epochs, max(MOST_EPOCHS, epochs))}
    if not settings.used["early_stopping"] and _solver(settings) != "lbfgs":
        yield {"max_iter": min(MUCH_LONGER * epochs, max(MOST_EPOCHS, epochs)), "early_stopping": True}


def _scaled(settings: Settings) -> Yields:
    """Yield the preset that scales inputs and quantities."""
    if settings.used.get("preset") == "plain":
        yield {"preset": "tabular"}


def _usual(settings: Settings) -> Yields:
    """Yield the default settings, if others were chosen."""
    changed = {
        name: default
        for name, default in settings.defaults.items()
        if name not in OF_THE_USER and repr(settings.given.get(name, default)) != repr(default)
    }
    if changed:
        yield Remedy(changed, name="the default settings")


def _smooth(subject: Subject) -> Yields:
    """Yield activations that have a slope everywhere."""
    names = {subject.network.activation[l].name for l in subject.hidden_layers()}
    if not subject.training.settings_are_ours:
        yield {"activation": "tanh" if "relu" in names else "relu"}
        return
    if "relu" in names:
        yield {"activation": "leaky_relu"}
    yield {"activation": "silu"}


def _shallower(settings: Settings) -> Yields:
    """Yield the first two layers alone."""
    sizes = settings.used["hidden_layer_sizes"]
    if isinstance(sizes, tuple | list) and len(sizes) > 2:
        yield {"hidden_layer_sizes": tuple(sizes[:2])}


def _solver(settings: Settings) -> str:
    solver = settings.used["solver"]
    return str(solver[0] if isinstance(solver, tuple) else solver)


# The remedies of each rule.


def _of_numbers(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    history = subject.training.history
    if history is not None and history.divergence is None and history.stopped != "diverged":
        yield Remedy()
    yield from _usual_rate(settings)
    yield from _rate(settings, 0.1)
    yield {"clip": 1.0}
    yield from _scaled(settings)
    yield from _usual(settings)


def _of_error_signal(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    if finding.value < 1:
        yield from _smooth(subject)
        yield from _shallower(settings)
    else:
        yield {"clip": 1.0}
        yield from _rate(settings, 0.1)
    yield from _usual(settings)


def _of_learning(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    if finding.level == "note":
        return
    yield from _usual_rate(settings)
    yield from _longer(settings)
    yield from _rate(settings, 10.0)
    yield from _rate(settings, 0.1)
    yield from _scaled(settings)
    yield from _smooth(subject)
    yield from _shallower(settings)
    if float(settings.used["alpha"]) > LEAST_PENALTY:
        yield {"alpha": 0.0}
    yield from _usual(settings)
    yield Remedy()  # if the weights were damaged


def _of_epochs(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _longer(settings)
    yield from _usual_rate(settings)
    yield from _rate(settings, 10.0)


def _of_steps(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _rate(settings, 1 / 3)
    yield from _rate(settings, 0.1)
    yield from _usual_rate(settings)
    yield from _usual(settings)


def _of_rate(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _usual_rate(settings)
    if finding.value < 1:
        yield from _longer(settings)
    elif subject.training.settings_are_ours:
        yield {"learning_rate": "cosine"}
    yield from _usual(settings)


def _of_a_start(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _scaled(settings)
    yield from _of_steps(subject, finding, settings)


def _of_bends(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _smooth(subject)


def _of_an_end(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield {"early_stopping": True}


def _of_order(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield {"shuffle": True}


def _of_units(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield Remedy()
    yield from _usual_rate(settings)
    yield from _rate(settings, 0.1)
    yield from _smooth(subject)
    yield from _scaled(settings)


def _of_copies(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield Remedy()


def _of_scales(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield from _scaled(settings)
    yield from _usual(settings)


def _of_a_column(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    table = subject.rows.table
    if table is not None and len(table.names) > 1:
        yield from (Remedy(drop=(name,)) for name in table.names if finding.where == f"column {name!r}")


def _of_classes(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield {"class_weight": "balanced"}


def _of_labels(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield {"early_stopping": True}
    yield from _penalty(settings)


def _of_overfitting(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield {"early_stopping": True}
    yield from _penalty(settings)
    yield {"dropout": 0.2}
    sizes = settings.used["hidden_layer_sizes"]
    if isinstance(sizes, tuple | list) and max(sizes, default=0) > 4:
        yield {"hidden_layer_sizes": tuple(max(2, size // 4) for size in sizes)}
    yield from _usual(settings)


def _penalty(settings: Settings) -> Yields:
    yield {"alpha": max(LEAST_PENALTY, MORE_PENALTY * float(settings.used["alpha"]))}


def _of_calibration(subject: Subject, finding: Finding, settings: Settings) -> Yields:
    yield Remedy()
    if subject.training.settings_are_ours:
        yield {"early_stopping": True, "temperature_scaling": True}
    yield from _of_labels(subject, finding, settings)


REMEDIES: Mapping[str, Callable[[Subject, Finding, Settings], Yields]] = {
    "not-finite": _of_numbers,
    "error-signal": _of_error_signal,
    "nothing-learned": _of_learning,
    "worse-than-linear": _of_learning,
    "first-cost": _of_a_start,
    "hardly-moved": _of_learning,
    "cannot-memorize": _of_learning,
    "stopped-early": _of_epochs,
    "past-best": _of_an_end,
    "unsteady": _of_steps,
    "large-steps": _of_steps,
    "rate-against-curvature": _of_rate,
    "ordered-rows": _of_order,
    "dead-units": _of_units,
    "saturated-units": _of_units,
    "copied-units": _of_copies,
    "linear-units": _of_bends,
    "unscaled-inputs": _of_scales,
    "unscaled-target": _of_scales,
    "giveaway": _of_a_column,
    "row-numbers": _of_a_column,
    "identifiers": _of_a_column,
    "forgotten-class": _of_classes,
    "wrong-labels": _of_labels,
    "overfits": _of_overfitting,
    "miscalibrated": _of_calibration,
}
"""By the name of the rule. Rules that are missing here have findings that no setting changes."""
