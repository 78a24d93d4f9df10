"""Rewrites the library's messages for the command line: options in place of parameters."""

import ast
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from glassnet.settings.table import OF_ESTIMATORS, OPTIONS
from glassnet.wording import Vocabulary

TRAIN: Mapping[str, str | None] = {
    **{name: f"--{OPTIONS[name].argument.replace('_', '-')}" if name in OPTIONS else None for name in OF_ESTIMATORS},
    "target": "--target",
    "task": "--task",
    "checkpoint": "--checkpoint",
    "cluster": "--cluster",
    "lanes": "--lanes",
    "accumulate": "--accumulate",
    "heartbeat": "--heartbeat",
    "drop": "--drop",
    "missing": "--missing",
    "memory": "--memory",
    "eval_set": None,
    "validation": None,
    "sample_weight": None,
}
"""From a parameter of the estimators or readers to the option of `glassnet train`; None if there is none."""

SWEEP_OPTIONS = (
    "target", "task", "keep", "drop", "missing", "space", "trials", "minutes", "score", "folds", "validation_fraction",
    "sampler", "pruner", "batch", "storage", "cluster", "seed", "time",
)  # fmt: skip

ONE_ROW: Mapping[str, str | None] = {
    "target": "--target",
    "row": "--row",
    "cost": None,
    "solver": "--solver",
    "learning_rate": "--learning-rate",
    "notation": "--notation",
    "most": "--most",
    "theme": "--theme",
    "missing": "--missing",
    "features": None,
    "state": None,
}
"""The same for the commands that show one row or a picture."""

SWEEP: Mapping[str, str | None] = {
    **dict.fromkeys(OF_ESTIMATORS),
    **{name: f"--{name.replace('_', '-')}" for name in SWEEP_OPTIONS},
    "groups": "--group",
    "random_state": "--seed",
}
"""The same for `glassnet sweep`."""

DOCTOR: Mapping[str, str | None] = {
    **{name: f"--set {name}" for name in OF_ESTIMATORS if name not in OPTIONS},
    "validation": "--validation",
    "seeds": "--seeds",
}
"""The same for `glassnet doctor`, besides those of `glassnet train`."""

STUDIO: Mapping[str, str | None] = {"port": "--port", "record": "--record"}
"""The same for `glassnet studio`."""

PHRASES = {
    "model.save(...)": "glassnet train",
    "GlassClassifier": "--task classification",
    "to_html()": "--format html",
    "try gn.load(": "open it in Python: gn.load(",
    "target=...": "target=COLUMN",
    "row=...": "row=N",
    "a larger max_iter": "more --epochs",
    "a large max_iter": "many --epochs",
}
"""Python code in the library's advice, and its replacement in a shell."""

_PLURAL = {"--keep", "--drop", "--missing"}  # may be given several times


def as_option(name: str, value: str) -> str:
    """Return an option as typed in a shell, for a value written as Python code.

    Examples
    --------
    >>> as_option("--epochs", "0"), as_option("--hidden", "(64, 32)"), as_option("--task", "'classification'")
    ('--epochs 0', '--hidden 64,32', '--task classification')
    >>> as_option("--set init", "'he_normal'")
    '--set init=he_normal'
    >>> as_option("--early-stopping", "False"), as_option("--keep", "['year', 'my id']")
    ('--no-early-stopping', "--keep year --keep 'my id'")
    """
    if not value:  # the value could not be parsed and follows in the message
        return f"{name} "
    try:
        given = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        given = value
    if given is Ellipsis:
        return f"{name}=..." if name.startswith("--set ") else name
    if name.startswith("--set "):
        return f"{name}={shlex.quote(str(given))}"
    if isinstance(given, bool):
        return name if given else f"--no-{name[2:]}"
    if name in _PLURAL and isinstance(given, list | tuple):
        return " ".join(f"{name} {shlex.quote(str(each))}" for each in given)
    if isinstance(given, list | tuple):
        given = ",".join(map(str, given)) or "none"
    return f"{name} {shlex.quote(given) if isinstance(given, str) else given}"


_VOCABULARIES = {command: Vocabulary(TRAIN, as_option, PHRASES) for command in ("train",)} | {
    command: Vocabulary(ONE_ROW, as_option, PHRASES)
    for command in ("explain", "draw", "predict", "evaluate", "activations", "costs", "solvers", "truth-table")
}
_OF_DOCTOR = {
    "validation=(X, y)": "--validation FILE, beside a model",
    "learning_rate_init='auto'": "no --learning-rate",
}
_VOCABULARIES["doctor"] = Vocabulary({**TRAIN, **DOCTOR}, as_option, PHRASES | _OF_DOCTOR)
_VOCABULARIES["sweep"] = Vocabulary(SWEEP, as_option, PHRASES)
_VOCABULARIES["studio"] = Vocabulary({**TRAIN, **STUDIO}, as_option, PHRASES)
_AS_IT_IS = Vocabulary({})
_CURRENT: ContextVar[Vocabulary] = ContextVar("vocabulary")


@contextmanager
def options_of(command: str) -> Iterator[None]:
    """Let `in_options` use the options of a command."""
    token = _CURRENT.set(_VOCABULARIES.get(command, Vocabulary({}, as_option, PHRASES)))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def in_options(sentence: str) -> str:
    """Return a library message with the options of the running command.

    >>> with options_of("train"):
    ...     in_options("max_iter=0 must be a whole number from 1 upwards.")
    '--epochs 0 must be a whole number from 1 upwards.'
    """
    return _CURRENT.get(_AS_IT_IS).rewrite(sentence)
