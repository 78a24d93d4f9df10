"""Fixes on the command line: tried under a progress bar, and given as options of `glassnet train`."""

import shlex
from typing import Any

from glassnet.cli.progress import fits_bar
from glassnet.cli.vocabulary import in_options
from glassnet.diagnosis.remedy import Remedy
from glassnet.errors import TrainingInterrupted
from glassnet.remedies.fixes import Fixes, Words
from glassnet.settings.setting import AUTO
from glassnet.settings.table import OPTIONS


def tried(model: Any, X: Any, y: Any, validation: Any, seeds: int) -> Fixes:
    """Try fixes under a progress bar; after Ctrl-C return what they say so far."""
    from glassnet.remedies.try_fixes import try_fixes

    try:
        with fits_bar() as progress:
            return try_fixes(model, X, y, validation=validation, seeds=seeds, progress=progress)
    except TrainingInterrupted as end:
        fixes: Fixes = end.result
        return fixes


def as_options(remedy: Remedy) -> str:
    """Return a change as options.

    >>> from glassnet.cli.vocabulary import options_of
    >>> with options_of("doctor"):
    ...     as_options(Remedy({"max_iter": 400, "clip": 1.0}, drop=("my id",)))
    "--epochs 400 --set clip=1.0 --drop 'my id'"
    """
    if remedy.name or remedy.is_repetition:
        return remedy.words
    given = [_option(name, value) for name, value in remedy.parameters.items()]
    return " ".join([*given, *(f"--drop {shlex.quote(name)}" for name in remedy.drop)])


def as_command(remedy: Remedy) -> str:
    """Return how `glassnet train` makes a change.

    >>> from glassnet.cli.vocabulary import options_of
    >>> with options_of("doctor"):
    ...     as_command(Remedy({"preset": "tabular", "max_iter": "auto"}, name="the default settings"))
    'glassnet train ... --preset tabular, and leave out --epochs'
    """
    if remedy.is_repetition:
        return "train again, with another --seed"
    left = [_option(name, 1).split()[0] for name, value in remedy.parameters.items() if value == AUTO]
    given = Remedy({name: value for name, value in remedy.parameters.items() if value != AUTO}, remedy.drop)
    parts = [] if given.is_repetition else [f"glassnet train ... {as_options(given)}"]
    if left:
        parts.append(f"leave out {', '.join(dict.fromkeys(left))}")
    return ", and ".join(parts)


def _option(name: str, value: Any) -> str:
    if name not in OPTIONS:
        return f"--set {name}={value}"
    return in_options(f"{name}={value!r}")


WORDS = Words(as_options, as_command)
