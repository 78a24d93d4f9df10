"""Addresses of clusters: ``local``, ``jax://10.0.0.1:1234?rank=0&world=4``, ``jax://auto``, ``mpi``, ``ray://auto``."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from glassnet.errors import ParameterError

EXAMPLES = "local, 'jax://10.0.0.1:1234?rank=0&world=4', jax://auto, mpi, 'ray://auto?workers=2..8'"
AUTO = "auto"


@dataclass(frozen=True)
class LocalAddress:
    """A single process."""


@dataclass(frozen=True)
class JaxAddress:
    """Processes that JAX's multi-controller runtime connects.

    Attributes
    ----------
    host, port : str and int
        Where rank 0 listens; empty and 0 for what JAX detects.
    rank, world : int or None
        Number of this process, and number of processes; None for what JAX detects.
    detect : str or None
        How JAX detects them, such as "mpi4py"; None tries what it knows.
    """

    host: str = ""
    port: int = 0
    rank: int | None = None
    world: int | None = None
    detect: str | None = None

    @property
    def is_detected(self) -> bool:
        """Whether JAX detects the cluster."""
        return not self.host


@dataclass(frozen=True)
class MpiAddress:
    """Processes that mpiexec has started; `world` of them, if given."""

    world: int | None = None


@dataclass(frozen=True)
class RayAddress:
    """Processes that Ray starts, and starts again.

    Attributes
    ----------
    place : str
        The address of the cluster: "auto", "local" or "HOST:PORT".
    workers : (int, int)
        The least and the largest number of processes.
    parameters : dict of str to str
        The other parameters, for the launcher.
    scaling_config, run_config
        Records of Ray Train, in place of `workers` and parameters.
    """

    place: str
    workers: tuple[int, int]
    parameters: dict[str, str] = field(default_factory=dict)
    scaling_config: Any = field(default=None, repr=False)
    run_config: Any = field(default=None, repr=False)


Address = LocalAddress | JaxAddress | MpiAddress | RayAddress


def parse_address(text: str) -> Address:
    """Return the address that a text stands for.

    Raises
    ------
    ParameterError
        If it stands for none; the message says why.

    Examples
    --------
    >>> parse_address("jax://10.0.0.1:1234?rank=1&world=2")
    JaxAddress(host='10.0.0.1', port=1234, rank=1, world=2, detect=None)
    >>> parse_address("ray://auto?workers=2..8&retries=3")
    RayAddress(place='auto', workers=(2, 8), parameters={'retries': '3'})
    """
    if not isinstance(text, str):
        raise ParameterError(f"cluster={text!r} must be a text, such as {EXAMPLES}.")
    parts = _split(text)
    parameters = _parameters(text, parts)
    kind = parts.scheme or parts.path
    if kind == "local" and not parts.netloc:
        _refuse_others(text, parameters, ())
        return LocalAddress()
    if kind == "mpi" and not parts.netloc:
        _refuse_others(text, parameters, ("world",))
        return MpiAddress(_count(text, parameters, "world", 1))
    if parts.scheme == "jax":
        return _jax_address(text, parts, parameters)
    if parts.scheme == "ray":
        return _ray_address(text, parts, parameters)
    raise ParameterError(f"cluster={text!r} is not known. Choose from: {EXAMPLES}.")


def _jax_address(text: str, parts: SplitResult, parameters: dict[str, str]) -> JaxAddress:
    if parts.netloc == AUTO:
        _refuse_others(text, parameters, ("world", "detect"))
        return JaxAddress(world=_count(text, parameters, "world", 1), detect=parameters.get("detect"))
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port or parts.username is not None or parts.path:
        raise ParameterError(
            f"cluster={text!r} must name the host of rank 0 and a free port there, as in "
            f"'jax://10.0.0.1:1234?rank=0&world=4', or be jax://auto."
        )
    _refuse_others(text, parameters, ("rank", "world"))
    rank, world = _count(text, parameters, "rank", 0), _count(text, parameters, "world", 1)
    if rank is None or world is None:
        raise ParameterError(
            f"cluster={text!r} must say which process this is and how many there are, as in "
            f"'jax://10.0.0.1:1234?rank=0&world=4'. Quote it: & has a meaning in shells."
        )
    if rank >= world:
        raise ParameterError(f"cluster={text!r}: rank={rank} must be from 0 to {world - 1}, as there are {world}.")
    return JaxAddress(host, port, rank, world)


def _ray_address(text: str, parts: SplitResult, parameters: dict[str, str]) -> RayAddress:
    if not parts.netloc or parts.path:
        raise ParameterError(f"cluster={text!r} must name a cluster of Ray, as in 'ray://auto?workers=2..8'.")
    given = parameters.pop("workers", "1")
    found = re.fullmatch(r"(\d{1,5})(?:\.\.(\d{1,5}))?", given)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most:
        raise ParameterError(f"cluster={text!r}: workers={given} must be a number, such as 4, or a range such as 2..8.")
    return RayAddress(parts.netloc, (least, most), parameters)


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ParameterError(f"cluster={text!r} is not an address. Choose from: {EXAMPLES}.") from None


def _parameters(text: str, parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise ParameterError(f"cluster={text!r} gives a parameter twice; give each once.")
    if parts.fragment:
        raise ParameterError(f"cluster={text!r} has '#{parts.fragment}', which means nothing here; leave it out.")
    return parameters


def _refuse_others(text: str, parameters: dict[str, str], known: tuple[str, ...]) -> None:
    for name in parameters:
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise ParameterError(f"cluster={text!r} has the parameter {name!r}, but {takes}.")


def _count(text: str, parameters: dict[str, str], name: str, least: int) -> int | None:
    if name not in parameters:
        return None
    value = parameters[name]
    if not re.fullmatch(r"\d{1,5}", value) or int(value) < least:
        raise ParameterError(f"cluster={text!r}: {name}={value!r} must be a whole number from {least} upwards.")
    return int(value)
