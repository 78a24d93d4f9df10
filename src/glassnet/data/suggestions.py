"""Suggestions of similar names for messages."""

from collections.abc import Iterable
from difflib import get_close_matches

from glassnet.escaping import visible


def nearest(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Return up to `n` known names similar to `name`, the closest first, ignoring case.

    >>> nearest("speces", ["island", "species"])
    ['species']
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    return [by_lower[match] for match in get_close_matches(name.lower(), list(by_lower), n=n, cutoff=0.6)]


def listed(names: Iterable[str]) -> str:
    r"""Return names for a message, with control characters escaped.

    >>> print(listed(["mass", "a\x1b[31m"]))
    mass, a\x1b[31m
    """
    return ", ".join(map(visible, names))


def suggestion(name: str, known: Iterable[str], what: str = "the columns are") -> str:
    """Return "did you mean ...?" or, without a similar name, the known names.

    >>> suggestion("speces", ["island", "species"])
    "did you mean 'species'?"
    >>> suggestion("weight", ["island", "species"])
    'the columns are island, species.'
    """
    names = list(known)
    close = nearest(name, names)
    if close:
        return "did you mean " + " or ".join(repr(match) for match in close) + "?"
    shown = listed(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"{what} {shown or 'none at all'}."
