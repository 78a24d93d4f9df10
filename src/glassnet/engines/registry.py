"""The engines by name."""

from glassnet.core.network import Network
from glassnet.engines.base import Engine
from glassnet.errors import ParameterError


def resolve_engine(name: str, network: Network | None = None) -> type[Engine]:
    """Return the engine called `name`; it is imported only then.

    "auto" is the compiled one, unless the network has an activation that it cannot compile.

    Examples
    --------
    >>> resolve_engine("reference").name
    'reference'
    """
    if name == "auto":
        compiles = network is None or all(sigma.is_builtin for sigma in network.activation)
        name = "cpu" if compiles else "reference"
    if name == "reference":
        from glassnet.engines.reference import ReferenceEngine

        return ReferenceEngine
    if name == "cpu":
        from glassnet.engines.cpu.engine import CpuEngine

        return CpuEngine
    raise ParameterError(f"engine={name!r} is not known. Choose from: auto, cpu, reference.")
