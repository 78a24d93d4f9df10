"""Messages that wait for a page."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec


class Outbox:
    """A bounded queue of messages between a session's threads and a page.

    A session sends a frame only after the page has drawn the one before, so that a slow page lets nothing pile up. A
    page that reads nothing at all fills the queue, and is given up.
    """

    def __init__(self, most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue(most)
        self.is_overfull = asyncio.Event()

    def tell(self, message: Any) -> None:
        """Put a message behind the others, from any thread and without waiting."""
        ready = encoded(message)
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self._put, ready)

    async def answer(self, message: Any) -> None:
        """Put an answer behind the others; wait while there are too many, so that no further command is read."""
        await self._waiting.put(encoded(message))

    async def next(self) -> str | bytes:
        """Wait for the next message."""
        return await self._waiting.get()

    def _put(self, ready: str | bytes) -> None:
        try:
            self._waiting.put_nowait(ready)
        except asyncio.QueueFull:
            self.is_overfull.set()


def encoded(message: Any) -> str | bytes:
    """Return a message as text; a frame is bytes already."""
    return message if isinstance(message, bytes) else msgspec.json.encode(message).decode()
