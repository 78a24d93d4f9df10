"""The options of a view, checked: each wrong one is told in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.data.suggestions import suggestion
from glassnet.errors import ColumnError, ParameterError
from glassnet.escaping import shown


def refuse_unknown(view: str, options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise a ParameterError for an option that the view does not have.

    >>> refuse_unknown("weights", {}, ())
    """
    for name in options:
        if name not in known:
            has = f"its options are {', '.join(known)}" if known else "it has no options"
            raise ParameterError(f"the view {view!r} has no option {shown(name)}; {has}.")


def one_of(options: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str:
    """Return an option that is one of some words; by default the first.

    >>> one_of({"at": "row"}, "at", ("typical", "row")), one_of({}, "at", ("typical", "row"))
    ('row', 'typical')
    """
    value = options.get(name)
    if value is None:
        return allowed[0]
    if value not in allowed:
        raise ParameterError(f"{name}={shown(value)} is not known. Choose from: {', '.join(map(repr, allowed))}.")
    return str(value)


def place(options: Mapping[str, Any], name: str, n: int, what: str) -> int | None:
    """Return an option that is a place among `n`, or None.

    >>> place({"output": 1}, "output", 3, "outputs"), place({}, "output", 3, "outputs")
    (1, None)
    """
    value = options.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < n:
        raise ParameterError(
            f"{name}={shown(value)} is not a place among the {n} {what}; choose a whole number from 0 to {n - 1}."
        )
    return value


def column(options: Mapping[str, Any], name: str, names: Sequence[str]) -> str | None:
    """Return an option that names a column, or None.

    >>> column({"x": "age"}, "x", ("age", "dose"))
    'age'
    """
    value = options.get(name)
    if value is None:
        return None
    if value not in names:
        raise ColumnError(f"{name}={shown(value)}: there is no such column; {suggestion(str(value), list(names))}")
    return str(value)
