"""Checks every request and every websocket before anything else happens, and adds the headers of every answer.

A page of another origin can make a browser send requests to the loopback interface, and a host name can be rebound to
it. So `Host` must name this server, `Origin` and `Sec-Fetch-Site` must not name another one, and the cookie of the
first visit must be there. The cookie alone would not do: browsers send it from all ports of the host.
"""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.studio.server.access import Access
from glassnet.studio.server.documents import IMPORT_MAP_HASH

ENTRANCE = "/"
_OWN = {None, "none", "same-origin"}


class Guard:
    """An application in front of another one, which sees only requests that may come in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or let it through."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope))
        if refusal is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: status 403, whose text no page can read
            return
        answer = self.app if refusal is None else PlainTextResponse(refusal, status_code=403)
        await answer(scope, receive, _with_headers(send, Headers(scope=scope).get("host", "")))

    def _refusal(self, request: HTTPConnection) -> str | None:
        """Return why a request may not come in, or None."""
        host, origin = request.headers.get("host"), request.headers.get("origin")
        if len(request.headers.getlist("host")) != 1 or host not in self.access.hosts:
            return f"The studio answers to http://127.0.0.1:{self.access.port} only; open the address that it printed."
        must_name_origin = request.scope["type"] == "websocket" or request.scope["method"] not in {"GET", "HEAD"}
        if origin != f"http://{host}" and (origin is not None or must_name_origin):
            return "This request comes from another page than the studio's; open the address that the studio printed."
        if request.scope["type"] == "http" and request.url.path == ENTRANCE:
            return None  # it checks token and cookie itself, and a link on any page may lead to it
        if request.headers.get("sec-fetch-site") not in _OWN:
            return "This request comes from another page than the studio's; open the address that the studio printed."
        if not self.access.knows(request.cookies.get(self.access.cookie_name)):
            return "This browser has not opened the studio's address; open the address that the studio printed."
        return None


def _with_headers(send: Send, host: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_headers(host)]}
        await send(message)

    return sending


def _headers(host: str) -> list[tuple[bytes, bytes]]:
    # Of a host that was refused, nothing is repeated. 'self' does not mean the websocket in every browser.
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' '{IMPORT_MAP_HASH}'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' ws://{host}" if _is_plain(host) else "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _is_plain(host: str) -> bool:
    name, _, port = host.partition(":")
    return name in {"127.0.0.1", "localhost"} and port.isascii() and port.isdigit()
