"""`RayExecutor`: an executor whose tasks run on a Ray cluster."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from glassnet.errors import MissingExtraError
from glassnet.installing import needs
from glassnet.sweeping.jobs import Shipped

RETRIES = 5  # of a task whose worker was lost; Ray starts it again by itself


class RayExecutor(Executor):
    """Runs tasks on a Ray cluster; the table is sent to each of its machines once.

    Parameters
    ----------
    place : str
        The address of the cluster: "auto" for the one of this machine, "local" to start one here, or "HOST:PORT".
    workers : int, optional
        Number of tasks at a time, by default one for each core of the cluster.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    ConnectionError
        If there is no such cluster.
    """

    def __init__(self, place: str = "auto", *, workers: int | None = None) -> None:
        try:
            import ray
        except ImportError:
            raise MissingExtraError(needs("a Ray cluster", "ray", "ray")) from None
        self._ray, self._is_ours = ray, not ray.is_initialized()
        if self._is_ours:
            ray.init(address=place, log_to_driver=False, logging_level=logging.ERROR)
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self._max_workers = workers or max(1, int(resources.get("CPU", 1)))
        self._call = ray.remote(max_retries=RETRIES)(_called)
        self._sent: tuple[str, Any] = ("", None)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn(*args, **kwargs)`` in a task of the cluster."""
        future: Future[Any] = self._call.remote(fn, kwargs, *map(self._sent_once, args)).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster."""
        if self._is_ours:
            self._ray.shutdown()

    def _sent_once(self, argument: Any) -> Any:
        """Return a reference to the table in the cluster's memory; other arguments are small."""
        if not isinstance(argument, Shipped):
            return argument
        if self._sent[0] != argument.digest:
            self._sent = argument.digest, self._ray.put(argument)
        return self._sent[1]


def _called(fn: Callable[..., Any], kwargs: dict[str, Any], *args: Any) -> Any:
    return fn(*args, **kwargs)
