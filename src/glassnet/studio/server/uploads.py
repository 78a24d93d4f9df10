"""Uploads: the body of a request becomes a private temporary file, and its limit holds while it comes in."""

import asyncio
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from glassnet.errors import GlassnetError
from glassnet.studio.server.sessions import Entry, Sessions, Upload

TOO_LARGE, NO_ROOM = 413, 507
_LINGER_BYTES, _LINGER_SECONDS = 1 << 25, 2.0


class _Refusal(GlassnetError):
    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class _CutOff(JSONResponse):
    """An answer to a client that is still sending.

    Closed at once, the connection would be reset, and the answer lost. So what comes after it is thrown away, but only
    so many bytes and seconds of it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer first."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                n_bytes, more = 0, True
                while more and n_bytes < _LINGER_BYTES:
                    message = await receive()
                    n_bytes += len(message.get("body", b""))
                    more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": b""})


async def receive(request: Request, sessions: Sessions, folder: Path, stalled_seconds: float) -> Response:
    """Answer ``POST /upload?session=...&name=...``, whose body is the file itself."""
    try:
        entry = sessions.get(request.query_params.get("session", ""))
        if entry is None:
            raise _Refusal(404, "this page has no session any more; reload it.")
        if entry.is_receiving:
            raise _Refusal(409, "another file is being uploaded; wait for its end.")
        entry.is_receiving = True
        try:
            upload = await _received(request, entry, folder, stalled_seconds)
        finally:
            entry.is_receiving = False
        if sessions.get(entry.hello.session) is not entry:  # the page has gone in the meantime
            upload.path.unlink(missing_ok=True)
            raise _Refusal(404, "this page has no session any more; reload it.")
        entry.drop_uploads()
        entry.uploads[upload.path.name] = upload
        return JSONResponse({"upload": upload.path.name})
    except _Refusal as refusal:
        return _CutOff({"message": str(refusal)}, refusal.status, {"connection": "close"})


async def _received(request: Request, entry: Entry, folder: Path, stalled_seconds: float) -> Upload:
    most = entry.hello.limits.upload_bytes
    title = title_of(request.query_params.get("name", ""))
    promised = request.headers.get("content-length", "")
    if promised.isascii() and promised.isdigit() and int(promised) > most:
        raise _too_large(title, most)
    path = folder / (secrets.token_hex(16) + _ending(title))
    try:
        await _written(request, path, title, most, stalled_seconds)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            raise _Refusal(NO_ROOM, f"{title} cannot be kept: {error.strerror or error}.") from None
        if isinstance(error, (ClientDisconnect, TimeoutError)):
            raise _Refusal(400, f"the upload of {title} has stopped; try again.") from None
        raise
    return Upload(path, title)


async def _written(request: Request, path: Path, title: str, most: int, stalled_seconds: float) -> None:
    n_bytes = 0
    blocks = request.stream()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while True:
            block = await asyncio.wait_for(anext(blocks, None), stalled_seconds)
            if block is None:
                return
            n_bytes += len(block)
            if n_bytes > most:
                raise _too_large(title, most)
            file.write(block)


def _too_large(title: str, most: int) -> _Refusal:
    return _Refusal(
        TOO_LARGE,
        f"{title} is larger than {most / 1e6:,.0f} MB, the most that a page can upload; open it from the command line: "
        "glassnet studio FILE.",
    )


def _ending(title: str) -> str:
    """Return the endings of a name, such as ".csv.gz", by which some kinds of tables are recognized."""
    return re.search(r"(\.[A-Za-z0-9]{1,8}){0,2}$", title)[0].lower()  # type: ignore[index]  # it matches nothing, too


def title_of(name: str) -> str:
    r"""Return a file's name for readers, without folders and control characters; it never becomes a path.

    >>> title_of("C:\\data\\rain.csv"), title_of("../../etc/passwd"), title_of("")
    ('rain.csv', 'passwd', 'upload')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[-200:] or "upload"
