"""Turns command-line arguments into tables and models."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glassnet.cli.console import working
from glassnet.data.reading.sources import Source, read
from glassnet.data.reading.sql.query import is_query
from glassnet.data.suggestions import nearest, suggestion
from glassnet.data.table import Notations
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import ModelFileError, ParameterError
from glassnet.settings.table import OF_ESTIMATORS

_OF_PYTHON = {"callback", "keep", "snapshots", "verbose", "warm_start"}
SETTABLE = tuple(name for name in OF_ESTIMATORS if name not in _OF_PYTHON)


def read_data(
    data: Sequence[str], missing: Sequence[str] = MISSING_MARKERS, notations: Notations | None = None
) -> Source:
    """Return the table that the DATA arguments name; `notations` come from a model."""
    source = one_source(data)
    with working("reading"):
        return read(source, missing=missing, notations=notations)


def one_source(data: Sequence[str]) -> str | Sequence[str]:
    """Return the DATA arguments as the source that `read` takes."""
    if len(data) > 1 and any(is_query(entry) for entry in data):
        raise ParameterError("a SQL query must be the only DATA argument; name the other files inside the query.")
    return data[0] if len(data) == 1 else data


def load_model(path: Path) -> Any:
    """Return the model in a file."""
    from glassnet.estimators.loading import load

    refuse_missing_model(path)
    with working("loading"):
        return load(path)


def refuse_missing_model(path: Path) -> None:
    """Raise if the file does not exist; the error suggests the closest name."""
    if not path.exists():
        folder = path.parent
        names = [entry.name for entry in folder.glob("*.glassnet")] if folder.is_dir() else []
        close = nearest(path.name, names, n=1)
        hint = f"did you mean {folder / close[0]}?" if close else "glassnet train makes one."
        raise FileNotFoundError(f"there is no model {path}; {hint}")


def one_network(model: Any, member: int | None) -> Any:
    """Return a model of a single network: for an ensemble, the requested member."""
    n = len(model.members_)
    if n == 1 and member is None:
        return model
    if member is None:
        raise ParameterError(f"this model is the mean of {n} networks, but this command takes one; try --member 0.")
    if not 0 <= member < n:
        raise ParameterError(f"--member {member} does not exist: this model has {n} networks, counted from 0.")
    return model.member(member)


def new_rows(model: Any, data: Sequence[str]) -> Any:
    """Return the `NewRows` of a model, read with its missing markers and notations."""
    from glassnet.estimators.streaming.new_rows import open_rows

    source = one_source(data)
    with working("reading"):
        return open_rows(model, source)


def read_for(model: Any, data: Sequence[str]) -> Source:
    """Return a table for a model, read with the model's missing markers and notations."""
    if model.schema_ is None:
        raise ModelFileError("this model was trained on a sparse matrix, which has no column names to match a file.")
    return read_data(data, model.schema_.missing_markers, model.schema_.notations)


def target_of(model: Any, requested: str | None = None) -> str | None:
    """Return the name of the target column: as requested, else the one stored in the model."""
    return requested or getattr(model, "target_name_", None)


def missing_markers(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the texts that mean "no value", apart from the empty cell.

    >>> missing_markers(["-999"])
    ('', '-999')
    """
    return ("", *(marker for marker in given if marker)) if given else MISSING_MARKERS


def hidden_sizes(text: str) -> tuple[int, ...]:
    """Parse comma-separated sizes of hidden layers.

    >>> hidden_sizes("64,32"), hidden_sizes("none")
    ((64, 32), ())
    """
    if text.strip().lower() == "none":
        return ()
    sizes = text.split(",")
    if not all(size.strip().isdecimal() and int(size) > 0 for size in sizes):
        raise ParameterError(
            f"--hidden {text!r} cannot be read; write the sizes of the hidden layers such as 64,32 or none for no "
            "hidden layer."
        )
    return tuple(int(size) for size in sizes)


def one_or_several(text: str) -> str | list[str]:
    """Return a name, or the names of a list with commas.

    >>> one_or_several("tanh"), one_or_several("relu, tanh")
    ('tanh', ['relu', 'tanh'])
    """
    names = [name.strip() for name in text.split(",")]
    return names if len(names) > 1 else text


def other_settings(texts: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the estimators in texts such as ``momentum=0.8``, besides those `given` as options.

    >>> other_settings(["momentum=0.8", "rates=equal", "numeric_embedding=None", "dropout=[0.1, 0]"], {})
    {'momentum': 0.8, 'rates': 'equal', 'numeric_embedding': None, 'dropout': [0.1, 0]}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ParameterError(f"--set {text!r} has no value; write it as --set NAME=VALUE.")
        if name not in SETTABLE:
            close = suggestion(name, SETTABLE, "those are")
            raise ParameterError(f"--set {text!r} names no parameter; {close}")
        if name in given or name in found:
            raise ParameterError(f"--set {text!r} gives {name!r} a second value; leave one of them out.")
        try:
            found[name] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            found[name] = value
    return found
