"""How fast messages are taken."""

import asyncio
import time
from collections.abc import Callable


class Rate:
    """Lets up to ``burst`` messages through at once, and from then on ``per_second``; the others wait.

    While one waits, no further message is read, so that the sender's own buffers fill up and not the server's.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._left = float(burst)
        self._at = clock()

    def idle_seconds(self) -> float:
        """Return the seconds since the last message."""
        return self._clock() - self._at

    async def wait(self) -> None:
        """Wait for one's turn."""
        await asyncio.sleep(self.delay())

    def delay(self) -> float:
        """Take a turn, and return the seconds until it comes."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        return max(0.0, -self._left / self._per_second)
