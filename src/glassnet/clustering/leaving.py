"""How a process leaves a cluster: at once if a peer is gone, and at a step that all agree on if it is asked to end."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from glassnet.errors import ClusterError

TRY_AGAIN = 75
"""Exit code of a process whose training can be continued by the same command, EX_TEMPFAIL of sysexits.h."""


class Stopped(ClusterError):
    """All processes have stopped after the same step, because one of them was asked to end."""


def leave(reason: str) -> NoReturn:
    """End this process now, without the exit handlers of libraries that would wait for a lost peer."""
    sys.stdout.flush()
    sys.stderr.write(f"glassnet: {reason}; start all processes again to continue from the last checkpoint.\n")
    sys.stderr.flush()
    os._exit(TRY_AGAIN)


class StopRequest:
    """Whether this process was asked to end."""

    def __init__(self) -> None:
        self.signal = 0

    def __bool__(self) -> bool:
        return self.signal != 0

    def ask(self, number: int) -> None:
        """Remember the request; a second one ends the process as if there were no handler."""
        if self.signal:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.signal = number


@contextmanager
def stop_requests() -> Iterator[StopRequest]:
    """Turn SIGTERM and Ctrl-C into a request meanwhile, in the main thread; in others, nothing asks.

    To be entered after the cluster was joined: JAX's preemption notifier takes SIGTERM for itself, and would let the
    training run to its end.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda got, _: request.ask(got)) for number in numbers}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
