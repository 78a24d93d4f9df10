"""The engines by name, for training and for predictions."""

from collections.abc import Callable, Iterator
from typing import Any

from glassnet.core.network import Network
from glassnet.engines.base import Engine, Forward, Problem, RowForward
from glassnet.engines.xla.accelerators import pays
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs
from glassnet.typing import Array


def _cpu() -> type[Engine]:
    from glassnet.engines.cpu.engine import CpuEngine

    return CpuEngine


def _reference() -> type[Engine]:
    from glassnet.engines.reference import ReferenceEngine

    return ReferenceEngine


def _xla() -> type[Engine]:
    try:
        from glassnet.engines.xla.engine import XlaEngine
    except ModuleNotFoundError as error:
        raise MissingExtraError(needs("engine='xla'", error.name or "jax", "xla")) from error
    return XlaEngine


ENGINES: dict[str, Callable[[], type[Engine]]] = {"cpu": _cpu, "reference": _reference, "xla": _xla}
"""Import functions of the engines, called on first use, since an engine may load a compiler."""


def _cpu_forward() -> type[Forward]:
    from glassnet.engines.cpu.forward import Forward as Compiled

    return Compiled


def _reference_forward() -> type[Forward]:
    from glassnet.engines.row_by_row import RowByRow

    return RowByRow


def _cpu_row_forward() -> type[RowForward]:
    from glassnet.engines.cpu.single_row import RowForward as Compiled

    return Compiled


FORWARDS: dict[str, Callable[[], type[Forward]]] = {"cpu": _cpu_forward, "reference": _reference_forward}
"""Import functions of the engines' forward passes of many rows, in the order of preference."""

ROW_FORWARDS: dict[str, Callable[[], type[RowForward]]] = {"cpu": _cpu_row_forward}
"""Import functions of the engines' forward passes of one row, which not every engine has."""


def resolve_engine(name: str, problem: Problem | None = None, data: Any = None) -> type[Engine]:
    """Return the engine called `name`, imported on first use.

    "auto" is "xla" if an accelerator is there and pays, see `glassnet.engines.xla.accelerators`; else the first other
    one of the table that supports the problem on `data`, its inputs.

    Raises
    ------
    ParameterError
        If the name is not known, or the engine does not support the problem; the message gives the reason.
    MissingExtraError
        If the engine is "xla" and JAX is not installed.

    Examples
    --------
    >>> resolve_engine("reference").name
    'reference'
    """
    if name not in ("auto", *ENGINES):
        raise ParameterError(f"engine={name!r} is not known. Choose from: {', '.join(('auto', *ENGINES))}.")
    reason: str | None = None
    for each in _by_preference(problem, data) if name == "auto" else (name,):
        engine = ENGINES[each]()
        reason = None if problem is None else engine.supports(problem, data)
        if reason is None:
            return engine
    raise ParameterError(f"{reason}.")  # for "auto" that of the last engine, which supports most


def _by_preference(problem: Problem | None, data: Any) -> Iterator[str]:
    if problem is not None and pays(problem, data):
        yield "xla"
    yield from (name for name in ENGINES if name != "xla")


def forward_of(network: Network, n_jobs: int | None = None) -> Forward:
    """Return the forward pass of many rows by the first engine that supports the network.

    Examples
    --------
    >>> import numpy as np
    >>> net = Network.from_weights([([[0.5, 1.0]], [2.0])], output="identity")
    >>> forward_of(net)(net.theta, np.asarray([[1.0, 3.0]]))[1]
    array([[5.5]])
    """
    makers = (load() for load in FORWARDS.values())
    return next(make(network, n_jobs) for make in makers if make.supports(network) is None)


def row_forward_of(network: Network, steps: Array, scales: Array) -> RowForward | None:
    """Return the forward pass of one row by the first engine that supports the network; None if none has it.

    The row's numbers are encoded by `steps` and `scales`, the result of `Encoder.as_arrays`.
    """
    makers = (load() for load in ROW_FORWARDS.values())
    return next((make(network, steps, scales) for make in makers if make.supports(network) is None), None)
