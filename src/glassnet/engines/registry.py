"""The engines by name."""

from collections.abc import Callable

from glassnet.core.catalog.costs import Cost
from glassnet.core.network import Network
from glassnet.engines.base import Engine
from glassnet.errors import ParameterError


def _cpu() -> type[Engine]:
    from glassnet.engines.cpu.engine import CpuEngine

    return CpuEngine


def _reference() -> type[Engine]:
    from glassnet.engines.reference import ReferenceEngine

    return ReferenceEngine


ENGINES: dict[str, Callable[[], type[Engine]]] = {"cpu": _cpu, "reference": _reference}
"""What imports each engine: only when it is first used, for an engine may bring a compiler along."""


def resolve_engine(name: str, network: Network | None = None, cost: Cost | None = None) -> type[Engine]:
    """Return the engine called `name`; it is imported only then.

    "auto" is the compiled one, unless an activation of the network or the cost is the user's own.

    Examples
    --------
    >>> resolve_engine("reference").name
    'reference'
    """
    if name == "auto":
        parts = (*(() if network is None else network.activation), *(() if cost is None else (cost,)))
        name = "cpu" if all(part.is_builtin for part in parts) else "reference"
    if name not in ENGINES:
        raise ParameterError(f"engine={name!r} is not known. Choose from: {', '.join(('auto', *ENGINES))}.")
    return ENGINES[name]()
