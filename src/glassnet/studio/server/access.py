"""Who may come in: the browser that first opened the address with its one-time token, and nobody else."""

import secrets
from enum import Enum, auto


class Visit(Enum):
    """What a visit with a token is worth."""

    FIRST = auto()
    AGAIN = auto()
    WRONG = auto()


class Access:
    """The token of the address, and the cookie that the first visit exchanges it for.

    Cookies are shared by all ports of a host, so the name of this one has the port: two studios do not overwrite each
    other's.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie_name = f"glassnet-studio-{port}"
        self.cookie = secrets.token_urlsafe(32)
        self._token = secrets.token_urlsafe(32)
        self._is_used = False

    @property
    def address(self) -> str:
        """The address to open, token included."""
        return f"http://127.0.0.1:{self.port}/?token={self._token}"

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a request may name; a name that was rebound to the loopback interface is none of them."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def visit(self, token: str) -> Visit:
        """Use the token; only the first visit gets the cookie."""
        if not _is_same(token, self._token):
            return Visit.WRONG
        visit = Visit.AGAIN if self._is_used else Visit.FIRST
        self._is_used = True
        return visit

    def knows(self, cookie: str | None) -> bool:
        """Return whether a request with this cookie comes from the browser of the first visit."""
        return cookie is not None and _is_same(cookie, self.cookie)


def _is_same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
