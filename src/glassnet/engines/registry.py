"""The engines by name."""

from glassnet.engines.base import Engine
from glassnet.errors import ParameterError


def resolve_engine(name: str) -> type[Engine]:
    """Return the engine called `name`; it is imported only then.

    Examples
    --------
    >>> resolve_engine("reference").name
    'reference'
    """
    if name == "reference":
        from glassnet.engines.reference import ReferenceEngine

        return ReferenceEngine
    if name == "cpu":
        from glassnet.engines.cpu.engine import CpuEngine

        return CpuEngine
    raise ParameterError(f"engine={name!r} is not known. Choose from: cpu, reference.")
