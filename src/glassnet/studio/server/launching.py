"""Starts the server in a thread of its own, on the loopback interface, and ends it without leaving a file."""

import atexit
import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from html import escape
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from glassnet.errors import ParameterError
from glassnet.files import scratch_folder
from glassnet.studio.server.access import Access
from glassnet.studio.server.app import application
from glassnet.studio.server.limits import ServerLimits
from glassnet.studio.server.sessions import Session, Sessions, Tell

LOOPBACK = "127.0.0.1"
_BACKLOG, _CONNECTIONS = 128, 500
_SECONDS_TO_END = 10


class Studio:
    """A running studio. Notebooks show its address as a link.

    Attributes
    ----------
    address : str
        What to open, token included. The token works once: afterwards the address works in the browser that opened it
        first.
    recorder : object, optional
        What `open_studio` writes a recording with.
    """

    def __init__(
        self,
        open_session: Callable[[Tell], Session],
        *,
        port: int = 0,
        limits: ServerLimits | None = None,
        recorder: Any = None,
    ) -> None:
        self.recorder = recorder
        limits = limits or ServerLimits()
        self._sessions = Sessions(open_session, limits.sessions)
        with ExitStack() as stack:
            listener = stack.enter_context(_listening(port))
            access = Access(listener.getsockname()[1])
            folder = stack.enter_context(scratch_folder())
            self._server = uvicorn.Server(_configuration(application(access, self._sessions, limits, folder), limits))
            kept = stack.pop_all()
        self.address = access.address
        self._ended = threading.Event()  # Python marks a thread as ended if Ctrl-C interrupts its join
        threading.Thread(target=self._serve, args=(listener, kept), name="glassnet studio", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the studio: its pages lose their server, and its trainings end. A second call does nothing."""
        atexit.unregister(self.close)
        self._server.should_exit = True
        self._sessions.close_all()
        self._ended.wait()

    def show(self) -> None:
        """Open the address in a browser with windows; one that runs in the terminal would take it over."""
        try:
            browser = webbrowser.get()
        except webbrowser.Error:
            return
        is_of_terminal = isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
            browser, webbrowser.BackgroundBrowser
        )
        if not is_of_terminal or "BROWSER" in os.environ:
            browser.open(self.address)

    def wait(self) -> None:
        """Wait until the studio is closed."""
        self._ended.wait()

    def _serve(self, listener: socket.socket, kept: ExitStack) -> None:
        try:
            with kept:
                self._server.run([listener])
        finally:
            self._sessions.close_all()
            self._ended.set()

    def __repr__(self) -> str:
        return f"Studio at {self.address}"

    def _repr_html_(self) -> str:
        address = escape(self.address)
        return f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'


def _listening(port: Any) -> socket.socket:
    """Return a socket that listens, so that the address can be opened at once."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65_535:
        raise ParameterError(f"port={port!r} is no port; expected a number from 1 to 65535, or 0 for any that is free.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = str(error.strerror).lower()
        raise ParameterError(
            f"port={port} cannot be used ({reason}); try another one, or 0 for any that is free."
        ) from None
    return listener


def _configuration(app: ASGIApp, limits: ServerLimits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        backlog=_BACKLOG,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=4 * limits.message_bytes,
        ws_ping_interval=20,
        ws_ping_timeout=60,  # a page may be busy with drawing, and a machine with training
        ws_per_message_deflate=False,  # nothing to gain on loopback, and a small message could become a giant one
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
