"""The engines by name."""

from collections.abc import Callable
from typing import Any

from glassnet.engines.base import Engine, Problem
from glassnet.errors import ParameterError


def _cpu() -> type[Engine]:
    from glassnet.engines.cpu.engine import CpuEngine

    return CpuEngine


def _reference() -> type[Engine]:
    from glassnet.engines.reference import ReferenceEngine

    return ReferenceEngine


ENGINES: dict[str, Callable[[], type[Engine]]] = {"cpu": _cpu, "reference": _reference}
"""Import functions of the engines, called on first use, since an engine may load a compiler."""


def resolve_engine(name: str, problem: Problem | None = None, data: Any = None) -> type[Engine]:
    """Return the engine called `name`, imported on first use.

    "auto" is the first one of the table that supports the problem on `data`, its inputs.

    Raises
    ------
    ParameterError
        If the name is not known, or the engine does not support the problem; the message gives the reason.

    Examples
    --------
    >>> resolve_engine("reference").name
    'reference'
    """
    if name not in ("auto", *ENGINES):
        raise ParameterError(f"engine={name!r} is not known. Choose from: {', '.join(('auto', *ENGINES))}.")
    reason: str | None = None
    for each in ENGINES if name == "auto" else (name,):
        engine = ENGINES[each]()
        reason = None if problem is None else engine.supports(problem, data)
        if reason is None:
            return engine
    raise ParameterError(f"{reason}.")  # for "auto" that of the last engine, which supports most
