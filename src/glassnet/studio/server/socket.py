"""The websocket of a page: commands in, messages and frames out."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet.errors import GlassnetError, readable
from glassnet.studio.messages import Drawn, FromPage, OpenUpload, Refused
from glassnet.studio.server.limits import ServerLimits
from glassnet.studio.server.outbox import Outbox, encoded
from glassnet.studio.server.rate import Rate
from glassnet.studio.server.sessions import Entry, Sessions

LOGGER = logging.getLogger("glassnet.studio")
TRY_AGAIN_LATER = 1013
_DECODER = msgspec.json.Decoder(FromPage)


class _Numbered(msgspec.Struct):
    """What is left of a message that cannot be understood."""

    id: int | None = None


async def converse(websocket: WebSocket, sessions: Sessions, limits: ServerLimits) -> None:
    """Give a page a session of its own, until one of them ends."""
    await websocket.accept()
    outbox = Outbox(limits.waiting)
    try:
        entry = await run_in_threadpool(sessions.open, outbox.tell)
    except Exception as error:
        await _end(websocket, [encoded(Refused(None, words_of(error)))], TRY_AGAIN_LATER)
        return
    try:
        await websocket.send_text(str(encoded(entry.hello)))
        await _until_one_ends(
            _read(websocket, entry, outbox, Rate(limits.messages_per_second, limits.burst), limits.message_bytes),
            _send(websocket, outbox),
            outbox.is_overfull.wait(),
        )
        if outbox.is_overfull.is_set():
            await _end(websocket, [], TRY_AGAIN_LATER)
    except WebSocketDisconnect:
        pass
    finally:
        await asyncio.shield(run_in_threadpool(sessions.close, entry))


async def _until_one_ends(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    while True:
        await _put(websocket, await outbox.next())


async def _put(websocket: WebSocket, ready: str | bytes) -> None:
    await (websocket.send_text(ready) if isinstance(ready, str) else websocket.send_bytes(ready))


async def _end(websocket: WebSocket, last: list[str | bytes], code: int) -> None:
    with suppress(WebSocketDisconnect):
        for ready in last:
            await _put(websocket, ready)
        await websocket.close(code)


async def _read(websocket: WebSocket, entry: Entry, outbox: Outbox, rate: Rate, most: int) -> None:
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        await rate.wait()
        text = event.get("text")
        if text is None:
            await outbox.answer(Refused(None, "a message of bytes came, but messages to the studio are text."))
        elif len(text) > most:  # characters, of which none takes less than a byte
            await outbox.answer(
                Refused(None, f"a message has {len(text):,} characters, but at most {most:,} are read; shorten it.")
            )
        else:
            await _obey(text, entry, outbox)


async def _obey(text: str, entry: Entry, outbox: Outbox) -> None:
    try:
        command = _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        await outbox.answer(
            Refused(_number(text), f"the studio does not understand this message: {readable(str(error))}.")
        )
        return
    number = None if isinstance(command, Drawn) else command.id
    try:
        await run_in_threadpool(_carry_out, command, entry)
    except Exception as error:
        await outbox.answer(Refused(number, words_of(error)))


def _carry_out(command: Any, entry: Entry) -> None:
    if not isinstance(command, OpenUpload):
        entry.session.handle(command)
        return
    upload = entry.uploads.get(command.upload)
    if upload is None:
        raise GlassnetError("this file is no longer on the server; upload it again.")
    entry.session.open_table(upload.path, upload.title, id=command.id, after=lambda: entry.drop(command.upload))


def _number(text: str) -> int | None:
    with suppress(msgspec.MsgspecError, RecursionError, UnicodeError):
        return msgspec.json.decode(text, type=_Numbered).id
    return None


def words_of(error: Exception) -> str:
    """Return what a page is told; an error that is none of the project's is a defect, and the session goes on."""
    if isinstance(error, GlassnetError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; try fewer rows or a smaller network."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror[0].lower()}{error.strerror[1:]}."
    LOGGER.error("a session failed", exc_info=error)
    return (
        f"this should not happen ({readable(f'{type(error).__name__}: {error}')}); what is on the page is still there."
    )
