"""Who takes part: each contender is asked once, in a process of its own, whether it is there and how it may be run."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchmarks.speed.contenders import CONTENDERS, FIXED_THREADS, ON_REQUEST, WATCHED
from benchmarks.speed.processes.worker import Worker, WorkerError


@dataclass(frozen=True)
class Entrant:
    """A contender as the parent knows it, without having imported it."""

    name: str
    target: str
    variants: tuple[dict[str, Any], ...] = ()
    missing: str | None = None  # why


def entrant(name: str, cores: int) -> Entrant:
    """Ask one contender."""
    target = (CONTENDERS | FIXED_THREADS | WATCHED | ON_REQUEST)[name]
    try:
        worker = Worker(target)
    except WorkerError as error:
        return Entrant(name, target, missing=error.reason)
    try:
        worker.ask("ask_class", "check")
        return Entrant(name, target, tuple(worker.ask("ask_class", "variants", cores)))
    except WorkerError as error:
        return Entrant(name, target, missing=error.reason)
    finally:
        worker.close()


PACKAGES = (
    "glassnet", "numba", "numpy", "scipy", "scikit-learn", "joblib", "torch", "jax", "jaxlib", "optax", "keras",
    "thinc", "onnx", "onnxruntime",
)  # fmt: skip


def versions() -> dict[str, str | None]:
    """Return the version of each package that is measured or measured with; None where it is not installed."""
    return {name: version_of(name) for name in PACKAGES}


def version_of(name: str) -> str | None:
    """Return an installed package's version."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
