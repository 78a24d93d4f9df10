"""How much a page may ask of the server. How much data a session takes, it says itself, in `Hello`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerLimits:
    """The limits of a server, for all pages together or for each of them."""

    sessions: int = 20
    """Pages that are open at the same time."""
    message_bytes: int = 1 << 20
    """Bytes of a message; a connection that brings four times as many at once is closed."""
    messages_per_second: float = 200.0
    """Messages of a page above this rate wait for their turn."""
    burst: int = 400
    """Messages that may come at once after a pause."""
    waiting: int = 256
    """Messages that may wait for a page; if it reads none of them, its connection is closed."""
    waiting_commands: int = 32
    """Commands of a page that may wait for the one that is carried out; then no further message is read."""
    idle_seconds: float = 86_400.0
    """A page that asks for nothing and trains nothing for so long loses its session."""
    away_seconds: float = 60.0
    """A page that has gone finds its session again within so long, as after a reload; until then it goes on."""
    stalled_seconds: float = 60.0
    """An upload that brings nothing for so long is given up."""
